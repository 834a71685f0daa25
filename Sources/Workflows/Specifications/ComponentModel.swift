/// Estimates of hardware components, for numbers that an architecture file leaves out.
///
/// A struct of functions, so that any table of components can be plugged in; see `ComponentModel.none`.
/// The functions throw when a request is outside what their tables cover.
public struct ComponentModel: Sendable {
  /// The process an architecture file names.
  public struct Technology: Hashable, Sendable {
    /// Node name in nm.
    public var node: Double
    /// Supply in V.
    public var supply: Double
    /// Transistor flavor, one of `flavors`.
    public var flavor: String

    /// Creates a technology.
    public init(node: Double, supply: Double, flavor: String) {
      self.node = node
      self.supply = supply
      self.flavor = flavor
    }
  }

  /// The shape of one instance of a memory.
  public struct MemoryShape: Hashable, Sendable {
    /// Bits of the instance.
    public var capacityBits: Int
    /// Bits of one vector access.
    public var accessBits: Int
    /// Banks the instance is divided into.
    public var banks: Int

    /// Creates a shape.
    public init(capacityBits: Int, accessBits: Int, banks: Int) {
      self.capacityBits = capacityBits
      self.accessBits = accessBits
      self.banks = banks
    }
  }

  /// What one component costs.
  public struct Figures: Hashable, Sendable {
    /// Energy of a read, a multiply-accumulate, or a bit moved, in pJ.
    public var energy: Double
    /// Energy of a write, in pJ; equal to `energy` for anything but memories.
    public var writeEnergy: Double
    /// Leakage in mW.
    public var leakageMilliwatts: Double
    /// Area in mm^2.
    public var area: Double
    /// Shortest time between two accesses, in ns; `nil` when unknown.
    public var cycleNanoseconds: Double?
    /// Where the numbers come from.
    public var source: String

    /// Creates figures; a component without a separate write energy leaves it out.
    public init(
      energy: Double, writeEnergy: Double? = nil, leakageMilliwatts: Double = 0, area: Double = 0,
      cycleNanoseconds: Double? = nil, source: String
    ) {
      self.energy = energy
      self.writeEnergy = writeEnergy ?? energy
      self.leakageMilliwatts = leakageMilliwatts
      self.area = area
      self.cycleNanoseconds = cycleNanoseconds
      self.source = source
    }
  }

  /// Transistor flavors that `technology.flavor` may name.
  public var flavors: [String]
  /// Number formats that `compute.precision` may name.
  public var precisions: [String]
  /// Off-chip memories that `memory` may name.
  public var memories: [String]
  /// An SRAM instance.
  public var sram: @Sendable (Technology, MemoryShape) throws -> Figures
  /// A memory of flip-flops or latches; banks are ignored.
  public var registers: @Sendable (Technology, MemoryShape) throws -> Figures
  /// One multiply-accumulate unit of a precision.
  public var multiplyAccumulate: @Sendable (Technology, String) throws -> Figures
  /// Off-chip memory of a kind; energy per bit.
  public var dram: @Sendable (String) throws -> Figures
  /// On-chip wire; energy per bit and millimeter.
  public var wire: @Sendable (Technology) throws -> Figures

  /// Creates a model from its functions.
  public init(
    flavors: [String], precisions: [String], memories: [String],
    sram: @escaping @Sendable (Technology, MemoryShape) throws -> Figures,
    registers: @escaping @Sendable (Technology, MemoryShape) throws -> Figures,
    multiplyAccumulate: @escaping @Sendable (Technology, String) throws -> Figures,
    dram: @escaping @Sendable (String) throws -> Figures,
    wire: @escaping @Sendable (Technology) throws -> Figures
  ) {
    self.flavors = flavors
    self.precisions = precisions
    self.memories = memories
    self.sram = sram
    self.registers = registers
    self.multiplyAccumulate = multiplyAccumulate
    self.dram = dram
    self.wire = wire
  }

  /// A model that knows nothing: every number must stand in the file.
  public static let none = ComponentModel(
    flavors: [], precisions: [], memories: [], sram: { _, _ in throw NoTables() },
    registers: { _, _ in throw NoTables() }, multiplyAccumulate: { _, _ in throw NoTables() },
    dram: { _ in throw NoTables() }, wire: { _ in throw NoTables() })

  private struct NoTables: Error, CustomStringConvertible {
    var description: String { "no component tables are loaded" }
  }
}
