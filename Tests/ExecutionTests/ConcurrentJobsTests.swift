import Execution
import Foundation
import Testing

@Suite struct ConcurrentJobsTests {
  @Test(arguments: [1, 2, 7])
  func everyJobIsDoneOnce(threadCount: Int) throws {
    var results: [Int: Int] = [:]
    try concurrentJobs(count: 100, threadCount: threadCount) {
      $0 * $0
    } receive: { number, value in
      #expect(results.updateValue(value, forKey: number) == nil)
    }
    #expect(results == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, $0 * $0) }))
  }

  @Test func noJobsNeedNoThreads() throws {
    try concurrentJobs(count: 0, threadCount: 3) {
      $0
    } receive: { _, _ in
      Issue.record("nothing was asked for")
    }
  }

  private struct Refusal: Error {}

  @Test func anErrorOfTheReceiverEndsTheWork() {
    var received = 0
    #expect(throws: Refusal.self) {
      try concurrentJobs(count: 50, threadCount: 2) {
        $0
      } receive: { _, _ in
        received += 1
        if received == 3 { throw Refusal() }
      }
    }
    #expect(received == 3)
  }

  @Test func cancellationKeepsWhatHasEnded() async {
    let task = Task {
      var received: [Int] = []
      do {
        try concurrentJobs(count: 1_000, threadCount: 2) { number in
          if number > 1 { Thread.sleep(forTimeInterval: 0.01) }
          return number
        } receive: { number, _ in
          received.append(number)
          if received.count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
        }
        return (received, false)
      } catch {
        return (received, error is CancellationError)
      }
    }
    let (received, isCancelled) = await task.value
    #expect(isCancelled)
    #expect(received.count >= 2)
    #expect(received.count < 1_000)
  }
}
