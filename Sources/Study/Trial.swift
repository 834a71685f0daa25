public import DesignSpace

/// What a design was evaluated on, as a model sees it: a workload and its features.
public struct Context: Hashable, Sendable {
  /// What trials refer to.
  public typealias ID = String

  /// The context of problems that have one workload only.
  public static let single = Context(id: "")

  /// Unique in a problem.
  public let id: ID
  /// Numbers that describe the workload; as many in every context of a problem.
  public let features: [Double]

  /// Creates a context.
  public init(id: ID, features: [Double] = []) {
    self.id = id
    self.features = features
  }
}

/// One evaluation: which design, on what, with what outcome, and where it comes from.
public struct Trial: Hashable, Sendable {
  /// Who asked and who answered.
  public struct Origin: Hashable, Sendable {
    /// The designer that proposed the design; `nil` for imported rows.
    public var designer: String?
    /// The evaluator that answered.
    public var evaluator: String
    /// Its version.
    public var evaluatorVersion: String
    /// The seed of the evaluation, if it has one.
    public var seed: UInt64?
    /// Wall time of the evaluation in seconds, if known.
    public var seconds: Double?

    /// Creates an origin.
    public init(
      designer: String? = nil, evaluator: String, evaluatorVersion: String = "",
      seed: UInt64? = nil, seconds: Double? = nil
    ) {
      self.designer = designer
      self.evaluator = evaluator
      self.evaluatorVersion = evaluatorVersion
      self.seed = seed
      self.seconds = seconds
    }
  }

  /// Unique in a study, from 0 in the order of recording.
  public let id: Int
  /// The design.
  public let point: Point
  /// What it was evaluated on.
  public let context: Context.ID
  /// What came of it.
  public let outcome: Outcome
  /// Who asked and who answered.
  public let origin: Origin

  /// Creates a trial.
  public init(
    id: Int, point: Point, context: Context.ID = Context.single.id, outcome: Outcome,
    origin: Origin
  ) {
    self.id = id
    self.point = point
    self.context = context
    self.outcome = outcome
    self.origin = origin
  }
}
