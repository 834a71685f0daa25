import CLAPACKE
import COpenBLAS
import Foundation

extension Matrix {
  /// Replaces the lower triangle by the inner products of all pairs of rows of another matrix, by `dsyrk`.
  ///
  /// What is above the diagonal stays as it is.
  /// - Parameter rows: `n x d`, where this matrix is `n x n`.
  /// - Complexity: O(*n*^2 *d*); nothing is allocated.
  public mutating func fillLowerTriangle(withGramOf rows: Matrix) {
    precondition(
      rowCount == rows.rowCount && columnCount == rowCount, "one row and column per row")
    guard rowCount > 0 else { return }
    BLASRuntime.prepare()
    let size = rowCount
    withUnsafeMutableValues { values in
      cblas_dsyrk(
        CblasRowMajor, CblasLower, CblasNoTrans, size.blas, rows.columnCount.blas, 1,
        rows.storage, max(1, rows.columnCount).blas, 0, values.baseAddress, size.blas)
    }
  }

  /// Replaces the lower triangle of a symmetric positive definite matrix by that of its inverse.
  ///
  /// What is above the diagonal is neither read nor kept.
  /// - Parameter targets: `n` numbers.
  /// - Returns: The inverse times the targets, and the logarithm of the determinant; `nil` where there is no factor, or
  ///   no finite answer, after which the elements are undefined.
  /// - Complexity: O(*n*^3); nothing of the size of the matrix is allocated.
  public mutating func invertLowerTriangle(
    solving targets: [Double]
  ) -> (solution: [Double], logDeterminant: Double)? {
    precondition(rowCount == columnCount, "a symmetric matrix is square")
    precondition(targets.count == rowCount, "one target per row")
    guard rowCount > 0 else { return ([], 0) }
    BLASRuntime.prepare()
    let size = rowCount
    var solution = targets
    var logDeterminant = 0.0
    let isDone = withUnsafeMutableValues { values in
      // 85 is "U": the lower triangle of these rows is the upper triangle of columns.
      let minor = LAPACKE_dpotrf_work(
        LAPACK_COL_MAJOR, 85, size.blas, values.baseAddress, size.blas)
      guard minor == 0 else { return false }
      for index in 0..<size { logDeterminant += 2 * log(values[index * size + index]) }
      for transposition in [CblasNoTrans, CblasTrans] {
        cblas_dtrsv(
          CblasRowMajor, CblasLower, transposition, CblasNonUnit, size.blas, values.baseAddress,
          size.blas, &solution, 1)
      }
      return LAPACKE_dpotri_work(
        LAPACK_COL_MAJOR, 85, size.blas, values.baseAddress, size.blas) == 0
    }
    guard isDone, logDeterminant.isFinite, solution.allSatisfy(\.isFinite) else { return nil }
    return (solution, logDeterminant)
  }
}
