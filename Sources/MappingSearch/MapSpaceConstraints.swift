/// What a user asks of the mappings of a layer, by the names of levels, dimensions and tensors.
///
/// `MapSpace` checks the rules against a layer and an architecture; a rule is obeyed or refused, never ignored.
public struct MapSpaceConstraints: Hashable, Sendable {
  /// A memory level as a rule names it.
  public enum LevelReference: Hashable, Sendable {
    /// By name.
    case name(String)
    /// By position, 0 being the outermost.
    case index(Int)
  }

  /// What a rule says about one factor.
  public enum FactorRule: Hashable, Sendable {
    /// The factor is this number.
    case exactly(Int)
    /// The factor is at most this number.
    case atMost(Int)
  }

  /// A rule about the factor of one dimension.
  public struct DimensionRule: Hashable, Sendable {
    /// Name of the dimension.
    public var dimension: String
    /// What is asked of its factor.
    public var rule: FactorRule

    /// Creates a rule.
    public init(_ dimension: String, _ rule: FactorRule) {
      self.dimension = dimension
      self.rule = rule
    }
  }

  /// Whether a level stores a tensor.
  public enum Keeping: String, Hashable, Sendable, CaseIterable {
    /// It does.
    case keep
    /// It does not.
    case bypass
    /// The search decides.
    case free
  }

  /// A rule about the storage of one tensor.
  public struct TensorRule: Hashable, Sendable {
    /// Name of the tensor.
    public var tensor: String
    /// What is asked of it.
    public var keeping: Keeping

    /// Creates a rule.
    public init(_ tensor: String, _ keeping: Keeping) {
      self.tensor = tensor
      self.keeping = keeping
    }
  }

  /// The rules of one level and of the fan-out below it.
  public struct LevelRules: Hashable, Sendable {
    /// The level.
    public var level: LevelReference
    /// Factors of the temporal loops.
    public var temporal: [DimensionRule] = []
    /// Factors along X of the fan-out below.
    public var spatialX: [DimensionRule] = []
    /// Factors along Y of the fan-out below.
    public var spatialY: [DimensionRule] = []
    /// Dimensions that may be split along X; `nil` allows all.
    public var allowedX: [String]?
    /// Dimensions that may be split along Y; `nil` allows all.
    public var allowedY: [String]?
    /// Dimensions of the innermost temporal loops, the innermost first; those without a loop are passed over.
    public var innermostLoops: [String] = []
    /// Dimensions of the outermost temporal loops, the outermost first; those without a loop are passed over.
    public var outermostLoops: [String] = []
    /// Largest product of the factors along X.
    public var largestX: Int?
    /// Largest product of the factors along Y.
    public var largestY: Int?
    /// Largest product of the factors along X and Y.
    public var largestFanOut: Int?
    /// Tensors whose storage differs from the space's default.
    public var tensors: [TensorRule] = []
    /// Share of the physical fan-out below the level that is used at least, above 0 and at most 1.
    public var smallestUtilization: Double?

    /// Creates rules that ask nothing.
    public init(level: LevelReference) { self.level = level }
  }

  /// Rules by level; a level may appear several times.
  public var levels: [LevelRules] = []
  /// Share of all MACs that the spatial loops use at least, above 0 and at most 1.
  public var smallestUtilization: Double?
  /// Whether every level but the outermost may keep or bypass every tensor, unless a rule says otherwise.
  ///
  /// Otherwise the architecture's own keep sets hold.
  public var freesKeepSets = false

  /// Creates constraints that ask nothing.
  public init() {}

  /// Nothing is asked: all perfect factorizations, orders and spatial splits, the architecture's keep sets.
  public static let none = MapSpaceConstraints()
}
