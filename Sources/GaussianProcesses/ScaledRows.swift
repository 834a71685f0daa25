import LinearAlgebra

/// Rows of points divided by the length scales of one block.
struct ScaledRows: Sendable {
  /// `n x d`, coordinates over length scales.
  let rows: Matrix
  /// The squared norm of each row.
  let norms: [Double]

  init(_ points: Matrix, columns: Range<Int>, block: Kernel.Block, lengths: [Double]) {
    let inverses = block.groups.map { 1 / lengths[$0] }
    var norms = [Double](repeating: 0, count: points.rowCount)
    var rows = points.columns(columns)
    rows.withUnsafeMutableValues { values in
      for row in norms.indices {
        var sum = 0.0
        for (column, inverse) in inverses.enumerated() {
          let place = row * inverses.count + column
          values[place] *= inverse
          sum += values[place] * values[place]
        }
        norms[row] = sum
      }
    }
    self.rows = rows
    self.norms = norms
  }

  /// `n x m`, correlations of all pairs of rows times a factor, plus a number; by one `dgemm`.
  func correlations(
    with other: ScaledRows, _ shape: Kernel.Shape, times factor: Double = 1, plus term: Double = 0
  ) -> Matrix {
    var result = Matrix.product(rows, other.rows, transposingRight: true)
    let columnCount = other.norms.count
    result.withUnsafeMutableValues { values in
      guard let start = values.baseAddress else { return }
      other.norms.withUnsafeBufferPointer { otherNorms in
        guard let norms = otherNorms.baseAddress else { return }
        for (row, norm) in self.norms.enumerated() {
          let line = start + row * columnCount
          func correlate(_ column: Int, _ count: Int) {
            let squares = Lanes.squaredDistances(
              norm, Lanes.load(norms + column, count), Lanes.load(line + column, count))
            (factor * shape.correlations(squares) + term).store(line + column, count)
          }
          let whole = columnCount / 4 * 4
          for column in stride(from: 0, to: whole, by: 4) { correlate(column, 4) }
          if whole < columnCount { correlate(whole, columnCount - whole) }
        }
      }
    }
    return result
  }

  /// The rows with a 1 at the end of each.
  func withOnes() -> Matrix {
    let width = rows.columnCount
    var result = Matrix(rowCount: rows.rowCount, columnCount: width + 1, repeating: 1)
    result.withUnsafeMutableValues { target in
      rows.withUnsafeValues { values in
        for row in 0..<rows.rowCount {
          for column in 0..<width {
            target[row * (width + 1) + column] = values[row * width + column]
          }
        }
      }
    }
    return result
  }
}
