import Foundation
import Testing

/// Another name of the host.
private enum OtherHost {
  /// Whether this machine may give processes another name of the host, which takes root.
  static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["--uts", "--pid", "--fork", "hostname", "somewhere"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}

/// A run that goes on on another host: one that has another name, and does not see the processes of the first.
@Suite(.enabled(if: OtherHost.isPossible)) struct OtherHostTests {
  private static func begin(_ host: String, _ arguments: [String], errors: String) throws -> Process
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments =
      [
        "--uts", "--pid", "--fork", "--kill-child", "sh", "-c",
        "hostname \(host) && exec \"$@\"", "sh", DovetailProcess.executable.path,
      ] + arguments
    process.currentDirectoryURL = DovetailProcess.root
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try Data().write(to: URL(fileURLWithPath: errors))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    return process
  }

  @Test func aKilledDriverIsGoneOnWithFromAnotherHostWhenItsLeaseIsStale() throws {
    let sample = try ExecutorCommandTests.sample(script: "[ ! -e slow ] || sleep 0.1")
    defer { sample.remove() }
    let alone = "\(sample.folder)/alone"
    _ = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    try sample.write("slow", "")
    let errors = "\(sample.folder)/errors"
    let arguments =
      ["explore", sample.study, "--out", sample.run, "--quiet"] + ExecutorCommandTests.processes
    let first = try Self.begin("node-a", arguments, errors: errors)
    let end = Date(timeIntervalSinceNow: 30)
    while sample.calls.count < 38, Date() < end { usleep(20_000) }
    // The whole host is gone: its driver and its tasks.
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    let lease = "run/cluster/lease.json"
    let left = try sample.text(lease)
    #expect(left.contains("\"host\":\"node-a\""), "\(left)")

    // Seen a moment ago, as far as another host can tell.
    let refused = try Self.begin("node-b", arguments, errors: errors)
    refused.waitUntilExit()
    #expect(refused.terminationStatus == 2)
    let said = try sample.text("errors")
    #expect(
      said.wholeMatch(
        of:
          #/
          error:\ \S+/run/cluster:\ got\ a\ run\ that\ process\ \d+\ on\ node-a\ works\ on,\ seen\ \d+\ s\ ago;
          \ expected\ one\ that\ nobody\ works\ on\n
          hint:\ end\ that\ one,\ wait\ two\ minutes\ if\ it\ is\ gone,\ or\ add\ --take-over\n
          /#) != nil, "\(said)")
    #expect(try sample.text(lease) == left)

    // Two minutes later.
    let time = try #require(left.firstMatch(of: #/"time":([0-9.]+)/#))
    let seen = try #require(Double(time.1))
    try sample.write(lease, left.replacing(time.0, with: "\"time\":\(seen - 121)"))
    let second = try Self.begin("node-b", arguments, errors: errors)
    second.waitUntilExit()
    let told = try sample.text("errors")
    #expect(second.terminationStatus == 0, "\(told)")
    #expect(
      try ExecutorCommandTests.table("\(sample.run)/trials.sqlite")
        == ExecutorCommandTests.table("\(alone)/trials.sqlite"))
    #expect(!FileManager.default.fileExists(atPath: "\(sample.folder)/\(lease)"))
    // Both hosts did a part.
    let hosts = Set(
      try FileManager.default.subpathsOfDirectory(atPath: "\(sample.run)/cluster")
        .filter { $0.contains("/results/") }
        .flatMap { try sample.text("run/cluster/\($0)").matches(of: #/"host":"([^"]+)"/#) }
        .map { String($0.1) })
    #expect(hosts == ["node-a", "node-b"])
  }

  /// A driver that is pushed aside says so before it records anything more.
  @Test func aLivingDriverIsPushedAside() throws {
    let sample = try ExecutorCommandTests.sample(
      budget: 12, script: "[ ! -e slow ] || sleep 6", extra: "batch: 4\nparallel: 4")
    defer { sample.remove() }
    let alone = "\(sample.folder)/alone"
    _ = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    try sample.write("slow", "")
    let arguments =
      ["explore", sample.study, "--out", sample.run, "--quiet"] + ExecutorCommandTests.processes
    let first = try Self.begin("node-a", arguments, errors: "\(sample.folder)/first")
    let end = Date(timeIntervalSinceNow: 30)
    while sample.calls.count < 14, Date() < end { usleep(20_000) }
    try FileManager.default.removeItem(atPath: "\(sample.folder)/slow")
    let second = try Self.begin(
      "node-b", arguments + ["--take-over"], errors: "\(sample.folder)/second")
    second.waitUntilExit()
    let told = try sample.text("second")
    #expect(second.terminationStatus == 0, "\(told)")
    first.waitUntilExit()
    #expect(
      try ExecutorCommandTests.table("\(sample.run)/trials.sqlite")
        == ExecutorCommandTests.table("\(alone)/trials.sqlite"))
    #expect(first.terminationStatus == 2)
    let complaint = try sample.text("first")
    #expect(complaint.contains("took the run over; this one ends"), "\(complaint)")
  }
}
