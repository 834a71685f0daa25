import DesignSpace
import Foundation
import Interchange
import SimulationLog
import Study

/// Turns rows of one file into trials.
final class RowConverter {
  private let bound: BoundRoles
  private let space: Int
  private let fixedContext: String?
  private let coordinates: [CoordinateReader]
  /// Where the file's metrics are among the log's, and the limits by such places.
  private let metricPlaces: [Int]
  private let metricCount: Int
  private let limits: [(place: Int, limit: MetricLimit)]
  private let infeasibleValues: [[UInt8]]
  private let file: String
  private var contextKeys = ByteInterner()
  private var contexts: [(index: Int, features: [Double])] = []
  private var splitKeys = ByteInterner()
  private var splits: [String] = []

  init(
    _ bound: BoundRoles, source: LogSources.Source, space: Int, parameters: [Parameter],
    catalog: LogCatalog
  ) {
    self.bound = bound
    self.space = space
    file = source.file
    fixedContext = source.context
    coordinates = parameters.map(CoordinateReader.init)
    metricPlaces = bound.roles.metricNames.map { catalog.index(ofMetric: $0) ?? 0 }
    metricCount = catalog.metrics.count
    limits = bound.roles.limits.compactMap { limit in
      catalog.index(ofMetric: limit.metric).map { ($0, limit) }
    }
    infeasibleValues = bound.roles.infeasibleValues.map { Array($0.utf8) }
  }

  /// The trial of a row.
  ///
  /// - Throws: `RowDrop` for a row that cannot be used, and what writing a context throws.
  func trial(_ row: TableRow, writer: TrialWriter) throws -> LoggedTrial {
    if let problem = row.problem { throw Self.drop(problem) }
    var trial = LoggedTrial(
      space: space, coordinates: try design(row),
      metrics: [Double](repeating: .nan, count: metricCount), verdict: .feasible,
      origin: LoggedTrial.Origin(file: file))
    var isInfinite = false
    var problem: RowDrop?
    let isMarked = bound.objectives.contains { place in
      bound.metrics[place].map { isInfeasibleValue(row[$0]) } ?? false
    }
    for (place, column) in bound.metrics.enumerated() {
      guard let column else { continue }
      switch CellValue(row[column]) {
      case .number(let value): trial.metrics[metricPlaces[place]] = value
      case .missing: break
      case .infinite: isInfinite = isInfinite || bound.objectives.contains(place)
      case .text:
        guard !isInfeasibleValue(row[column]) else { break }
        problem = problem ?? wordDrop(row[column], metric: bound.roles.metricNames[place])
      }
    }
    trial.verdict = try verdict(row, trial.metrics, isMarked: isMarked)
    if trial.isFeasible {
      if let problem { throw problem }
      for place in bound.objectives where trial.metrics[metricPlaces[place]].isNaN {
        throw RowDrop(
          reason: "objective \"\(bound.roles.metricNames[place])\" is "
            + (isInfinite ? "infinite" : "missing"),
          hint: "pass --infeasible-value \(isInfinite ? "inf" : "''") to read such rows as "
            + "infeasible designs")
      }
    }
    trial.context = try context(row, writer: writer)
    try readRest(row, into: &trial)
    return trial
  }

  private func design(_ row: TableRow) throws(RowDrop) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(coordinates.count)
    for index in coordinates.indices {
      let cell = row[bound.parameters[index]]
      guard let coordinate = coordinates[index].coordinate(of: cell) else {
        let name = bound.column(index).name
        if cell.isEmpty || CellValue(cell) == .missing {
          throw RowDrop(
            reason: "parameter \"\(name)\" is missing",
            hint: "if it has no meaning there, write a word of its own into the cell")
        }
        throw RowDrop(
          reason: "parameter \"\(name)\" has a value outside its \(coordinates[index].kind)")
      }
      result.append(coordinate)
    }
    return result
  }

  private func verdict(_ row: TableRow, _ metrics: [Double], isMarked: Bool) throws(RowDrop)
    -> LoggedTrial.Verdict
  {
    let overLimit = limits.first { !metrics[$0.place].isNaN && !$0.limit.allows(metrics[$0.place]) }
    if let column = bound.feasible {
      guard let isFeasible = CellValue.truth(row[column]) else {
        throw RowDrop(
          reason: "column \"\(bound.roles.feasible ?? "")\" is neither 1/0, true/false nor yes/no")
      }
      if !isFeasible {
        let reason = bound.reason.map { row.text($0) } ?? ""
        if reason.isEmpty, let overLimit { return .infeasible(.limit(overLimit.limit.description)) }
        return ReasonText.verdict(reason)
      }
    }
    if bound.condition?.holds(for: row, at: bound.indices) ?? false {
      let reason = bound.reason.map { row.text($0) } ?? ""
      return .infeasible(.hidden(reason.isEmpty ? bound.roles.infeasibleWhen ?? "" : reason))
    }
    if isMarked { return .infeasible(.hidden(bound.reason.map { row.text($0) } ?? "")) }
    if let overLimit { return .infeasible(.limit(overLimit.limit.description)) }
    return .feasible
  }

  private func isInfeasibleValue(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    infeasibleValues.contains { cell.elementsEqual($0) }
  }

  private func wordDrop(_ cell: UnsafeBufferPointer<UInt8>, metric: String) -> RowDrop {
    if CellValue.isDecimalComma(cell) {
      return RowDrop(
        reason: "metric \"\(metric)\" has a decimal comma",
        hint: "decimal commas are not read; rewrite the file with points")
    }
    return RowDrop(
      reason: "metric \"\(metric)\" is no number",
      hint: "pass --infeasible-value with the word if it marks infeasible designs")
  }

  private func context(_ row: TableRow, writer: TrialWriter) throws -> Int? {
    guard let column = bound.workload else {
      guard let fixedContext else { return nil }
      if contexts.isEmpty {
        contexts.append((try writer.context(LogContext(name: fixedContext)), []))
      }
      return contexts[0].index
    }
    let cell = row[column]
    guard !cell.isEmpty else {
      throw RowDrop(reason: "column \"\(bound.roles.workload ?? "")\" is empty")
    }
    let features = bound.features.map { index -> Double in
      if case .number(let value) = CellValue(row[index]) { value } else { .nan }
    }
    let key = contextKeys.number(of: cell)
    if key == contexts.count {
      let index = try writer.context(LogContext(name: row.text(column), features: features))
      contexts.append((index, writer.catalog.contexts[index].features))
    }
    guard zip(contexts[key].features, features).allSatisfy({ $0 == $1 || ($0.isNaN && $1.isNaN) })
    else {
      throw RowDrop(reason: "the workload's features differ from those of its first row")
    }
    return contexts[key].index
  }

  private func readRest(_ row: TableRow, into trial: inout LoggedTrial) throws(RowDrop) {
    trial.line = row.line
    if let column = bound.designID, !row[column].isEmpty { trial.label = row.text(column) }
    if let column = bound.split, !row[column].isEmpty {
      let key = splitKeys.number(of: row[column])
      if key == splits.count { splits.append(row.text(column)) }
      trial.split = splits[key]
    }
    if let column = bound.seed { trial.seed = UInt64(row.text(column)) }
    if let column = bound.seconds, case .number(let value) = CellValue(row[column]), value >= 0 {
      trial.seconds = value
    }
    if let column = bound.evaluator, !row[column].isEmpty {
      trial.origin.evaluator = row.text(column)
    }
    if let column = bound.version, !row[column].isEmpty { trial.origin.version = row.text(column) }
  }

  private static func drop(_ problem: TableRow.Problem) -> RowDrop {
    switch problem {
    case .ragged(_, let expected):
      RowDrop(
        reason: "another number of cells than the header's \(expected)",
        hint: "a cell with the separator in it must stand in quotes")
    case .repeatedHeader: RowDrop(reason: "the header again")
    case .cutShort: RowDrop(reason: "the file ends within the row")
    case .encoding: RowDrop(reason: "not UTF-8", hint: "if it is Latin-1: iconv -f latin1 -t utf-8")
    case .malformed(let what): RowDrop(reason: "malformed: \(what)")
    }
  }
}

/// Reasons as they are written into tables, so that an export reads back.
enum ReasonText {
  /// Empty for a feasible design; the evaluator's own words, `constraint: ...`, `limit: ...` or `failed crash: ...`.
  static func text(of verdict: LoggedTrial.Verdict) -> String {
    switch verdict {
    case .feasible: ""
    case .infeasible(.hidden(let words)): words
    case .infeasible(let reason): reason.description
    case .failed(let failure): "failed \(failure.kind.rawValue): \(failure.detail)"
    }
  }

  /// The verdict on a design that does not work.
  static func verdict(_ text: String) -> LoggedTrial.Verdict {
    guard !text.isEmpty else { return .infeasible(.hidden("")) }
    for kind in EvaluationFailure.Kind.allCases where text.hasPrefix("failed \(kind.rawValue): ") {
      let detail = text.dropFirst("failed \(kind.rawValue): ".count)
      return .failed(EvaluationFailure(kind, String(detail)))
    }
    if text.hasPrefix("limit: ") { return .infeasible(.limit(String(text.dropFirst(7)))) }
    if text.hasPrefix("constraint: ") {
      return .infeasible(.constraint(String(text.dropFirst(12))))
    }
    return .infeasible(.hidden(text))
  }
}

/// Reads cells of one parameter as coordinates.
struct CoordinateReader {
  private enum Kind {
    case words(ByteInterner)
    case levels([Double])
    case integers(lowest: Double, step: Double, count: Double)
    case reals(ClosedRange<Double>)
    case truth
  }

  private let reader: Kind
  /// For messages: `levels`.
  let kind: String

  init(_ parameter: Parameter) {
    kind = parameter.kindName
    switch parameter.domain {
    case .integers(let range, let step):
      reader = .integers(
        lowest: Double(range.lowerBound), step: Double(step),
        count: Double(parameter.valueCount ?? 0))
    case .levels(let levels): reader = .levels(levels)
    case .reals(let range, _): reader = .reals(range)
    case .boolean: reader = .truth
    case .categories, .permutations:
      var keys = ByteInterner()
      for index in 0..<(parameter.valueCount ?? 0) {
        var text = parameter.value(at: Double(index)).description
        text.withUTF8 { _ = keys.number(of: $0) }
      }
      reader = .words(keys)
    }
  }

  func coordinate(of cell: UnsafeBufferPointer<UInt8>) -> Double? {
    switch reader {
    case .words(let keys): return keys.known(cell).map(Double.init)
    case .truth: return CellValue.truth(cell).map { $0 ? 1 : 0 }
    case .levels(let levels):
      guard case .number(let value) = CellValue(cell) else { return nil }
      var low = 0
      var high = levels.count
      while low < high {
        let middle = (low + high) / 2
        if levels[middle] < value { low = middle + 1 } else { high = middle }
      }
      return low < levels.count && levels[low] == value ? Double(low) : nil
    case .integers(let lowest, let step, let count):
      guard case .number(let value) = CellValue(cell) else { return nil }
      let index = (value - lowest) / step
      return index >= 0 && index < count && index == index.rounded() ? index : nil
    case .reals(let range):
      guard case .number(let value) = CellValue(cell), range.contains(value) else { return nil }
      return value + 0
    }
  }
}
