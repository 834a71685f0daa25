import LinearAlgebra

/// Why data make no model.
public enum RegressionError: Error, Hashable, Sendable {
  /// There are no rows to learn from.
  case noRows
  /// A coordinate (of column `column`) or a target (`column` is `nil`) that is not finite or beyond `1e100`.
  case invalidNumber(row: Int, column: Int?, got: String)
  /// A label of a two-class problem that is not a probability.
  case invalidLabel(row: Int, got: String)
}

extension RegressionError: CustomStringConvertible {
  /// The message a user reads.
  public var description: String {
    switch self {
    case .noRows: "training data: got no rows, expected at least one"
    case .invalidNumber(let row, let column?, let got):
      "row \(row), column \(column): got \(got), expected a number within -1e100...1e100"
    case .invalidNumber(let row, nil, let got):
      "target of row \(row): got \(got), expected a number within -1e100...1e100"
    case .invalidLabel(let row, let got):
      "target of row \(row): got \(got), expected a probability within 0...1"
    }
  }
}

/// Checks what every model here takes for granted: rows, and numbers whose squares are finite.
func checkTrainingData(_ points: Matrix, _ targets: [Double]) throws(RegressionError) {
  precondition(points.rowCount == targets.count, "one target per row of points")
  guard !targets.isEmpty else { throw .noRows }
  for (index, value) in points.values.enumerated() where !(abs(value) <= 1e100) {
    throw .invalidNumber(
      row: index / points.columnCount, column: index % points.columnCount, got: "\(value)")
  }
  for (row, value) in targets.enumerated() where !(abs(value) <= 1e100) {
    throw .invalidNumber(row: row, column: nil, got: "\(value)")
  }
}
