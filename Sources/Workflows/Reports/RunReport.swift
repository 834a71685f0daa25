import DesignSpace
import Foundation
public import Reporting
import Study

/// The report of one run, or the comparison of several.
public struct RunReport: Sendable {
  /// The report.
  public let report: Report

  /// Reads runs: explorations are put side by side, runs of several kinds follow each other on one page.
  ///
  /// - Parameter folders: Run folders, at least one.
  /// - Throws: `LogError.conflict` for what is no run folder and for runs that cannot be compared, saying why;
  ///   `SpecificationError`, `TrialLogError`, `CancellationError`.
  public init(ofRuns folders: [String]) async throws {
    if folders.count == 1 {
      report = try await Self.single(folders[0])
      return
    }
    guard folders.allSatisfy(Self.isExploration) else {
      var parts: [Report] = []
      for folder in folders { parts.append(try await Self.single(folder)) }
      report = .combining(parts, title: "\(folders.count) runs")
      return
    }
    let runs = try folders.map { try Self.open($0) }
    for other in runs.dropFirst() { try Self.check(other, against: runs[0]) }
    var findings: [[Exploration.Finding]] = []
    for run in runs {
      findings.append(
        try zip(run.contexts, run.recordedTrials()).enumerated().map { place, entry in
          run.finding(
            entry.1, history: run.histories[place], entry.0,
            ending: entry.1.count >= run.study.budget ? "budget" : "so far")
        })
    }
    report = try Self.comparison(of: runs, findings)
  }

  private static func isExploration(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/resolved.yaml") && !isCoSearch(folder)
  }

  /// Whether a folder is that of `dovetail codesign`, whose studies name a method.
  private static func isCoSearch(_ folder: String) -> Bool {
    let text = try? String(contentsOfFile: "\(folder)/resolved.yaml", encoding: .utf8)
    return text?.split(separator: "\n").contains { $0.hasPrefix("method:") } ?? false
  }

  /// The report of one run: from its log where there is one, else as it was written.
  private static func single(_ folder: String) async throws -> Report {
    let sweep = "\(folder)/sweep.yaml"
    if FileManager.default.fileExists(atPath: sweep) {
      return try await Sweep(SweepFile(readingFile: sweep), folder: folder).recorded().report
    }
    if !isExploration(folder) {
      do {
        if let report = try Report(readingFrom: URL(fileURLWithPath: folder)) { return report }
      } catch {
        throw LogError.conflict(
          "\(folder)/report.json: this is no report, or half of one", hint: "run the command again")
      }
      if isCoSearch(folder) {
        let search = try CoSearch(
          CoSearchFile(readingFile: "\(folder)/resolved.yaml"), folder: folder)
        guard let finding = try search.recorded() else {
          throw LogError.conflict(
            "\(folder): the co-search has no machine yet, expected one at least",
            hint: "go on with it: dovetail codesign --resume \(folder)")
        }
        return finding.report(of: search)
      }
    }
    let run = try open(folder)
    return try run.report(try await run.recordedFindings())
  }

  /// Opens the folder of a run without changing it.
  static func open(_ folder: String) throws -> Exploration {
    let resolved = "\(folder)/resolved.yaml"
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw LogError.conflict(
        "\(folder): there is no such folder, expected a run folder",
        hint: "run folders are made by dovetail explore STUDY.yaml --out FOLDER")
    }
    guard FileManager.default.fileExists(atPath: resolved) else {
      throw LogError.conflict(
        "\(folder): there is no resolved.yaml, expected a run folder",
        hint: "run folders are made by dovetail explore STUDY.yaml --out FOLDER")
    }
    return try Exploration(StudyFile(readingFile: resolved), folder: folder)
  }

  private static func check(_ run: Exploration, against first: Exploration) throws {
    func refuse(_ what: String, _ got: String, _ expected: String) -> LogError {
      .conflict(
        "\(run.folder) and \(first.folder) cannot be compared: \(what) is \(got) in one, \(expected) in the other",
        hint: "compare runs of one space, objective, evaluator and set of workloads")
    }
    if run.ownConstraints != first.ownConstraints
      || run.problem.space.parameters != first.problem.space.parameters
    {
      throw refuse(
        "the space", "\"\(run.problem.name)\"", "\"\(first.problem.name)\" or another version of it"
      )
    }
    let (a, b) = (run.problem.objectives[0], first.problem.objectives[0])
    if a != b {
      throw refuse(
        "the objective", "\(a.goal.rawValue) \(a.metric)", "\(b.goal.rawValue) \(b.metric)")
    }
    if run.contexts.map(\.id) != first.contexts.map(\.id) {
      func list(_ run: Exploration) -> String { run.contexts.map(\.id).joined(separator: ", ") }
      throw refuse("the list of workloads", "\"\(list(run))\"", "\"\(list(first))\"")
    }
    if run.evaluator.name != first.evaluator.name
      || run.evaluator.version != first.evaluator.version
    {
      throw refuse(
        "the evaluator", "\(run.evaluator.name) \(run.evaluator.version)",
        "\(first.evaluator.name) \(first.evaluator.version)")
    }
  }

  private static func comparison(of runs: [Exploration], _ findings: [[Exploration.Finding]]) throws
    -> Report
  {
    let problem = runs[0].problem
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    let names = labels(runs)
    let unit = runs[0].unit(of: objective.metric)
    let hasLimits = Set(runs.map { $0.problem.limits + $0.known.limits }).count > 1
    var sections: [Report.Section] = []
    var answers: [String] = []
    for (index, context) in runs[0].contexts.enumerated() {
      let named = runs[0].contexts.count > 1 ? "w\(index + 1)" : "runs"
      let own = findings.map { $0[index] }
      let curves = own.map { Exploration.curve($0.bestSoFar) }
      var rows: [[ReportTable.Cell]] = []
      for (run, finding) in zip(runs.indices, own) {
        rows.append([
          .text(names[run]), .text(runs[run].designer.choice.rawValue),
          .text(runs[run].study.limits.map(\.description).joined(separator: ", ")),
          .number(Double(finding.evaluationCount)), .number(Double(finding.feasibleCount)),
          finding.best.map { .number($0.design.metrics[place]) } ?? .empty,
          finding.best.map { .number(Double($0.evaluation)) } ?? .empty,
          .text(
            finding.best.map { best in
              best.design.values.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
            } ?? "nothing feasible"),
        ])
      }
      let best = own.indices.filter { own[$0].best != nil }.min { a, b in
        objective.isBetter(
          own[a].best?.design.metrics[place] ?? .nan,
          than: own[b].best?.design.metrics[place] ?? .nan)
      }
      let prefix = context.id.isEmpty ? "" : "\(context.id): "
      if let best, let value = own[best].best?.design.metrics[place] {
        answers.append(
          "\(prefix)\(names[best]) found the best \(objective.metric), \(Reporting.readableNumber(value))\(unit.isEmpty ? "" : " \(unit)")."
        )
      } else {
        answers.append("\(prefix)no run found a feasible design.")
      }
      sections.append(
        .init(
          context.id.isEmpty ? "The runs" : "The runs on \(context.id)",
          [
            .chart(
              Chart(
                name: "\(named)-best", title: "Best \(objective.metric) so far", kind: .step,
                x: .init("evaluation"),
                y: runs[0].axis(objective.metric, curves.flatMap { $0.map(\.y) }),
                series: zip(names, curves).map { .init($0, $1) })),
            .table(
              ReportTable(
                name: "\(named)-summary", caption: "The runs side by side",
                columns: [
                  .words("run"), .words("designer"), .words("limits"), .numbers("evaluations"),
                  .numbers("feasible"), .numbers("best \(objective.metric)", unit: unit),
                  .numbers("at evaluation"), .words("design"),
                ], rows: rows)),
          ]))
    }
    if hasLimits {
      sections.append(
        .init(
          "Limits", [.text("The limits of the runs differ; a looser one allows better values.")])
      )
    }
    return Report(
      title: "Comparison of \(runs.count) runs",
      question: "Which run found the best \(objective.metric) of \(problem.name), and how fast?",
      answer: answers.joined(separator: " "), sections: sections,
      provenance: zip(names, runs).map { .init($0, $1.folder) })
  }

  /// The shortest names that tell runs apart: designers, else folders.
  private static func labels(_ runs: [Exploration]) -> [String] {
    let choices = runs.map {
      [
        [$0.study.name, $0.designer.choice.rawValue, "seed \($0.study.seed)"],
        $0.study.limits.map(\.description), ["\($0.study.budget) evaluations"],
      ].flatMap { $0 }
    }
    let widest = choices.map(\.count).min() ?? 0
    let telling = (0..<widest).filter { column in Set(choices.map { $0[column] }).count > 1 }
    let short = choices.map { choice in telling.map { choice[$0] }.joined(separator: ", ") }
    if Set(short).count == runs.count, !short.contains("") { return short }
    return runs.map { ($0.folder as NSString).lastPathComponent }
  }
}
