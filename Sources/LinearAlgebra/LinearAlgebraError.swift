/// Why a decomposition does not exist for the given numbers.
public enum LinearAlgebraError: Error, Hashable, Sendable {
  /// A symmetric matrix of `size` rows has no Cholesky factor: the leading minor of order `minor` (from 1) is not
  /// positive, with `jitter` added to its diagonal at most.
  case notPositiveDefinite(size: Int, minor: Int, jitter: Double)
  /// A matrix holds a number that is not finite.
  case notFinite(row: Int, column: Int)
  /// An iteration over a matrix of this shape did not converge.
  case noConvergence(operation: String, rowCount: Int, columnCount: Int)
}

extension LinearAlgebraError: CustomStringConvertible {
  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String {
    switch self {
    case .notPositiveDefinite(let size, let minor, let jitter):
      "matrix of \(size) rows: leading minor \(minor) is not positive, with jitter up to \(jitter), "
        + "expected a positive definite matrix\n"
        + "hint: rows that depend on each other make it so; remove one or raise the diagonal"
    case .notFinite(let row, let column):
      "matrix: row \(row), column \(column): got a number that is not finite, expected finite numbers"
    case .noConvergence(let operation, let rowCount, let columnCount):
      "\(operation) of a \(rowCount) x \(columnCount) matrix: did not converge"
    }
  }
}

extension Matrix {
  /// Checks what LAPACK takes for granted; of symmetric matrices the lower triangle is checked.
  func requireFinite(lowerTriangleOnly: Bool = false) throws(LinearAlgebraError) {
    var first: Int?
    storage.withUnsafeBufferPointer { values in
      for row in 0..<rowCount {
        let start = row * columnCount
        let end = lowerTriangleOnly ? row + 1 : columnCount
        var sum = 0.0
        for column in 0..<end { sum += values[start + column] * 0 }
        guard sum != 0 || sum.isNaN else { continue }
        for column in 0..<end where !values[start + column].isFinite {
          first = start + column
          return
        }
      }
    }
    if let first {
      throw .notFinite(row: first / columnCount, column: first % columnCount)
    }
  }
}
