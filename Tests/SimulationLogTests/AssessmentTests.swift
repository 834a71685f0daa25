import DesignSpace
import Foundation
import SimulationLog
import Study
import Testing

struct AssessmentTests {
  /// Published values: Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  @Test(
    arguments: [
      (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
      (1, 29, 0.0061, 0.1718),
    ] as [(Int, Int, Double, Double)])
  func wilsonAgreesWithThePublishedTable(_ count: Int, _ total: Int, _ low: Double, _ high: Double)
  {
    let interval = WilsonInterval(count: count, total: total)
    // The table has four decimals.
    #expect(abs(interval.low - low) <= 5.1e-5)
    #expect(abs(interval.high - high) <= 5.1e-5)
  }

  @Test func wilsonStaysWithinItsLimits() {
    #expect(WilsonInterval(count: 0, total: 0).high == 1)
    for total in 1...40 {
      for count in 0...total {
        let interval = WilsonInterval(count: count, total: total)
        let share = Double(count) / Double(total)
        #expect(interval.low >= 0 && interval.high <= 1)
        #expect(interval.low <= share && share <= interval.high)
      }
    }
  }

  /// Quartiles of 1...9 by hand: positions 2, 4, 6 of nine.
  @Test func distributionsByHand() {
    let plain = ObjectiveDistribution([9, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect(plain.quantiles[2] == 3 && plain.quantiles[3] == 5 && plain.quantiles[4] == 7)
    #expect(abs(plain.quantiles[1] - 1.4) < 1e-12)
    #expect(plain.dynamicRange == 9)
    #expect(plain.outlierCount == 0)
    let odd = ObjectiveDistribution([0, 0, -1, 2, 3, 1, 2, 1e12])
    #expect(odd.zeroCount == 2 && odd.negativeCount == 1 && odd.outlierCount == 1)
    #expect(odd.dynamicRange == nil && odd.distinctCount == 6)
    #expect(ObjectiveDistribution([]).quantiles.isEmpty)
  }

  /// Rows over a 3 x 2 grid and a real axis, with known counts.
  private func assess(
    _ rows: [LoggedTrial], limits: [MetricLimit] = [], new: [LogContext] = [],
    changing: (inout LogCatalog) -> Void = { _ in }
  ) throws -> LogAssessment {
    let sample = try SampleLog()
    defer { sample.remove() }
    var catalog = try SampleLog.catalog()
    changing(&catalog)
    let log = try TrialLog.create(file: sample.file, catalog: catalog, access: .filling)
    try log.write { writer in for row in rows { try writer.append(row) } }
    var filter = TrialFilter()
    filter.space = 0
    filter.limits = limits
    return try LogAssessment(of: log, filter: filter, newWorkloads: new)
  }

  @Test func countsByHand() throws {
    let hidden = LoggedTrial.Verdict.infeasible(.hidden("no mapping"))
    let found = try assess([
      SampleLog.trial([0, 0, 1], [10, 1]), SampleLog.trial([0, 0, 1], [12, 1]),
      SampleLog.trial([0, 1, 2], [.nan, .nan], hidden), SampleLog.trial([0, 1, 2], [7, 2]),
      SampleLog.trial([1, 0, 3], [5, 2]), SampleLog.trial([1, 0, 3], [5, 2]),
      SampleLog.trial([1, 0, 4], [6, 2], .failed(EvaluationFailure(.crash, "139"))),
    ])
    #expect(found.rowCount == 7 && found.feasibleCount == 5 && found.failedCount == 1)
    #expect(found.reasons.map(\.reason) == ["crash: 139", "hidden: no mapping"])
    #expect(found.parameters[0].levels.map(\.rowCount) == [4, 3, 0])
    #expect(found.parameters[0].levels.map(\.feasibleCount) == [3, 2, 0])
    #expect(found.parameters[1].levels.map(\.rowCount) == [5, 2])
    #expect(found.levelsSeen == 4 && found.levelTotal == 5)
    #expect(found.pairsSeen == 3 && found.pairTotal == 6)
    #expect(found.repeats.designCount == 3 && found.repeats.extraRowCount == 3)
    #expect(found.repeats.contradictionCount == 2 && found.repeats.mixedVerdictCount == 1)
    #expect(found.repeats.examples == [[1, 2], [3, 4]])
    // Two designs measured twice, ln 12 - ln 10 apart and equal: variance is half the square over two degrees.
    let noise = log(1.2) / 2.0
    #expect(abs((found.repeats.relativeNoise ?? 0) - noise) < 1e-12)
    #expect(found.repeats.degreesOfFreedom == 2)
  }

  /// Sums of equal logarithms round; no noise may come of it.
  @Test func equalRepeatsHaveNoNoise() throws {
    let found = try assess(
      (0..<30).map { index in
        SampleLog.trial([Double(index % 2), 0, 1], [36.151 + Double(index % 2), 1])
      })
    #expect(found.repeats.relativeNoise == 0)
    #expect(
      found.verdicts.contains {
        $0.isYes && $0.question == "resolve small differences"
          && $0.because == "all repeats of a design agree to the last digit"
      })
  }

  @Test func constantAndDependentColumnsAreFound() throws {
    let rows = (0..<40).map { index -> LoggedTrial in
      let place = Double(index) / 7
      let latency = 3 * place + 2
      return SampleLog.trial([1, Double(index % 2), place], [latency, 5])
    }
    let found = try assess(rows)
    #expect(found.constants == ["a", "area"])
    #expect(found.dependencies == ["latency = 3 c + 2"])
    let copied = (0..<40).map { index -> LoggedTrial in
      let value = Double(index + 1)
      return SampleLog.trial([Double(index % 3), 0, value * value / 200], [value, value])
    }
    let copies = try assess(copied)
    #expect(copies.dependencies.contains("area is a copy of latency"))
    // One row that contradicts is enough.
    let broken = try assess(rows + [SampleLog.trial([1, 0, 1], [99, 5])])
    #expect(broken.dependencies.isEmpty)
  }

  @Test func limitsAndWorkloadsOfTheQuestion() throws {
    let rows = (0..<30).map { index in
      var trial = SampleLog.trial([Double(index % 3), 0, 1], [Double(index + 1), Double(index)])
      trial.context = index % 6
      return trial
    }
    let found = try assess(
      rows, limits: [MetricLimit("area", .atMost, 9), MetricLimit("latency", .atLeast, 1_000)],
      new: [LogContext(name: "big", features: [1e9]), LogContext(name: "near", features: [210])]
    ) { catalog in
      catalog.contexts = (0..<6).map {
        LogContext(name: "n\($0)", features: [100 * pow(2, Double($0))])
      }
    }
    #expect(found.limits.map(\.allowedCount) == [10, 0])
    #expect(found.limits[1].best == 30)
    #expect(found.workloads[0].nearest.first?.name == "n5")
    #expect(found.workloads[1].nearest.first?.name == "n1")
    // Features are powers of two: logarithms ln 2 apart, deviation ln 2 sqrt(3.5) of six equally spaced ones.
    let deviation = log(2) * 3.5.squareRoot()
    let expected = log(210.0 / 200) / deviation
    #expect(abs((found.workloads[1].nearest.first?.distance ?? 0) - expected) < 1e-12)
    #expect(
      abs((found.workloads[1].typicalDistance ?? 0) - log(2) / deviation) < 1e-12)
    let said = found.verdicts.map { "\($0.isYes ? "can" : "cannot") \($0.question)" }
    #expect(said.contains("can find designs with area <= 9"))
    #expect(said.contains("cannot find designs with latency >= 1000"))
    #expect(said.contains("cannot speak of workload big"))
    #expect(said.contains("can speak of workload near"))
  }

  @Test func degenerateLogsGetAnAnswer() throws {
    #expect(try assess([]).verdicts.map(\.because) == ["it has no rows for this question"])
    let infeasible = try assess(
      (0..<5).map { SampleLog.trial([0, 0, Double($0)], [.nan, .nan], .infeasible(.hidden(""))) })
    #expect(infeasible.verdicts.first?.question == "rank designs by latency")
    #expect(infeasible.verdicts.first?.because == "no row is feasible")
    let constant = try assess((0..<50).map { SampleLog.trial([0, 0, Double($0) / 5], [1, 1]) })
    #expect(constant.verdicts.first?.because == "all feasible rows have the same value")
  }
}
