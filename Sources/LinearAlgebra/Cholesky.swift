import CLAPACKE
import COpenBLAS
import Foundation

/// The factor `L` of a symmetric positive definite matrix `A = L L^T`.
///
/// The lower triangle of a row-major matrix is the upper triangle of a column-major one, so `dpotrf` is called for
/// column-major storage and nothing is transposed.
///
///     let factor = try Cholesky(factoring: covariance)
///     let weights = factor.solve(targets)
public struct Cholesky: Sendable {
  /// What is added to the diagonal when the matrix as given has no factor.
  public enum Jitter: Hashable, Sendable {
    /// Nothing: the matrix has a factor or an error is thrown.
    case none
    /// First nothing, then `first`, ten times as much, and so on up to `last`, each times the mean of the diagonal.
    case escalating(from: Double, to: Double)

    /// `1e-10` to `1e-4` of the mean diagonal: from where rounding of a few thousand rows shows to where a covariance
    /// would visibly change.
    public static let standard = Jitter.escalating(from: 1e-10, to: 1e-4)
  }

  /// `n x n`; zero above the diagonal.
  public private(set) var lower: Matrix
  /// What was added to every diagonal element before a factor existed, 0 if nothing.
  public let addedJitter: Double

  /// Factors a symmetric matrix; only its lower triangle is read.
  ///
  /// - Throws: `notFinite`; `notPositiveDefinite` with the order of the failing minor and the largest jitter tried.
  /// - Complexity: O(*n*^3 / 3) per try, O(*n*^2) memory.
  public init(factoring matrix: Matrix, jitter: Jitter = .none) throws(LinearAlgebraError) {
    precondition(matrix.rowCount == matrix.columnCount, "a symmetric matrix is square")
    try matrix.requireFinite(lowerTriangleOnly: true)
    let size = matrix.rowCount
    let meanDiagonal = matrix.diagonal.reduce(0, +) / Double(max(1, size))
    var added = 0.0
    while true {
      var factor = matrix
      let minor = factor.factorLowerTriangle(adding: added)
      if minor == 0 {
        lower = factor
        addedJitter = added
        return
      }
      guard case .escalating(let first, let last) = jitter else {
        throw .notPositiveDefinite(size: size, minor: minor, jitter: added)
      }
      let next = added == 0 ? first * meanDiagonal : added * 10
      guard next > 0, next <= last * meanDiagonal * (1 + 1e-9) else {
        throw .notPositiveDefinite(size: size, minor: minor, jitter: added)
      }
      added = next
    }
  }

  /// The number of rows.
  public var size: Int { lower.rowCount }

  /// `A^-1 b`.
  ///
  /// - Complexity: O(*n*^2).
  public func solve(_ vector: [Double]) -> [Double] {
    precondition(vector.count == size, "the vector has one number per row")
    var result = vector
    triangularSolve(&result, transposed: false)
    triangularSolve(&result, transposed: true)
    return result
  }

  /// `L^-1 b`, half of a solution; its squared norm is `b^T A^-1 b`.
  ///
  /// - Complexity: O(*n*^2).
  public func whiten(_ vector: [Double]) -> [Double] {
    precondition(vector.count == size, "the vector has one number per row")
    var result = vector
    triangularSolve(&result, transposed: false)
    return result
  }

  /// `L^-1 b` for every row `b` of an `m x n` matrix, again as rows, by `dtrsm`.
  ///
  /// - Complexity: O(*m n*^2).
  public func whiten(rows: Matrix) -> Matrix { triangularSolve(rows: rows, transposed: false) }

  /// `L^-T b` for every row `b` of an `m x n` matrix, again as rows: the second half of a solution.
  public func unwhiten(rows: Matrix) -> Matrix { triangularSolve(rows: rows, transposed: true) }

  /// `A^-1 b` for every row `b` of an `m x n` matrix, again as rows.
  ///
  /// - Complexity: O(*m n*^2).
  public func solve(rows: Matrix) -> Matrix { unwhiten(rows: whiten(rows: rows)) }

  /// `L z`: turns independent numbers of variance 1 into numbers of covariance `A`.
  ///
  /// - Complexity: O(*n*^2).
  public func color(_ vector: [Double]) -> [Double] {
    precondition(vector.count == size, "the vector has one number per row")
    guard size > 0 else { return vector }
    BLASRuntime.prepare()
    var result = vector
    cblas_dtrmv(
      CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, size.blas, lower.storage, size.blas,
      &result, 1)
    return result
  }

  /// The natural logarithm of the determinant of `A`.
  public var logDeterminant: Double {
    lower.diagonal.reduce(0) { $0 + 2 * log($1) }
  }

  /// `A^-1`, symmetric, by `dpotri`.
  ///
  /// - Complexity: O(2 *n*^3 / 3).
  public func inverse() -> Matrix { inverseLowerTriangle().mirroringLowerTriangle() }

  /// The lower triangle of `A^-1`, zeros above: what `symmetricProduct(with:)` reads.
  ///
  /// - Complexity: O(2 *n*^3 / 3).
  public func inverseLowerTriangle() -> Matrix {
    guard size > 0 else { return lower }
    BLASRuntime.prepare()
    var result = lower
    result.withUnsafeMutableValues { values in
      // Cannot fail: no diagonal element of a factor is zero.
      _ = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 85, size.blas, values.baseAddress, size.blas)
    }
    return result
  }

  /// The factor of the matrix extended by rows and columns.
  ///
  /// - Parameters:
  ///   - cross: `k x n`, the new rows left of the old diagonal block.
  ///   - corner: `k x k`, symmetric, of which the lower triangle is read; `addedJitter` is added to its diagonal.
  /// - Throws: `notPositiveDefinite` when the extended matrix has no factor; `notFinite`.
  /// - Complexity: O(*n*^2 *k*) instead of O(*n*^3).
  public func appending(cross: Matrix, corner: Matrix) throws(LinearAlgebraError) -> Cholesky {
    precondition(cross.columnCount == size, "cross has one column per row of the factor")
    precondition(
      corner.rowCount == cross.rowCount && corner.columnCount == cross.rowCount,
      "corner is square, one row per new row")
    try cross.requireFinite()
    let k = cross.rowCount
    let left = whiten(rows: cross)
    var rest = corner - left.gram()
    try rest.requireFinite(lowerTriangleOnly: true)
    let minor = rest.factorLowerTriangle(adding: addedJitter)
    guard minor == 0 else {
      throw .notPositiveDefinite(size: size + k, minor: size + minor, jitter: addedJitter)
    }
    let top = lower.appending(columns: Matrix(rowCount: size, columnCount: k))
    return Cholesky(
      lower: top.appending(rows: left.appending(columns: rest)), addedJitter: addedJitter)
  }

  private init(lower: Matrix, addedJitter: Double) {
    self.lower = lower
    self.addedJitter = addedJitter
  }

  private func triangularSolve(_ vector: inout [Double], transposed: Bool) {
    guard size > 0 else { return }
    BLASRuntime.prepare()
    cblas_dtrsv(
      CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, size.blas,
      lower.storage, size.blas, &vector, 1)
  }

  private func triangularSolve(rows: Matrix, transposed: Bool) -> Matrix {
    precondition(rows.columnCount == size, "every row has one number per row of the factor")
    guard size > 0, rows.rowCount > 0 else { return rows }
    BLASRuntime.prepare()
    var result = rows
    result.withUnsafeMutableValues { values in
      cblas_dtrsm(
        CblasRowMajor, CblasRight, CblasLower, transposed ? CblasNoTrans : CblasTrans,
        CblasNonUnit, rows.rowCount.blas, size.blas, 1, lower.storage, size.blas,
        values.baseAddress, size.blas)
    }
    return result
  }
}

extension Matrix {
  /// Replaces the matrix by the factor of its lower triangle, with zeros above.
  ///
  /// - Returns: 0, or the order of the first leading minor that is not positive; the elements are then undefined.
  mutating func factorLowerTriangle(adding jitter: Double) -> Int {
    guard rowCount > 0 else { return 0 }
    BLASRuntime.prepare()
    let size = rowCount
    return withUnsafeMutableValues { values in
      if jitter > 0 { for index in 0..<size { values[index * size + index] += jitter } }
      // 85 is "U": the lower triangle of these rows is the upper triangle of columns.
      let minor = LAPACKE_dpotrf_work(
        LAPACK_COL_MAJOR, 85, size.blas, values.baseAddress, size.blas)
      for row in 0..<size {
        for column in (row + 1)..<max(size, row + 1) { values[row * size + column] = 0 }
      }
      return Int(minor)
    }
  }
}
