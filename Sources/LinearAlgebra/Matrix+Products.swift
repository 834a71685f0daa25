import COpenBLAS

extension Matrix {
  /// The product of two matrices, either of them transposed on the way, by `dgemm`.
  ///
  /// - Complexity: O(*rows x inner x columns*); nothing is copied to transpose.
  public static func product(
    _ left: Matrix, _ right: Matrix, transposingLeft: Bool = false, transposingRight: Bool = false
  ) -> Matrix {
    let rows = transposingLeft ? left.columnCount : left.rowCount
    let inner = transposingLeft ? left.rowCount : left.columnCount
    let columns = transposingRight ? right.rowCount : right.columnCount
    let innerOfRight = transposingRight ? right.columnCount : right.rowCount
    precondition(inner == innerOfRight, "the inner sides of a product are equal")
    guard inner > 0, rows > 0, columns > 0 else {
      return Matrix(rowCount: rows, columnCount: columns)
    }
    BLASRuntime.prepare()
    return Matrix(rowCount: rows, columnCount: columns) { target in
      cblas_dgemm(
        CblasRowMajor, transposingLeft ? CblasTrans : CblasNoTrans,
        transposingRight ? CblasTrans : CblasNoTrans, rows.blas, columns.blas, inner.blas, 1,
        left.storage, left.columnCount.blas, right.storage, right.columnCount.blas, 0, target,
        columns.blas)
    }
  }

  /// The product of two matrices.
  public static func * (left: Matrix, right: Matrix) -> Matrix { product(left, right) }

  /// The product of the matrix, or of its transpose, and a vector, by `dgemv`.
  ///
  /// - Complexity: O(*rows x columns*).
  public func product(with vector: [Double], transposed: Bool = false) -> [Double] {
    precondition(
      vector.count == (transposed ? rowCount : columnCount), "the vector fits the matrix")
    let count = transposed ? columnCount : rowCount
    guard rowCount > 0, columnCount > 0 else { return [Double](repeating: 0, count: count) }
    BLASRuntime.prepare()
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      cblas_dgemv(
        CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, rowCount.blas, columnCount.blas, 1,
        storage, columnCount.blas, vector, 1, 0, buffer.baseAddress, 1)
      initialized = count
    }
  }

  /// The inner products of all pairs of rows, `A A^T`, or of columns, `A^T A`, by `dsyrk`; symmetric.
  ///
  /// - Complexity: O(*rows^2 x columns*) for rows, O(*rows x columns^2*) for columns.
  public func gram(ofColumns: Bool = false) -> Matrix {
    let side = ofColumns ? columnCount : rowCount
    let inner = ofColumns ? rowCount : columnCount
    var result = Matrix(rowCount: side, columnCount: side)
    guard side > 0, inner > 0 else { return result }
    BLASRuntime.prepare()
    result.withUnsafeMutableValues { target in
      cblas_dsyrk(
        CblasRowMajor, CblasLower, ofColumns ? CblasTrans : CblasNoTrans, side.blas, inner.blas, 1,
        storage, columnCount.blas, 0, target.baseAddress, side.blas)
    }
    return result.mirroringLowerTriangle()
  }

  /// The product of this symmetric matrix, of which the lower triangle is read, and another one, by `dsymm`.
  public func symmetricProduct(with other: Matrix) -> Matrix {
    precondition(rowCount == columnCount, "a symmetric matrix is square")
    precondition(rowCount == other.rowCount, "the inner sides of a product are equal")
    guard rowCount > 0, other.columnCount > 0 else { return other }
    BLASRuntime.prepare()
    return Matrix(rowCount: rowCount, columnCount: other.columnCount) { target in
      cblas_dsymm(
        CblasRowMajor, CblasLeft, CblasLower, rowCount.blas, other.columnCount.blas, 1, storage,
        rowCount.blas, other.storage, other.columnCount.blas, 0, target, other.columnCount.blas)
    }
  }
}

/// The inner product of two vectors of one length, by `ddot`.
public func innerProduct(_ left: [Double], _ right: [Double]) -> Double {
  precondition(left.count == right.count, "vectors have equal length")
  BLASRuntime.prepare()
  return cblas_ddot(left.count.blas, left, 1, right, 1)
}
