import Foundation
import Reporting
import Study

/// What designs of a report failed by, and those that nearly did not.
extension Exploration {
  func failureBlocks(_ finding: Finding, _ trials: [Trial], named name: String)
    -> [Report.Block]
  {
    guard !finding.reasons.isEmpty else { return [] }
    var blocks: [Report.Block] = []
    let kinds = kinds(of: finding.reasons, by: Self.kind)
    let shown = kinds.prefix(15)
    blocks.append(
      .chart(
        Chart(
          name: "\(name)-reasons", title: "Infeasible designs by reason", kind: .bars,
          x: .init("designs"), y: .init("reason"), categories: shown.map(\.name),
          series: [
            .init(
              "designs", shown.enumerated().map { .init(Double($0), Double($1.count)) })
          ],
          note: kinds.count > shown.count
            ? "\(kinds.count - shown.count) rarer reasons are not drawn." : "")))
    let misses = nearMisses(finding, trials)
    if !misses.isEmpty {
      blocks.append(
        .table(
          ReportTable(
            name: "\(name)-near-misses",
            caption: "Near misses: better than the best design, but over a limit",
            columns: [
              .words("design"),
              .numbers(problem.objectives[0].metric, unit: unit(of: problem.objectives[0].metric)),
              .words("limit"), .numbers("over by", unit: "%"),
            ],
            rows: misses.prefix(8).map { miss in
              [
                .text(miss.label), .number(miss.value), .text(miss.limit),
                .number(100 * miss.excess),
              ]
            })))
    }
    return blocks
  }

  /// What a reason says before its first number.
  static func kind(ofReason reason: String) -> String {
    if reason.hasPrefix("limit: ") { return reason }
    let text = reason.hasPrefix("hidden: ") ? String(reason.dropFirst(8)) : reason
    let head = text.prefix { $0 != ":" && !$0.isNumber }
    let trimmed = head.trimmingCharacters(in: .whitespaces)
    return trimmed.isEmpty ? "other" : trimmed
  }

  private func nearMisses(_ finding: Finding, _ trials: [Trial]) -> [(
    label: String, value: Double, limit: String, excess: Double
  )] {
    let objective = problem.objectives[0]
    guard let place = problem.index(ofMetric: objective.metric) else { return [] }
    var misses: [(label: String, value: Double, limit: String, excess: Double)] = []
    for trial in trials {
      guard case .infeasible(let infeasibility) = problem.judging(trial.outcome),
        case .limit = infeasibility.reason, infeasibility.values.count == problem.metrics.count,
        let value = infeasibility.values[place]
      else { continue }
      if let best = finding.best?.design, !objective.isBetter(value, than: best.metrics[place]) {
        continue
      }
      var worst = (limit: "", excess: 0.0)
      for limit in problem.limits {
        guard let index = problem.index(ofMetric: limit.metric),
          let measured = infeasibility.values[index], !limit.allows(measured), limit.bound != 0
        else { continue }
        let excess = abs(measured - limit.bound) / abs(limit.bound)
        if excess > worst.excess { worst = (limit.description, excess) }
      }
      guard !worst.limit.isEmpty else { continue }
      misses.append((label(trial), value, worst.limit, worst.excess))
    }
    return misses.enumerated().sorted { ($0.1.excess, $0.0) < ($1.1.excess, $1.0) }.map(\.1)
  }
}
