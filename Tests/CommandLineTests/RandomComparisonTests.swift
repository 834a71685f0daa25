import Foundation
import TestSupport
import Testing

/// Random search beside a study and beside a sweep, by the real program.
@Suite struct RandomComparisonTests {
  private struct Finding: Decodable {
    struct Best: Decodable { var metrics: [String: Double] }
    struct Random: Decodable {
      var evaluations: Int
      var feasible: Int
      var best: Double?
    }
    var best: Best?
    var random: Random?
  }

  private static func finding(_ output: String) throws -> Finding {
    try JSONDecoder().decode(Finding.self, from: Data(output.utf8))
  }

  /// The designs among calls, by their sum and cost.
  private static func designs(_ calls: some Sequence<String>) -> [(a: Int, b: Int)] {
    calls.map { line in
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      return (numbers[0], numbers[1])
    }
  }

  /// It evaluates as much, and finds what `--designer random` finds; the page draws both.
  @Test func aStudyIsSeenBesideRandomSearch() throws {
    let sample = try ExploreSample(budget: 30)
    let random = try ExploreSample(designer: "random", budget: 30)
    defer {
      sample.remove()
      random.remove()
    }
    let plain = try sample.explore(["--json"])
    #expect(try Self.finding(plain.output).random == nil)
    #expect(sample.calls.count == 30)
    let result = try sample.explore(["--json", "--random-comparison"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(sample.calls.count == 60)
    let finding = try Self.finding(result.output)
    let known = Self.designs(sample.calls.suffix(30)).filter { $0.a + $0.b <= 12 }
    let costs = known.map { ($0.a - 3) * ($0.a - 3) + ($0.b - 5) * ($0.b - 5) }
    let best = try #require(costs.min())
    #expect(finding.random?.evaluations == 30 && finding.random?.feasible == costs.count)
    #expect(finding.random?.best == Double(best))
    let other = try random.explore(["--json"])
    #expect(try Self.finding(other.output).best?.metrics["t"] == Double(best))
    #expect(try Self.finding(other.output).random == nil)

    // Nothing is evaluated again; text, page and the page of `report` say the same.
    let text = try sample.explore(["--random-comparison"])
    #expect(sample.calls.count == 60)
    #expect(text.output.contains("\nrandom search with 30 evaluations: t \(best)"))
    let curve = try sample.text("run/tables/run-best.csv")
    let drawn = curve.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("random search,") }
    #expect(drawn.last?.split(separator: ",")[1...2] == ["30", "\(best)"])
    let page = try sample.text("run/report.html")
    let isTold = page.contains("A random search with 30 evaluations: t \(best)")
    #expect(isTold)
    let again = try DovetailProcess.run(["report", sample.run, "--quiet"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(try sample.text("run/tables/run-best.csv") == curve)
    // It is a run of its own.
    let own = try DovetailProcess.run(["report", "\(sample.run)/random", "--quiet"])
    #expect(own.code == 0, "\(own.errors)")
  }

  @Test func aKilledComparisonGoesOnTheSame() throws {
    let whole = try ExploreSample(budget: 20)
    let killed = try ExploreSample(budget: 20)
    defer {
      whole.remove()
      killed.remove()
    }
    let complete = try whole.explore(["--json", "--random-comparison"])
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = [
      "explore", killed.study, "--out", killed.run, "--quiet", "--random-comparison",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while killed.calls.count < 28, process.isRunning { usleep(2_000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let resumed = try DovetailProcess.run([
      "explore", "--resume", killed.run, "--quiet", "--json", "--random-comparison",
    ])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == complete.output)
    #expect(killed.calls.count <= 41)
  }

  /// One random search with the budget of all steps answers every step; the oracle are the evaluator's own calls.
  @Test func aSweepIsSeenBesideRandomSearch() throws {
    let sample = try SweepCommandTests.sample(
      "sweep: [{limit: size, values: [2, 6, 10, 15]}]\nbudget: 40\nseeds: [1]")
    defer { sample.remove() }
    struct Line: Decodable { var random: Double? }
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet", "--json",
      "--random-comparison",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let lines = try result.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    let random = Self.designs(sample.calls.suffix(40))
    for (line, size) in zip(lines, [2, 6, 10, 15]) {
      let costs = random.filter { $0.a + $0.b <= size }.map {
        ($0.a - 7) * ($0.a - 7) + ($0.b - 8) * ($0.b - 8)
      }
      #expect(line.random == costs.min().map(Double.init), "\(size)")
    }
    let text = try DovetailProcess.run([
      "sweep", "--resume", sample.run, "--quiet", "--random-comparison",
    ])
    try expectGolden(text.output.replacing(sample.folder, with: "FOLDER"), "sweep-explore.txt")
    let header = try sample.text("run/tables/sweep-steps.csv").split(whereSeparator: \.isNewline)
    #expect(header[0].hasPrefix("size <=,best t,random search,"))
    let search = try sample.text("run/tables/sweep-search.csv").split(whereSeparator: \.isNewline)
    #expect(search.contains { $0.hasPrefix("the sweep,") })
    #expect(search.last?.hasPrefix("random search,40,") ?? false)
    let page = try sample.text("run/report.html")
    let isShown = page.contains("The search beside random search")
    #expect(isShown)
  }
}
