import CoDesign
import Dispatch
import Distribution
import Evaluation
import Execution
import Foundation
import Study
import Synchronization

/// Hands an answer from a task to a thread that waits.
private final class Reply: Sendable {
  private let result = Mutex<Result<String, any Error>>(.failure(CancellationError()))
  private let semaphore = DispatchSemaphore(value: 0)

  func put(_ value: Result<String, any Error>) {
    result.withLock { $0 = value }
    semaphore.signal()
  }

  func wait(seconds: Double) -> Bool { semaphore.wait(timeout: .now() + seconds) == .success }

  func text() throws -> String { try result.withLock { $0 }.get() }
}

/// The layers of a co-search, mapped by tasks elsewhere: each layer of a machine is an item.
///
/// Machines come one after the other, since each is proposed from all before it, so that as many tasks are busy as a network
/// has distinct layers. Results are those of one machine.
final class DistributedLayers: Sendable {
  private let run: ShardedRun

  /// Takes up the folder `cluster` of a run.
  ///
  /// - Throws: `ExecutorError`, `DistributionError`.
  init(
    of search: CoSearch, settings: ExecutorSettings, takesOver: Bool,
    note: @escaping @Sendable (String) -> Void
  ) throws {
    var settings = settings
    // A layer is minutes of work, and all are waited for.
    settings.shardSize = settings.shardSize ?? 1
    run = try ShardedRun(
      folder: absolutePath("\(search.folder)/cluster"), subject: try search.layerSubject(),
      settings: settings, takesOver: takesOver,
      failureAnswer: { LayerText.failure("crash: \($0)") },
      note: note)
  }

  /// The answer to a question; the thread waits for it.
  ///
  /// - Throws: `CancellationError` after `stop` is raised, `EvaluationFailure`, `ExecutorError`, `DistributionError`.
  func answer(_ question: LayerQuestion, stop: StopFlag) throws -> LayerAnswer {
    let reply = Reply()
    let item = LayerText.line(question)
    let run = run
    let task = Task {
      do {
        reply.put(.success(try await run.answer(to: item).text))
      } catch {
        reply.put(.failure(error))
      }
    }
    while !reply.wait(seconds: 0.2) {
      if stop.isRaised { task.cancel() }
    }
    let text = try reply.text()
    guard let answer = try? JSONDecoder().decode(LayerAnswer.self, from: Data(text.utf8)) else {
      throw EvaluationFailure(.garbage, "a task answered \"\(text.prefix(60))\"")
    }
    if let failed = answer.failed { throw EvaluationFailure(parsing: failed) }
    return answer
  }

  var tally: NodeTally { run.tally }

  func end(isInterrupted: Bool) { run.end(takesBack: !isInterrupted) }
}
