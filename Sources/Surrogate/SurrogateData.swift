public import DesignSpace
public import Study

/// Simulated designs, encoded once: what a surrogate learns from under any limits.
public struct SurrogateData: Sendable {
  /// What was searched.
  public let problem: Problem
  /// How designs are encoded.
  public let encoding: InputEncoding
  /// The contexts, encoded.
  public let contexts: ContextTable
  /// How costs are standardized, one scale a context, or one for all.
  public let scales: [TargetScale]
  /// The designs, one a row.
  public let points: [Point]
  /// `rowCount x encoding.width`.
  public let inputs: [Float]
  /// The context of every row, an index into the table.
  public let contextIndices: [Int32]
  /// Standardized cost of every row; 0 where there is none.
  public let targets: [Float]
  /// What came of every row, as recorded.
  public let outcomes: [Outcome]

  /// Number of rows.
  public var rowCount: Int { points.count }

  /// How targets are made.
  public struct Options: Hashable, Sendable {
    /// What is standardized.
    public var scale = TargetScale.Kind.automatic
    /// Whether every context is standardized on its own; PRIME has one scale for all.
    public var isPerContext = true
    /// The encoding of designs.
    public var encoding = InputEncoding.Options()
    /// Whether designs with values outside the space will be asked about, see `InputEncoding.row(of:)`.
    public var hasUnknown = false

    /// Creates the defaults.
    public init() {}
  }

  /// Encodes trials; failed ones are left out.
  ///
  /// Targets are scaled over all rows that are measured, over a limit or not, so that rows may change pools later.
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - trials: Of designs of the problem's space, in contexts of the list.
  ///   - contexts: In the order of the model's table.
  ///   - options: Its settings.
  /// - Throws: `SurrogateError.data` for trials of other contexts or spaces, or data nothing can be learned from.
  public init(
    problem: Problem, trials: [Trial], contexts: [Context] = [.single],
    options: Options = Options()
  ) throws(SurrogateError) {
    let table = try ContextTable(fitting: contexts)
    let encoding = try InputEncoding(
      of: problem.space, options: options.encoding, hasUnknown: options.hasUnknown)
    var indices: [Context.ID: Int32] = [:]
    for (index, context) in contexts.enumerated() { indices[context.id] = Int32(index) }
    var points: [Point] = []
    var contextIndices: [Int32] = []
    var outcomes: [Outcome] = []
    for trial in trials {
      if case .failed = trial.outcome { continue }
      guard let index = indices[trial.context] else {
        throw .data(
          what: "trial \(trial.id)", got: "context \"\(trial.context)\"",
          expected: "one of \(contexts.map(\.id).joined(separator: ", "))", hint: nil)
      }
      guard trial.point.coordinates.count == problem.space.parameters.count else {
        throw .data(
          what: "trial \(trial.id)", got: "a design of another space",
          expected: "a design of \"\(problem.name)\"", hint: nil)
      }
      points.append(trial.point)
      contextIndices.append(index)
      outcomes.append(trial.outcome)
    }
    let costs = outcomes.map { problem.loggedCost(of: $0) }
    let groups = options.isPerContext ? contexts.count : 1
    var byGroup = [[Double]](repeating: [], count: groups)
    for (row, cost) in costs.enumerated() {
      guard let cost else { continue }
      byGroup[options.isPerContext ? Int(contextIndices[row]) : 0].append(cost)
    }
    var scales: [TargetScale] = []
    let all = try TargetScale(fitting: byGroup.flatMap { $0 }, kind: options.scale)
    for group in byGroup {
      // One kind for all contexts; a context without measured rows has the scale of all.
      scales.append(group.isEmpty ? all : try TargetScale(fitting: group, kind: all.kind))
    }
    self.problem = problem
    self.encoding = encoding
    self.contexts = table
    self.scales = scales
    self.points = points
    self.contextIndices = contextIndices
    self.outcomes = outcomes
    inputs = encoding.rows(of: points)
    targets = costs.enumerated().map { row, cost in
      guard let cost else { return 0 }
      return Float(scales[groups == 1 ? 0 : Int(contextIndices[row])].standardized(cost))
    }
  }

  /// The scale of a context of the table.
  public func scale(ofContext index: Int) -> TargetScale {
    scales.count == 1 ? scales[0] : scales[index]
  }

  /// The rows that are feasible and those that are not, under limits in place of the problem's.
  ///
  /// Nothing is encoded again: this is how PRIME learns of an area limit, by moving rows over it to the infeasible pool.
  /// - Throws: `SurrogateError.data` for a limit on a metric the problem does not have.
  /// - Complexity: O(*rows*).
  public func pools(under limits: [MetricLimit]? = nil) throws(SurrogateError) -> RowPools {
    var judge = problem
    if let limits {
      do {
        judge = try Problem(
          name: problem.name, space: problem.space, metrics: problem.metrics,
          objectives: problem.objectives, limits: limits)
      } catch {
        throw .data(what: "limits", got: "\(error)", expected: "limits on metrics", hint: nil)
      }
    }
    var pools = RowPools()
    for (row, outcome) in outcomes.enumerated() {
      if case .measured = judge.judging(outcome) {
        pools.feasible.append(row)
      } else {
        pools.infeasible.append(row)
      }
    }
    return pools
  }
}

/// Rows by what is learned from them.
public struct RowPools: Hashable, Sendable {
  /// Rows with a cost to predict.
  public var feasible: [Int] = []
  /// Rows that are known not to work, or to be over a limit.
  public var infeasible: [Int] = []

  /// Creates empty pools.
  public init() {}
}

extension Problem {
  /// The first objective as something to minimize, also of a row that is over a limit but completely measured.
  fileprivate func loggedCost(of outcome: Outcome) -> Double? {
    if let cost = cost(of: outcome) { return cost }
    guard case .infeasible(let infeasibility) = outcome, case .limit = infeasibility.reason,
      infeasibility.values.count == metrics.count, !infeasibility.values.contains(nil),
      let index = index(ofMetric: objectives[0].metric), let value = infeasibility.values[index]
    else { return nil }
    return objectives[0].cost(of: value)
  }
}
