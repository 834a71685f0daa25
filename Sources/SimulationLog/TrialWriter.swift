import Foundation
import GRDB
import Study

/// Writes trials inside one transaction of a log.
public final class TrialWriter {
  let database: Database
  let file: String
  private let insert: RawStatement
  private var codecs: [DesignCodec]
  private var contexts: [String: Int] = [:]
  private var words: [String: Int64] = [:]
  private var origins: [LoggedTrial.Origin: Int64] = [:]
  private var latest: (origin: LoggedTrial.Origin, id: Int64)?
  private var design: [UInt8] = []
  private var metrics: [UInt8] = []
  /// The log's catalogue, with what this transaction added.
  public private(set) var catalog: LogCatalog

  init(database: Database, catalog: LogCatalog, file: String) throws {
    self.database = database
    self.file = file
    self.catalog = catalog
    codecs = catalog.spaces.map { DesignCodec($0.space) }
    for (index, context) in catalog.contexts.enumerated() { contexts[context.name] = index }
    insert = try RawStatement(
      """
      INSERT INTO trials
        (space, context, origin, status, reason, split, design, metrics, label, seed, seconds, line)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, in: database, isKept: true)
  }

  /// Appends a trial.
  ///
  /// - Returns: Its number in the log.
  /// - Throws: What SQLite says; the transaction is then undone.
  @discardableResult
  public func append(_ trial: LoggedTrial) throws -> Int {
    design.removeAll(keepingCapacity: true)
    codecs[trial.space].encode(trial.coordinates, into: &design)
    metrics.removeAll(keepingCapacity: true)
    for value in trial.metrics { appendReal(value, to: &metrics) }
    let status: Schema.Status
    let reason: String
    switch trial.verdict {
    case .feasible: (status, reason) = (.feasible, "")
    case .infeasible(.constraint(let text)): (status, reason) = (.constraint, text)
    case .infeasible(.hidden(let text)): (status, reason) = (.hidden, text)
    case .infeasible(.limit(let text)): (status, reason) = (.limit, text)
    case .failed(let failure):
      switch failure.kind {
      case .crash: status = .crash
      case .timeout: status = .timeout
      case .garbage: status = .garbage
      }
      reason = failure.detail
    }
    let row = insert
    row.bind(1, trial.space)
    row.bind(2, trial.context)
    row.bind(3, Int(try origin(trial.origin)))
    row.bind(4, status.rawValue)
    row.bind(5, try reason.isEmpty ? nil : Int(word(reason)))
    row.bind(6, try trial.split.map { Int(try word($0)) })
    row.bind(7, design)
    row.bind(8, metrics)
    row.bind(9, trial.label)
    row.bind(10, trial.seed.map { Int(Int64(bitPattern: $0)) })
    row.bind(11, trial.seconds)
    row.bind(12, trial.line)
    try row.run()
    return Int(database.lastInsertedRowID)
  }

  /// The index of a context by name, added when it is new.
  ///
  /// - Throws: What SQLite says.
  public func context(_ context: LogContext) throws -> Int {
    if let index = contexts[context.name] { return index }
    let index = catalog.contexts.count
    contexts[context.name] = index
    try CatalogStore.write(context, at: index, to: database)
    catalog.contexts.append(context)
    return index
  }

  private func word(_ text: String) throws -> Int64 {
    if let known = words[text] { return known }
    try database.execute(sql: "INSERT OR IGNORE INTO words (text) VALUES (?)", arguments: [text])
    let id =
      try Int64.fetchOne(database, sql: "SELECT id FROM words WHERE text = ?", arguments: [text])
      ?? 0
    words[text] = id
    return id
  }

  private func origin(_ origin: LoggedTrial.Origin) throws -> Int64 {
    // Rows of one file have one origin.
    if let latest, latest.origin == origin { return latest.id }
    if let known = origins[origin] {
      latest = (origin, known)
      return known
    }
    let arguments: StatementArguments = [
      origin.designer ?? "", origin.evaluator ?? "", origin.version ?? "", origin.file ?? "",
    ]
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO origins (designer, evaluator, version, file) VALUES (?, ?, ?, ?)
        """, arguments: arguments)
    let id =
      try Int64.fetchOne(
        database,
        sql: """
          SELECT id FROM origins
          WHERE designer = ? AND evaluator = ? AND version = ? AND file = ?
          """, arguments: arguments) ?? 0
    origins[origin] = id
    return id
  }
}
