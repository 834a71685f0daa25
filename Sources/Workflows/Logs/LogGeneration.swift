import DesignSpace
import Dispatch
public import Distribution
import Evaluation
public import Execution
import Foundation
import Interchange
import MappingSearch
import SimulationLog
import Study
import Workload

/// Fills a log with random designs of a template, evaluated on workloads, until each has enough feasible rows.
///
/// Every row is on the disk before a later one. Run again with the same arguments on the same log, it checks what is there
/// and goes on where it ended, after any interruption. Rows depend on the arguments only, not on threads or interruptions,
/// except for their duration.
public struct LogGeneration: Sendable {
  /// The evaluator with its template.
  public let evaluator: TemplateEvaluator
  /// The workloads, in the order of the log.
  public let workloads: [ResolvedWorkload]
  /// Feasible rows wanted of every workload.
  public let feasibleCount: Int
  /// Most rows of a workload.
  public let rowLimit: Int
  /// Where designs come from.
  public let seed: Seed
  /// Evaluations at once.
  public let threadCount: Int
  /// Who evaluates in place of this process; no matter for the rows, except for their duration.
  public var executor: Executor?

  /// Tasks elsewhere, which read template and workloads from their files.
  public struct Executor: Sendable {
    /// Who runs them.
    public var settings: ExecutorSettings
    /// The template's file.
    public var template: String
    /// The files of the workloads.
    public var workloads: [String]
    /// Whether another process that works on the log is pushed aside.
    public var takesOver: Bool
    /// Gets what happens, for people; called on any thread.
    public var message: @Sendable (String) -> Void

    /// Names who runs evaluations of what.
    public init(
      _ settings: ExecutorSettings, template: String, workloads: [String], takesOver: Bool = false,
      message: @escaping @Sendable (String) -> Void = { _ in }
    ) {
      (self.settings, self.template, self.workloads) = (settings, template, workloads)
      (self.takesOver, self.message) = (takesOver, message)
    }
  }

  /// Prepares a run.
  ///
  /// - Throws: `LogError` for two workloads of one name.
  public init(
    template: ArchitectureTemplate, workloads: [ResolvedWorkload], feasibleCount: Int,
    rowLimit: Int? = nil, seed: Seed, threadCount: Int,
    evaluationLimit: Int = TemplateEvaluator.standardEvaluationLimit
  ) throws(LogError) {
    var names: [String] = []
    for workload in workloads {
      guard !names.contains(workload.network.name) else {
        throw .conflict(
          "--workload: got two networks called \"\(workload.network.name)\", expected distinct names",
          hint: nil)
      }
      names.append(workload.network.name)
    }
    evaluator = TemplateEvaluator(
      template, workloads: workloads, evaluationLimit: evaluationLimit)
    self.workloads = workloads
    self.feasibleCount = feasibleCount
    // Nine of ten infeasible is usual; a hundred times as many is a template that does not work.
    self.rowLimit = rowLimit ?? 100 * feasibleCount + 1_000
    self.seed = seed
    self.threadCount = max(1, threadCount)
  }

  /// Fills a log, a new one or one that an equal run began.
  ///
  /// - Parameters:
  ///   - out: Path of the log that is made or gone on with.
  ///   - progress: Called after every row.
  /// - Throws: `LogError` when the log is of another run, `TrialLogError`, `CancellationError`; rows so far are kept.
  public func run(out: String, progress: @Sendable (String) -> Void = { _ in }) async throws
    -> GenerationSummary
  {
    let distributed = try executor.map { try distributedEvaluator($0, out: out) }
    var wasInterrupted = true
    defer { distributed?.end(isInterrupted: wasInterrupted) }
    let log = try open(out)
    var summary = GenerationSummary(template: evaluator.template.name, file: out)
    for workload in workloads {
      summary.workloads.append(
        try await fill(log, with: workload, by: distributed, progress: progress))
    }
    for line in distributed?.tally.text ?? [] { executor?.message(line) }
    wasInterrupted = false
    return summary
  }

  private func distributedEvaluator(_ executor: Executor, out: String) throws
    -> DistributedEvaluator
  {
    let files = executor.workloads.map { YAMLText.quoted(absolutePath($0)) }
    let text = """
      name: generate
      evaluator:
        template: \(YAMLText.quoted(absolutePath(executor.template)))
        mappingEvaluations: \(evaluator.mapper.evaluationLimit)
      workloads: [\(files.joined(separator: ", "))]
      minimize: latency_ms
      budget: 1
      """
    let study = try StudyFile(parsing: Data(text.utf8), named: "log generate")
    return try DistributedEvaluator(
      for: evaluator, study: study,
      problem: try EvaluatedStudy(study, concurrentCount: 1).problem, folder: "\(out).cluster",
      settings: executor.settings, takesOver: executor.takesOver, note: executor.message)
  }

  private func open(_ out: String) throws -> TrialLog {
    let catalog = catalog
    guard FileManager.default.fileExists(atPath: out) else {
      return try TrialLog.create(file: out, catalog: catalog)
    }
    let log = try TrialLog.open(file: out, access: .appending)
    let known = try log.catalog()
    guard known.spaces == catalog.spaces, known.metrics == catalog.metrics,
      known.features == catalog.features
    else { throw otherRun(out, "space or metrics differ") }
    return log
  }

  private func otherRun(_ out: String, _ what: String) -> LogError {
    .conflict(
      "\(out): this log is of another run: \(what)",
      hint: "give another --out, or the template, seed and budget it was made with")
  }

  private var catalog: LogCatalog {
    var catalog = LogCatalog()
    let template = evaluator.template
    catalog.spaces = [LogSpace(name: template.spaceName, space: template.space)]
    catalog.metrics = TemplateEvaluator.metrics
    catalog.objectives = [Objective(.minimize, "latency_ms")]
    catalog.features = WorkloadFeatures.names
    return catalog
  }

  private func fill(
    _ log: TrialLog, with workload: ResolvedWorkload, by distributed: DistributedEvaluator?,
    progress: @Sendable (String) -> Void
  ) async throws -> GenerationSummary.Workload {
    let name = workload.network.name
    let context = LogContext(name: name, features: WorkloadFeatures.values(of: workload.network))
    let index = try log.write { try $0.context(context) }
    guard try log.catalog().contexts[index] == context else {
      throw otherRun(log.file, "workload \"\(name)\" is another network")
    }
    var designs = DesignStream(evaluator.template.space, seed: seed, name: name)
    var result = GenerationSummary.Workload(name: name)
    // What is there must be what this run would have made.
    var filter = TrialFilter()
    filter.contexts = [index]
    try log.forEachTrial(matching: filter) { trial in
      guard try designs.next()?.coordinates == trial.coordinates,
        trial.origin.version == evaluator.version
      else { throw otherRun(log.file, "row \(trial.id) is of another seed, template or budget") }
      result.add(trial)
      return true
    }
    result.resumedCount = result.rowCount
    let start = DispatchTime.now().uptimeNanoseconds
    try await withThrowingTaskGroup(of: (Int, LoggedTrial).self) { group in
      var started = result.rowCount
      var finished: [Int: LoggedTrial] = [:]
      var isExhausted = false
      func startNext() throws {
        guard !isExhausted, started < rowLimit else { return }
        guard let point = try designs.next() else {
          isExhausted = true
          return
        }
        let row = started
        started += 1
        group.addTask { (row, try await trial(point, workload, context: index, distributed)) }
      }
      guard result.feasibleCount < feasibleCount else { return }
      let isDistributed = distributed != nil
      for _ in 0..<(isDistributed ? expectedCount(result) : threadCount) { try startNext() }
      while let (row, trial) = try await group.next() {
        try Task.checkCancellation()
        finished[row] = trial
        // What tasks answered is on the disk: many rows may share one wait for it.
        if isDistributed, finished.count < 512, started - result.rowCount > finished.count {
          continue
        }
        var rows: [LoggedTrial] = []
        while result.feasibleCount < feasibleCount,
          let trial = finished.removeValue(forKey: result.rowCount)
        {
          rows.append(trial)
          result.add(trial)
        }
        if !rows.isEmpty {
          try log.write { writer in
            for row in rows { try writer.append(row) }
          }
        }
        guard result.feasibleCount < feasibleCount else { break }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let rate = Double(result.rowCount - result.resumedCount) / max(seconds, 1e-3)
        progress(
          "\(name): \(result.feasibleCount) of \(feasibleCount) feasible rows, \(result.rowCount) in "
            + "all, \(Int(rate.rounded())) a second")
        if isDistributed {
          // As many as will be needed, in few large portions.
          let count = expectedCount(result)
          let outstanding = started - result.rowCount - finished.count
          if outstanding <= min(count, started - result.rowCount) / 2 {
            while started - result.rowCount < count {
              let before = started
              try startNext()
              if started == before { break }
            }
          }
          continue
        }
        // A straggler holds back later rows; not too many of them.
        while started - result.rowCount - finished.count < threadCount,
          started - result.rowCount < 64 * threadCount
        {
          let before = started
          try startNext()
          if started == before { break }
        }
      }
      group.cancelAll()
    }
    result.isComplete = result.feasibleCount >= feasibleCount
    return result
  }

  /// Rows that are likely to hold the feasible ones that are missing.
  private func expectedCount(_ result: GenerationSummary.Workload) -> Int {
    let share = max(0.02, Double(result.feasibleCount + 1) / Double(result.rowCount + 1))
    let count = Double(feasibleCount - result.feasibleCount) / share
    return Int(min(50_000, count.rounded(.up)))
  }

  private func trial(
    _ point: Point, _ workload: ResolvedWorkload, context: Int,
    _ distributed: DistributedEvaluator?
  ) async throws -> LoggedTrial {
    let start = DispatchTime.now().uptimeNanoseconds
    let outcome: Outcome
    let seconds: Double
    if let distributed {
      (outcome, seconds) = try await distributed.measure(point, in: workload.network.name)
    } else {
      outcome = try evaluator.outcome(of: point, on: workload)
      seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
    var metrics = [Double](repeating: .nan, count: TemplateEvaluator.metrics.count)
    let verdict: LoggedTrial.Verdict
    switch outcome {
    case .measured(let values):
      metrics = values
      verdict = .feasible
    case .infeasible(let infeasibility):
      for (position, value) in infeasibility.values.enumerated() {
        if let value { metrics[position] = value }
      }
      verdict = .infeasible(infeasibility.reason)
    case .failed(let failure): verdict = .failed(failure)
    }
    var trial = LoggedTrial(
      space: 0, context: context, coordinates: point.coordinates, metrics: metrics,
      verdict: verdict,
      origin: .init(
        designer: "random", evaluator: evaluator.name, version: evaluator.version))
    trial.seconds = seconds
    return trial
  }
}
