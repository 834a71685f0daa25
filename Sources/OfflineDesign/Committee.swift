import Execution
import LinearAlgebra
import Regression
public import Study

/// Models of different kinds that learned from one log, and judge designs of its space for any workload.
///
/// No model of the kinds here is best on every log, and which one will extrapolate cannot be read from its error on
/// shown rows; so all judge, and their disagreement is part of the uncertainty. What single workloads have in common is
/// learned from all rows (`pooled` members), what is their own from their rows (`local` members). For a workload without
/// rows the pooled members judge, and each known workload's local members as one more opinion.
public struct Committee: Sendable {
  /// What was asked for.
  public let options: CommitteeOptions
  /// How designs become numbers.
  public let encoding: FeatureEncoding
  /// The workloads of the log.
  public let contexts: [WorkloadContext]
  /// For each workload the least cost of a row that is feasible under the limits; NaN without one.
  public internal(set) var bestCosts: [Double]
  /// For each workload the median target of its working rows (of all measured ones, if none works).
  public let medians: [Double]
  /// The mean standard deviation of the targets of working rows of a workload.
  public let spread: Double
  /// Whether targets are logarithms of costs.
  public let isRatioScale: Bool
  /// The limits that are to be kept.
  public internal(set) var limits: [MetricLimit]
  /// What was learned from each workload's own rows.
  public internal(set) var local: [WorkloadModels]
  /// For each workload whether anything was learned from its own rows.
  public let hasLocalModels: [Bool]

  let featureNames: [String]
  let contextEncoding: FeatureEncoding
  let pooled: PooledModels?
  let feasibility: FeasibilityModel
  let rowCounts: [Int]

  /// Whether design rows carry a column a workload: where workloads have no features and there are several.
  var hasLabels: Bool { contextEncoding.featureCount == 0 && contexts.count > 1 }

  /// Trains a committee.
  ///
  /// - Parameters:
  ///   - whole: At least one row with a cost.
  ///   - options: Members, limits on rows, seed, threads.
  ///   - progress: Called with the number of trained parts and of all.
  /// - Throws: `OfflineDesignError` for a log that teaches nothing; `CancellationError`.
  /// - Complexity: for *n* rows of a workload O(*n*^3) up to the row limit of processes, else O(*n* log *n*).
  public init(
    training whole: LoggedDesigns, options: CommitteeOptions = CommitteeOptions(),
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    self.options = options
    let log = whole.thinned(by: options)
    contexts = log.contexts
    featureNames = log.featureNames
    isRatioScale = log.isRatioScale
    let encoding = FeatureEncoding(fitting: log.designs)
    self.encoding = encoding
    let contextEncoding = FeatureEncoding(
      fitting: Self.columns(of: log.contexts, names: log.featureNames))
    self.contextEncoding = contextEncoding

    let byContext = log.rowsByContext()
    let measured = byContext.map { rows in
      rows.filter { log.target($0).isFinite }
    }
    guard measured.contains(where: { !$0.isEmpty }) else {
      throw OfflineDesignError.nothingMeasured(rowCount: whole.rowCount)
    }
    var medians: [Double] = []
    var deviations: [Double] = []
    var targets = [Double](repeating: .nan, count: log.rowCount)
    for rows in measured {
      for (row, target) in zip(rows, log.learnableTargets(rows)) { targets[row] = target }
      let working = rows.filter { log.works[$0] }
      let own = (working.isEmpty ? rows : working).map { targets[$0] }
      medians.append(median(own))
      deviations.append(standardDeviation(own))
    }
    let learned = targets
    self.medians = medians
    let centers = medians
    bestCosts = whole.bestCosts
    limits = log.limits
    rowCounts = whole.rowsByContext().map(\.count)
    let known = zip(deviations, measured).filter { $0.1.count > 1 }.map(\.0)
    spread = max(1e-12, known.reduce(0, +) / Double(max(1, known.count)))

    let designs = encoding.encode(log.designs)
    let contextRows = contextEncoding.encode(
      Self.columns(of: log.contexts, names: log.featureNames))
    let plain = designs.appending(columns: contextRows.rows(log.context))
    let hasLabels = contextEncoding.featureCount == 0 && log.contexts.count > 1
    let labelled =
      hasLabels
      ? plain.appending(columns: Self.labels(log.context, of: log.contexts.count)) : plain

    let all = measured.flatMap { $0 }.sorted()
    let partCount = 2 + log.contexts.count
    progress(0, partCount)
    let designGroups = encoding.groups
    let contextGroups = contextEncoding.groups.map { $0 + (designGroups.last ?? -1) + 1 }
    let isPooling = log.contexts.count > 1
    let members = options.members
    pooled =
      isPooling && members.contains(where: { !$0.isLocal })
      ? try PooledModels(
        plain: plain.rows(all), labelled: labelled.rows(all),
        targets: all.map { learned[$0] - centers[log.context[$0]] },
        groups: designGroups + contextGroups, options: options) : nil
    try Task.checkCancellation()
    progress(1, partCount)
    let lastGroup = (designGroups + contextGroups).last ?? -1
    let labelGroups = [Int](
      repeating: lastGroup + 1, count: hasLabels ? log.contexts.count : 0)
    feasibility = try FeasibilityModel(
      points: labelled, log: log, rows: Array(0..<log.rowCount),
      groups: designGroups + contextGroups + labelGroups, options: options)
    try Task.checkCancellation()
    progress(2, partCount)

    let pooledRidge = pooled?.ridge
    var local = [WorkloadModels?](repeating: nil, count: log.contexts.count)
    var doneCount = 2
    try concurrentJobs(count: log.contexts.count, threadCount: options.threadCount) {
      index -> Result<WorkloadModels, any Error> in
      let rows = measured[index]
      return Result {
        try WorkloadModels(
          points: designs.rows(rows), targets: rows.map { learned[$0] - centers[index] },
          pooledRidge: pooledRidge.map { $0.predictions(at: plain.rows(rows)) },
          groups: designGroups, options: options, seed: options.seed.child("local", index))
      }
    } receive: { index, result in
      local[index] = try result.get()
      doneCount += 1
      progress(doneCount, partCount)
    }
    self.local = local.compactMap { $0 }
    hasLocalModels = self.local.map(\.hasModels)
  }

  /// The committee, asked under the limits of a log of the same workloads; nothing is learned again.
  ///
  /// - Parameter log: The rows that were learned from, under other limits.
  public func asked(about log: LoggedDesigns) -> Committee {
    precondition(
      log.contexts.map(\.name) == contexts.map(\.name),
      "the workloads are those that were learned from")
    var result = self
    result.limits = log.limits
    result.bestCosts = log.bestCosts
    return result
  }

  /// Features of workloads as columns.
  static func columns(of contexts: [WorkloadContext], names: [String]) -> DesignColumns {
    DesignColumns(
      names: names,
      columns: names.indices.map { index in .numbers(contexts.map { $0.features[index] }) })
  }

  /// A column a workload, 1 in the rows of that workload.
  static func labels(_ context: [Int?], of count: Int) -> Matrix {
    var values = [Double](repeating: 0, count: context.count * count)
    for (row, index) in context.enumerated() {
      if let index { values[row * count + index] = 1 }
    }
    return Matrix(rowCount: context.count, columnCount: count, values: values)
  }

  static func labels(_ context: [Int], of count: Int) -> Matrix {
    labels(context.map { Optional($0) }, of: count)
  }
}

/// The middle value; NaN of none.
func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return .nan }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
}

/// The standard deviation over `n`; 0 of none.
func standardDeviation(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let mean = values.reduce(0, +) / Double(values.count)
  return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
}

extension Committee {
  /// The number of logged rows of a workload, 0 for one the log has not seen.
  public func rowCount(ofContext name: String) -> Int {
    contexts.firstIndex { $0.name == name }.map { rowCounts[$0] } ?? 0
  }
}
