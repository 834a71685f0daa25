public import DesignSpace
public import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
public import Study

/// What the trials of a problem say about designs that were not evaluated, whoever proposed them.
///
/// The models are those of `BayesianDesigner`: a Gaussian process of the first objective and of each limited metric, a
/// forest of hidden failures.
public struct StudyPredictor: Sendable {
  /// What is expected of a design.
  public struct Forecast: Hashable, Sendable {
    /// The median of the first objective, in its unit; `nil` with fewer than two measured designs.
    public var value: Double?
    /// The interval that holds the objective with 80 %, in its unit.
    public var interval: ClosedRange<Double>?
    /// The probability that the design respects all limits and does not fail, in `[0, 1]`.
    public var feasibility: Double
  }

  /// Most trials that models are conditioned on: the best, and of the rest the latest.
  static let trialLimit = 300

  private let problem: Problem
  private let features: DesignFeatures
  private var points: [Point] = []
  private var known: Set<Point> = []
  private var cost: ModelHead
  private var limits: [ModelHead]
  private var successes: [(trial: Int, isSuccess: Bool)] = []
  private var feasible: [(trial: Int, cost: Double)] = []

  /// Creates a predictor that knows nothing.
  public init(_ problem: Problem) {
    self.problem = problem
    features = DesignFeatures(problem.space)
    let kernel = Kernel(
      design: Kernel.Block(groups: features.groups), hasLinear: features.hasCategories)
    cost = ModelHead(.cost, kernel: kernel)
    limits = problem.limits.map { ModelHead(.limited(bound: $0.bound), kernel: kernel) }
  }

  /// Learns from all trials but failed ones.
  public mutating func observe(_ trials: [Trial]) {
    for trial in trials {
      let outcome = problem.judging(trial.outcome)
      let values: [Double?]
      switch outcome {
      case .measured(let measured):
        values = measured
        if let cost = problem.cost(of: outcome) { feasible.append((points.count, cost)) }
        successes.append((points.count, true))
      case .infeasible(let infeasibility):
        values = infeasibility.values
        switch infeasibility.reason {
        case .hidden: successes.append((points.count, false))
        case .limit: successes.append((points.count, true))
        case .constraint: break
        }
      case .failed: continue
      }
      let row = features.row(trial.point)
      func value(of metric: String) -> Double? {
        guard let place = problem.index(ofMetric: metric), place < values.count else { return nil }
        return values[place].flatMap { $0.isFinite ? $0 : nil }
      }
      if let value = value(of: problem.objectives[0].metric) {
        cost.add(row: row, value: problem.objectives[0].cost(of: value), trial: points.count)
      }
      for (place, limit) in problem.limits.enumerated() {
        guard let value = value(of: limit.metric) else { continue }
        limits[place].add(row: row, value: value, trial: points.count)
      }
      points.append(trial.point)
      known.insert(trial.point)
    }
  }

  /// What is expected of designs.
  ///
  /// - Complexity: O(*n*^3) for *n* trials, at most 300, when trials were observed since the last call.
  public mutating func forecasts(of designs: [Point]) -> [Forecast] {
    guard !designs.isEmpty else { return [] }
    let models = models()
    let rows = features.matrix(designs)
    let feasibility = models.logFeasibility(of: designs, at: rows)
    guard let model = models.cost else {
      return feasibility.map { Forecast(feasibility: exp($0)) }
    }
    let goal = problem.objectives[0]
    let prediction = model.process.prediction(at: rows)
    return designs.indices.map { index in
      let spread = Self.deviations * prediction.variance[index].squareRoot()
      let ends = [-spread, 0, spread].map {
        goal.cost(of: unwarped(prediction.mean[index] + $0, by: model))
      }
      return Forecast(
        value: ends[1], interval: min(ends[0], ends[2])...max(ends[0], ends[2]),
        feasibility: exp(feasibility[index]))
    }
  }

  /// Standard deviations on either side that hold 80 % of a normal distribution.
  private static let deviations = 1.2815515655446004

  /// The largest expected improvement of any design on the best one, feasibility included, as a share of its objective.
  ///
  /// - Parameter seed: Where the search for that design starts.
  /// - Returns: `nil` while fewer than eight designs are measured or none is feasible; 0 when no design is left.
  /// - Complexity: about 2,000 to 10,000 predictions of every model.
  public mutating func expectedImprovement(seed: Seed) -> Double? {
    let order = feasible.sorted { ($0.cost, $0.trial) < ($1.cost, $1.trial) }
    guard cost.count >= 8, let best = order.first else { return nil }
    let models = models()
    guard let model = models.cost else { return nil }
    let score = { models.logImprovements(of: $0, on: model.warped(best.cost)) }
    let maximizer = AcquisitionMaximizer(
      space: problem.space, options: AcquisitionMaximizer.Options(),
      isFresh: { [known] in !known.contains($0) }, score: { points, _ in score(points) })
    let elites = order.prefix(10).map { points[$0.trial] }
    var generator = seed.generator()
    guard let point = maximizer.best(from: elites, using: &generator) else { return 0 }
    let improvement = exp(score([point])[0] - model.warp.logSlope(best.cost))
    return improvement / max(abs(best.cost), .leastNormalMagnitude)
  }

  private mutating func models() -> StudyModels {
    var chosen: Set<Int> = []
    if points.count > Self.trialLimit {
      let order = feasible.sorted { ($0.cost, $0.trial) < ($1.cost, $1.trial) }
      chosen = Set(order.prefix(Self.trialLimit / 2).map(\.trial))
      var next = points.count - 1
      while chosen.count < Self.trialLimit, next >= 0 {
        chosen.insert(next)
        next -= 1
      }
    }
    let isChosen: (Int) -> Bool = { chosen.isEmpty || chosen.contains($0) }
    let labels = successes.filter { isChosen($0.trial) }
    let isMixed = labels.contains(where: \.isSuccess) && !labels.allSatisfy(\.isSuccess)
    var models = StudyModels(features: features, cost: cost.model(using: isChosen))
    if isMixed {
      models.success = FailureForest(
        features, points: labels.map { points[$0.trial] }, labels: labels.map(\.isSuccess))
    }
    for (place, limit) in problem.limits.enumerated() {
      if let model = limits[place].model(using: isChosen) { models.limits.append((limit, model)) }
    }
    return models
  }

  /// The cost that is warped to a number, by bisection between ten ranges below and above what was measured.
  private func unwarped(_ number: Double, by model: HeadModel) -> Double {
    let values = cost.values
    // Warps hold values within the same bounds.
    guard let smallest = values.min().map({ max($0, -1e150) }),
      let largest = values.max().map({ min($0, 1e150) })
    else { return .nan }
    let range = max(largest - smallest, abs(largest) * 1e-6, .leastNormalMagnitude)
    var low = smallest > 0 ? smallest * 1e-3 : smallest - 10 * range
    var high = largest + 10 * range
    for _ in 0..<100 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if model.warped(middle) < number { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}

/// The models of a study as of some trial.
private struct StudyModels {
  let features: DesignFeatures
  /// `nil` while fewer than two designs are measured.
  let cost: HeadModel?
  var limits: [(limit: MetricLimit, model: HeadModel)] = []
  /// `nil` while no design failed for a hidden reason, or none succeeded.
  var success: FailureForest?

  /// The logarithm of the probability that a design is feasible.
  func logFeasibility(of points: [Point], at rows: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: points.count)
    for (limit, model) in limits {
      let prediction = model.process.prediction(at: rows)
      result.addLogProbability(
        mean: prediction.mean, variance: prediction.variance, keeping: model.warped(limit.bound),
        sign: limit.side == .atMost ? 1 : -1)
    }
    if let success { result.addLogProbabilities(success.probabilities(at: points)) }
    return result
  }

  /// The logarithm of the expected improvement on a warped cost, in warped units, times the probability above.
  func logImprovements(of points: [Point], on best: Double) -> [Double] {
    guard !points.isEmpty, let cost else { return [] }
    let rows = features.matrix(points)
    let prediction = cost.process.prediction(at: rows)
    return logFeasibility(of: points, at: rows).enumerated().map { index, feasibility in
      feasibility
        + AcquisitionFunction.logExpectedImprovement.logValue(
          mean: prediction.mean[index], deviation: prediction.variance[index].squareRoot(),
          best: best)
    }
  }
}
