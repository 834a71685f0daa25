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
  /// A metric with a limit, and its values.
  public struct LimitedMetric: Hashable, Sendable {
    /// The limit.
    public var limit: MetricLimit
    /// One value a row, NaN where it was not measured.
    public var values: [Double]

    /// Creates a limited metric.
    public init(limit: MetricLimit, values: [Double]) {
      self.limit = limit
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
  /// For each row whether the design works and keeps every limit.
  public var isFeasible: [Bool]
  /// The metrics that limits are about.
  public var limited: [LimitedMetric]
  /// Whether every cost is positive, so that ratios mean something and logarithms are modelled.
  public let isRatioScale: Bool

  /// Collects the columns of a log.
  public init(
    designs: DesignColumns, contexts: [WorkloadContext], featureNames: [String] = [],
    context: [Int], cost: [Double], isFeasible: [Bool], limited: [LimitedMetric] = []
  ) {
    let count = designs.rowCount
    precondition(context.count == count, "one context per row")
    precondition(cost.count == count && isFeasible.count == count, "one result per row")
    precondition(limited.allSatisfy { $0.values.count == count }, "one limited value per row")
    precondition(context.allSatisfy(contexts.indices.contains), "contexts exist")
    precondition(
      contexts.allSatisfy { $0.features.count == featureNames.count }, "one value per feature")
    self.designs = designs
    self.contexts = contexts
    self.featureNames = featureNames
    self.context = context
    self.cost = cost
    self.isFeasible = isFeasible
    self.limited = limited
    isRatioScale = cost.allSatisfy { $0.isNaN || $0 > 0 }
  }

  /// The number of rows.
  public var rowCount: Int { context.count }

  /// The rows with the given indices; contexts stay as they are.
  public func rows(_ indices: [Int]) -> LoggedDesigns {
    LoggedDesigns(
      designs: designs.rows(indices), contexts: contexts, featureNames: featureNames,
      context: indices.map { context[$0] }, cost: indices.map { cost[$0] },
      isFeasible: indices.map { isFeasible[$0] },
      limited: limited.map { metric in
        LimitedMetric(limit: metric.limit, values: indices.map { metric.values[$0] })
      })
  }

  /// The same rows under other limits: a row that breaks one is infeasible, whatever it was before.
  ///
  /// A row that was infeasible for a broken limit alone, and whose metric keeps the new one, is not revived here: only
  /// the log knows why a row was infeasible.
  public func relabelled(limits: [MetricLimit], values: [[Double]]) -> LoggedDesigns {
    var result = self
    result.limited = zip(limits, values).map { LimitedMetric(limit: $0, values: $1) }
    for metric in result.limited {
      for row in 0..<rowCount where !metric.values[row].isNaN {
        if !metric.limit.allows(metric.values[row]) { result.isFeasible[row] = false }
      }
    }
    return result
  }

  /// The rows of each context.
  func rowsByContext() -> [[Int]] {
    var result = [[Int]](repeating: [], count: contexts.count)
    for (row, index) in context.enumerated() { result[index].append(row) }
    return result
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
    let metrics = limited.map(\.limit) == other.limited.map(\.limit) ? limited.indices : 0..<0
    return LoggedDesigns(
      designs: designs.appending(other.designs), contexts: contexts, featureNames: featureNames,
      context: context + other.context.map { places[$0] }, cost: cost + other.cost,
      isFeasible: isFeasible + other.isFeasible,
      limited: metrics.map { index in
        LimitedMetric(
          limit: limited[index].limit, values: limited[index].values + other.limited[index].values)
      })
  }
}
