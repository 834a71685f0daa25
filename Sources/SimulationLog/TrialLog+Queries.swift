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
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT id, space, context, origin, status, reason, split, design, metrics, label, seed,
          seconds, line
        FROM trials \(restriction) ORDER BY id
        """)
    while let row = try rows.next() {
      var trial = try decoder.trial(row)
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

  func trial(_ row: Row) throws -> LoggedTrial {
    let space = try row.decode(Int.self, atIndex: 1)
    guard codecs.indices.contains(space) else { throw damaged(row) }
    let coordinates = try row.withUnsafeData(atIndex: 7) { data in
      data?.withUnsafeBytes { codecs[space].decode($0) }
    }
    guard let coordinates else { throw damaged(row) }
    let metrics = try row.withUnsafeData(atIndex: 8) { data in
      (0..<metricCount).map { index in
        data?.withUnsafeBytes { real(in: $0, at: 8 * index) } ?? .nan
      }
    }
    var trial = LoggedTrial(
      space: space, context: try row.decode(Int?.self, atIndex: 2), coordinates: coordinates,
      metrics: metrics,
      verdict: try verdict(row),
      origin: origins[try row.decode(Int64.self, atIndex: 3)] ?? LoggedTrial.Origin())
    trial.id = try row.decode(Int.self, atIndex: 0)
    trial.split = try row.decode(Int64?.self, atIndex: 6).flatMap { words[$0] }
    trial.label = try row.decode(String?.self, atIndex: 9)
    trial.seed = try row.decode(Int64?.self, atIndex: 10).map { UInt64(bitPattern: $0) }
    trial.seconds = try row.decode(Double?.self, atIndex: 11)
    trial.line = try row.decode(Int?.self, atIndex: 12)
    if let context = trial.context, !(0..<contextCount).contains(context) { throw damaged(row) }
    return trial
  }

  private func verdict(_ row: Row) throws -> LoggedTrial.Verdict {
    let reason = try row.decode(Int64?.self, atIndex: 5).flatMap { words[$0] } ?? ""
    switch Schema.Status(rawValue: try row.decode(Int.self, atIndex: 4)) {
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

  private func damaged(_ row: Row) -> TrialLogError {
    CatalogStore.damaged("trial \((try? row.decode(Int.self, atIndex: 0)) ?? 0)", file)
  }
}
