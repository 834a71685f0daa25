import DesignSpace
import Foundation
import GRDB
import Study

/// Reads and writes what a log knows beside its trials.
enum CatalogStore {
  static func write(_ catalog: LogCatalog, to database: Database) throws {
    for (index, space) in catalog.spaces.enumerated() {
      try database.execute(
        sql: "INSERT INTO spaces (id, name) VALUES (?, ?)", arguments: [index, space.name])
      for (position, parameter) in space.space.parameters.enumerated() {
        try database.execute(
          sql: """
            INSERT INTO parameters (space, name, title, unit, definition) VALUES (?, ?, ?, ?, ?)
            """,
          arguments: [
            index, parameter.name, space.titles[position], space.units[position],
            try ParameterDefinition.encode(parameter),
          ])
      }
    }
    for (index, metric) in catalog.metrics.enumerated() {
      try database.execute(
        sql: "INSERT INTO metrics (id, name, unit) VALUES (?, ?, ?)",
        arguments: [index, metric.name, metric.unit])
    }
    for objective in catalog.objectives {
      try database.execute(
        sql: "INSERT INTO objectives (metric, goal) VALUES (?, ?)",
        arguments: [objective.metric, objective.goal.rawValue])
    }
    for limit in catalog.limits {
      try database.execute(
        sql: "INSERT INTO limits (metric, side, bound) VALUES (?, ?, ?)",
        arguments: [limit.metric, limit.side.rawValue, limit.bound])
    }
    for (index, name) in catalog.features.enumerated() {
      try database.execute(
        sql: "INSERT INTO features (id, name) VALUES (?, ?)", arguments: [index, name])
    }
    for (index, context) in catalog.contexts.enumerated() {
      try write(context, at: index, to: database)
    }
  }

  static func write(_ context: LogContext, at index: Int, to database: Database) throws {
    var bytes: [UInt8] = []
    for feature in context.features { appendReal(feature, to: &bytes) }
    try database.execute(
      sql: "INSERT INTO contexts (id, name, features) VALUES (?, ?, ?)",
      arguments: [index, context.name, Data(bytes)])
  }

  static func read(from database: Database, file: String) throws -> LogCatalog {
    var catalog = LogCatalog()
    for row in try Row.fetchAll(database, sql: "SELECT id, name FROM spaces ORDER BY id") {
      catalog.spaces.append(
        try space(row["id"], named: row["name"], in: database, file: file))
    }
    catalog.metrics = try Row.fetchAll(
      database, sql: "SELECT name, unit FROM metrics ORDER BY id"
    ).map { Metric($0["name"], unit: $0["unit"]) }
    for row in try Row.fetchAll(database, sql: "SELECT metric, goal FROM objectives ORDER BY id") {
      guard let goal = Objective.Goal(rawValue: row["goal"]) else { throw damaged("goal", file) }
      catalog.objectives.append(Objective(goal, row["metric"]))
    }
    for row in try Row.fetchAll(
      database, sql: "SELECT metric, side, bound FROM limits ORDER BY id")
    {
      guard let side = MetricLimit.Side(rawValue: row["side"]) else { throw damaged("limit", file) }
      catalog.limits.append(MetricLimit(row["metric"], side, row["bound"]))
    }
    catalog.features = try String.fetchAll(database, sql: "SELECT name FROM features ORDER BY id")
    for row in try Row.fetchAll(database, sql: "SELECT name, features FROM contexts ORDER BY id") {
      let data: Data = row["features"]
      let features = data.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: 8).map { real(in: bytes, at: $0) ?? .nan }
      }
      catalog.contexts.append(LogContext(name: row["name"], features: features))
    }
    catalog.imports = try Row.fetchAll(
      database, sql: "SELECT roles, counts FROM imports ORDER BY id"
    ).map { ImportRecord(roles: $0["roles"], counts: $0["counts"]) }
    return catalog
  }

  private static func space(_ id: Int, named name: String, in database: Database, file: String)
    throws -> LogSpace
  {
    var parameters: [Parameter] = []
    var titles: [String] = []
    var units: [String] = []
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT name, title, unit, definition FROM parameters WHERE space = ? ORDER BY id",
      arguments: [id])
    for row in rows {
      guard
        let parameter = ParameterDefinition.decode(row["definition"])?
          .parameter(named: row["name"], after: parameters)
      else { throw damaged("parameter \(row["name"] as String)", file) }
      parameters.append(parameter)
      titles.append(row["title"])
      units.append(row["unit"])
    }
    guard let space = try? SearchSpace(parameters: parameters) else {
      throw damaged("space \(name)", file)
    }
    return LogSpace(name: name, space: space, titles: titles, units: units)
  }

  static func damaged(_ what: String, _ file: String) -> TrialLogError {
    .failed(file: file, problem: "the log is damaged: \(what) cannot be understood", hint: nil)
  }
}
