import Foundation
import TestSupport
import Testing

/// Limits that move, by the real program; a space of a hundred designs is the oracle.
@Suite struct SweepCommandTests {
  /// Two metrics: the cost (a - 7)^2 + (b - 8)^2 and the size a + b; nothing fails.
  static let answering =
    "echo \"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"t\\\":$(( (a-7)*(a-7) + (b-8)*(b-8) )),\\\"size\\\":$((a + b))}}\""

  static func best(size: Int) -> Double? {
    var best: Int?
    for a in 0...9 {
      for b in 0...9 where a + b <= size {
        let cost = (a - 7) * (a - 7) + (b - 8) * (b - 8)
        best = min(best ?? cost, cost)
      }
    }
    return best.map(Double.init)
  }

  static func sample(_ sweep: String, designer: String = "evolution") throws -> ExploreSample {
    let sample = try ExploreSample(designer: designer, answering: Self.answering)
    try sample.write("sweep.yaml", "name: toy sweep\nstudy: study.yaml\n\(sweep)\n")
    return sample
  }

  struct Line: Decodable {
    struct Best: Decodable {
      var seed: Int
      var step: Int
      var metrics: [String: Double]
    }
    var limits: [String]
    var evaluations: Int
    var feasible: Int
    var best: Best?
  }

  static func lines(_ output: String) throws -> [Line] {
    try output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  @Test func findsTheOptimumOfEveryStepAndNeverGetsWorse() throws {
    let sample = try Self.sample(
      "sweep: [{limit: size, values: [12, 2, 15, 8, -1]}]\nbudget: 160\nseeds: [1, 2]")
    defer { sample.remove() }
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet", "--json",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    #expect(
      lines.map(\.limits) == [
        ["size <= -1"], ["size <= 2"], ["size <= 8"], ["size <= 12"], ["size <= 15"],
      ])
    // 160 = 6 shares of 26, the first step has two and the rest; for each of two seeds. What earlier steps evaluated is not
    // evaluated again, so that all hundred designs are soon known.
    #expect(lines.map(\.evaluations) == [112, 52, 36, 0, 0])
    #expect(lines[0].best == nil && lines[0].feasible == 0)
    let found = lines.dropFirst().map { $0.best?.metrics["t"] ?? .infinity }
    #expect(zip(found, found.dropFirst()).allSatisfy { $0 >= $1 })
    for (line, size) in zip(lines.dropFirst(), [2, 8, 12, 15]) {
      let value = try #require(line.best?.metrics["t"])
      #expect(try value >= #require(Self.best(size: size)))
      #expect(line.best?.metrics["size"].map { $0 <= Double(size) } ?? false)
    }
    #expect(found == [2, 8, 12, 15].map { Self.best(size: $0) })
    // The page says what the lines say.
    let table = try String(contentsOfFile: "\(sample.run)/tables/sweep-steps.csv", encoding: .utf8)
      .split(whereSeparator: \.isNewline)
    #expect(table.count == 6)
    #expect(table[1].hasPrefix("-1,nothing feasible,nothing feasible,nothing feasible,"))
    for (row, value) in zip(table.dropFirst(2), found) {
      #expect(row.split(separator: ",")[1] == "\(Int(value))")
    }
    let page = try String(contentsOfFile: "\(sample.run)/report.html", encoding: .utf8)
    #expect(page.contains("nothing is feasible under size &lt;= -1; "))
  }

  @Test func aKilledSweepGoesOnTheSame() throws {
    let text = "sweep: [{limit: size, from: 4, to: 16, count: 4}]\nbudget: 60"
    let whole = try Self.sample(text)
    let killed = try Self.sample(text)
    defer {
      whole.remove()
      killed.remove()
    }
    let complete = try DovetailProcess.run([
      "sweep", "\(whole.folder)/sweep.yaml", "--out", whole.run, "--quiet", "--json",
    ])
    #expect(complete.code == 0, "\(complete.errors)")
    for round in 0..<3 {
      let done = killed.calls.count
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = [
        "sweep", "\(killed.folder)/sweep.yaml", "--out", killed.run, "--quiet",
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      while killed.calls.count < done + 5 * round + 1, process.isRunning { usleep(3_000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try DovetailProcess.run(["sweep", "--resume", killed.run, "--quiet", "--json"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == complete.output)
    // Only what was under way in a kill may have been asked for twice.
    #expect(killed.calls.count <= 60 + 3)
  }

  @Test func twoLimitsMakeAGrid() throws {
    let sample = try Self.sample(
      """
      sweep:
        - {limit: size, values: [6, 10, 15]}
        - {limit: t, values: [5, 100]}
      budget: 200
      """)
    defer { sample.remove() }
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet", "--json",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    #expect(lines.count == 6)
    #expect(lines[0].limits == ["size <= 6", "t <= 5"] && lines[0].best == nil)
    let grid = try String(contentsOfFile: "\(sample.run)/tables/sweep-grid.csv", encoding: .utf8)
      .split(whereSeparator: \.isNewline)
    #expect(grid.first == "size <=,t <= 5,t <= 100")
    #expect(grid.last == "15,0,0")
    #expect(grid[1].hasPrefix("6,nothing feasible,"))
  }

  @Test(.enabled(if: Browser.isWanted)) func theReportIsDrawn() throws {
    let sample = try Self.sample(
      "sweep: [{limit: size, values: [2, 8, 12, 15]}]\nbudget: 60\nseeds: [1, 2]")
    defer { sample.remove() }
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let page = try String(contentsOfFile: "\(sample.run)/report.html", encoding: .utf8)
    let look = try Browser.look(at: page, width: 400)
    #expect(look.errors == [] && look.overflow <= 0)
    #expect(look.charts.map(\.name) == ["chart-sweep-curve", "chart-sweep-designs"])
    for chart in look.charts { #expect(chart.marks == chart.stated && chart.tooltip) }
    // The same page from the folder alone.
    try FileManager.default.removeItem(atPath: "\(sample.run)/report.html")
    let again = try DovetailProcess.run(["report", sample.run, "--quiet"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(try sample.text("run/report.html") == page)
  }

  @Test(
    arguments: [
      (
        "sweep: [{limit: size, values: [1]}]\nbudget: 9",
        "sweep.yaml:3: sweep[0].values: got a list, expected 2 to 64 numbers"
      ),
      (
        "sweep: [{limit: size, values: [1, 2]}]\nbudget: 1",
        "sweep.yaml:4: budget: got 1, expected at least 2, one evaluation for each of the 2 steps"
      ),
      (
        "sweep: [{limit: size, from: 1, to: 1, count: 3}]\nbudget: 9",
        "sweep.yaml:3: sweep[0].to: got 1, expected another number than from"
      ),
      (
        "sweep: [{limit: size, values: [1, 2], count: 3}]\nbudget: 9",
        "sweep.yaml:3: sweep[0].count: got 3, expected no count beside values"
      ),
      (
        "sweep: [{limit: size, values: [1, 2]}, {limit: size, values: [1, 2]}]\nbudget: 9",
        "sweep.yaml:3: sweep[1]: got a mapping, expected another metric than size, which moves already"
      ),
      (
        "sweep: [{limit: size, from: -1, to: 4, count: 3, spacing: log}]\nbudget: 9",
        "sweep.yaml:3: sweep[0].to: got 4, expected positive bounds for log spacing"
      ),
      (
        "sweep: [{limits: size, values: [1, 2]}]\nbudget: 9",
        "sweep.yaml:3: sweep[0]: unknown key \"limits\""
      ),
      (
        "sweep: [{limit: size, values: [1, 2], side: \"=\"}]\nbudget: 9",
        "sweep.yaml:3: sweep[0].side: got \"=\", expected \"<=\" or \">=\""
      ),
      (
        "sweep: [{limit: size, values: [1, 2]}]\nbudget: 9\nseeds: [1, 1]",
        "sweep.yaml:5: seeds[1]: got 1, expected distinct seeds"
      ),
    ])
  func whatIsWrongIsSaid(text: String, message: String) throws {
    let sample = try Self.sample(text)
    defer { sample.remove() }
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet",
    ])
    #expect(result.code == 2)
    let first = result.errors.split(separator: "\n").first ?? ""
    #expect(first.hasPrefix("error: \(sample.folder)/\(message)"), "\(result.errors)")
  }

  @Test func foldersOfOthersAreRefused() throws {
    let sample = try Self.sample("sweep: [{limit: size, values: [9, 12]}]\nbudget: 4")
    defer { sample.remove() }
    let file = "\(sample.folder)/sweep.yaml"
    _ = try DovetailProcess.run(["sweep", file, "--out", sample.run, "--quiet"])
    let other = try DovetailProcess.run([
      "sweep", file, "--budget", "6", "--out", sample.run, "--quiet",
    ])
    #expect(other.code == 2)
    #expect(
      other.errors
        == "error: \(sample.run): the run is of another sweep\n"
        + "hint: go on with it as it was: dovetail sweep --resume \(sample.run); or give another --out\n"
    )
    let step = "\(sample.run)/seed-1/step-01"
    let nothing = try DovetailProcess.run(["sweep", "--resume", step])
    #expect(nothing.code == 2)
    #expect(
      nothing.errors
        == "error: --resume: \(step): no sweep.yaml, expected the run folder of a sweep\n"
        + "hint: run folders are made by dovetail sweep SWEEP.yaml --out FOLDER\n")
    let neither = try DovetailProcess.run(["sweep"])
    #expect(neither.code == 2)
    #expect(
      neither.errors
        == "error: got neither a sweep file nor --resume, expected one of them\n"
        + "hint: dovetail sweep SWEEP.yaml, or dovetail sweep --resume FOLDER\n")
  }
}
