import Foundation
import Reporting
import Study

/// Which parameters matter, and what one change at a time does.
extension Exploration {
  func sensitivityBlocks(_ finding: Finding, named name: String) -> [Report.Block] {
    var blocks: [Report.Block] = []
    let objective = problem.objectives[0]
    if let importance = finding.importance {
      for (title, view) in [
        (objective.metric, importance.objective), ("feasibility", importance.feasibility),
      ] {
        guard let view else { continue }
        let order = importance.parameters.indices.sorted {
          (view.shares[$1], $0) < (view.shares[$0], $1)
        }.prefix(20)
        blocks.append(
          .chart(
            Chart(
              name: "\(name)-importance-\(Self.fileName(title))",
              title: "Share of the variance of \(title) that each parameter explains alone",
              kind: .bars, x: .init("share of variance", unit: "%"), y: .init("parameter"),
              categories: order.map { importance.parameters[$0] },
              series: [
                .init(
                  title, order.enumerated().map { .init(Double($0), 100 * view.shares[$1]) })
              ],
              note:
                "A random forest explains \(percent(max(0, view.fit))) of it on designs it has not seen; \(percent(view.combinedShare)) of its variance is in combinations of parameters."
            )))
      }
    }
    if !finding.changes.isEmpty {
      let place = problem.index(ofMetric: objective.metric) ?? 0
      let rows = finding.changes.map { change -> [ReportTable.Cell] in
        var row: [ReportTable.Cell] = [
          .text(change.parameter), .text(change.from), .text(change.to),
          change.predicted.map { .number($0) } ?? .empty, .number(100 * change.feasibility),
        ]
        switch change.outcome {
        case .measured(let values): row += [.number(values[place]), .text("feasible")]
        case .infeasible(let infeasibility):
          let value = place < infeasibility.values.count ? infeasibility.values[place] : nil
          row += [value.map { .number($0) } ?? .empty, .text(infeasibility.reason.description)]
        case .failed(let failure): row += [.empty, .text(failure.description)]
        case nil: row += [.empty, .empty]
        }
        return row
      }
      let unit = unit(of: objective.metric)
      blocks.append(
        .table(
          ReportTable(
            name: "\(name)-changes", caption: "One change of the best design at a time",
            columns: [
              .words("parameter"), .words("from"), .words("to"),
              .numbers("expected", unit: unit), .numbers("works", unit: "%"),
              .numbers("measured", unit: unit), .words("outcome"),
            ], rows: rows)))
    }
    return blocks
  }
}
