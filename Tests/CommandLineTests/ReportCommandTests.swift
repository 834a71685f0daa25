import Foundation
import TestSupport
import Testing

/// Reports of real runs.
@Suite(.serialized) struct ReportCommandTests {
  private func page(_ folder: String) throws -> String {
    try String(contentsOfFile: "\(folder)/report.html", encoding: .utf8)
  }

  private func table(_ folder: String, _ name: String) throws -> [[String]] {
    try String(contentsOfFile: "\(folder)/tables/\(name).csv", encoding: .utf8)
      .split(whereSeparator: \.isNewline).map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
  }

  @Test func aReportSaysWhatTheLogSays() throws {
    let sample = try ExploreSample(budget: 40)
    defer { sample.remove() }
    let explored = try DovetailProcess.run([
      "explore", sample.study, "--out", sample.run, "--quiet",
    ])
    #expect(explored.code == 0, "\(explored.errors)")
    let first = try page(sample.run)
    // The log, as an export tells it, is the oracle.
    let export = "\(sample.folder)/all.csv"
    let exported = try DovetailProcess.run([
      "log", "export", "\(sample.run)/trials.sqlite", "--out", export,
    ])
    #expect(exported.code == 0)
    let rows = try String(contentsOfFile: export, encoding: .utf8)
      .split(whereSeparator: \.isNewline).map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
    let column = try #require(rows.first?.firstIndex(of: "t"))
    let feasible = try #require(rows.first?.firstIndex(of: "feasible"))
    let values = rows.dropFirst().filter { $0[feasible] == "1" }.compactMap { Double($0[column]) }
    let best = try #require(values.min())
    let curve = try table(sample.run, "run-best").dropFirst().compactMap { Double($0[1]) }
    #expect(curve.last == best)
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 >= $1 })
    let counted = rows.dropFirst().count { $0[feasible] == "0" }
    let reasons = try table(sample.run, "run-reasons").dropFirst().compactMap { Double($0[2]) }
    #expect(reasons.reduce(0, +) == Double(counted))
    #expect(first.contains("40 evaluations, \(values.count) feasible"))
    // Again from the folder alone.
    try FileManager.default.removeItem(atPath: "\(sample.run)/report.html")
    let again = try DovetailProcess.run(["report", sample.run, "--quiet"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(again.output.hasSuffix("report: \(sample.run)/report.html\n"))
    #expect(try page(sample.run) == first)
  }

  @Test(.enabled(if: Browser.isWanted), arguments: [400, 1600])
  func theReportOfATemplateIsDrawn(width: Int) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-report-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let study = DovetailProcess.root.appendingPathComponent("Configs/studies/gemmini-mlp.yaml").path
    let explored = try DovetailProcess.run([
      "explore", study, "--budget", "12", "--designer", "evolution", "--out", folder, "--quiet",
    ])
    #expect(explored.code == 0, "\(explored.errors)")
    let look = try Browser.look(at: try page(folder), width: width)
    #expect(look.errors == [] && look.overflow <= 0)
    #expect(look.charts.count >= 5)
    for chart in look.charts {
      #expect(chart.marks == chart.stated && chart.inked > 100 && chart.tooltip, "\(chart.name)")
    }
    let layers = try #require(look.tables.first { $0.name == "best-layers" })
    // Three layers with a count, MACs, cycles, utilization, two energies and a latency.
    #expect(layers.numbers.count == 21)
    let evaluated = try table(folder, "run-metrics")
    #expect(look.text.contains("gemmini-like has the lowest latency_ms (ms) on mlp-mnist"))
    // Layer latencies add up to the logged latency.
    let latencies = try table(folder, "best-layers").dropFirst().compactMap { row in
      Double(row[8]).map { $0 * (Double(row[1]) ?? 0) }
    }
    let logged = try #require(Double(evaluated[1][1]))
    #expect(abs(latencies.reduce(0, +) - logged) <= 1e-9 * logged)
  }

  @Test func runsAreCompared() throws {
    let one = try ExploreSample(designer: "evolution", budget: 30)
    let two = try ExploreSample(designer: "random", budget: 30)
    defer {
      one.remove()
      two.remove()
    }
    // One space, one evaluator: the second study is another designer's.
    for (designer, run) in [("evolution", one.run), ("random", two.run)] {
      let result = try DovetailProcess.run([
        "explore", one.study, "--designer", designer, "--out", run, "--quiet",
      ])
      #expect(result.code == 0, "\(result.errors)")
    }
    let out = "\(one.folder)/comparison"
    let result = try DovetailProcess.run(["report", one.run, two.run, "--out", out, "--quiet"])
    #expect(result.code == 0, "\(result.errors)")
    let rows = try table(out, "runs-summary")
    #expect(rows.count == 3 && rows[1][0] == "evolution" && rows[2][0] == "random")
    for (row, run) in zip(rows.dropFirst(), [one.run, two.run]) {
      let best = try table(run, "run-best").last?[1]
      #expect(row[5] == best)
    }
    #expect(try page(out).contains("found the best t, "))
  }

  @Test func whatCannotBeReportedSaysWhy() throws {
    let one = try ExploreSample(budget: 3)
    let other = try ExploreSample(budget: 3, range: "[0, 8]")
    defer {
      one.remove()
      other.remove()
    }
    for sample in [one, other] {
      _ = try DovetailProcess.run(["explore", sample.study, "--out", sample.run, "--quiet"])
    }
    func errors(_ arguments: String...) throws -> String {
      let result = try DovetailProcess.run(["report"] + arguments + ["--quiet"])
      #expect(result.code == 2)
      return result.errors
    }
    let hint = "hint: run folders are made by dovetail explore STUDY.yaml --out FOLDER\n"
    #expect(
      try errors("/nowhere")
        == "error: /nowhere: there is no such folder, expected a run folder\n" + hint)
    #expect(
      try errors(one.folder)
        == "error: \(one.folder): there is no resolved.yaml, expected a run folder\n" + hint)
    #expect(
      try errors(one.run, other.run)
        == "error: --out: missing, expected a folder for the comparison of 2 runs\n"
        + "hint: add --out comparison\n")
    #expect(
      try errors(one.run, other.run, "--out", "\(one.folder)/c")
        == "error: \(other.run) and \(one.run) cannot be compared: the space is \"toy\" in one, "
        + "\"toy\" or another version of it in the other\n"
        + "hint: compare runs of one space, objective, evaluator and set of workloads\n")
    try FileManager.default.removeItem(atPath: "\(one.run)/trials.sqlite")
    #expect(
      try errors(one.run)
        == "error: \(one.run): there is no trials.sqlite, expected the log of a run\n"
        + "hint: begin or go on with the run: dovetail explore --resume \(one.run)\n")
    try Data("name: toy\nbudget".utf8).write(
      to: URL(fileURLWithPath: "\(one.run)/resolved.yaml"))
    #expect(try errors(one.run).hasPrefix("error: \(one.run)/resolved.yaml:"))
  }
}
