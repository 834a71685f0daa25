/// What Timeloop files demand of mappings: constraints of the architecture and of the map space together.
///
/// Dimensions and tensors are names of the problem, levels are positions in the architecture that ``TimeloopInput`` reads
/// from the same files. One file serves every layer, so a bound may exceed a dimension; Timeloop ignores an exact factor
/// that does.
public struct TimeloopConstraints: Hashable, Sendable {
  /// How a factor relates to the number beside it.
  public enum Relation: String, Hashable, Sendable, CaseIterable {
    /// `C=8`
    case exactly = "="
    /// `C<=8`
    case atMost = "<="
    /// `C>=8`
    case atLeast = ">="
  }

  /// What is asked of the factor of one dimension.
  public struct Factor: Hashable, Sendable {
    /// Name of the dimension.
    public var dimension: String
    /// How the factor relates to the value.
    public var relation: Relation
    /// The value, at least 1; `nil` is the whole dimension (`C=0` in the file).
    public var value: Int?

    /// Creates a demand on one factor.
    public init(dimension: String, relation: Relation, value: Int?) {
      self.dimension = dimension
      self.relation = relation
      self.value = value
    }
  }

  /// What is asked of the temporal loops of a level or of the loops of a fan-out.
  public struct Loops: Hashable, Sendable {
    /// Where it applies.
    public var nest: Nest
    /// Factors, each dimension and relation at most once, in the order of the file.
    public var factors: [Factor] = []
    /// Upper bound for dimensions without one of their own.
    public var defaultMaximum: Int?
    /// Lower bound for dimensions without one of their own.
    public var defaultMinimum: Int?
    /// The innermost dimensions, innermost first; the beginning of a permutation.
    public var innermost: [String] = []
    /// The outermost dimensions, outermost last; what follows a `_` in a permutation.
    public var outermost: [String] = []
    /// Dimensions of the permutation along X, the others run along Y; only at fan-outs.
    public var split: Int?
    /// Remainders a dimension may have (imperfect factors), 0 or more.
    public var remainders: Int?

    /// Creates a constraint that asks nothing yet.
    public init(nest: Nest) { self.nest = nest }

    /// Whether nothing is asked.
    public var isEmpty: Bool { self == Loops(nest: nest) }
  }

  /// A nest of loops.
  public enum Nest: Hashable, Sendable {
    /// The temporal loops of a memory level, by position from the outermost.
    case temporal(level: Int)
    /// The loops of a fan-out: below which memory level (-1: above all), and which of several there, outermost first.
    case spatial(level: Int, rank: Int)
  }

  /// Which tensors a level must store and which it must not.
  public struct Storage: Hashable, Sendable {
    /// Position of the memory level from the outermost.
    public var level: Int
    /// Tensors it must store.
    public var keep: [String] = []
    /// Tensors that must bypass it.
    public var bypass: [String] = []

    /// Creates a demand on the tensors of a level.
    public init(level: Int, keep: [String] = [], bypass: [String] = []) {
      self.level = level
      self.keep = keep
      self.bypass = bypass
    }
  }

  /// How often a statistically filled level may overflow.
  public struct Overbooking: Hashable, Sendable {
    /// Position of the memory level from the outermost.
    public var level: Int
    /// Share of tiles that may be too large, in `0...1`.
    public var proportion: Double

    /// Creates a permission to overflow.
    public init(level: Int, proportion: Double) {
      self.level = level
      self.proportion = proportion
    }
  }

  /// Loops, in the order of the files, at most one entry per nest.
  public var loops: [Loops] = []
  /// Stored tensors, at most one entry per level.
  public var storage: [Storage] = []
  /// Smallest share of the MAC units that must have work, in `0...1`.
  public var minimumParallelism: Double?
  /// Overbooked levels, at most one entry per level.
  public var overbooking: [Overbooking] = []

  /// Creates constraints that ask nothing.
  public init() {}

  /// Whether nothing is asked.
  public var isEmpty: Bool { self == TimeloopConstraints() }
}
