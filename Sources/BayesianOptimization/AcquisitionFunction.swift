import Foundation
import LinearAlgebra

/// What is looked for among designs, given the predicted cost; the probability of feasibility is multiplied to it.
public enum AcquisitionFunction: Hashable, Sendable {
  /// The logarithm of the expected improvement on the best feasible cost; exact far into its tail.
  ///
  /// - SeeAlso: Ament et al. 2023, "Unexpected Improvements to Expected Improvement", section 4.1.
  case logExpectedImprovement
  /// The improvement on the best feasible cost that a lower confidence bound promises, `weight` deviations below the
  /// mean.
  ///
  /// The logarithm is that of a softened maximum of 0 and the improvement, so that designs without any are still ordered.
  /// - SeeAlso: Srinivas et al. 2010, "Gaussian Process Optimization in the Bandit Setting", equation 6.
  case lowerConfidenceBound(weight: Double)
  /// The minimum of a joint draw of the cost over candidates, each weighted by its probability of feasibility.
  case thompsonSampling

  /// The logarithm of the value of a predicted cost, in standard deviations of the warped costs.
  ///
  /// - Parameters:
  ///   - mean: Predicted cost, or the drawn one for `thompsonSampling`.
  ///   - deviation: Its standard deviation, above 0.
  ///   - best: The best feasible cost.
  func logValue(mean: Double, deviation: Double, best: Double) -> Double {
    switch self {
    case .logExpectedImprovement:
      return SpecialFunctions.logImprovement((best - mean) / deviation) + log(deviation)
    case .lowerConfidenceBound(let weight):
      return Self.logSoftened(best - mean + weight * deviation)
    case .thompsonSampling:
      return Self.logSoftened(best - mean)
    }
  }

  /// `log(softplus(x / width))`, which is `x / width` far below 0; the width is a hundredth of a standard deviation.
  private static func logSoftened(_ improvement: Double) -> Double {
    let x = improvement / 0.01
    if x < -30 { return x }
    return log(x > 30 ? x : log1p(exp(x)))
  }
}
