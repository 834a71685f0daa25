public import DesignSpace
import Foundation
public import Study
import Synchronization

/// When and how often an evaluation that failed is tried again.
public struct RetryPolicy: Hashable, Sendable {
  /// Attempts at most, from 1.
  ///
  /// Default: 2, since licences and file servers hiccup.
  public var attemptCount: Int
  /// The ways to fail that are worth another attempt.
  ///
  /// Default: crashes only; a hang would cost another timeout, and garbage comes again.
  public var kinds: Set<EvaluationFailure.Kind>
  /// Seconds before the second attempt, doubled before each further one.
  ///
  /// Default: 0.1.
  public var pause: Double

  /// Creates a policy.
  public init(
    attemptCount: Int = 2, kinds: Set<EvaluationFailure.Kind> = [.crash], pause: Double = 0.1
  ) {
    precondition(attemptCount >= 1 && pause >= 0, "attempts from 1, a pause from 0")
    self.attemptCount = attemptCount
    self.kinds = kinds
    self.pause = pause
  }

  /// One attempt only.
  public static let never = RetryPolicy(attemptCount: 1)
}

/// Evaluates designs with an external program: one JSON line in, one JSON line out.
///
/// The program reads `DesignMessage` lines and answers with `EvaluationAnswer` lines. However it fails, the outcome is a
/// failure that says how; after a failure of a persistent program the next design starts a new one. Programs run in
/// process groups of their own, which end with the evaluator: first by the end of their input, then by SIGTERM, then by
/// SIGKILL. Memory is bounded whatever a program writes.
public final class ProcessEvaluator: Evaluator {
  /// How the program is run, and what it may take.
  public struct Options: Hashable, Sendable {
    /// Whether one process answers many designs, or each design starts one.
    ///
    /// Default: `true`. A persistent program has to give every answer the `id` of its design.
    public var isPersistent = true
    /// Seconds for an answer, the start of the program included.
    ///
    /// Default: 600.
    public var timeout = 600.0
    /// Seconds between the ways to end a program.
    ///
    /// Default: 2.
    public var grace = 2.0
    /// When failed evaluations are tried again.
    public var retry = RetryPolicy()
    /// Evaluations at a time, from 1; the number of licences.
    ///
    /// Default: 1.
    public var concurrentCount = 1
    /// Bytes of an answer at most.
    ///
    /// Default: 1 MiB.
    public var largestLine = 1 << 20
    /// Bytes of standard output for one answer at most.
    ///
    /// Default: 16 MiB.
    public var largestOutput = 16 << 20

    /// Creates the default options.
    public init() {}
  }

  /// For the origin of trials.
  public let name: String
  /// For the origin of trials.
  public let version: String
  /// How the program is run.
  public let options: Options
  private let command: [String]
  private let problem: Problem
  private let pool: WorkerPool
  private let lastID = Mutex(0)

  /// Creates an evaluator; nothing is started before the first evaluation.
  ///
  /// - Parameters:
  ///   - command: Program, looked up in the path, and its arguments; at least one word.
  ///   - problem: The space of the designs and the metrics of the answers.
  ///   - name: For the origin of trials; the program's file name by default.
  ///   - version: Version of the program; results of different versions are not mixed up.
  ///   - options: Its settings.
  public init(
    _ command: [String], for problem: Problem, name: String? = nil, version: String = "",
    options: Options = Options()
  ) {
    precondition(!command.isEmpty && !command[0].isEmpty, "a command has a program")
    precondition(
      options.timeout > 0 && options.grace >= 0 && options.concurrentCount >= 1,
      "times and counts are positive")
    self.command = command
    self.problem = problem
    self.name = name ?? (command[0] as NSString).lastPathComponent
    self.version = version
    self.options = options
    pool = WorkerPool(count: options.concurrentCount)
  }

  /// Ends the idle programs: the end of their input, and signals when that does not help.
  public func shutDown() {
    for worker in pool.drain() { worker.end(grace: options.grace) }
  }

  /// Evaluates one design, waiting for its turn.
  ///
  /// - Throws: `CancellationError`; the program is ended then.
  public func evaluate(_ point: Point, in context: Context) async throws -> Outcome {
    var attempt = 1
    while true {
      try Task.checkCancellation()
      let outcome = try await attemptOnce(point, context)
      guard case .failed(let failure) = outcome else { return outcome }
      guard attempt < options.retry.attemptCount, options.retry.kinds.contains(failure.kind) else {
        guard attempt > 1 else { return outcome }
        return .failed(EvaluationFailure(failure.kind, "\(failure.detail), \(attempt) attempts"))
      }
      let pause = options.retry.pause * Double(1 << min(attempt - 1, 20))
      try await Task.sleep(for: .seconds(pause))
      attempt += 1
    }
  }

  private func attemptOnce(_ point: Point, _ context: Context) async throws -> Outcome {
    let id = lastID.withLock { id in
      id += 1
      return id
    }
    let line = DesignMessage.line(
      id: id, design: point, of: problem.space, workload: context.id)
    let idle = try await pool.acquire()
    let flag = CancellationFlag()
    let reply = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A thread of its own: waiting for a program must not hold one that tasks need.
        Thread.detachNewThread {
          continuation.resume(returning: self.ask(idle, id: id, line, flag))
        }
      }
    } onCancel: {
      flag.raise()
    }
    pool.release(reply.worker)
    guard let outcome = reply.outcome else { throw CancellationError() }
    return outcome
  }

  private struct Reply: Sendable {
    /// A program that can be asked again.
    var worker: EvaluatorWorker?
    /// `nil` when canceled.
    var outcome: Outcome?
  }

  private func ask(
    _ idle: EvaluatorWorker?, id: Int, _ line: String, _ flag: CancellationFlag
  ) -> Reply {
    do throws(EvaluationFailure) {
      let worker: EvaluatorWorker
      if let idle { worker = idle } else { worker = try EvaluatorWorker(command) }
      let answer = try worker.exchange(
        Array((line + "\n").utf8), isOnly: !options.isPersistent,
        within: EvaluatorWorker.Allowance(
          seconds: options.timeout, grace: options.grace, lineBytes: options.largestLine,
          outputBytes: options.largestOutput),
        isCanceled: { flag.isRaised })
      guard let answer else { return Reply() }
      do {
        let outcome = try outcome(of: answer, id: id)
        return Reply(worker: options.isPersistent ? worker : nil, outcome: outcome)
      } catch {
        // What it says next cannot be trusted either.
        worker.end(grace: 0)
        throw error
      }
    } catch {
      return Reply(outcome: .failed(error))
    }
  }

  private func outcome(of line: [UInt8], id: Int) throws(EvaluationFailure) -> Outcome {
    let answer: EvaluationAnswer
    do {
      answer = try EvaluationAnswer(parsing: line, for: problem)
    } catch {
      throw EvaluationFailure(.garbage, error.description)
    }
    if let got = answer.id {
      guard got == id else {
        throw EvaluationFailure(.garbage, "got the answer to id \(got), expected id \(id)")
      }
    } else if options.isPersistent, !answer.isErrorReport {
      throw EvaluationFailure(.garbage, "got an answer without id, expected id \(id)")
    }
    return answer.outcome
  }
}

/// Carries a cancellation to a thread that waits.
private final class CancellationFlag: Sendable {
  private let flag = Atomic(false)

  var isRaised: Bool { flag.load(ordering: .relaxed) }

  func raise() { flag.store(true, ordering: .relaxed) }
}
