public import Execution

/// Points that fill the unit cube evenly: coordinate `j` is the radical inverse of the index in the `j`-th prime base.
///
/// With a seed the digits of every base and place are permuted at random, which breaks the correlation of large bases.
/// - SeeAlso: Halton 1960, "On the efficiency of certain quasi-random sequences of points"; Owen 2017, "A randomized
///   Halton algorithm in R".
public struct HaltonSequence: Sendable {
  /// Digits that are computed: enough for 2^-53 in base 2.
  private static let depth = 53

  let bases: [Int]
  private let seed: Seed?

  /// Creates a sequence.
  ///
  /// - Parameter seed: Scrambles the digits; `nil` leaves them in order.
  public init(dimension: Int, scrambledBy seed: Seed?) {
    var primes: [Int] = []
    var candidate = 2
    while primes.count < dimension {
      if primes.allSatisfy({ $0 * $0 > candidate || candidate % $0 != 0 }) {
        primes.append(candidate)
      }
      candidate += 1
    }
    bases = primes
    self.seed = seed
  }

  /// The point at an index from 1, each coordinate in `[0, 1)`.
  public func point(_ index: Int) -> [Double] { bases.indices.map { coordinate($0, index) } }

  private func coordinate(_ dimension: Int, _ index: Int) -> Double {
    let base = bases[dimension]
    var rest = index
    var weight = 1.0
    var value = 0.0
    for place in 0..<Self.depth {
      weight /= Double(base)
      guard rest > 0 || (seed != nil && weight > 0x1p-54) else { break }
      let digit = rest % base
      rest /= base
      value += weight * Double(permuted(digit, base, dimension, place))
    }
    return min(value, 1 - 0x1p-53)
  }

  /// The digit under the permutation of its base and place (a Fisher-Yates shuffle with a stream of its own).
  private func permuted(_ digit: Int, _ base: Int, _ dimension: Int, _ place: Int) -> Int {
    guard let seed else { return digit }
    var generator = seed.child("digits", dimension * Self.depth + place).generator()
    var permutation = Array(0..<base)
    for index in stride(from: base - 1, to: 0, by: -1) {
      permutation.swapAt(index, generator.index(below: index + 1))
    }
    return permutation[digit]
  }
}
