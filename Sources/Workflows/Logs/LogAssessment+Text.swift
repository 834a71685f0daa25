public import SimulationLog
import Study

extension LogAssessment {
  /// The figures and the conclusion for people.
  public var text: String {
    var lines = ["space \(space): \(grouped(rowCount)) rows"]
    guard rowCount > 0 else { return verdictText(after: lines) }
    let interval = WilsonInterval(count: feasibleCount, total: rowCount)
    lines.append(
      "feasible: \(grouped(feasibleCount)) (\(percent(Double(feasibleCount) / Double(rowCount))), "
        + "95 % interval \(percent(interval.low)) to \(percent(interval.high)))")
    for (reason, count) in reasons.prefix(8) {
      lines.append("  \(grouped(count)): \(reason.isEmpty ? "no reason stated" : reason)")
    }
    if reasons.count > 8 { lines.append("  ... \(reasons.count) reasons in all") }
    if contextCount > 0, let rowsPerContext {
      lines.append(
        "workloads: \(grouped(contextCount)), with \(grouped(rowsPerContext.lowerBound)) to "
          + "\(grouped(rowsPerContext.upperBound)) rows each")
    }
    lines.append(
      "repeats: \(grouped(repeats.designCount)) designs more than once, "
        + "\(grouped(repeats.extraRowCount)) rows beyond the first; "
        + "\(grouped(repeats.contradictionCount)) with different results"
        + (repeats.mixedVerdictCount > 0
          ? ", \(grouped(repeats.mixedVerdictCount)) of them feasible in one row only" : ""))
    for example in repeats.examples {
      lines.append("  differ: rows \(example.map(String.init).joined(separator: ", "))")
    }
    if let noise = repeats.relativeNoise {
      lines.append(
        "noise: \(percent(noise)) (standard deviation of the objective's logarithm among repeats)")
    }
    lines.append("levels: \(seen(levelsSeen, of: levelTotal)) seen")
    if pairTotal > 0 { lines.append("pairs of levels: \(seen(pairsSeen, of: pairTotal)) seen") }
    if !constants.isEmpty { lines.append("never change: \(constants.joined(separator: ", "))") }
    for dependency in dependencies { lines.append("depend: \(dependency)") }
    lines += distributionLines
    for answer in limits {
      lines.append(
        "limit \(answer.limit): \(grouped(answer.allowedCount)) of \(grouped(answer.knownCount)) rows "
          + "respect it")
    }
    for workload in workloads { lines.append(Self.line(workload)) }
    lines.append("")
    lines.append(levelTable)
    return verdictText(after: lines)
  }

  private func seen(_ count: Int, of total: Int) -> String {
    let share = total == 0 ? "" : " (\(percent(Double(count) / Double(total))))"
    return "\(grouped(count)) of \(grouped(total))\(share)"
  }

  private var distributionLines: [String] {
    guard let objective, distribution.count > 0 else { return [] }
    let names = ["lowest", "5 %", "25 %", "median", "75 %", "95 %", "highest"]
    let quantiles = zip(names, distribution.quantiles).map { "\($0) \(readable($1))" }
    var line =
      "\(objective.metric) (\(objective.goal.rawValue)): \(quantiles.joined(separator: ", "))"
    if let range = distribution.dynamicRange { line += "; highest over lowest \(readable(range))" }
    var lines = [line]
    let odd = [
      (distribution.zeroCount, "zeros"), (distribution.negativeCount, "negative"),
      (distribution.outlierCount, "far out"),
    ].filter { $0.0 > 0 }
    if !odd.isEmpty {
      lines.append("  " + odd.map { "\(grouped($0.0)) \($0.1)" }.joined(separator: ", "))
    }
    return lines
  }

  private static func line(_ workload: WorkloadAnswer) -> String {
    var line = "workload \(workload.name): \(grouped(workload.rowCount)) rows"
    if !workload.nearest.isEmpty {
      line +=
        "; nearest "
        + workload.nearest.map { "\($0.name) (\(readable($0.distance, digits: 3)))" }
        .joined(separator: ", ")
    }
    return line
  }

  /// Parameters with the levels of extreme feasibility.
  private var levelTable: String {
    var table = TextTable(header: [
      "parameter", "kind", "levels seen", "lowest share", "highest share",
    ])
    for parameter in parameters.prefix(60) {
      let seen = parameter.levels.filter { $0.rowCount > 0 }
      func share(_ level: Level) -> Double { Double(level.feasibleCount) / Double(level.rowCount) }
      func cell(_ level: Level?) -> String {
        guard let level else { return "" }
        let interval = level.interval
        return "\(level.value): \(percent(share(level))) "
          + "[\(percent(interval.low)), \(percent(interval.high))]"
      }
      table.append([
        parameter.name, parameter.kind,
        parameter.levels.isEmpty ? "" : "\(seen.count) of \(parameter.levels.count)",
        cell(seen.min { share($0) < share($1) }), cell(seen.max { share($0) < share($1) }),
      ])
    }
    return table.text
  }

  private func verdictText(after lines: [String]) -> String {
    var lines = lines
    for (isYes, title) in [(true, "This log can"), (false, "This log cannot")] {
      let some = verdicts.filter { $0.isYes == isYes }
      guard !some.isEmpty else { continue }
      lines.append("\(title)")
      for verdict in some { lines.append("  \(verdict.question): \(verdict.because)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The tables as CSV files: name and content.
  public var tables: [(name: String, content: String)] {
    func cell(_ text: String) -> String {
      text.contains { ",\"\n\r".contains($0) }
        ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
    var levels = "parameter,level,rows,feasible,share_low,share_high\n"
    for parameter in parameters {
      for level in parameter.levels {
        let interval = level.interval
        levels +=
          "\(cell(parameter.name)),\(cell(level.value)),\(level.rowCount),\(level.feasibleCount),"
          + "\(interval.low),\(interval.high)\n"
      }
    }
    var conclusion = "can,question,because\n"
    for verdict in verdicts {
      conclusion +=
        "\(verdict.isYes ? 1 : 0),\(cell(verdict.question)),\(cell(verdict.because))\n"
    }
    var reasonTable = "reason,rows\n"
    for (reason, count) in reasons { reasonTable += "\(cell(reason)),\(count)\n" }
    return [
      ("levels.csv", levels), ("verdicts.csv", conclusion), ("reasons.csv", reasonTable),
    ]
  }

  /// Everything for programs.
  public var json: String {
    var text = JSONText()
    text.raw("{\"space\":")
    text.string(space)
    text.member("rows", rowCount)
    text.member("feasible", feasibleCount)
    text.member("failed", failedCount)
    text.member("workloads", contextCount)
    text.raw(",\"reasons\":")
    text.list(reasons) { text, entry in
      text.raw("{\"reason\":")
      text.string(entry.reason)
      text.member("rows", entry.count)
      text.raw("}")
    }
    text.raw(",\"repeats\":{\"designs\":")
    text.number(repeats.designCount)
    text.member("extra_rows", repeats.extraRowCount)
    text.member("contradictions", repeats.contradictionCount)
    text.member("mixed_verdicts", repeats.mixedVerdictCount)
    text.member("relative_noise", repeats.relativeNoise ?? .nan)
    text.raw("}")
    text.member("levels_seen", levelsSeen)
    text.member("levels", levelTotal)
    text.member("pairs_seen", pairsSeen)
    text.member("pairs", pairTotal)
    text.raw(",\"constants\":")
    text.list(constants) { $0.string($1) }
    text.raw(",\"dependencies\":")
    text.list(dependencies) { $0.string($1) }
    if let objective { text.member("objective", objective.metric) }
    text.raw(",\"quantiles\":")
    text.list(distribution.quantiles) { $0.number($1) }
    text.member("zeros", distribution.zeroCount)
    text.member("negatives", distribution.negativeCount)
    text.member("outliers", distribution.outlierCount)
    text.raw(",\"parameters\":")
    text.list(parameters) { text, parameter in
      text.raw("{\"name\":")
      text.string(parameter.name)
      text.member("kind", parameter.kind)
      text.raw(",\"levels\":")
      text.list(parameter.levels) { text, level in
        text.raw("{\"value\":")
        text.string(level.value)
        text.member("rows", level.rowCount)
        text.member("feasible", level.feasibleCount)
        text.member("low", level.interval.low)
        text.member("high", level.interval.high)
        text.raw("}")
      }
      text.raw("}")
    }
    text.raw(",\"limits\":")
    text.list(limits) { text, answer in
      text.raw("{\"limit\":")
      text.string(answer.limit.description)
      text.member("known", answer.knownCount)
      text.member("allowed", answer.allowedCount)
      text.raw("}")
    }
    text.raw(",\"questions\":")
    text.list(workloads) { text, workload in
      text.raw("{\"workload\":")
      text.string(workload.name)
      text.member("rows", workload.rowCount)
      text.raw(",\"nearest\":")
      text.list(workload.nearest) { text, neighbor in
        text.raw("{\"workload\":")
        text.string(neighbor.name)
        text.member("distance", neighbor.distance)
        text.raw("}")
      }
      text.raw("}")
    }
    text.raw(",\"verdicts\":")
    text.list(verdicts) { text, verdict in
      text.raw("{\"can\":")
      text.truth(verdict.isYes)
      text.member("question", verdict.question)
      text.member("because", verdict.because)
      text.raw("}")
    }
    text.raw("}")
    return String(decoding: text.bytes, as: UTF8.self)
  }
}

extension JSONText {
  /// A list, each element written by `body`.
  mutating func list<Element>(
    _ elements: [Element], _ body: (inout JSONText, Element) -> Void
  ) {
    raw("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { raw(",") }
      body(&self, element)
    }
    raw("]")
  }
}
