/// A dense matrix of double-precision numbers, stored row after row; a value.
///
/// Elements are reached by `matrix[row, column]`; work on many of them goes through whole-array operations.
public struct Matrix: Hashable, Sendable {
  /// The number of rows, at least 0.
  public let rowCount: Int
  /// The number of columns, at least 0.
  public let columnCount: Int
  @usableFromInline var storage: [Double]

  /// Creates a matrix of equal elements.
  public init(rowCount: Int, columnCount: Int, repeating value: Double = 0) {
    precondition(rowCount >= 0 && columnCount >= 0, "a matrix has no negative side")
    self.rowCount = rowCount
    self.columnCount = columnCount
    storage = [Double](repeating: value, count: rowCount * columnCount)
  }

  /// Creates a matrix from its elements, row after row.
  public init(rowCount: Int, columnCount: Int, values: [Double]) {
    precondition(rowCount >= 0 && columnCount >= 0, "a matrix has no negative side")
    precondition(values.count == rowCount * columnCount, "a matrix has rows x columns elements")
    self.rowCount = rowCount
    self.columnCount = columnCount
    storage = values
  }

  /// Creates a matrix from rows of equal length.
  public init(rows: [[Double]]) {
    let columnCount = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columnCount }, "rows have equal length")
    self.init(rowCount: rows.count, columnCount: columnCount, values: rows.flatMap { $0 })
  }

  /// A square matrix with given numbers on its diagonal and zeros elsewhere.
  public init(diagonal: [Double]) {
    self.init(rowCount: diagonal.count, columnCount: diagonal.count)
    for (index, value) in diagonal.enumerated() { storage[index * diagonal.count + index] = value }
  }

  /// A matrix whose elements `body` writes; they are not initialized before.
  init(
    rowCount: Int, columnCount: Int,
    writing body: (UnsafeMutablePointer<Double>) throws -> Void
  ) rethrows {
    self.rowCount = rowCount
    self.columnCount = columnCount
    let count = rowCount * columnCount
    storage = try [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { try body(base) }
      initialized = count
    }
  }

  /// The element of a row and a column.
  @inlinable
  public subscript(row: Int, column: Int) -> Double {
    get {
      precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount)
      return storage[row * columnCount + column]
    }
    set {
      precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount)
      storage[row * columnCount + column] = newValue
    }
  }

  /// All elements, row after row.
  @inlinable public var values: [Double] { storage }

  /// The elements of one row.
  @inlinable
  public func row(_ index: Int) -> ArraySlice<Double> {
    storage[(index * columnCount)..<((index + 1) * columnCount)]
  }

  /// The elements of one column.
  public func column(_ index: Int) -> [Double] {
    precondition(index >= 0 && index < columnCount, "the column exists")
    return (0..<rowCount).map { storage[$0 * columnCount + index] }
  }

  /// The elements whose row and column are equal.
  public var diagonal: [Double] {
    (0..<min(rowCount, columnCount)).map { storage[$0 * columnCount + $0] }
  }

  /// Reads the elements, row after row, without checks.
  @inlinable
  public func withUnsafeValues<Result>(
    _ body: (UnsafeBufferPointer<Double>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafeBufferPointer(body)
  }

  /// Changes the elements, row after row, without checks.
  @inlinable
  public mutating func withUnsafeMutableValues<Result>(
    _ body: (UnsafeMutableBufferPointer<Double>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafeMutableBufferPointer { try body($0) }
  }
}

extension Matrix {
  /// The rows with the given indices, in their order; an index may come twice.
  public func rows(_ indices: [Int]) -> Matrix {
    var values: [Double] = []
    values.reserveCapacity(indices.count * columnCount)
    for index in indices { values += row(index) }
    return Matrix(rowCount: indices.count, columnCount: columnCount, values: values)
  }

  /// Consecutive rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    let values = storage[(range.lowerBound * columnCount)..<(range.upperBound * columnCount)]
    return Matrix(rowCount: range.count, columnCount: columnCount, values: Array(values))
  }

  /// Consecutive columns.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columnCount, "the columns exist")
    var values: [Double] = []
    values.reserveCapacity(rowCount * range.count)
    for row in 0..<rowCount {
      let start = row * columnCount
      values += storage[(start + range.lowerBound)..<(start + range.upperBound)]
    }
    return Matrix(rowCount: rowCount, columnCount: range.count, values: values)
  }

  /// This matrix with the rows of another one below it.
  public func appending(rows other: Matrix) -> Matrix {
    precondition(columnCount == other.columnCount, "both have equally many columns")
    return Matrix(
      rowCount: rowCount + other.rowCount, columnCount: columnCount,
      values: storage + other.storage)
  }

  /// This matrix with the columns of another one to its right.
  public func appending(columns other: Matrix) -> Matrix {
    precondition(rowCount == other.rowCount, "both have equally many rows")
    var values: [Double] = []
    values.reserveCapacity(storage.count + other.storage.count)
    for index in 0..<rowCount {
      values += row(index)
      values += other.row(index)
    }
    return Matrix(
      rowCount: rowCount, columnCount: columnCount + other.columnCount, values: values)
  }

  /// Rows and columns exchanged.
  public func transposed() -> Matrix {
    Matrix(rowCount: columnCount, columnCount: rowCount) { target in
      for row in 0..<rowCount {
        for column in 0..<columnCount {
          (target + column * rowCount + row).initialize(to: storage[row * columnCount + column])
        }
      }
    }
  }

  /// The upper triangle replaced by the mirror image of the lower one.
  public func mirroringLowerTriangle() -> Matrix {
    precondition(rowCount == columnCount, "only square matrices have triangles to mirror")
    var result = self
    result.withUnsafeMutableValues { values in
      for row in 0..<rowCount {
        for column in 0..<row { values[column * rowCount + row] = values[row * rowCount + column] }
      }
    }
    return result
  }

  /// The sum of two matrices of one shape.
  public static func + (left: Matrix, right: Matrix) -> Matrix {
    left.combined(with: right, +)
  }

  /// The difference of two matrices of one shape.
  public static func - (left: Matrix, right: Matrix) -> Matrix {
    left.combined(with: right, -)
  }

  /// Every element times a number.
  public static func * (factor: Double, matrix: Matrix) -> Matrix {
    var result = matrix
    result.withUnsafeMutableValues { values in
      for index in values.indices { values[index] *= factor }
    }
    return result
  }

  private func combined(with other: Matrix, _ operation: (Double, Double) -> Double) -> Matrix {
    precondition(
      rowCount == other.rowCount && columnCount == other.columnCount, "shapes are equal")
    var result = self
    for index in storage.indices {
      result.storage[index] = operation(storage[index], other.storage[index])
    }
    return result
  }
}
