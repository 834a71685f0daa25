import Reporting
import Study

/// The best design of a report: its metrics beside limits and the baseline, and its parameters.
extension Exploration {
  func bestBlocks(_ finding: Finding, named name: String) -> [Report.Block] {
    guard let best = finding.best?.design else {
      return [.text("Nothing feasible was found.")]
    }
    let rows: [[ReportTable.Cell]] = problem.metrics.enumerated().map { index, metric in
      let limits = problem.limits.filter { $0.metric == metric.name }
      let slack = limits.first.map { limit -> ReportTable.Cell in
        guard limit.bound != 0 else { return .number(limit.bound - best.metrics[index]) }
        let share = (limit.bound - best.metrics[index]) / abs(limit.bound)
        return .number(100 * (limit.side == .atMost ? share : -share))
      }
      return [
        .text(metric.name), .number(best.metrics[index]), .text(Self.typeset(metric.unit)),
        .text(limits.map(\.description).joined(separator: ", ")), slack ?? .empty,
      ]
    }
    let exact = known.limits.map { limit -> [ReportTable.Cell] in
      let value = known.value(of: limit.metric, at: best.point)
      let slack = value.map { limit.side == .atMost ? limit.bound - $0 : $0 - limit.bound }
      return [
        .text(limit.metric), value.map { .number($0) } ?? .empty, .text(""),
        .text(limit.description),
        slack.map { .number(limit.bound == 0 ? $0 : 100 * $0 / abs(limit.bound)) } ?? .empty,
      ]
    }
    let compared = baselineCells(finding)
    // The limit with the least slack binds.
    let slacks = slacks(of: best).map { ($0.limit, $0.slack) }
    var blocks: [Report.Block] = []
    if let binding = slacks.min(by: { $0.1 < $1.1 }) {
      blocks.append(
        .text(
          binding.1 < 0.05
            ? "The limit \(binding.0) binds: the design is within \(percent(binding.1)) of it."
            : "No limit binds: the closest is \(binding.0), with \(percent(binding.1)) to spare."))
    }

    blocks.append(
      .table(
        ReportTable(
          name: "\(name)-metrics", caption: "Metrics of the best design",
          columns: [
            .words("metric"), .numbers("value"), .words("unit"), .words("limit"),
            .numbers("slack", unit: "%"),
          ] + (finding.baseline?.metrics == nil ? [] : [.numbers("baseline")]),
          rows: zip(rows + exact, compared).map { $0 + $1 })))
    if let baseline = finding.baseline {
      let place = problem.index(ofMetric: problem.objectives[0].metric) ?? 0
      let text = baseline.text(problem, beside: best.metrics[place])
      blocks.append(.text("The \(text). It is \(baseline.label)."))
    }
    blocks.append(
      .table(
        ReportTable(
          name: "\(name)-design", caption: "Parameters of the best design",
          columns: [.words("parameter"), .words("value")],
          rows: best.values.map { [.text($0.name), .text($0.value)] })))
    return blocks
  }

  /// The baseline's column of the table of metrics: metrics, then limits that are known from a design alone.
  private func baselineCells(_ finding: Finding) -> [[ReportTable.Cell]] {
    guard let metrics = finding.baseline?.metrics, let baseline else {
      return (problem.metrics.map(\.name) + known.limits.map(\.metric)).map { _ in [] }
    }
    return metrics.map { [.number($0)] }
      + known.limits.map { limit in
        [known.value(of: limit.metric, at: baseline).map { .number($0) } ?? .empty]
      }
  }

  /// By which share of its bound a design stays away from each limit.
  func slacks(of design: Design) -> [(limit: MetricLimit, slack: Double)] {
    (problem.limits + known.limits).compactMap { limit in
      let value =
        problem.index(ofMetric: limit.metric).map { design.metrics[$0] }
        ?? known.value(of: limit.metric, at: design.point)
      guard let value, limit.bound != 0 else { return nil }
      return (limit, abs(limit.bound - value) / abs(limit.bound))
    }
  }
}
