import DesignSpace
import Execution
import Study
import Synchronization
import TestSupport
import Testing

@testable import Search

/// Proposes 0, 1, 2 and so on, and notes how many trials it knew at each request.
private struct CountingDesigner: Designer {
  let name = "counting"
  let space: SearchSpace
  var next = 0
  var knownCount = 0
  /// First number and known trials of each request.
  var requests: [[Int]] = []

  mutating func suggest(count: Int, using generator: inout SeededGenerator) throws -> [Point] {
    requests.append([next, knownCount])
    let range = next..<min(next + count, 100)
    next = range.upperBound
    return try range.map { try space.point([.number(Double($0))]) }
  }

  mutating func observe(_ trials: [Trial]) { knownCount += trials.count }
}

/// Counts how often each design is evaluated, and how many at once; later designs may end first.
private final class SlowEvaluator: Sendable {
  struct State {
    var counts: [Point: Int] = [:]
    var running = 0
    var mostRunning = 0
  }

  let state = Mutex(State())
  private let answer: @Sendable (Point) -> Outcome
  private let seed: Seed

  init(seed: UInt64 = 0, _ answer: @escaping @Sendable (Point) -> Outcome) {
    self.seed = Seed(seed)
    self.answer = answer
  }

  @Sendable func evaluate(_ point: Point, _ context: Context) async throws -> Outcome {
    let number = state.withLock { state in
      state.counts[point, default: 0] += 1
      state.running += 1
      state.mostRunning = max(state.mostRunning, state.running)
      return state.counts.count
    }
    defer { state.withLock { $0.running -= 1 } }
    var generator = seed.child("pause", number).generator()
    try await Task.sleep(for: .microseconds(generator.index(below: 400)))
    return answer(point)
  }
}

@Suite struct ConcurrentSearchTests {
  private func search(
    _ kind: DesignerKind, _ budget: SearchBudget, _ concurrency: SearchConcurrency,
    recorded: [Trial] = [], with evaluator: SlowEvaluator? = nil,
    record: (Trial) throws -> Void = { _ in }
  ) async throws -> SearchResult {
    let classic = try ClassicProblem.constrained()
    let evaluator = evaluator ?? SlowEvaluator(classic.evaluate)
    func run(_ fresh: some Designer) async throws -> SearchResult {
      var designer = fresh
      return try await runConcurrentSearch(
        of: classic.problem, with: &designer, budget: budget, concurrency: concurrency,
        seed: Seed(7), origin: .init(evaluator: "test"), recorded: recorded,
        evaluate: evaluator.evaluate, record: record)
    }
    return try await run(kind.make(classic.problem))
  }

  private func outline(_ trials: [Trial]) -> [String] {
    trials.map { "\($0.id) \($0.point.coordinates) \($0.outcome)" }
  }

  /// Reference: the serial search.
  @Test(arguments: DesignerKind.allCases)
  func aWindowOfOneBatchIsTheSerialSearch(kind: DesignerKind) async throws {
    let classic = try ClassicProblem.constrained()
    func check(_ fresh: some Designer) async throws {
      for batch in [1, 4] {
        let budget = SearchBudget(evaluationCount: 42, batchCount: batch)
        var designer = fresh
        let serial = try await runSearch(
          of: classic.problem, with: &designer, budget: budget, seed: Seed(7),
          origin: .init(evaluator: "test"), evaluate: { point, _ in classic.evaluate(point) })
        let result = try await search(kind, budget, SearchConcurrency(evaluationCount: 3))
        #expect(outline(result.trials) == outline(serial.trials))
        #expect(result.best?.id == serial.best?.id && result.ending == serial.ending)
      }
    }
    try await check(kind.make(classic.problem))
  }

  @Test(arguments: [(1, 1), (3, 1), (8, 1), (8, 4), (5, 3)])
  func requestsKnowExactlyWhatTheRuleSays(window: Int, batch: Int) async throws {
    let space = try SearchSpace(parameters: [.integer("n", 0...99)])
    let problem = try Problem(
      name: "p", space: space, metrics: [Metric("value")],
      objectives: [Objective(.minimize, "value")])
    let evaluator = SlowEvaluator { .measured([$0.coordinates[0]]) }
    var designer = CountingDesigner(space: space)
    _ = try await runConcurrentSearch(
      of: problem, with: &designer,
      budget: SearchBudget(evaluationCount: 30, batchCount: batch),
      concurrency: SearchConcurrency(windowCount: window), seed: Seed(1),
      origin: .init(evaluator: "test"), evaluate: evaluator.evaluate)
    let expected = stride(from: 0, to: 30, by: batch).map { [$0, max(0, $0 + batch - window)] }
    #expect(designer.requests == expected)
    #expect(evaluator.state.withLock { $0.mostRunning } <= window)
  }

  @Test func threadsAndSpeedsDoNotMatter() async throws {
    let classic = try ClassicProblem.constrained()
    for kind in DesignerKind.allCases {
      let budget = SearchBudget(evaluationCount: 50, batchCount: 2)
      var outlines: [[String]] = []
      for (threads, seed) in [(1, 1), (2, 2), (6, 3), (6, 4)] as [(Int, UInt64)] {
        let evaluator = SlowEvaluator(seed: seed, classic.evaluate)
        var recorded: [Trial] = []
        let result = try await search(
          kind, budget, SearchConcurrency(windowCount: 6, evaluationCount: threads),
          with: evaluator, record: { recorded.append($0) })
        // In order, the record is the same, too.
        #expect(outline(recorded) == outline(result.trials))
        let (most, often) = evaluator.state.withLock {
          ($0.mostRunning, $0.counts.values.max() ?? 0)
        }
        #expect(most <= threads && often == 1)
        outlines.append(outline(result.trials))
      }
      #expect(Set(outlines).count == 1, "\(kind)")
    }
  }

  @Test(arguments: [true, false])
  func aSearchKilledAtAnyMomentGoesOnTheSame(recordsInOrder: Bool) async throws {
    struct Killed: Error {}
    let classic = try ClassicProblem.constrained()
    let budget = SearchBudget(evaluationCount: 40)
    var concurrency = SearchConcurrency(windowCount: 5)
    concurrency.recordsInOrder = recordsInOrder
    for kind in DesignerKind.allCases {
      let whole = try await search(kind, budget, concurrency)
      for count in [0, 1, 3, 17, 39] {
        var recorded: [Trial] = []
        do {
          _ = try await search(
            kind, budget, concurrency,
            with: SlowEvaluator(seed: UInt64(count), classic.evaluate)
          ) { trial in
            guard recorded.count < count else { throw Killed() }
            recorded.append(trial)
          }
        } catch is Killed {}
        #expect(recorded.count == count)
        let evaluator = SlowEvaluator(classic.evaluate)
        var more: [Trial] = []
        let resumed = try await search(
          kind, budget, concurrency, recorded: recorded, with: evaluator,
          record: { more.append($0) })
        #expect(outline(resumed.trials) == outline(whole.trials), "\(kind) \(count)")
        #expect(more.count == 40 - count)
        let isOnce = evaluator.state.withLock { state in
          recorded.allSatisfy { state.counts[$0.point] == nil }
            && state.counts.values.allSatisfy { $0 == 1 }
        }
        #expect(isOnce)
      }
    }
  }

  @Test func recordsOfAnotherSearchAreRefusedBeforeAnythingIsEvaluated() async throws {
    let classic = try ClassicProblem.constrained()
    let budget = SearchBudget(evaluationCount: 20)
    let other = try await search(.evolution, SearchBudget(evaluationCount: 9), .init())
    let evaluator = SlowEvaluator(classic.evaluate)
    // The window is another: the ninth design is not among the first.
    await #expect(throws: SearchError.recordDiffers(trial: 0)) {
      try await search(
        .random, budget, SearchConcurrency(windowCount: 2), recorded: [other.trials[8]],
        with: evaluator)
    }
    #expect(evaluator.state.withLock { $0.counts.isEmpty })
    // A smaller budget is served from the record.
    let part = try await search(
      .evolution, SearchBudget(evaluationCount: 4), .init(), recorded: other.trials,
      with: evaluator)
    #expect(outline(part.trials) == Array(outline(other.trials).prefix(4)))
    #expect(evaluator.state.withLock { $0.counts.isEmpty })
  }

  @Test func endingsAreHonest() async throws {
    let space = try SearchSpace(parameters: [.integer("n", 1...3)])
    let problem = try Problem(
      name: "p", space: space, metrics: [Metric("value")],
      objectives: [Objective(.minimize, "value")])
    func run(
      _ budget: SearchBudget, isEnough: ([Trial]) -> Bool = { _ in false },
      _ answer: @escaping @Sendable (Point) -> Outcome
    ) async throws -> SearchResult {
      var designer = RandomDesigner(problem)
      return try await runConcurrentSearch(
        of: problem, with: &designer, budget: budget,
        concurrency: SearchConcurrency(windowCount: 8), seed: Seed(1),
        origin: .init(evaluator: "test"),
        evaluate: SlowEvaluator(answer).evaluate, isEnough: isEnough)
    }
    let all = try await run(SearchBudget(evaluationCount: 20)) { .measured([$0.coordinates[0]]) }
    #expect(all.ending == .exhausted && all.trials.count == 3)
    #expect(all.best?.point.coordinates == [0])
    let none = try await run(SearchBudget(evaluationCount: 0)) { _ in .measured([1]) }
    #expect(none.ending == .budget && none.trials.isEmpty && none.best == nil)
    // Failed designs are offered again once their failure is told.
    let broken = try await run(SearchBudget(evaluationCount: 50, failureCount: 7)) { _ in
      .failed(EvaluationFailure(.crash, "no licence"))
    }
    #expect(broken.ending == .failures && broken.trials.count == 7)
    let garbage = try await run(SearchBudget(evaluationCount: 5)) { _ in .measured([.nan]) }
    #expect(
      garbage.trials[0].outcome
        == .failed(EvaluationFailure(.garbage, "value: got nan, expected a finite number")))
    let enough = try await run(
      SearchBudget(evaluationCount: 20), isEnough: { !$0.isEmpty }
    ) { .measured([$0.coordinates[0]]) }
    #expect(enough.ending == .converged || enough.ending == .exhausted)
    // Earlier trials count for the best, not for the result.
    var designer = RandomDesigner(problem)
    let old = Trial(
      id: 4, point: try space.point([2]), outcome: .measured([-1]), origin: .init(evaluator: "log"))
    let warm = try await runConcurrentSearch(
      of: problem, with: &designer, budget: SearchBudget(evaluationCount: 20),
      concurrency: SearchConcurrency(windowCount: 2), seed: Seed(1),
      origin: .init(evaluator: "test"), history: [old],
      evaluate: { point, _ in .measured([point.coordinates[0]]) })
    #expect(warm.trials.map(\.id) == [5, 6] && warm.best == old && warm.ending == .exhausted)
  }

  @Test func cancellationKeepsWhatIsRecorded() async throws {
    let recorded = Mutex<[Trial]>([])
    let classic = try ClassicProblem.constrained()
    let evaluator = SlowEvaluator(classic.evaluate)
    let task = Task {
      try await search(
        .random, SearchBudget(evaluationCount: 100_000), SearchConcurrency(windowCount: 4),
        with: evaluator
      ) { trial in recorded.withLock { $0.append(trial) } }
    }
    while recorded.withLock({ $0.count }) < 10 { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let ids = recorded.withLock { $0.map(\.id) }
    #expect(ids == Array(0..<ids.count) && ids.count >= 10)
  }
}
