import Foundation

extension SearchSpace {
  /// How far two designs are from each other: the mean over the parameters, in `[0, 1]`.
  ///
  /// Ordered values count their steps as a share of all steps, real ones along their scale, categories and booleans
  /// 0 or 1, permutations their pairs in another order (Kendall's distance) as a share of all pairs. A parameter that
  /// is active in one design only counts 1, in none 0.
  /// - SeeAlso: Gower 1971, "A general coefficient of similarity and some of its properties".
  public func distance(_ a: Point, _ b: Point) -> Double {
    var sum = 0.0
    for index in parameters.indices {
      sum += parameterDistance(index, a.coordinates[index], b.coordinates[index])
    }
    return sum / Double(parameters.count)
  }

  /// The share of one parameter, in `[0, 1]`.
  func parameterDistance(_ parameter: Int, _ a: Double, _ b: Double) -> Double {
    guard a != b else { return 0 }
    guard a != Point.inactive, b != Point.inactive else { return 1 }
    switch parameters[parameter].domain {
    case .integers, .levels:
      return abs(a - b) / Double((parameters[parameter].valueCount ?? 2) - 1)
    case .reals: return abs(unit(a, of: parameter) - unit(b, of: parameter))
    case .categories, .boolean: return 1
    case .permutations(let orders):
      return Self.kendall(
        positions(orders.order(at: Int(a)), orders.items.count),
        positions(orders.order(at: Int(b)), orders.items.count))
    }
  }

  /// The position of every item in an order; items left out come last, all at once.
  func positions(_ order: [Int], _ itemCount: Int) -> [Int] {
    var positions = [Int](repeating: itemCount, count: itemCount)
    for (position, item) in order.enumerated() { positions[item] = position }
    return positions
  }

  /// The share of pairs of items whose order differs; a tie beside an order counts one half.
  private static func kendall(_ a: [Int], _ b: [Int]) -> Double {
    var difference = 0
    for i in a.indices {
      for j in 0..<i { difference += abs((a[i] - a[j]).signum() - (b[i] - b[j]).signum()) }
    }
    return Double(difference) / Double(max(1, a.count * (a.count - 1)))
  }

  /// A real coordinate as a share of its range, along its scale.
  func unit(_ coordinate: Double, of parameter: Int) -> Double {
    guard case .reals(let range, let scale) = parameters[parameter].domain else { return 0 }
    switch scale {
    case .linear:
      return min(1, max(0, (coordinate - range.lowerBound) / (range.upperBound - range.lowerBound)))
    case .log:
      return min(
        1, max(0, log(coordinate / range.lowerBound) / log(range.upperBound / range.lowerBound)))
    }
  }

  /// The real coordinate at a share of its range, along its scale; inside the range whatever rounding does.
  func scaled(_ share: Double, of parameter: Int) -> Double {
    guard case .reals(let range, let scale) = parameters[parameter].domain else { return 0 }
    if share <= 0 { return range.lowerBound }
    if share >= 1 { return range.upperBound }
    let value: Double
    switch scale {
    case .linear: value = range.lowerBound + share * (range.upperBound - range.lowerBound)
    case .log:
      value = range.lowerBound * exp(share * log(range.upperBound / range.lowerBound))
    }
    return min(range.upperBound, max(range.lowerBound, value)) + 0
  }
}
