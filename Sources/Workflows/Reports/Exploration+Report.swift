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

  private func label(_ trial: Trial) -> String {
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

  private func bestBlocks(_ finding: Finding, named name: String) -> [Report.Block] {
    guard let best = finding.best?.design else {
      return [.text("Nothing feasible was found.")]
    }
    let rows: [[ReportTable.Cell]] = problem.metrics.enumerated().map { index, metric in
      let limits = problem.limits.filter { $0.metric == metric.name }
      let slack = limits.first.map { limit -> ReportTable.Cell in
        guard limit.bound != 0 else { return .number(limit.bound - best.metrics[index]) }
        let share = (limit.bound - best.metrics[index]) / abs(limit.bound)
        return .number(100 * (limit.side == .atMost ? share : -share))
      }
      return [
        .text(metric.name), .number(best.metrics[index]), .text(Self.typeset(metric.unit)),
        .text(limits.map(\.description).joined(separator: ", ")), slack ?? .empty,
      ]
    }
    let exact = known.limits.map { limit -> [ReportTable.Cell] in
      let value = known.value(of: limit.metric, at: best.point)
      let slack = value.map { limit.side == .atMost ? limit.bound - $0 : $0 - limit.bound }
      return [
        .text(limit.metric), value.map { .number($0) } ?? .empty, .text(""),
        .text(limit.description),
        slack.map { .number(limit.bound == 0 ? $0 : 100 * $0 / abs(limit.bound)) } ?? .empty,
      ]
    }
    let compared = baselineCells(finding)
    // The limit with the least slack binds.
    let slacks = slacks(of: best).map { ($0.limit, $0.slack) }
    var blocks: [Report.Block] = []
    if let binding = slacks.min(by: { $0.1 < $1.1 }) {
      blocks.append(
        .text(
          binding.1 < 0.05
            ? "The limit \(binding.0) binds: the design is within \(percent(binding.1)) of it."
            : "No limit binds: the closest is \(binding.0), with \(percent(binding.1)) to spare."))
    }

    blocks.append(
      .table(
        ReportTable(
          name: "\(name)-metrics", caption: "Metrics of the best design",
          columns: [
            .words("metric"), .numbers("value"), .words("unit"), .words("limit"),
            .numbers("slack", unit: "%"),
          ] + (finding.baseline?.metrics == nil ? [] : [.numbers("baseline")]),
          rows: zip(rows + exact, compared).map { $0 + $1 })))
    if let baseline = finding.baseline {
      let place = problem.index(ofMetric: problem.objectives[0].metric) ?? 0
      let text = baseline.text(problem, beside: best.metrics[place])
      blocks.append(.text("The \(text). It is \(baseline.label)."))
    }
    blocks.append(
      .table(
        ReportTable(
          name: "\(name)-design", caption: "Parameters of the best design",
          columns: [.words("parameter"), .words("value")],
          rows: best.values.map { [.text($0.name), .text($0.value)] })))
    return blocks
  }

  /// The baseline's column of the table of metrics: metrics, then limits that are known from a design alone.
  private func baselineCells(_ finding: Finding) -> [[ReportTable.Cell]] {
    guard let metrics = finding.baseline?.metrics, let baseline else {
      return (problem.metrics.map(\.name) + known.limits.map(\.metric)).map { _ in [] }
    }
    return metrics.map { [.number($0)] }
      + known.limits.map { limit in
        [known.value(of: limit.metric, at: baseline).map { .number($0) } ?? .empty]
      }
  }

  /// By which share of its bound a design stays away from each limit.
  func slacks(of design: Design) -> [(limit: MetricLimit, slack: Double)] {
    (problem.limits + known.limits).compactMap { limit in
      let value =
        problem.index(ofMetric: limit.metric).map { design.metrics[$0] }
        ?? known.value(of: limit.metric, at: design.point)
      guard let value, limit.bound != 0 else { return nil }
      return (limit, abs(limit.bound - value) / abs(limit.bound))
    }
  }

  private func searchBlocks(_ finding: Finding, _ trials: [Trial], named name: String)
    -> [Report.Block]
  {
    let objective = problem.objectives[0]
    let share = Double(finding.feasibleCount) / Double(max(1, finding.evaluationCount))
    var blocks: [Report.Block] = [
      .text(
        "\(grouped(finding.evaluationCount)) evaluations, \(grouped(finding.feasibleCount)) feasible (\(percent(share)))"
          + (finding.failedCount > 0 ? ", \(finding.failedCount) failures of the evaluator" : "")
          + (finding.transferCount > 0
            ? ", after \(grouped(finding.transferCount)) earlier trials" : "") + ".")
    ]
    let best = Self.curve(finding.bestSoFar)
    if let comparison = finding.comparisonText(problem) {
      blocks.append(.text("A \(comparison)."))
    }
    if !best.isEmpty {
      var series = [Chart.Series("best so far", best)]
      if let random = finding.random {
        series.append(Chart.Series("random search", Self.curve(random.bestSoFar)))
      }
      if let value = finding.baseline?.metrics?[problem.index(ofMetric: objective.metric) ?? 0] {
        series.append(
          Chart.Series(
            "baseline", [.init(1, value), .init(Double(max(2, finding.evaluationCount)), value)],
            kind: .line, isMuted: true))
      }
      if let earlier = finding.bestTransferred,
        let place = problem.index(ofMetric: objective.metric)
      {
        let value = earlier.metrics[place]
        series.append(
          Chart.Series(
            "best of earlier trials",
            [.init(1, value), .init(Double(max(2, finding.evaluationCount)), value)], kind: .line,
            isMuted: true))
      }
      blocks.append(
        .chart(
          Chart(
            name: "\(name)-best", title: "Best \(objective.metric) so far", kind: .step,
            x: .init("evaluation"),
            y: axis(objective.metric, series.flatMap { $0.places.map(\.y) }), series: series)))
    }
    let others =
      problem.objectives.dropFirst()
      + problem.limits.map {
        Objective($0.side == .atMost ? .minimize : .maximize, $0.metric)
      }
    for other in others.prefix(2) where other.metric != objective.metric {
      let tradeOff = TradeOff(trials, of: problem, against: other, label: label)
      let places = tradeOff.feasible + tradeOff.infeasible
      let chart = tradeOff.chart(
        named: "\(name)-\(Self.fileName(other.metric))",
        title: "\(objective.metric) against \(other.metric)",
        x: axis(other.metric, places.map(\.x)), y: axis(objective.metric, places.map(\.y)))
      if let chart { blocks.append(.chart(chart)) }
    }
    return blocks
  }

  /// Where the best value changes, and the end.
  static func curve(_ bestSoFar: [Double]) -> [Chart.Place] {
    var places: [Chart.Place] = []
    for (index, value) in bestSoFar.enumerated() where !value.isNaN {
      if places.last?.y != value || index == bestSoFar.count - 1 {
        places.append(.init(Double(index + 1), value))
      }
    }
    return places
  }

  /// Letters, digits and hyphens of a name.
  static func fileName(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }

  private func failureBlocks(_ finding: Finding, _ trials: [Trial], named name: String)
    -> [Report.Block]
  {
    guard !finding.reasons.isEmpty else { return [] }
    var blocks: [Report.Block] = []
    // Reasons carry numbers of one design each; what comes before the first digit is the kind.
    var kinds: [(name: String, count: Int)] = []
    for (reason, count) in finding.reasons {
      let kind = Self.kind(ofReason: reason)
      if let index = kinds.firstIndex(where: { $0.name == kind }) {
        kinds[index].count += count
      } else {
        kinds.append((kind, count))
      }
    }
    kinds = Array(kinds.enumerated().sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }.map(\.1))
    let shown = kinds.prefix(15)
    blocks.append(
      .chart(
        Chart(
          name: "\(name)-reasons", title: "Infeasible designs by reason", kind: .bars,
          x: .init("designs"), y: .init("reason"), categories: shown.map(\.name),
          series: [
            .init(
              "designs", shown.enumerated().map { .init(Double($0), Double($1.count)) })
          ],
          note: kinds.count > shown.count
            ? "\(kinds.count - shown.count) rarer reasons are not drawn." : "")))
    let misses = nearMisses(finding, trials)
    if !misses.isEmpty {
      blocks.append(
        .table(
          ReportTable(
            name: "\(name)-near-misses",
            caption: "Near misses: better than the best design, but over a limit",
            columns: [
              .words("design"),
              .numbers(problem.objectives[0].metric, unit: unit(of: problem.objectives[0].metric)),
              .words("limit"), .numbers("over by", unit: "%"),
            ],
            rows: misses.prefix(8).map { miss in
              [
                .text(miss.label), .number(miss.value), .text(miss.limit),
                .number(100 * miss.excess),
              ]
            })))
    }
    return blocks
  }

  /// What a reason says before its first number.
  static func kind(ofReason reason: String) -> String {
    if reason.hasPrefix("limit: ") { return reason }
    let text = reason.hasPrefix("hidden: ") ? String(reason.dropFirst(8)) : reason
    let head = text.prefix { $0 != ":" && !$0.isNumber }
    let trimmed = head.trimmingCharacters(in: .whitespaces)
    return trimmed.isEmpty ? "other" : trimmed
  }

  private func nearMisses(_ finding: Finding, _ trials: [Trial]) -> [(
    label: String, value: Double, limit: String, excess: Double
  )] {
    let objective = problem.objectives[0]
    guard let place = problem.index(ofMetric: objective.metric) else { return [] }
    var misses: [(label: String, value: Double, limit: String, excess: Double)] = []
    for trial in trials {
      guard case .infeasible(let infeasibility) = problem.judging(trial.outcome),
        case .limit = infeasibility.reason, infeasibility.values.count == problem.metrics.count,
        let value = infeasibility.values[place]
      else { continue }
      if let best = finding.best?.design, !objective.isBetter(value, than: best.metrics[place]) {
        continue
      }
      var worst = (limit: "", excess: 0.0)
      for limit in problem.limits {
        guard let index = problem.index(ofMetric: limit.metric),
          let measured = infeasibility.values[index], !limit.allows(measured), limit.bound != 0
        else { continue }
        let excess = abs(measured - limit.bound) / abs(limit.bound)
        if excess > worst.excess { worst = (limit.description, excess) }
      }
      guard !worst.limit.isEmpty else { continue }
      misses.append((label(trial), value, worst.limit, worst.excess))
    }
    return misses.enumerated().sorted { ($0.1.excess, $0.0) < ($1.1.excess, $1.0) }.map(\.1)
  }

  private func sensitivityBlocks(_ finding: Finding, named name: String) -> [Report.Block] {
    var blocks: [Report.Block] = []
    let objective = problem.objectives[0]
    if let importance = finding.importance {
      for (title, view) in [
        (objective.metric, importance.objective), ("feasibility", importance.feasibility),
      ] {
        guard let view else { continue }
        let order = importance.parameters.indices.sorted {
          (view.shares[$1], $0) < (view.shares[$0], $1)
        }.prefix(20)
        blocks.append(
          .chart(
            Chart(
              name: "\(name)-importance-\(Self.fileName(title))",
              title: "Share of the variance of \(title) that each parameter explains alone",
              kind: .bars, x: .init("share of variance", unit: "%"), y: .init("parameter"),
              categories: order.map { importance.parameters[$0] },
              series: [
                .init(
                  title, order.enumerated().map { .init(Double($0), 100 * view.shares[$1]) })
              ],
              note:
                "A random forest explains \(percent(max(0, view.fit))) of it on designs it has not seen; \(percent(view.combinedShare)) of its variance is in combinations of parameters."
            )))
      }
    }
    if !finding.changes.isEmpty {
      let place = problem.index(ofMetric: objective.metric) ?? 0
      let rows = finding.changes.map { change -> [ReportTable.Cell] in
        var row: [ReportTable.Cell] = [
          .text(change.parameter), .text(change.from), .text(change.to),
          change.predicted.map { .number($0) } ?? .empty, .number(100 * change.feasibility),
        ]
        switch change.outcome {
        case .measured(let values): row += [.number(values[place]), .text("feasible")]
        case .infeasible(let infeasibility):
          let value = place < infeasibility.values.count ? infeasibility.values[place] : nil
          row += [value.map { .number($0) } ?? .empty, .text(infeasibility.reason.description)]
        case .failed(let failure): row += [.empty, .text(failure.description)]
        case nil: row += [.empty, .empty]
        }
        return row
      }
      let unit = unit(of: objective.metric)
      blocks.append(
        .table(
          ReportTable(
            name: "\(name)-changes", caption: "One change of the best design at a time",
            columns: [
              .words("parameter"), .words("from"), .words("to"),
              .numbers("expected", unit: unit), .numbers("works", unit: "%"),
              .numbers("measured", unit: unit), .words("outcome"),
            ], rows: rows)))
    }
    return blocks
  }
}
