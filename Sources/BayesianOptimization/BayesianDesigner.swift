public import DesignSpace
public import Execution
import GaussianProcesses
import Search
public import Study

/// Bayesian optimization: Gaussian processes of cost, limited metrics and hidden failures choose the next design.
///
/// - The cost is learned from every design that was measured, also from those over a limit; every limited metric from all
///   trials that tell it, also from those that failed; the probability of a hidden failure by a random forest from all trials. Known
///   constraints of the space are exact and never modeled.
/// - Costs and metrics are warped (`MetricWarp`), by the likelihood of the raw values; kernels are Matern-5/2 with a
///   length scale per parameter.
/// - The logarithm of expected improvement plus that of the probability of feasibility is maximized on designs of the
///   space; while nothing is feasible, the probability alone.
/// - Outstanding designs count as evaluated with the values expected of them, so batches and asynchronous answers need
///   nothing else.
///
/// The first objective steers the search. What is suggested depends on the trials told, the outstanding designs, the seed
/// and the generator, not on how the trials were told.
/// - SeeAlso: Gardner et al. 2014, "Bayesian Optimization with Inequality Constraints"; Ament et al. 2023, "Unexpected
///   Improvements to Expected Improvement"; Ginsbourger et al. 2010, "Kriging is well-suited to parallelize optimization".
public struct BayesianDesigner: Designer {
  /// The settings of the search.
  public struct Options: Hashable, Sendable {
    /// Evenly spread designs before the first model; `nil` is the number of parameters, at least 5 and at most 10.
    public var initialCount: Int?
    /// What is looked for.
    ///
    /// Default: `logExpectedImprovement`.
    public var acquisition = AcquisitionFunction.logExpectedImprovement
    /// Most trials that models are conditioned on, from 50: the best third, those nearest to the best, and some drawn.
    ///
    /// Default: 500; a suggestion costs the square of it.
    public var trialLimit = 500

    /// Creates options with their defaults.
    public init() {}
  }

  /// The name in the origin of trials.
  public let name = "bayesian"
  private let problem: Problem
  private let options: Options
  private let features: DesignFeatures
  private let sequence: HaltonSequence
  private var ledger: SuggestionLedger
  private var points: [Point] = []
  private var rows: [[Double]] = []
  private var cost: ModelHead
  private var limits: [ModelHead]
  private var successes: [(trial: Int, isSuccess: Bool)] = []
  /// Trials up to the last one that was better than all before.
  private var lastGain = 0
  private var feasible: [(trial: Int, cost: Double)] = []
  private var failedDesigns: Set<Point> = []

  /// Creates a designer.
  ///
  /// - Parameter seed: Scrambles the first designs.
  public init(_ problem: Problem, options: Options = Options(), seed: Seed = Seed(0)) {
    precondition(options.trialLimit >= 50, "models are conditioned on at least 50 trials")
    precondition((options.initialCount ?? 1) >= 1, "a search begins with a design")
    self.problem = problem
    self.options = options
    let features = DesignFeatures(problem.space)
    self.features = features
    ledger = SuggestionLedger(problem.space)
    sequence = HaltonSequence(
      dimension: problem.space.parameters.count, scrambledBy: seed.child("halton"))
    // The linear part gives categories effects of their own: an unseen one is judged by the others' values.
    let kernel = Kernel(
      design: Kernel.Block(groups: features.groups), hasLinear: features.hasCategories)
    cost = ModelHead(.cost, kernel: kernel)
    limits = problem.limits.map { ModelHead(.limited(bound: $0.bound), kernel: kernel) }
  }

  /// Proposes evenly spread designs at first, then those that the models find most promising.
  ///
  /// - Complexity: about 2,000 to 10,000 predictions of every model, O(*n*^2) each for *n* trials.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var result: [Point] = []
    var models: DesignModels?
    while result.count < count {
      let askedCount = points.count + ledger.outstandingOrder.count
      let point: Point?
      if askedCount < initialCount {
        point = spreadDesign(askedCount + 1)
      } else {
        if models == nil { models = makeModels(using: &generator) }
        point = models.flatMap { promisingDesign(by: $0, using: &generator) }
      }
      guard let design = try point ?? ledger.freshDesign(using: &generator) else { break }
      ledger.suggest(design)
      models?.believe(at: design)
      result.append(design)
    }
    return result
  }

  /// Learns from all trials but failed ones.
  public mutating func observe(_ trials: [Trial]) {
    ledger.settle(trials)
    for trial in trials {
      let outcome = problem.judging(trial.outcome)
      if case .failed = outcome {
        failedDesigns.insert(trial.point)
        continue
      }
      failedDesigns.remove(trial.point)
      learn(trial.point, outcome)
    }
  }

  private mutating func learn(_ point: Point, _ outcome: Outcome) {
    let index = points.count
    let row = features.row(point)
    points.append(point)
    rows.append(row)
    let values: [Double?]
    switch outcome {
    case .measured(let measured):
      values = measured
      if let cost = problem.cost(of: outcome) {
        if feasible.allSatisfy({ cost < $0.cost }) { lastGain = points.count }
        feasible.append((index, cost))
      }
      successes.append((index, true))
    case .infeasible(let infeasibility):
      values = infeasibility.values
      switch infeasibility.reason {
      case .hidden:
        successes.append((index, false))
      case .limit: successes.append((index, true))
      case .constraint: break
      }
    case .failed: return
    }
    func value(of metric: String) -> Double? {
      guard let place = problem.index(ofMetric: metric), place < values.count,
        let value = values[place], value.isFinite
      else { return nil }
      return value
    }
    let objective = problem.objectives[0]
    if let value = value(of: objective.metric) {
      cost.add(row: row, value: objective.cost(of: value), trial: index)
    }
    for (place, limit) in problem.limits.enumerated() {
      if let value = value(of: limit.metric) {
        limits[place].add(row: row, value: value, trial: index)
      }
    }
  }

  private var initialCount: Int {
    options.initialCount ?? min(10, max(5, problem.space.parameters.count))
  }

  private func spreadDesign(_ number: Int) -> Point? {
    let sampler = problem.space.sampler
    for attempt in 0..<20 {
      // Every number has attempts of its own, so that a design depends on nothing but its number.
      if let point = sampler.point(atQuantiles: sequence.point(number + attempt * initialCount)),
        isOffered(point)
      {
        return point
      }
    }
    return nil
  }

  private func isOffered(_ point: Point) -> Bool {
    ledger.isFresh(point) && !failedDesigns.contains(point)
  }

  private mutating func makeModels(using generator: inout SeededGenerator) -> DesignModels? {
    guard points.count >= 2 else { return nil }
    let chosen = chosenTrials(using: &generator)
    let isChosen: (Int) -> Bool = { chosen?[$0] ?? true }
    let costModel = makeLocalCost() ?? cost.model(using: isChosen)
    let best = feasible.map(\.cost).min()
    var models = DesignModels(
      features: features, acquisition: options.acquisition, cost: costModel,
      best: best.flatMap { best in costModel.map { $0.warped(best) } }, limits: [],
      success: makeFailureForest(isChosen))
    for (place, limit) in problem.limits.enumerated() {
      guard let model = limits[place].model(using: isChosen) else { continue }
      models.limits.append(
        DesignModels.Limit(
          model: model, bound: model.warped(limit.bound), sign: limit.side == .atMost ? 1 : -1))
    }
    for point in ledger.outstandingOrder.suffix(200) { models.believe(at: point) }
    return models
  }

  /// Trials without a better design after which every other suggestion is made by a model of the best designs alone.
  private static let patience = 5

  /// The cost as a model of the best third alone sees it, every other time the search has stalled; `nil` otherwise.
  ///
  /// What is far worse than the best bends warp and length scales away from what matters near it. On accelerator problems
  /// this gave fewer failures and better designs than the whole model alone; with categories it did not, since a model
  /// of the best forgets which categories are bad.
  private func makeLocalCost() -> HeadModel? {
    let asked = points.count + ledger.outstandingOrder.count
    guard !features.hasCategories, !feasible.isEmpty, asked % 2 == 1,
      points.count - lastGain >= Self.patience
    else { return nil }
    return cost.lowestModel(
      count: max(10, 2 * problem.space.parameters.count, cost.count / 3))
  }

  private func makeFailureForest(_ isChosen: (Int) -> Bool) -> FailureForest? {
    let known = successes.filter { isChosen($0.trial) }
    guard known.contains(where: \.isSuccess), !known.allSatisfy(\.isSuccess) else { return nil }
    return FailureForest(
      features, points: known.map { points[$0.trial] }, labels: known.map(\.isSuccess))
  }

  private func promisingDesign(by models: DesignModels, using generator: inout SeededGenerator)
    -> Point?
  {
    var drawing: SeededGenerator?
    var search = AcquisitionMaximizer.Options()
    if case .thompsonSampling = options.acquisition {
      drawing = Seed(generator.next()).generator()
      // One joint draw over all candidates: there is no function to climb.
      search.sweepLimit = 0
      search.pairCount = 0
    }
    let elites = elites(by: models)
    let maximizer = AcquisitionMaximizer(
      space: problem.space, options: search, isFresh: isOffered,
      score: { [drawing] in
        var drawing = drawing
        return models.scores(of: $0, drawingFrom: &drawing)
      })
    return maximizer.best(from: elites, using: &generator)
  }

  /// The best feasible designs; those most likely feasible while there are none.
  private func elites(by models: DesignModels) -> [Point] {
    if !feasible.isEmpty {
      return feasible.sorted { ($0.cost, $0.trial) < ($1.cost, $1.trial) }.prefix(10)
        .map { points[$0.trial] }
    }
    let indices = Array(points.indices.suffix(500))
    let matrix = features.matrix(indices.map { points[$0] })
    let likelihood = models.logFeasibility(of: indices.map { points[$0] }, at: matrix)
    return indices.indices.sorted { (likelihood[$1], $0) < (likelihood[$0], $1) }.prefix(10)
      .map { points[indices[$0]] }
  }

  /// Which trials the models see; `nil` for all.
  private func chosenTrials(using generator: inout SeededGenerator) -> [Bool]? {
    let limit = options.trialLimit
    guard points.count > limit else { return nil }
    var isChosen = [Bool](repeating: false, count: points.count)
    var left = limit
    func take(_ index: Int, downTo rest: Int) {
      if left > rest, !isChosen[index] {
        isChosen[index] = true
        left -= 1
      }
    }
    let best = feasible.sorted { ($0.cost, $0.trial) < ($1.cost, $1.trial) }
    for entry in best { take(entry.trial, downTo: limit * 2 / 3) }
    let center = rows[best.first?.trial ?? points.count - 1]
    let distances = rows.map { row in
      zip(row, center).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    for index in points.indices.sorted(by: { (distances[$0], $0) < (distances[$1], $1) }) {
      take(index, downTo: limit / 3)
    }
    var others = points.indices.filter { !isChosen[$0] }
    while left > 0, !others.isEmpty {
      let place = generator.index(below: others.count)
      take(others[place], downTo: 0)
      others.swapAt(place, others.count - 1)
      others.removeLast()
    }
    return isChosen
  }
}
