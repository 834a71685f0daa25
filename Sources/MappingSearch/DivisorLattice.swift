import Workload

/// All vectors of divisors of a layer's bounds, numbered; dimensions with bound 1 are left out.
struct DivisorLattice {
  /// Largest number of vectors a count may need.
  static let largestCount = 1 << 20

  /// Positions in the layer of the dimensions that are in.
  let dimensions: [Int]
  /// By dimension: its divisors, increasing.
  let divisors: [[Int]]
  /// By dimension: what one step in it adds to the number of a vector.
  let strides: [Int]
  /// Number of vectors.
  let count: Int
  /// By dimension, `i * n + j`: position of the product of two divisors, or -1.
  private let products: [[Int]]
  /// By dimension, `i * n + j`: position of the quotient of two divisors, or -1.
  let quotients: [[Int]]

  /// - Returns: `nil` when there are more than `largestCount` vectors.
  init?(_ layer: Layer) {
    dimensions = layer.dimensions.indices.filter { layer.dimensions[$0].bound > 1 }
    divisors = dimensions.map { allDivisors(of: layer.dimensions[$0].bound) }
    var strides: [Int] = []
    var count = 1
    for list in divisors {
      strides.append(count)
      count *= list.count
      guard count <= DivisorLattice.largestCount else { return nil }
    }
    self.strides = strides
    self.count = count
    let table = { (list: [Int], combine: (Int, Int) -> Int?) -> [Int] in
      list.flatMap { a in
        list.map { b in combine(a, b).flatMap { list.firstIndex(of: $0) } ?? -1 }
      }
    }
    products = divisors.map { table($0) { a, b in a * b } }
    quotients = divisors.map { table($0) { a, b in a % b == 0 ? a / b : nil } }
  }

  /// A vector by the positions of its divisors.
  struct Vector {
    var number: Int
    var positions: [Int]
    /// Product of the divisors.
    var product: Int
  }

  /// The vector of ones.
  var one: Vector {
    Vector(number: 0, positions: Array(repeating: 0, count: dimensions.count), product: 1)
  }

  /// The product of two vectors, if it divides the bounds.
  func product(_ a: Vector, _ b: Vector) -> Vector? {
    var result = a
    result.number = 0
    result.product = a.product * b.product
    for d in dimensions.indices {
      let position = products[d][a.positions[d] * divisors[d].count + b.positions[d]]
      guard position >= 0 else { return nil }
      result.positions[d] = position
      result.number += position * strides[d]
    }
    return result
  }

  /// Number of the quotient of the bounds and a vector: divisors are complementary from both ends of the list.
  func complement(of number: Int) -> Int { count - 1 - number }
}
