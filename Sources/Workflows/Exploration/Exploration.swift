import DesignSpace
import Dispatch
import Evaluation
import Execution
import Foundation
import Interchange
import Search
import SimulationLog
public import Study
import Workload

/// A study under way: its problem, evaluator and designer, in a run folder that any later call can go on with.
///
/// The folder holds `resolved.yaml` (the study with absolute paths), `trials.sqlite` (a row an evaluation, on the disk
/// before the next begins) and, at the end, `tables/best.csv`. A run that was killed goes on with the same designs: the
/// designer is replayed over the log and asked on.
public struct Exploration: Sendable {
  /// The study.
  public let study: StudyFile
  /// The run folder.
  public let folder: String
  /// What is searched.
  public let problem: Problem
  /// Who proposes, and why, when the study leaves it open.
  public let designer: (choice: DesignerChoice, reason: String?)

  private enum Evaluating {
    case template(TemplateEvaluator)
    case process(ProcessEvaluator)
  }

  private let evaluating: Evaluating
  private let contexts: [Context]

  /// What came of the search for one workload.
  public struct Finding: Sendable {
    /// The workload, empty for a command.
    public var workload: String
    /// Evaluations, earlier ones of a resumed run included.
    public var evaluationCount: Int
    /// Feasible ones among them.
    public var feasibleCount: Int
    /// Evaluations the evaluator failed in.
    public var failedCount: Int
    /// The best design, `nil` when nothing was feasible.
    public var best: (evaluation: Int, design: [(name: String, value: String)], values: [Double])?
    /// Why infeasible designs were, most frequent first.
    public var reasons: [(reason: String, count: Int)]
    /// Best objective after each evaluation; NaN while nothing was feasible.
    public var bestSoFar: [Double]
    /// Why it ended.
    public var ending: String
  }

  /// How far a search is.
  public struct Progress: Sendable {
    /// The workload, empty for a command.
    public var workload: String
    /// Evaluations so far.
    public var evaluationCount: Int
    /// Evaluations at most.
    public var budget: Int
    /// Feasible ones so far.
    public var feasibleCount: Int
    /// The best objective so far.
    public var best: Double?
    /// Expected seconds to the end.
    public var secondsLeft: Double?
  }

  /// Reads everything a study names and prepares its run folder.
  ///
  /// - Parameters:
  ///   - study: The study.
  ///   - folder: The run folder; made when it does not exist, gone on with when it holds the same study.
  /// - Throws: `SpecificationError`, `LogError.conflict` for a folder of another study, `StudyError`, `NetworkFileError`.
  public init(_ study: StudyFile, folder: String) throws {
    self.study = study
    self.folder = folder
    switch study.evaluator {
    case .template(let path, let evaluations):
      let template = try ArchitectureTemplate(readingFile: study.resolved(path))
      var workloads: [ResolvedWorkload] = []
      for path in study.workloads {
        workloads.append(try readWorkload(path: study.resolved(path)).workload)
      }
      let names = workloads.map(\.network.name)
      if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
        throw LogError.conflict(
          "\(study.path): workloads: got two networks called \"\(names[twice])\", expected distinct names",
          hint: nil)
      }
      contexts = workloads.map {
        Context(
          id: $0.network.name, features: WorkloadFeatures.values(of: $0.network))
      }
      evaluating = .template(
        TemplateEvaluator(
          template, workloads: workloads,
          evaluationLimit: evaluations ?? TemplateEvaluator.standardEvaluationLimit))
      problem = try Self.problem(
        study, name: template.spaceName, space: template.space,
        metrics: TemplateEvaluator.metrics)
    case .command(let words, let isPersistent, let seconds, let version):
      let file = try SpaceFile(readingFile: study.resolved(study.space ?? ""))
      let problem = try Self.problem(
        study, name: file.name, space: try file.resolve(), metrics: study.metrics)
      self.problem = problem
      var options = ProcessEvaluator.Options()
      options.isPersistent = isPersistent
      options.timeout = seconds
      evaluating = .process(
        ProcessEvaluator(words, for: problem, version: version, options: options))
      contexts = [.single]
    }
    designer = try Self.designer(study, problem: problem)
    try prepareFolder()
  }

  private static func problem(
    _ study: StudyFile, name: String, space: SearchSpace, metrics known: [Metric]
  ) throws -> Problem {
    var metrics = known
    if case .command = study.evaluator {
      for name in study.objectives.map(\.metric) + study.limits.map(\.metric)
      where !metrics.contains(where: { $0.name == name }) {
        metrics.append(Metric(name))
      }
    }
    do {
      return try Problem(
        name: name, space: space, metrics: metrics, objectives: study.objectives,
        limits: study.limits)
    } catch {
      throw LogError.conflict("\(study.path): \(error)", hint: nil)
    }
  }

  private static func designer(_ study: StudyFile, problem: Problem) throws -> (
    choice: DesignerChoice, reason: String?
  ) {
    guard study.designer == "auto" else {
      do {
        return (try DesignerChoice(parsing: study.designer), nil)
      } catch {
        throw LogError.conflict("\(study.path): \(error)", hint: nil)
      }
    }
    return DesignerChoice.automatic(for: problem, budget: study.budget)
  }

  // MARK: The folder

  /// The log of the run.
  public var logFile: String { "\(folder)/trials.sqlite" }

  private var resolvedText: String {
    var text = "# The study of this run, with absolute paths; read again by --resume.\n"
    func add(_ key: String, _ value: String) { text += "\(key): \(value)\n" }
    func quoted(_ value: String) -> String {
      "\""
        + value.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
          of: "\"", with: "\\\"") + "\""
    }
    func absolute(_ path: String) -> String {
      quoted(URL(fileURLWithPath: study.resolved(path)).standardizedFileURL.path)
    }
    func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    add("name", quoted(study.name))
    if let description = study.description { add("description", quoted(description)) }
    switch study.evaluator {
    case .template(let path, let evaluations):
      add("evaluator", "")
      text += "  template: \(absolute(path))\n"
      text +=
        "  mappingEvaluations: \(evaluations ?? TemplateEvaluator.standardEvaluationLimit)\n"
      add("workloads", list(study.workloads.map(absolute)))
    case .command(let words, let isPersistent, let seconds, let version):
      add("space", absolute(study.space ?? ""))
      add("evaluator", "")
      text += "  command: \(list(words.map(quoted)))\n"
      text += "  persistent: \(isPersistent)\n  timeoutSeconds: \(seconds)\n"
      if !version.isEmpty { text += "  version: \(quoted(version))\n" }
      add(
        "metrics",
        list(problem.metrics.map { quoted($0.unit.isEmpty ? $0.name : "\($0.name) [\($0.unit)]") })
      )
    }
    for goal in Objective.Goal.allCases {
      let names = study.objectives.filter { $0.goal == goal }.map { quoted($0.metric) }
      if !names.isEmpty { add(goal.rawValue, list(names)) }
    }
    if !study.limits.isEmpty { add("limits", list(study.limits.map { quoted($0.description) })) }
    add("designer", quoted(designer.choice.rawValue))
    add("budget", "\(study.budget)")
    add("batch", "\(study.batch)")
    add("seed", "\(study.seed)")
    return text
  }

  private func prepareFolder() throws {
    let file = "\(folder)/resolved.yaml"
    let text = resolvedText
    if let known = try? String(contentsOfFile: file, encoding: .utf8) {
      // A larger budget goes on with a run; everything else makes it another one.
      func core(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("budget: ") }
      }
      guard core(known) == core(text) else {
        throw LogError.conflict(
          "\(folder): the run is of another study",
          hint:
            "go on with it as it was: dovetail explore --resume \(folder); or give another --out")
      }
      if known == text { return }
    } else if FileManager.default.fileExists(atPath: logFile) {
      throw LogError.conflict(
        "\(folder): there is a log but no resolved.yaml, expected a run folder or an empty one",
        hint: "give another --out")
    }
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: "--out", got: folder, expected: "a folder that can be made and written to", hint: nil)
    }
  }

  private func openLog() throws -> TrialLog {
    if FileManager.default.fileExists(atPath: logFile) {
      return try TrialLog.open(file: logFile, access: .appending)
    }
    var catalog = LogCatalog(problem)
    if case .template = evaluating { catalog.features = WorkloadFeatures.names }
    return try TrialLog.create(file: logFile, catalog: catalog)
  }

  // MARK: The search

  /// Searches, for one workload after the other, from where the log ends.
  ///
  /// - Parameter progress: Called after every evaluation.
  /// - Returns: One finding a workload.
  /// - Throws: `TrialLogError`, `SearchError` for a log of another search, `DesignSpaceError`, `CancellationError`.
  public func run(progress: (Progress) -> Void = { _ in }) async throws -> [Finding] {
    defer { if case .process(let evaluator) = evaluating { evaluator.shutDown() } }
    let log = try openLog()
    var findings: [Finding] = []
    for context in contexts {
      findings.append(try await search(context, in: log, progress: progress))
    }
    try writeTables(findings)
    return findings
  }

  private func search(
    _ context: Context, in log: TrialLog, progress: (Progress) -> Void
  ) async throws -> Finding {
    let recorded = try self.recorded(context, in: log)
    let seed = Seed(study.seed).child(context.id)
    var searcher = AnyDesigner(designer.choice.designer(for: problem, seed: seed))
    var budget = SearchBudget(evaluationCount: study.budget)
    budget.batchCount = study.batch
    let start = DispatchTime.now().uptimeNanoseconds
    let origin: Trial.Origin
    switch evaluating {
    case .template(let evaluator):
      origin = Trial.Origin(evaluator: evaluator.name, evaluatorVersion: evaluator.version)
    case .process(let evaluator):
      origin = Trial.Origin(evaluator: evaluator.name, evaluatorVersion: evaluator.version)
    }
    let result = try await runSearch(
      of: problem, with: &searcher, budget: budget, seed: seed, context: context, origin: origin,
      recorded: Array(recorded.prefix(study.budget)),
      evaluate: { point, context in
        switch evaluating {
        case .template(let evaluator): try await evaluator.evaluate(point, in: context)
        case .process(let evaluator): try await evaluator.evaluate(point, in: context)
        }
      },
      record: { try log.append($0, of: problem, context: context) },
      progress: { state in
        let newCount = state.evaluationCount - recorded.count
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let left =
          newCount > 0
          ? seconds / Double(newCount) * Double(state.largestCount - state.evaluationCount) : nil
        progress(
          Progress(
            workload: context.id, evaluationCount: state.evaluationCount,
            budget: state.largestCount, feasibleCount: state.feasibleCount,
            best: state.best.flatMap(objective), secondsLeft: left))
      })
    return finding(result, context)
  }

  /// The trials of a context with the numbers they had in their search.
  private func recorded(_ context: Context, in log: TrialLog) throws -> [Trial] {
    var filter = TrialFilter()
    if context.id != Context.single.id {
      let known = try log.catalog().contexts.firstIndex { $0.name == context.id }
      guard let known else { return [] }
      filter.contexts = [known]
    }
    return try log.trials(of: problem, matching: filter).trials.enumerated().map { index, trial in
      Trial(
        id: index, point: trial.point, context: trial.context, outcome: trial.outcome,
        origin: trial.origin)
    }
  }

  private func objective(_ trial: Trial) -> Double? {
    guard case .measured(let values) = problem.judging(trial.outcome),
      let index = problem.index(ofMetric: problem.objectives[0].metric)
    else { return nil }
    return values[index]
  }

  private func finding(_ result: SearchResult, _ context: Context) -> Finding {
    var reasons: [String: Int] = [:]
    var feasibleCount = 0
    var failedCount = 0
    var bestSoFar: [Double] = []
    var best: Trial?
    for trial in result.trials {
      switch problem.judging(trial.outcome) {
      case .measured:
        feasibleCount += 1
        if let value = objective(trial),
          best.flatMap(objective).map({ problem.objectives[0].isBetter(value, than: $0) }) ?? true
        {
          best = trial
        }
      case .infeasible(let infeasibility):
        reasons[infeasibility.reason.description, default: 0] += 1
      case .failed: failedCount += 1
      }
      bestSoFar.append(best.flatMap(objective) ?? .nan)
    }
    return Finding(
      workload: context.id, evaluationCount: result.trials.count, feasibleCount: feasibleCount,
      failedCount: failedCount,
      best: best.flatMap { trial in
        guard case .measured(let values) = problem.judging(trial.outcome) else { return nil }
        let design = zip(
          problem.space.parameters.map(\.name), problem.space.values(of: trial.point)
        ).compactMap { name, value in value.map { (name: name, value: $0.description) } }
        return (trial.id + 1, design, values)
      },
      reasons: reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
        (reason: $0.key, count: $0.value)
      },
      bestSoFar: bestSoFar, ending: result.ending.rawValue)
  }

  private func writeTables(_ findings: [Finding]) throws {
    var text = "workload,evaluation,best_\(problem.objectives[0].metric)\n"
    for finding in findings {
      for (index, value) in finding.bestSoFar.enumerated() {
        let name = DatasetRanking.Part.quoted(finding.workload)
        text += "\(name),\(index + 1),\(value.isNaN ? "" : value.description)\n"
      }
    }
    let tables = "\(folder)/tables"
    try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: true)
    try Data(text.utf8).write(
      to: URL(fileURLWithPath: "\(tables)/best.csv"), options: .atomic)
  }
}

/// A designer of a kind that is known only when it runs.
private struct AnyDesigner: Designer {
  private var base: any Designer

  init(_ base: any Designer) { self.base = base }

  var name: String { base.name }

  mutating func suggest(count: Int, using generator: inout SeededGenerator) throws -> [Point] {
    try base.suggest(count: count, using: &generator)
  }

  mutating func observe(_ trials: [Trial]) throws { try base.observe(trials) }
}
