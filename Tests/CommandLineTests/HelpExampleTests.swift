import ArgumentParser
import Foundation
import Testing

@testable import dovetail

/// Every example that a help text shows, in a folder that looks like the repository's root.
@Suite struct HelpExampleTests {
  /// What is run first, in the folder of an example that needs it.
  private static let preparations: [(marker: String, commands: [String])] = [
    ("convolution.sqlite", ["dovetail log import Logs/gpu-convolution --out convolution.sqlite"]),
    (
      "log append runs.sqlite",
      [
        "dovetail log import runs.csv --params a,b,c --minimize runtime --feasible ok --out runs.sqlite"
      ]
    ),
    ("dovetail report runs/gemmini", [explore("runs/gemmini", "evolution")]),
    (
      "dovetail report runs/bayesian",
      [explore("runs/bayesian", "halton"), explore("runs/random", "random")]
    ),
    (
      "| dovetail tell --log runs.sqlite",
      [
        "dovetail ask --log runs.sqlite --space Configs/spaces/gemmini-like.yaml --minimize latency_ms -n 1"
      ]
    ),
  ]

  private static func explore(_ folder: String, _ designer: String) -> String {
    "dovetail explore Configs/studies/gemmini-mlp.yaml --budget 3 --no-what-if --designer \(designer) --out \(folder)"
  }

  /// Examples that learn, or map whole networks: minutes in a debug build.
  ///
  /// Their flags are parsed here; `Scripts/quickstart`
  /// and the benchmarks run the like of them in full.
  private static let slow = [
    "dovetail offline", "dovetail log generate", "dovetail codesign", "dovetail export runs",
    "dovetail rank",
  ]

  @Test func everyExampleWorks() throws {
    let examples = try Self.examples(of: [])
    #expect(examples.count >= 20)
    for example in examples {
      if Self.slow.contains(where: { example.hasPrefix($0) }) {
        #expect(throws: Never.self, "\(example)") {
          _ = try Dovetail.parseAsRoot(Self.words(example))
        }
        continue
      }
      try Self.run(example)
    }
  }

  /// The examples of a command and of those below it.
  private static func examples(of command: [String]) throws -> [String] {
    let help = try DovetailProcess.run(command + ["--help"])
    #expect(help.code == 0)
    var examples: [String] = []
    var names: [String] = []
    var current: String?
    var isListing = false
    for line in help.output.split(separator: "\n", omittingEmptySubsequences: false) {
      if let range = line.range(of: "Example: ") {
        if let current { examples.append(current) }
        current = String(line[range.upperBound...])
      } else if let known = current {
        if line.isEmpty {
          examples.append(known)
          current = nil
        } else {
          current = "\(known) \(line.drop { $0 == " " })"
        }
      }
      if line.hasPrefix("SUBCOMMANDS:") {
        isListing = true
      } else if isListing, line.hasPrefix("  "), !line.hasPrefix("   ") {
        if let name = line.split(separator: " ").first, name != "See" { names.append(String(name)) }
      }
    }
    return try examples
      + names.filter { $0 != "help" }.flatMap { try Self.examples(of: command + [$0]) }
  }

  /// The words of an example without its program, quotes taken off.
  private static func words(_ example: String) -> [String] {
    example.split(separator: " ").dropFirst().map {
      String($0).replacing("'", with: "")
    }
  }

  private static func run(_ example: String) throws {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appendingPathComponent("example-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: folder) }
    let programs = folder.appendingPathComponent("programs")
    try manager.createDirectory(at: programs, withIntermediateDirectories: true)
    for name in ["Configs", "Tests"] {
      try manager.createSymbolicLink(
        at: folder.appendingPathComponent(name),
        withDestinationURL: DovetailProcess.root.appendingPathComponent(name))
    }
    // Runs may be written under Logs, so that folder is the example's own.
    let logs = folder.appendingPathComponent("Logs")
    try manager.createDirectory(at: logs, withIntermediateDirectories: true)
    for name in ["gpu-convolution", "dosa-gemmini", "prime-edge-six-networks"] {
      try manager.createSymbolicLink(
        at: logs.appendingPathComponent(name),
        withDestinationURL: DovetailProcess.root.appendingPathComponent("Logs/\(name)"))
    }
    try manager.createSymbolicLink(
      at: programs.appendingPathComponent("dovetail"),
      withDestinationURL: DovetailProcess.executable)
    let simulator = programs.appendingPathComponent("my-simulator")
    try Data(
      """
      #!/bin/sh
      if [ -t 0 ] || ! read -r line; then
        echo '{"design":{"a":1,"b":2,"c":9},"metrics":{"runtime":3}}'
        exit
      fi
      while :; do
        id=$(echo "$line" | sed 's/.*"id": *\\([0-9]*\\).*/\\1/')
        echo "{\\"id\\":$id,\\"metrics\\":{\\"latency_ms\\":3.5}}"
        read -r line || break
      done
      """.utf8
    ).write(to: simulator)
    try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: simulator.path)
    try Data("a,b,c,runtime,ok\n1,2,3,4.5,1\n2,2,3,5.5,1\n4,1,9,,0\n".utf8).write(
      to: folder.appendingPathComponent("runs.csv"))
    var script = "set -e\n"
    for preparation in preparations where example.contains(preparation.marker) {
      // What an example makes itself is not prepared.
      for command in preparation.commands
      where !example.hasPrefix("dovetail log import") { script += "\(command) >/dev/null 2>&1\n" }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script + example]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(programs.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
    process.environment = environment
    let errors = folder.appendingPathComponent("errors")
    try Data().write(to: errors)
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 0, "\(example)\n\(said.suffix(500))")
  }
}
