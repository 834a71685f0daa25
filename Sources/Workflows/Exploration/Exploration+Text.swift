import Foundation
import Study

extension Exploration.Finding {
  /// The finding for people.
  public func text(of exploration: Exploration) -> String {
    let problem = exploration.problem
    let objective = problem.objectives[0]
    var lines: [String] = []
    let share = Double(feasibleCount) / Double(max(1, evaluationCount))
    lines.append(
      (workload.isEmpty ? "" : "\(workload): ")
        + "\(grouped(evaluationCount)) evaluation\(evaluationCount == 1 ? "" : "s"), \(grouped(feasibleCount)) feasible (\(Int((100 * share).rounded())) %)"
        + (failedCount > 0 ? ", \(grouped(failedCount)) failed" : "") + endingText)
    func describe(_ design: Exploration.Design, _ title: String) {
      let values = zip(problem.metrics, design.metrics).map { metric, value in
        "\(metric.name) \(readable(value))\(metric.unit.isEmpty ? "" : " \(metric.unit)")"
      }
      lines.append("\(title): \(values.joined(separator: ", "))")
      lines.append("  \(design.values.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))")
    }
    if let best { describe(best.design, "best, at evaluation \(best.evaluation)") }
    if let baseline {
      let place = problem.index(ofMetric: objective.metric) ?? 0
      lines.append(baseline.text(problem, beside: best?.design.metrics[place]))
      lines.append("  \(baseline.label)")
    }
    if let earlier = bestTransferred, isTransferredBetter(problem) {
      describe(earlier, "best, already known from \(grouped(transferCount)) earlier trials")
    }
    if let comparison = comparisonText(problem) { lines.append(comparison) }
    if let trendCounts, trendCounts.offered > 0 {
      lines.append(
        "a trend of other workloads was followed in \(grouped(trendCounts.used)) of "
          + "\(grouped(trendCounts.offered)) suggestions")
    }
    if best == nil, bestTransferred == nil {
      lines.append("nothing feasible; \(objective.goal.rawValue) \(objective.metric) has no answer")
    }
    for (reason, count) in reasons.prefix(5) { lines.append("  \(grouped(count)): \(reason)") }
    if reasons.count > 5 { lines.append("  ... \(reasons.count) reasons in all") }
    var text = lines.joined(separator: "\n") + "\n"
    if let importance { text += importance.text(objective.metric) }
    if !changes.isEmpty { text += "\n" + changesText(problem) }
    return text
  }

  private var endingText: String {
    switch ending {
    case "budget": ""
    case "exhausted": "; ended early: there is no further legal design"
    case "converged":
      "; ended early: the expected improvement stayed below the study's stop"
    case "failures": "; ended early: the evaluator failed too many times in a row"
    case Self.interrupted: "; interrupted"
    default: "; ended: \(ending)"
    }
  }

  /// Whether earlier trials have a better design than the search.
  private func isTransferredBetter(_ problem: Problem) -> Bool {
    guard let bestTransferred else { return false }
    guard let best else { return true }
    let place = problem.index(ofMetric: problem.objectives[0].metric) ?? 0
    return problem.objectives[0].isBetter(
      bestTransferred.metrics[place], than: best.design.metrics[place])
  }

  private func changesText(_ problem: Problem) -> String {
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    var table = TextTable(header: ["one change", "expected", "works", "measured"])
    var better: [String] = []
    for change in changes {
      let name = "\(change.parameter) \(change.from) -> \(change.to)"
      var measured = "-"
      switch change.outcome {
      case .measured(let values):
        measured = readable(values[place])
        let known = best?.design ?? bestTransferred
        if let known, objective.isBetter(values[place], than: known.metrics[place]) {
          better.append("\(name) (\(measured))")
        }
      case .infeasible(let infeasibility):
        measured = String(infeasibility.reason.description.prefix(60))
      case .failed: measured = "failed"
      case nil: break
      }
      table.append([
        name, change.predicted.map { readable($0) } ?? "-",
        "\(Int((100 * change.feasibility).rounded())) %", measured,
      ])
    }
    var text = table.text
    if !better.isEmpty {
      text +=
        "better than the best design, and beyond the budget: "
        + better.joined(separator: ", ") + "\n"
    }
    return text
  }
}

extension ParameterImportance {
  /// Shares of the variance in falling order.
  fileprivate func text(_ objective: String) -> String {
    var text = ""
    for (view, name) in [(self.objective, objective), (feasibility, "feasibility")] {
      guard let view else { continue }
      func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
      let order = view.shares.indices.sorted { (view.shares[$1], $0) < (view.shares[$0], $1) }
      let parts =
        order.filter { view.shares[$0] >= 0.005 }.prefix(8).map {
          "\(parameters[$0]) \(percent(view.shares[$0]))"
        } + ["combinations \(percent(view.combinedShare))"]
      text +=
        "\(name) depends on: \(parts.joined(separator: ", ")); a forest explains "
        + "\(percent(max(0, view.fit))) of it\n"
    }
    return text
  }
}
