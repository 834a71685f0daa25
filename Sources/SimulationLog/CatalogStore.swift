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
      for constraint in space.space.constraints {
        try database.execute(
          sql: "INSERT INTO constraints (space, text) VALUES (?, ?)",
          arguments: [index, constraint.text])
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
        try space(
          try row.decode(Int.self, forColumn: "id"),
          named: try row.decode(String.self, forColumn: "name"), in: database, file: file))
    }
    catalog.metrics = try Row.fetchAll(
      database, sql: "SELECT name, unit FROM metrics ORDER BY id"
    ).map { row in
      Metric(
        try row.decode(String.self, forColumn: "name"),
        unit: try row.decode(String.self, forColumn: "unit"))
    }
    for row in try Row.fetchAll(database, sql: "SELECT metric, goal FROM objectives ORDER BY id") {
      guard let goal = Objective.Goal(rawValue: try row.decode(String.self, forColumn: "goal"))
      else {
        throw damaged("goal", file)
      }
      catalog.objectives.append(Objective(goal, try row.decode(String.self, forColumn: "metric")))
    }
    for row in try Row.fetchAll(
      database, sql: "SELECT metric, side, bound FROM limits ORDER BY id")
    {
      let bound = try row.decode(Double.self, forColumn: "bound")
      guard let side = MetricLimit.Side(rawValue: try row.decode(String.self, forColumn: "side")),
        bound.isFinite
      else { throw damaged("limit", file) }
      catalog.limits.append(
        MetricLimit(try row.decode(String.self, forColumn: "metric"), side, bound))
    }
    catalog.features = try String.fetchAll(database, sql: "SELECT name FROM features ORDER BY id")
    for row in try Row.fetchAll(database, sql: "SELECT name, features FROM contexts ORDER BY id") {
      let data = try row.decode(Data.self, forColumn: "features")
      let features = data.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: 8).map { real(in: bytes, at: $0) ?? .nan }
      }
      catalog.contexts.append(
        LogContext(name: try row.decode(String.self, forColumn: "name"), features: features))
    }
    catalog.imports = try Row.fetchAll(
      database, sql: "SELECT roles, counts FROM imports ORDER BY id"
    ).map { row in
      ImportRecord(
        roles: try row.decode(String.self, forColumn: "roles"),
        counts: try row.decode(String.self, forColumn: "counts"))
    }
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
        let parameter = ParameterDefinition.decode(
          try row.decode(String.self, forColumn: "definition"))?
          .parameter(named: try row.decode(String.self, forColumn: "name"), after: parameters)
      else { throw damaged("a parameter of space \(name)", file) }
      parameters.append(parameter)
      titles.append(try row.decode(String.self, forColumn: "title"))
      units.append(try row.decode(String.self, forColumn: "unit"))
    }
    // The first schema had no constraints.
    let constraints =
      try database.tableExists("constraints")
      ? String.fetchAll(
        database, sql: "SELECT text FROM constraints WHERE space = ? ORDER BY id", arguments: [id])
      : []
    guard let space = try? SearchSpace(parameters: parameters, constraints: constraints) else {
      throw damaged("space \(name)", file)
    }
    return LogSpace(name: name, space: space, titles: titles, units: units)
  }

  static func damaged(_ what: String, _ file: String) -> TrialLogError {
    .failed(file: file, problem: "the log is damaged: \(what) cannot be understood", hint: nil)
  }
}
