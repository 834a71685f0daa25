import LinearAlgebra

/// A kernel with numbers: covariances of function values.
struct Covariance: Sendable {
  let kernel: Kernel
  let parameters: KernelParameters

  /// Points made ready for products with others.
  struct Rows: Sendable {
    var points: Matrix
    var design: ScaledRows
    var context: ScaledRows?
  }

  init(kernel: Kernel, parameters: KernelParameters) {
    precondition(parameters.fit(kernel), "one length scale per group of the kernel")
    self.kernel = kernel
    self.parameters = parameters
  }

  func prepare(_ points: Matrix) -> Rows {
    precondition(points.columnCount == kernel.columnCount, "one column per column of the kernel")
    let design = ScaledRows(
      points, columns: kernel.designColumns, block: kernel.design, lengths: parameters.lengths)
    let context = kernel.context.map {
      ScaledRows(
        points, columns: kernel.contextColumns, block: $0, lengths: parameters.contextLengths)
    }
    return Rows(points: points, design: design, context: context)
  }

  /// `n x m`, the covariances of function values at two lists of points.
  ///
  /// - Complexity: O(*n m d*).
  func between(_ a: Rows, _ b: Rows) -> Matrix {
    var result = a.design.correlations(
      with: b.design, kernel.design.shape, times: parameters.amplitude, plus: parameters.constant)
    if kernel.hasLinear {
      let inner = Matrix.product(
        a.points.columns(kernel.designColumns), b.points.columns(kernel.designColumns),
        transposingRight: true)
      result = result + parameters.linear * inner
    }
    if let block = kernel.context, let left = a.context, let right = b.context {
      let correlations = left.correlations(with: right, block.shape)
      let columnCount = b.points.rowCount
      result.withUnsafeMutableValues { values in
        correlations.withUnsafeValues { correlations in
          for index in values.indices { values[index] *= correlations[index] }
        }
        guard kernel.hasContextOffset else { return }
        for row in 0..<a.points.rowCount {
          for column in 0..<columnCount where isSameContext(a, row, b, column) {
            values[row * columnCount + column] += parameters.contextOffset
          }
        }
      }
    }
    return result
  }

  /// The variances of the function at points.
  func variances(_ rows: Rows) -> [Double] {
    let flat = parameters.amplitude + parameters.constant + parameters.contextOffset
    guard kernel.hasLinear else { return [Double](repeating: flat, count: rows.points.rowCount) }
    return (0..<rows.points.rowCount).map { index in
      let norm = rows.points.row(index).prefix(kernel.design.groups.count)
        .reduce(0) { $0 + $1 * $1 }
      return flat + parameters.linear * norm
    }
  }

  private func isSameContext(_ a: Rows, _ row: Int, _ b: Rows, _ column: Int) -> Bool {
    let count = kernel.design.groups.count
    return a.points.row(row).dropFirst(count).elementsEqual(
      b.points.row(column).dropFirst(count))
  }
}
