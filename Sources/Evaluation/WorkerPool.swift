import Study
import Synchronization

/// Lets a stated number of evaluations run at a time, in the order they came, and keeps their programs.
final class WorkerPool: Sendable {
  private struct State {
    var freeCount: Int
    var idle: [EvaluatorWorker] = []
    var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    var nextTicket = 0
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(freeCount: count)) }

  /// Waits for a turn.
  ///
  /// - Returns: An idle program, `nil` when one has to be started.
  /// - Throws: `CancellationError`.
  func acquire() async throws -> EvaluatorWorker? {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    let isGranted = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          if state.freeCount > 0 {
            state.freeCount -= 1
            return true
          }
          state.waiting.append((ticket, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        state.waiting.firstIndex { $0.ticket == ticket }
          .map { state.waiting.remove(at: $0).continuation }
      }
      continuation?.resume(returning: false)
    }
    guard isGranted else { throw CancellationError() }
    return state.withLock { $0.idle.popLast() }
  }

  /// Ends a turn; a program that may be asked again is kept.
  func release(_ worker: EvaluatorWorker?) {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      if let worker { state.idle.append(worker) }
      guard !state.waiting.isEmpty else {
        state.freeCount += 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }

  /// Takes all idle programs out.
  func drain() -> [EvaluatorWorker] {
    state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
  }
}
