import Foundation
import GRDB
public import Study

/// Which trials a query wants; everything by default.
public struct TrialFilter: Hashable, Sendable {
  /// Index of a space, `nil` for all.
  public var space: Int?
  /// Indices of contexts, `nil` for all.
  public var contexts: [Int]?
  /// Numbers of trials, `nil` for all.
  public var ids: ClosedRange<Int>?
  /// Limits that decide about feasibility instead of those the log was recorded under.
  public var limits: [MetricLimit] = []
  /// Whether feasible trials (`true`) or the others (`false`) are wanted, `nil` for both.
  public var isFeasible: Bool?

  /// A filter that lets everything pass.
  public init() {}
}

extension TrialLog {
  /// Calls `body` for the trials that pass a filter, in the order of their numbers, until it returns `false`.
  ///
  /// Limits of the filter judge again what was measured: a trial over an earlier limit only may become feasible.
  /// - Throws: `TrialLogError`, and what `body` throws.
  /// - Complexity: O(*rows* in the range of numbers), constant memory.
  public func forEachTrial(
    matching filter: TrialFilter = TrialFilter(), _ body: (LoggedTrial) throws -> Bool
  ) throws {
    try guarded {
      try queue.read { database in
        try Self.scan(
          database, catalog: try CatalogStore.read(from: database, file: file), file: file,
          matching: filter, body)
      }
    }
  }

  /// The same inside a transaction.
  static func scan(
    _ database: Database, catalog: LogCatalog, file: String, matching filter: TrialFilter,
    _ body: (LoggedTrial) throws -> Bool
  ) throws {
    let decoder = try TrialDecoder(database: database, catalog: catalog, file: file)
    let judge = LimitJudge(filter.limits, catalog: catalog)
    var conditions: [String] = []
    if let space = filter.space { conditions.append("space = \(space)") }
    if let contexts = filter.contexts {
      conditions.append("context IN (\(contexts.map(String.init).joined(separator: ",")))")
    }
    if let ids = filter.ids {
      conditions.append("id BETWEEN \(ids.lowerBound) AND \(ids.upperBound)")
    }
    let restriction = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let rows = try RawStatement(
      """
      SELECT id, space, context, origin, status, reason, split, design, metrics, label, seed,
        seconds, line
      FROM trials \(restriction) ORDER BY id
      """, in: database)
    defer { rows.reset() }
    while try rows.next() {
      var trial = try decoder.trial(rows)
      judge.judge(&trial)
      if let wanted = filter.isFeasible, wanted != trial.isFeasible { continue }
      guard try body(trial) else { return }
    }
  }
}

/// Applies limits to trials that were recorded under others.
public struct LimitJudge: Sendable {
  private let limits: [(index: Int, limit: MetricLimit)]

  /// Creates a judge; limits on metrics the log lacks are left out.
  public init(_ limits: [MetricLimit], catalog: LogCatalog) {
    self.limits = limits.compactMap { limit in
      catalog.index(ofMetric: limit.metric).map { ($0, limit) }
    }
  }

  /// Replaces the verdict of a trial that is feasible, or was over a limit; without limits nothing changes.
  public func judge(_ trial: inout LoggedTrial) {
    guard !limits.isEmpty else { return }
    switch trial.verdict {
    case .feasible, .infeasible(.limit): break
    case .infeasible, .failed: return
    }
    for (index, limit) in limits where !limit.allows(trial.metrics[index]) {
      trial.verdict = .infeasible(.limit(limit.description))
      return
    }
    trial.verdict = .feasible
  }
}

/// Makes trials of rows.
private struct TrialDecoder {
  let codecs: [DesignCodec]
  let metricCount: Int
  let contextCount: Int
  let words: [Int64: String]
  let origins: [Int64: LoggedTrial.Origin]
  let file: String

  init(database: Database, catalog: LogCatalog, file: String) throws {
    codecs = catalog.spaces.map { DesignCodec($0.space) }
    metricCount = catalog.metrics.count
    contextCount = catalog.contexts.count
    self.file = file
    var words: [Int64: String] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT id, text FROM words") {
      words[try row.decode(Int64.self, atIndex: 0)] = try row.decode(String.self, atIndex: 1)
    }
    self.words = words
    var origins: [Int64: LoggedTrial.Origin] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT id, designer, evaluator, version, file FROM origins")
    {
      func text(_ index: Int) throws -> String? {
        let text = try row.decode(String.self, atIndex: index)
        return text.isEmpty ? nil : text
      }
      origins[try row.decode(Int64.self, atIndex: 0)] = LoggedTrial.Origin(
        designer: try text(1), evaluator: try text(2), version: try text(3), file: try text(4))
    }
    self.origins = origins
  }

  func trial(_ row: RawStatement) throws -> LoggedTrial {
    guard let space = row.integer(1), codecs.indices.contains(space),
      let coordinates = codecs[space].decode(row.bytes(7))
    else { throw damaged(row) }
    let blob = row.bytes(8)
    let metrics = [Double](unsafeUninitializedCapacity: metricCount) { buffer, count in
      for index in 0..<metricCount {
        buffer.initializeElement(at: index, to: real(in: blob, at: 8 * index) ?? .nan)
      }
      count = metricCount
    }
    var trial = LoggedTrial(
      space: space, context: try optional(row, 2) { $0.integer($1) }, coordinates: coordinates,
      metrics: metrics, verdict: try verdict(row),
      origin: origins[Int64(try value(row.integer(3)))] ?? LoggedTrial.Origin())
    trial.id = try value(row.integer(0))
    trial.split = try optional(row, 6) { $0.integer($1) }.flatMap { words[Int64($0)] }
    trial.label = try optional(row, 9) { $0.text($1) }
    trial.seed = try optional(row, 10) { $0.integer($1) }.map { UInt64(bitPattern: Int64($0)) }
    trial.seconds = try optional(row, 11) { $0.number($1) }
    trial.line = try optional(row, 12) { $0.integer($1) }
    if let context = trial.context, !(0..<contextCount).contains(context) { throw damaged(row) }
    return trial
  }

  private func verdict(_ row: RawStatement) throws -> LoggedTrial.Verdict {
    let status = Schema.Status(rawValue: try value(row.integer(4)))
    if status == .feasible { return .feasible }
    let reason = try optional(row, 5) { $0.integer($1) }.flatMap { words[Int64($0)] } ?? ""
    switch status {
    case .feasible: return .feasible
    case .constraint: return .infeasible(.constraint(reason))
    case .hidden: return .infeasible(.hidden(reason))
    case .limit: return .infeasible(.limit(reason))
    case .crash: return .failed(EvaluationFailure(.crash, reason))
    case .timeout: return .failed(EvaluationFailure(.timeout, reason))
    case .garbage: return .failed(EvaluationFailure(.garbage, reason))
    case nil: throw damaged(row)
    }
  }

  /// A value that must be there.
  private func value<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw CatalogStore.damaged(Self.otherType, file) }
    return value
  }

  /// A value that may be absent, but not of another type.
  private func optional<Value>(
    _ row: RawStatement, _ column: Int32, _ read: (RawStatement, Int32) -> Value?
  ) throws -> Value? {
    if let value = read(row, column) { return value }
    guard row.isNull(column) else { throw CatalogStore.damaged(Self.otherType, file) }
    return nil
  }

  private static let otherType = "a value of another type than it was written with"

  private func damaged(_ row: RawStatement) -> TrialLogError {
    CatalogStore.damaged("trial \(row.integer(0) ?? 0)", file)
  }
}
