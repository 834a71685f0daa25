import Execution
import GaussianProcesses
import LinearAlgebra
import Regression
import Study

/// Everything but what was learned from single workloads (`local`), which is stored beside it: a question about one
/// workload needs only its own models.
extension Committee: Codable {
  private enum CodingKeys: String, CodingKey {
    case members, seed, encoding, contextNames, contextFeatures, bestCosts, medians, spread
    case isRatioScale, limits, hasLocalModels, featureNames, contextEncoding, pooled, feasibility
    case rowCounts
  }

  /// Reads a committee without its workloads' own models; see `setModels(_:of:)`.
  ///
  /// - Throws: `DecodingError` for lists that do not belong together.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func list(_ key: CodingKeys) throws -> [Double] {
      try container.decode(PackedNumbers.self, forKey: key).values
    }
    func wrong(_ key: CodingKeys, _ what: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: what)
    }
    var options = CommitteeOptions()
    let members = try container.decode([String].self, forKey: .members)
    options.members = Set(members.compactMap { CommitteeMember(rawValue: $0) })
    guard options.members.count == members.count else { throw wrong(.members, "unknown models") }
    options.seed = Seed(try container.decode(UInt64.self, forKey: .seed))
    self.options = options
    encoding = try container.decode(FeatureEncoding.self, forKey: .encoding)
    contextEncoding = try container.decode(FeatureEncoding.self, forKey: .contextEncoding)
    featureNames = try container.decode([String].self, forKey: .featureNames)
    let names = try container.decode([String].self, forKey: .contextNames)
    let features = try container.decode(Matrix.self, forKey: .contextFeatures)
    let count = names.count
    guard features.rowCount == count, features.columnCount == featureNames.count else {
      throw wrong(.contextFeatures, "\(features.rowCount) rows for \(count) workloads")
    }
    contexts = names.enumerated().map {
      WorkloadContext(name: $1, features: Array(features.row($0)))
    }
    bestCosts = try list(.bestCosts)
    medians = try list(.medians)
    spread = try container.decode(Double.self, forKey: .spread)
    isRatioScale = try container.decode(Bool.self, forKey: .isRatioScale)
    limits = try container.decode([String].self, forKey: .limits).map {
      try MetricLimit(parsing: $0)
    }
    hasLocalModels = try container.decode([Bool].self, forKey: .hasLocalModels)
    rowCounts = try container.decode([Int].self, forKey: .rowCounts)
    pooled = try container.decodeIfPresent(PooledModels.self, forKey: .pooled)
    feasibility = try container.decode(FeasibilityModel.self, forKey: .feasibility)
    guard bestCosts.count == count, medians.count == count, hasLocalModels.count == count,
      rowCounts.count == count
    else { throw wrong(.medians, "\(medians.count) medians for \(count) workloads") }
    local = [WorkloadModels](repeating: WorkloadModels(), count: count)
    let width = encoding.featureCount + contextEncoding.featureCount
    let labelled = width + (hasLabels ? count : 0)
    guard pooled?.accepts(plain: width, labelled: labelled) ?? true,
      feasibility.accepts(labelled)
    else { throw wrong(.pooled, "models of other columns") }
  }

  /// Writes everything but `local`; equal committees give equal values, whatever the number of threads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(options.members.map(\.rawValue).sorted(), forKey: .members)
    try container.encode(options.seed.value, forKey: .seed)
    try container.encode(encoding, forKey: .encoding)
    try container.encode(contextEncoding, forKey: .contextEncoding)
    try container.encode(featureNames, forKey: .featureNames)
    try container.encode(contexts.map(\.name), forKey: .contextNames)
    let features = Matrix(
      rowCount: contexts.count, columnCount: featureNames.count,
      values: contexts.flatMap(\.features))
    try container.encode(features, forKey: .contextFeatures)
    try container.encode(PackedNumbers(bestCosts), forKey: .bestCosts)
    try container.encode(PackedNumbers(medians), forKey: .medians)
    try container.encode(spread, forKey: .spread)
    try container.encode(isRatioScale, forKey: .isRatioScale)
    try container.encode(limits.map(\.description), forKey: .limits)
    try container.encode(hasLocalModels, forKey: .hasLocalModels)
    try container.encode(rowCounts, forKey: .rowCounts)
    try container.encodeIfPresent(pooled, forKey: .pooled)
    try container.encode(feasibility, forKey: .feasibility)
  }

  /// Gives back what was learned from a workload's own rows to a committee that was read without it.
  ///
  /// - Returns: `false` for models of other columns.
  public mutating func setModels(_ models: WorkloadModels, of index: Int) -> Bool {
    guard models.accepts(encoding.featureCount) else { return false }
    local[index] = models
    return true
  }
}

extension WorkloadModels {
  /// Whether designs of that many columns can be judged.
  func accepts(_ columnCount: Int) -> Bool {
    let processes = [process, ridgeProcess, pooledRidgeProcess].compactMap { $0 }
    return (ridge?.columnCount ?? columnCount) == columnCount
      && (boosted?.leastColumnCount ?? 0) <= columnCount
      && (forest?.leastColumnCount ?? 0) <= columnCount
      && processes.allSatisfy { $0.process.kernel.columnCount == columnCount }
  }
}

extension PooledModels {
  /// Whether designs of that many columns, without and with labels, can be judged.
  func accepts(plain: Int, labelled: Int) -> Bool {
    (ridge?.columnCount ?? plain) == plain
      && (boosted?.leastColumnCount ?? 0) <= labelled
      && (forest?.leastColumnCount ?? 0) <= labelled
      && (process?.process.kernel.columnCount ?? plain) == plain
  }
}

extension FeasibilityModel {
  /// Whether designs of that many columns can be judged.
  func accepts(_ columnCount: Int) -> Bool {
    (boosted?.leastColumnCount ?? 0) <= columnCount
      && (forest?.leastColumnCount ?? 0) <= columnCount
      && metrics.allSatisfy { $0.accepts(columnCount) }
  }
}
