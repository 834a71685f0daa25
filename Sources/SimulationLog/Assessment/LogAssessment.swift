public import Study

/// What one space of a log can and cannot answer.
public struct LogAssessment: Hashable, Sendable {
  /// How a level of a parameter did.
  public struct Level: Hashable, Sendable {
    /// The value.
    public var value: String
    /// Rows with it.
    public var rowCount: Int
    /// Feasible rows with it.
    public var feasibleCount: Int
    /// Where the share of feasible designs lies.
    public var interval: WilsonInterval { WilsonInterval(count: feasibleCount, total: rowCount) }
  }

  /// A parameter with its levels; none for real parameters and very many values.
  public struct Parameter: Hashable, Sendable {
    /// The source's name.
    public var name: String
    /// The kind.
    public var kind: String
    /// Its levels in the order of the space.
    public var levels: [Level]
  }

  /// Designs evaluated more than once for the same workload.
  public struct Repeats: Hashable, Sendable {
    /// Designs with two rows or more.
    public var designCount = 0
    /// Rows beyond the first of each.
    public var extraRowCount = 0
    /// Designs with different results.
    public var contradictionCount = 0
    /// Of these, designs that are feasible in one row and not in another.
    public var mixedVerdictCount = 0
    /// Rows of the first few contradictions.
    public var examples: [[Int]] = []
    /// Standard deviation of the objective's logarithm among repeats, pooled; `nil` without measured repeats.
    public var relativeNoise: Double?
    /// Degrees of freedom of the noise.
    public var degreesOfFreedom = 0
  }

  /// How a limit of the question fares.
  public struct LimitAnswer: Hashable, Sendable {
    /// The limit.
    public var limit: MetricLimit
    /// Rows with a value of the metric.
    public var knownCount: Int
    /// Rows that respect it.
    public var allowedCount: Int
    /// The value nearest to being allowed, or the most extreme allowed one.
    public var best: Double?
  }

  /// How near a workload of the question is to those of the log.
  public struct WorkloadAnswer: Hashable, Sendable {
    /// Name in the question.
    public var name: String
    /// Rows of that workload.
    public var rowCount: Int
    /// The nearest logged workloads with their distances, in standard deviations of the logged features.
    public var nearest: [Neighbor] = []
    /// The median distance of a logged workload to its nearest other.
    public var typicalDistance: Double?

    /// A workload and its distance.
    public struct Neighbor: Hashable, Sendable {
      /// Name of the logged workload.
      public var name: String
      /// Root mean square difference of the features.
      public var distance: Double
    }
  }

  /// One line of the conclusion.
  public struct Verdict: Hashable, Sendable {
    /// Whether the log can.
    public var isYes: Bool
    /// What.
    public var question: String
    /// Why.
    public var because: String
  }

  /// Name of the space.
  public var space: String
  /// Rows.
  public var rowCount = 0
  /// Rows that are feasible under the question's limits.
  public var feasibleCount = 0
  /// Rows whose evaluator failed.
  public var failedCount = 0
  /// Rows by reason of infeasibility, most frequent first.
  public var reasons: [(reason: String, count: Int)] = []
  /// Workloads with rows.
  public var contextCount = 0
  /// Rows of the workload with the fewest and the most.
  public var rowsPerContext: ClosedRange<Int>?
  /// The parameters.
  public var parameters: [Parameter] = []
  /// Levels seen and there.
  public var levelsSeen = 0, levelTotal = 0
  /// Pairs of levels seen and there; 0 there when they were not counted.
  public var pairsSeen = 0, pairTotal = 0
  /// Designs evaluated more than once.
  public var repeats = Repeats()
  /// Columns with one value.
  public var constants: [String] = []
  /// Columns that others determine.
  public var dependencies: [String] = []
  /// The first objective.
  public var objective: Objective?
  /// Its values.
  public var distribution = ObjectiveDistribution([])
  /// The question's limits.
  public var limits: [LimitAnswer] = []
  /// The question's workloads.
  public var workloads: [WorkloadAnswer] = []
  /// The conclusion.
  public var verdicts: [Verdict] = []

  /// Whether all figures are equal.
  public static func == (a: LogAssessment, b: LogAssessment) -> Bool {
    a.space == b.space && a.rowCount == b.rowCount && a.feasibleCount == b.feasibleCount
      && a.parameters == b.parameters && a.repeats == b.repeats && a.verdicts == b.verdicts
      && a.distribution == b.distribution && a.limits == b.limits && a.workloads == b.workloads
  }

  /// Hashes the main figures.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(space)
    hasher.combine(rowCount)
    hasher.combine(feasibleCount)
  }
}
