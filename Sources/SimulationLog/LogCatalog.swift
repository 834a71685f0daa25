/// A metric of a log.
public struct LogMetric: Hashable, Sendable {
  /// Which way is better.
  public enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
    case minimize, maximize
  }

  /// The name.
  public var name: String
  /// The unit, `nil` when the source states none.
  public var unit: String?
  /// Which way is better, `nil` for a metric that is only recorded.
  public var direction: Direction?

  /// Creates a metric.
  public init(name: String, unit: String? = nil, direction: Direction? = nil) {
    self.name = name
    self.unit = unit
    self.direction = direction
  }
}

/// A bound on a metric.
public struct LogLimit: Hashable, Sendable {
  /// The side that is allowed.
  public enum Relation: String, Hashable, Sendable, Codable, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
  }

  /// Name of the metric.
  public var metric: String
  /// The side that is allowed.
  public var relation: Relation
  /// The bound, in the metric's unit.
  public var bound: Double

  /// Creates a limit.
  public init(metric: String, relation: Relation, bound: Double) {
    self.metric = metric
    self.relation = relation
    self.bound = bound
  }

  /// Whether a value is allowed; NaN is not.
  public func allows(_ value: Double) -> Bool {
    relation == .atMost ? value <= bound : value >= bound
  }

  /// `area_mm2 <= 27`.
  public var text: String { "\(metric) \(relation.rawValue) \(plainText(of: bound))" }

  /// The reason of a trial that is infeasible only because of this limit.
  public var reason: String { Self.reasonPrefix + text }

  /// What the reason of a trial begins with when a limit, not the design, is in the way.
  public static let reasonPrefix = "limit "
}

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

/// Everything of a log but its trials. The first metric with a direction is the objective.
public struct LogCatalog: Hashable, Sendable {
  /// The spaces; trials refer to them by index.
  public var spaces: [LogSpace] = []
  /// The metrics, in the order of a trial's values.
  public var metrics: [LogMetric] = []
  /// The limits that say what is feasible.
  public var limits: [LogLimit] = []
  /// Names of the contexts' features.
  public var features: [String] = []
  /// The contexts; trials refer to them by index.
  public var contexts: [LogContext] = []
  /// The imports that made the log.
  public var imports: [ImportRecord] = []

  /// An empty catalogue.
  public init() {}

  /// Index of the metric that is optimized, `nil` when none is.
  public var objective: Int? { metrics.firstIndex { $0.direction != nil } }
}
