import DesignSpace
import Foundation
public import OfflineDesign
public import SimulationLog
public import Study

/// A log's rows as offline design sees them, with what is needed to say results in the log's words.
public struct OfflineLog: Sendable {
  /// The rows.
  public var designs: LoggedDesigns
  /// What the log calls its rows; the row's number where it has no name.
  public var labels: [String]
  /// What is to be made small or large.
  public var objective: Objective
  /// Whether costs are inverse values: a positive metric that is to be made large.
  public var isInverted: Bool
  /// The limits in force.
  public var limits: [MetricLimit]
  /// Rows that were left out because the evaluator itself failed.
  public var failedCount: Int

  /// The metric's value that belongs to a cost.
  public func value(ofCost cost: Double) -> Double {
    if isInverted { return 1 / cost }
    return objective.goal == .minimize ? cost : -cost
  }

  /// Reads the rows of one space of a log.
  ///
  /// - Parameters:
  ///   - space: Index of the space.
  ///   - limits: Limits that decide instead of the log's; empty for the log's own.
  ///   - workloads: Indices of the workloads to read, `nil` for all.
  /// - Throws: `LogError.missingRole` for a log without an objective, `TrialLogError`.
  /// - Complexity: O(*rows*) time and memory.
  public init(
    reading log: TrialLog, space: Int, limits: [MetricLimit] = [], workloads: [Int]? = nil
  ) throws {
    let catalog = try log.catalog()
    guard let objective = catalog.objectives.first,
      let place = catalog.index(ofMetric: objective.metric)
    else {
      throw LogError.missingRole(
        role: "objective", file: log.file,
        hint: "import the table again with --minimize or --maximize")
    }
    let inForce = limits.isEmpty ? catalog.limits : limits
    var filter = TrialFilter()
    filter.space = space
    filter.contexts = workloads
    filter.limits = limits
    let parameters = catalog.spaces[space].space.parameters
    var coordinates = [[Double]](repeating: [], count: parameters.count)
    var contextIDs: [Int] = []
    var values: [Double] = []
    var isFeasible: [Bool] = []
    let limitPlaces = inForce.map { catalog.index(ofMetric: $0.metric) }
    var limited = [[Double]](repeating: [], count: inForce.count)
    var labels: [String] = []
    var failedCount = 0
    try log.forEachTrial(matching: filter) { trial in
      if case .failed = trial.verdict {
        failedCount += 1
        return true
      }
      for index in parameters.indices { coordinates[index].append(trial.coordinates[index]) }
      contextIDs.append(trial.context ?? -1)
      let value = trial.metrics[place]
      values.append(value.isFinite ? value : .nan)
      isFeasible.append(trial.isFeasible && value.isFinite)
      for (index, metric) in limitPlaces.enumerated() {
        limited[index].append(metric.map { trial.metrics[$0] } ?? .nan)
      }
      labels.append(trial.label ?? String(trial.id))
      if contextIDs.count % 65_536 == 0 { try Task.checkCancellation() }
      return true
    }
    let known = Set(contextIDs).sorted()
    var places: [Int: Int] = [:]
    for (index, id) in known.enumerated() { places[id] = index }
    let contexts = known.map { id in
      id < 0
        ? WorkloadContext(name: "", features: catalog.features.map { _ in .nan })
        : WorkloadContext(
          name: catalog.contexts[id].name,
          features: catalog.features.indices.map { index in
            let features = catalog.contexts[id].features
            return index < features.count ? features[index] : .nan
          })
    }
    let isInverted =
      objective.goal == .maximize && values.allSatisfy { $0.isNaN || $0 > 0 }
    let costs = values.map { isInverted ? 1 / $0 : objective.cost(of: $0) }
    designs = LoggedDesigns(
      designs: DesignColumns(
        names: parameters.map(\.name),
        columns: zip(parameters, coordinates).map { Self.column($0, $1) }),
      contexts: contexts, featureNames: catalog.features,
      context: contextIDs.map { places[$0] ?? 0 }, cost: costs, isFeasible: isFeasible,
      limited: zip(inForce, limited).map { LoggedDesigns.LimitedMetric(limit: $0, values: $1) })
    self.labels = labels
    self.objective = objective
    self.isInverted = isInverted
    self.limits = inForce
    self.failedCount = failedCount
  }

  /// Whether a parameter's values are words to a model rather than numbers.
  static func isWorded(_ parameter: Parameter) -> Bool {
    switch parameter.domain {
    case .categories, .permutations: true
    case .integers, .levels, .reals, .boolean: false
    }
  }

  /// Coordinates of a log as values.
  static func column(_ parameter: Parameter, _ coordinates: [Double]) -> DesignColumns.Column {
    if isWorded(parameter) {
      return .words(
        coordinates.map { coordinate in
          guard coordinate.isFinite else { return "" }
          return parameter.value(at: coordinate).description
        })
    }
    return .numbers(
      coordinates.map { coordinate in
        guard coordinate.isFinite else { return .nan }
        switch parameter.value(at: coordinate) {
        case .number(let value): return value
        case .truth(let isTrue): return isTrue ? 1 : 0
        case .text: return .nan
        }
      })
  }
}
