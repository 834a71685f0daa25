import LinearAlgebra

/// The lower triangles of a covariance and of what its derivatives need, filled anew for every evaluation of a likelihood.
///
/// One object serves all evaluations of a fit: at a hundred observations, making new matrices would take as long as
/// computing with them. What is above the diagonals is undefined.
final class CovarianceParts {
  /// The covariance of observations; then its inverse; then `W`.
  var sum: Matrix
  /// `a k k_context`.
  private var stationary: Matrix
  /// The derivative of the covariance by the squared design distance; then that times `W`.
  private var designSlopes: Matrix
  /// `k_context`.
  private var contextValues: Matrix
  /// The derivative of the covariance by the squared context distance; then that times `W`.
  private var contextSlopes: Matrix

  init(rowCount: Int, hasContext: Bool) {
    let whole = Matrix(rowCount: rowCount, columnCount: rowCount)
    let none = Matrix(rowCount: 0, columnCount: 0)
    sum = whole
    stationary = whole
    designSlopes = whole
    contextValues = hasContext ? whole : none
    contextSlopes = hasContext ? whole : none
  }

  /// Fills everything for parameters.
  func fill(
    _ problem: MarginalLikelihood, _ parameters: KernelParameters, _ rows: Covariance.Rows
  ) {
    sum.fillLowerTriangle(withGramOf: rows.design.rows)
    Self.correlate(
      &sum, &stationary, &designSlopes, rows.design.norms, problem.kernel.design.shape,
      times: parameters.amplitude, plus: parameters.constant)
    if let products = problem.innerProducts { sum.add(products, times: parameters.linear) }
    multiplyByContext(problem, rows)
    if problem.kernel.hasContextOffset {
      for i in 0..<sum.rowCount {
        for j in 0...i where problem.isSameContext(i, j) { sum[i, j] += parameters.contextOffset }
      }
    }
    sum.addDiagonal(parameters.noise, problem.observations.variances)
  }

  /// From inner products: values are correlations times a factor, slopes their derivatives; the products become the values plus
  /// a term.
  private static func correlate(
    _ products: inout Matrix, _ values: inout Matrix, _ slopes: inout Matrix, _ norms: [Double],
    _ shape: Kernel.Shape, times factor: Double, plus term: Double
  ) {
    let n = norms.count
    products.withUnsafeMutableValues { products in
      values.withUnsafeMutableValues { values in
        slopes.withUnsafeMutableValues { slopes in
          norms.withUnsafeBufferPointer { norms in
            guard let products = products.baseAddress, let values = values.baseAddress,
              let slopes = slopes.baseAddress, let norms = norms.baseAddress
            else { return }
            for i in 0..<n {
              for j in stride(from: 0, through: i, by: 4) {
                let count = min(4, i + 1 - j)
                let place = i * n + j
                let squares = Lanes.squaredDistances(
                  norms[i], Lanes.load(norms + j, count), Lanes.load(products + place, count))
                let part = shape.withSlopes(squares)
                let scaled = factor * part.values
                scaled.store(values + place, count)
                (factor * part.slopes).store(slopes + place, count)
                (scaled + term).store(products + place, count)
              }
            }
          }
        }
      }
    }
  }

  private func multiplyByContext(_ problem: MarginalLikelihood, _ rows: Covariance.Rows) {
    guard let context = rows.context, let shape = problem.kernel.context?.shape else { return }
    contextSlopes.fillLowerTriangle(withGramOf: context.rows)
    var unused = contextSlopes
    Self.correlate(
      &unused, &contextValues, &contextSlopes, context.norms, shape, times: 1, plus: 0)
    contextSlopes.multiplyLowerTriangle(by: sum)
    sum.multiplyLowerTriangle(by: contextValues)
    stationary.multiplyLowerTriangle(by: contextValues)
    designSlopes.multiplyLowerTriangle(by: contextValues)
  }

  /// The gradient of the log marginal likelihood by the logarithms, once `sum` is the inverse; everything is used up.
  ///
  /// - Parameter weights: The inverse times the targets.
  func gradient(
    _ weights: [Double], _ problem: MarginalLikelihood, _ parameters: KernelParameters,
    _ rows: Covariance.Rows
  ) -> [Double] {
    let kernel = problem.kernel
    let totals = weighPairs(weights)
    var result = Self.lengthGradient(designSlopes, rows.design, kernel.design)
    if let context = rows.context, let block = kernel.context {
      contextSlopes.multiplyLowerTriangle(by: sum)
      result += Self.lengthGradient(contextSlopes, context, block)
    }
    result.append(totals.stationary)
    let trace = sum.diagonal.reduce(0, +)
    var ofOffset = 0.0
    if kernel.hasContextOffset {
      for i in weights.indices {
        for j in 0...i where problem.isSameContext(i, j) {
          ofOffset += (i == j ? 1 : 2) * sum[i, j]
        }
      }
    }
    var all = totals.all
    if kernel.context != nil {
      sum.multiplyLowerTriangle(by: contextValues)
      all = sum.sumOfPairs()
    }
    if kernel.hasLinear, let products = problem.innerProducts {
      result.append(parameters.linear * sum.sumOfPairs(times: products))
    }
    if kernel.hasConstant { result.append(parameters.constant * all) }
    if kernel.hasContextOffset { result.append(parameters.contextOffset * ofOffset) }
    result.append(parameters.noise * trace)
    return result
  }

  /// Makes `W` of the inverse, multiplies the design's slopes by it, and sums over all pairs `W`, and `W` times the stationary part.
  private func weighPairs(_ weights: [Double]) -> (all: Double, stationary: Double) {
    let n = weights.count
    var (all, ofStationary) = (0.0, 0.0)
    sum.withUnsafeMutableValues { sum in
      designSlopes.withUnsafeMutableValues { slopes in
        stationary.withUnsafeValues { stationary in
          weights.withUnsafeBufferPointer { weights in
            guard let sum = sum.baseAddress, let slopes = slopes.baseAddress,
              let stationary = stationary.baseAddress, let weights = weights.baseAddress
            else { return }
            for i in 0..<n {
              var (row, stationaryRow) = (Lanes(repeating: 0), Lanes(repeating: 0))
              for j in stride(from: 0, through: i, by: 4) {
                let count = min(4, i + 1 - j)
                let place = i * n + j
                let w =
                  0.5
                  * (weights[i] * Lanes.load(weights + j, count) - Lanes.load(sum + place, count))
                row += w
                stationaryRow += w * Lanes.load(stationary + place, count)
                w.store(sum + place, count)
                (w * Lanes.load(slopes + place, count)).store(slopes + place, count)
              }
              let end = i * n + i
              all += 2 * row.sum() - sum[end]
              ofStationary += 2 * stationaryRow.sum() - sum[end] * stationary[end]
            }
          }
        }
      }
    }
    return (all, ofStationary)
  }

  /// The derivatives by the logarithms of a block's length scales, from the lower triangle of `B`.
  private static func lengthGradient(
    _ weightedSlopes: Matrix, _ scaled: ScaledRows, _ block: Kernel.Block
  ) -> [Double] {
    let n = scaled.rows.rowCount
    let d = scaled.rows.columnCount
    let products = weightedSlopes.symmetricProduct(with: scaled.withOnes())
    var result = [Double](repeating: 0, count: block.groupCount)
    scaled.rows.withUnsafeValues { x in
      products.withUnsafeValues { products in
        for row in 0..<n {
          let rowSum = products[row * (d + 1) + d]
          for column in 0..<d {
            let value = x[row * d + column]
            result[block.groups[column]] -=
              4 * value * (rowSum * value - products[row * (d + 1) + column])
          }
        }
      }
    }
    return result
  }
}

extension Matrix {
  /// Multiplies the elements of the lower triangle by those of another matrix.
  fileprivate mutating func multiplyLowerTriangle(by other: Matrix) {
    let n = rowCount
    withUnsafeMutableValues { values in
      other.withUnsafeValues { factors in
        for i in 0..<n {
          for place in (i * n)...(i * n + i) { values[place] *= factors[place] }
        }
      }
    }
  }

  /// Adds a multiple of another matrix.
  fileprivate mutating func add(_ other: Matrix, times factor: Double) {
    withUnsafeMutableValues { values in
      other.withUnsafeValues { terms in
        for place in values.indices { values[place] += factor * terms[place] }
      }
    }
  }

  /// The sum over all pairs of rows of a symmetric matrix, times another one if there is one, from their lower triangles.
  fileprivate func sumOfPairs(times other: Matrix? = nil) -> Double {
    let n = rowCount
    let factors = other ?? Matrix(rowCount: n, columnCount: n, repeating: 1)
    return withUnsafeValues { values in
      factors.withUnsafeValues { factors in
        var total = 0.0
        for i in 0..<n {
          var row = 0.0
          for place in (i * n)..<(i * n + i) { row += values[place] * factors[place] }
          total += 2 * row + values[i * n + i] * factors[i * n + i]
        }
        return total
      }
    }
  }
}
