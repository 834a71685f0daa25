/// What a certified search did and what it proved.
public struct OptimalCertificate: Hashable, Sendable {
  /// Relative difference below which two costs count as equal.
  public static let tolerance = 1e-9

  /// What was looked at, and why the rest was not.
  public struct Counts: Hashable, Sendable {
    /// Choices that were bounded or evaluated.
    public var nodes = 0
    /// Mappings and parts of mappings that were counted exactly.
    public var evaluations = 0
    /// Partial mappings that were continued.
    public var states = 0
    /// Tile shapes left out of tables and search by a bound of every mapping through them.
    public var prunedShapes = 0
    /// Tile shapes given up by the bound of everything inside them.
    public var prunedTiles = 0
    /// Spatial splits given up by the bound of everything inside them.
    public var prunedSplits = 0
    /// Loop orders given up by their deliveries and the bound of everything inside them.
    public var prunedOrders = 0
    /// Partial mappings given up by their exact cost so far and the bound of the rest.
    public var prunedPartials = 0
    /// The same, later, because a better mapping had been found.
    public var prunedStates = 0
    /// Partial mappings given up because another one is nowhere worse.
    public var dominated = 0
    /// Entries of the tables of bounds.
    public var tableEntries = 0
    /// Most partial mappings kept at one boundary.
    public var largestFrontier = 0

    /// Combinations of keep sets the map space leaves open.
    public var keepSets = 0
    /// Combinations of keep sets that were searched; the others are bounded.
    public var searchedKeepSets = 0

    /// Nothing yet.
    public init() {}

    static func + (a: Counts, b: Counts) -> Counts {
      var sum = a
      sum.nodes += b.nodes
      sum.evaluations += b.evaluations
      sum.states += b.states
      sum.prunedShapes += b.prunedShapes
      sum.prunedTiles += b.prunedTiles
      sum.prunedSplits += b.prunedSplits
      sum.prunedOrders += b.prunedOrders
      sum.prunedPartials += b.prunedPartials
      sum.prunedStates += b.prunedStates
      sum.dominated += b.dominated
      sum.tableEntries += b.tableEntries
      sum.keepSets += b.keepSets
      sum.searchedKeepSets += b.searchedKeepSets
      sum.largestFrontier = max(a.largestFrontier, b.largestFrontier)
      return sum
    }
  }

  /// A kind of mapping that `evaluate` accepts and the proof does not speak of.
  public enum Exclusion: String, Hashable, Sendable, CaseIterable {
    /// Factors that do not divide the bound.
    case imperfectFactors = "imperfect factors"
    /// More than the physical fan-out below a level while an outer one is under-used (rule 13).
    case borrowedFanOut = "fan-outs wider than the machine's own (rule 13)"
    /// Several loops of one dimension in one nest.
    case splitLoops = "several loops of one dimension in one nest"
    /// Words that neighbors hand to each other (rule 12).
    case linkTransfers = "link transfers (rule 12)"
    /// What the user's constraints forbid.
    case constraints = "mappings the constraints forbid"
  }

  /// Value of the objective that was found.
  public var value: Double
  /// No mapping of the space has a lower value.
  public var lowerBound: Double
  /// What the tables of bounds proved before any search.
  public var rootBound: Double
  /// What was done.
  public var counts: Counts
  /// What the space leaves out.
  public var exclusions: [Exclusion]

  /// Whether the value is proven to be the least, up to `tolerance`.
  public var isOptimal: Bool { lowerBound >= value * (1 - OptimalCertificate.tolerance) }
  /// By how much of the value it could at most be beaten, in `0...1`.
  public var gap: Double { isOptimal || value <= 0 ? 0 : 1 - lowerBound / value }
}
