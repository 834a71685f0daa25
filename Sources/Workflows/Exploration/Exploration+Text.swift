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
        + "\(grouped(evaluationCount)) evaluations, \(grouped(feasibleCount)) feasible (\(Int((100 * share).rounded())) %)"
        + (failedCount > 0 ? ", \(grouped(failedCount)) failed" : "")
        + (ending == "budget" ? "" : "; ended: \(ending)"))
    if let best {
      let values = zip(problem.metrics, best.values).map { metric, value in
        "\(metric.name) \(readable(value))\(metric.unit.isEmpty ? "" : " \(metric.unit)")"
      }
      lines.append("best, at evaluation \(best.evaluation): \(values.joined(separator: ", "))")
      lines.append(
        "  \(best.design.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))")
    } else {
      lines.append("nothing feasible; \(objective.goal.rawValue) \(objective.metric) has no answer")
    }
    for (reason, count) in reasons.prefix(5) { lines.append("  \(grouped(count)): \(reason)") }
    if reasons.count > 5 { lines.append("  ... \(reasons.count) reasons in all") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The finding as one JSON object.
  public func json(of exploration: Exploration) -> String {
    let problem = exploration.problem
    var out = JSONText()
    out.raw("{\"workload\":")
    out.string(workload)
    out.raw(
      ",\"evaluations\":\(evaluationCount),\"feasible\":\(feasibleCount),\"failed\":\(failedCount),\"ending\":"
    )
    out.string(ending)
    out.raw(",\"best\":")
    if let best {
      out.raw("{\"evaluation\":\(best.evaluation),\"design\":{")
      for (index, entry) in best.design.enumerated() {
        if index > 0 { out.raw(",") }
        out.string(entry.name)
        out.raw(":")
        if let number = Double(entry.value), number.isFinite {
          out.number(number)
        } else {
          out.string(entry.value)
        }
      }
      out.raw("},\"metrics\":{")
      for (index, metric) in problem.metrics.enumerated() {
        if index > 0 { out.raw(",") }
        out.string(metric.name)
        out.raw(":")
        out.number(best.values[index])
      }
      out.raw("}}")
    } else {
      out.raw("null")
    }
    out.raw("}")
    return String(decoding: out.bytes, as: UTF8.self)
  }
}
