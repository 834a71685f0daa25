import Accelerator
import CoDesign
import CostModel
import DesignSpace
import Foundation
import Interchange
import MappingSearch
import Quantities
import Study
import Workload

extension CoSearch {
  /// The study with absolute paths and every default filled in; it is read again by `--resume`.
  var resolvedText: String { resolvedText(of: file) }

  /// The same of a study that differs from this one in budget or limits only.
  func resolvedText(of file: CoSearchFile) -> String {
    var text = "# The study of this run, with absolute paths; read again by --resume.\n"
    func absolute(_ path: String) -> String {
      YAMLText.quoted(absolutePath(file.resolved(path)))
    }
    func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    func add(_ key: String, _ value: String) { text += "\(key): \(value)\n" }
    add("name", YAMLText.quoted(file.name))
    if let description = file.description { add("description", YAMLText.quoted(description)) }
    add("template", absolute(file.template))
    add("workloads", list(file.workloads.map(absolute)))
    add("method", file.method.rawValue)
    add("edp", file.edp.rawValue)
    add("across", file.across.rawValue)
    add("weights", list(file.weights.map(compact)))
    let budget = file.budget
    add(
      "budget",
      "{hardware: \(budget.hardware), software: \(budget.software), "
        + "hardwareWarmUp: \(budget.hardwareWarmUp), softwareWarmUp: \(budget.softwareWarmUp)}")
    let limits =
      file.resources.map { "\($0.resource.rawValue) <= \(compact($0.limit))" }
      + file.limits.map(\.description)
    if !limits.isEmpty { add("resources", list(limits.map(YAMLText.quoted))) }
    if let baseline {
      let values = design(of: baseline).map { "\($0.name): \($0.value)" }
      add("baseline", "{\(values.joined(separator: ", "))}")
    }
    if let rules = file.baselineConstraints { add("baselineConstraints", absolute(rules)) }
    add("features", file.features.rawValue)
    add("surrogate", file.surrogate.rawValue)
    switch file.acquisition {
    case .lowerConfidenceBound(let weight): add("acquisition", compact(weight))
    case .expectedImprovement: add("acquisition", "expectedImprovement")
    }
    add("factors", file.factors.rawValue)
    if let evaluator = file.evaluator {
      text += "evaluator:\n  command: \(list(evaluator.command.map(YAMLText.quoted)))\n"
      if evaluator.isPersistent { text += "  persistent: true\n" }
      text += "  timeoutSeconds: \(compact(evaluator.timeoutSeconds))\n"
    }
    add("seed", "\(file.seed)")
    return text
  }

  /// Writes `tables/best.csv`, `tables/layers.csv`, `nests.txt`, `mappings/NETWORK.yaml`, `architecture.json` is part of
  /// `proposal.jsonl`: one record a distinct layer.
  func writeTables(_ finding: CoSearchFinding) throws {
    let tables = "\(folder)/tables"
    try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: true)
    func write(_ text: String, to path: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
    var best = "machine,evaluations,best\n"
    for (index, entry) in finding.trace.enumerated() {
      best +=
        "\(index + 1),\(entry.evaluations),\(entry.best.isNaN ? "" : entry.best.description)\n"
    }
    try write(best, to: "\(tables)/best.csv")
    guard let proposal = finding.proposal else { return }
    var rows = "layer,machine,level,energy_pj,cycles,edp_pj_cycles\n"
    var nests = ""
    var records = ""
    for layer in proposal.layers {
      let name = DatasetRanking.Part.quoted(layer.name)
      for (word, cost) in [("baseline", layer.baseline?.cost), ("proposal", layer.cost)] {
        guard let cost else { continue }
        let product = cost.energyDelayProduct.picojouleCycles
        for level in cost.levels {
          rows +=
            "\(name),\(word),\(level.name),\(level.energy.picojoules),\(cost.cycles.count),\(product)\n"
        }
        rows +=
          "\(name),\(word),MACs,\(cost.computeEnergy.picojoules),\(cost.cycles.count),\(product)\n"
        rows +=
          "\(name),\(word),total,\(cost.energy.picojoules),\(cost.cycles.count),\(product)\n"
      }
      nests += "\(layer.name), proposal\n"
      nests += loopNestText(
        of: layer.mapping, layer: layer.layer, on: proposal.architecture)
      records += recordLine(
        id: layer.name, layer: layer.layer, architecture: proposal.architecture,
        mapping: layer.mapping)
      if let baseline = layer.baseline, let point = self.baseline,
        let machine = try? template.machine(at: point)
      {
        nests += "\(layer.name), baseline\n"
        nests += loopNestText(
          of: baseline.mapping, layer: layer.layer, on: machine.architecture)
      }
    }
    try write(rows, to: "\(tables)/layers.csv")
    try write(nests, to: "\(folder)/nests.txt")
    try write(records, to: "\(folder)/proposal.jsonl")
    var steps = "changes,ratio\n"
    for step in proposal.steps {
      let text = step.changes.map { "\($0.name) \($0.from) -> \($0.to)" }.joined(separator: "; ")
      steps += "\(text),\(step.ratio?.description ?? "")\n"
    }
    try write(steps, to: "\(tables)/steps.csv")
  }
}
