import DesignSpace
import Execution
import Search
import Study
import TestSupport
import Testing

/// The designers under test.
enum DesignerKind: String, CaseIterable {
  case random, quasirandom, evolution, firefly, portfolio, adaptive

  func make(_ problem: Problem) -> any Designer {
    switch self {
    case .random: RandomDesigner(problem)
    case .quasirandom: QuasiRandomDesigner(problem, seed: Seed(11))
    case .evolution: EvolutionDesigner(problem)
    case .firefly: FireflyDesigner(problem)
    case .portfolio: portfolio(problem, adaptationInterval: nil)
    case .adaptive: portfolio(problem, adaptationInterval: 3)
    }
  }

  private func portfolio(_ problem: Problem, adaptationInterval: Int?) -> PortfolioDesigner {
    var options = PortfolioDesigner.Options()
    options.adaptationInterval = adaptationInterval
    return PortfolioDesigner(
      problem,
      members: [
        .init(EvolutionDesigner(problem)), .init(FireflyDesigner(problem)),
        .init(RandomDesigner(problem), credit: 0.1),
      ], options: options, seed: Seed(11))
  }
}

func makeProblem(_ space: SearchSpace) throws -> Problem {
  try Problem(
    name: "law", space: space, metrics: [Metric("value")],
    objectives: [Objective(.minimize, "value")])
}

private func makeTrial(_ id: Int, _ point: Point, _ outcome: Outcome) -> Trial {
  Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: "test"))
}

@Suite struct DesignerLawTests {
  /// An outcome that depends on the design alone; some are infeasible or failed.
  private func outcome(_ point: Point) -> Outcome {
    let sum = point.coordinates.filter(\.isFinite).reduce(0) { $0 * 1.7 + $1 }
    switch Int(sum.magnitude * 10) % 7 {
    case 0: return .infeasible(Infeasibility(.hidden("")))
    case 1: return .failed(EvaluationFailure(.timeout, "10 s"))
    default: return .measured([sum])
    }
  }

  @Test(arguments: DesignerKind.allCases)
  func suggestionsAreLegalFreshAndReproducible(kind: DesignerKind) throws {
    for seed in 0..<6 as Range<UInt64> {
      var source = RandomSpaces(seed: 300 + seed)
      let space = try source.next(hasReals: seed % 4 == 0, constraintCount: seed % 4 == 0 ? 0 : 3)
      let problem = try makeProblem(space)
      var runs: [[Point]] = []
      for _ in 0..<2 {
        var designer = kind.make(problem)
        var points: [Point] = []
        var settled: Set<Point> = []
        var open: Set<Point> = []
        for round in 0..<12 {
          var generator = Seed(seed).child("round", round).generator()
          let count = round % 4 + 1
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
          // Half of the rounds leave their designs outstanding.
          guard round % 2 == 0 else { continue }
          let trials = open.sorted { "\($0)" < "\($1)" }.enumerated().map {
            makeTrial($0, $1, outcome($1))
          }
          for trial in trials {
            if case .failed = trial.outcome { continue }
            settled.insert(trial.point)
          }
          open = []
          try designer.observe(trials)
        }
        runs.append(points)
      }
      #expect(runs[0] == runs[1])
    }
  }

  @Test(arguments: DesignerKind.allCases)
  func asksDoNotChangeWhatIsKnown(kind: DesignerKind) throws {
    let problem = try ClassicProblem.bowl()
    var designer = kind.make(problem.problem)
    var generator = Seed(1).generator()
    let points = try designer.suggest(count: 40, using: &generator)
    try designer.observe(points.enumerated().map { makeTrial($0, $1, problem.evaluate($1)) })
    // Many more asks, never told; then one more design told is learned from as before.
    for _ in 0..<5 { _ = try designer.suggest(count: 7, using: &generator) }
    let next = try designer.suggest(count: 3, using: &generator)
    #expect(Set(next).isDisjoint(with: points))
    try designer.observe(next.enumerated().map { makeTrial(40 + $0, $1, problem.evaluate($1)) })
    #expect(try designer.suggest(count: 5, using: &generator).count == 5)
  }

  @Test(arguments: DesignerKind.allCases)
  func badNewsIsSurvived(kind: DesignerKind) throws {
    let problem = try ClassicProblem.constrained().problem
    let news: [Outcome] = [
      .infeasible(Infeasibility(.hidden("no mapping"))), .measured([5]), .measured([.nan]),
      .failed(EvaluationFailure(.crash, "exit status 139")), .measured([-1e300]),
      .measured([.infinity]),
    ]
    for outcome in news {
      var designer = kind.make(problem)
      var generator = Seed(2).generator()
      var seen: Set<Point> = []
      for round in 0..<12 {
        let points = try designer.suggest(count: 5, using: &generator)
        #expect(points.count == 5)
        for point in points {
          #expect(problem.space.isLegal(point) && seen.insert(point).inserted)
        }
        try designer.observe(points.enumerated().map { makeTrial(round * 5 + $0, $1, outcome) })
      }
    }
    // Unsolicited and repeated trials, contradictory ones among them.
    var designer = kind.make(problem)
    var generator = Seed(3).generator()
    let points = try problem.space.sample(count: 30, using: &generator)
    try designer.observe(points.enumerated().map { makeTrial($0, $1, .measured([Double($0)])) })
    try designer.observe(points.enumerated().map { makeTrial($0, $1, .measured([-Double($0)])) })
    try designer.observe([])
    #expect(try designer.suggest(count: 10, using: &generator).count == 10)
    #expect(try designer.suggest(count: 0, using: &generator).isEmpty)
  }

  @Test(arguments: DesignerKind.allCases)
  func onePointSpacesEndAndEmptyOnesSaySo(kind: DesignerKind) throws {
    let one = try makeProblem(
      SearchSpace(
        parameters: [.integer("n", 1...9), .categories("c", ["a"])], constraints: ["n == 4"]))
    var designer = kind.make(one)
    var generator = Seed(4).generator()
    let points = try designer.suggest(count: 3, using: &generator)
    #expect(points.map { one.space.description(of: $0) } == ["n = 4, c = a"])
    #expect(try designer.suggest(count: 1, using: &generator).isEmpty)
    // A failure says nothing about the design: it may be asked for again.
    let failure = Outcome.failed(EvaluationFailure(.timeout, "10 s"))
    try designer.observe([makeTrial(0, points[0], failure)])
    #expect(try designer.suggest(count: 1, using: &generator) == points)
    try designer.observe([makeTrial(1, points[0], .measured([1]))])
    #expect(try designer.suggest(count: 1, using: &generator).isEmpty)
    let none = try makeProblem(
      SearchSpace(parameters: [.integer("n", 1...9)], constraints: ["n > 9"]))
    var lost = kind.make(none)
    #expect(throws: DesignSpaceError.noLegalDesign(reason: "nothing fulfills \"n > 9\"")) {
      try lost.suggest(count: 1, using: &generator)
    }
  }

  @Test(arguments: DesignerKind.allCases)
  func smallSpacesAreSearchedCompletely(kind: DesignerKind) throws {
    let problem = try makeProblem(
      SearchSpace(
        parameters: [.integer("a", 1...6), .integer("b", 1...6), .boolean("c")],
        constraints: ["a divides b"]))
    let all = try #require(problem.space.legalPoints(atMost: 1_000))
    var designer = kind.make(problem)
    var generator = Seed(5).generator()
    var seen: Set<Point> = []
    while true {
      let points = try designer.suggest(count: 3, using: &generator)
      guard !points.isEmpty else { break }
      seen.formUnion(points)
      try designer.observe(points.map { makeTrial(seen.count, $0, .measured([$0.coordinates[0]])) })
    }
    #expect(seen.count == all.count)
  }
}
