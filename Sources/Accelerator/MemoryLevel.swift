public import Quantities

/// What a memory is built from; decides component models and whether it accumulates in place.
public enum MemoryKind: String, Hashable, Sendable, CaseIterable {
  /// Off-chip memory: no in-place accumulation, no area on the die.
  case dram = "DRAM"
  /// On-chip SRAM macro.
  case sram = "SRAM"
  /// Flip-flops or latches.
  case registers
}

/// Energy of one vector access (one block of `blockSize` words), in pJ.
public struct AccessEnergy: Hashable, Sendable {
  /// Reading a block for the next inner level, in pJ.
  public var read: Double
  /// Writing a block that arrives from the outer level, in pJ.
  public var fill: Double
  /// Writing a block that arrives from the inner level or the MACs, in pJ.
  public var update: Double

  /// Creates an access energy from pJ per block.
  public init(read: Double, fill: Double, update: Double) {
    self.read = read
    self.fill = fill
    self.update = update
  }
}

/// Highest sustained traffic of one instance, in words per cycle; `nil` is unlimited.
public struct Bandwidth: Hashable, Sendable {
  /// Words read per cycle.
  public var read: Double?
  /// Words filled and updated per cycle.
  public var write: Double?
  /// Words read, filled and updated per cycle through a shared port.
  public var shared: Double?

  /// Creates a bandwidth; all unlimited by default.
  public init(read: Double? = nil, write: Double? = nil, shared: Double? = nil) {
    self.read = read
    self.write = write
    self.shared = shared
  }
}

/// The network from one instance of a level to the next inner instances it feeds.
public struct Interconnect: Hashable, Sendable {
  /// Energy of moving one word by one hop, in pJ.
  public var energyPerHop: Double = 0
  /// Energy of one word passing one router, in pJ.
  public var routerEnergy: Double = 0
  /// Cycles added once to a layer's latency for filling.
  public var fillLatency: Int = 0
  /// Cycles added once to a layer's latency for draining.
  public var drainLatency: Int = 0

  /// A network without energy and latency.
  public init() {}
}

/// A grid of identical instances.
public struct Mesh: Hashable, Sendable {
  /// Instances along X.
  public var x: Int
  /// Instances along Y.
  public var y: Int

  /// Creates a grid of `x` columns and `y` rows.
  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }

  /// Number of instances.
  public var count: Int { x * y }
}

/// One level of the memory hierarchy.
public struct MemoryLevel: Hashable, Sendable {
  /// Name, unique in the architecture.
  public var name: String
  /// What it is built from.
  public var kind: MemoryKind
  /// All instances of the level on the chip.
  public var mesh: Mesh
  /// Words of one instance, shared by all kept tensors; `nil` is unlimited.
  public var capacityWords: Int?
  /// Copies of a tile that must fit, at least 1: 2 is double buffering.
  public var multipleBuffering: Double = 1
  /// Bits of one word.
  public var wordBits: Int
  /// Words moved by one vector access.
  public var blockSize: Int = 1
  /// Limits of the traffic of one instance.
  public var bandwidth = Bandwidth()
  /// Names of the tensors the level is built to keep; `nil` keeps all.
  public var keptByDefault: [String]?
  /// Energy of one vector access.
  public var energy: AccessEnergy
  /// Leakage of one instance, in pJ per cycle.
  public var leakagePerCycle: Double = 0
  /// Area of one instance; zero when not stated.
  public var area: Area = .zero
  /// Shortest cycle one instance can run at, in ns; `nil` when unknown.
  public var shortestCycleNanoseconds: Double?
  /// The network below the level.
  public var network = Interconnect()

  /// Creates a level with the fields that have no default; the others are variables.
  public init(
    name: String, kind: MemoryKind, mesh: Mesh, capacityWords: Int?, wordBits: Int,
    energy: AccessEnergy
  ) {
    self.name = name
    self.kind = kind
    self.mesh = mesh
    self.capacityWords = capacityWords
    self.wordBits = wordBits
    self.energy = energy
  }

  /// Words a tile set may use: `floor(capacity / multipleBuffering)`.
  public var usableWords: Int? {
    capacityWords.map { Int((Double($0) / multipleBuffering).rounded(.down)) }
  }

  /// Elements of the given width that one vector access moves; at least a part of one.
  ///
  /// Elements do not straddle blocks. An element wider than a block takes several blocks, reported as `blocks`.
  public func packing(elementBits: Int) -> (elements: Int, blocks: Int) {
    let blockBits = blockSize * wordBits
    return elementBits <= blockBits
      ? (blockBits / elementBits, 1) : (1, (elementBits + blockBits - 1) / blockBits)
  }
}

/// The array of multiply-accumulate units below the innermost memory.
public struct ComputeArray: Hashable, Sendable {
  /// Name, for reports.
  public var name: String
  /// All units on the chip.
  public var mesh: Mesh
  /// Operand width in bits.
  public var wordBits: Int
  /// Energy of one multiply-accumulate, in pJ.
  public var energyPerOperation: Double
  /// Area of one unit; zero when not stated.
  public var area: Area = .zero

  /// Creates an array.
  public init(name: String, mesh: Mesh, wordBits: Int, energyPerOperation: Double) {
    self.name = name
    self.mesh = mesh
    self.wordBits = wordBits
    self.energyPerOperation = energyPerOperation
  }
}
