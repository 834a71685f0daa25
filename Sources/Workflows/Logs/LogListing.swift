import DesignSpace
public import SimulationLog
import Study

/// What is in a log: rows, spaces, workloads, metrics, the best designs.
public struct LogListing {
  private struct Range {
    var count = 0
    var low = Double.infinity
    var high = -Double.infinity
  }

  private let log: TrialLog
  private let catalog: LogCatalog
  private var rowCount = 0
  private var feasibleCount = 0
  private var failedCount = 0
  private var spaceRows: [Int]
  private var contextRows: [(rows: Int, feasible: Int)]
  private var ranges: [Range]
  private var best: [LoggedTrial] = []

  /// Reads the rows that pass a question.
  ///
  /// - Parameters:
  ///   - log: The log.
  ///   - question: Objective, limits and workload that are asked about.
  ///   - bestCount: How many of the best rows to keep.
  /// - Throws: `TrialLogError`, `LogError`.
  public init(of log: TrialLog, question: LogQuestion, bestCount: Int) throws {
    self.log = log
    let catalog = try log.catalog()
    self.catalog = catalog
    let filter = try question.filter(for: catalog, file: log.file)
    spaceRows = catalog.spaces.map { _ in 0 }
    contextRows = catalog.contexts.map { _ in (0, 0) }
    ranges = catalog.metrics.map { _ in Range() }
    let objective = catalog.objectives.first
    let index = catalog.objectiveIndex
    try log.forEachTrial(matching: filter) { trial in
      rowCount += 1
      spaceRows[trial.space] += 1
      if trial.isFeasible { feasibleCount += 1 }
      if case .failed = trial.verdict { failedCount += 1 }
      if let context = trial.context {
        contextRows[context].rows += 1
        if trial.isFeasible { contextRows[context].feasible += 1 }
      }
      for (place, value) in trial.metrics.enumerated() where !value.isNaN {
        ranges[place].count += 1
        ranges[place].low = min(ranges[place].low, value)
        ranges[place].high = max(ranges[place].high, value)
      }
      if let objective, let index, trial.isFeasible, bestCount > 0 {
        func isBetter(_ other: LoggedTrial) -> Bool {
          objective.isBetter(trial.metrics[index], than: other.metrics[index])
        }
        if best.count < bestCount || best.last.map(isBetter) ?? true {
          // Equal values keep the order of the log.
          let place = best.firstIndex(where: isBetter) ?? best.count
          best.insert(trial, at: place)
          if best.count > bestCount { best.removeLast() }
        }
      }
      return true
    }
  }

  /// The listing for people.
  public var text: String {
    var lines = [
      "\(log.file): \(grouped(rowCount)) rows, \(grouped(feasibleCount)) feasible, "
        + "\(grouped(rowCount - feasibleCount - failedCount)) infeasible, "
        + "\(grouped(failedCount)) failed"
    ]
    for (index, space) in catalog.spaces.enumerated().prefix(20) {
      lines.append(
        "space \(space.name): \(grouped(spaceRows[index])) rows, "
          + "\(space.space.parameters.count) parameters: "
          + space.titles.prefix(30).joined(separator: ", ")
          + (space.titles.count > 30 ? ", ..." : ""))
    }
    if catalog.spaces.count > 20 { lines.append("... \(catalog.spaces.count) spaces") }
    if !catalog.features.isEmpty {
      lines.append("features of workloads: \(catalog.features.joined(separator: ", "))")
    }
    for limit in catalog.limits { lines.append("limit: \(limit)") }
    lines.append("")
    lines.append(metricTable)
    if !catalog.contexts.isEmpty { lines.append(contextTable) }
    if !best.isEmpty { lines.append(bestTable) }
    return lines.joined(separator: "\n")
  }

  private var metricTable: String {
    var table = TextTable(header: ["metric", "unit", "", "values", "lowest", "highest"])
    for (index, metric) in catalog.metrics.enumerated() {
      let range = ranges[index]
      let goal = catalog.objectives.first { $0.metric == metric.name }?.goal.rawValue ?? ""
      table.append([
        metric.name, metric.unit, goal, grouped(range.count),
        range.count > 0 ? readable(range.low) : "", range.count > 0 ? readable(range.high) : "",
      ])
    }
    return table.text
  }

  private var contextTable: String {
    var table = TextTable(header: ["workload", "rows", "feasible"])
    var shown = 0
    for (index, context) in catalog.contexts.enumerated() where contextRows[index].rows > 0 {
      shown += 1
      guard shown <= 20 else { continue }
      table.append([
        context.name, grouped(contextRows[index].rows), grouped(contextRows[index].feasible),
      ])
    }
    return table.text + (shown > 20 ? "... \(shown) workloads\n" : "")
  }

  private var bestTable: String {
    guard let objective = catalog.objectives.first, let index = catalog.objectiveIndex else {
      return ""
    }
    var table = TextTable(header: ["best rows", objective.metric, "workload", "design"])
    for trial in best {
      let space = catalog.spaces[trial.space]
      let point = space.space.point(coordinates: trial.coordinates)
      table.append([
        trial.label ?? String(trial.id), readable(trial.metrics[index], digits: 6),
        trial.context.map { catalog.contexts[$0].name } ?? "",
        point.map { space.space.description(of: $0) } ?? "",
      ])
    }
    return table.text
  }

  /// The listing for programs.
  public var json: String {
    var text = JSONText()
    text.raw("{\"rows\":")
    text.number(rowCount)
    text.member("feasible", feasibleCount)
    text.member("failed", failedCount)
    text.raw(",\"spaces\":")
    text.list(Array(catalog.spaces.enumerated())) { text, entry in
      text.raw("{\"name\":")
      text.string(entry.element.name)
      text.member("rows", spaceRows[entry.offset])
      text.raw(",\"parameters\":")
      text.list(Array(zip(entry.element.titles, entry.element.space.parameters))) {
        $0.raw("{\"name\":")
        $0.string($1.0)
        $0.member("kind", $1.1.kindName)
        $0.member("accepts", $1.1.expectation)
        $0.raw("}")
      }
      text.raw("}")
    }
    text.raw(",\"metrics\":")
    text.list(Array(catalog.metrics.enumerated())) { text, entry in
      text.raw("{\"name\":")
      text.string(entry.element.name)
      text.member("unit", entry.element.unit)
      text.member("values", ranges[entry.offset].count)
      text.member("lowest", ranges[entry.offset].low)
      text.member("highest", ranges[entry.offset].high)
      text.raw("}")
    }
    text.raw(",\"objectives\":")
    text.list(catalog.objectives) { $0.string("\($1.goal.rawValue) \($1.metric)") }
    text.raw(",\"limits\":")
    text.list(catalog.limits) { $0.string($1.description) }
    text.raw(",\"features\":")
    text.list(catalog.features) { $0.string($1) }
    text.raw(",\"workloads\":")
    text.list(Array(catalog.contexts.enumerated())) { text, entry in
      text.raw("{\"name\":")
      text.string(entry.element.name)
      text.member("rows", contextRows[entry.offset].rows)
      text.member("feasible", contextRows[entry.offset].feasible)
      text.raw(",\"features\":")
      text.list(entry.element.features) { $0.number($1) }
      text.raw("}")
    }
    text.raw(",\"best\":")
    text.list(best) { text, trial in
      text.raw("{\"row\":")
      text.number(trial.id)
      text.member("id", trial.label ?? "")
      text.member("value", catalog.objectiveIndex.map { trial.metrics[$0] } ?? .nan)
      text.raw("}")
    }
    text.raw(",\"imports\":")
    text.list(catalog.imports) { text, record in
      text.raw("{\"roles\":")
      text.string(record.roles)
      text.raw(",\"counts\":\(record.counts)}")
    }
    text.raw("}")
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
