import Execution
import Foundation

/// Answers items through tasks elsewhere: gathers them into manifests, submits, collects, and hands out again what was lost.
///
/// Everything it knows is in its folder: killed at any moment, it goes on from there, on any host. Results are the truth; what a
/// scheduler says only decides when a shard without one is handed out again.
///
/// `@unchecked Sendable`: `desk` is used under the lock of `condition`, the rest by one thread.
public final class ShardedRun: @unchecked Sendable {
  /// An answer and how it came about.
  public struct Answer: Hashable, Sendable {
    /// An object of JSON on one line.
    public var text: String
    /// Wall time in seconds.
    public var seconds: Double
    /// The node.
    public var host: String
  }

  /// What callers and the driving thread share.
  struct Desk {
    typealias Waiter = (ticket: Int, continuation: CheckedContinuation<Answer, any Error>)
    /// Answers nobody has asked for yet.
    var known: [String: Answer] = [:]
    var waiting: [String: [Waiter]] = [:]
    /// Items that are in no manifest, in the order they came.
    var queue: [String] = []
    /// Items that took a worker down with others, and are asked alone.
    var alone: [String] = []
    /// Items in the queues or in open manifests.
    var requested: Set<String> = []
    var lastTicket = 0
    var firstQueued = 0.0
    var lastQueued = 0.0
    var failure: (any Error)?
    var isEnding = false
    var hasEnded = false
    var tally = NodeTally()
  }

  let folder: String
  let subject: Manifest.Subject
  let settings: ExecutorSettings
  let program: String
  let allowedSeconds: Double?
  let failureAnswer: @Sendable (String) -> String
  let note: @Sendable (String) -> Void
  let condition = NSCondition()
  var desk = Desk()

  // Of the driving thread.
  let runner: any TaskRunner
  let lease: Lease
  var batches: [ShardBatch] = []
  var lastNumber = 0
  var nextListing = 0.0
  var nextSubmission = 0.0
  var refusedCount = 0
  var measured = (seconds: 0.0, count: 0, longest: 0.0)
  var nextSilenceLook = 0.0
  var toldHeld: String?
  var silentSince: Double?

  /// Takes a folder up, and what is answered in it.
  ///
  /// - Parameters:
  ///   - folder: Absolute path; made for its owner only.
  ///   - subject: What is asked about.
  ///   - settings: Who runs tasks; not `local`.
  ///   - takesOver: Whether another driver is pushed aside.
  ///   - allowedSeconds: What an evaluation may take by the study's own limit; `nil` without one.
  ///   - failureAnswer: The answer for an item whose worker failed every time, from what was seen.
  ///   - note: Gets what happens, for people.
  /// - Throws: `ExecutorError`, `DistributionError`.
  public init(
    folder: String, subject: Manifest.Subject, settings: ExecutorSettings, takesOver: Bool = false,
    allowedSeconds: Double? = nil, failureAnswer: @escaping @Sendable (String) -> String,
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    precondition(settings.kind != .local, "a sharded run needs an executor")
    try settings.check()
    try PrivateFiles.makeFolder(folder)
    self.folder = folder
    self.subject = subject
    self.settings = settings
    program = settings.program ?? Self.ownPath
    self.allowedSeconds = allowedSeconds
    self.failureAnswer = failureAnswer
    self.note = note
    runner =
      settings.isOnThisMachine
      ? try ProcessRunner(settings) : try QueueRunner(settings, folder: folder)
    lease = try Lease(folder: folder, takesOver: takesOver)
    takeUp()
    let thread = Thread { [self] in drive() }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The path of this program.
  private static var ownPath: String {
    guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(path) }
    return String(cString: path)
  }

  /// The answer to an item, as soon as there is one.
  ///
  /// - Parameter item: An object of JSON on one line; equal ones are asked once.
  /// - Throws: `CancellationError`, `ExecutorError`, `DistributionError`.
  public func answer(to item: String) async throws -> Answer {
    let ticket = condition.withLock {
      desk.lastTicket += 1
      return desk.lastTicket
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let known: Result<Answer, any Error>? = condition.withLock {
          if let failure = desk.failure { return .failure(failure) }
          if Task.isCancelled || desk.isEnding { return .failure(CancellationError()) }
          if let answer = desk.known.removeValue(forKey: item) { return .success(answer) }
          desk.waiting[item, default: []].append((ticket, continuation))
          if desk.requested.insert(item).inserted {
            desk.lastQueued = monotonicSeconds()
            if desk.queue.isEmpty { desk.firstQueued = desk.lastQueued }
            desk.queue.append(item)
            condition.signal()
          }
          return nil
        }
        if let known { continuation.resume(with: known) }
      }
    } onCancel: {
      let waiter = condition.withLock { () -> Desk.Waiter? in
        guard var waiters = desk.waiting[item],
          let place = waiters.firstIndex(where: { $0.ticket == ticket })
        else { return nil }
        let waiter = waiters.remove(at: place)
        desk.waiting[item] = waiters.isEmpty ? nil : waiters
        return waiter
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }

  /// What each node did so far.
  public var tally: NodeTally { condition.withLock { desk.tally } }

  /// Ends the run.
  ///
  /// - Parameter takesBack: Whether tasks that are waiting or running are cancelled; otherwise they go on, and a later run finds
  ///   their results. Processes of this machine are always ended.
  public func end(takesBack: Bool) {
    let isLast = condition.withLock { () -> Bool in
      guard !desk.isEnding else { return false }
      desk.isEnding = true
      condition.broadcast()
      return true
    }
    guard isLast else { return }
    condition.lock()
    while !desk.hasEnded { condition.wait() }
    condition.unlock()
    if takesBack {
      for batch in batches where !batch.submittedShards.isEmpty { runner.cancel(batch) }
    }
    runner.end()
    lease.end()
  }
}

extension NSCondition {
  func withLock<Value>(_ body: () throws -> Value) rethrows -> Value {
    lock()
    defer { unlock() }
    return try body()
  }
}
