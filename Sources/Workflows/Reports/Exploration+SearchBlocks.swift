import Foundation
import Reporting
import Study

/// The search of a report: how the best value fell, and what it was traded for.
extension Exploration {
  func searchBlocks(_ finding: Finding, _ trials: [Trial], named name: String)
    -> [Report.Block]
  {
    let objective = problem.objectives[0]
    let share = Double(finding.feasibleCount) / Double(max(1, finding.evaluationCount))
    var blocks: [Report.Block] = [
      .text(
        "\(grouped(finding.evaluationCount)) evaluations, \(grouped(finding.feasibleCount)) feasible (\(percent(share)))"
          + (finding.failedCount > 0 ? ", \(finding.failedCount) failures of the evaluator" : "")
          + (finding.transferCount > 0
            ? ", after \(grouped(finding.transferCount)) earlier trials" : "") + ".")
    ]
    let best = Self.curve(finding.bestSoFar)
    if let comparison = finding.comparisonText(problem) {
      blocks.append(.text("A \(comparison)."))
    }
    if !best.isEmpty {
      var series = [Chart.Series("best so far", best)]
      if let random = finding.random {
        series.append(Chart.Series("random search", Self.curve(random.bestSoFar)))
      }
      if let value = finding.baseline?.metrics?[problem.index(ofMetric: objective.metric) ?? 0] {
        series.append(
          Chart.Series(
            "baseline", [.init(1, value), .init(Double(max(2, finding.evaluationCount)), value)],
            kind: .line, isMuted: true))
      }
      if let earlier = finding.bestTransferred,
        let place = problem.index(ofMetric: objective.metric)
      {
        let value = earlier.metrics[place]
        series.append(
          Chart.Series(
            "best of earlier trials",
            [.init(1, value), .init(Double(max(2, finding.evaluationCount)), value)], kind: .line,
            isMuted: true))
      }
      blocks.append(
        .chart(
          Chart(
            name: "\(name)-best", title: "Best \(objective.metric) so far", kind: .step,
            x: .init("evaluation"),
            y: axis(objective.metric, series.flatMap { $0.places.map(\.y) }), series: series)))
    }
    let others =
      problem.objectives.dropFirst()
      + problem.limits.map {
        Objective($0.side == .atMost ? .minimize : .maximize, $0.metric)
      }
    for other in others.prefix(2) where other.metric != objective.metric {
      let tradeOff = TradeOff(trials, of: problem, against: other, label: label)
      let places = tradeOff.feasible + tradeOff.infeasible
      let chart = tradeOff.chart(
        named: "\(name)-\(Self.fileName(other.metric))",
        title: "\(objective.metric) against \(other.metric)",
        x: axis(other.metric, places.map(\.x)), y: axis(objective.metric, places.map(\.y)))
      if let chart { blocks.append(.chart(chart)) }
    }
    return blocks
  }

  /// Where the best value changes, and the end.
  static func curve(_ bestSoFar: [Double]) -> [Chart.Place] {
    var places: [Chart.Place] = []
    for (index, value) in bestSoFar.enumerated() where !value.isNaN {
      if places.last?.y != value || index == bestSoFar.count - 1 {
        places.append(.init(Double(index + 1), value))
      }
    }
    return places
  }

  /// Letters, digits and hyphens of a name.
  static func fileName(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}
