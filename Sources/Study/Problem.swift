public import DesignSpace

/// What is searched: a space of designs, what is measured of each, what is better, and what is allowed.
public struct Problem: Hashable, Sendable {
  /// For reports.
  public let name: String
  /// The designs.
  public let space: SearchSpace
  /// What is measured, at least one; outcomes have values in this order.
  public let metrics: [Metric]
  /// What is better, at least one; several are traded off against each other.
  public let objectives: [Objective]
  /// What feasible designs respect.
  public let limits: [MetricLimit]

  /// Creates a problem.
  ///
  /// - Throws: `StudyError` for equal or empty names, objectives or limits on metrics that do not exist, and a metric
  ///   with two objectives.
  public init(
    name: String, space: SearchSpace, metrics: [Metric], objectives: [Objective],
    limits: [MetricLimit] = []
  ) throws(StudyError) {
    let names = metrics.map(\.name)
    guard !metrics.isEmpty else { throw .noMetrics }
    for (index, name) in names.enumerated() {
      guard !name.isEmpty, !names[..<index].contains(name) else {
        throw .duplicateMetric(name)
      }
    }
    guard !objectives.isEmpty else { throw .noObjectives }
    for (index, objective) in objectives.enumerated() {
      guard names.contains(objective.metric) else {
        throw .unknownMetric(objective.metric, usedBy: "objective", known: names)
      }
      guard !objectives[..<index].contains(where: { $0.metric == objective.metric }) else {
        throw .duplicateObjective(objective.metric)
      }
    }
    for limit in limits where !names.contains(limit.metric) {
      throw .unknownMetric(limit.metric, usedBy: "limit", known: names)
    }
    self.name = name
    self.space = space
    self.metrics = metrics
    self.objectives = objectives
    self.limits = limits
  }

  /// The position of a metric in every list of values.
  public func index(ofMetric name: String) -> Int? { metrics.firstIndex { $0.name == name } }
}
