import DesignSpace
import Distribution
import Foundation
import Interchange
import Study

extension Exploration {
  /// The study as it is run: absolute paths, no defaults left open, the designer chosen.
  ///
  /// Runs beside the run folder, such as the other steps of a sweep, are named from there, so that they may move together.
  static func resolvedText(
    _ study: StudyFile, folder: String, problem: Problem, choice: DesignerChoice, reason: String?
  ) -> String {
    var text = "# The study of this run, with absolute paths; read again by --resume.\n"
    func add(_ key: String, _ value: String) { text += "\(key): \(value)\n" }
    func absolute(_ path: String) -> String {
      YAMLText.quoted(absolutePath(study.resolved(path)))
    }
    func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    let surroundings = URL(fileURLWithPath: absolutePath(folder)).deletingLastPathComponent().path
    func earlier(_ entries: [StudyFile.EarlierTrials]) -> String {
      list(
        entries.map { entry in
          let url = URL(fileURLWithPath: absolutePath(study.resolved(entry.path)))
          let isBeside = url.deletingLastPathComponent().path == surroundings
          let path = YAMLText.quoted(isBeside ? "../\(url.lastPathComponent)" : url.path)
          guard let workload = entry.workload else { return path }
          return "{log: \(path), workload: \(YAMLText.quoted(workload))}"
        })
    }
    add("name", YAMLText.quoted(study.name))
    if let description = study.description { add("description", YAMLText.quoted(description)) }
    switch study.evaluator {
    case .template(let path, let evaluations):
      text += "evaluator:\n"
      text += "  template: \(absolute(path))\n"
      text +=
        "  mappingEvaluations: \(evaluations ?? TemplateEvaluator.standardEvaluationLimit)\n"
      add("workloads", list(study.workloads.map(absolute)))
    case .command(let words, let isPersistent, let seconds, let version):
      add("space", absolute(study.space ?? ""))
      text += "evaluator:\n"
      text += "  command: \(list(words.map(YAMLText.quoted)))\n"
      text += "  persistent: \(isPersistent)\n  timeoutSeconds: \(seconds)\n"
      if !version.isEmpty { text += "  version: \(YAMLText.quoted(version))\n" }
      add(
        "metrics",
        list(
          problem.metrics.map {
            YAMLText.quoted($0.unit.isEmpty ? $0.name : "\($0.name) [\($0.unit)]")
          })
      )
    }
    for goal in Objective.Goal.allCases {
      let names = study.objectives.filter { $0.goal == goal }.map { YAMLText.quoted($0.metric) }
      if !names.isEmpty { add(goal.rawValue, list(names)) }
    }
    if !study.limits.isEmpty {
      add("limits", list(study.limits.map { YAMLText.quoted($0.description) }))
    }
    if let reason { text += "# auto: \(choice.rawValue), \(reason)\n" }
    add("designer", YAMLText.quoted(choice.rawValue))
    add("budget", "\(study.budget)")
    add("batch", "\(study.batch)")
    add("parallel", "\(study.parallel)")
    if !study.transfer.isEmpty { add("transfer", earlier(study.transfer)) }
    if !study.cache.isEmpty { add("cache", earlier(study.cache)) }
    if let baseline = study.baseline {
      let values = baseline.sorted { $0.key < $1.key }.map { name, value in
        "\(YAMLText.quoted(name)): \(YAMLText.quoted(value.description))"
      }
      add("baseline", "{\(values.joined(separator: ", "))}")
    }
    if let share = study.expectedImprovement { add("stop", "{expectedImprovement: \(share)}") }
    if let prior = study.prior {
      text += "prior:\n  template: \(absolute(prior.template))\n"
      text += "  workload: \(absolute(prior.workload))\n"
      text += "  mappingEvaluations: \(prior.mappingEvaluations)\n"
      let names = prior.metrics.sorted { $0.key < $1.key }
        .map { "\(YAMLText.quoted($0.key)): \(YAMLText.quoted($0.value))" }
      if !names.isEmpty { text += "  metrics: {\(names.joined(separator: ", "))}\n" }
    }
    add("seed", "\(study.seed)")
    if let executor = study.executor, executor.kind != .local { add("executor", executor.flow) }
    return text
  }
}
