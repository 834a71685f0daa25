import Foundation

/// A flag that asks work on other threads to end soon.
///
/// `@unchecked Sendable`: every access holds the lock.
public final class StopFlag: @unchecked Sendable {
  private let lock = NSLock()
  private var value = false

  /// Creates a flag that asks for nothing.
  public init() {}

  /// Whether work should end.
  public var isRaised: Bool {
    lock.lock()
    defer { lock.unlock() }
    return value
  }

  /// Asks all who look to end.
  public func raise() {
    lock.lock()
    value = true
    lock.unlock()
  }
}

/// Runs numbered jobs on several threads and hands their results over as they finish.
///
/// - Parameters:
///   - count: Jobs are numbered `0..<count` and begun in this order.
///   - threadCount: Threads to work on, at least 1.
///   - stop: Raised when the surrounding task is cancelled; jobs that look at it have ten seconds to hand over what they
///     have.
///   - job: Makes the result of one job; called on other threads.
///   - tick: Called on the caller's thread now and then, ten times a second at least.
///   - receive: Gets number and result on the caller's thread, in the order in which jobs end.
/// - Throws: `CancellationError` when the surrounding task is cancelled, after what has ended was handed over; whatever
///   `receive` throws. Jobs still under way are then abandoned: they run on to their end, and their results are dropped.
public func concurrentJobs<Value: Sendable>(
  count: Int, threadCount: Int, stop: StopFlag? = nil, job: @escaping @Sendable (Int) -> Value,
  tick: () -> Void = {}, receive: (Int, Value) throws -> Void
) throws {
  precondition(threadCount >= 1, "at least one thread is needed")
  let board = JobBoard<Value>(count: count)
  defer { board.close() }
  for _ in 0..<min(threadCount, count) {
    let thread = Thread {
      while let number = board.take() { board.put(number, job(number)) }
    }
    // Searches recurse by dimensions and levels; twice what a main thread has.
    thread.stackSize = 16 << 20
    thread.start()
  }
  var received = 0
  while received < count {
    for (number, value) in board.collect(seconds: 0.05) {
      try receive(number, value)
      received += 1
    }
    tick()
    if received < count, Task.isCancelled {
      if let stop {
        stop.raise()
        board.close()
        let end = Date(timeIntervalSinceNow: 10)
        while board.runningCount > 0, Date() < end {
          for (number, value) in board.collect(seconds: 0.05) { try receive(number, value) }
        }
        for (number, value) in board.collect(seconds: 0) { try receive(number, value) }
      }
      throw CancellationError()
    }
  }
}

/// What is to be done and what is done.
///
/// `@unchecked Sendable`: every access holds the lock of `condition`.
private final class JobBoard<Value: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private let count: Int
  private var next = 0
  private var running = 0
  private var finished: [(Int, Value)] = []

  init(count: Int) {
    self.count = count
  }

  func take() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    guard next < count else { return nil }
    next += 1
    running += 1
    return next - 1
  }

  func put(_ number: Int, _ value: Value) {
    condition.lock()
    finished.append((number, value))
    running -= 1
    condition.signal()
    condition.unlock()
  }

  /// Jobs that are begun and not done.
  var runningCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return running
  }

  /// What has ended since the last call; waits a little when there is nothing.
  func collect(seconds: Double) -> [(Int, Value)] {
    condition.lock()
    defer { condition.unlock() }
    if finished.isEmpty { _ = condition.wait(until: Date(timeIntervalSinceNow: seconds)) }
    defer { finished = [] }
    return finished
  }

  /// No further job is begun.
  func close() {
    condition.lock()
    next = count
    condition.unlock()
  }
}
