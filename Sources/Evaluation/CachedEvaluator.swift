public import DesignSpace
public import Study
import Synchronization

/// Remembers what an evaluator answered for a design on a workload; failures are asked again.
///
/// What is remembered belongs to one name and version of the evaluator: trials of others are not taken. Evaluations of one
/// design that overlap may both reach the evaluator.
public final class CachedEvaluator: Evaluator {
  private struct Key: Hashable {
    var point: Point
    var context: Context.ID
  }

  private struct State {
    var outcomes: [Key: Outcome] = [:]
    var hitCount = 0
  }

  /// Name of the evaluator behind.
  public var name: String { base.name }
  /// Version of the evaluator behind.
  public var version: String { base.version }
  private let base: any Evaluator
  private let problem: Problem
  private let state: Mutex<State>

  /// Creates a cache.
  ///
  /// - Parameters:
  ///   - base: Asked where the log has no answer.
  ///   - problem: Judges remembered outcomes by its limits.
  ///   - trials: Earlier trials, for example of a log; those of the evaluator's name and version are remembered.
  public init(_ base: any Evaluator, for problem: Problem, remembering trials: [Trial] = []) {
    self.base = base
    self.problem = problem
    var state = State()
    for trial in trials
    where trial.origin.evaluator == base.name && trial.origin.evaluatorVersion == base.version {
      if case .failed = trial.outcome { continue }
      state.outcomes[Key(point: trial.point, context: trial.context)] = trial.outcome
    }
    self.state = Mutex(state)
  }

  /// Evaluations that were answered from memory.
  public var hitCount: Int { state.withLock { $0.hitCount } }

  /// The remembered outcome; `nil` when the evaluator would have to be asked.
  public func remembered(_ point: Point, in context: Context) -> Outcome? {
    let key = Key(point: point, context: context.id)
    return state.withLock { $0.outcomes[key] }.map(problem.judging)
  }

  /// The remembered outcome, or that of the evaluator behind, judged by the limits of the problem.
  public func evaluate(_ point: Point, in context: Context) async throws -> Outcome {
    let key = Key(point: point, context: context.id)
    let known = state.withLock { state in
      let known = state.outcomes[key]
      if known != nil { state.hitCount += 1 }
      return known
    }
    if let known { return problem.judging(known) }
    let outcome = try await base.evaluate(point, in: context)
    if case .failed = outcome { return outcome }
    state.withLock { $0.outcomes[key] = outcome }
    return problem.judging(outcome)
  }
}
