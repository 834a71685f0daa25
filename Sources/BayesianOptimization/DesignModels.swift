import DesignSpace
import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra

/// All that is believed of designs: their costs, the metrics with limits, and whether they fail.
struct DesignModels: Sendable {
  /// A metric with a limit, all in warped units.
  struct Limit: Sendable {
    /// Its place among the limits of the problem.
    var place: Int
    var model: HeadModel
    var bound: Double
    /// 1 where smaller is feasible, -1 where larger is.
    var sign: Double
  }

  /// What an improvement improves on, in warped units.
  enum Target: Sendable {
    /// The best feasible cost.
    case best(Double)
    /// The front of several costs.
    case front(HypervolumeImprovement)
  }

  let features: DesignFeatures
  var acquisition: AcquisitionFunction
  /// One per objective that steers; empty while fewer than two designs are measured.
  var costs: [HeadModel]
  /// `nil` while nothing is feasible.
  var target: Target?
  var limits: [Limit]
  /// `nil` while no design failed for a hidden reason, or none succeeded.
  var success: FailureForest?
  /// A cheap model that heads may follow.
  var cheap: CheapReader?
  /// Outstanding designs that count as evaluated.
  private(set) var believedCount = 0
  /// Most outstanding designs that are believed, the last ones.
  static let believedLimit = 200

  init(
    features: DesignFeatures, acquisition: AcquisitionFunction, costs: [HeadModel],
    target: Target?, limits: [Limit], success: FailureForest?
  ) {
    self.features = features
    self.acquisition = acquisition
    self.costs = costs
    self.target = target
    self.limits = limits
    self.success = success
  }

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
    let readings = cheap?.readings(of: points)
    var scores = logFeasibility(of: points, at: rows, readings)
    guard let target, !costs.isEmpty else { return scores }
    let predictions = costs.indices.map {
      costs[$0].prediction(at: rows, readings: readings?.costs[$0])
    }
    for (model, prediction) in zip(costs, predictions) {
      let noise = model.process.parameters.noise
      for (index, variance) in prediction.variance.enumerated() {
        // Where no more than the noise is unknown, another evaluation tells nothing new.
        scores[index] +=
          log1p(-(noise / (variance + noise)).squareRoot()) / Double(costs.count)
      }
    }
    switch target {
    case .front(let front):
      for index in points.indices {
        scores[index] += front.logValue(
          means: predictions.map { $0.mean[index] },
          deviations: predictions.map { $0.variance[index].squareRoot() })
      }
    case .best(let best):
      var mean = predictions[0].mean
      if case .thompsonSampling = acquisition, var source = generator {
        let extended = costs[0].extended(rows, readings?.costs[0])
        let drawn = costs[0].process.jointPrediction(at: extended)
          .samples(count: 1, using: &source)
        generator = source
        // What the draw differs from the mean of the process, around the mean with its trend.
        let own = costs[0].process.mean(at: extended)
        mean = mean.indices.map { mean[$0] + drawn.values[$0] - own[$0] }
      }
      for (index, variance) in predictions[0].variance.enumerated() {
        scores[index] += acquisition.logValue(
          mean: mean[index], deviation: variance.squareRoot(), best: best)
      }
    }
    return scores
  }

  /// The logarithm of the probability that a design is feasible by all that is modeled.
  ///
  /// - Parameters:
  ///   - points: The designs.
  ///   - rows: Their features.
  ///   - known: What the cheap model says of them, where that was asked already.
  func logFeasibility(of points: [Point], at rows: Matrix, _ known: CheapReadings? = nil)
    -> [Double]
  {
    var result = [Double](repeating: 0, count: rows.rowCount)
    let readings = known ?? cheap?.readings(of: points)
    for limit in limits {
      let prediction = limit.model.prediction(
        at: rows, readings: readings?.limits[limit.place])
      result.addLogProbability(
        mean: prediction.mean, variance: prediction.variance, keeping: limit.bound,
        sign: limit.sign)
    }
    if let success { result.addLogProbabilities(success.probabilities(at: points)) }
    return result
  }

  /// Takes outstanding designs for evaluated, with the values that are expected of them, unless that was done before.
  mutating func believe(at outstanding: [Point]) {
    for point in outstanding.dropFirst(max(believedCount, outstanding.count - Self.believedLimit)) {
      let rows = features.matrix([point])
      let readings = cheap?.readings(of: [point])
      for index in costs.indices {
        costs[index].believe(at: rows, readings: readings?.costs[index])
      }
      for index in limits.indices {
        limits[index].model.believe(at: rows, readings: readings?.limits[limits[index].place])
      }
    }
    believedCount = max(believedCount, outstanding.count)
  }
}
