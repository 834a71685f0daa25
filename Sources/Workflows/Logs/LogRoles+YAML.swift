import Foundation
import Interchange
import SimulationLog
public import Study

extension LogRoles {
  /// Keys of a roles file, in the order they are written.
  static let keys = [
    "params", "params-except", "kinds", "values", "ranges", "minimize", "maximize", "metrics",
    "units", "limits", "workload", "context-features", "feasible", "reason", "infeasible-value",
    "infeasible-when", "design-id",
    "split", "seed", "seconds", "evaluator", "version", "separator",
  ]

  /// Reads a roles file: YAML with the keys of the command line.
  ///
  /// - Throws: `SpecificationError`, `LogError`.
  public init(readingFile file: String) throws {
    let root = try SpecificationNode(readingFile: file)
    try root.checkKeys(Self.keys)
    self.init()
    func names(_ key: String) throws -> [String]? {
      try root.optional(key)?.names(expected: "a list of column names")
    }
    func text(_ key: String) throws -> String? {
      try root.optional(key)?.text(expected: "a column's name")
    }
    parameters = try names("params")
    parametersExcept = try names("params-except")
    objectives =
      try (names("minimize") ?? []).map { Objective(.minimize, $0) }
      + (names("maximize") ?? []).map { Objective(.maximize, $0) }
    metrics = try names("metrics") ?? []
    for (name, unit) in try root.optional("units")?.pairs(expected: "units by metric") ?? [] {
      units.append(Metric(name, unit: try unit.text(expected: "a unit")))
    }
    for limit in try names("limits") ?? [] { limits.append(try Self.limit(limit, at: file)) }
    for (name, kind) in try root.optional("kinds")?.pairs(expected: "kinds by column") ?? [] {
      declared.append(
        try Self.declaration("\(name)=\(kind.text(expected: "a kind"))", at: file))
    }
    try readValues(root, file: file)
    workload = try text("workload")
    contextFeatures = try names("context-features") ?? []
    feasible = try text("feasible")
    reason = try text("reason")
    infeasibleValues = try names("infeasible-value") ?? []
    infeasibleWhen = try text("infeasible-when")
    designID = try text("design-id")
    split = try text("split")
    seed = try text("seed")
    seconds = try text("seconds")
    evaluator = try text("evaluator")
    version = try text("version")
    separator = try text("separator")
  }

  /// Reads the stated values (`values: {a: [1, 2]}`) and ranges (`ranges: {b: [2, 256, 2]}`: lowest, highest, step).
  private mutating func readValues(_ root: SpecificationNode, file: String) throws {
    func declare(_ name: String, _ change: (inout DeclaredParameter) -> Void) {
      var parameter = declared.first { $0.name == name } ?? DeclaredParameter(name: name)
      declared.removeAll { $0.name == name }
      change(&parameter)
      declared.append(parameter)
    }
    for (name, list) in try root.optional("values")?.pairs(expected: "values by column") ?? [] {
      let values = try list.items(expected: "a list of values").map { try $0.text() }
      declare(name) { $0.values = values }
    }
    for (name, list) in try root.optional("ranges")?.pairs(expected: "ranges by column") ?? [] {
      let bounds = -(1 << 52)...(1 << 52)
      let numbers = try list.items(expected: "a list of lowest, highest and step").map {
        try $0.integer(in: bounds)
      }
      guard numbers.count == 3, numbers[0] <= numbers[1], numbers[2] > 0 else {
        throw list.wrong(expected: "lowest, highest and step")
      }
      declare(name) { $0.range = (numbers[0], numbers[1], numbers[2]) }
    }
  }

  /// Reads `area_mm2<=27`.
  ///
  /// - Throws: `LogError`.
  public static func limit(_ text: String, at place: String) throws -> MetricLimit {
    do {
      return try MetricLimit(parsing: text)
    } catch {
      throw LogError.wrongValue(
        at: place, got: "\"\(text)\"", expected: "a limit such as area_mm2<=27",
        hint: "write METRIC<=NUMBER or METRIC>=NUMBER")
    }
  }

  /// The kinds a column may be declared to have.
  public static let kindNames = [
    "integer", "levels", "real", "categorical", "permutation", "boolean",
  ]

  /// Reads `order=permutation`.
  ///
  /// - Throws: `LogError`.
  public static func declaration(_ text: String, at place: String) throws -> DeclaredParameter {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2, let kind = parts.last, kindNames.contains(kind) else {
      throw LogError.wrongValue(
        at: place, got: "\"\(text)\"",
        expected: "a column and its kind, such as order=permutation",
        hint: "known kinds: \(kindNames.joined(separator: ", "))")
    }
    return DeclaredParameter(name: parts.dropLast().joined(separator: "="), kind: kind)
  }

  /// Reads `latency=ms`.
  ///
  /// - Throws: `LogError`.
  public static func unit(_ text: String, at place: String) throws -> Metric {
    let parts = text.split(separator: "=").map(String.init)
    guard parts.count >= 2, let unit = parts.last else {
      throw LogError.wrongValue(
        at: place, got: "\"\(text)\"", expected: "a metric and its unit, such as latency=ms",
        hint: nil)
    }
    return Metric(parts.dropLast().joined(separator: "="), unit: unit)
  }

  /// The roles as a roles file.
  public var yaml: String {
    var lines: [String] = []
    func list(_ key: String, _ items: [String]?) {
      if let items, !items.isEmpty { lines.append("\(key): \(YAMLText.list(items))") }
    }
    func item(_ key: String, _ value: String?) {
      if let value { lines.append("\(key): \(YAMLText.scalar(value))") }
    }
    list("params", parameters)
    list("params-except", parametersExcept)
    let kinds = declared.compactMap { parameter in
      parameter.kind.map { "\(YAMLText.scalar(parameter.name)): \($0)" }
    }
    if !kinds.isEmpty { lines.append("kinds: {\(kinds.joined(separator: ", "))}") }
    let values = declared.compactMap { parameter in
      parameter.values.map { "\(YAMLText.scalar(parameter.name)): \(YAMLText.list($0))" }
    }
    if !values.isEmpty { lines.append("values: {\(values.joined(separator: ", "))}") }
    let ranges = declared.compactMap { parameter in
      parameter.range.map {
        "\(YAMLText.scalar(parameter.name)): [\($0.minimum), \($0.maximum), \($0.step)]"
      }
    }
    if !ranges.isEmpty { lines.append("ranges: {\(ranges.joined(separator: ", "))}") }
    list("minimize", objectives.filter { $0.goal == .minimize }.map(\.metric))
    list("maximize", objectives.filter { $0.goal == .maximize }.map(\.metric))
    list("metrics", metrics)
    let stated = units.filter { metricNames.contains($0.name) }.map {
      "\(YAMLText.scalar($0.name)): \(YAMLText.scalar($0.unit))"
    }
    if !stated.isEmpty { lines.append("units: {\(stated.joined(separator: ", "))}") }
    list("limits", limits.map(\.description))
    item("workload", workload)
    list("context-features", contextFeatures)
    item("feasible", feasible)
    item("reason", reason)
    list("infeasible-value", infeasibleValues)
    item("infeasible-when", infeasibleWhen)
    item("design-id", designID)
    item("split", split)
    item("seed", seed)
    item("seconds", seconds)
    item("evaluator", evaluator)
    item("version", version)
    item("separator", separator)
    return lines.joined(separator: "\n") + "\n"
  }
}
