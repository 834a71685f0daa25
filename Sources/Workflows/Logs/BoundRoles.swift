import Foundation
import Interchange
import Study

/// Roles tied to the columns of one file.
struct BoundRoles {
  /// Where each column is, by its name and by its title.
  private(set) var indices: [String: Int] = [:]
  let roles: LogRoles
  let file: String
  private let columns: [TableColumn]

  /// Parameter columns in the order of the space.
  var parameters: [Int] = []
  /// Metric columns in the order of `roles.metricNames`, `nil` for one the file lacks.
  var metrics: [Int?] = []
  /// Objectives by place among the metrics.
  var objectives: [Int] = []
  var features: [Int] = []
  var workload: Int?
  var feasible: Int?
  var reason: Int?
  var designID: Int?
  var split: Int?
  var seed: Int?
  var seconds: Int?
  var evaluator: Int?
  var version: Int?
  var condition: RowCondition?

  /// - Throws: `LogError.unknownColumn` and the like.
  init(_ roles: LogRoles, columns: [TableColumn], file: String) throws {
    self.roles = roles
    self.file = file
    self.columns = columns
    for (index, column) in columns.enumerated() {
      for name in [column.title, column.name] where indices[name] == nil { indices[name] = index }
    }
    guard !roles.objectives.isEmpty else {
      throw LogError.missingRole(
        role: "--minimize or --maximize", file: file,
        hint: "columns: \(Self.list(columns.map(\.name)))")
    }
    func find(_ name: String?, _ role: String) throws -> Int? {
      try name.map { try index(of: $0, role: role) }
    }
    metrics = try roles.metricNames.enumerated().map { place, name in
      let isNeeded =
        roles.objectives.contains { $0.metric == name }
        || roles.limits.contains { $0.metric == name } || !roles.allowsMissingColumns
      return isNeeded ? try index(of: name, role: "metric") : indices[name]
    }
    if let other = roles.units.first(where: { !roles.metricNames.contains($0.name) }) {
      throw LogError.unknownColumn(
        role: "units", name: other.name, file: file, known: roles.metricNames)
    }
    objectives = roles.objectives.compactMap { roles.metricNames.firstIndex(of: $0.metric) }
    features = try roles.contextFeatures.map { try index(of: $0, role: "--context-features") }
    workload = try find(roles.workload, "--workload")
    feasible = try find(roles.feasible, "--feasible")
    reason = try find(roles.reason, "--reason")
    designID = try find(roles.designID, "--design-id")
    split = try find(roles.split, "--split")
    seed = try find(roles.seed, "--seed")
    seconds = try find(roles.seconds, "--seconds")
    evaluator = try find(roles.evaluator, "--evaluator")
    version = try find(roles.version, "--version-column")
    condition = try roles.infeasibleWhen.map(RowCondition.init(parsing:))
    for column in condition?.columns ?? [] { _ = try index(of: column, role: "--infeasible-when") }
    try bindParameters()
  }

  private mutating func bindParameters() throws {
    let others = Set(
      try roles.otherColumns.compactMap { name in
        roles.allowsMissingColumns ? indices[name] : try index(of: name, role: "role")
      })
    if let names = roles.parameters {
      parameters = try names.map { try index(of: $0, role: "--params") }
      for (place, index) in parameters.enumerated() {
        if others.contains(index) {
          throw LogError.conflict(
            "\(file): column \"\(columns[index].name)\" is a parameter and has another role",
            hint: nil)
        }
        if parameters[..<place].contains(index) {
          throw LogError.conflict(
            "\(file): column \"\(columns[index].name)\" is twice among the parameters", hint: nil)
        }
      }
    } else if let names = roles.parametersExcept {
      let left = Set(try names.map { try index(of: $0, role: "--params-except") })
      parameters = columns.indices.filter { !left.contains($0) && !others.contains($0) }
    } else {
      throw LogError.missingRole(
        role: "--params", file: file,
        hint: "name the columns of a design, or the columns that are none with --params-except; "
          + "columns: \(Self.list(columns.map(\.name)))")
    }
    guard !parameters.isEmpty else {
      throw LogError.missingRole(
        role: "parameters", file: file, hint: "columns: \(Self.list(columns.map(\.name)))")
    }
  }

  private func index(of name: String, role: String) throws -> Int {
    guard let index = indices[name] else {
      throw LogError.unknownColumn(
        role: role, name: name, file: file, known: columns.prefix(40).map(\.name))
    }
    return index
  }

  /// The parameter's column.
  func column(_ parameter: Int) -> TableColumn { columns[parameters[parameter]] }

  /// The metric's unit: as stated, or as the header has it.
  func unit(ofMetric place: Int) -> String {
    let name = roles.metricNames[place]
    return roles.units.first { $0.name == name }?.unit
      ?? metrics[place].flatMap { columns[$0].unit } ?? ""
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(40).joined(separator: ", ") + (names.count > 40 ? ", ... (\(names.count))" : "")
  }
}
