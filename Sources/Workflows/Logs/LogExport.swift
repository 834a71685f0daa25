import DesignSpace
import Foundation
import Interchange
public import SimulationLog
import Study

/// Writes rows of a log as CSV or JSON lines, with a roles file beside, so that `log import` reads them back.
public struct LogExport {
  private let log: TrialLog
  private let catalog: LogCatalog
  private var filter: TrialFilter
  private let space: LogSpace
  private let names: Names
  private let isReproducible: Bool

  /// Names of the columns that are neither parameters nor metrics.
  private struct Names {
    var designID = "design_id"
    var workload = "workload"
    var split = "split"
    var feasible = "feasible"
    var reason = "reason"
    var seed = "seed"
    var seconds = "seconds"
    var evaluator = "evaluator"
    var version = "version"

    /// Names that no parameter, metric or feature has.
    init(avoiding taken: Set<String>) {
      for path in [
        \Names.designID, \.workload, \.split, \.feasible, \.reason, \.seed, \.seconds, \.evaluator,
        \.version,
      ] as [WritableKeyPath<Names, String>] {
        while taken.contains(self[keyPath: path]) { self[keyPath: path] += "_" }
      }
    }
  }

  /// Prepares an export.
  ///
  /// - Parameters:
  ///   - log: The log.
  ///   - question: Objective, limits and workload that are asked about.
  ///   - isReproducible: Whether durations are left out, the only thing equal runs differ in.
  /// - Throws: `LogError` for names the log lacks, and for several spaces without a choice; `TrialLogError`.
  public init(of log: TrialLog, question: LogQuestion, isReproducible: Bool = false) throws {
    self.log = log
    self.isReproducible = isReproducible
    catalog = try log.catalog()
    filter = try question.filter(for: catalog, file: log.file)
    if filter.space == nil {
      guard catalog.spaces.count == 1 else {
        throw LogError.conflict(
          "\(log.file): got \(catalog.spaces.count) spaces, expected a choice of one: their "
            + "parameters differ",
          hint: "add --space, for example --space \(catalog.spaces.first?.name ?? ""); known: "
            + catalog.spaces.map(\.name).joined(separator: ", "))
      }
      filter.space = 0
    }
    space = catalog.spaces[filter.space ?? 0]
    names = Names(
      avoiding: Set(space.titles + catalog.metrics.map(\.name) + catalog.features))
  }

  /// Writes the rows.
  ///
  /// - Parameters:
  ///   - out: File; `.jsonl` or `.jsonl.gz` for JSON lines, anything else is CSV; `.gz` is compressed.
  ///   - progress: Called now and then.
  /// - Returns: Number of rows.
  /// - Throws: `TableError`, `TrialLogError`, `CancellationError`.
  public func run(out: String, progress: (String) -> Void = { _ in }) throws -> Int {
    let plain = out.hasSuffix(".gz") ? String(out.dropLast(3)) : out
    let isJSON = [".jsonl", ".ndjson", ".json"].contains { plain.hasSuffix($0) }
    let output = try OutputBytes(file: out)
    let titles = columnTitles
    var text = TableText(titles: titles, isJSON: isJSON)
    if !isJSON { try output.write(text.header) }
    let texts = space.space.parameters.map { Self.cells(of: $0, isJSON: isJSON) }
    var count = 0
    try log.forEachTrial(matching: filter) { trial in
      text.begin()
      write(trial, texts, to: &text)
      text.end()
      count += 1
      if text.count > 1 << 16 {
        try output.write(text.bytes)
        text.removeAll()
      }
      if count % 65_536 == 0 {
        try Task.checkCancellation()
        progress("\(count) rows written")
      }
      return true
    }
    try output.write(text.bytes)
    try output.finish()
    let beside = try OutputBytes(file: "\(out).roles.yaml")
    try beside.write(Array(roles.yaml.utf8))
    try beside.finish()
    return count
  }

  private var hasContexts: Bool { !catalog.contexts.isEmpty }

  private var columnTitles: [String] {
    [names.designID] + (hasContexts ? [names.workload] : []) + catalog.features + [names.split]
      + space.titles + catalog.metrics.map(\.name)
      + [names.feasible, names.reason, names.seed, names.seconds, names.evaluator, names.version]
  }

  private func write(_ trial: LoggedTrial, _ texts: [[[UInt8]]?], to text: inout TableText) {
    text.string(trial.label ?? "")
    if hasContexts {
      let context = trial.context.map { catalog.contexts[$0] }
      text.string(context?.name ?? "")
      for index in catalog.features.indices {
        text.number(
          context.flatMap { $0.features.indices.contains(index) ? $0.features[index] : nil })
      }
    }
    text.string(trial.split ?? "")
    for (index, coordinate) in trial.coordinates.enumerated() {
      if coordinate < 0, coordinate == -.infinity {
        text.string("")
      } else if let known = texts[index] {
        text.cell(known[Int(coordinate)])
      } else if case .number(let value) = space.space.parameters[index].value(at: coordinate) {
        text.number(value)
      } else {
        text.string(space.space.parameters[index].value(at: coordinate).description)
      }
    }
    for value in trial.metrics { text.number(value) }
    text.raw(trial.isFeasible ? "1" : "0")
    text.string(ReasonText.text(of: trial.verdict))
    if let seed = trial.seed { text.raw(String(seed)) } else { text.string("") }
    text.number(isReproducible ? nil : trial.seconds)
    text.string(trial.origin.evaluator ?? "")
    text.string(trial.origin.version ?? "")
  }

  /// The cells of a parameter's values, where they are not too many to hold.
  private static func cells(of parameter: Parameter, isJSON: Bool) -> [[UInt8]]? {
    guard let count = parameter.valueCount, count <= 70_000 else { return nil }
    return (0..<count).map { index in
      let value = parameter.value(at: Double(index))
      var text = TableText(titles: [], isJSON: isJSON)
      if isJSON, case .number(let number) = value {
        text.bareNumber(number)
      } else {
        text.bareString(value.description)
      }
      return text.bytes
    }
  }

  /// What the columns are for.
  private var roles: LogRoles {
    var roles = LogRoles()
    roles.parameters = space.titles
    for (parameter, title) in zip(space.space.parameters, space.titles) {
      var declared = LogRoles.DeclaredParameter(name: title, kind: parameter.kindName)
      switch parameter.domain {
      case .integers(let range, let step):
        declared.range = (range.lowerBound, range.upperBound, step)
      case .levels, .categories, .permutations:
        let values = (0..<(parameter.valueCount ?? 0)).map {
          parameter.value(at: Double($0)).description
        }
        // A YAML file of ours holds no control characters; such values are found again from the rows.
        let areClean = values.allSatisfy { text in
          !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        declared.values = areClean ? values : nil
      case .reals, .boolean: break
      }
      roles.declared.append(declared)
    }
    roles.objectives = catalog.objectives
    roles.metrics = catalog.metrics.map(\.name)
    roles.units = catalog.metrics.filter { !$0.unit.isEmpty }
    roles.limits = filter.limits.isEmpty ? catalog.limits : filter.limits
    if hasContexts {
      roles.workload = names.workload
      roles.contextFeatures = catalog.features
    }
    roles.feasible = names.feasible
    roles.reason = names.reason
    roles.designID = names.designID
    roles.split = names.split
    roles.seed = names.seed
    roles.seconds = names.seconds
    roles.evaluator = names.evaluator
    roles.version = names.version
    return roles
  }
}
