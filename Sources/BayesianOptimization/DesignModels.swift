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
  /// Where outstanding designs are explored around; `nil` looks for improvement.
  var exploration: PureExploration?
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
