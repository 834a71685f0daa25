import COpenBLAS

/// A row-major block of single precision numbers, or its transpose, as a factor of a product.
///
/// It borrows memory: the numbers must outlive it.
public struct SinglePrecisionBlock {
  @usableFromInline let base: UnsafePointer<Float>
  @usableFromInline let stride: Int
  @usableFromInline let isTransposed: Bool

  /// Refers to a block of memory.
  ///
  /// - Parameters:
  ///   - base: The first number of the first stored row.
  ///   - stride: Numbers from one stored row to the next.
  ///   - isTransposed: Whether the factor is the transpose of what is stored.
  @inlinable
  public init(_ base: UnsafePointer<Float>, stride: Int, isTransposed: Bool = false) {
    self.base = base
    self.stride = stride
    self.isTransposed = isTransposed
  }
}

/// Sets `c = a b + keeping c` for row-major blocks of single precision numbers.
///
/// Single precision is for neural networks; everything else of this target is `Double`.
/// - Parameters:
///   - rowCount: Rows of `c`, and of `a` as a factor.
///   - innerCount: Columns of `a` and rows of `b`.
///   - columnCount: Columns of `c`, and of `b` as a factor.
///   - a: `rowCount x innerCount`.
///   - b: `innerCount x columnCount`.
///   - c: `rowCount x columnCount`, must not overlap `a` or `b`.
///   - stride: Numbers from one row of `c` to the next.
///   - keeping: Factor on what `c` holds; with 0, `c` may be uninitialized.
/// - Complexity: O(*rowCount innerCount columnCount*), on the calling thread after `BLASRuntime.useOneThread()`.
public func singlePrecisionProduct(
  rowCount: Int, innerCount: Int, columnCount: Int, _ a: SinglePrecisionBlock,
  _ b: SinglePrecisionBlock, into c: UnsafeMutablePointer<Float>, stride: Int, keeping: Float = 0
) {
  guard rowCount > 0, columnCount > 0 else { return }
  cblas_sgemm(
    CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
    b.isTransposed ? CblasTrans : CblasNoTrans, Int32(rowCount), Int32(columnCount),
    Int32(innerCount), 1, a.base, Int32(a.stride), b.base, Int32(b.stride), keeping, c,
    Int32(stride))
}
