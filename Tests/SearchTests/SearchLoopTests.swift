import DesignSpace
import Execution
import Study
import TestSupport
import Testing

@testable import Search

@Suite struct SearchLoopTests {
  /// Reference: radical inverses written out.
  @Test func haltonPointsAreRadicalInverses() {
    let sequence = HaltonSequence(dimension: 3, scrambledBy: nil)
    #expect(sequence.bases == [2, 3, 5])
    #expect(sequence.point(1)[0] == 0.5 && sequence.point(2)[0] == 0.25)
    #expect(sequence.point(3)[0] == 0.75 && sequence.point(6)[0] == 0.375)
    #expect(abs(sequence.point(1)[1] - 1.0 / 3) < 1e-15)
    #expect(abs(sequence.point(5)[1] - 7.0 / 9) < 1e-15)
    #expect(abs(sequence.point(7)[2] - (2.0 / 5 + 1.0 / 25)) < 1e-15)
    let scrambled = HaltonSequence(dimension: 2, scrambledBy: Seed(1))
    // Every block of 9 has one point in each ninth of the second axis, scrambled or not.
    let ninths = Set((9..<18).map { Int(scrambled.point($0)[1] * 9) })
    #expect(ninths.count == 9)
  }

  @Test(arguments: DesignerKind.allCases)
  func aKilledSearchGoesOnAsIfNothingHadHappened(kind: DesignerKind) async throws {
    func check(_ fresh: some Designer) async throws {
      let classic = try ClassicProblem.constrained()
      let budget = SearchBudget(evaluationCount: 60, batchCount: 4)
      var designer = fresh
      var recorded: [Trial] = []
      let whole = try await runSearch(
        of: classic.problem, with: &designer, budget: budget, seed: Seed(7),
        origin: .init(evaluator: "test"),
        evaluate: { point, _ in classic.evaluate(point) }, record: { recorded.append($0) })
      #expect(recorded == whole.trials && whole.trials.map(\.id) == Array(0..<60))
      #expect(whole.ending == .budget)
      for kept in [0, 1, 30, 60] {
        var again = fresh
        var count = 0
        let result = try await runSearch(
          of: classic.problem, with: &again, budget: budget, seed: Seed(7),
          origin: .init(evaluator: "test"), recorded: Array(recorded.prefix(kept)),
          evaluate: { point, _ in
            count += 1
            return classic.evaluate(point)
          })
        #expect(result.trials == whole.trials && count == 60 - kept)
        #expect(result.best == whole.best)
      }
    }
    try await check(kind.make(ClassicProblem.constrained().problem))
  }

  @Test func recordsOfAnotherSearchAreRefused() async throws {
    let classic = try ClassicProblem.bowl()
    let point = try classic.problem.space.point([1, 1, 1, 1, 1, 1])
    let record = Trial(
      id: 0, point: point, outcome: .measured([1]), origin: .init(evaluator: "test"))
    for (budget, error) in [
      (5, SearchError.recordDiffers(trial: 0)), (0, .recordTooLong(count: 1, budget: 0)),
    ] {
      var designer = RandomDesigner(classic.problem)
      await #expect(throws: error) {
        try await runSearch(
          of: classic.problem, with: &designer, budget: SearchBudget(evaluationCount: budget),
          seed: Seed(1), origin: .init(evaluator: "test"), recorded: [record]
        ) { point, _ in classic.evaluate(point) }
      }
    }
    #expect(
      "\(SearchError.recordDiffers(trial: 3))" == """
        trial 3 of the record: got another design than this search suggests, expected the same
        hint: resume with the seed, designer, batch size, space and history of the recorded search
        """)
    #expect(
      "\(SearchError.recordTooLong(count: 9, budget: 5))" == """
        record: got 9 trials, expected at most the budget of 5
        hint: raise the budget
        """)
  }

  @Test func brokenEvaluatorsEndTheSearchAndAreNotLearnedFrom() async throws {
    let classic = try ClassicProblem.bowl()
    var designer = EvolutionDesigner(classic.problem)
    var budget = SearchBudget(evaluationCount: 100, failureCount: 5)
    var broken = try await runSearch(
      of: classic.problem, with: &designer, budget: budget, seed: Seed(1),
      origin: .init(evaluator: "test")
    ) { _, _ in throw EvaluationFailure(.timeout, "no answer in 10 s") }
    #expect(broken.ending == .failures && broken.trials.count == 5 && broken.best == nil)
    #expect(
      broken.trials[0].outcome == .failed(EvaluationFailure(.timeout, "no answer in 10 s")))
    // Not a number is a failure, too, and a success in between starts the count again.
    budget.evaluationCount = 12
    var count = 0
    broken = try await runSearch(
      of: classic.problem, with: &designer, budget: budget, seed: Seed(2),
      origin: .init(evaluator: "test")
    ) { _, _ in
      count += 1
      return .measured([count % 5 == 0 ? 1 : .nan])
    }
    #expect(broken.ending == .budget && broken.best?.id == 4)
    let failed = broken.trials.count { if case .failed = $0.outcome { true } else { false } }
    #expect(failed == 10)
  }

  @Test func progressHistoryAndExhaustionAreReported() async throws {
    let space = try SearchSpace(parameters: [.integer("n", 1...10)])
    let problem = try Problem(
      name: "p", space: space, metrics: [Metric("value"), Metric("area", unit: "mm2")],
      objectives: [Objective(.maximize, "value")], limits: [MetricLimit("area", .atMost, 8)])
    let old = Trial(
      id: 41, point: try space.point([7]), outcome: .measured([7, 7]),
      origin: .init(evaluator: "log"))
    var seen: [SearchProgress] = []
    var designer = RandomDesigner(problem)
    let result = try await runSearch(
      of: problem, with: &designer, budget: SearchBudget(evaluationCount: 50), seed: Seed(1),
      origin: .init(evaluator: "test", evaluatorVersion: "2"), history: [old],
      evaluate: { point, _ in
        let n = point.coordinates[0] + 1
        return .measured([n, n])
      }, progress: { seen.append($0) })
    #expect(result.ending == .exhausted && result.trials.count == 9)
    #expect(result.trials.map(\.id) == Array(42..<51))
    #expect(result.trials.allSatisfy { $0.origin.designer == "random" })
    // 9 and 10 are over the limit, although they are larger.
    #expect(result.best?.point == (try space.point([8])))
    #expect(seen.last?.feasibleCount == 7 && seen.last?.evaluationCount == 9)
    #expect(seen.first?.best != nil)
  }

  @Test func cancellationKeepsWhatIsRecorded() async throws {
    let classic = try ClassicProblem.bowl()
    let task = Task {
      var recorded = 0
      var designer = RandomDesigner(classic.problem)
      do {
        _ = try await runSearch(
          of: classic.problem, with: &designer, budget: SearchBudget(evaluationCount: 1_000),
          seed: Seed(1), origin: .init(evaluator: "test"),
          evaluate: { point, _ in
            if recorded == 10 { withUnsafeCurrentTask { $0?.cancel() } }
            return classic.evaluate(point)
          }, record: { _ in recorded += 1 })
      } catch is CancellationError { return recorded }
      return -1
    }
    #expect(try await task.value == 11)
  }
}
