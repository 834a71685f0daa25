import CLAPACKE
import COpenBLAS

/// The thin singular value decomposition `A = U diag(s) V` of an `m x n` matrix, `r = min(m, n)`, and least squares by it.
public struct SingularValues: Sendable {
  /// `m x r`, with orthonormal columns.
  public let left: Matrix
  /// `r` numbers, descending, at least 0.
  public let values: [Double]
  /// `r x n`, with orthonormal rows.
  public let right: Matrix

  /// Decomposes a matrix by `dgesdd`.
  ///
  /// Row-major storage of `A` is column-major storage of its transpose, whose factors come out in the places wanted.
  ///
  /// - Throws: `notFinite`, `noConvergence`.
  /// - Complexity: O(*m n r*).
  public init(of matrix: Matrix) throws(LinearAlgebraError) {
    try matrix.requireFinite()
    let (m, n) = (matrix.rowCount, matrix.columnCount)
    let r = min(m, n)
    var left = Matrix(rowCount: m, columnCount: r)
    var right = Matrix(rowCount: r, columnCount: n)
    var values = [Double](repeating: 0, count: r)
    if r > 0 {
      BLASRuntime.prepare()
      var copy = matrix
      let information = copy.withUnsafeMutableValues { a in
        left.withUnsafeMutableValues { u in
          right.withUnsafeMutableValues { v in
            // 83 is "S": the first r vectors of each side.
            LAPACKE_dgesdd(
              LAPACK_COL_MAJOR, 83, n.blas, m.blas, a.baseAddress, n.blas, &values, v.baseAddress,
              n.blas, u.baseAddress, r.blas)
          }
        }
      }
      guard information == 0 else {
        throw .noConvergence(operation: "singular values", rowCount: m, columnCount: n)
      }
    }
    self.left = left
    self.values = values
    self.right = right
  }

  /// The number of singular values above `1e-12` of the largest.
  public var rank: Int {
    let cutoff = 1e-12 * (values.first ?? 0)
    return values.count { $0 > cutoff }
  }

  /// The `x` that minimizes `|A x - b|^2 + penalty |x|^2`; with penalty 0 the shortest of the least-squares solutions.
  ///
  /// - Complexity: O((*m* + *n*) *r*).
  public func leastSquares(_ b: [Double], penalty: Double = 0) -> [Double] {
    precondition(penalty >= 0, "a penalty is not negative")
    let cutoff = 1e-12 * (values.first ?? 0)
    let projected = left.product(with: b, transposed: true)
    let scaled = zip(values, projected).map { value, number in
      value > cutoff ? value * number / (value * value + penalty) : 0
    }
    return right.product(with: scaled, transposed: true)
  }
}
