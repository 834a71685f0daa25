import DesignSpace
public import Study

/// Translates between the rows of a log and the trials of a problem.
///
/// Parameters and metrics are matched by name, so a log may hold more metrics, other levels or another order.
public struct StudyBridge: Sendable {
  /// Rows that are no trials of the problem, by reason, the reasons in alphabetical order.
  public struct Dropped: Hashable, Sendable {
    /// Why.
    public var reason: String
    /// How many.
    public var count: Int
  }

  /// The problem.
  public let problem: Problem
  private let catalog: LogCatalog
  /// For each space the index of each parameter of the problem; `nil` for a space without one of them.
  private let parameters: [[Int]?]
  /// Whether coordinates of a space are those of the problem's space.
  private let isSame: [Bool]
  /// Index of each metric of the problem.
  private let metrics: [Int]

  /// Connects a problem and a log.
  ///
  /// - Throws: `TrialLogError.unsuitable` when the log lacks a metric, or no space of it has the problem's parameters.
  public init(_ problem: Problem, catalog: LogCatalog, file: String) throws(TrialLogError) {
    self.problem = problem
    self.catalog = catalog
    var metrics: [Int] = []
    for metric in problem.metrics {
      guard let index = catalog.index(ofMetric: metric.name) else {
        throw .unsuitable(
          file: file, what: "metric", name: metric.name, known: catalog.metrics.map(\.name))
      }
      metrics.append(index)
    }
    self.metrics = metrics
    let names = problem.space.parameters.map(\.name)
    parameters = catalog.spaces.map { space in
      guard space.space.parameters.count == names.count else { return nil }
      let indices = names.compactMap { space.space.index(of: $0) }
      return indices.count == names.count ? indices : nil
    }
    isSame = catalog.spaces.map { $0.space.parameters == problem.space.parameters }
    guard parameters.contains(where: { $0 != nil }) else {
      let known = catalog.spaces.first?.space.parameters.map(\.name) ?? []
      throw .unsuitable(
        file: file, what: "parameter",
        name: names.first { !known.contains($0) } ?? names.joined(separator: ", "), known: known)
    }
  }

  /// The trial of a row; its number is one less than the row's.
  ///
  /// - Returns: `nil` and the reason for a row that says nothing about the problem: another space, a design the problem's
  ///   space lacks, a feasible one without all metrics.
  public func trial(_ row: LoggedTrial) -> (trial: Trial?, reason: String) {
    guard let indices = parameters[row.space] else { return (nil, "another space") }
    guard let point = point(row, indices) else {
      return (nil, "a design that is not in the problem's space")
    }
    let values = metrics.map { index -> Double? in
      let value = row.metrics[index]
      return value.isFinite ? value : nil
    }
    let known = values.contains { $0 != nil } ? values : []
    let outcome: Outcome
    switch row.verdict {
    case .feasible:
      guard !values.contains(nil) else { return (nil, "a metric of the problem is missing") }
      outcome = problem.outcome(values: values.compactMap { $0 })
    case .infeasible(let reason):
      outcome = problem.judging(.infeasible(Infeasibility(reason, values: known)))
    case .failed(let failure): outcome = .failed(failure)
    }
    let origin = Trial.Origin(
      designer: row.origin.designer, evaluator: row.origin.evaluator ?? row.origin.file ?? "",
      evaluatorVersion: row.origin.version ?? "", seed: row.seed, seconds: row.seconds)
    let context = row.context.map { catalog.contexts[$0].name } ?? Context.single.id
    let trial = Trial(
      id: row.id - 1, point: point, context: context, outcome: outcome, origin: origin)
    return (trial, "")
  }

  private func point(_ row: LoggedTrial, _ indices: [Int]) -> Point? {
    if isSame[row.space] { return problem.space.point(coordinates: row.coordinates) }
    let space = catalog.spaces[row.space].space
    guard let point = space.point(coordinates: row.coordinates) else { return nil }
    return try? problem.space.point(indices.map { space.value(of: $0, at: point) })
  }

  /// The row of a trial; the problem has to be the one the log was made for.
  ///
  /// - Parameters:
  ///   - trial: The trial.
  ///   - context: Index of the trial's workload in the log, `nil` for none.
  public func row(_ trial: Trial, context: Int?) -> LoggedTrial {
    let space = isSame.firstIndex(of: true) ?? 0
    var values = [Double](repeating: .nan, count: catalog.metrics.count)
    func set(_ measured: [Double?]) {
      for (index, value) in zip(metrics, measured) { values[index] = value ?? .nan }
    }
    let verdict: LoggedTrial.Verdict
    switch trial.outcome {
    case .measured(let measured):
      set(measured)
      verdict = .feasible
    case .infeasible(let infeasibility):
      set(infeasibility.values)
      verdict = .infeasible(infeasibility.reason)
    case .failed(let failure): verdict = .failed(failure)
    }
    var row = LoggedTrial(
      space: space, context: context, coordinates: trial.point.coordinates, metrics: values,
      verdict: verdict,
      origin: LoggedTrial.Origin(
        designer: trial.origin.designer,
        evaluator: trial.origin.evaluator.isEmpty ? nil : trial.origin.evaluator,
        version: trial.origin.evaluatorVersion.isEmpty ? nil : trial.origin.evaluatorVersion))
    row.seed = trial.origin.seed
    row.seconds = trial.origin.seconds
    return row
  }

  /// Whether rows of the problem can be written: the log has exactly its space and its metrics.
  var canWrite: Bool {
    isSame.contains(true) && metrics == Array(catalog.metrics.indices)
  }
}

extension LogCatalog {
  /// The catalogue of a new log for a problem.
  public init(_ problem: Problem) {
    self.init()
    spaces = [LogSpace(name: problem.name, space: problem.space)]
    metrics = problem.metrics
    objectives = problem.objectives
    limits = problem.limits
  }

  /// The problem a log was made for.
  ///
  /// - Throws: `StudyError` for a log without objectives or metrics.
  public func problem(space index: Int = 0) throws(StudyError) -> Problem {
    try Problem(
      name: spaces[index].name, space: spaces[index].space, metrics: metrics,
      objectives: objectives, limits: limits)
  }
}

extension TrialLog {
  /// The trials of a problem, in the order of their rows: what a search begins with, or goes on from.
  ///
  /// - Returns: The trials, and how many rows are none and why.
  /// - Throws: `TrialLogError`.
  public func trials(of problem: Problem, matching filter: TrialFilter = TrialFilter()) throws
    -> (trials: [Trial], dropped: [StudyBridge.Dropped])
  {
    let bridge = try StudyBridge(problem, catalog: try catalog(), file: file)
    var trials: [Trial] = []
    var counts: [String: Int] = [:]
    try forEachTrial(matching: filter) { row in
      let (trial, reason) = bridge.trial(row)
      if let trial { trials.append(trial) } else { counts[reason, default: 0] += 1 }
      return true
    }
    let dropped = counts.sorted { $0.key < $1.key }
    return (trials, dropped.map { StudyBridge.Dropped(reason: $0.key, count: $0.value) })
  }

  /// Appends a trial of a problem and makes it durable; the `record` of a search.
  ///
  /// - Parameters:
  ///   - trial: The trial.
  ///   - problem: What is searched: space, objectives, limits.
  ///   - context: Its workload; written when the log does not know it.
  /// - Returns: The number of its row.
  /// - Throws: `TrialLogError`; `.unsuitable` for a log of another space or other metrics.
  @discardableResult
  public func append(_ trial: Trial, of problem: Problem, context: Context = .single) throws -> Int
  {
    try write { try $0.append(trial, of: problem, context: context) }
  }
}

extension TrialWriter {
  /// Appends a trial of a problem.
  ///
  /// - Throws: `TrialLogError`.
  @discardableResult
  public func append(_ trial: Trial, of problem: Problem, context: Context = .single) throws -> Int
  {
    let bridge = try StudyBridge(problem, catalog: catalog, file: file)
    guard bridge.canWrite else {
      throw TrialLogError.unsuitable(
        file: file, what: "space or metrics of", name: problem.name,
        known: catalog.spaces.map(\.name))
    }
    var index: Int?
    if context.id != Context.single.id {
      var features = context.features
      features += [Double](
        repeating: .nan, count: max(0, catalog.features.count - features.count))
      index = try self.context(
        LogContext(name: context.id, features: Array(features.prefix(catalog.features.count))))
    }
    return try append(bridge.row(trial, context: index))
  }
}
