public import SimulationLog
public import Study

/// Which rows of a log a command is about, in the user's words.
public struct LogQuestion: Hashable, Sendable {
  /// Name of a space, `nil` for all.
  public var space: String?
  /// Names of workloads; none for all.
  public var workloads: [String] = []
  /// Limits that decide instead of those of the log.
  public var limits: [MetricLimit] = []
  /// Feasible or infeasible rows only, `nil` for both.
  public var isFeasible: Bool?
  /// Numbers of rows, `nil` for all.
  public var rows: ClosedRange<Int>?

  /// A question about everything.
  public init() {}

  /// The question in terms of a log.
  ///
  /// - Throws: `LogError.unknownName` for a space, workload or metric the log lacks.
  public func filter(for catalog: LogCatalog, file: String) throws -> TrialFilter {
    var filter = TrialFilter()
    if let space {
      let names = catalog.spaces.map(\.name)
      guard let index = names.firstIndex(of: space) else {
        throw LogError.unknownName(what: "space", name: space, file: file, known: names)
      }
      filter.space = index
    }
    if !workloads.isEmpty {
      let names = catalog.contexts.map(\.name)
      filter.contexts = try workloads.map { name in
        guard let index = names.firstIndex(of: name) else {
          throw LogError.unknownName(
            what: "workload", name: name, file: file, known: Array(names.prefix(100)))
        }
        return index
      }
    }
    for limit in limits where catalog.index(ofMetric: limit.metric) == nil {
      throw LogError.unknownName(
        what: "metric", name: limit.metric, file: file, known: catalog.metrics.map(\.name))
    }
    filter.limits = limits
    filter.isFeasible = isFeasible
    filter.ids = rows
    return filter
  }
}
