import DesignSpace
import Foundation
import GaussianProcesses
import LinearAlgebra

/// Designs as rows of numbers in `[0, 1]` for a Gaussian process, and which columns share a length scale.
///
/// Integers and levels are one column along their value, logarithmic where positive values span a factor of 8 or more;
/// real parameters one column along their scale; booleans one; categories one per name and permutations one per item,
/// which share a length scale. Conditional parameters have one more column that is 1 where they are active; all their
/// others are 0 where they are not. Parameters of one value have none.
struct DesignFeatures: Sendable {
  /// Values whose largest is this many times the smallest are spread along their logarithm.
  static let logarithmicSpan = 8.0

  private enum Form: Sendable {
    case constant
    case table([Double])
    case steps(low: Double, step: Double, high: Double, isLogarithmic: Bool)
    case real
    case names(Int)
    case orders(Orders)
  }

  let space: SearchSpace
  /// The columns of a row, at least one.
  let columnCount: Int
  /// For each column, its length scale.
  let groups: [Int]
  private let forms: [Form]
  private let starts: [Int]

  init(_ space: SearchSpace) {
    self.space = space
    var forms: [Form] = []
    var groups: [Int] = []
    var starts: [Int] = []
    var groupCount = 0
    for parameter in space.parameters {
      let form = Self.form(of: parameter)
      forms.append(form)
      starts.append(groups.count)
      let width = Self.width(of: form)
      groups += [Int](repeating: groupCount, count: width)
      if width > 0 { groupCount += 1 }
      if parameter.condition != nil {
        groups.append(groupCount)
        groupCount += 1
      }
    }
    if groups.isEmpty { groups = [0] }
    self.forms = forms
    self.groups = groups
    self.starts = starts
    columnCount = groups.count
  }

  /// Whether some columns stand for names.
  var hasCategories: Bool {
    forms.contains { form in
      if case .names = form { true } else { false }
    }
  }

  /// The rows of designs, `n x columnCount`.
  func matrix(_ points: [Point]) -> Matrix {
    var matrix = Matrix(rowCount: points.count, columnCount: columnCount)
    matrix.withUnsafeMutableValues { values in
      for (row, point) in points.enumerated() {
        let start = row * columnCount
        write(
          point, to: UnsafeMutableBufferPointer(rebasing: values[start..<(start + columnCount)]))
      }
    }
    return matrix
  }

  /// The row of one design.
  func row(_ point: Point) -> [Double] { matrix([point]).values }

  /// Parameters whose values are positive numbers, so that products and quotients of them mean something.
  var numericParameters: [Int] {
    space.parameters.indices.filter { index in
      switch (forms[index], space.parameters[index].domain) {
      case (.table, .levels(let levels)): levels[0] > 0
      case (.steps(let low, _, _, _), _): low > 0
      case (.real, .reals(let range, _)): range.lowerBound > 0
      default: false
      }
    }
  }

  /// The logarithm of the value of a numeric parameter, 0 where it is inactive.
  func logarithm(of parameter: Int, at point: Point) -> Double {
    guard point.isActive(parameter) else { return 0 }
    let coordinate = point.coordinates[parameter]
    switch (forms[parameter], space.parameters[parameter].domain) {
    case (_, .levels(let levels)): return log(levels[Int(coordinate)])
    case (.steps(let low, let step, _, _), _): return log(low + coordinate * step)
    case (_, .reals): return log(coordinate)
    default: return 0
    }
  }

  private func write(_ point: Point, to row: UnsafeMutableBufferPointer<Double>) {
    for index in forms.indices where point.isActive(index) {
      let coordinate = point.coordinates[index]
      var next = starts[index]
      switch forms[index] {
      case .constant: break
      case .table(let values):
        row[next] = values[Int(coordinate)]
        next += 1
      case .steps(let low, let step, let high, let isLogarithmic):
        row[next] = Self.share(low + coordinate * step, low, high, isLogarithmic)
        next += 1
      case .real:
        row[next] = space.position(of: coordinate, parameter: index)
        next += 1
      case .names(let count):
        row[next + Int(coordinate)] = 1
        next += count
      case .orders(let orders):
        for (place, item) in orders.order(at: Int(coordinate)).enumerated() {
          row[next + item] = 1 - Double(place) / Double(orders.items.count)
        }
        next += orders.items.count
      }
      if space.parameters[index].condition != nil { row[next] = 1 }
    }
  }

  private static func width(of form: Form) -> Int {
    switch form {
    case .constant: 0
    case .table, .steps, .real: 1
    case .names(let count): count
    case .orders(let orders): orders.items.count
    }
  }

  private static func form(of parameter: Parameter) -> Form {
    if parameter.valueCount == 1 { return .constant }
    switch parameter.domain {
    case .integers(let range, let step):
      let low = Double(range.lowerBound)
      let high = low + Double((parameter.valueCount ?? 1) - 1) * Double(step)
      return .steps(
        low: low, step: Double(step), high: high, isLogarithmic: isLogarithmic(low, high))
    case .levels(let levels):
      let (low, high) = (levels[0], levels[levels.count - 1])
      return .table(levels.map { share($0, low, high, isLogarithmic(low, high)) })
    case .boolean: return .table([0, 1])
    case .reals: return .real
    case .categories(let names): return .names(names.count)
    case .permutations(let orders): return .orders(orders)
    }
  }

  private static func isLogarithmic(_ low: Double, _ high: Double) -> Bool {
    low > 0 && high / low >= logarithmicSpan
  }

  private static func share(_ value: Double, _ low: Double, _ high: Double, _ isLogarithmic: Bool)
    -> Double
  {
    if isLogarithmic { return log(value / low) / log(high / low) }
    // Halves first: the difference of the largest levels may overflow.
    return (value / 2 - low / 2) / (high / 2 - low / 2)
  }
}
