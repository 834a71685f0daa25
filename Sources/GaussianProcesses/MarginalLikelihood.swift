import Foundation
import LinearAlgebra

/// The logarithm of the posterior density of kernel parameters, with its gradient by their logarithms.
///
/// With `W = (alpha alpha^T - K^-1) / 2`, the derivative of the log marginal likelihood by a parameter `p` is the sum
/// of all elements of `W` times those of `dK/dp`. All length scales of a block come from one product: with
/// `B = W o dK/dr^2` and scaled coordinates `x_k`, the sum over pairs of `B_ij (x_ik - x_jk)^2` is
/// `2 s . x_k^2 - 2 x_k^T B x_k`, where `s` are the row sums of `B`.
///
/// - SeeAlso: Rasmussen and Williams 2006, equations 5.8 and 5.9.
struct MarginalLikelihood {
  let kernel: Kernel
  let observations: Observations
  private let priors: [(prior: LogNormalPrior, range: ClosedRange<Double>)]
  /// Of the design coordinates of all pairs of rows, for the linear term.
  let innerProducts: Matrix?
  private let contextNumbers: [Int]

  init(kernel: Kernel, priors: KernelPriors, observations: Observations) {
    precondition(
      observations.points.columnCount == kernel.columnCount, "one column per column of the kernel")
    self.kernel = kernel
    self.observations = observations
    self.priors = priors.list(for: kernel)
    innerProducts =
      kernel.hasLinear ? observations.points.columns(kernel.designColumns).gram() : nil
    var numbers: [ArraySlice<Double>: Int] = [:]
    contextNumbers =
      kernel.hasContextOffset
      ? (0..<observations.count).map { row in
        let context = observations.points.row(row).dropFirst(kernel.design.groups.count)
        let number = numbers[context] ?? numbers.count
        numbers[context] = number
        return number
      } : []
  }

  /// The log prior density of the logarithms' exponentials, without constants; adds its gradient.
  func logPrior(_ logarithms: [Double], adding gradient: inout [Double]) -> Double {
    var sum = 0.0
    for (index, entry) in priors.enumerated() {
      let density = entry.prior.logDensity(atLogarithm: logarithms[index])
      sum += density.value
      gradient[index] += density.slope
    }
    return sum
  }

  /// The log marginal likelihood; overwrites `gradient` by its gradient.
  ///
  /// - Returns: `-inf` when the covariance has no factor.
  /// - Complexity: O(*n*^3).
  func value(_ logarithms: [Double], gradient: inout [Double]) -> Double {
    let parameters = KernelParameters(logarithms: logarithms, kernel: kernel)
    var parts = CovarianceParts(self, parameters)
    guard let factor = try? Cholesky(factoring: parts.sum) else { return -.infinity }
    let targets = observations.targets
    let weights = factor.solve(targets)
    let likelihood =
      -0.5 * innerProduct(targets, weights) - 0.5 * factor.logDeterminant
      - Double(targets.count) * SpecialFunctions.halfLogTwoPi
    gradient = parts.gradient(weights, factor.inverseLowerTriangle(), self)
    return likelihood
  }

  func isSameContext(_ i: Int, _ j: Int) -> Bool { contextNumbers[i] == contextNumbers[j] }
}

/// The lower triangles of a covariance and of what its derivatives need.
private struct CovarianceParts {
  let parameters: KernelParameters
  let design: ScaledRows
  let context: ScaledRows?
  /// The covariance of observations.
  var sum: Matrix
  /// `a k k_context`.
  var stationary: Matrix
  /// The derivative of the covariance by the squared design distance.
  var designSlopes: Matrix
  /// `k_context`, and the derivative of the covariance by the squared context distance.
  var contextParts: (values: Matrix, slopes: Matrix)?

  init(_ problem: MarginalLikelihood, _ parameters: KernelParameters) {
    self.parameters = parameters
    let rows = Covariance(kernel: problem.kernel, parameters: parameters)
      .prepare(problem.observations.points)
    design = rows.design
    context = rows.context
    sum = design.squaredDistances(to: design)
    stationary = Matrix(rowCount: sum.rowCount, columnCount: sum.rowCount)
    designSlopes = stationary
    fillStationary(problem.kernel.design.shape)
    addRest(problem)
    let variances = problem.observations.variances
    for row in variances.indices { sum[row, row] += parameters.noise + variances[row] }
  }

  private mutating func fillStationary(_ shape: Kernel.Shape) {
    let n = sum.rowCount
    let amplitude = parameters.amplitude
    sum.withUnsafeMutableValues { sum in
      stationary.withUnsafeMutableValues { stationary in
        designSlopes.withUnsafeMutableValues { slopes in
          for i in 0..<n {
            for place in (i * n)...(i * n + i) {
              let part = shape.withSlope(sum[place])
              sum[place] = amplitude * part.value
              stationary[place] = amplitude * part.value
              slopes[place] = amplitude * part.slope
            }
          }
        }
      }
    }
  }

  /// Adds the linear and constant terms, multiplies by the context's correlation, adds the context's own level.
  private mutating func addRest(_ problem: MarginalLikelihood) {
    let n = sum.rowCount
    let (linear, constant) = (parameters.linear, parameters.constant)
    if constant > 0 {
      sum.withUnsafeMutableValues { sum in
        for index in sum.indices { sum[index] += constant }
      }
    }
    if let products = problem.innerProducts { sum = sum + linear * products }
    guard let context, let shape = problem.kernel.context?.shape else { return }
    var values = context.squaredDistances(to: context)
    var slopes = Matrix(rowCount: n, columnCount: n)
    values.withUnsafeMutableValues { values in
      slopes.withUnsafeMutableValues { slopes in
        sum.withUnsafeMutableValues { sum in
          stationary.withUnsafeMutableValues { stationary in
            designSlopes.withUnsafeMutableValues { designSlopes in
              for i in 0..<n {
                for place in (i * n)...(i * n + i) {
                  let part = shape.withSlope(values[place])
                  values[place] = part.value
                  slopes[place] = part.slope * sum[place]
                  sum[place] *= part.value
                  stationary[place] *= part.value
                  designSlopes[place] *= part.value
                }
              }
            }
          }
        }
      }
    }
    contextParts = (values, slopes)
    guard problem.kernel.hasContextOffset else { return }
    for i in 0..<n {
      for j in 0...i where problem.isSameContext(i, j) { sum[i, j] += parameters.contextOffset }
    }
  }

  /// The gradient of the log marginal likelihood by the logarithms; the slopes are used up.
  mutating func gradient(
    _ weights: [Double], _ inverse: Matrix, _ problem: MarginalLikelihood
  ) -> [Double] {
    let kernel = problem.kernel
    let w = Self.pairWeights(weights, inverse)
    var result = Self.lengthGradient(designSlopes.scaled(by: w), design, kernel.design)
    if let contextParts, let context, let block = kernel.context {
      result += Self.lengthGradient(contextParts.slopes.scaled(by: w), context, block)
    }
    result.append(Self.sum(w, stationary))
    let shared = contextParts.map { w.scaled(by: $0.values) } ?? w
    if kernel.hasLinear, let products = problem.innerProducts {
      result.append(parameters.linear * Self.sum(shared, products))
    }
    if kernel.hasConstant { result.append(parameters.constant * Self.sum(shared, nil)) }
    if kernel.hasContextOffset {
      var ofOffset = 0.0
      for i in weights.indices {
        for j in 0...i where problem.isSameContext(i, j) { ofOffset += (i == j ? 1 : 2) * w[i, j] }
      }
      result.append(parameters.contextOffset * ofOffset)
    }
    result.append(parameters.noise * w.diagonal.reduce(0, +))
    return result
  }

  /// The lower triangle of `W`.
  private static func pairWeights(_ weights: [Double], _ inverse: Matrix) -> Matrix {
    var result = inverse
    let n = weights.count
    result.withUnsafeMutableValues { values in
      weights.withUnsafeBufferPointer { weights in
        for i in 0..<n {
          for j in 0...i {
            values[i * n + j] = 0.5 * (weights[i] * weights[j] - values[i * n + j])
          }
        }
      }
    }
    return result
  }

  /// The sum over all pairs of rows of the products of two symmetric matrices, from their lower triangles; `nil` is 1.
  private static func sum(_ a: Matrix, _ b: Matrix?) -> Double {
    let n = a.rowCount
    func sum(_ factor: (Int) -> Double) -> Double {
      var total = 0.0
      for i in 0..<n {
        var row = 0.0
        for j in 0..<i { row += factor(i * n + j) }
        total += 2 * row + factor(i * n + i)
      }
      return total
    }
    return a.withUnsafeValues { a in
      guard let b else { return sum { a[$0] } }
      return b.withUnsafeValues { b in sum { a[$0] * b[$0] } }
    }
  }

  /// The derivatives by the logarithms of a block's length scales, from the lower triangle of `B`.
  private static func lengthGradient(
    _ weightedSlopes: Matrix, _ scaled: ScaledRows, _ block: Kernel.Block
  ) -> [Double] {
    let n = scaled.rows.rowCount
    let d = scaled.rows.columnCount
    let ones = Matrix(rowCount: n, columnCount: 1, repeating: 1)
    let products = weightedSlopes.symmetricProduct(with: scaled.rows.appending(columns: ones))
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
  /// The products of elements of the lower triangles; what is above the diagonal is undefined.
  fileprivate func scaled(by other: Matrix) -> Matrix {
    let n = rowCount
    var result = self
    result.withUnsafeMutableValues { values in
      other.withUnsafeValues { factors in
        for i in 0..<n {
          for place in (i * n)...(i * n + i) { values[place] *= factors[place] }
        }
      }
    }
    return result
  }
}
