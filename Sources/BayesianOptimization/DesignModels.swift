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
  /// `nil` while no design failed for a hidden reason.
  var success: HeadModel?

  /// The logarithms of acquisition and probability of feasibility, added; of the latter alone while nothing is feasible.
  ///
  /// - Parameter generator: Draws the costs of Thompson sampling; `nil` takes means instead.
  /// - Complexity: O(*n*^2) per design for *n* trials in the models, once for every head.
  func scores(of points: [Point], drawingFrom generator: inout SeededGenerator?) -> [Double] {
    guard !points.isEmpty else { return [] }
    let rows = features.matrix(points)
    var scores = logFeasibility(at: rows)
    guard let cost, let best else { return scores }
    let prediction = cost.process.prediction(at: rows)
    var mean = prediction.mean
    if case .thompsonSampling = acquisition, var source = generator {
      let drawn = cost.process.jointPrediction(at: rows).samples(count: 1, using: &source)
      generator = source
      mean = drawn.values
    }
    for (index, variance) in prediction.variance.enumerated() {
      scores[index] += acquisition.logValue(
        mean: mean[index], deviation: variance.squareRoot(), best: best)
    }
    return scores
  }

  /// The logarithm of the probability that a design is feasible by all that is modeled.
  func logFeasibility(at rows: Matrix) -> [Double] {
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
      // A latent value above 0 means success; the noise stands for rules the features do not show.
      let prediction = success.process.prediction(at: rows)
      let noise = success.process.parameters.noise
      for (index, variance) in prediction.variance.enumerated() {
        result[index] += SpecialFunctions.logNormalDistribution(
          prediction.mean[index] / (variance + noise).squareRoot())
      }
    }
    return result
  }

  /// Takes an outstanding design for evaluated, with the values that are expected of it.
  mutating func believe(at point: Point) {
    let rows = features.matrix([point])
    cost?.believe(at: rows)
    for index in limits.indices { limits[index].model.believe(at: rows) }
    success?.believe(at: rows)
  }
}
