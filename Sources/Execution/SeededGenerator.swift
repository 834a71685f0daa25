import Foundation

/// Where random draws come from: a value that names a stream, from which independent streams are derived.
///
/// Children are derived from label and index, never from the order in which they are asked for, so that results do not
/// depend on the number of threads.
public struct Seed: Hashable, Sendable {
  /// The number a user gives with `--seed`.
  public let value: UInt64

  /// Creates a seed.
  public init(_ value: UInt64) {
    self.value = value
  }

  /// The seed of an independent stream.
  public func child(_ label: String, _ index: Int = 0) -> Seed {
    var generator = SeededGenerator(state: value)
    var mixed = generator.next()
    for byte in label.utf8 {
      generator = SeededGenerator(state: mixed ^ UInt64(byte))
      mixed = generator.next()
    }
    generator = SeededGenerator(state: mixed ^ UInt64(bitPattern: Int64(index)))
    return Seed(generator.next())
  }

  /// The generator of this stream.
  public func generator() -> SeededGenerator { SeededGenerator(state: value) }
}

/// The SplitMix64 generator: 64 bits of state, equal sequences on every machine.
///
/// - SeeAlso: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", figure 17 (mix64, variant 13).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  @usableFromInline var state: UInt64

  init(state: UInt64) {
    self.state = state
  }

  /// The next 64 bits.
  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A whole number in `0..<bound`, by multiplication; the bias is below `bound / 2^64`.
  @inlinable
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "an index needs a positive bound")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}

extension SeededGenerator {
  /// A number in `0..<1`, a multiple of 2^-53.
  public mutating func unitInterval() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number of the standard normal distribution.
  ///
  /// - SeeAlso: Box and Muller 1958, "A note on the generation of random normal deviates".
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - unitInterval())).squareRoot()
    return radius * cos(2 * Double.pi * unitInterval())
  }
}
