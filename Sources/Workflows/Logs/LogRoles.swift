public import Study

/// What the columns of a table are for, said once by the user and kept with the import.
public struct LogRoles: Hashable, Sendable {
  /// A parameter whose values somebody states rather than leaving them to be found.
  public struct DeclaredParameter: Hashable, Sendable {
    /// The column.
    public var name: String
    /// `integer`, `levels`, `real`, `categorical`, `permutation` or `boolean`; `nil` to find out.
    public var kind: String?
    /// Its values as texts, `nil` to find out.
    public var values: [String]?
    /// Range and step of a whole number, `nil` to find out.
    public var range: (minimum: Int, maximum: Int, step: Int)?

    /// Creates a declaration.
    public init(name: String, kind: String? = nil, values: [String]? = nil) {
      self.name = name
      self.kind = kind
      self.values = values
    }

    /// Whether all is equal.
    public static func == (a: Self, b: Self) -> Bool {
      a.name == b.name && a.kind == b.kind && a.values == b.values
        && a.range?.minimum == b.range?.minimum && a.range?.maximum == b.range?.maximum
        && a.range?.step == b.range?.step
    }

    /// Hashes name and kind.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(kind)
    }
  }

  /// Columns of the design; `nil` for all that have no other role, see `parametersExcept`.
  public var parameters: [String]?
  /// Columns that are not of the design, all others without a role are; `nil` when `parameters` says.
  public var parametersExcept: [String]?
  /// Stated kinds and values of parameters.
  public var declared: [DeclaredParameter] = []
  /// What is better; the first is the objective.
  public var objectives: [Objective] = []
  /// Further columns to keep as numbers.
  public var metrics: [String] = []
  /// Units of metrics, instead of those in headers.
  public var units: [Metric] = []
  /// Whether tables may lack columns that are neither objectives nor limited: a data set whose tables differ.
  public var allowsMissingColumns = false
  /// What feasible designs respect.
  public var limits: [MetricLimit] = []
  /// The column that names the workload.
  public var workload: String?
  /// Numeric columns that describe the workload.
  public var contextFeatures: [String] = []
  /// The column that says whether a design works.
  public var feasible: String?
  /// The column that says why it does not.
  public var reason: String?
  /// Cells of an objective that mean an infeasible design.
  public var infeasibleValues: [String] = []
  /// A condition on cells that means an infeasible design.
  public var infeasibleWhen: String?
  /// The column with the design's name.
  public var designID: String?
  /// The column with the part of the data a row belongs to.
  public var split: String?
  /// The column with the evaluation's seed.
  public var seed: String?
  /// The column with the evaluation's duration in seconds.
  public var seconds: String?
  /// The column with the evaluator's name.
  public var evaluator: String?
  /// The column with the evaluator's version.
  public var version: String?
  /// The byte between cells: `comma`, `semicolon`, `tab` or `bar`; `nil` to find out.
  public var separator: String?

  /// No roles.
  public init() {}

  /// These roles, where they say nothing those of another.
  public func over(_ other: LogRoles) -> LogRoles {
    var roles = self
    if parameters == nil, parametersExcept == nil {
      roles.parameters = other.parameters
      roles.parametersExcept = other.parametersExcept
    }
    let named = Set(declared.map(\.name))
    roles.declared += other.declared.filter { !named.contains($0.name) }
    if objectives.isEmpty { roles.objectives = other.objectives }
    if metrics.isEmpty { roles.metrics = other.metrics }
    if units.isEmpty { roles.units = other.units }
    roles.allowsMissingColumns = allowsMissingColumns || other.allowsMissingColumns
    if limits.isEmpty { roles.limits = other.limits }
    if contextFeatures.isEmpty { roles.contextFeatures = other.contextFeatures }
    if infeasibleValues.isEmpty { roles.infeasibleValues = other.infeasibleValues }
    roles.workload = workload ?? other.workload
    roles.feasible = feasible ?? other.feasible
    roles.reason = reason ?? other.reason
    roles.infeasibleWhen = infeasibleWhen ?? other.infeasibleWhen
    roles.designID = designID ?? other.designID
    roles.split = split ?? other.split
    roles.seed = seed ?? other.seed
    roles.seconds = seconds ?? other.seconds
    roles.evaluator = evaluator ?? other.evaluator
    roles.version = version ?? other.version
    roles.separator = separator ?? other.separator
    return roles
  }

  /// Columns with a role other than parameter.
  var otherColumns: [String] {
    let single = [
      workload, feasible, reason, designID, split, seed, seconds, evaluator, version,
    ]
    return single.compactMap { $0 } + contextFeatures + metricNames
  }

  /// Every metric once: objectives, limits, then the rest.
  var metricNames: [String] {
    var names: [String] = []
    for name in objectives.map(\.metric) + limits.map(\.metric) + metrics
    where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// The separators by name.
  static let separators: [(name: String, byte: UInt8)] = [
    ("comma", 0x2c), ("semicolon", 0x3b), ("tab", 0x09), ("bar", 0x7c),
  ]
}
