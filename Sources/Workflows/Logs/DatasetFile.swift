import Foundation
import Interchange
import Study

/// The `dataset.json` beside shared data: columns, roles and the layout of the folder.
///
/// Two layouts are known. `shared-parameter-space`: the files of the folder have the same `parameters`, `context_column`
/// names the workload. `one-folder-per-task`: each of `tasks` is a folder with parameters of its own, and is a workload.
/// Read are `name`, `layout`, `id_column`, `context_column`, `context_features`, `split_column`, `parameters` (`name`,
/// `type` ordinal or categorical, `values`, or `min`, `max`, `step`), `objectives` (`name`, `direction`, `primary`,
/// `unit`), `constraints` (`name`, `op`, `value`), `feasible_column`, `failure_column` and `tasks` (`task`,
/// `parameters`); other keys are left alone.
struct DatasetFile {
  struct Task {
    var folder: String
    var roles: LogRoles
  }

  var name: String
  /// Roles that hold for every file.
  var roles = LogRoles()
  /// Folders with parameters of their own; empty in the shared layout.
  var tasks: [Task] = []

  init(readingFile file: String) throws {
    let root = try SpecificationNode(readingFile: file)
    name = try root.optional("name")?.text() ?? "designs"
    roles.designID = try Self.text(root, "id_column")
    roles.workload = try Self.text(root, "context_column")
    roles.contextFeatures =
      try Self.given(root, "context_features")?.names(expected: "a list of columns") ?? []
    roles.split = try Self.text(root, "split_column")
    roles.allowsMissingColumns = true
    roles.feasible = try Self.text(root, "feasible_column")
    roles.reason = try Self.text(root, "failure_column")
    try readObjectives(root)
    for constraint in try Self.given(root, "constraints")?.items(expected: "a list") ?? [] {
      let metric = try constraint.required("name", expected: "a column").text()
      let side = try constraint.required("op", expected: "<= or >=").text()
      let bound = try constraint.required("value", expected: "a number").number(
        in: -1e300...1e300)
      guard let side = MetricLimit.Side(rawValue: side) else {
        throw constraint.wrong(expected: "op <= or >=")
      }
      roles.limits.append(MetricLimit(metric, side, bound))
    }
    let layout = try Self.text(root, "layout") ?? "shared-parameter-space"
    switch layout {
    case "shared-parameter-space":
      roles.declared = try Self.parameters(
        root.required("parameters", expected: "a list of parameters"))
      roles.parameters = roles.declared.map(\.name)
    case "one-folder-per-task":
      for task in try root.required("tasks", expected: "a list of tasks").items(expected: "a list")
      {
        var own = LogRoles()
        own.declared = try Self.parameters(
          task.required("parameters", expected: "a list of parameters"))
        own.parameters = own.declared.map(\.name)
        tasks.append(
          Task(
            folder: try task.required("task", expected: "a folder's name").text(),
            roles: own.over(roles)))
      }
    default:
      throw SpecificationError.unknownName(
        at: root.place, what: "layout", name: layout,
        known: ["shared-parameter-space", "one-folder-per-task"])
    }
  }

  private mutating func readObjectives(_ root: SpecificationNode) throws {
    var primary: [Objective] = []
    var others: [String] = []
    let entries = try root.required("objectives", expected: "a list of objectives").items(
      expected: "a list of objectives")
    for entry in entries {
      let metric = try entry.required("name", expected: "a column").text()
      let unit = try Self.text(entry, "unit") ?? ""
      roles.units.append(Metric(metric, unit: unit))
      let direction = try Self.text(entry, "direction")
      let isPrimary = try Self.text(entry, "primary") == "true"
      guard isPrimary, let direction else {
        others.append(metric)
        continue
      }
      guard let goal = Objective.Goal(rawValue: direction) else {
        throw entry.wrong(expected: "direction minimize or maximize")
      }
      primary.append(Objective(goal, metric))
    }
    roles.objectives = primary
    roles.metrics = others
  }

  private static func parameters(_ list: SpecificationNode) throws -> [LogRoles.DeclaredParameter] {
    try list.items(expected: "a list of parameters").map { entry in
      var parameter = LogRoles.DeclaredParameter(
        name: try entry.required("name", expected: "a column").text())
      if let values = given(entry, "values") {
        parameter.values = try values.items(expected: "a list").map { try $0.text() }
        // Ordinal values are levels.
        parameter.kind = try text(entry, "type") == "categorical" ? "categorical" : "levels"
      } else if let low = given(entry, "min"), let high = given(entry, "max") {
        let step = try given(entry, "step")?.integer(in: 1...(1 << 40)) ?? 1
        let bounds = -(1 << 50)...(1 << 50)
        parameter.range = (try low.integer(in: bounds), try high.integer(in: bounds), step)
        parameter.kind = "integer"
      } else if try text(entry, "type") == "categorical" {
        parameter.kind = "categorical"
      }
      return parameter
    }
  }

  /// The value of a key that is there and not null.
  private static func given(_ node: SpecificationNode, _ key: String) -> SpecificationNode? {
    guard let value = node.optional(key) else { return nil }
    if case .scalar(let text, true, _) = value.tree, text == "null" || text.isEmpty { return nil }
    return value
  }

  private static func text(_ node: SpecificationNode, _ key: String) throws -> String? {
    try given(node, key)?.text()
  }
}
