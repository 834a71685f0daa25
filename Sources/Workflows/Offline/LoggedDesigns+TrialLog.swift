import DesignSpace
import Foundation
public import OfflineDesign
public import SimulationLog
public import Study

/// A log's rows as offline design sees them, with what is needed to say results in the log's words.
public struct OfflineLog: Sendable {
  /// The rows.
  public var designs: LoggedDesigns
  /// What is to be made small or large.
  public var objective: Objective
  /// Whether costs are inverse values: a positive metric that is to be made large.
  public var isInverted: Bool
  /// Rows that were left out because the evaluator itself failed.
  public var failedCount: Int
  /// For each parameter one coordinate a row, as in `Point`.
  var coordinates: [[Double]]

  /// The limits in force.
  public var limits: [MetricLimit] { designs.limits }

  /// Puts together what a file kept.
  init(
    designs: LoggedDesigns, objective: Objective, isInverted: Bool, failedCount: Int,
    coordinates: [[Double]]
  ) {
    self.designs = designs
    self.objective = objective
    self.isInverted = isInverted
    self.failedCount = failedCount
    self.coordinates = coordinates
  }

  /// The metric's value that belongs to a cost.
  public func value(ofCost cost: Double) -> Double {
    if isInverted { return 1 / cost }
    return objective.goal == .minimize ? cost : -cost
  }

  /// Reads the rows of one space of a log.
  ///
  /// - Parameters:
  ///   - log: The log.
  ///   - space: Index of the space.
  ///   - asked: Metrics that limits may be asked about later, beside those the log has limits on.
  /// - Throws: `LogError.missingRole` for a log without an objective, `TrialLogError`.
  /// - Complexity: O(*rows*) time and memory.
  public init(
    reading log: TrialLog, space: Int, metrics asked: [String] = []
  ) throws {
    let catalog = try log.catalog()
    guard let objective = catalog.objectives.first,
      let place = catalog.index(ofMetric: objective.metric)
    else {
      throw LogError.missingRole(
        role: "objective", file: log.file,
        hint: "import the table again with --minimize or --maximize")
    }
    var filter = TrialFilter()
    filter.space = space
    let parameters = catalog.spaces[space].space.parameters
    var coordinates = [[Double]](repeating: [], count: parameters.count)
    var contextIDs: [Int] = []
    var values: [Double] = []
    var works: [Bool] = []
    let wanted = Set(asked + catalog.limits.map(\.metric))
    let names = catalog.metrics.map(\.name).filter(wanted.contains)
    let metricPlaces = names.map { catalog.index(ofMetric: $0) }
    var metrics = [[Double]](repeating: [], count: names.count)
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
      // A design over one of the log's own limits works; whether it keeps those in force is another question. One that
      // works but was not measured teaches that it works, and nothing else.
      if case .infeasible(.limit) = trial.verdict {
        works.append(true)
      } else {
        works.append(trial.isFeasible)
      }
      for (index, metric) in metricPlaces.enumerated() {
        metrics[index].append(metric.map { trial.metrics[$0] } ?? .nan)
      }
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
      context: contextIDs.map { places[$0] ?? 0 }, cost: costs, works: works,
      metrics: zip(names, metrics).map { LoggedDesigns.MeasuredMetric(name: $0, values: $1) },
      limits: catalog.limits)
    self.objective = objective
    self.isInverted = isInverted
    self.failedCount = failedCount
    self.coordinates = coordinates
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
