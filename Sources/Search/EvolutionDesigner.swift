public import DesignSpace
public import Execution
public import Study

/// Regularized evolution: tournaments among the youngest measured designs, mutation of the winner, death by age.
///
/// Differs from the paper: infeasible designs never join the population; with a chance the winner is first crossed with
/// that of a second tournament; a mutation that is illegal or known is drawn again, then repaired, then replaced by a
/// uniform design.
/// - SeeAlso: Real, Aggarwal, Huang, Le 2019, "Regularized evolution for image classifier architecture search",
///   algorithm 1; used for accelerators by Yazdanbakhsh et al. 2021, "Apollo", arXiv 2102.01723.
public struct EvolutionDesigner: Designer {
  /// The settings of the evolution.
  public struct Options: Hashable, Sendable {
    /// Designs that live at a time, from 2.
    ///
    /// Default: 25; the paper has 100 for 20,000 evaluations, studies here have hundreds.
    public var populationCount = 25
    /// Designs of a tournament, from 1; drawn with replacement.
    ///
    /// Default: 8, about the paper's ratio of a quarter of the population.
    public var tournamentCount = 8
    /// Trials, of any outcome, before the first tournament.
    ///
    /// Default: 15, uniform designs.
    public var initialCount = 15
    /// Chance of a crossover before the mutation, in `[0, 1]`.
    ///
    /// Default: 0.2.
    public var crossoverShare = 0.2

    /// Creates options with their defaults.
    public init() {}
  }

  /// The name in the origin of trials.
  public let name = "evolution"
  private let problem: Problem
  var options: Options
  private var ledger: SuggestionLedger
  private var population: [(point: Point, cost: Double)] = []
  private var seenCount = 0
  private var askedCount = 0

  /// Creates a designer.
  public init(_ problem: Problem, options: Options = Options()) {
    precondition(options.populationCount >= 2, "a population has at least two designs")
    precondition(options.tournamentCount >= 1, "a tournament has at least one design")
    self.problem = problem
    self.options = options
    ledger = SuggestionLedger(problem.space)
  }

  /// Proposes mutations of winners; uniform designs at first, and while nothing is feasible.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var points: [Point] = []
    while points.count < count {
      let isInitial =
        max(seenCount, askedCount) < options.initialCount || population.isEmpty
      let child = isInitial ? nil : child(using: &generator)
      guard let point = try child ?? ledger.freshDesign(using: &generator) else { break }
      ledger.suggest(point)
      points.append(point)
      askedCount += 1
    }
    return points
  }

  /// Lets measured designs join the population, the oldest leave.
  public mutating func observe(_ trials: [Trial]) {
    ledger.settle(trials)
    for trial in trials {
      let outcome = problem.judging(trial.outcome)
      if case .failed = outcome { continue }
      seenCount += 1
      if let cost = problem.cost(of: outcome) { population.append((trial.point, cost)) }
    }
    if population.count > options.populationCount {
      population.removeFirst(population.count - options.populationCount)
    }
  }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) { points.forEach { ledger.suggest($0) } }

  private func child(using generator: inout SeededGenerator) -> Point? {
    let space = problem.space
    for attempt in 0..<30 {
      var parent = winner(using: &generator)
      if generator.unitInterval() < options.crossoverShare {
        let crossed = space.crossed(parent, winner(using: &generator), using: &generator)
        if space.isLegal(crossed) { parent = crossed }
      }
      // One change at first; more when everything around the winners is known.
      var point: Point? = parent
      for _ in 0...(attempt / 10) {
        point = point.flatMap { space.mutated($0, using: &generator) }
      }
      if let point, ledger.isFresh(point) { return point }
    }
    // Where no single change is legal: change two and go to the nearest legal design.
    for _ in 0..<3 {
      let other = try? space.sampler.sample(using: &generator)
      let parent = winner(using: &generator)
      guard let other else { return nil }
      let crossed = space.crossed(
        parent, space.crossed(parent, other, using: &generator), using: &generator)
      if let point = space.repaired(crossed), ledger.isFresh(point) { return point }
    }
    return nil
  }

  private func winner(using generator: inout SeededGenerator) -> Point {
    var best = generator.index(below: population.count)
    for _ in 1..<max(1, options.tournamentCount) {
      let other = generator.index(below: population.count)
      if population[other].cost < population[best].cost { best = other }
    }
    return population[best].point
  }
}
