import BayesianOptimization
import DesignSpace
import Dispatch
import Distribution
import Evaluation
import Execution
import Foundation
import Search
import SimulationLog
import Study

extension Exploration {
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

  /// What came of a study.
  public struct Result: Sendable {
    /// One a workload; fewer when the user interrupted.
    public var findings: [Finding]
    /// Evaluations that were answered from earlier runs.
    public var cachedCount = 0
    /// What each node of an executor did, a line each.
    public var nodes: [String] = []
    /// Whether the user interrupted.
    public var isInterrupted = false
  }

  /// Who evaluates in place of this process; `nil` where it does so itself.
  func distributedEvaluator(
    takesOver: Bool, note: @escaping @Sendable (String) -> Void
  ) throws -> DistributedEvaluator? {
    guard let settings = study.executor, settings.kind != .local else { return nil }
    return try DistributedEvaluator(
      for: evaluator, study: study, problem: problem, folder: "\(folder)/cluster",
      settings: settings,
      takesOver: takesOver, note: note)
  }

  /// Searches, for one workload after the other, from where the log ends.
  ///
  /// Cancellation ends the search, and what was found until then is the result.
  /// - Parameters:
  ///   - isAnalyzed: Whether importance and changes of the best design are found out at the end; the embedded model
  ///     evaluates the changed designs, which do not count against the budget.
  ///   - takesOver: Whether another process that works on the run, through an executor, is pushed aside.
  ///   - progress: Called after every evaluation.
  ///   - message: Gets what an executor has to say, for people; called on any thread.
  /// - Returns: One finding a workload.
  /// - Throws: `TrialLogError`, `LogError`, `SearchError` for a log of another search, `DesignSpaceError`, and with an executor
  ///   `ExecutorError`, `DistributionError`.
  public func run(
    isAnalyzed: Bool = true, takesOver: Bool = false,
    progress: (Progress) -> Void = { _ in },
    message: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Result {
    defer { (evaluator as? ProcessEvaluator)?.shutDown() }
    let journal = journal
    let distributed = try distributedEvaluator(takesOver: takesOver) { text in
      journal.note(text)
      message(text)
    }
    var wasInterrupted = true
    defer { distributed?.end(isInterrupted: wasInterrupted) }
    journal.note("begun: \(study.path), designer \(designer.choice.rawValue), seed \(study.seed)")
    if let reason = designer.reason { journal.note("designer: \(reason)") }
    for note in notes { journal.note(note) }
    let log = try runFolder.openLog(of: problem, contexts: contexts, features: featureNames)
    let source: any Evaluator = distributed ?? evaluator
    let cache = CachedEvaluator(source, for: problem, remembering: cached)
    var result = Result(findings: [])
    do {
      let baselines = try await measuredBaseline(by: source)
      for (place, context) in contexts.enumerated() {
        var (finding, trials) = try await search(
          context, from: earlier[place], with: cache, distributed, in: log, progress: progress)
        if !baselines.isEmpty { finding.baseline = baselines[place] }
        result.isInterrupted = finding.isInterrupted
        if isAnalyzed, !finding.isInterrupted {
          do {
            try await analyze(
              &finding, trials, context, history: earlier[place].trials, by: source)
          } catch is CancellationError {
            result.isInterrupted = true
          }
        }
        for line in finding.text(of: self).split(separator: "\n") { journal.note(String(line)) }
        result.findings.append(finding)
        if result.isInterrupted { break }
      }
    } catch {
      journal.note("ended by an error: \(error)")
      throw error
    }
    result.cachedCount = cache.hitCount
    result.nodes = distributed?.tally.text ?? []
    for line in result.nodes { journal.note(line) }
    wasInterrupted = result.isInterrupted
    try writeTables(result.findings)
    return result
  }

  private func search(
    _ context: Context, from earlier: EarlierTrials, with evaluator: CachedEvaluator,
    _ distributed: DistributedEvaluator?, in log: TrialLog,
    progress: (Progress) -> Void
  ) async throws -> (Finding, [Trial]) {
    let recorded = try self.recorded(context, in: log)
    let seed = Seed(study.seed).child(context.id)
    let history = earlier.trials
    var designer: any Designer = designer.choice.designer(
      for: problem, seed: seed, after: TransferredStudies(earlier.others), cheap: prior?.model)
    let budget = SearchBudget(evaluationCount: study.budget, batchCount: study.batch)
    var concurrency = SearchConcurrency(
      windowCount: max(study.parallel, study.batch), evaluationCount: threadCount)
    // Somebody else's simulation may have taken hours; ours is done again in a moment.
    // Results of an executor are on the disk before they are recorded.
    concurrency.recordsInOrder = isEmbedded || distributed != nil
    var rule = ImprovementRule(study.expectedImprovement, problem, seed: seed)
    rule.observe(history)
    if !recorded.isEmpty { journal.note("\(recorded.count) evaluations are there already") }
    var pace = Pace()
    do {
      let result = try await runConcurrentSearch(
        of: problem, with: &designer, budget: budget, concurrency: concurrency, seed: seed,
        context: context,
        origin: Trial.Origin(evaluator: evaluator.name, evaluatorVersion: evaluator.version),
        history: history, recorded: recorded,
        evaluate: { try await evaluator.evaluate($0, in: $1) },
        record: { trial in
          try log.append(
            distributed?.timed(trial) ?? trial, of: problem, context: context)
          journal.note(line(trial))
        },
        isEnough: { rule.isMet(by: $0) },
        progress: { state in
          progress(
            Progress(
              workload: context.id, evaluationCount: state.evaluationCount,
              budget: state.largestCount, feasibleCount: state.feasibleCount,
              best: state.best.flatMap(objective),
              secondsLeft: pace.secondsLeft(
                done: state.evaluationCount, of: state.largestCount)))
        })
      var finding = finding(
        result.trials, history: history, context, ending: result.ending.rawValue)
      finding.trendCounts = (designer as? BayesianDesigner)?.transferCounts
      if let counts = (designer as? BayesianDesigner)?.cheapCounts, counts.offered > 0 {
        journal.note("prior: followed by \(counts.used) of \(counts.offered) models of the cost")
      }
      return (finding, result.trials)
    } catch is CancellationError {
      let trials = try self.recorded(context, in: log)
      return (
        finding(trials, history: history, context, ending: Finding.interrupted), trials
      )
    }
  }

  /// The trials of a context in the order of recording, numbered from 0.
  private func recorded(_ context: Context, in log: TrialLog) throws -> [Trial] {
    var filter = TrialFilter()
    if context.id != Context.single.id {
      let known = try log.catalog().contexts.firstIndex { $0.name == context.id }
      guard let known else { return [] }
      filter.contexts = [known]
    }
    let rows = try log.trials(of: problem, matching: filter)
    if let dropped = rows.dropped.first {
      throw runFolder.changed("what trials are (\(dropped.count): \(dropped.reason))")
    }
    for trial in rows.trials
    where trial.origin.evaluator != evaluator.name
      || trial.origin.evaluatorVersion != evaluator.version
    {
      throw runFolder.changed("the evaluator, or its version,")
    }
    return rows.trials.enumerated().map { index, trial in
      Trial(
        id: index, point: trial.point, context: trial.context, outcome: trial.outcome,
        origin: trial.origin)
    }
  }

  /// A trial as a line of the journal.
  private func line(_ trial: Trial) -> String {
    let what: String
    switch trial.outcome {
    case .measured(let values):
      what = zip(problem.metrics, values).map { "\($0.name)=\($1)" }.joined(separator: " ")
    case .infeasible(let infeasibility): what = infeasibility.reason.description
    case .failed(let failure): what = failure.description
    }
    let workload = trial.context.isEmpty ? "" : "\(trial.context) "
    return "\(workload)evaluation \(trial.id + 1): \(what)"
  }
}

/// How fast evaluations of this call are.
private struct Pace {
  private let start = DispatchTime.now().uptimeNanoseconds
  private var first: Int?

  mutating func secondsLeft(done: Int, of all: Int) -> Double? {
    let before = first ?? done - 1
    first = before
    guard done > before else { return nil }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    return seconds / Double(done - before) * Double(all - done)
  }
}
