import DesignSpace
import Distribution
import Foundation
import Study
import Synchronization

/// An evaluator whose designs are evaluated by tasks elsewhere, through manifests and results in a folder.
///
/// Its outcomes are those of the evaluator it stands for; only who computes them, and when, differs.
final class DistributedEvaluator: Evaluator {
  private struct Key: Hashable {
    var point: Point
    var context: Context.ID
  }

  let name: String
  let version: String
  private let run: ShardedRun
  private let seconds = Mutex<[Key: Double]>([:])

  /// Takes up a folder of manifests and results.
  ///
  /// - Throws: `ExecutorError`, `DistributionError`.
  init(
    for evaluator: any Evaluator, study: StudyFile, problem: Problem, folder: String,
    settings: ExecutorSettings, takesOver: Bool, note: @escaping @Sendable (String) -> Void
  ) throws {
    name = evaluator.name
    version = evaluator.version
    run = try ShardedRun(
      folder: absolutePath(folder),
      subject: try EvaluatedStudy.subject(of: study, problem: problem), settings: settings,
      takesOver: takesOver, allowedSeconds: Self.allowedSeconds(study),
      failureAnswer: { EvaluationText.answer(.failed(EvaluationFailure(.crash, $0))) }, note: note)
  }

  /// What the study allows an evaluation; the embedded model has no limit.
  private static func allowedSeconds(_ study: StudyFile) -> Double? {
    switch study.evaluator {
    case .template: nil
    case .command(_, _, let seconds, _): seconds
    }
  }

  func evaluate(_ point: Point, in context: Context) async throws -> Outcome {
    let (outcome, time) = try await measure(point, in: context.id)
    seconds.withLock { $0[Key(point: point, context: context.id)] = time }
    return outcome
  }

  /// An outcome with the wall time of the evaluation itself.
  func measure(_ point: Point, in context: Context.ID) async throws -> (Outcome, seconds: Double) {
    let answer = try await run.answer(to: EvaluationText.question(point, context))
    let outcome =
      EvaluationText.outcome(parsing: answer.text)
      ?? .failed(
        EvaluationFailure(.garbage, "a task answered \"\(answer.text.prefix(60))\""))
    return (outcome, answer.seconds)
  }

  /// The trial with the wall time of the evaluation itself, without waiting for its turn.
  func timed(_ trial: Trial) -> Trial {
    let key = Key(point: trial.point, context: trial.context)
    guard let known = seconds.withLock({ $0.removeValue(forKey: key) }) else { return trial }
    var origin = trial.origin
    origin.seconds = known
    return Trial(
      id: trial.id, point: trial.point, context: trial.context, outcome: trial.outcome,
      origin: origin)
  }

  /// What each node did so far.
  var tally: NodeTally { run.tally }

  /// Ends the run; tasks that are under way are taken back unless the user interrupted.
  func end(isInterrupted: Bool) { run.end(takesBack: !isInterrupted) }
}
