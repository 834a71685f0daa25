import Study

extension ExplorationSweepResult {
  /// The steps for people: one table a workload, then the answer.
  var text: String {
    let outline = outline
    let objective = problem.objectives[0]
    let several = sweep.file.seeds.count > 1
    var text = ""
    for place in workloads.indices {
      if !workloads[place].isEmpty { text += "\(workloads[place])\n" }
      var header = sweep.file.sweep.map { "\($0.limit) \($0.side.rawValue)" }
      header += [objective.metric]
      if several { header += ["median", "worst", "spread"] }
      if isCompared { header.append("random") }
      header += ["feasible", "closest limit", "slack", "design"]
      var table = TextTable(header: header)
      for (entry, step) in zip(entries[place], outline.parts[place].steps) {
        var row = entry.limits.map { readable($0.bound) }
        row += [entry.best.map { readable($0.value) } ?? "none"]
        if several {
          let spread = outline.spread(of: step)
          row += [
            spread.map { readable($0.median) } ?? "none",
            spread.map { readable($0.worst) } ?? "none", spread.map { percent($0.share) } ?? "",
          ]
        }
        if isCompared { row.append(randomBest(entry).map { readable($0) } ?? "none") }
        row += [grouped(entry.feasibleCount)]
        row += [
          entry.binding?.limit.description ?? "", entry.binding.map { percent($0.slack) } ?? "",
        ]
        row.append(
          entry.best.map { best in
            let design = best.design.values.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
            return design.count > 60 ? "\(design.prefix(57))..." : design
          } ?? "")
        table.append(row)
      }
      text += table.text + "\n"
    }
    if isCompared {
      text +=
        "random: the best of a random search with as many evaluations\(several ? ", of all seeds" : "")\n"
    }
    text += outline.answer + "\n"
    for place in workloads.indices {
      if let line = baselineText(place, outline) { text += line + "\n" }
    }
    return text
  }

  /// The steps as JSON: one object a workload and step, on a line each.
  var json: String {
    var lines: [String] = []
    for place in workloads.indices {
      for entry in entries[place] {
        var out = JSONText()
        out.raw("{\"workload\":")
        out.string(workloads[place])
        out.raw(",\"limits\":[")
        for (index, limit) in entry.limits.enumerated() {
          if index > 0 { out.raw(",") }
          out.string(limit.description)
        }
        out.raw(
          "],\"evaluations\":\(entry.evaluationCount),\"feasible\":\(entry.feasibleCount)")
        if isCompared {
          out.raw(",\"random\":")
          if let value = randomBest(entry) { out.number(value) } else { out.raw("null") }
        }
        if place < baselines.count {
          out.raw(",\"baseline\":")
          baselines[place].write(problem, to: &out)
        }
        out.raw(",\"best\":")
        guard let best = entry.best else {
          out.raw("null}")
          lines.append(String(decoding: out.bytes, as: UTF8.self))
          continue
        }
        out.raw("{\"seed\":\(best.seed),\"step\":\(best.step + 1),\"design\":")
        out.design(best.design.values)
        out.raw(",\"metrics\":{")
        for (index, metric) in problem.metrics.enumerated() {
          if index > 0 { out.raw(",") }
          out.string(metric.name)
          out.raw(":")
          out.number(best.design.metrics[index])
        }
        out.raw("}}}")
        lines.append(String(decoding: out.bytes, as: UTF8.self))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
