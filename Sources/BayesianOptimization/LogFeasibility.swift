import Foundation
import LinearAlgebra

extension [Double] {
  /// Adds, design by design, the logarithm of the probability that a metric keeps its bound.
  ///
  /// - Parameters:
  ///   - mean: The metric as it is expected, in warped units.
  ///   - variance: Its variance.
  ///   - sign: 1 where smaller is feasible, -1 where larger is.
  mutating func addLogProbability(
    mean: [Double], variance: [Double], keeping bound: Double, sign: Double
  ) {
    for index in indices {
      let slack = sign * (bound - mean[index])
      self[index] += SpecialFunctions.logNormalDistribution(
        Swift.max(-1e6, slack / variance[index].squareRoot()))
    }
  }

  /// Adds, design by design, the logarithm of the probability that it does not fail for a hidden reason.
  mutating func addLogProbabilities(_ probabilities: [Double]) {
    for (index, probability) in probabilities.enumerated() { self[index] += log(probability) }
  }
}
