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
  private let innerProducts: Matrix?
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

  /// The product of design coordinates of two rows.
  func innerProducts(_ body: (UnsafeBufferPointer<Double>?) -> Void) {
    guard let innerProducts else { return body(nil) }
    innerProducts.withUnsafeValues { body($0) }
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
    problem.innerProducts { products in
      sum.withUnsafeMutableValues { sum in
        for i in 0..<n {
          for place in (i * n)...(i * n + i) {
            sum[place] += constant + (products.map { linear * $0[place] } ?? 0)
          }
        }
      }
    }
    guard let context, let shape = problem.kernel.context?.shape else { return }
    var values = context.squaredDistances(to: context)
    var slopes = Matrix(rowCount: n, columnCount: n)
    for i in 0..<n {
      for j in 0...i {
        let part = shape.withSlope(values[i, j])
        values[i, j] = part.value
        slopes[i, j] = part.slope * sum[i, j]
        sum[i, j] *= part.value
        stationary[i, j] *= part.value
        designSlopes[i, j] *= part.value
        if problem.kernel.hasContextOffset && problem.isSameContext(i, j) {
          sum[i, j] += parameters.contextOffset
        }
      }
    }
    contextParts = (values, slopes)
  }

  /// The gradient of the log marginal likelihood by the logarithms; the slopes are used up.
  mutating func gradient(
    _ weights: [Double], _ inverse: Matrix, _ problem: MarginalLikelihood
  ) -> [Double] {
    let n = weights.count
    let kernel = problem.kernel
    var (ofAmplitude, ofLinear, ofConstant, ofOffset, ofNoise) = (0.0, 0.0, 0.0, 0.0, 0.0)
    problem.innerProducts { products in
      inverse.withUnsafeValues { inverse in
        stationary.withUnsafeValues { stationary in
          designSlopes.withUnsafeMutableValues { slopes in
            for i in 0..<n {
              var rowSum = 0.0
              for j in 0...i {
                let place = i * n + j
                let w = 0.5 * (weights[i] * weights[j] - inverse[place])
                slopes[place] *= w
                let pair = i == j ? w : 2 * w
                rowSum += pair * stationary[place]
                var shared = pair
                if contextParts != nil {
                  shared *= contextParts?.values[i, j] ?? 1
                  contextParts?.slopes[i, j] *= w
                  if kernel.hasContextOffset && problem.isSameContext(i, j) { ofOffset += pair }
                }
                if let products { ofLinear += shared * products[place] }
                ofConstant += shared
                if i == j { ofNoise += w }
              }
              ofAmplitude += rowSum
            }
          }
        }
      }
    }
    var result = Self.lengthGradient(designSlopes, design, kernel.design)
    if let contextParts, let context, let block = kernel.context {
      result += Self.lengthGradient(contextParts.slopes, context, block)
    }
    result.append(ofAmplitude)
    if kernel.hasLinear { result.append(parameters.linear * ofLinear) }
    if kernel.hasConstant { result.append(parameters.constant * ofConstant) }
    if kernel.hasContextOffset { result.append(parameters.contextOffset * ofOffset) }
    result.append(parameters.noise * ofNoise)
    return result
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
