import Foundation

/// A Slurm of two nodes, `n1` and `n2`, on this host for one test; see the script `slurm` beside this file.
final class SlurmCluster {
  let folder: String
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("slurm").path

  /// Whether the daemons are installed and may be started.
  static var isAvailable: Bool {
    geteuid() == 0
      && ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
      }
  }

  struct Failure: Error { var said: String }

  init() throws {
    // Sockets have short names only.
    folder = "/tmp/dovetail-slurm-\(getpid())-\(UInt16.random(in: 0...UInt16.max))"
    let (code, said) = try run(["bash", Self.script, "start", folder])
    guard code == 0 else { throw Failure(said: said) }
  }

  var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging(["SLURM_CONF": "\(folder)/slurm.conf"]) { $1 }
  }

  /// Runs a command as a user of the cluster.
  @discardableResult
  func run(_ words: [String], in place: String = "/") throws -> (code: Int32, said: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = environment
    process.currentDirectoryURL = URL(fileURLWithPath: place)
    let file = "/tmp/dovetail-slurm-said-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: file, encoding: .utf8))
  }

  /// SIGKILL for `slurmctld`, or for a node with the tasks on it.
  func kill(_ name: String) throws { try run(["bash", Self.script, "kill", folder, name]) }

  func start(_ name: String) throws { try run(["bash", Self.script, "start-one", folder, name]) }

  /// Starts the program as a user of the cluster, standard error into a file.
  func begin(_ arguments: [String], errors: String) throws -> Process {
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = DovetailProcess.root
    if !FileManager.default.fileExists(atPath: errors) {
      try Data().write(to: URL(fileURLWithPath: errors))
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try handle.seekToEnd()
    process.standardError = handle
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Tasks that run, `JOB_INDEX`.
  func runningTasks() throws -> [String] {
    try run(["squeue", "--noheader", "--array", "--states=RUNNING", "--format=%i"]).said
      .split(separator: "\n").map(String.init)
  }

  func end() {
    _ = try? run(["bash", Self.script, "stop", folder])
    try? FileManager.default.removeItem(atPath: folder)
  }
}
