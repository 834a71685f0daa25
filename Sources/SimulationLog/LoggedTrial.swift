public import Study

/// One evaluation as the log keeps it.
public struct LoggedTrial: Hashable, Sendable {
  /// What came of it.
  public enum Verdict: Hashable, Sendable {
    /// The design works.
    case feasible
    /// The design does not work, or breaks a limit; its metrics may still be known.
    case infeasible(Infeasibility.Reason)
    /// The evaluator itself crashed, hung or answered nonsense; never learned from.
    case failed(EvaluationFailure)
  }

  /// Where it is from.
  public struct Origin: Hashable, Sendable {
    /// The designer that proposed it, or `nil`.
    public var designer: String?
    /// The program that evaluated it, or `nil`.
    public var evaluator: String?
    /// The program's version, or `nil`.
    public var version: String?
    /// The file it was imported from, or `nil`.
    public var file: String?

    /// Creates an origin.
    public init(
      designer: String? = nil, evaluator: String? = nil, version: String? = nil, file: String? = nil
    ) {
      self.designer = designer
      self.evaluator = evaluator
      self.version = version
      self.file = file
    }
  }

  /// Number in the log, from 1, in the order of arrival; 0 before it is written.
  public var id = 0
  /// Index of the space in the log's catalogue.
  public var space: Int
  /// Index of the context in the log's catalogue, `nil` without a workload.
  public var context: Int?
  /// What the source calls the design, `nil` when it does not.
  public var label: String?
  /// The part of the data it belongs to, as the source says, for example `offline`.
  public var split: String?
  /// One coordinate a parameter, as in `Point`; negative infinity for an inactive one.
  public var coordinates: [Double]
  /// One value a metric of the catalogue, NaN for one that was not measured.
  public var metrics: [Double]
  /// What came of it.
  public var verdict: Verdict
  /// The seed of the evaluation, `nil` when it had none.
  public var seed: UInt64?
  /// How long it took, in seconds.
  public var seconds: Double?
  /// Where it is from.
  public var origin: Origin
  /// Line in the file it was imported from.
  public var line: Int?

  /// Creates a trial that is not in a log yet.
  public init(
    space: Int, context: Int? = nil, coordinates: [Double], metrics: [Double], verdict: Verdict,
    origin: Origin = Origin()
  ) {
    self.space = space
    self.context = context
    self.coordinates = coordinates
    self.metrics = metrics
    self.verdict = verdict
    self.origin = origin
  }

  /// Whether the design works.
  public var isFeasible: Bool { verdict == .feasible }

  /// Why not, `nil` for a feasible one.
  public var reason: String? {
    switch verdict {
    case .feasible: nil
    case .infeasible(let reason): reason.description
    case .failed(let failure): failure.description
    }
  }
}
