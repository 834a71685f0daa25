public import DesignSpace
public import Execution
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
/// With two or three objectives the expected gain in hypervolume takes the place of improvement; of more objectives the
/// first three steer. What is suggested depends on the trials told, the outstanding designs, the seed
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
    /// How designs beside outstanding ones are chosen.
    ///
    /// Default: `believer`.
    public var batchRule = BatchRule.believer
    /// Whether a process over all studies, with a kernel of designs times one of studies, is among the models that sources of other
    /// workloads may give.
    ///
    /// Default: `false`; it is not shown to be better than trends, and costs a fit to up to 150 rows for every quantity.
    public var sharesProcesses = false

    /// Creates options with their defaults.
    public init() {}
  }

  /// How a design is chosen while others are outstanding.
  public enum BatchRule: Hashable, Sendable {
    /// As if the outstanding ones had been measured with the values expected of them.
    case believer
    /// The one of which least is known among those that may be the best, given the outstanding ones (UCB-PE).
    case pureExploration
  }

  /// What the models of a suggestion see.
  private enum View: Hashable {
    /// All trials, or those chosen of many.
    case whole
    /// Costs of the best third alone.
    case bestThird
    /// Trials with the categories of the best alone, whose other parameters are moved.
    case region
    /// The same, looking for what is not known rather than for what is expected to be good.
    case unknown
    /// All trials; only the categories of the best design are changed.
    case categories
  }

  /// The name in the origin of trials.
  public let name = "bayesian"
  private let problem: Problem
  var options: Options
  private let sequence: HaltonSequence
  private var ledger: SuggestionLedger
  private var record: DesignRecord
  private let sources: SourceModels?
  /// The best designs of other workloads that are still to be tried.
  private var elites: [Point]
  /// Suggestions by models of which the cost could have followed a trend of other workloads, and of which it did.
  public private(set) var transferCounts = (offered: 0, used: 0)
  /// Suggestions by models of which the cost could have followed the cheap model, and of which it did.
  public private(set) var cheapCounts = (offered: 0, used: 0)
  private let cheap: CheapReader?

  /// Creates a designer.
  ///
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - options: Its settings.
  ///   - transfer: Earlier studies; trials of the same workload are learned from as if they were told, of others the best designs
  ///     are tried first, and their models are trends that are followed where they predict the trials of this study better.
  ///   - cheap: A cheap model of the problem: every other one of the first designs is the best one by it, and models learn what it is
  ///     off by where that predicts the trials better; what it takes for infeasible is a column of the forest.
  ///   - seed: Scrambles the first designs.
  public init(
    _ problem: Problem, options: Options = Options(),
    transfer: TransferredStudies = TransferredStudies([]), cheap: CheapModel? = nil,
    seed: Seed = Seed(0)
  ) {
    precondition(options.trialLimit >= 50, "models are conditioned on at least 50 trials")
    precondition((options.initialCount ?? 1) >= 1, "a search begins with a design")
    self.problem = problem
    self.options = options
    ledger = SuggestionLedger(problem.space)
    let reader = cheap.map { CheapReader(model: $0, problem: problem) }
    self.cheap = reader
    var record = DesignRecord(problem, cheap: reader)
    for source in transfer.sources(ofSameWorkload: true, in: problem.space) {
      ledger.settle(source.trials)
      record.observe(source.trials)
    }
    self.record = record
    let others = transfer.sources(ofSameWorkload: false, in: problem.space)
    sources = others.isEmpty ? nil : SourceModels(others, of: problem, features: transfer.features)
    elites = TransferredStudies(others).elites(for: problem)
    sequence = HaltonSequence(
      dimension: problem.space.parameters.count, scrambledBy: seed.child("halton"))
  }

  /// Proposes evenly spread designs at first, then those that the models find most promising.
  ///
  /// - Complexity: about 2,000 to 10,000 predictions of every model, O(*n*^2) each for *n* trials.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var result: [Point] = []
    var models: [View: DesignModels] = [:]
    var explorations: [View: PureExploration] = [:]
    var chosen: (isChosen: [Bool]?, forest: FailureForest?)?
    while result.count < count {
      let asked = record.count + ledger.outstandingOrder.count
      var point: Point?
      if let elite = nextElite() {
        point = elite
      } else if asked < initialCount {
        if asked % 2 == 0 { point = cheapDesign(using: &generator) }
        point = point ?? spreadDesign(asked + 1)
      } else if record.count >= 2 {
        if chosen == nil {
          let isChosen = record.chosenTrials(atMost: options.trialLimit, using: &generator)
          chosen = (isChosen, record.failureForest({ isChosen?[$0] ?? true }, sources))
        }
        for view in [view(asked), .whole] where point == nil {
          let source = view == .categories ? .whole : view == .unknown ? .region : view
          if models[source] == nil {
            models[source] = makeModels(source, chosen?.isChosen, chosen?.forest)
            if options.batchRule == .pureExploration {
              explorations[source] = models[source].flatMap { exploration(of: $0) }
            }
          }
          models[source]?.believe(at: ledger.outstandingOrder)
          if !ledger.outstandingOrder.isEmpty {
            models[source]?.exploration = explorations[source]
          }
          point = models[source].flatMap { promisingDesign(by: $0, view, using: &generator) }
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

  private mutating func nextElite() -> Point? {
    while !elites.isEmpty {
      let point = elites.removeFirst()
      if isOffered(point) { return point }
    }
    return nil
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

  /// The design that the cheap model finds best among those it can tell from the outstanding and known ones.
  private func cheapDesign(using generator: inout SeededGenerator) -> Point? {
    guard let cheap else { return nil }
    let asked = Set(cheap.model.answers(record.points + ledger.outstandingOrder))
    let maximizer = AcquisitionMaximizer(
      space: problem.space, options: AcquisitionMaximizer.Options(),
      isFresh: isOffered,
      score: { points, _ in
        let answers = cheap.model.answers(points)
        return zip(cheap.promises(of: points), answers).map { asked.contains($1) ? -1e10 : $0 }
      })
    return maximizer.best(from: [], using: &generator)
  }

  private func isOffered(_ point: Point) -> Bool {
    ledger.isFresh(point) && !record.failedDesigns.contains(point)
  }

  // MARK: Models

  /// Trials without a better design after which every other suggestion is made by a model of the best designs alone.
  private static let patience = 5

  /// Trials after which the categories of the best are looked at closely.
  private static let categoricalPatience = 10
  /// Trials in the region of the best without a gain after which other regions get their turn.
  private static let regionalPatience = 12

  /// What the next suggestion sees.
  ///
  /// What is far worse than the best bends warp and length scales away from what matters near it. On accelerator problems
  /// a model of the best third gave fewer failures and better designs every other time than the whole model alone. With
  /// categories it forgets which of them are bad. Where there are real parameters, too, two of three suggestions change the
  /// categories of the best alone until no better ones were found for a while, and then, by a model of the best categories
  /// alone, the other parameters, whose effects drown in those of the categories.
  private func view(_ asked: Int) -> View {
    guard problem.objectives.count == 1, !record.feasible.isEmpty else { return .whole }
    guard record.features.hasCategories else {
      let isStalled = record.count - record.lastGain >= Self.patience
      return isStalled && asked % 2 == 1 ? .bestThird : .whole
    }
    guard hasRealParameters else { return .whole }
    guard asked % 3 != 0, let anchor else { return .whole }
    // A new region has to last a while before it is looked at closely: better categories may be near.
    let entered = record.points.firstIndex { isInRegion($0, anchor) } ?? 0
    guard record.count - entered >= Self.categoricalPatience else { return .categories }
    let since = (record.lastGain..<record.count).count {
      isInRegion(record.points[$0], anchor)
    }
    guard since < Self.regionalPatience else { return .categories }
    return since % 3 != 2 ? .region : .unknown
  }

  /// Whether some parameter has no grid, on which a search by coordinates would find the best neighbors by itself.
  private var hasRealParameters: Bool {
    problem.space.parameters.contains { $0.valueCount == nil }
  }

  private func isInRegion(_ point: Point, _ anchor: (parameters: [Int], point: Point)) -> Bool {
    anchor.parameters.allSatisfy { point.coordinates[$0] == anchor.point.coordinates[$0] }
  }

  private mutating func makeModels(
    _ view: View, _ chosen: [Bool]?, _ forest: FailureForest?
  ) -> DesignModels? {
    let isChosen: (Int) -> Bool = { chosen?[$0] ?? true }
    var costs: [HeadModel] = []
    switch view {
    case .whole, .categories:
      for index in record.costs.indices.prefix(HypervolumeImprovement.largestObjectiveCount) {
        let told = sources?.costs[index] ?? .empty
        guard
          let model = record.costs[index].model(
            using: isChosen, fromSources: told, sharing: options.sharesProcesses)
        else { continue }
        costs.append(model)
        if index == 0, cheap != nil {
          cheapCounts.offered += 1
          if model.cheap != nil { cheapCounts.used += 1 }
        }
        guard index == 0, !told.processes.isEmpty else { continue }
        transferCounts.offered += 1
        if model.trend != nil || model.context != nil { transferCounts.used += 1 }
      }
    case .bestThird:
      let head = record.costs[0]
      let count = max(10, 2 * problem.space.parameters.count, head.count / 3)
      costs = head.lowestModel(count: count).map { [$0] } ?? []
    case .region, .unknown:
      guard let anchor else { return nil }
      let model = record.costs[0].regionalModel { isInRegion(record.points[$0], anchor) }
      costs = model.map { [$0] } ?? []
    }
    guard view == .whole || !costs.isEmpty else { return nil }
    var models = DesignModels(
      features: record.features, acquisition: options.acquisition, costs: costs,
      target: target(costs), limits: [], success: forest)
    models.cheap = cheap
    for (place, limit) in problem.limits.enumerated() {
      let told = sources?.limits[place] ?? .empty
      guard
        let model = record.limits[place].model(
          using: isChosen, fromSources: told, sharing: options.sharesProcesses)
      else { continue }
      models.limits.append(
        DesignModels.Limit(
          place: place, model: model, bound: model.warped(limit.bound),
          sign: limit.side == .atMost ? 1 : -1))
    }
    return models
  }

  private func exploration(of models: DesignModels) -> PureExploration? {
    guard case .best? = models.target, let model = models.costs.first else { return nil }
    let points = record.feasible.map { record.points[$0.trial] }
    let readings = cheap?.readings(of: points).costs[0]
    return PureExploration(model, at: record.features.matrix(points), readings)
  }

  /// What is to be improved on: the best cost, or the front of several.
  private func target(_ costs: [HeadModel]) -> DesignModels.Target? {
    guard !costs.isEmpty, let best = record.front.first else { return nil }
    if costs.count == 1 { return .best(costs[0].warped(best.costs[0])) }
    let front = record.front.map { entry in costs.indices.map { costs[$0].warped(entry.costs[$0]) }
    }
    return .front(
      HypervolumeImprovement(
        front: front, reference: HypervolumeImprovement.reference(for: front)))
  }

  /// The best design and its parameters without an order, if others can be moved.
  private var anchor: (parameters: [Int], point: Point)? {
    let space = problem.space
    guard let best = record.front.first else { return nil }
    let point = record.points[best.trial]
    let movable = space.parameters.indices.filter {
      point.isActive($0) && space.parameters[$0].valueCount != 1
    }
    let held = space.parameters.indices.filter {
      if case .categories = space.parameters[$0].domain { true } else { false }
    }
    return movable.allSatisfy(held.contains) ? nil : (held, point)
  }

  private func promisingDesign(
    by models: DesignModels, _ view: View, using generator: inout SeededGenerator
  ) -> Point? {
    var drawing: SeededGenerator?
    var search = AcquisitionMaximizer.Options()
    if case .thompsonSampling = options.acquisition {
      drawing = Seed(generator.next()).generator()
      // One joint draw over all candidates: there is no function to climb.
      search.sweepLimit = 0
      search.pairCount = 0
    }
    let anchor = anchor
    var models = models
    if view == .unknown { models.acquisition = .lowerConfidenceBound(weight: 1_000) }
    var held: (parameters: [Int], anchor: Point)?
    if let anchor {
      switch view {
      case .whole, .bestThird: break
      case .region, .unknown: held = (anchor.parameters, anchor.point)
      case .categories:
        let others = problem.space.parameters.indices.filter { !anchor.parameters.contains($0) }
        held = (others, anchor.point)
      }
    }
    let maximizer = AcquisitionMaximizer(
      space: problem.space, options: search, held: held,
      isFresh: isOffered,
      score: { [drawing, models] in
        var drawing = drawing
        return models.scores(of: $0, $1, drawingFrom: &drawing)
      })
    return maximizer.best(from: promising(by: models), using: &generator)
  }

  /// The best feasible designs; those most likely feasible while there are none.
  private func promising(by models: DesignModels) -> [Point] {
    if !record.feasible.isEmpty { return record.bestTrials(10).map { record.points[$0] } }
    let indices = Array(record.points.indices.suffix(500))
    let points = indices.map { record.points[$0] }
    let likelihood = models.logFeasibility(of: points, at: record.features.matrix(points))
    return indices.indices.sorted { (likelihood[$1], $0) < (likelihood[$0], $1) }.prefix(10)
      .map { points[$0] }
  }
}
