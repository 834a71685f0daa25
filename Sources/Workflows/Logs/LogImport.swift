import DesignSpace
import Foundation
import Interchange
import SimulationLog
import Study

/// Brings tables of others into a new log: two passes, the first finds what the columns are, the second writes.
///
/// The log appears under its name only when it is whole; a failed or interrupted import leaves nothing.
public struct LogImport {
  private let sources: LogSources
  private let roles: LogRoles

  /// Finds the files.
  ///
  /// - Parameters:
  ///   - inputs: Files and folders.
  ///   - roles: What the user says about columns; files beside the data fill in what is left open.
  ///   - format: `table`, `jsonl` or `archgym`; found from names when `nil`.
  /// - Throws: `LogError`, `TableError`, `SpecificationError`.
  public init(inputs: [String], roles: LogRoles, format: String? = nil) throws {
    var known: LogSources.Format?
    if let format {
      known = LogSources.Format(rawValue: format)
      if known == nil {
        throw LogError.wrongValue(
          at: "--format", got: "\"\(format)\"", expected: "one of table, jsonl, archgym", hint: nil)
      }
    }
    sources = try LogSources(inputs: inputs, roles: roles, format: known)
    self.roles = roles
  }

  /// A space in the making.
  private struct Group {
    var name: String
    var sources: [LogSources.Source] = []
    var surveys: [String: ColumnSurvey] = [:]
    var parameters: [InferredParameter] = []
    var bound: [BoundRoles] = []
  }

  /// Reads, converts and writes.
  ///
  /// - Parameters:
  ///   - out: The log to make; must not exist.
  ///   - progress: Called now and then with what is being done.
  /// - Returns: What was read, kept and dropped.
  /// - Throws: `LogError`, `TableError`, `TrialLogError`, `CancellationError`.
  /// - Complexity: O(*rows x columns*) time; memory does not grow with rows.
  public func run(out: String, progress: (String) -> Void = { _ in }) throws -> ImportSummary {
    guard !FileManager.default.fileExists(atPath: out) else {
      throw TrialLogError.exists(file: out)
    }
    var summary = ImportSummary()
    summary.notes = sources.notes
    var groups = grouped()
    for index in groups.indices { try survey(&groups[index], &summary, progress) }
    groups.removeAll { $0.sources.isEmpty }
    guard !groups.isEmpty else {
      throw LogError.nothingImported(
        file: sources.sources.first?.file ?? out,
        reasons: summary.notes.isEmpty
          ? "no file has a column with the objective" : summary.notes.joined(separator: "; "))
    }
    for index in groups.indices { try infer(&groups[index], &summary) }
    let catalog = try catalog(of: groups)
    let partial = "\(out).partial-\(getpid())"
    unlink(partial)
    defer { unlink(partial) }
    let log: TrialLog
    do {
      log = try TrialLog.create(file: partial, catalog: catalog, access: .filling)
      try log.write { writer in
        for (index, group) in groups.enumerated() {
          for (source, bound) in zip(group.sources, group.bound) {
            summary.files.append(
              try write(
                source, bound, space: index, group.parameters.map(\.parameter), writer, progress))
          }
        }
        summary.contextCount = writer.catalog.contexts.count
      }
      guard summary.importedCount > 0 else {
        throw LogError.nothingImported(
          file: groups[0].sources[0].file, reasons: Self.reasons(summary))
      }
      summary.roles = groups.count == 1 ? groups[0].sources[0].roles.yaml : Self.shared(groups).yaml
      try log.record(ImportRecord(roles: summary.roles, counts: summary.json))
      try log.finish()
    } catch let error as TrialLogError {
      throw error.naming(out)
    }
    // A link, unlike a rename, never replaces what another process made meanwhile.
    guard link(partial, out) == 0 else {
      if errno == EEXIST { throw TrialLogError.exists(file: out) }
      throw TrialLogError.failed(
        file: out, problem: "cannot be made: \(String(cString: strerror(errno)))", hint: nil)
    }
    return summary
  }

  private static func reasons(_ summary: ImportSummary) -> String {
    let dropped = summary.files.flatMap(\.dropped)
    guard !dropped.isEmpty else { return "there is a header and no row" }
    return dropped.prefix(3).map { "\($0.count) rows: \($0.reason)" }.joined(separator: "; ")
  }

  /// The roles without what differs from task to task.
  private static func shared(_ groups: [Group]) -> LogRoles {
    var roles = groups[0].sources[0].roles
    roles.parameters = nil
    roles.declared = []
    return roles
  }

  private func grouped() -> [Group] {
    var groups: [Group] = []
    for source in sources.sources {
      if let index = groups.firstIndex(where: { $0.name == source.space }) {
        groups[index].sources.append(source)
      } else {
        groups.append(Group(name: source.space, sources: [source]))
      }
    }
    return groups
  }

  // MARK: First pass

  private func survey(
    _ group: inout Group, _ summary: inout ImportSummary, _ progress: (String) -> Void
  ) throws {
    var kept: [LogSources.Source] = []
    for source in group.sources {
      let reader = try LogSources.open(source)
      if source.mayLackObjective, let objective = source.roles.objectives.first?.metric,
        !reader.columns.isEmpty, !reader.columns.contains(where: { $0.name == objective })
      {
        summary.notes.append(
          "\(source.file): no column \"\(objective)\": designs without results, not imported")
        continue
      }
      kept.append(source)
      // Delimited text knows its columns now and is checked before a long pass; JSON lines only afterwards.
      var bound =
        reader.columns.isEmpty
        ? nil : try BoundRoles(source.roles, columns: reader.columns, file: source.file)
      var columns = bound?.parameters ?? []
      var surveys: [ColumnSurvey] = []
      // Of records whose columns are not known yet, those that cannot be parameters are passed over.
      var isWanted: [Bool] = []
      let wanted = bound == nil ? source.roles.parameters.map { Set($0) } : nil
      var row = 0
      while let next = try reader.next() {
        row += 1
        if row % 65_536 == 0 {
          try Task.checkCancellation()
          progress("\(source.file): \(row) rows seen")
        }
        if next.problem != nil { continue }
        if bound == nil, columns.count != next.cellCount {
          columns = Array(0..<next.cellCount)
        }
        while surveys.count < columns.count {
          let place = surveys.count
          let name = bound.map { $0.column(place).name } ?? reader.columns[columns[place]].name
          surveys.append(
            group.surveys[name]
              ?? ColumnSurvey(keepsNumbersAsText: keepsText(name, source.roles)))
          let column = reader.columns[columns[place]]
          isWanted.append(
            wanted.map { $0.contains(column.name) || $0.contains(column.title) } ?? true)
        }
        for (place, column) in columns.enumerated() where isWanted[place] {
          surveys[place].add(next[column], line: next.line)
        }
      }
      guard row > 0 else {
        if source.mayLackObjective {
          kept.removeLast()
          summary.notes.append("\(source.file): a header and no row; passed over")
          continue
        }
        throw TableError.empty(file: source.file, got: "a header and no row")
      }
      if bound == nil {
        bound = try BoundRoles(source.roles, columns: reader.columns, file: source.file)
      }
      guard let bound else { continue }
      for place in bound.parameters.indices {
        let surveyed = columns.firstIndex(of: bound.parameters[place])
        group.surveys[bound.column(place).name] = surveyed.map { surveys[$0] }
      }
      group.bound.append(bound)
    }
    group.sources = kept
  }

  /// Columns stated to be words keep their numbers as written.
  private func keepsText(_ name: String, _ roles: LogRoles) -> Bool {
    let kind = roles.declared.first { $0.name == name }?.kind
    return kind == "categorical" || kind == "permutation"
  }

  private func infer(_ group: inout Group, _ summary: inout ImportSummary) throws {
    let bound = group.bound[0]
    let names = bound.parameters.indices.map { bound.column($0).name }
    for other in group.bound.dropFirst() {
      let others = other.parameters.indices.map { other.column($0).name }
      guard others == names else {
        throw LogError.conflict(
          "\(other.file): got parameters \(others.joined(separator: ", ")), expected those of "
            + "\(bound.file): \(names.joined(separator: ", "))",
          hint: "name them with --params, or import the files into logs of their own")
      }
    }
    for declared in bound.roles.declared where !names.contains(declared.name) {
      throw LogError.unknownColumn(
        role: "--kind", name: declared.name, file: bound.file, known: names)
    }
    let inference = KindInference(file: bound.file)
    var taken: Set<String> = []
    for place in names.indices {
      let name = KindInference.parameterName(for: names[place], taken: taken)
      taken.insert(name)
      let inferred = try inference.infer(
        name, title: names[place],
        from: group.surveys[names[place]] ?? ColumnSurvey(keepsNumbersAsText: false),
        declared: bound.roles.declared.first { $0.name == names[place] })
      group.parameters.append(inferred)
      summary.columns.append(
        ImportSummary.Column(
          space: group.name, name: name, title: names[place],
          kind: inferred.parameter.kindName, explanation: inferred.explanation))
    }
  }

  private func catalog(of groups: [Group]) throws -> LogCatalog {
    var catalog = LogCatalog()
    for group in groups {
      let bound = group.bound[0]
      let space: SearchSpace
      do {
        space = try SearchSpace(parameters: group.parameters.map(\.parameter))
      } catch {
        throw LogError.conflict("\(bound.file): \(error.problem)", hint: error.hint)
      }
      catalog.spaces.append(
        LogSpace(
          name: group.name, space: space,
          titles: bound.parameters.indices.map { bound.column($0).name },
          units: bound.parameters.indices.map { bound.column($0).unit ?? "" }))
      for (place, name) in bound.roles.metricNames.enumerated()
      where catalog.index(ofMetric: name) == nil {
        catalog.metrics.append(Metric(name, unit: bound.unit(ofMetric: place)))
      }
      for objective in bound.roles.objectives where !catalog.objectives.contains(objective) {
        catalog.objectives.append(objective)
      }
      for limit in bound.roles.limits where !catalog.limits.contains(limit) {
        catalog.limits.append(limit)
      }
      for name in bound.roles.contextFeatures where !catalog.features.contains(name) {
        catalog.features.append(name)
      }
    }
    return catalog
  }

  // MARK: Second pass

  private func write(
    _ source: LogSources.Source, _ bound: BoundRoles, space: Int, _ parameters: [Parameter],
    _ writer: TrialWriter, _ progress: (String) -> Void
  ) throws -> ImportSummary.File {
    let reader = try LogSources.open(source)
    let converter = RowConverter(
      bound, source: source, space: space, parameters: parameters, catalog: writer.catalog)
    var result = ImportSummary.File(file: source.file)
    var drops = DropCounter()
    while let row = try reader.next() {
      result.rowCount += 1
      if result.rowCount % 65_536 == 0 {
        try Task.checkCancellation()
        progress("\(source.file): \(result.rowCount) rows read")
      }
      do {
        let trial = try converter.trial(row, writer: writer)
        try writer.append(trial)
        result.importedCount += 1
        if trial.isFeasible { result.feasibleCount += 1 }
      } catch let drop as RowDrop {
        drops.add(drop, line: row.line)
      }
    }
    result.dropped = drops.dropped
    result.notes = reader.notes.messages
    return result
  }
}
