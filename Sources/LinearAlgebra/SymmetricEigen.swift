import CLAPACKE
import COpenBLAS

/// Eigenvalues and eigenvectors of a symmetric matrix.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// `n x n`; row `i` is the unit eigenvector of `values[i]`.
  public let vectors: Matrix

  /// Decomposes a symmetric matrix by `dsyevd`; only its lower triangle is read.
  ///
  /// - Throws: `notFinite`, `noConvergence`.
  /// - Complexity: O(*n*^3), about nine times a Cholesky factorization.
  public init(of matrix: Matrix) throws(LinearAlgebraError) {
    precondition(matrix.rowCount == matrix.columnCount, "a symmetric matrix is square")
    try matrix.requireFinite(lowerTriangleOnly: true)
    let size = matrix.rowCount
    guard size > 0 else {
      values = []
      vectors = matrix
      return
    }
    BLASRuntime.prepare()
    var eigenvalues = [Double](repeating: 0, count: size)
    var rows = matrix
    let information = rows.withUnsafeMutableValues { buffer in
      // 86 is "V", 85 is "U": columns of column-major storage are rows of ours.
      LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, 86, 85, size.blas, buffer.baseAddress, size.blas, &eigenvalues)
    }
    guard information == 0 else {
      throw .noConvergence(operation: "eigenvalues", rowCount: size, columnCount: size)
    }
    values = eigenvalues
    vectors = rows
  }
}
