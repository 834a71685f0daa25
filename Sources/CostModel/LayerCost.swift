public import Quantities

/// What one mapping of one layer costs, by level, tensor and term.
///
/// Latency is a steady-state throughput bound: published latencies of Eyeriss are 4 to 20 % longer than this on
/// AlexNet (Chen et al., JSSC 2017, Table V: processing latency against MACs over active PEs), because pipelines
/// ramp and tiles wait. Compare designs with it; do not read it as a promise of milliseconds.
public struct LayerCost: Hashable, Sendable {
  /// Traffic of one tensor at one memory level that keeps it.
  ///
  /// Counts are elements, summed over all used instances.
  public struct TensorTraffic: Hashable, Sendable {
    /// Words of the (largest) tile of one instance.
    public var tileSize: Int
    /// Words one instance ever owns; for a result these are free on their first visit (rule 7).
    public var partitionSize: Int
    /// Used instances.
    public var instances: Int
    /// Elements read for the next inner level, all instances.
    public var reads: Int
    /// Elements written that come from the outer level, all instances.
    public var fills: Int
    /// Elements written that come from inside, all instances.
    public var updates: Int
    /// Vector accesses of one instance: reads, fills, updates.
    public var vectorReads: Int
    /// Vector writes from outside, one instance.
    public var vectorFills: Int
    /// Vector writes from inside, one instance.
    public var vectorUpdates: Int
    /// Energy of all instances, gating included.
    public var energy: Energy
    /// Words handed over by neighbors, all instances; included in reads and fills (rule 12).
    public var linkTransfers: Int
  }

  /// One memory level.
  public struct Level: Hashable, Sendable {
    /// Name of the level.
    public var name: String
    /// By operand of the layer; `nil` where bypassed.
    public var tensors: [TensorTraffic?]
    /// Used instances.
    public var instances: Int
    /// Cycles the level needs at its bandwidth.
    public var cycles: Cycles
    /// Factor by which bandwidth slows compute, in `(0, 1]`.
    public var slowdown: Double
    /// Leakage over the layer's run time.
    public var leakage: Energy
    /// All accesses plus leakage.
    public var energy: Energy
  }

  /// Words injected with one multicast factor.
  public struct Ingress: Hashable, Sendable {
    /// Children that receive each word.
    public var multicast: Int
    /// Groups of that many children.
    public var scatter: Int
    /// Words injected, per used instance of the outer level.
    public var words: Double
    /// Words times hops.
    public var wordHops: Double
  }

  /// One tensor on the network below one instance of a level.
  public struct NetworkTraffic: Hashable, Sendable {
    /// By multicast factor, increasing.
    public var ingresses: [Ingress]
    /// Energy below one used instance of the outer level, link transfers not included.
    public var energyPerInstance: Energy
    /// Words handed over between neighbors, per used instance of the outer level.
    public var linkTransfers: Int
    /// Energy of the link transfers, per used instance of the outer level.
    public var linkTransferEnergyPerInstance: Energy
    /// Words that meet another partial sum on the way.
    public var spatialReductions: Double

    /// Hops of an average word.
    public var averageHops: Double {
      let words = ingresses.reduce(0) { $0 + $1.words }
      return words > 0 ? ingresses.reduce(0) { $0 + $1.wordHops } / words : 0
    }
  }

  /// The network between a level and the next inner one.
  public struct Network: Hashable, Sendable {
    /// Used children of one instance.
    public var fanOut: Int
    /// Used instances of the outer level.
    public var instances: Int
    /// By operand; empty ingresses where no outer level keeps the tensor.
    public var tensors: [NetworkTraffic]
    /// All instances, all tensors.
    public var energy: Energy
  }

  /// What sets the latency.
  public enum Bound: Hashable, Sendable {
    /// The MAC array.
    case compute
    /// The bandwidth of a level, by position.
    case bandwidth(level: Int)
  }

  /// Total energy of all terms that are on.
  public var energy: Energy
  /// Latency, network latency included; a throughput bound, 4 to 20 % below published Eyeriss latencies.
  public var cycles: Cycles
  /// Latency if only the MAC array counted.
  public var computeCycles: Cycles
  /// Multiply-accumulates over (MAC instances x cycles).
  public var utilization: Double
  /// Multiply-accumulates.
  public var macCount: Int
  /// Used MAC units along X and Y.
  public var usedUnits: (x: Int, y: Int)
  /// Average number of MAC units with work, below `usedUnits` for ragged loops.
  public var averageUnits: Double
  /// Energy of the multiply-accumulates.
  public var computeEnergy: Energy
  /// Idle energy of the array (zero when the term is off).
  public var idleEnergy: Energy
  /// Memory levels, outermost first.
  public var levels: [Level]
  /// Networks by outer level, outermost first.
  public var networks: [Network]
  /// What sets the latency.
  public var bound: Bound

  /// Equality of totals and levels.
  public static func == (a: Self, b: Self) -> Bool {
    a.energy == b.energy && a.cycles == b.cycles && a.levels == b.levels && a.networks == b.networks
  }

  /// Hashes the totals.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(energy)
    hasher.combine(cycles)
  }

  /// Energy times latency.
  public var energyDelayProduct: EnergyDelayProduct { EnergyDelayProduct(energy, cycles) }
}

/// Why a mapping cannot run: a value, with the numbers, never an error.
public enum Violation: Hashable, Sendable {
  /// The kept tiles of a level need more words than it has.
  case capacity(level: Int, needWords: Int, haveWords: Int)
  /// The mapping uses more instances than there are; `level` is the number of memory levels for the MACs.
  case instances(level: Int, need: Int, have: Int)
  /// The mapping is wider along X than the grid.
  case expansionX(level: Int, need: Int, have: Int)
  /// The mapping is taller along Y than the grid.
  case expansionY(level: Int, need: Int, have: Int)

  /// Position of the level, the number of memory levels for the MACs.
  public var level: Int {
    switch self {
    case .capacity(let level, _, _), .instances(let level, _, _), .expansionX(let level, _, _),
      .expansionY(let level, _, _):
      level
    }
  }
}

/// What evaluating a mapping gives.
public enum MappingOutcome: Sendable {
  /// The mapping is legal and costs this much.
  case legal(LayerCost)
  /// The mapping cannot run; every reason, MACs first, then from the innermost level outwards.
  case illegal([Violation])
}
