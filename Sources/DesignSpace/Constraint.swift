/// A condition that every legal design of a space fulfills, as text and as a program.
///
/// It applies to designs in which every parameter it names is active, and holds for all others. Where it is undefined,
/// as in a division by zero, it is violated.
public struct Constraint: Hashable, Sendable {
  /// The expression as it was written.
  public let text: String
  /// The parameters it names, as indices, ascending.
  public let scope: [Int]

  let expression: Expression
  let explanation: Explanation

  init(_ text: String, over parameters: [Parameter]) throws(ExpressionError) {
    (expression, explanation) = try ExpressionCompiler.compile(text, over: parameters)
    self.text = text
    scope = expression.scope
  }

  /// Whether the constraint applies and does not hold.
  func isViolated(at coordinates: [Double]) -> Bool {
    for index in scope where coordinates[index] == Point.inactive { return false }
    return expression.value(at: coordinates) != 1
  }
}

/// Where to look for the numbers that make a condition false; indices are nodes of the program.
indirect enum Explanation: Hashable, Sendable {
  case comparison(Int, left: Int, right: Int)
  case condition(Int)
  case all(Explanation, Explanation)
  case choice(Int, Explanation, Explanation)

  /// The numbers left and right of the first comparison that is not true; `nil` when there is no such comparison.
  func sides(_ values: [Double]) -> (left: Double, right: Double)? {
    switch self {
    case .comparison(let node, let left, let right):
      values[node] == 1 ? nil : (values[left], values[right])
    case .condition: nil
    case .all(let first, let second):
      first.isTrue(values) ? second.sides(values) : first.sides(values)
    case .choice(let condition, let first, let second):
      values[condition].isNaN ? nil : (values[condition] == 1 ? first : second).sides(values)
    }
  }

  private func isTrue(_ values: [Double]) -> Bool {
    switch self {
    case .comparison(let node, _, _), .condition(let node): values[node] == 1
    case .all(let first, let second): first.isTrue(values) && second.isTrue(values)
    case .choice(let condition, let first, let second):
      values[condition] == 1 ? first.isTrue(values) : second.isTrue(values)
    }
  }
}
