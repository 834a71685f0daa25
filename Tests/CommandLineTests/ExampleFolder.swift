import Foundation

/// A folder that looks like the repository's root, in which commands are run as a user types them.
struct ExampleFolder {
  let url: URL
  private let programs: URL

  /// - Parameter program: What `dovetail` is there.
  init(program: URL) throws {
    let manager = FileManager.default
    url = manager.temporaryDirectory.appendingPathComponent("example-\(UUID().uuidString)")
    programs = url.appendingPathComponent("programs")
    try manager.createDirectory(at: programs, withIntermediateDirectories: true)
    for name in ["Configs", "Tests"] {
      try manager.createSymbolicLink(
        at: url.appendingPathComponent(name),
        withDestinationURL: DovetailProcess.root.appendingPathComponent(name))
    }
    // Runs may be written under Logs, so that folder is the example's own.
    let logs = url.appendingPathComponent("Logs")
    try manager.createDirectory(at: logs, withIntermediateDirectories: true)
    for name in ["gpu-convolution", "dosa-gemmini", "prime-edge-six-networks"] {
      try manager.createSymbolicLink(
        at: logs.appendingPathComponent(name),
        withDestinationURL: DovetailProcess.root.appendingPathComponent("Logs/\(name)"))
    }
    try manager.createSymbolicLink(
      at: programs.appendingPathComponent("dovetail"), withDestinationURL: program)
  }

  func remove() { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  func write(_ text: String, toProgram name: String) throws {
    let file = programs.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  /// Runs a script of the shell.
  ///
  /// - Returns: Its exit code, and what it wrote to standard error.
  func run(_ script: String) throws -> (code: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = url
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(programs.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
    process.environment = environment
    let errors = url.appendingPathComponent("errors")
    try Data().write(to: errors)
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: errors, encoding: .utf8))
  }
}
