public import DesignSpace
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
    /// Limits that will be asked about, on metrics or on the design alone; see `asked(_:)`.
    public var limits: [MetricLimit] = []
    /// Whether limits on any metric may be asked about later, as of a model that is kept.
    public var hasEveryMetric = false

    /// A question about everything.
    public init() {}
  }

  /// The log's file.
  public let file: String
  /// The space designs are from.
  public internal(set) var space: LogSpace
  /// The rows.
  public internal(set) var offline: OfflineLog
  /// The metrics of the log, with their units.
  let metrics: [Metric]
  /// Opens a log and reads the rows of one space, under the log's own limits.
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
    let known = catalog.metrics.map(\.name)
    let (measured, _) = try LimitNames(
      metrics: known, parameters: catalog.spaces[index].space.parameters
    ).sorted(question.limits, at: file)
    self.file = file
    space = catalog.spaces[index]
    metrics = catalog.metrics
    offline = try OfflineLog(
      reading: log, space: index,
      metrics: question.hasEveryMetric ? known : measured.map(\.metric))
  }

  /// Puts together what a file kept.
  init(file: String, space: LogSpace, metrics: [Metric], offline: OfflineLog) {
    self.file = file
    self.space = space
    self.metrics = metrics
    self.offline = offline
  }

  /// The same study under other limits; empty for those it has.
  ///
  /// - Throws: `LogError.unknownName` for a limit on a metric that was not read.
  public func under(_ limits: [MetricLimit]) throws(LogError) -> OfflineStudy {
    guard !limits.isEmpty else { return self }
    let known = offline.designs.metrics.map(\.name)
    for limit in limits where !known.contains(limit.metric) {
      throw .unknownName(what: "metric", name: limit.metric, file: file, known: known)
    }
    var result = self
    result.offline.designs = offline.designs.under(limits)
    return result
  }

  /// The unit of the objective.
  public var unit: String {
    metrics.first { $0.name == offline.objective.metric }?.unit ?? ""
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
          what: "workload", name: name, file: file,
          known: known.map(\.name).filter { !$0.isEmpty })
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

  /// The log's rows of a workload as points with costs, NaN for infeasible ones; all workloads for a new one.
  func logged(_ context: WorkloadContext) -> [(point: Point, cost: Double)] {
    let designs = offline.designs
    let index = designs.contexts.firstIndex { $0.name == context.name }
    return (0..<designs.rowCount).compactMap { row in
      guard index == nil || designs.context[row] == index,
        let point = space.space.point(coordinates: offline.coordinates.map { $0[row] })
      else { return nil }
      return (point, designs.isFeasible[row] ? designs.cost[row] : .nan)
    }
  }

  /// The study of some of the rows, in their order.
  public func rows(_ indices: [Int]) -> OfflineStudy {
    var result = self
    result.offline.designs = offline.designs.rows(indices)
    result.offline.coordinates = offline.coordinates.map { column in indices.map { column[$0] } }
    return result
  }

  /// At most `limit` of the rows, drawn by the seed, as many of each workload unless it has fewer.
  func thinned(to limit: Int, seed: Seed) -> OfflineStudy {
    guard offline.designs.rowCount > limit else { return self }
    return rows(offline.designs.drawnRows(limit: limit, seed: seed))
  }

  /// The designs of rows, `nil` for one outside the space.
  public func points(ofRows indices: [Int]) -> [Point?] {
    indices.map { row in
      space.space.point(coordinates: offline.coordinates.map { $0[row] })
    }
  }

  /// The designs that were logged for a workload.
  public func designs(of workload: String) -> [Point] {
    guard let index = offline.designs.contexts.firstIndex(where: { $0.name == workload }) else {
      return []
    }
    return (0..<offline.designs.rowCount).filter { offline.designs.context[$0] == index }
      .compactMap { row in space.space.point(coordinates: offline.coordinates.map { $0[row] }) }
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
