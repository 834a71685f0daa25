import DesignSpace
public import Study

/// A workload as the log knows it.
public struct LogContext: Hashable, Sendable {
  /// The name.
  public var name: String
  /// One number a feature of the catalogue, NaN where it is unknown.
  public var features: [Double]

  /// Creates a context.
  public init(name: String, features: [Double] = []) {
    self.name = name
    self.features = features
  }
}

/// What one import did.
public struct ImportRecord: Hashable, Sendable {
  /// The roles, as YAML.
  public var roles: String
  /// What was read and dropped, as JSON.
  public var counts: String

  /// Creates a record.
  public init(roles: String, counts: String) {
    self.roles = roles
    self.counts = counts
  }
}

/// Everything of a log but its trials.
public struct LogCatalog: Hashable, Sendable {
  /// The spaces; trials refer to them by index.
  public var spaces: [LogSpace] = []
  /// The metrics, in the order of a trial's values.
  public var metrics: [Metric] = []
  /// What is better, the first one first; may be empty.
  public var objectives: [Objective] = []
  /// The limits that say what is feasible.
  public var limits: [MetricLimit] = []
  /// Names of the contexts' features.
  public var features: [String] = []
  /// The contexts; trials refer to them by index.
  public var contexts: [LogContext] = []
  /// The imports that made the log.
  public var imports: [ImportRecord] = []

  /// An empty catalogue.
  public init() {}

  /// Index of the metric the first objective is about, `nil` when there is none.
  public var objectiveIndex: Int? { objectives.first.flatMap { index(ofMetric: $0.metric) } }

  /// The position of a metric in every list of values.
  public func index(ofMetric name: String) -> Int? { metrics.firstIndex { $0.name == name } }
}
