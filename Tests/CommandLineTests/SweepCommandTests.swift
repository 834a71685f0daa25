import Foundation
import TestSupport
import Testing

/// Limits that move, by the real program; a space of a hundred designs is the oracle.
@Suite struct SweepCommandTests {
  /// Two metrics: the cost (a - 7)^2 + (b - 8)^2 and the size a + b; nothing fails.
  static let answering =
    "echo \"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"t\\\":$(( (a-7)*(a-7) + (b-8)*(b-8) )),\\\"size\\\":$((a + b))}}\""

  /// The cost alone.
  static let answeringCost =
    "echo \"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"t\\\":$(( (a-7)*(a-7) + (b-8)*(b-8) ))}}\""

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

  static func sample(
    _ sweep: String, designer: String = "evolution", answering: String = Self.answering
  ) throws -> ExploreSample {
    let sample = try ExploreSample(designer: designer, answering: answering)
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
    // What limits cost and what matters, where the budget pays most.
    #expect(page.contains("What designs failed by, under size &lt;= "))
    #expect(page.contains("What matters, under size &lt;= "))
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

  /// A limit on an expression over parameters: nothing beyond it is ever asked for, and a step without designs is skipped.
  @Test func aFinishedSweepMayMove() throws {
    let sample = try Self.sample("sweep: [{limit: size, values: [2, 8, 15]}]\nbudget: 24")
    defer { sample.remove() }
    let whole = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet",
    ])
    #expect(whole.code == 0, "\(whole.errors)")
    let moved = "\(sample.folder)/moved"
    let page = try String(contentsOfFile: "\(sample.run)/report.json", encoding: .utf8)
    try FileManager.default.moveItem(atPath: sample.run, toPath: moved)
    let report = try DovetailProcess.run(["report", moved, "--quiet"])
    #expect(report.code == 0, "\(report.errors)")
    let resumed = try DovetailProcess.run(["sweep", "--resume", moved, "--quiet"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(
      try String(contentsOfFile: "\(moved)/report.json", encoding: .utf8)
        .replacing("\\/", with: "/").replacing(moved, with: sample.run)
        == page.replacing("\\/", with: "/"))
  }

  @Test func limitsOnParametersAreExact() throws {
    let sample = try Self.sample(
      "sweep: [{limit: a * b + 1, values: [0, 5, 20, 60]}]\nbudget: 60\nseeds: [1, 2, 3]",
      answering: Self.answeringCost)
    defer { sample.remove() }
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet", "--json",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    #expect(
      lines.map(\.limits) == [
        ["a * b + 1 <= 0"], ["a * b + 1 <= 5"], ["a * b + 1 <= 20"], ["a * b + 1 <= 60"],
      ])
    #expect(lines[0].best == nil && lines[0].evaluations == 0)
    let found = lines.dropFirst().map { $0.best?.metrics["t"] ?? .infinity }
    #expect(zip(found, found.dropFirst()).allSatisfy { $0 >= $1 })
    // a b <= 59 allows the optimum, 7 and 8; a b <= 19 is best at 3 and 6, 20 away, a b <= 4 at 0 and 8, 49 away.
    #expect(found[0] >= 49 && found[1] >= 20 && found[2] >= 0)
    for call in sample.calls {
      let numbers = call.split(separator: " ").compactMap { Int($0) }
      #expect(numbers[0] * numbers[1] + 1 <= 60)
    }
    for (step, bound) in [(2, 5), (3, 20)] {
      let again = try DovetailProcess.run([
        "log", "export", "\(sample.run)/seed-1/step-0\(step)/trials.sqlite", "--out",
        "\(sample.folder)/step\(step).csv", "--quiet",
      ])
      #expect(again.code == 0, "\(again.errors)")
      let rows = try sample.text("step\(step).csv").split(separator: "\n")
      let header = rows[0].split(separator: ",", omittingEmptySubsequences: false)
      let places = try ["a", "b"].map { name in
        try #require(header.firstIndex { $0 == name })
      }
      #expect(rows.count > 2)
      for row in rows.dropFirst() {
        let cells = row.split(separator: ",", omittingEmptySubsequences: false)
        let values = places.compactMap { Int(cells[$0]) }
        #expect(values.count == 2 && values[0] * values[1] + 1 <= bound)
      }
    }
    let text = try DovetailProcess.run(["sweep", "--resume", sample.run, "--quiet"])
    // Costs are sums of two squares; the slack of the closest limit is 1 - (a b + 1) / bound.
    #expect(
      text.output == """
        a * b + 1 <=      t  median  worst   spread  feasible    closest limit   slack    design
        ----------------------------------------------------------------------------------------
        0              none    none   none                  0
        5.000         49.00   50.00  52.00    6.0 %        48   a * b + 1 <= 5  80.0 %  a=0, b=8
        20.00         25.00   25.00  26.00    4.0 %        87  a * b + 1 <= 20  15.0 %  a=2, b=8
        60.00             0   1.000  1.000  100.0 %       108  a * b + 1 <= 60   5.0 %  a=7, b=8

        nothing is feasible under a * b + 1 <= 0; 49 under a * b + 1 <= 5, 0 under a * b + 1 <= 60; beyond a * b + 1 <= 20, with 25, more brings little.
        report: \(sample.run)/report.html

        """)
  }

  /// Quotes, angle brackets, backslashes, an anchor's sign and other alphabets in names and folders are written and read back.
  @Test func namesOfAnyCharactersSurvive() throws {
    let sample = try Self.sample("sweep: [{limit: size, values: [8, 12]}]\nbudget: 9")
    defer { sample.remove() }
    let name = "<b>\"α\\β\"</b> &x 'Ω' 网络 \u{1F600}"
    let written = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("&", with: "\\x26")
    try sample.write(
      "study.yaml",
      try sample.text("study.yaml").replacing("name: toy", with: "name: \"\(written)\""))
    try sample.write(
      "sweep.yaml",
      try sample.text("sweep.yaml").replacing("name: toy sweep", with: "name: \"\(written)\""))
    let run = "\(sample.folder)/läuft & <sehr> &gut"
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", run, "--quiet", "--json",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let again = try DovetailProcess.run(["sweep", "--resume", run, "--quiet", "--json"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(again.output == result.output)
    let calls = sample.calls.count
    let step = try DovetailProcess.run([
      "explore", "--resume", "\(run)/seed-1/step-01", "--quiet", "--no-what-if",
    ])
    #expect(step.code == 0, "\(step.errors)")
    #expect(sample.calls.count == calls)
    let page = try String(contentsOfFile: "\(run)/report.html", encoding: .utf8)
    #expect(!page.contains("<b>\"α") && page.contains("网络 \u{1F600}"))
    if Browser.isWanted {
      let look = try Browser.look(at: page, width: 400)
      #expect(look.errors == [] && look.overflow <= 0)
      #expect(look.text.contains(name))
    }
  }

  /// Power is energy by latency, measured where it is limited; a parameter may be the other axis.
  @Test func powerOfATemplateIsMeasuredWhereItIsLimited() throws {
    let sample = try ExploreSample()
    defer { sample.remove() }
    let root = DovetailProcess.root.path
    try sample.write(
      "study.yaml",
      """
      name: powered
      evaluator: {template: \(root)/Configs/templates/gemmini-like.yaml, mappingEvaluations: 20}
      workloads: [\(root)/Configs/workloads/mlp-mnist.yaml]
      minimize: latency_ms
      designer: halton
      budget: 3
      """)
    try sample.write(
      "sweep.yaml",
      """
      name: powered
      study: study.yaml
      sweep:
        - {limit: power_mw, values: [150, 1e6]}
        - {limit: dma_bytes, values: [16, 64]}
      budget: 10
      """)
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet", "--json",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    #expect(lines.count == 4)
    var count = 0
    for line in lines {
      guard let metrics = line.best?.metrics else { continue }
      count += 1
      let power = try #require(metrics["power_mw"])
      let quotient = try 1e3 * #require(metrics["energy_mj"]) / #require(metrics["latency_ms"])
      // One rounding of a product and a quotient.
      #expect(abs(power - quotient) <= 1e-15 * power)
      if line.limits[0] == "power_mw <= 150" { #expect(power <= 150) }
    }
    #expect(count >= 2)
    let wrong = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet", "--budget", "0",
    ])
    #expect(wrong.errors == "error: --budget: got 0, expected 4 to 1000000\n")
    try sample.write(
      "wrong.yaml",
      "name: w\nstudy: study.yaml\nsweep: [{limit: powr_mw, values: [1, 2]}]\nbudget: 9\n")
    let unknown = try DovetailProcess.run(["sweep", "\(sample.folder)/wrong.yaml", "--quiet"])
    #expect(unknown.code == 2)
    #expect(
      unknown.errors.hasPrefix(
        "error: \(sample.folder)/wrong.yaml:3: sweep[0].limit: unknown metric or parameter \"powr_mw\"\nhint: did you mean \"power_mw\"? known: latency_ms, energy_mj, area_mm2, power_mw, array, "
      ))
  }

  /// The same limits in a study of `dovetail explore`.
  @Test func studiesLimitExpressionsToo() throws {
    let sample = try ExploreSample(
      extra: "limits: [\"a + 2 * b <= 9\", \"b >= 1\"]", answering: Self.answeringCost)
    defer { sample.remove() }
    let result = try sample.explore(["--no-what-if"])
    #expect(result.code == 0, "\(result.errors)")
    // There are 8 + 6 + 4 + 2 designs with b from 1 to 4.
    #expect(sample.calls.count == 20)
    for call in sample.calls {
      let numbers = call.split(separator: " ").compactMap { Int($0) }
      #expect(numbers[0] + 2 * numbers[1] <= 9 && numbers[1] >= 1)
    }
    let page = try sample.text("run/report.html")
    #expect(page.contains("with a + 2 * b &lt;= 9 and b &gt;= 1?"))
    let again = try DovetailProcess.run([
      "explore", "--resume", sample.run, "--quiet", "--no-what-if",
    ])
    #expect(again.output == result.output)
    try sample.write(
      "wrong.yaml",
      try sample.text("study.yaml").replacing("a + 2 * b <= 9", with: "a + 2 * bb <= 9"))
    let wrong = try DovetailProcess.run(["explore", "\(sample.folder)/wrong.yaml", "--quiet"])
    #expect(wrong.code == 2)
    #expect(
      wrong.errors == """
        error: \(sample.folder)/wrong.yaml: limits: constraint: column 9: unknown name "bb"
          a + 2 * bb
                  ^
        hint: known: a, b

        """)
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
    #expect(
      look.charts.map(\.name) == [
        "chart-sweep-curve", "chart-sweep-designs", "chart-sweep-chosen-reasons",
        "chart-sweep-chosen-importance-t", "chart-sweep-chosen-importance-feasibility",
      ])
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
