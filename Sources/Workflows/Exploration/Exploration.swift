import BayesianOptimization
import DesignSpace
import Distribution
import Evaluation
import Execution
import Foundation
import Interchange
public import Study
import Workload

/// A study under way: its problem, evaluator and designer, in a run folder that any later call can go on with.
///
/// The folder holds `resolved.yaml` (the study with absolute paths), `trials.sqlite` (a row an evaluation, on the disk
/// before anything is learned from it), `dovetail.log` and, at the end, `tables`. A run that was killed goes on with the
/// same designs: the designer is replayed over the log and asked on.
public struct Exploration: Sendable {
  /// The study.
  public let study: StudyFile
  /// The run folder.
  public let folder: String
  /// What is searched; its space has the limits that are known from a design alone as constraints.
  public let problem: Problem
  /// Limits that are known from a design alone.
  public let known: KnownLimits
  /// Who proposes, and why, when the study leaves it open.
  public let designer: (choice: DesignerChoice, reason: String?)
  /// What was taken over from earlier logs and runs, for people; a line a log.
  public let notes: [String]
  /// Evaluations at once during the search.
  public let threadCount: Int
  /// Evaluations at once afterwards, when nothing is waited for.
  let processorCount: Int

  /// The design answers are compared with.
  let baseline: Point?
  let runFolder: RunFolder
  let journal: RunJournal
  let evaluator: any Evaluator
  /// Whether designs are evaluated by this program, in its own threads.
  let isEmbedded: Bool
  let contexts: [Context]
  /// The embedded model as a prior, if the study has one.
  let prior: EmbeddedPrior?
  /// What each search begins with.
  let earlier: [EarlierTrials]
  /// Answers that are known from earlier runs.
  let cached: [Trial]

  /// The trials each search begins with.
  var histories: [[Trial]] { earlier.map(\.trials) }

  /// The constraints of the space without those that limits of the study add.
  var ownConstraints: [String] {
    Array(problem.space.constraints.map(\.text).dropLast(known.limits.count))
  }

  /// Names of the features of workloads; none for a command.
  var featureNames: [String] { isEmbedded ? WorkloadFeatures.names : [] }

  /// Reads everything a study names and prepares its run folder.
  ///
  /// - Parameters:
  ///   - study: The study.
  ///   - folder: The run folder; made when it does not exist, gone on with when it holds the same study.
  ///   - threadCount: Evaluations at once at most; by default as many as may be outstanding, and for the embedded model
  ///     no more than there are processors. No matter for the result.
  /// - Throws: `SpecificationError`, `LogError.conflict` for a folder of another study, `TrialLogError` for earlier logs,
  ///   `NetworkFileError`.
  public init(_ study: StudyFile, folder: String, threadCount: Int? = nil) throws {
    self.study = study
    self.folder = folder
    let window = max(study.parallel, study.batch)
    let isDistributed = (study.executor?.kind ?? .local) != .local
    processorCount =
      isDistributed
      ? DesignChange.evaluatedCount
      : threadCount ?? ProcessInfo.processInfo.activeProcessorCount
    let asked = try EvaluatedStudy(study, concurrentCount: min(window, threadCount ?? window))
    (problem, known, evaluator) = (asked.problem, asked.known, asked.evaluator)
    (isEmbedded, contexts, baseline) = (asked.isEmbedded, asked.contexts, asked.baseline)
    if isDistributed {
      self.threadCount = window
    } else if asked.isEmbedded {
      self.threadCount = min(window, processorCount)
    } else {
      self.threadCount = min(window, threadCount ?? window)
    }
    let (problem, contexts, known) = (problem, contexts, known)
    prior = try study.prior.map { entry in
      var opened = entry
      opened.template = study.resolved(entry.template)
      opened.workload = study.resolved(entry.workload)
      return try EmbeddedPrior(opened, for: problem, at: "\(study.path): prior")
    }
    let answers = try contexts.map {
      try EarlierTrials(study.cache, of: study, problem: problem, within: known, context: $0)
    }
    cached = answers.flatMap(\.trials)
    var notes = answers.flatMap(\.notes).map { "cache: \($0)" }

    let runFolder = RunFolder(path: folder)
    self.runFolder = runFolder
    // A run keeps what it began with; its sources are read by the first call only.
    let kept = try runFolder.transferred(to: problem, contexts: contexts)
    let sources = try contexts.map {
      try EarlierTrials(
        kept == nil ? study.transfer : [], of: study, problem: problem, within: known, context: $0)
    }
    let earlier = kept ?? sources
    self.earlier = earlier
    designer = try Self.designer(
      study, problem: problem, isEmbedded: isEmbedded,
      transferCount: earlier.reduce(0) { $0 + $1.trials.count },
      seconds: EarlierTrials.medianSeconds(of: earlier.flatMap(\.trials)))
    for (context, source) in zip(contexts, sources) {
      let prefix = "transfer: " + (context.id.isEmpty ? "" : "\(context.id): ")
      notes += source.notes.map { prefix + $0 }
      if !source.others.isEmpty {
        let names = source.others.map(\.name).joined(separator: ", ")
        notes.append("\(prefix)the best designs on \(names) are tried first")
      }
    }
    self.notes = notes
    try runFolder.prepare(
      resolved: Self.resolvedText(
        study, folder: runFolder.path, problem: problem, choice: designer.choice,
        reason: designer.reason))
    if kept == nil, !study.transfer.isEmpty {
      try runFolder.keep(
        earlier, of: problem, contexts: contexts,
        features: isEmbedded ? WorkloadFeatures.names : [])
    }
    journal = RunJournal(file: runFolder.journalFile)
  }

  static func workloads(of study: StudyFile) throws -> [ResolvedWorkload] {
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
    return workloads
  }

  static func problem(
    _ study: StudyFile, name: String, space: SearchSpace, metrics listed: [Metric]
  ) throws -> (Problem, KnownLimits) {
    let names = limitNames(study, parameters: space.parameters, metrics: listed)
    let (measured, known) = try names.sorted(study.limits, at: "\(study.path): limits")
    var metrics = listed
    if case .command(_, _, _, let version) = study.evaluator {
      for name in study.objectives.map(\.metric) + measured.map(\.metric)
      where !metrics.contains(where: { $0.name == name }) {
        metrics.append(Metric(name))
      }
      if !study.cache.isEmpty, version.isEmpty {
        throw LogError.conflict(
          "\(study.path): cache: got a command without a version, expected one",
          hint: "add version: to the evaluator; answers of other versions are not taken")
      }
    }
    do {
      let problem = try Problem(
        name: name, space: known.constraining(space), metrics: metrics,
        objectives: study.objectives, limits: measured)
      return (problem, known)
    } catch {
      throw LogError.conflict("\(study.path): \(error)", hint: nil)
    }
  }

  /// What limits of a study may be about.
  static func limitNames(_ study: StudyFile, parameters: [Parameter], metrics: [Metric])
    -> LimitNames
  {
    var names = LimitNames(metrics: metrics.map(\.name), parameters: parameters)
    if case .command = study.evaluator {
      // A command that lists no metrics measures whatever it is asked for.
      names.isOpen = study.metrics.isEmpty
      names.metrics += study.objectives.map(\.metric)
    } else if !names.metrics.contains(TemplateEvaluator.power.name) {
      names.metrics.append(TemplateEvaluator.power.name)
    }
    return names
  }

  private static func designer(
    _ study: StudyFile, problem: Problem, isEmbedded: Bool, transferCount: Int, seconds: Double?
  ) throws -> (choice: DesignerChoice, reason: String?) {
    guard study.designer == "auto" else {
      do {
        let choice = try DesignerChoice(parsing: study.designer)
        guard study.prior == nil || choice == .bayesian else {
          throw LogError.conflict(
            "\(study.path): prior: got the designer \(choice.rawValue), expected bayesian or auto",
            hint: "other designers have no use for a prior")
        }
        return (choice, nil)
      } catch let error as LogError {
        if case .conflict = error { throw error }
        throw LogError.conflict("\(study.path): \(error)", hint: nil)
      }
    }
    let circumstances = DesignerChoice.Circumstances(
      budget: study.budget, isEmbedded: isEmbedded, transferCount: transferCount,
      evaluationSeconds: seconds)
    let automatic = DesignerChoice.automatic(for: problem, circumstances)
    guard study.prior != nil, automatic.choice != .bayesian, automatic.choice != .random else {
      return automatic
    }
    return (.bayesian, "since the study has a prior")
  }
}
