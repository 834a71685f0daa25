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
  /// By base, place and digit: the digit that stands for it; none without a seed.
  private let permutations: [[UInt32]]

  /// Creates a sequence.
  ///
  /// - Parameters:
  ///   - dimension: How many coordinates a point has.
  ///   - seed: Scrambles the digits; `nil` leaves them in order.
  /// - Complexity: O(*sum of the bases* x digits), once; the shuffles take longer than thousands of points.
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
    guard let seed else {
      permutations = []
      return
    }
    permutations = primes.enumerated().map { dimension, base in
      var table: [UInt32] = []
      var weight = 1.0
      for place in 0..<Self.depth {
        weight /= Double(base)
        guard weight > Self.smallestWeight else { break }
        table += Self.permutation(of: base, dimension, place, seed)
      }
      return table
    }
  }

  /// Digits that weigh less change nothing.
  private static let smallestWeight = 0x1p-54

  /// The point at an index from 1, each coordinate in `[0, 1)`.
  public func point(_ index: Int) -> [Double] { bases.indices.map { coordinate($0, index) } }

  private func coordinate(_ dimension: Int, _ index: Int) -> Double {
    let base = bases[dimension]
    var rest = index
    var weight = 1.0
    var value = 0.0
    for place in 0..<Self.depth {
      weight /= Double(base)
      guard rest > 0 || (!permutations.isEmpty && weight > Self.smallestWeight) else { break }
      let digit = rest % base
      rest /= base
      value += weight * Double(permuted(digit, base, dimension, place))
    }
    return min(value, 1 - 0x1p-53)
  }

  private func permuted(_ digit: Int, _ base: Int, _ dimension: Int, _ place: Int) -> Int {
    guard !permutations.isEmpty else { return digit }
    let position = place * base + digit
    let table = permutations[dimension]
    return position < table.count ? Int(table[position]) : digit
  }

  /// The digits of a base at a place in another order (a Fisher-Yates shuffle with a stream of its own).
  private static func permutation(of base: Int, _ dimension: Int, _ place: Int, _ seed: Seed)
    -> [UInt32]
  {
    var generator = seed.child("digits", dimension * depth + place).generator()
    var permutation = (0..<UInt32(base)).map { $0 }
    for index in stride(from: base - 1, to: 0, by: -1) {
      permutation.swapAt(index, generator.index(below: index + 1))
    }
    return permutation
  }
}
