import Foundation
import LinearAlgebra

/// The logarithm of the hypervolume by which a design is expected to extend a front of two or three costs.
///
/// Everything is minimized. What no design of the front dominates, up to a reference point, is cut into boxes; the volume
/// that a design with costs `y` adds to a box with corners `l` and `u` is the product over the objectives of
/// `(u - y)+ - (l - y)+`, and for independent normal costs its expectation the product of differences of expected
/// improvements. Their logarithms are exact far into the tails, so the sum is, too.
///
/// - SeeAlso: Yang, Emmerich, Deutz, Back 2019, "Efficient computation of expected hypervolume improvement using box
///   decomposition algorithms", section 4 (boxes; recalled); Ament et al. 2023, "Unexpected Improvements to Expected
///   Improvement", section 4.3 (its logarithm; recalled).
struct HypervolumeImprovement: Hashable, Sendable {
  /// Most objectives that are traded off.
  static let largestObjectiveCount = 3

  /// A part of the region that is not dominated; indices into `bounds`, 0 is minus infinity.
  private struct Box: Hashable, Sendable {
    var lower: [Int]
    var upper: [Int]
  }

  let objectiveCount: Int
  /// For each objective, ascending distinct costs where boxes end, minus infinity first.
  private let bounds: [[Double]]
  private let boxes: [Box]

  /// - Parameters:
  ///   - front: Costs of designs, two or three each; dominated ones and those beyond the reference do no harm.
  ///   - reference: Costs that a design must be below to count.
  /// - Complexity: O(*m*^2) boxes of three objectives for *m* designs, *m* + 1 of two.
  init(front: [[Double]], reference: [Double]) {
    precondition((2...Self.largestObjectiveCount).contains(reference.count), "two or three costs")
    objectiveCount = reference.count
    let inside = front.filter { zip($0, reference).allSatisfy { $0 < $1 } }
    let bounds = reference.indices.map { objective in
      [-Double.infinity] + Set(inside.map { $0[objective] } + [reference[objective]]).sorted()
    }
    self.bounds = bounds
    func place(_ value: Double, _ objective: Int) -> Int {
      bounds[objective].firstIndex(of: value) ?? 0
    }
    let last = bounds.map { $0.count - 1 }
    if reference.count == 2 {
      boxes = Self.steps(inside, bounds).map {
        Box(lower: [$0.left, 0], upper: [$0.right, $0.top])
      }
      return
    }
    // Slabs of the third objective; in each, the steps of the designs that reach into it.
    var boxes: [Box] = []
    let heights = Array(bounds[2].dropLast())
    for (index, height) in heights.enumerated() {
      let reaching = inside.filter { $0[2] <= height }
      for step in Self.steps(reaching, bounds) {
        boxes.append(
          Box(
            lower: [step.left, 0, index], upper: [step.right, step.top, min(index + 1, last[2])]))
      }
    }
    self.boxes = boxes
  }

  /// What is below the staircase of the first two costs, from left to right.
  private static func steps(_ designs: [[Double]], _ bounds: [[Double]]) -> [(
    left: Int, right: Int, top: Int
  )] {
    var result: [(left: Int, right: Int, top: Int)] = []
    var left = 0
    var top = bounds[1].count - 1
    for design in designs.sorted(by: { ($0[0], $0[1]) < ($1[0], $1[1]) }) {
      guard let right = bounds[0].firstIndex(of: design[0]),
        let height = bounds[1].firstIndex(of: design[1]), height < top
      else { continue }
      if right > left { result.append((left, right, top)) }
      left = right
      top = height
    }
    if left < bounds[0].count - 1 { result.append((left, bounds[0].count - 1, top)) }
    return result
  }

  /// The logarithm of the expected volume of a design; minus infinity never, since a normal cost has no end.
  ///
  /// - Parameters:
  ///   - means: Expected costs.
  ///   - deviations: Their standard deviations, above 0.
  /// - Complexity: O(boxes).
  func logValue(means: [Double], deviations: [Double]) -> Double {
    // Logarithms of expected improvements on every bound, then of their differences.
    let improvements = bounds.indices.map { objective in
      bounds[objective].map { bound in
        bound == -.infinity
          ? -Double.infinity
          : SpecialFunctions.logImprovement((bound - means[objective]) / deviations[objective])
            + log(deviations[objective])
      }
    }
    var largest = -Double.infinity
    var logarithms: [Double] = []
    logarithms.reserveCapacity(boxes.count)
    for box in boxes {
      var sum = 0.0
      for objective in bounds.indices {
        let upper = improvements[objective][box.upper[objective]]
        let lower = improvements[objective][box.lower[objective]]
        sum += lower == -.infinity ? upper : upper + Self.logOneMinusExp(lower - upper)
      }
      logarithms.append(sum)
      largest = max(largest, sum)
    }
    guard largest > -.infinity else { return -1e300 }
    return largest + log(logarithms.reduce(0) { $0 + exp($1 - largest) })
  }

  /// `log(1 - exp(x))` for `x <= 0`.
  ///
  /// - SeeAlso: Maechler 2012, "Accurately Computing log(1 - exp(-|a|))", equation 7.
  private static func logOneMinusExp(_ x: Double) -> Double {
    if x >= 0 { return -.infinity }
    return x > -0.693_147_180_559_945 ? log(-expm1(x)) : log1p(-exp(x))
  }

  /// A point a little beyond the worst costs of a front, by a tenth of its extent and at least a tenth.
  ///
  /// - SeeAlso: Ishibuchi et al. 2018, "How to Specify a Reference Point in Hypervolume Calculation for Fair Performance
  ///   Comparison" (why not farther).
  static func reference(for front: [[Double]]) -> [Double] {
    guard let first = front.first else { return [] }
    return first.indices.map { objective in
      let costs = front.map { $0[objective] }
      let (low, high) = (costs.min() ?? 0, costs.max() ?? 0)
      return high + max(0.1 * (high - low), 0.1)
    }
  }
}
