import Accelerator
import Quantities
import Technology
import Workload

/// The Eyeriss chip as an architecture, with component energies from the tables, and its row-stationary mappings.
struct EyerissMachine {
  /// Energy of one event, in pJ per 16-bit word, at 65 nm and 1.0 V.
  struct ComponentEnergies: Hashable {
    /// 16-bit multiply, 32-bit add.
    var multiplyAccumulate: Double
    /// 448-byte filter scratchpad.
    var filterRead: Double
    var filterWrite: Double
    /// Input and partial-sum scratchpads, registers.
    var registerAccess: Double
    /// One of the 27 banks of 512 x 64 bits; a quarter of an access.
    var bufferRead: Double
    var bufferWrite: Double
    /// One word on one millimeter of wire.
    var wireMillimeter: Double
  }

  /// Way from the global buffer to the array, and between neighboring PEs, in mm (planning choices: half the 3.5 mm core
  /// and rounded up; the pitch of 14 PEs on it).
  static let bufferDistance = 2.0
  static let unitDistance = 0.25
  private static let wordBits = 16
  private static let filterWords = 224
  private static let bankBits = 512 * 64
  private static let banks = 27

  let energies: ComponentEnergies
  /// Limits of the global buffer, in words per cycle.
  let bufferBandwidth: Bandwidth

  init(library: ComponentLibrary, bufferBandwidth: Bandwidth) throws(TechnologyError) {
    let node = try ProcessNode(
      nanometers: EyerissFigures.node.nanometers, supply: EyerissFigures.node.supply)
    let filter = try library.sram(
      capacityBits: Self.filterWords * Self.wordBits, accessBits: Self.wordBits, node: node)
    let bank = try library.sram(
      capacityBits: Self.banks * Self.bankBits, accessBits: 64, banks: Self.banks, node: node)
    let registers = try library.registerFile(
      capacityBits: 24 * Self.wordBits, accessBits: Self.wordBits, node: node)
    energies = ComponentEnergies(
      multiplyAccumulate: try library.multiplyAccumulate(.int16, node: node).energy.picojoules,
      filterRead: filter.readEnergy.picojoules, filterWrite: filter.writeEnergy.picojoules,
      registerAccess: registers.readEnergy.picojoules,
      bufferRead: bank.readEnergy.picojoules / 4, bufferWrite: bank.writeEnergy.picojoules / 4,
      wireMillimeter: try library.wireEnergyPerBitMillimeter(node: node).picojoules
        * Double(Self.wordBits))
    self.bufferBandwidth = bufferBandwidth
  }

  /// The chip with its PEs in a grid of `mesh`; zeros in the inputs gate MAC, filter read and partial sum.
  ///
  /// DRAM is not on the chip's supply and costs nothing here. The innermost level of each tensor is its scratchpad.
  func architecture(mesh: Mesh, switchingFactor: Double = 1, idleEnergy: Double = 0)
    throws(ArchitectureError) -> Architecture
  {
    let e = energies
    let level = {
      (name: String, kind: MemoryKind, words: Int?, grid: Mesh, read: Double, write: Double) in
      MemoryLevel(
        name: name, kind: kind, mesh: grid, capacityWords: words, wordBits: Self.wordBits,
        energy: AccessEnergy(read: read, fill: write, update: write))
    }
    let one = Mesh(x: 1, y: 1)
    var buffer = level(
      "GLB", .sram, Self.banks * Self.bankBits / Self.wordBits, one, 4 * e.bufferRead,
      4 * e.bufferWrite)
    buffer.blockSize = 4
    buffer.bandwidth = bufferBandwidth
    var effects = SiliconEffects()
    effects.switchingFactor = switchingFactor
    effects.idleEnergyPerCycle = idleEnergy
    effects.zeroGating = .init(
      operand: "Inputs", zeroShare: 0, gatedOperands: ["Weights", "Outputs"])
    return try Architecture(
      name: "Eyeriss",
      levels: [
        level("DRAM", .dram, nil, one, 0, 0), buffer,
        level("ifmap", .registers, 12, mesh, e.registerAccess, e.registerAccess),
        level("filter", .sram, Self.filterWords, mesh, e.filterRead, e.filterWrite),
        level("psum", .registers, 24, mesh, e.registerAccess, e.registerAccess),
      ],
      compute: ComputeArray(
        name: "MAC", mesh: mesh, wordBits: Self.wordBits, energyPerOperation: e.multiplyAccumulate),
      clock: Frequency(megahertz: EyerissFigures.megahertz), effects: effects)
  }
}
