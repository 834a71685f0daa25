import DesignSpace
import Execution
import Foundation
import Interchange
public import OfflineDesign
public import SimulationLog
public import Study
public import Workload

/// A log, opened for questions that are answered without simulation.
public struct OfflineStudy: Sendable {
  /// What the user asks of a log.
  public struct Question: Sendable {
    /// Name of the space, `nil` where the log has one.
    public var space: String?
    /// Limits that decide instead of the log's.
    public var limits: [MetricLimit] = []

    /// A question about everything.
    public init() {}
  }

  /// The log's file.
  public let file: String
  /// The space designs are from.
  public let space: LogSpace
  /// The rows.
  public let offline: OfflineLog
  /// The log's rows as points of the space.
  let points: [Point?]
  /// The unit of the objective.
  public let unit: String

  /// Opens a log and reads the rows of one space.
  ///
  /// - Throws: `TrialLogError`, `LogError` for unknown names, several spaces or no objective.
  /// - Complexity: O(*rows*) time and memory.
  public init(log file: String, question: Question) throws {
    let log = try TrialLog.open(file: file)
    let catalog = try log.catalog()
    let names = catalog.spaces.map(\.name)
    let index: Int
    if let name = question.space {
      guard let found = names.firstIndex(of: name) else {
        throw LogError.unknownName(what: "space", name: name, file: file, known: names)
      }
      index = found
    } else {
      guard names.count == 1 else {
        throw LogError.wrongValue(
          at: file, got: "\(names.count) spaces", expected: "--space, or a log of one space",
          hint: "spaces: \(names.prefix(12).joined(separator: ", "))")
      }
      index = 0
    }
    for limit in question.limits where catalog.index(ofMetric: limit.metric) == nil {
      throw LogError.unknownName(
        what: "metric", name: limit.metric, file: file, known: catalog.metrics.map(\.name))
    }
    self.file = file
    space = catalog.spaces[index]
    let offline = try OfflineLog(reading: log, space: index, limits: question.limits)
    self.offline = offline
    let parameters = space.space.parameters
    var points: [Point?] = []
    points.reserveCapacity(offline.designs.rowCount)
    var filter = TrialFilter()
    filter.space = index
    let searched = space.space
    try log.forEachTrial(matching: filter) { trial in
      if case .failed = trial.verdict { return true }
      points.append(
        trial.coordinates.count == parameters.count
          ? searched.point(coordinates: trial.coordinates) : nil)
      return true
    }
    self.points = points
    unit = catalog.metrics.first { $0.name == offline.objective.metric }?.unit ?? ""
  }

  /// The workload of a name or of a network's features.
  ///
  /// - Parameters:
  ///   - name: A workload of the log, or the name of a new one; `nil` where the log has one.
  ///   - network: A network whose features describe a new workload.
  ///   - features: Features by name, for a new workload.
  /// - Throws: `LogError` for a workload the log lacks and nothing describes.
  public func context(
    name: String?, network: Network?, features: [(name: String, value: Double)]
  ) throws -> WorkloadContext {
    let known = offline.designs.contexts
    let names = offline.designs.featureNames
    if let network {
      let own = WorkloadFeatures.values(of: network)
      guard !names.isEmpty, names.allSatisfy(WorkloadFeatures.names.contains) else {
        throw LogError.wrongValue(
          at: "--network", got: network.name,
          expected:
            "a log whose workloads are described by \(WorkloadFeatures.names.joined(separator: ", "))",
          hint:
            "this log has \(names.isEmpty ? "no features" : names.joined(separator: ", ")); give --feature name=number"
        )
      }
      let values = names.map { feature in
        WorkloadFeatures.names.firstIndex(of: feature).map { own[$0] } ?? .nan
      }
      // A new name, so that a network of a known name is still designed for by its features.
      return WorkloadContext(name: name ?? "network \(network.name)", features: values)
    }
    if !features.isEmpty {
      var values = [Double](repeating: .nan, count: names.count)
      for (feature, value) in features {
        guard let index = names.firstIndex(of: feature) else {
          throw LogError.unknownName(what: "feature", name: feature, file: file, known: names)
        }
        values[index] = value
      }
      return WorkloadContext(name: name ?? "asked for", features: values)
    }
    if let name {
      guard let found = known.first(where: { $0.name == name }) else {
        throw LogError.unknownName(
          what: "workload", name: name, file: file, known: known.map(\.name))
      }
      return found
    }
    guard known.count == 1 else {
      throw LogError.wrongValue(
        at: file, got: "\(known.count) workloads", expected: "--workload, --network or --feature",
        hint: "workloads: \(known.prefix(12).map(\.name).joined(separator: ", "))")
    }
    return known[0]
  }

  /// The log's feasible rows of a workload as points with costs, and the best of them; all workloads for a new one.
  func logged(_ context: WorkloadContext) -> [(point: Point, cost: Double)] {
    let designs = offline.designs
    let index = designs.contexts.firstIndex { $0.name == context.name }
    return (0..<designs.rowCount).compactMap { row in
      guard index == nil || designs.context[row] == index, designs.isFeasible[row],
        let point = points[row]
      else { return nil }
      return (point, designs.cost[row])
    }
  }

  /// Points as columns.
  func columns(_ points: [Point]) -> DesignColumns {
    let parameters = space.space.parameters
    return DesignColumns(
      names: parameters.map(\.name),
      columns: parameters.indices.map { index in
        OfflineLog.column(parameters[index], points.map { $0.coordinates[index] })
      })
  }
}
