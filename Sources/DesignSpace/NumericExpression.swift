/// A number computed from the parameters of a space, such as `glb_kib * 1024 / banks`.
///
/// The language is that of constraints. A truth value counts 1 or 0.
public struct NumericExpression: Hashable, Sendable {
  /// The expression as it was written.
  public let text: String
  private let expression: Expression
  private let scope: [Int]

  /// Reads an expression over parameters.
  ///
  /// - Throws: `ExpressionError` with the column of the first problem, also for an expression that is a text.
  public init(_ text: String, over parameters: [Parameter]) throws(ExpressionError) {
    self.text = text
    expression = try ExpressionCompiler.compileNumber(text, over: parameters)
    scope = expression.scope
  }

  /// The value at a design; `nil` where it is undefined, as after a division by zero or for an inactive parameter.
  public func value(at point: Point) -> Double? {
    for index in scope where !point.isActive(index) { return nil }
    let value = expression.value(at: point.coordinates)
    return value.isFinite ? value : nil
  }
}
