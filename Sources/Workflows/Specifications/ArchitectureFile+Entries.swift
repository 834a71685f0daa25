public import Accelerator

extension ArchitectureFile {
  /// The process a chip is made in.
  public struct TechnologyEntry: Hashable, Sendable {
    /// Node name in nm, 1 to 1000.
    ///
    /// Required. Example: 65.
    public var node: Double
    /// Supply in V, above 0, at most 10.
    ///
    /// Required. Example: 1.0.
    public var supply: Double
    /// Transistor flavor of memories, for example `lstp` or `hp`.
    ///
    /// Default: `lstp`, which most accelerators use.
    public var flavor: String = "lstp"
  }

  /// One memory level.
  public struct LevelEntry: Hashable, Sendable {
    /// Name, unique in the file.
    ///
    /// Required. Example: `GLB`.
    public var name: String
    /// `DRAM`, `SRAM` or `registers`.
    ///
    /// Required.
    public var kind: MemoryKind
    /// All instances along X and Y on the chip, `[x, y]`, a multiple of the level outside.
    ///
    /// Default: `[1, 1]`.
    public var mesh: [Int]?
    /// Words of one instance, from 1, or `unlimited`.
    ///
    /// Default: unlimited for DRAM, otherwise required.
    public var capacity: Capacity?
    /// Bits of one word, 1 to 4096.
    ///
    /// Default: `wordBits` of the file.
    public var wordBits: Int?
    /// Words of one vector access, 1 to 65536.
    ///
    /// Default: 1.
    public var blockSize: Int?
    /// Copies of a tile that must fit, 1 to 1024; 2 is double buffering.
    ///
    /// Default: 1.
    public var multipleBuffering: Double?
    /// Banks of one instance, 1 to 65536; used to derive SRAM energy.
    ///
    /// Default: 1.
    public var banks: Int?
    /// Kind of DRAM to derive energy from, for example `LPDDR4`.
    ///
    /// Optional.
    public var memory: String?
    /// Words per cycle and instance: `read`, `write`, `shared`, each above 0.
    ///
    /// Default: unlimited.
    public var bandwidth = Bandwidth()
    /// Tensors kept when a mapping does not say.
    ///
    /// Default: all.
    public var keep: [String]?
    /// pJ per vector access.
    ///
    /// Default: derived.
    public var energy = EnergyEntry()
    /// Leakage in pJ per instance and cycle, from 0.
    ///
    /// Default: derived with technology and clock, else 0.
    public var leakage: Double?
    /// Area in mm^2 per instance, from 0.
    ///
    /// Default: derived with technology, else 0.
    public var area: Double?
    /// Shortest cycle in ns, above 0.
    ///
    /// Default: derived with technology, else unknown.
    public var shortestCycleNanoseconds: Double?
    /// Network below the level.
    ///
    /// Default: free of energy and latency.
    public var network = NetworkEntry()
  }

  /// Energy of vector accesses.
  public struct EnergyEntry: Hashable, Sendable {
    /// Reading a block, in pJ, from 0.
    ///
    /// Default: derived.
    public var read: Double?
    /// Writing a block that comes from outside, in pJ, from 0.
    ///
    /// Default: derived.
    public var fill: Double?
    /// Writing a block that comes from inside, in pJ, from 0.
    ///
    /// Default: derived.
    public var update: Double?

    /// Whether nothing is left to derive.
    var isComplete: Bool { read != nil && fill != nil && update != nil }
  }

  /// The network below a level.
  public struct NetworkEntry: Hashable, Sendable {
    /// pJ per word and hop, from 0.
    ///
    /// Default: derived from `hopMillimeters`, else 0.
    public var energyPerHop: Double?
    /// Length of a hop in mm, 0 to 1000.
    ///
    /// Optional; needs a technology.
    public var hopMillimeters: Double?
    /// pJ per word and router, from 0.
    ///
    /// Default: 0.
    public var routerEnergy: Double?
    /// Cycles added once per layer for filling, from 0.
    ///
    /// Default: 0.
    public var fillLatency: Int?
    /// Cycles added once per layer for draining, from 0.
    ///
    /// Default: 0.
    public var drainLatency: Int?
  }

  /// How much an instance holds.
  public enum Capacity: Hashable, Sendable {
    /// `capacity: 55296`.
    case words(Int)
    /// `capacityBytes: 110592`; a whole number of words.
    case bytes(Int)
    /// `capacity: unlimited`.
    case unlimited
  }

  /// The MAC array.
  public struct ComputeEntry: Hashable, Sendable {
    /// Name for reports.
    ///
    /// Default: `MAC`.
    public var name: String?
    /// All units along X and Y, `[x, y]`, a multiple of the innermost level.
    ///
    /// Default: `[1, 1]`.
    public var mesh: [Int]?
    /// Number format to derive energy and area from, for example `int8`.
    ///
    /// Optional.
    public var precision: String?
    /// Bits of an operand, 1 to 4096.
    ///
    /// Default: `wordBits` of the file.
    public var wordBits: Int?
    /// pJ per multiply-accumulate, from 0.
    ///
    /// Default: derived.
    public var energy: Double?
    /// mm^2 per unit, from 0.
    ///
    /// Default: derived with technology and precision, else 0.
    public var area: Double?
  }

  /// Terms beyond loop-nest counting, each neutral when absent.
  public struct EffectsEntry: Hashable, Sendable {
    /// pJ per MAC position and cycle, 0 to 1e12.
    ///
    /// Default: 0.
    public var idleEnergyPerCycle: Double?
    /// Share of the idle energy removed where no work is done, 0 to 1.
    ///
    /// Default: 0.
    public var clockGating: Double?
    /// Multiplier of all on-chip switching energy, 0 to 1e6.
    ///
    /// Default: 1.
    public var switchingFactor: Double?
    /// Cell area over die area, 1e-6 to 1.
    ///
    /// Default: 1.
    public var placementDensity: Double?
    /// mm^2 of control and clocking per MAC position, 0 to 1e6.
    ///
    /// Default: 0.
    public var areaPerProcessingElement: Double?
    /// mm^2 that do not depend on the array, 0 to 1e6.
    ///
    /// Default: 0.
    public var fixedArea: Double?
    /// Operand whose zeros gate work, its share of zeros in 0...1, and the operands gated.
    ///
    /// Default: no gating.
    public var zeroGating: ZeroGatingEntry?
  }

  /// Gating of work on zeros.
  public struct ZeroGatingEntry: Hashable, Sendable {
    /// Operand whose zeros gate.
    ///
    /// Required. Example: `Inputs`.
    public var operand: String
    /// Share of zeros when the workload does not say, 0 to 1.
    ///
    /// Default: 0.
    public var zeroShare: Double?
    /// Operands whose accesses at their innermost level are gated.
    ///
    /// Default: none.
    public var gatedOperands: [String]?
  }
}
