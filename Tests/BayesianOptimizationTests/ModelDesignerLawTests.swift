import BayesianOptimization
import DesignSpace
import Execution
import Search
import Study
import TestSupport
import Testing

/// The designers with models, and portfolios of them.
enum ModelDesignerKind: String, CaseIterable {
  case bayesian
  case modelBased = "model-based"
  case portfolio, adaptive, transferred

  func make(_ problem: Problem) throws -> any Designer {
    switch self {
    case .bayesian: return BayesianDesigner(problem, seed: Seed(11))
    case .modelBased: return ModelBasedDesigner(problem, seed: Seed(11))
    case .portfolio: return PortfolioDesigner.standard(problem, seed: Seed(11))
    case .adaptive: return PortfolioDesigner.standard(problem, isAdaptive: true, seed: Seed(11))
    case .transferred:
      var generator = Seed(12).generator()
      guard let points = try? problem.space.sample(count: 12, using: &generator) else {
        return BayesianDesigner(problem, seed: Seed(11))
      }
      let trials = points.enumerated().map { index, point in
        let values = problem.metrics.map { _ in Double(index % 5) }
        return makeLawTrial(
          index, point,
          index % 4 == 3 ? .infeasible(Infeasibility(.hidden(""))) : problem.outcome(values: values)
        )
      }
      return BayesianDesigner(
        problem,
        transfer: TransferredStudies([
          .init(name: "other", trials: trials, isSameWorkload: false)
        ]), seed: Seed(11))
    }
  }
}

func makeLawTrial(_ id: Int, _ point: Point, _ outcome: Outcome) -> Trial {
  Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: "test"))
}

@Suite struct ModelDesignerLawTests {
  private func problem(_ space: SearchSpace, objectiveCount: Int = 1) throws -> Problem {
    let names = ["value", "area", "power"]
    return try Problem(
      name: "law", space: space, metrics: names.map { Metric($0) },
      objectives: names.prefix(objectiveCount).map { Objective(.minimize, $0) },
      limits: [MetricLimit("area", .atMost, 1e6)])
  }

  private func mixed() throws -> SearchSpace {
    try SearchSpace(
      parameters: [
        .integer("n", 1...9), .levels("memory", [1, 2, 4, 8]),
        .categories("flow", ["a", "b", "c"]),
        .boolean("fast"), .real("clock", 0.5...2).active(when: "fast", isOneOf: [true]),
      ], constraints: ["n * memory <= 40"])
  }

  @Test(arguments: ModelDesignerKind.allCases)
  func suggestionsAreLegalFreshAndReproducible(kind: ModelDesignerKind) throws {
    let problem = try problem(mixed())
    var runs: [[Point]] = []
    for _ in 0..<2 {
      var designer = try kind.make(problem)
      var settled: Set<Point> = []
      var open: [Point] = []
      var all: [Point] = []
      for round in 0..<6 {
        var generator = Seed(3).child("round", round).generator()
        let points = try designer.suggest(count: round % 3 + 2, using: &generator)
        #expect(points.count == round % 3 + 2)
        for point in points {
          #expect(problem.space.contains(point) && problem.space.isLegal(point))
          #expect(!settled.contains(point) && !open.contains(point))
          open.append(point)
        }
        all += points
        guard round % 2 == 0 else { continue }
        try designer.observe(
          open.enumerated().map { index, point in
            let sum = point.coordinates.filter(\.isFinite).reduce(0, +)
            return makeLawTrial(
              index, point,
              index % 4 == 2
                ? .infeasible(Infeasibility(.hidden(""), values: [nil, sum, nil]))
                : problem.outcome(values: [sum, sum, -sum]))
          })
        settled.formUnion(open)
        open = []
      }
      runs.append(all)
    }
    #expect(runs[0] == runs[1])
  }

  /// Not numbers, infinities, nothing feasible, nothing different, contradictions, magnitudes, failures in a row.
  @Test(arguments: ModelDesignerKind.allCases)
  func badNewsIsSurvived(kind: ModelDesignerKind) throws {
    let problem = try problem(mixed())
    let news: [[Outcome]] = [
      [.measured([.nan, 1, 1])], [.measured([.infinity, 1, 1])],
      [.infeasible(Infeasibility(.hidden("no mapping")))],
      [.infeasible(Infeasibility(.constraint("x"), values: [nil, nil, nil]))],
      [.infeasible(Infeasibility(.limit("area <= 1000000"), values: [1, 2e6, 1]))],
      [.measured([5, 5, 5])], [.measured([1e300, 1, 1]), .measured([-1e300, 1e-300, 1])],
      [.failed(EvaluationFailure(.crash, "exit status 139"))],
    ]
    for outcomes in news {
      var designer = try kind.make(problem)
      var generator = Seed(2).generator()
      var seen: Set<Point> = []
      for round in 0..<3 {
        let points = try designer.suggest(count: 4, using: &generator)
        #expect(points.count == 4)
        for point in points { #expect(problem.space.isLegal(point)) }
        // What is no number is a failure: it says nothing of the design, which may be asked for again.
        if case .failed = problem.judging(outcomes[0]) {
        } else {
          #expect(seen.isDisjoint(with: points))
        }
        seen.formUnion(points)
        let trials = points.enumerated().map { index, point in
          makeLawTrial(round * 4 + index, point, outcomes[index % outcomes.count])
        }
        try designer.observe(trials)
        // Told again with the opposite.
        try designer.observe(
          points.map { makeLawTrial(99, $0, problem.outcome(values: [-3, 3, 3])) }.prefix(1) + [])
      }
    }
  }

  @Test(arguments: ModelDesignerKind.allCases)
  func onePointSpacesEndAndEmptyOnesSaySo(kind: ModelDesignerKind) throws {
    let one = try problem(
      SearchSpace(
        parameters: [.integer("n", 1...9), .categories("c", ["a"])], constraints: ["n == 4"]))
    var generator = Seed(4).generator()
    var designer: any Designer =
      try kind == .transferred
      ? BayesianDesigner(one) : kind.make(one)
    let points = try designer.suggest(count: 3, using: &generator)
    #expect(points.count == 1)
    #expect(try designer.suggest(count: 1, using: &generator).isEmpty)
    // A failure says nothing about the design: it may be asked for again.
    try designer.observe([makeLawTrial(0, points[0], .failed(EvaluationFailure(.timeout, "1 s")))])
    #expect(try designer.suggest(count: 1, using: &generator) == points)
    try designer.observe([makeLawTrial(1, points[0], .measured([1, 1, 1]))])
    #expect(try designer.suggest(count: 1, using: &generator).isEmpty)
    let none = try problem(SearchSpace(parameters: [.integer("n", 1...9)], constraints: ["n > 9"]))
    var lost = try kind.make(none)
    #expect(throws: DesignSpaceError.noLegalDesign(reason: "nothing fulfills \"n > 9\"")) {
      try lost.suggest(count: 1, using: &generator)
    }
  }

  @Test(arguments: ModelDesignerKind.allCases)
  func reservedDesignsAreNotSuggested(kind: ModelDesignerKind) throws {
    let problem = try problem(
      SearchSpace(parameters: [.integer("a", 1...4), .integer("b", 1...4)]))
    let all = try #require(problem.space.legalPoints(atMost: 100))
    var designer = try kind.make(problem)
    designer.reserve(Array(all.prefix(13)))
    var generator = Seed(5).generator()
    let points = try designer.suggest(count: 16, using: &generator)
    #expect(Set(points) == Set(all.dropFirst(13)))
  }

  private func costs(_ point: Point) -> [Double] {
    let x = point.coordinates.map { $0 / 20 }
    let rest = x[2] * x[2] + (x[3] - 0.5) * (x[3] - 0.5)
    return [x[0] + rest, (1 - x[0]) * (1 - x[0]) + x[1] + rest, (1 - x[1]) * (1 - x[1]) + rest]
  }

  /// Costs of the designs that a designer evaluates.
  private func play(_ designer: some Designer, _ problem: Problem, count: Int) throws -> [[Double]]
  {
    var designer = designer
    var result: [[Double]] = []
    for id in 0..<count {
      var generator = Seed(6).child("request", id).generator()
      let points = try designer.suggest(count: 1, using: &generator)
      let point = try #require(points.first)
      #expect(problem.space.isLegal(point))
      result.append(costs(point))
      try designer.observe([makeLawTrial(id, point, problem.outcome(values: costs(point)))])
    }
    return result
  }

  private func bowls(objectiveCount: Int) throws -> Problem {
    try problem(
      SearchSpace(parameters: (0..<4).map { try .integer("x\($0)", 0...20) }),
      objectiveCount: objectiveCount)
  }

  /// Two costs that pull apart: the front found dominates more of the square below 2 than that of uniform designs.
  @Test func twoObjectivesAreTradedOff() throws {
    let problem = try bowls(objectiveCount: 2)
    func volume(_ designer: some Designer) throws -> Double {
      let costs = try play(designer, problem, count: 24)
      let steps = 60
      var count = 0
      for cell in 0..<steps * steps {
        let a = 2 * (Double(cell % steps) + 0.5) / Double(steps)
        let b = 2 * (Double(cell / steps) + 0.5) / Double(steps)
        if costs.contains(where: { $0[0] <= a && $0[1] <= b }) { count += 1 }
      }
      return Double(count) / Double(steps * steps)
    }
    let own = try volume(BayesianDesigner(problem, seed: Seed(1)))
    let random = try volume(RandomDesigner(problem))
    #expect(own > random, "\(own), random \(random)")
  }

  @Test func threeObjectivesSteerTogether() throws {
    let problem = try bowls(objectiveCount: 3)
    let costs = try play(BayesianDesigner(problem, seed: Seed(1)), problem, count: 10)
    #expect(costs.count == 10)
  }
}
