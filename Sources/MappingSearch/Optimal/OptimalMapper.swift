import Accelerator
public import CostModel
import Workload

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

    /// Nothing yet.
    public init() {}
  }

  /// Value of the objective that was found.
  public var value: Double
  /// No mapping of the space has a lower value.
  public var lowerBound: Double
  /// What was done.
  public var counts: Counts
  /// Classes of mappings that the space leaves out, by name.
  public var exclusions: [String]

  /// Whether the value is proven to be the least, up to `tolerance`.
  public var isOptimal: Bool { lowerBound >= value * (1 - OptimalCertificate.tolerance) }
  /// By how much of the value it could at most be beaten, in `0...1`.
  public var gap: Double { isOptimal || value <= 0 ? 0 : 1 - lowerBound / value }
}

/// The best mapping of a layer, with a proof.
public struct OptimalMapper: Sendable {
  /// What is minimized.
  public var objective = MappingObjective.energyDelayProduct
  /// Choices after which the search gives up and reports the gap that is left.
  public var nodeLimit = 2_000_000_000

  /// A mapping, what it costs and what is proven.
  public struct Result: Sendable {
    /// The mapping.
    public var mapped: MappedLayer
    /// The proof.
    public var certificate: OptimalCertificate
    /// What the tables alone proved.
    public var rootBound: Double
  }

  /// Creates a mapper for the energy-delay product.
  public init() {}

  public func mapping(for model: LoopNestCostModel) -> Result? {
    let keeps = model.architecture.levels.map { level in
      model.layer.operands.enumerated().reduce(UInt32(0)) { bits, operand in
        let isKept = level.keptByDefault?.contains(operand.element.name) ?? true
        return isKept ? bits | 1 << UInt32(24 + operand.offset) : bits
      }
    }
    guard let plan = SearchPlan(model, keeps: keeps, shapeLimit: 1 << 20) else { return nil }
    let tables = CompletionBounds(plan)
    let objective = self.objective
    let search = OptimalSearch(
      plan, bounds: tables, objective: { objective.value(energy: $0, cycles: $1) },
      space: SpaceRules())
    let root = search.rootBound()
    guard root < .infinity else { return nil }
    // Limits that grow until a mapping below the limit turns up keep the search small when the bounds are tight.
    var excess = 0.001
    while true {
      var limit = root > 0 && excess < 1e3 ? root * (1 + excess) : .infinity
      if let best = search.best { limit = min(limit, best.value * (1 + 1e-12)) }
      search.run(below: limit)
      if let best = search.best, best.value <= limit { break }
      guard limit < .infinity else { break }
      excess *= 2.5
    }
    guard let best = search.best else { return nil }
    var batch = PackedMappings(levelCount: plan.levelCount, loopCapacity: Mapping.largestLoopCount)
    batch.words = best.record
    guard let mapping = try? batch.mapping(at: 0, for: model.layer, on: model.architecture) else {
      return nil
    }
    var counts = search.counts
    counts.tableEntries = tables.entryCount
    return Result(
      mapped: MappedLayer(
        mapping: mapping, totals: best.totals, evaluationCount: counts.evaluations),
      certificate: OptimalCertificate(
        value: best.value, lowerBound: min(best.value, search.leastAbandoned), counts: counts,
        exclusions: []), rootBound: root)
  }
}
