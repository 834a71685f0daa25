import Foundation
import TestSupport
import Testing

/// A design that answers are compared with, by the real program.
@Suite struct BaselineDesignTests {
  @Test func itIsMeasuredOnceAndStandsBesideTheAnswer() throws {
    let sample = try ExploreSample(budget: 30, extra: "baseline: {a: 7, b: 2}")
    defer { sample.remove() }
    let result = try sample.explore()
    #expect(result.code == 0, "\(result.errors)")
    // (7 - 3)^2 + (2 - 5)^2, and one evaluation more than the budget.
    #expect(sample.calls.count == 31 && sample.calls.first == "7 2")
    #expect(result.output.contains("\nbaseline: t 25.00"))
    #expect(result.output.contains("\n  a=7, b=2\n"))
    let json = try DovetailProcess.run(["explore", "--resume", sample.run, "--quiet", "--json"])
    #expect(sample.calls.count == 31)
    #expect(
      json.output.contains("\"baseline\":{\"design\":{\"a\":7,\"b\":2},\"metrics\":{\"t\":25}}"))
    let again = try DovetailProcess.run(["report", sample.run, "--quiet"])
    #expect(again.code == 0, "\(again.errors)")
    let curve = try sample.text("run/tables/run-best.csv")
    #expect(curve.contains("baseline,30,25"))
    let metrics = try sample.text("run/tables/run-metrics.csv").split(whereSeparator: \.isNewline)
    #expect(metrics[0].hasSuffix(",baseline") && metrics[1].hasSuffix(",25"))
  }

  /// What does not run says why; what lies beyond a limit is measured.
  @Test func itMayNotRunOrLieBeyondLimits() throws {
    let broken = try ExploreSample(budget: 5, extra: "baseline: {a: 9, b: 9}")
    let beyond = try ExploreSample(
      budget: 5, extra: "limits: [t <= 3, a + b <= 8]\nbaseline: {a: 9, b: 1}")
    defer {
      broken.remove()
      beyond.remove()
    }
    let first = try broken.explore()
    #expect(first.output.contains("\nbaseline: does not run, hidden: too large\n"))
    let json = try broken.explore(["--json"])
    #expect(json.output.contains("\"infeasible\":\"hidden: too large\"}"))
    let second = try beyond.explore()
    #expect(second.output.contains("\nbaseline: t 52.00"), "\(second.output)\(second.errors)")
  }

  @Test func wrongOnesAreRefused() throws {
    for (baseline, message) in [
      (
        "{a: 7}",
        "study.yaml: baseline: parameter \"b\": got no value, expected a whole number in 0...9"
      ),
      ("{a: 7, b: 11}", "study.yaml: baseline: parameter \"b\""),
      ("{a: 7, c: 1}", "study.yaml: baseline: unknown parameter \"c\""),
      ("[7]", "study.yaml:"),
    ] {
      let sample = try ExploreSample(budget: 5, extra: "baseline: \(baseline)")
      defer { sample.remove() }
      let result = try sample.explore()
      #expect(result.code == 2)
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: sample.run))
    }
  }

  @Test func aSweepIsComparedWithIt() throws {
    let sample = try ExploreSample(
      answering: SweepCommandTests.answering)
    defer { sample.remove() }
    try sample.write(
      "study.yaml", try sample.text("study.yaml") + "\nbaseline: {a: 2, b: 5}\n")
    try sample.write(
      "sweep.yaml",
      "name: toy sweep\nstudy: study.yaml\nsweep: [{limit: size, values: [4, 10, 15]}]\nbudget: 60\n"
    )
    let result = try DovetailProcess.run([
      "sweep", "\(sample.folder)/sweep.yaml", "--out", sample.run, "--quiet",
    ])
    #expect(result.code == 0, "\(result.errors)")
    #expect(sample.calls.count == 61 && sample.calls.first == "2 5")
    let best = try #require(SweepCommandTests.best(size: 10))
    // (2 - 7)^2 + (5 - 8)^2; the best of size 10 is 13 or nearly so.
    #expect(
      result.output.contains(
        "The baseline has 34; under size <= 10, the tightest limits it keeps, the best has \(Int(best))"
      ), "\(result.output)")
    let curve = try sample.text("run/tables/sweep-curve.csv")
    #expect(curve.contains("baseline,7,34,"))
    let again = try DovetailProcess.run(["sweep", "--resume", sample.run, "--quiet", "--json"])
    #expect(sample.calls.count == 61)
    #expect(
      again.output.split(separator: "\n").allSatisfy {
        $0.contains(
          "\"baseline\":{\"design\":{\"a\":2,\"b\":5},\"metrics\":{\"t\":34,\"size\":7}}")
      })
  }
}
