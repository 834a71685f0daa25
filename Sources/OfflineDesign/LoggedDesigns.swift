public import Execution
public import Study

/// A workload the designs of a log were judged in.
public struct WorkloadContext: Hashable, Sendable {
  /// The name, unique in a log.
  public var name: String
  /// One number a feature, in the order of the log's features; NaN where it is unknown.
  public var features: [Double]

  /// Creates a context.
  public init(name: String, features: [Double] = []) {
    self.name = name
    self.features = features
  }
}

/// A log as offline design sees it: designs, the workload of each, its cost and whether it works.
public struct LoggedDesigns: Sendable {
  /// A metric that limits may be about, and its values.
  public struct MeasuredMetric: Hashable, Sendable {
    /// The name.
    public var name: String
    /// One value a row, NaN where it was not measured.
    public var values: [Double]

    /// Creates a metric.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// The designs, one a row.
  public var designs: DesignColumns
  /// The workloads.
  public var contexts: [WorkloadContext]
  /// Names of the workloads' features.
  public var featureNames: [String]
  /// For each row the index of its workload.
  public var context: [Int]
  /// For each row the primary objective, smaller is better; NaN where it was not measured.
  public var cost: [Double]
  /// For each row whether the design works, whatever the limits.
  public var works: [Bool] {
    didSet { isFeasible = Self.feasible(works, metrics, limits) }
  }
  /// For each row whether the design works and keeps every limit.
  public private(set) var isFeasible: [Bool]
  /// The metrics that limits may be about.
  public let metrics: [MeasuredMetric]
  /// The limits in force, each about one of the metrics.
  public private(set) var limits: [MetricLimit]
  /// Whether every cost is positive, so that ratios mean something and logarithms are modelled.
  public private(set) var isRatioScale: Bool

  /// Collects the columns of a log.
  ///
  /// - Parameters:
  ///   - designs: The designs, column by column.
  ///   - contexts: The workloads, in the order their numbers mean.
  ///   - featureNames: Names of the features of contexts.
  ///   - context: The context of every row.
  ///   - cost: The cost of every row, smaller is better, not a number where none was measured.
  ///   - works: Whether each design works; the limits are applied to these.
  ///   - metrics: What was measured, name by name.
  ///   - limits: What is feasible.
  public init(
    designs: DesignColumns, contexts: [WorkloadContext], featureNames: [String] = [],
    context: [Int], cost: [Double], works: [Bool], metrics: [MeasuredMetric] = [],
    limits: [MetricLimit] = []
  ) {
    let count = designs.rowCount
    precondition(context.count == count, "one context per row")
    precondition(cost.count == count && works.count == count, "one result per row")
    precondition(metrics.allSatisfy { $0.values.count == count }, "one value of a metric per row")
    precondition(context.allSatisfy(contexts.indices.contains), "contexts exist")
    precondition(
      contexts.allSatisfy { $0.features.count == featureNames.count }, "one value per feature")
    self.designs = designs
    self.contexts = contexts
    self.featureNames = featureNames
    self.context = context
    self.cost = cost
    self.works = works
    self.metrics = metrics
    self.limits = limits
    isFeasible = Self.feasible(works, metrics, limits)
    isRatioScale = cost.allSatisfy { $0.isNaN || $0 > 0 }
  }

  private static func feasible(
    _ works: [Bool], _ metrics: [MeasuredMetric], _ limits: [MetricLimit]
  ) -> [Bool] {
    var result = works
    for limit in limits {
      let values = metrics.first { $0.name == limit.metric }?.values
      for row in result.indices where result[row] {
        result[row] = limit.allows(values?[row] ?? .nan)
      }
    }
    return result
  }

  /// The number of rows.
  public var rowCount: Int { context.count }

  /// The rows with the given indices; contexts stay as they are.
  public func rows(_ indices: [Int]) -> LoggedDesigns {
    var result = LoggedDesigns(
      designs: designs.rows(indices), contexts: contexts, featureNames: featureNames,
      context: indices.map { context[$0] }, cost: indices.map { cost[$0] },
      works: indices.map { works[$0] },
      metrics: metrics.map { metric in
        MeasuredMetric(name: metric.name, values: indices.map { metric.values[$0] })
      }, limits: limits)
    result.isFeasible = indices.map { isFeasible[$0] }
    result.isRatioScale = isRatioScale
    return result
  }

  /// The same rows under other limits; a row that broke an earlier one only becomes feasible.
  ///
  /// PRIME learns of an area limit in this way: rows over it join the infeasible ones.
  public func under(_ limits: [MetricLimit]) -> LoggedDesigns {
    var result = self
    result.limits = limits
    result.isFeasible = Self.feasible(works, metrics, limits)
    return result
  }

  /// At most `limit` rows, ascending, drawn by the seed: as many of each context, unless it has fewer.
  ///
  /// All rows up to the limit.
  public func drawnRows(limit: Int, seed: Seed) -> [Int] {
    guard rowCount > limit else { return Array(0..<rowCount) }
    let groups = rowsByContext()
    // Small contexts keep all their rows, the others share what is left.
    var share = limit / max(1, groups.count)
    for _ in 0..<groups.count {
      let small = groups.filter { $0.count <= share }
      let left = limit - small.reduce(0) { $0 + $1.count }
      let next = left / max(1, groups.count - small.count)
      guard next > share else { break }
      share = next
    }
    var kept: [Int] = []
    for (index, group) in groups.enumerated() {
      kept += chosenRows(group.count, limit: max(1, share), seed: seed.child("context", index))
        .map { group[$0] }
    }
    return kept.sorted()
  }

  /// The rows a committee of these options learns from: at most `rowLimit`, see `drawnRows(limit:seed:)`.
  func thinned(by options: CommitteeOptions) -> LoggedDesigns {
    guard rowCount > options.rowLimit else { return self }
    return rows(drawnRows(limit: options.rowLimit, seed: options.seed.child("thinned")))
  }

  /// For each context the least cost of a feasible row; NaN without one.
  var bestCosts: [Double] {
    var result = [Double](repeating: .nan, count: contexts.count)
    for row in 0..<rowCount where isFeasible[row] && target(row).isFinite {
      let best = result[context[row]]
      if best.isNaN || cost[row] < best { result[context[row]] = cost[row] }
    }
    return result
  }

  /// The rows of each context.
  func rowsByContext() -> [[Int]] {
    var result = [[Int]](repeating: [], count: contexts.count)
    for (row, index) in context.enumerated() { result[index].append(row) }
    return result
  }

  /// The targets of rows of one context for models to learn; outliers are moved to 20 deviations from the median.
  ///
  /// A measurement of 1e12 between others of 1e2 would bend every polynomial. The deviation is that of the quartiles, as
  /// of a normal distribution, and for ratios at least such that a factor of a million is none: costs of tasks with many
  /// equal ones may well differ by many deviations. Constant quartiles move nothing else.
  func learnableTargets(_ rows: [Int]) -> [Double] {
    let targets = rows.map { target($0) }
    guard targets.count >= 5 else { return targets }
    let sorted = targets.sorted()
    let quartiles = (sorted[sorted.count / 4], sorted[3 * sorted.count / 4])
    let least = isRatioScale ? logarithm(1e6) / 20 : 0
    let deviation = max((quartiles.1 - quartiles.0) / 1.349, least)
    guard deviation > 0 else { return targets }
    let middle = median(targets)
    return targets.map { min(max($0, middle - 20 * deviation), middle + 20 * deviation) }
  }

  /// The target of a row that the models learn: the logarithm of the cost where costs are ratios, else the cost.
  func target(_ row: Int) -> Double {
    isRatioScale ? logarithm(cost[row]) : cost[row]
  }
}

extension LoggedDesigns {
  /// These rows, then those of another log of the same parameters and features; workloads of one name become one.
  public func appending(_ other: LoggedDesigns) -> LoggedDesigns {
    precondition(featureNames == other.featureNames, "both have the same features")
    var contexts = contexts
    let places = other.contexts.map { context in
      if let index = contexts.firstIndex(where: { $0.name == context.name }) { return index }
      contexts.append(context)
      return contexts.count - 1
    }
    let own = metrics
    let isAlike = own.map(\.name) == other.metrics.map(\.name) && limits == other.limits
    return LoggedDesigns(
      designs: designs.appending(other.designs), contexts: contexts, featureNames: featureNames,
      context: context + other.context.map { places[$0] }, cost: cost + other.cost,
      works: (isAlike ? works : isFeasible) + (isAlike ? other.works : other.isFeasible),
      metrics: (isAlike ? own.indices : 0..<0).map { index in
        MeasuredMetric(
          name: own[index].name, values: own[index].values + other.metrics[index].values)
      }, limits: isAlike ? limits : [])
  }
}
