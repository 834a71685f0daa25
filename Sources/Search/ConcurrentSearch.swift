public import DesignSpace
import Dispatch
public import Execution
public import Study

/// How many evaluations a search has under way, and how their trials are recorded.
public struct SearchConcurrency: Hashable, Sendable {
  /// Designs that may be outstanding, from 1; part of the search, since it decides what a design is proposed from.
  ///
  /// Default: 1. A batch is outstanding as a whole, so smaller numbers than the batch mean the batch.
  public var windowCount: Int
  /// Evaluations at once at most, from 1; no matter for the result.
  ///
  /// Default: the window.
  public var evaluationCount: Int
  /// Whether trials are recorded in the order of their numbers, each as soon as all before it are; otherwise as they end.
  ///
  /// Default: `true`. In order, the record is the same at any number of threads, and what ended early is lost in a kill.
  public var recordsInOrder = true

  /// Creates a concurrency.
  public init(windowCount: Int = 1, evaluationCount: Int? = nil) {
    precondition(windowCount >= 1 && (evaluationCount ?? 1) >= 1, "counts from 1")
    self.windowCount = windowCount
    self.evaluationCount = evaluationCount ?? windowCount
  }
}

/// Asks a designer and evaluates what it proposes, several designs at a time, with the same result whatever ends first.
///
/// Trials have numbers in the order in which their designs were proposed. A request for *b* designs, the first of which
/// gets number *i*, is made when exactly the trials below *i + b - w* are told, for a window of *w*: no more, even if others have
/// ended, and no fewer, even if one takes long. Results therefore depend on batch and window, not on threads or on which
/// evaluation was faster; a slow one holds the others up after *w - 1* of them. A window of one batch is what
/// `runSearch` does. When a designer has nothing to offer, it is asked again when all that is outstanding is told.
///
/// Nothing is evaluated twice: designers never propose what is outstanding, and after a kill the `recorded` trials answer
/// for their designs, in whatever order they were recorded.
/// - Parameters:
///   - problem: What is searched: space, objectives, limits.
///   - designer: Proposes the designs.
///   - budget: Evaluations at most, designs a request, failures in a row after which the search ends.
///   - concurrency: How many evaluations are under way at once.
///   - seed: Draws of a request come from the child of the number of its first trial.
///   - context: The workload it is for.
///   - origin: Evaluator and version for the trials; designer and seconds are added.
///   - history: Trials to begin with, by others; numbers go on after the largest.
///   - recorded: Trials of this same search before it was interrupted, in the order of recording.
///   - evaluate: Turns a design into an outcome, on several threads; an `EvaluationFailure` thrown becomes a failed trial.
///   - record: Called once for every finished trial.
///   - isEnough: Asked before every request that follows new trials, with all told so far; after `true` nothing more is
///     proposed, and what is outstanding is waited for.
///   - progress: Called after every evaluation.
/// - Throws: `CancellationError` when the task is canceled (what is recorded stays), `SearchError` for a record of another
///   search, and what designer, `evaluate`, `record` and `isEnough` throw.
public func runConcurrentSearch(
  of problem: Problem, with designer: inout some Designer, budget: SearchBudget,
  concurrency: SearchConcurrency, seed: Seed, context: Context = .single, origin: Trial.Origin,
  history: [Trial] = [], recorded: [Trial] = [],
  evaluate: @escaping @Sendable (Point, Context) async throws -> Outcome,
  record: (Trial) throws -> Void = { _ in },
  isEnough: ([Trial]) throws -> Bool = { _ in false },
  progress: (SearchProgress) -> Void = { _ in }
) async throws -> SearchResult {
  try designer.observe(history)
  var origin = origin
  origin.designer = designer.name
  var ledger = TrialLedger(
    problem: problem, budget: budget, window: concurrency.windowCount, history: history,
    recorded: recorded)
  return try await withThrowingTaskGroup(of: FinishedEvaluation.self) { group in
    defer { group.cancelAll() }
    var runningCount = 0
    while true {
      // Everything that the rule allows, until it needs an answer that is not there.
      while true {
        try Task.checkCancellation()
        if let ending = ledger.ending { return ledger.result(ending) }
        if ledger.mayAsk {
          if ledger.hasNewTrials, try isEnough(ledger.told) {
            ledger.stop(.converged)
            continue
          }
          var generator = seed.child("request", ledger.nextID).generator()
          ledger.ask(
            try designer.suggest(count: ledger.requestCount, using: &generator),
            origin: origin, context: context)
        } else if let chunk = ledger.takeChunk() {
          try designer.observe(chunk)
        } else {
          break
        }
      }
      try ledger.checkRecord()
      while runningCount < concurrency.evaluationCount, let (id, point) = ledger.nextToEvaluate() {
        runningCount += 1
        group.addTask {
          try await FinishedEvaluation(id: id) { try await evaluate(point, context) }
        }
      }
      guard let finished = try await group.next() else { return ledger.result(.exhausted) }
      runningCount -= 1
      var its = origin
      its.seconds = finished.seconds
      let trial = ledger.finish(finished, origin: its, context: context)
      if concurrency.recordsInOrder {
        for trial in ledger.takeRecordable() { try record(trial) }
      } else {
        try record(trial)
      }
      progress(ledger.progress)
    }
  }
}

/// What came of one evaluation, and how long it took.
struct FinishedEvaluation: Sendable {
  let id: Int
  let outcome: Outcome
  let seconds: Double

  init(id: Int, _ evaluate: () async throws -> Outcome) async throws {
    self.id = id
    let start = DispatchTime.now().uptimeNanoseconds
    do {
      outcome = try await evaluate()
    } catch let failure as EvaluationFailure {
      outcome = .failed(failure)
    }
    seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }
}
