public import DesignSpace
public import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Search
public import Study

/// Model-based optimization: an ensemble of cross-validated regressors chooses the next design, found by evolution.
///
/// Ridge regression, a random forest, boosted trees and a Gaussian process are fitted to the cost and to every metric with
/// a limit; those that predict held-out trials well enough are averaged. Which ones that are is decided anew after a tenth
/// more trials each time. Expected improvement by the ensemble times the probability of feasibility is maximized by evolution on
/// designs of the space; while nothing is feasible, the probability alone.
///
/// Designs near outstanding ones are worth less, so that batches spread. The first objective steers the search.
///
/// Differs from the paper: infeasible trials are not given the worst reward; their measured metrics have models of their own
/// and hidden failures a forest, as in `BayesianDesigner`.
/// - SeeAlso: Yazdanbakhsh et al. 2021, "Apollo: Transferable Architecture Exploration", arXiv 2102.01723 (MBO; recalled).
public struct ModelBasedDesigner: Designer {
  /// The settings of the search.
  public struct Options: Hashable, Sendable {
    /// Evenly spread designs before the first model; `nil` is the number of parameters, at least 5 and at most 10.
    public var initialCount: Int?
    /// Share of the variance of held-out trials that a regressor must explain to be a member, at most 1.
    ///
    /// Default: 0.5.
    public var scoreThreshold = 0.5
    /// Most trials that models are fitted to, from 50: the best third, those nearest to the best, and some drawn.
    ///
    /// Default: 500.
    public var trialLimit = 500

    /// Creates options with their defaults.
    public init() {}
  }

  /// Which kinds were chosen at a number of observations.
  private struct Selection: Sendable {
    var count: Int
    var warp: MetricWarp
    var kinds: [RegressorFamily.Kind]
  }

  /// The name in the origin of trials.
  public let name = "model-based"
  private let problem: Problem
  var options: Options
  private let sequence: HaltonSequence
  private var ledger: SuggestionLedger
  private var record: DesignRecord
  private var selections: [Int: Selection] = [:]

  /// Creates a designer.
  ///
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - options: Its settings.
  ///   - seed: Scrambles the first designs.
  public init(_ problem: Problem, options: Options = Options(), seed: Seed = Seed(0)) {
    precondition(options.trialLimit >= 50, "models are fitted to at least 50 trials")
    precondition((options.initialCount ?? 1) >= 1, "a search begins with a design")
    precondition(options.scoreThreshold <= 1, "no regressor explains more than everything")
    self.problem = problem
    self.options = options
    ledger = SuggestionLedger(problem.space)
    record = DesignRecord(problem)
    sequence = HaltonSequence(
      dimension: problem.space.parameters.count, scrambledBy: seed.child("halton"))
  }

  /// Proposes evenly spread designs at first, then those that the ensemble finds most promising.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var result: [Point] = []
    var models: EnsembleModels?
    while result.count < count {
      let asked = record.count + ledger.outstandingOrder.count
      var point: Point?
      if asked < initialCount {
        point = spreadDesign(asked + 1)
      } else if record.count >= 2 {
        if models == nil { models = makeModels(using: &generator) }
        models?.outstanding = ledger.outstandingOrder.suffix(200).map { record.features.row($0) }
        if let models {
          let search = AcquisitionEvolution(
            space: problem.space, isFresh: isOffered, score: models.scores)
          point = search.best(from: elites(by: models), using: &generator)
        }
      }
      guard let design = try point ?? ledger.freshDesign(using: &generator) else { break }
      ledger.suggest(design)
      result.append(design)
    }
    return result
  }

  /// Learns from all trials but failed ones.
  public mutating func observe(_ trials: [Trial]) {
    ledger.settle(trials)
    record.observe(trials)
  }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) { points.forEach { ledger.suggest($0) } }

  private var initialCount: Int {
    options.initialCount ?? min(10, max(5, problem.space.parameters.count))
  }

  private func spreadDesign(_ number: Int) -> Point? {
    for attempt in 0..<20 {
      let quantiles = sequence.point(number + attempt * initialCount)
      if let point = problem.space.sampler.point(atQuantiles: quantiles), isOffered(point) {
        return point
      }
    }
    return nil
  }

  private func isOffered(_ point: Point) -> Bool {
    ledger.isFresh(point) && !record.failedDesigns.contains(point)
  }

  private func elites(by models: EnsembleModels) -> [Point] {
    if !record.feasible.isEmpty { return record.bestTrials(20).map { record.points[$0] } }
    let points = Array(record.points.suffix(200))
    let likelihood = models.logFeasibility(of: points, at: record.features.matrix(points))
    return points.indices.sorted { (likelihood[$1], $0) < (likelihood[$0], $1) }.prefix(20)
      .map { points[$0] }
  }

  private mutating func makeModels(using generator: inout SeededGenerator) -> EnsembleModels {
    let chosen = record.chosenTrials(atMost: options.trialLimit, using: &generator)
    let isChosen: (Int) -> Bool = { chosen?[$0] ?? true }
    var models = EnsembleModels(
      features: record.features, success: record.failureForest(isChosen))
    if let (family, warp) = family(record.costs[0], 0, isChosen) {
      models.cost = family
      models.best = record.front.first.map { warp.warped($0.costs[0]) }
    }
    for (place, limit) in problem.limits.enumerated() {
      guard let (family, warp) = family(record.limits[place], place + 1, isChosen) else { continue }
      models.limits.append(
        EnsembleModels.Limit(
          family: family, bound: warp.warped(limit.bound), sign: limit.side == .atMost ? 1 : -1))
    }
    return models
  }

  /// The ensemble of a head, its members those chosen at the last count of the refit schedule.
  private mutating func family(
    _ head: ModelHead, _ key: Int, _ isChosen: (Int) -> Bool
  ) -> (RegressorFamily, MetricWarp)? {
    guard head.count >= 2 else { return nil }
    let count = RefitSchedule.checkpoints(for: head.count).last ?? head.count
    if selections[key]?.count != count {
      let warp = head.plainWarp(count)
      let data = head.table(warp, limit: 250) { _ in true }
      let first = data.trials.prefix { $0 <= head.trials[count - 1] }.count
      let family = RegressorFamily(
        points: data.points.rows(0..<first), targets: Array(data.targets.prefix(first)),
        kernel: head.kernel, threshold: options.scoreThreshold, seed: Seed(0).child("family", key))
      selections[key] = Selection(
        count: count, warp: warp, kinds: family?.kinds ?? [.process])
    }
    guard let selection = selections[key] else { return nil }
    let data = head.table(selection.warp, limit: options.trialLimit, isChosen)
    return RegressorFamily(
      points: data.points, targets: data.targets, kernel: head.kernel, threshold: -.infinity,
      kinds: selection.kinds, seed: Seed(0).child("family", key)
    ).map { ($0, selection.warp) }
  }
}

/// What the ensembles say of designs.
private struct EnsembleModels {
  struct Limit {
    var family: RegressorFamily
    var bound: Double
    /// 1 where smaller is feasible, -1 where larger is.
    var sign: Double
  }

  let features: DesignFeatures
  var cost: RegressorFamily?
  var best: Double?
  var limits: [Limit] = []
  var success: FailureForest?
  /// Features of outstanding designs.
  var outstanding: [[Double]] = []

  init(features: DesignFeatures, success: FailureForest?) {
    self.features = features
    self.success = success
  }

  /// Distance of features, over all columns, within which a design is worth less than one far from all outstanding ones.
  static let repulsion = 0.3

  func scores(of points: [Point]) -> [Double] {
    guard !points.isEmpty else { return [] }
    let rows = features.matrix(points)
    var scores = logFeasibility(of: points, at: rows)
    if let cost, let best {
      let prediction = cost.prediction(at: rows)
      for index in scores.indices {
        scores[index] += AcquisitionFunction.logExpectedImprovement.logValue(
          mean: prediction.mean[index], deviation: prediction.variance[index].squareRoot(),
          best: best)
      }
    }
    guard !outstanding.isEmpty else { return scores }
    for index in scores.indices {
      let row = rows.row(index)
      let nearest = outstanding.reduce(Double.infinity) { nearest, other in
        min(nearest, zip(row, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
      }
      scores[index] += log(max(1e-12, -expm1(-nearest / (Self.repulsion * Self.repulsion))))
    }
    return scores
  }

  func logFeasibility(of points: [Point], at rows: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: points.count)
    for limit in limits {
      let prediction = limit.family.prediction(at: rows)
      result.addLogProbability(
        mean: prediction.mean, variance: prediction.variance, keeping: limit.bound,
        sign: limit.sign)
    }
    if let success { result.addLogProbabilities(success.probabilities(at: points)) }
    return result
  }
}
