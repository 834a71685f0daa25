import DesignSpace
import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra

/// All that is believed of designs: their cost, the metrics with limits, and whether they fail.
struct DesignModels: Sendable {
  /// A metric with a limit, all in warped units.
  struct Limit: Sendable {
    var model: HeadModel
    var bound: Double
    /// 1 where smaller is feasible, -1 where larger is.
    var sign: Double
  }

  let features: DesignFeatures
  let acquisition: AcquisitionFunction
  /// `nil` while fewer than two designs are measured.
  var cost: HeadModel?
  /// The best feasible cost, warped; `nil` while there is none.
  var best: Double?
  var limits: [Limit]
  /// `nil` while no design failed for a hidden reason, or none succeeded.
  var success: FailureForest?

  /// The logarithms of acquisition and probability of feasibility, added; of the latter alone while nothing is feasible.
  ///
  /// The acquisition is augmented by the share of the standard deviation that an evaluation would remove: without it,
  /// designs that hardly differ from the best are evaluated again and again where the model is noisy.
  ///
  /// - SeeAlso: Huang et al. 2006, "Global Optimization of Stochastic Black-Box Systems via Sequential Kriging
  ///   Meta-Models", equation 12 (recalled).
  /// - Parameter generator: Draws the costs of Thompson sampling; `nil` takes means instead.
  /// - Complexity: O(*n*^2) per design for *n* trials in the models, once for every head.
  func scores(of points: [Point], drawingFrom generator: inout SeededGenerator?) -> [Double] {
    guard !points.isEmpty else { return [] }
    let rows = features.matrix(points)
    var scores = logFeasibility(of: points, at: rows)
    guard let cost, let best else { return scores }
    let prediction = cost.process.prediction(at: rows)
    var mean = prediction.mean
    if case .thompsonSampling = acquisition, var source = generator {
      let drawn = cost.process.jointPrediction(at: rows).samples(count: 1, using: &source)
      generator = source
      mean = drawn.values
    }
    let noise = cost.process.parameters.noise
    for (index, variance) in prediction.variance.enumerated() {
      // Where no more than the noise is unknown, another evaluation tells nothing new.
      scores[index] += log1p(-(noise / (variance + noise)).squareRoot())
      scores[index] += acquisition.logValue(
        mean: mean[index], deviation: variance.squareRoot(), best: best)
    }
    return scores
  }

  /// The logarithm of the probability that a design is feasible by all that is modeled.
  ///
  /// - Parameter rows: Their features.
  func logFeasibility(of points: [Point], at rows: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: rows.rowCount)
    for limit in limits {
      let prediction = limit.model.process.prediction(at: rows)
      for (index, variance) in prediction.variance.enumerated() {
        let slack = limit.sign * (limit.bound - prediction.mean[index])
        result[index] += SpecialFunctions.logNormalDistribution(
          max(-1e6, slack / variance.squareRoot()))
      }
    }
    if let success {
      for (index, probability) in success.probabilities(at: points).enumerated() {
        result[index] += log(probability)
      }
    }
    return result
  }

  /// Takes an outstanding design for evaluated, with the values that are expected of it.
  mutating func believe(at point: Point) {
    let rows = features.matrix([point])
    cost?.believe(at: rows)
    for index in limits.indices { limits[index].model.believe(at: rows) }
  }
}
