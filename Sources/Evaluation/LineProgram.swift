public import Study
import Synchronization

/// A program that answers a line with a line and is kept for the next one.
///
/// As many processes run as callers ask at the same time; one that fails is ended, and the next question starts a new one. All end with
/// the value.
public final class LineProgram: Sendable {
  private let command: [String]
  private let allowance: EvaluatorWorker.Allowance
  private let idle = Mutex<[EvaluatorWorker]>([])

  /// Creates a program; nothing is started before the first question.
  ///
  /// - Parameters:
  ///   - command: Program, looked up in the path, and its arguments; at least one word.
  ///   - timeoutSeconds: Seconds for an answer, above 0, the start of the program included.
  public init(_ command: [String], timeoutSeconds: Double) {
    precondition(!command.isEmpty && !command[0].isEmpty, "a command has a program")
    precondition(timeoutSeconds > 0, "times are positive")
    self.command = command
    allowance = EvaluatorWorker.Allowance(
      seconds: timeoutSeconds, grace: 2, lineBytes: 1 << 20, outputBytes: 16 << 20)
  }

  /// Asks on the calling thread; a program that ended since its last answer is started once more.
  ///
  /// - Parameter line: Without its end, and without line breaks.
  /// - Returns: The answer without its end.
  public func answer(to line: [UInt8]) throws(EvaluationFailure) -> [UInt8] {
    if let worker = idle.withLock({ $0.popLast() }) {
      do throws(EvaluationFailure) {
        return try ask(worker, line)
      } catch {
        // It may have ended of itself, between the lines.
        guard error.kind == .crash else { throw error }
      }
    }
    return try ask(try EvaluatorWorker(command), line)
  }

  private func ask(_ worker: EvaluatorWorker, _ line: [UInt8]) throws(EvaluationFailure) -> [UInt8]
  {
    let answer = try worker.exchange(
      line + [0x0a], isOnly: false, within: allowance, isCanceled: { false })
    guard let answer else { throw EvaluationFailure(.crash, "canceled") }
    idle.withLock { $0.append(worker) }
    return answer
  }
}
