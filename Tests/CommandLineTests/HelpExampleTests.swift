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
    ("dovetail watch runs/gemmini", [explore("runs/gemmini", "evolution")]),
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
    ("edge.sqlite", ["dovetail log import Logs/prime-edge-six-networks --out edge.sqlite"]),
    ("designs.csv", ["dovetail log export edge.sqlite --workload mobilenet-v2 --out designs.csv"]),
    (
      "dovetail export runs/dqn",
      ["dovetail codesign Configs/studies/codesign-dqn-168.yaml --out runs/dqn"]
    ),
  ]

  private static func explore(_ folder: String, _ designer: String) -> String {
    "dovetail explore Configs/studies/gemmini-mlp.yaml --budget 3 --no-what-if --designer \(designer) --out \(folder)"
  }

  /// Examples that learn, or map whole networks: minutes in a debug build.
  ///
  /// Their flags are parsed here; they are run by the optimized program where there is one, as in `Scripts/test`.
  private static let slow = [
    "dovetail offline", "dovetail log generate", "dovetail codesign", "dovetail export runs",
    "dovetail rank",
  ]

  @Test func everyExampleWorks() throws {
    let examples = try Self.examples(of: [])
    #expect(examples.count >= 20)
    for example in examples {
      if Self.isSlow(example) {
        #expect(throws: Never.self, "\(example)") {
          _ = try Dovetail.parseAsRoot(Self.words(example))
        }
        continue
      }
      try Self.run(example, by: DovetailProcess.executable)
    }
  }

  @Test(.enabled(if: DovetailProcess.optimized != nil, "DOVETAIL_OPTIMIZED names no program"))
  func everySlowExampleWorks() throws {
    let program = try #require(DovetailProcess.optimized)
    let examples = try Self.examples(of: []).filter(Self.isSlow)
    #expect(examples.count >= 6)
    for example in examples { try Self.run(example, by: program) }
  }

  private static func isSlow(_ example: String) -> Bool {
    slow.contains { example.hasPrefix($0) }
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

  private static func run(_ example: String, by program: URL) throws {
    let folder = try ExampleFolder(program: program)
    defer { folder.remove() }
    try folder.write(
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
      """, toProgram: "my-simulator")
    try folder.write("a,b,c,runtime,ok\n1,2,3,4.5,1\n2,2,3,5.5,1\n4,1,9,,0\n", to: "runs.csv")
    var script = "set -e\n"
    for preparation in preparations where example.contains(preparation.marker) {
      // What an example makes itself is not prepared.
      for command in preparation.commands
      where !example.hasPrefix("dovetail log import") && !example.hasPrefix("dovetail log generate")
      {
        script += "\(command) >/dev/null 2>&1\n"
      }
    }
    let (code, said) = try folder.run(script + example)
    #expect(code == 0, "\(example)\n\(said.suffix(500))")
  }
}
