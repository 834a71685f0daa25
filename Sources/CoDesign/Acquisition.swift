import Foundation
import LinearAlgebra

/// What makes a candidate worth an evaluation, given what a model predicts of its cost.
public enum Acquisition: Hashable, Sendable {
  /// The lowest mean less `weight` standard deviations.
  ///
  /// - SeeAlso: Srinivas et al. 2010, "Gaussian Process Optimization in the Bandit Setting", equation 6; weight 1 as in Shi et
  ///   al. 2020 (recalled).
  case lowerConfidenceBound(weight: Double)
  /// The largest expected improvement on the best cost.
  case expectedImprovement

  /// A number that is the larger the better, for candidates of one pool.
  ///
  /// - Parameters:
  ///   - mean: The expected cost.
  ///   - deviation: Standard deviation of the prediction, from 0.
  ///   - best: Lowest cost so far.
  public func value(mean: Double, deviation: Double, best: Double) -> Double {
    switch self {
    case .lowerConfidenceBound(let weight): return weight * deviation - mean
    case .expectedImprovement:
      let width = max(deviation, 1e-12)
      return SpecialFunctions.logImprovement((best - mean) / width) + log(width)
    }
  }

  /// The same as the logarithm of something positive, to which the logarithm of a probability can be added.
  ///
  /// The bound becomes the logarithm of the improvement it promises, softened so that candidates without any keep their
  /// order.
  public func logValue(mean: Double, deviation: Double, best: Double) -> Double {
    switch self {
    case .lowerConfidenceBound(let weight):
      let promise = (best - mean + weight * deviation) / 0.05
      if promise < -30 { return promise }
      return log(promise > 30 ? promise : log1p(exp(promise)))
    case .expectedImprovement: return value(mean: mean, deviation: deviation, best: best)
    }
  }
}
