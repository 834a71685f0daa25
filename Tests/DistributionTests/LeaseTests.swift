import Foundation
import Testing

@testable import Distribution

@Suite struct LeaseTests {
  @Test func aSecondDriverIsRefused() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let first = try Lease(folder: folder.path, takesOver: false)
    #expect(
      throws: ExecutorError.held(
        folder: folder.path, host: nodeName(), process: getpid(), secondsAgo: 0)
    ) { try Lease(folder: folder.path, takesOver: false) }
    first.end()
    let second = try Lease(folder: folder.path, takesOver: false)
    second.end()
    #expect(PrivateFiles.names(in: folder.path) == [])
    #expect(
      "\(ExecutorError.held(folder: "r", host: "n1", process: 7, secondsAgo: 3))" == """
        r: got a run that process 7 on n1 works on, seen 3 s ago; expected one that nobody works on
        hint: end that one, wait two minutes if it is gone, or add --take-over
        """)
  }

  @Test func whoIsTakenOverEnds() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let first = try Lease(folder: folder.path, takesOver: false)
    let second = try Lease(folder: folder.path, takesOver: true)
    #expect(
      throws: ExecutorError.takenOver(folder: folder.path, host: nodeName(), process: getpid())
    ) { try first.check() }
    try second.check()
    // The one that was pushed aside leaves the other's file.
    first.end()
    try second.check()
    #expect(PrivateFiles.names(in: folder.path) == ["lease.json"])
    #expect(
      "\(ExecutorError.takenOver(folder: "r", host: "n1", process: 7))" == """
        r: process 7 on n1 took the run over; this one ends
        hint: nothing is lost: what was finished is in the run folder
        """)
  }

  @Test(arguments: [
    // A process of this host that is gone, however fresh.
    (true, 4_000_000, 0.0, true), (false, 1, 60.0, false), (false, 1, 130.0, true),
  ])
  func aDriverThatIsGoneIsReplaced(own: Bool, process: Int, age: Double, isReplaced: Bool) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let time = Date().timeIntervalSince1970 - age
    let host = own ? nodeName() : "elsewhere"
    try PrivateFiles.write(
      Array("{\"host\":\"\(host)\",\"mark\":1,\"process\":\(process),\"time\":\(time)}".utf8),
      to: "\(folder.path)/lease.json")
    let lease = try? Lease(folder: folder.path, takesOver: false)
    #expect((lease != nil) == isReplaced)
  }

  @Test func halfALeaseIsNone() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try PrivateFiles.write(Array("{\"host\":".utf8), to: "\(folder.path)/lease.json")
    let lease = try Lease(folder: folder.path, takesOver: false)
    lease.end()
  }
}
