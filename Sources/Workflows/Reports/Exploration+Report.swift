import DesignSpace
import Foundation
public import Reporting
import SimulationLog
public import Study

extension Exploration {
  /// Trials that models are made of for a report; more would take longer than a reader waits.
  static let analyzedTrialCount = 5_000

  /// The trials of the run so far, per workload, in the order of recording.
  ///
  /// - Throws: `TrialLogError`; `LogError.conflict` when the log is missing.
  public func recordedTrials() throws -> [[Trial]] {
    guard FileManager.default.fileExists(atPath: runFolder.logFile) else {
      throw LogError.conflict(
        "\(folder): there is no trials.sqlite, expected the log of a run",
        hint: "begin or go on with the run: dovetail explore --resume \(folder)")
    }
    let log = try TrialLog.open(file: runFolder.logFile)
    let names = try log.catalog().contexts.map(\.name)
    return try contexts.map { context in
      var filter = TrialFilter()
      if context.id != Context.single.id {
        guard let index = names.firstIndex(of: context.id) else { return [] }
        filter.contexts = [index]
      }
      return try log.trials(of: problem, matching: filter).trials.enumerated().map { index, trial in
        Trial(
          id: index, point: trial.point, context: trial.context, outcome: trial.outcome,
          origin: trial.origin)
      }
    }
  }

  /// Findings from the log alone, with importance and what-if where the run is small enough.
  ///
  /// - Throws: `TrialLogError`, `LogError`, `CancellationError`.
  public func recordedFindings() async throws -> [Finding] {
    let all = try recordedTrials()
    let random = try recordedComparison()
    let baselines = recordedBaseline() ?? []
    var findings: [Finding] = []
    for (place, (context, trials)) in zip(contexts, all).enumerated() {
      let ending = trials.count >= study.budget ? "budget" : "so far"
      var finding = finding(trials, history: histories[place], context, ending: ending)
      if !trials.isEmpty, trials.count <= Self.analyzedTrialCount {
        try await analyze(&finding, trials, context, history: histories[place])
      }
      finding.random = random[place]
      if !baselines.isEmpty { finding.baseline = baselines[place] }
      findings.append(finding)
    }
    return findings
  }

  /// The question of the study in words.
  var question: String {
    let objective = problem.objectives[0]
    let unit = unit(of: objective.metric)
    let size = problem.space.sampler.size
    let designs = size.legalCount.map { "the \(Self.separated("\($0)")) designs" } ?? "the designs"
    let goal = objective.goal == .minimize ? "lowest" : "highest"
    let workloads = contexts.map(\.id).filter { !$0.isEmpty }
    var text = "Which of \(designs) of \(problem.name) has the \(goal) \(objective.metric)"
    if !unit.isEmpty { text += " (\(unit))" }
    if !workloads.isEmpty { text += " on \(workloads.joined(separator: ", "))" }
    let limits = problem.limits + known.limits
    if !limits.isEmpty {
      text += ", with \(limits.map(\.description).joined(separator: " and "))"
    }
    return text
      + "? At most \(grouped(study.budget)) evaluations\(workloads.count > 1 ? " each" : "")."
  }

  func unit(of metric: String) -> String {
    Self.typeset(problem.metrics.first { $0.name == metric }?.unit ?? "")
  }

  /// Digits in groups of three.
  private static func separated(_ digits: String) -> String {
    guard digits.allSatisfy(\.isNumber), digits.count > 4 else { return digits }
    return String(
      digits.reversed().enumerated().reduce(into: "") { text, entry in
        if entry.offset > 0, entry.offset % 3 == 0 { text.append(",") }
        text.append(entry.element)
      }.reversed())
  }

  /// A unit with its powers as people write them.
  static func typeset(_ unit: String) -> String {
    unit.replacing("^2", with: "²").replacing("^3", with: "³")
  }

  func axis(_ metric: String, _ values: [Double]) -> Chart.Axis {
    let low = values.min() ?? 1
    let isWide = low > 0 && (values.max() ?? 1) / low > 20
    return Chart.Axis(metric, unit: unit(of: metric), isLogarithmic: isWide)
  }

  /// The run as a report.
  ///
  /// - Parameter findings: One a workload, as `run` or `recordedFindings` gave them.
  /// - Throws: `TrialLogError`, `LogError`, `CancellationError`.
  public func report(_ findings: [Finding]) throws -> Report {
    let all = try recordedTrials()
    var sections: [Report.Section] = []
    for (place, finding) in findings.enumerated() {
      let context = contexts.firstIndex { $0.id == finding.workload } ?? place
      sections += self.sections(
        finding, all[context], named: findings.count > 1 ? "w\(place + 1)" : "run")
      if let evaluator = evaluator as? TemplateEvaluator, let best = finding.best?.design,
        let schedules = try evaluator.schedules(of: best.point, on: finding.workload)
      {
        let blocks = schedules.reportBlocks(named: findings.count > 1 ? "w\(place + 1)" : "best")
        if !blocks.isEmpty {
          sections.append(
            .init(title("The schedules of the best design", finding), blocks))
        }
      }
    }
    return Report(
      title: study.name, question: question,
      answer: findings.map { answer($0) }.joined(separator: " "),
      sections: sections, provenance: provenance)
  }

  private var provenance: [Report.Fact] {
    [
      .init("run folder", folder), .init("study", "\(study.name), in resolved.yaml there"),
      .init("seed", "\(study.seed)"), .init("designer", designer.choice.rawValue),
      .init("evaluator", "\(evaluator.name) \(evaluator.version)"),
      .init("space", "\(problem.name), \(problem.space.parameters.count) parameters"),
    ]
  }

  private func title(_ text: String, _ finding: Finding) -> String {
    finding.workload.isEmpty || contexts.count == 1 ? text : "\(text) for \(finding.workload)"
  }

  /// The answer in a sentence.
  func answer(_ finding: Finding) -> String {
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    let name = finding.workload.isEmpty ? "" : "\(finding.workload): "
    guard let best = finding.best else {
      return
        "\(name)none of \(grouped(finding.evaluationCount)) designs is feasible"
        + (finding.reasons.first.map { "; most often: \($0.reason)." } ?? ".")
    }
    func value(_ index: Int) -> String {
      let unit = Self.typeset(problem.metrics[index].unit)
      return Reporting.readableNumber(best.design.metrics[index]) + (unit.isEmpty ? "" : " \(unit)")
    }
    var text = "\(name)\(value(place)) at evaluation \(best.evaluation)"
    let others = problem.metrics.indices.filter { $0 != place }
    if !others.isEmpty {
      text +=
        ", with "
        + others.map { "\(problem.metrics[$0].name) \(value($0))" }.joined(separator: ", ")
    }
    let firstFeasible = finding.bestSoFar.first { !$0.isNaN }
    if let firstFeasible, firstFeasible > 0, best.design.metrics[place] > 0 {
      let ratio =
        objective.goal == .minimize
        ? firstFeasible / best.design.metrics[place] : best.design.metrics[place] / firstFeasible
      if ratio > 1.005 {
        text +=
          "; \(Reporting.readableNumber((ratio * 100).rounded() / 100)) times better than the first feasible design"
      }
    }
    return text + "."
  }

  func label(_ trial: Trial) -> String {
    "evaluation \(trial.id + 1): "
      + values(of: trial.point).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
  }

  private func sections(_ finding: Finding, _ trials: [Trial], named name: String)
    -> [Report.Section]
  {
    let sections = [
      Report.Section(title("The best design", finding), bestBlocks(finding, named: name)),
      .init(title("The search", finding), searchBlocks(finding, trials, named: name)),
    ]
    return sections + explanations(finding, trials, named: name)
  }

  /// Why designs failed, and what matters where the finding was analyzed.
  func explanations(_ finding: Finding, _ trials: [Trial], named name: String) -> [Report.Section] {
    var sections: [Report.Section] = []
    let failures = failureBlocks(finding, trials, named: name)
    if !failures.isEmpty {
      sections.append(.init(title("What designs failed by", finding), failures))
    }
    let reasons = sensitivityBlocks(finding, named: name)
    if !reasons.isEmpty { sections.append(.init(title("What matters", finding), reasons)) }
    return sections
  }
}
