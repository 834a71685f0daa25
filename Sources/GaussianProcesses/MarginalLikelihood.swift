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
  private let parts: CovarianceParts

  init(kernel: Kernel, priors: KernelPriors, observations: Observations) {
    precondition(
      observations.points.columnCount == kernel.columnCount, "one column per column of the kernel")
    self.kernel = kernel
    self.observations = observations
    self.priors = priors.list(for: kernel)
    parts = CovarianceParts(
      rowCount: observations.count, hasContext: kernel.context != nil)
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
    let rows = Covariance(kernel: kernel, parameters: parameters).prepare(observations.points)
    parts.fill(self, parameters, rows)
    let targets = observations.targets
    guard let (weights, logDeterminant) = parts.sum.invertLowerTriangle(solving: targets) else {
      return -.infinity
    }
    gradient = parts.gradient(weights, self, parameters, rows)
    return -0.5 * innerProduct(targets, weights) - 0.5 * logDeterminant
      - Double(targets.count) * SpecialFunctions.halfLogTwoPi
  }

  func isSameContext(_ i: Int, _ j: Int) -> Bool { contextNumbers[i] == contextNumbers[j] }
}
