public import Accelerator
public import CostModel
public import Workload

/// The mappings of a layer on an architecture that obey a set of constraints.
///
/// A member splits the bound of every dimension into whole factors, one for the temporal nest of each level and one
/// for X and Y of each fan-out; orders the temporal loops of every level (and the spatial loops where the hops of a
/// network depend on it); and says what each level keeps. The outermost level keeps everything. No member splits more
/// than the physical fan-out below a level, as in Timeloop's own mapper, although the verdict of the cost model (rule 13)
/// accepts that where an outer fan-out is under-used; whether tiles fit is the cost model's verdict.
public struct MapSpace: Sendable {
  /// The layer.
  public let layer: Layer
  /// The architecture.
  public let architecture: Architecture
  /// What the user asked for.
  public let constraints: MapSpaceConstraints
  /// Whether any rule restricts loops, beyond the choice of keep sets.
  public let restrictsLoops: Bool
  /// Memory levels.
  public let levelCount: Int
  /// Dimensions of the layer.
  public let dimensionCount: Int

  // Lowest and highest factor by (level, dimension) of the temporal nest, X and Y.
  @usableFromInline let temporalLow: [Int]
  @usableFromInline let temporalHigh: [Int]
  @usableFromInline let xLow: [Int]
  @usableFromInline let xHigh: [Int]
  @usableFromInline let yLow: [Int]
  @usableFromInline let yHigh: [Int]
  // By level.
  @usableFromInline let fanOuts: [FanOutLimit]
  @usableFromInline let prefixes: [OrderPrefix]
  @usableFromInline let usedFloors: [Int]
  @usableFromInline let keeps: [[UInt32]]
  @usableFromInline let ordersSpatial: [Bool]

  /// Least number of MACs the spatial loops use; 1 unless a rule asks for more.
  public let smallestUsedUnits: Int
  let rules: [CompiledRule]

  /// Largest products of the spatial factors of one level.
  public struct FanOutLimit: Hashable, Sendable {
    /// Along X.
    public var x: Int
    /// Along Y.
    public var y: Int
    /// In all.
    public var total: Int
  }

  /// Fixed ends of the order of one level's temporal loops; dimensions without a loop are passed over.
  public struct OrderPrefix: Hashable, Sendable {
    /// Dimensions from the innermost loop outwards.
    public var innermost: [Int] = []
    /// Dimensions from the outermost loop inwards.
    public var outermost: [Int] = []

    /// Whether the order is free.
    @inlinable public var isEmpty: Bool { innermost.isEmpty && outermost.isEmpty }
  }

  /// Compiles constraints for a layer on an architecture.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - architecture: The machine.
  ///   - constraints: What every mapping must obey.
  ///   - terms: Whether networks cost energy, on which the order of spatial loops depends.
  /// - Throws: `MapSpaceError` naming every rule that takes part in a contradiction.
  /// - Complexity: O(levels x dimensions) without constraints; with constraints the space is counted.
  public init(
    of layer: Layer, on architecture: Architecture, constraints: MapSpaceConstraints = .none,
    terms: CostTerms = .asDescribed
  ) throws(MapSpaceError) {
    let compiler = try MapSpaceCompiler(layer, architecture, constraints, terms)
    self.init(compiler, rules: compiler.rules)
    try checkThatItIsNotEmpty(compiler)
  }

  /// The space of the model's layer, architecture and terms.
  ///
  /// - Throws: `MapSpaceError` naming every rule that takes part in a contradiction.
  public init(for model: LoopNestCostModel, constraints: MapSpaceConstraints = .none)
    throws(MapSpaceError)
  {
    try self.init(
      of: model.layer, on: model.architecture, constraints: constraints, terms: model.terms)
  }

  // MARK: Predicates for searches

  /// Whether the temporal loop of a dimension at a level may have this factor.
  @inlinable
  public func allowsTemporal(level: Int, dimension: Int, factor: Int) -> Bool {
    let place = level * dimensionCount + dimension
    return factor >= temporalLow[place] && factor <= temporalHigh[place]
  }

  /// Whether a dimension may be split by these factors along X and Y of the fan-out below a level.
  @inlinable
  public func allowsSpatial(level: Int, dimension: Int, x: Int, y: Int) -> Bool {
    let place = level * dimensionCount + dimension
    return x >= xLow[place] && x <= xHigh[place] && y >= yLow[place] && y <= yHigh[place]
  }

  /// Largest products of the spatial factors of a level.
  @inlinable
  public func largestFanOut(level: Int) -> FanOutLimit { fanOuts[level] }

  /// Fixed ends of the order of a level's temporal loops.
  @inlinable
  public func orderPrefix(level: Int) -> OrderPrefix { prefixes[level] }

  /// Least product of the spatial factors of a level; 1 unless a rule asks for more.
  @inlinable
  public func smallestUsedUnits(level: Int) -> Int { usedFloors[level] }

  /// The keep sets a level may have, as bits 24 to 31 of a packed header; one when they are fixed.
  @inlinable
  public func keepSets(level: Int) -> [UInt32] { keeps[level] }

  /// Whether a search chooses keep sets.
  public var hasFreeKeepSets: Bool { keeps.contains { $0.count > 1 } }

  /// Whether the order of the spatial loops below a level changes its network energy.
  @inlinable
  public func ordersSpatialLoops(level: Int) -> Bool { ordersSpatial[level] }

  init(_ compiler: MapSpaceCompiler, rules: [CompiledRule]) {
    let tables = MapSpaceTables(compiler, rules: rules)
    layer = compiler.layer
    architecture = compiler.architecture
    constraints = compiler.constraints
    self.rules = rules
    levelCount = compiler.levelCount
    dimensionCount = compiler.dimensionCount
    restrictsLoops = rules.contains { $0.effect.restrictsLoops }
    temporalLow = tables.low[0]
    temporalHigh = tables.high[0]
    xLow = tables.low[1]
    xHigh = tables.high[1]
    yLow = tables.low[2]
    yHigh = tables.high[2]
    fanOuts = tables.fanOuts
    prefixes = tables.prefixes
    usedFloors = tables.usedFloors
    keeps = tables.keeps
    ordersSpatial = tables.ordersSpatial
    smallestUsedUnits = tables.smallestUsedUnits
  }
}
