import Foundation
import Testing

/// What `watch` shows on a terminal, and elsewhere.
@Suite struct WatchTerminalTests {
  /// What a screen shows after some bytes: only what `watch` writes is known to it.
  private struct Screen {
    var lines: [String] = [""]
    var row = 0
    var clearCount = 0
    var drawCount = 0
    var unknown: [String] = []

    init(_ text: String) {
      var rest = text[...]
      var column = 0
      while let character = rest.popFirst() {
        switch character {
        case "\u{1b}":
          let code =
            rest.prefix { $0 == "[" || $0.isNumber }
            + rest.drop { $0 == "[" || $0.isNumber }
            .prefix(1)
          rest = rest.dropFirst(code.count)
          switch code {
          case "[H":
            (row, column) = (0, 0)
            drawCount += 1
          case "[2J":
            lines = [""]
            clearCount += 1
          case "[K": lines[row] = String(lines[row].prefix(column))
          case "[J": lines = Array(lines.prefix(row + 1))
          default: unknown.append(String(code))
          }
        case "\r": column = 0
        case "\n", "\r\n":
          row += 1
          column = 0
          if row == lines.count { lines.append("") }
        default:
          lines[row] =
            String(lines[row].prefix(column)) + String(character)
            + String(lines[row].dropFirst(column + 1))
          column += 1
        }
      }
    }
  }

  /// A run of ten evaluations by tasks that is not finished, as its folder tells.
  private static func sample() throws -> ExploreSample {
    let sample = try ExecutorCommandTests.sample(
      budget: 10, script: "sleep 0.1", extra: "batch: 5\nparallel: 5")
    let result = try sample.explore(ExecutorCommandTests.processes)
    #expect(result.code == 0, "\(result.errors)")
    try FileManager.default.removeItem(atPath: "\(sample.run)/report.html")
    return sample
  }

  /// Watches on a terminal, which the program `script` makes.
  ///
  /// - Parameter work: What happens meanwhile; it is given what is typed.
  private static func watch(
    _ run: String, columns: Int, rows: Int = 30, environment: [String: String] = [:],
    _ work: (FileHandle) throws -> Void
  ) throws -> (text: String, code: Int32) {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    let command = "stty cols \(columns) rows \(rows); exec \(DovetailProcess.executable.path)"
    process.arguments = ["-qec", "\(command) watch \(run)", "/dev/null"]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TERM": "xterm"]) { $1 }.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try work(input.fileHandleForWriting)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, process.terminationStatus)
  }

  /// A run that goes on is seen to its end, on one screen, whatever its width.
  @Test(arguments: [40, 200]) func aTerminalIsRedrawnInPlaceUntilTheEnd(columns: Int) throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    let (text, code) = try Self.watch(
      sample.run, columns: columns, environment: columns == 40 ? ["NO_COLOR": "1"] : [:]
    ) { _ in
      Thread.sleep(forTimeInterval: 1.5)
      let more = try DovetailProcess.run(
        ["explore", "--resume", sample.run, "--budget", "20", "--quiet"]
          + ExecutorCommandTests.processes)
      #expect(more.code == 0, "\(more.errors)")
    }
    #expect(code == 0, "\(text)")
    let screen = Screen(text)
    #expect(screen.unknown == [] && screen.clearCount == 1 && screen.drawCount >= 2)
    #expect(screen.lines.allSatisfy { $0.count <= columns }, "\(screen.lines)")
    #expect(screen.lines.count { $0.contains("evaluations:") } == 1)
    #expect(screen.lines.contains("  evaluations:  20 of 20"), "\(screen.lines)")
    #expect(screen.lines.suffix(2) == ["  the run has ended", ""])
    // Nodes are a table where there is room, and lines of their own elsewhere.
    let isTable = screen.lines.contains {
      $0.hasPrefix("  node ") && $0.hasSuffix("a minute and task")
    }
    #expect(isTable == (columns == 200), "\(screen.lines)")
    #expect(
      isTable || screen.lines.contains { $0.firstMatch(of: #/^  node \S+: 0 running, /#) != nil },
      "\(screen.lines)")
  }

  /// Few rows: the last one says how many lines are missing, and nothing scrolls.
  @Test func controlCEndsWith130() throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    let (text, code) = try Self.watch(sample.run, columns: 80, rows: 6) { keys in
      Thread.sleep(forTimeInterval: 2.5)
      try keys.write(contentsOf: Data([3]))
    }
    #expect(code == 130, "\(text)")
    let screen = Screen(text.replacing("^C", with: ""))
    #expect(screen.unknown == [] && screen.clearCount == 1 && screen.drawCount >= 2)
    #expect(screen.lines.count == 6 && screen.lines[5] == "", "\(screen.lines)")
    #expect(screen.lines[4].wholeMatch(of: #/  and \d+ more lines/#) != nil, "\(screen.lines)")
    #expect(!text.contains("interrupted"))
  }

  @Test func elsewhereItIsPlainLines() throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    // A terminal that cannot be rewritten.
    let dumb = try Self.watch(sample.run, columns: 40, environment: ["TERM": "dumb"]) { keys in
      Thread.sleep(forTimeInterval: 1.5)
      try keys.write(contentsOf: Data([3]))
    }
    #expect(dumb.code == 130)
    #expect(!dumb.text.contains("\u{1b}") && dumb.text.contains("  evaluations:  10 of 10"))
    try sample.write("run/report.html", "")
    let ended = try DovetailProcess.run(["watch", sample.run])
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(!ended.output.contains("\u{1b}") && !ended.output.contains("\r"))
    #expect(ended.output.hasSuffix("\n  the run has ended\n") && ended.errors.isEmpty)
  }
}
