import DesignSpace
import Execution
import Search
import Study
import TestSupport
import Testing

@testable import BayesianOptimization

private func makeProblem(_ space: SearchSpace, limits: [MetricLimit] = []) throws -> Problem {
  try Problem(
    name: "law", space: space, metrics: [Metric("value"), Metric("area")],
    objectives: [Objective(.minimize, "value")], limits: limits)
}

private func makeTrial(_ id: Int, _ point: Point, _ outcome: Outcome) -> Trial {
  Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: "test"))
}

@Suite struct BayesianDesignerTests {
  /// An outcome that depends on the design alone; some are infeasible or failed.
  private func outcome(_ point: Point, _ problem: Problem) -> Outcome {
    let sum = point.coordinates.filter(\.isFinite).reduce(0) { $0 * 1.7 + $1 }
    switch Int(sum.magnitude * 10) % 7 {
    case 0: return .infeasible(Infeasibility(.hidden(""), values: [nil, sum]))
    case 1: return .failed(EvaluationFailure(.timeout, "10 s"))
    default: return problem.outcome(values: [sum, sum * sum])
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func suggestionsAreLegalFreshAndReproducible(seed: UInt64) throws {
    var source = RandomSpaces(seed: 300 + seed)
    let space = try source.next(hasReals: seed % 2 == 0, constraintCount: seed % 4 == 0 ? 0 : 3)
    let problem = try makeProblem(space, limits: [MetricLimit("area", .atMost, 20)])
    var runs: [[Point]] = []
    for _ in 0..<2 {
      var designer = BayesianDesigner(problem, seed: Seed(seed))
      var points: [Point] = []
      var settled: Set<Point> = []
      var open: Set<Point> = []
      for round in 0..<7 {
        var generator = Seed(seed).child("round", round).generator()
        let count = round % 3 + 1
        let asked: [Point]
        do {
          asked = try designer.suggest(count: count, using: &generator)
        } catch DesignSpaceError.noLegalDesign { break }
        #expect(asked.count <= count)
        for point in asked {
          #expect(space.isLegal(point) && space.contains(point))
          #expect(!settled.contains(point) && open.insert(point).inserted)
        }
        if asked.count < count, let all = space.legalPoints(atMost: 50_000) {
          #expect(all.allSatisfy { settled.contains($0) || open.contains($0) })
        }
        points += asked
        // Every third round leaves its designs outstanding.
        guard round % 3 != 1 else { continue }
        let trials = open.sorted { "\($0)" < "\($1)" }.enumerated().map {
          makeTrial($0, $1, outcome($1, problem))
        }
        for trial in trials {
          if case .failed = trial.outcome { continue }
          settled.insert(trial.point)
        }
        open = []
        designer.observe(trials)
      }
      runs.append(points)
    }
    #expect(runs[0] == runs[1])
  }

  /// A stateless service tells the whole history each time it asks; the answers are those of one long session.
  @Test func historyToldAtOnceGivesTheSameSuggestion() throws {
    let classic = try ClassicProblem.constrained()
    var session = BayesianDesigner(classic.problem)
    var history: [Trial] = []
    for id in 0..<15 {
      var generator = Seed(1).child("request", id).generator()
      var late = generator
      let point = try #require(try session.suggest(count: 1, using: &generator).first)
      if id % 7 == 6 {
        var fresh = BayesianDesigner(classic.problem)
        fresh.observe(history)
        let again = try fresh.suggest(count: 1, using: &late)
        #expect(again == [point])
      }
      let trial = makeTrial(id, point, classic.evaluate(point))
      history.append(trial)
      session.observe([trial])
    }
  }

  @Test func badNewsIsSurvived() throws {
    let problem = try ClassicProblem.constrained().problem
    let news: [Outcome] = [
      .infeasible(Infeasibility(.hidden("no mapping"))), .measured([5]), .measured([.nan]),
      .failed(EvaluationFailure(.crash, "exit status 139")), .measured([-1e300]),
      .measured([.infinity]), .measured([1e300]),
      .infeasible(Infeasibility(.constraint("x"), values: [nil])),
    ]
    for outcome in news {
      var designer = BayesianDesigner(problem)
      var generator = Seed(2).generator()
      var seen: Set<Point> = []
      for round in 0..<3 {
        let points = try designer.suggest(count: 4, using: &generator)
        #expect(points.count == 4)
        for point in points {
          #expect(problem.space.isLegal(point) && seen.insert(point).inserted)
        }
        designer.observe(points.enumerated().map { makeTrial(round * 4 + $0, $1, outcome) })
      }
    }
  }

  @Test func contradictoryRepeatsAndMixedMagnitudesAreSurvived() throws {
    let problem = try ClassicProblem.constrained().problem
    var designer = BayesianDesigner(problem)
    var generator = Seed(3).generator()
    let points = try problem.space.sample(count: 20, using: &generator)
    designer.observe(points.enumerated().map { makeTrial($0, $1, .measured([Double($0)])) })
    designer.observe(points.enumerated().map { makeTrial($0, $1, .measured([-Double($0)])) })
    designer.observe([makeTrial(40, points[0], .measured([1e300]))])
    designer.observe([makeTrial(41, points[1], .measured([-1e300]))])
    designer.observe([])
    #expect(try designer.suggest(count: 5, using: &generator).count == 5)
    #expect(try designer.suggest(count: 0, using: &generator).isEmpty)
  }

  @Test func onePointSpacesEndAndEmptyOnesSaySo() throws {
    let one = try makeProblem(
      SearchSpace(
        parameters: [.integer("n", 1...9), .categories("c", ["a"])], constraints: ["n == 4"]))
    var designer = BayesianDesigner(one)
    var generator = Seed(4).generator()
    let points = try designer.suggest(count: 3, using: &generator)
    #expect(points.map { one.space.description(of: $0) } == ["n = 4, c = a"])
    #expect(try designer.suggest(count: 1, using: &generator).isEmpty)
    // A failure says nothing about the design: it may be asked for again.
    let failure = Outcome.failed(EvaluationFailure(.timeout, "10 s"))
    designer.observe([makeTrial(0, points[0], failure)])
    #expect(try designer.suggest(count: 1, using: &generator) == points)
    designer.observe([makeTrial(1, points[0], .measured([1, 1]))])
    #expect(try designer.suggest(count: 1, using: &generator).isEmpty)
    let none = try makeProblem(
      SearchSpace(parameters: [.integer("n", 1...9)], constraints: ["n > 9"]))
    var lost = BayesianDesigner(none)
    #expect(throws: DesignSpaceError.noLegalDesign(reason: "nothing fulfills \"n > 9\"")) {
      try lost.suggest(count: 1, using: &generator)
    }
  }

  @Test func smallSpacesAreSearchedCompletely() throws {
    let problem = try makeProblem(
      SearchSpace(
        parameters: [.integer("a", 1...5), .integer("b", 1...5), .boolean("c")],
        constraints: ["a divides b"]))
    let all = try #require(problem.space.legalPoints(atMost: 1_000))
    var designer = BayesianDesigner(problem)
    var generator = Seed(5).generator()
    var seen: Set<Point> = []
    while true {
      let points = try designer.suggest(count: 3, using: &generator)
      guard !points.isEmpty else { break }
      seen.formUnion(points)
      designer.observe(
        points.map { makeTrial(seen.count, $0, .measured([$0.coordinates[0], 1])) })
    }
    #expect(seen.count == all.count)
  }

  /// More trials than models are conditioned on; other acquisitions.
  @Test(arguments: [
    AcquisitionFunction.logExpectedImprovement, .lowerConfidenceBound(weight: 2), .thompsonSampling,
  ])
  func longHistoriesAreLearnedFrom(acquisition: AcquisitionFunction) throws {
    let classic = try ClassicProblem.constrained()
    var options = BayesianDesigner.Options()
    options.trialLimit = 50
    options.acquisition = acquisition
    var designer = BayesianDesigner(classic.problem, options: options)
    var generator = Seed(6).generator()
    let points = try classic.problem.space.sample(count: 120, using: &generator)
    let trials = points.enumerated().map { makeTrial($0, $1, classic.evaluate($1)) }
    designer.observe(trials)
    let median = trials.compactMap { classic.problem.cost(of: $0.outcome) }.sorted()[20]
    let asked = try designer.suggest(count: 2, using: &generator)
    #expect(asked.count == 2 && Set(asked).isDisjoint(with: points))
    let costs = asked.compactMap { classic.problem.cost(of: classic.evaluate($0)) }
    #expect(!costs.isEmpty && costs.allSatisfy { $0 < median }, "\(costs) \(median)")
  }
}
