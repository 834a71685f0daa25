public import DesignSpace
public import Execution
public import Study

/// How long a search may go on, and how it asks.
public struct SearchBudget: Hashable, Sendable {
  /// Evaluations at most, infeasible and failed ones included; from 0.
  public var evaluationCount: Int
  /// Designs asked for at a time, from 1.
  ///
  /// Default: 1.
  public var batchCount: Int
  /// Failures of the evaluator in a row after which the search ends, from 1.
  ///
  /// Default: 20.
  public var failureCount: Int

  /// Creates a budget.
  public init(evaluationCount: Int, batchCount: Int = 1, failureCount: Int = 20) {
    precondition(evaluationCount >= 0 && batchCount >= 1 && failureCount >= 1, "counts from 1")
    self.evaluationCount = evaluationCount
    self.batchCount = batchCount
    self.failureCount = failureCount
  }
}

/// How far a search is.
public struct SearchProgress: Sendable {
  /// Evaluations so far, and at most.
  public var evaluationCount: Int
  /// Evaluations at most.
  public var largestCount: Int
  /// Measured trials so far, all limits respected.
  public var feasibleCount: Int
  /// The best trial by the first objective; `nil` while nothing is feasible.
  public var best: Trial?
}

/// What a search found.
public struct SearchResult: Sendable {
  /// Why it ended.
  public enum Ending: String, Hashable, Sendable {
    /// The budget is spent.
    case budget
    /// The designer has no further design to offer.
    case exhausted
    /// Enough was found, by the rule of the caller.
    case converged
    /// The evaluator failed too many times in a row.
    case failures
  }

  /// The trials of this search in order, without earlier ones.
  public var trials: [Trial]
  /// The best trial by the first objective, earlier ones included; `nil` when nothing is feasible.
  public var best: Trial?
  /// Why it ended.
  public var ending: Ending
}

/// Asks a designer and tells it what the evaluator answers, one design after the other.
///
/// Trials are recorded before anything is learned from them, in order. A search that was killed goes on as if nothing had
/// happened when its record is given as `recorded`: its designs are asked for again, but not evaluated. Answers are judged by the problem: a value that is no finite number is a failure,
/// one beyond a limit infeasible.
/// - Parameters:
///   - problem: What is searched: space, objectives, limits.
///   - designer: Proposes the designs.
///   - budget: How many evaluations, and for how long.
///   - seed: Draws of the `n`-th request come from the child `n` of the seed, counted with the history.
///   - context: The workload it is for.
///   - origin: Evaluator and version for the trials; the designer's name is added.
///   - history: Trials to begin with, by others; ids go on after the largest.
///   - recorded: Trials of this same search before it was interrupted, in order; they count against the budget and are
///     part of the result.
///   - evaluate: Turns a design into an outcome; an `EvaluationFailure` thrown becomes a failed trial.
///   - record: Called once for every finished trial.
///   - progress: Called after every trial.
/// - Throws: `CancellationError` when the task is canceled (what is recorded stays), `SearchError` for a record of another
///   search, and what designer, `evaluate` and `record` throw.
public func runSearch(
  of problem: Problem, with designer: inout some Designer, budget: SearchBudget, seed: Seed,
  context: Context = .single, origin: Trial.Origin, history: [Trial] = [], recorded: [Trial] = [],
  evaluate: (Point, Context) async throws -> Outcome,
  record: (Trial) throws -> Void = { _ in },
  progress: (SearchProgress) -> Void = { _ in }
) async throws -> SearchResult {
  var state = SearchState(problem: problem, history: history)
  try designer.observe(history)
  var origin = origin
  origin.designer = designer.name
  guard recorded.count <= budget.evaluationCount else {
    throw SearchError.recordTooLong(count: recorded.count, budget: budget.evaluationCount)
  }
  var failuresInARow = 0
  while state.trials.count < budget.evaluationCount {
    try Task.checkCancellation()
    var generator = seed.child("request", state.nextID).generator()
    let count = min(budget.batchCount, budget.evaluationCount - state.trials.count)
    let points = try designer.suggest(count: count, using: &generator)
    guard !points.isEmpty else { return state.result(.exhausted) }
    var told: [Trial] = []
    for point in points {
      if state.trials.count < recorded.count {
        let trial = recorded[state.trials.count]
        guard trial.point == point, trial.id == state.nextID else {
          throw SearchError.recordDiffers(trial: trial.id)
        }
        state.add(trial)
        told.append(trial)
        continue
      }
      try Task.checkCancellation()
      let answer: Outcome
      do {
        answer = try await evaluate(point, context)
      } catch let failure as EvaluationFailure {
        answer = .failed(failure)
      }
      let outcome = problem.judging(answer)
      let trial = Trial(
        id: state.nextID, point: point, context: context.id, outcome: outcome, origin: origin)
      try record(trial)
      state.add(trial)
      told.append(trial)
      progress(state.progress(of: budget.evaluationCount))
      if case .failed = outcome { failuresInARow += 1 } else { failuresInARow = 0 }
      guard failuresInARow < budget.failureCount else { return state.result(.failures) }
    }
    try designer.observe(told)
  }
  return state.result(.budget)
}

private struct SearchState {
  let problem: Problem
  private(set) var trials: [Trial] = []
  private(set) var nextID: Int
  private var best: Trial?
  private var bestCost = Double.infinity
  private var feasibleCount = 0

  init(problem: Problem, history: [Trial]) {
    self.problem = problem
    nextID = (history.map(\.id).max() ?? -1) + 1
    for trial in history { consider(trial) }
    feasibleCount = 0
  }

  mutating func add(_ trial: Trial) {
    trials.append(trial)
    nextID += 1
    consider(trial)
  }

  private mutating func consider(_ trial: Trial) {
    guard let cost = problem.cost(of: problem.judging(trial.outcome)) else { return }
    feasibleCount += 1
    guard cost < bestCost else { return }
    bestCost = cost
    best = trial
  }

  func progress(of largestCount: Int) -> SearchProgress {
    SearchProgress(
      evaluationCount: trials.count, largestCount: largestCount, feasibleCount: feasibleCount,
      best: best)
  }

  func result(_ ending: SearchResult.Ending) -> SearchResult {
    SearchResult(trials: trials, best: best, ending: ending)
  }
}
