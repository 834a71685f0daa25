import Foundation
import Testing

/// What `explore`, `ask` and `tell` print where, and the examples of their help.
@Suite struct ExploreTerminalTests {
  private static let pause = "sleep 0.01"

  @Test func progressIsPlainLinesWithTimesElsewhereThanOnATerminal() throws {
    let sample = try ExploreSample(budget: 8, script: Self.pause)
    defer { sample.remove() }
    let result = try DovetailProcess.run(["explore", sample.study, "--out", sample.run])
    let lines = result.errors.split(separator: "\n")
    #expect(!lines.isEmpty && !result.errors.contains("\u{1b}") && !result.errors.contains("\r"))
    for line in lines {
      let isProgress =
        line.wholeMatch(
          of:
            #/[-0-9]{10}T[:0-9]{8}Z \d of 8 evaluations, \d+ % feasible(, best \S+)?, \d+ s left/#
        ) != nil
      #expect(isProgress, "\(line)")
    }
    let quiet = try sample.explore()
    #expect(quiet.errors.isEmpty)
  }

  @Test(arguments: [["TERM": "xterm"], ["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb"]])
  func progressIsRedrawnOnATerminalOnly(environment: [String: String]) throws {
    let sample = try ExploreSample(budget: 30, script: "sleep 0.02")
    defer { sample.remove() }
    // The program `script` runs a command on a terminal of its own.
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    let command = "\(DovetailProcess.executable.path) explore \(sample.study) --out \(sample.run)"
    process.arguments = ["-qec", "\(command) >/dev/null", "/dev/null"]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let isRedrawn = text.contains("\r\u{1b}[K") && text.hasSuffix("\r\u{1b}[K")
    #expect(isRedrawn == (environment["TERM"] != "dumb"), "\(text)")
    // Clearing the line is the only control sequence: nothing is colored, with NO_COLOR or without.
    #expect(!text.replacing("\u{1b}[K", with: "").contains("\u{1b}"))
  }

  @Test func theFolderTellsTheWholeStory() throws {
    let sample = try ExploreSample(budget: 6, extra: "parallel: 2")
    defer { sample.remove() }
    #expect(try sample.explore().code == 0)
    let log = try sample.text("run/dovetail.log").split(separator: "\n")
    let isTimed = log.allSatisfy { line in
      line.prefixMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /#) != nil
    }
    #expect(isTimed)
    let texts = log.map { String($0.dropFirst(21)) }
    #expect(texts.first == "begun: \(sample.study), designer evolution, seed 3")
    #expect(texts.count { $0.hasPrefix("evaluation ") } == 6)
    #expect(texts.contains { $0.hasPrefix("6 evaluations, ") })
    let resolved = try sample.text("run/resolved.yaml")
    #expect(
      resolved == """
        # The study of this run, with absolute paths; read again by --resume.
        name: "toy"
        space: "\(sample.folder)/space.yaml"
        evaluator:
          command: ["sh", "\(sample.folder)/evaluator.sh"]
          persistent: true
          timeoutSeconds: 600.0
        metrics: ["t"]
        minimize: ["t"]
        designer: "evolution"
        budget: 6
        batch: 1
        parallel: 2
        seed: 3

        """)
  }

  /// The command lines of `Example: ...` in a help text.
  static func examples(_ command: String) throws -> [String] {
    let help = try DovetailProcess.run([command, "--help"])
    #expect(help.code == 0)
    let paragraphs = help.output.split(separator: "\n\n").map {
      $0.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .joined(separator: " ")
    }
    return paragraphs.filter { $0.hasPrefix("Example: ") }.map { String($0.dropFirst(9)) }
  }

  @Test func everyExampleOfTheHelpWorks() throws {
    // A folder that looks like the repository's root, with the program and a simulator in the path.
    let folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-examples-\(UUID().uuidString)")
    let bin = folder.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, target) in [
      ("Configs", DovetailProcess.root.appendingPathComponent("Configs")),
      ("bin/dovetail", DovetailProcess.executable),
    ] {
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent(name), withDestinationURL: target)
    }
    let simulator = bin.appendingPathComponent("my-simulator")
    try Data(
      """
      #!/bin/sh
      while read -r line; do
        id=${line#*:}; id=${id%%,*}
        echo "{\\"id\\":$id,\\"metrics\\":{\\"latency_ms\\":$id.5,\\"area_mm2\\":2}}"
      done
      """.utf8
    ).write(to: simulator)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: simulator.path)
    var count = 0
    for command in ["explore", "ask", "tell"] {
      let examples = try Self.examples(command)
      #expect(!examples.isEmpty, "\(command)")
      for example in examples {
        let shell = Process()
        let (output, errors) = (Pipe(), Pipe())
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "export PATH=\"$PWD/bin:$PATH\"; \(example)"]
        shell.currentDirectoryURL = folder
        shell.standardOutput = output
        shell.standardError = errors
        try shell.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let told = errors.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        #expect(
          shell.terminationStatus == 0,
          "\(example): \(String(decoding: told, as: UTF8.self))")
        #expect(!printed.isEmpty)
        count += 1
      }
    }
    #expect(count >= 3)
  }
}
