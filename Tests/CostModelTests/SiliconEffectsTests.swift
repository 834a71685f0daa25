import Accelerator
import CostModel
import Quantities
import Testing
import Workload

/// Each term beyond counting, by hand on one small machine: 4 PEs, a buffer and DRAM, one 2 x 2 x 3 matrix product.
@Suite struct SiliconEffectsTests {
  /// C = 3 in time, M = 2 along X, N = 2 along Y: 12 MACs in 3 cycles on 4 PEs.
  static func cost(
    _ change: (inout SiliconEffects) -> Void = { _ in }, terms: CostTerms = .asDescribed,
    zeroShare: Double? = nil, columns: Int = 2, bits: Int? = nil
  ) throws -> LayerCost {
    var effects = SiliconEffects()
    change(&effects)
    let unit = Mesh(x: 1, y: 1)
    var buffer = MemoryLevel(
      name: "buffer", kind: .sram, mesh: unit, capacityWords: 64, wordBits: 8,
      energy: AccessEnergy(read: 2, fill: 3, update: 4))
    buffer.leakagePerCycle = 0.5
    buffer.blockSize = 2
    let dram = MemoryLevel(
      name: "DRAM", kind: .dram, mesh: unit, capacityWords: nil, wordBits: 8,
      energy: AccessEnergy(read: 100, fill: 100, update: 100))
    let machine = try Architecture(
      name: "small", levels: [dram, buffer],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: columns, y: 2), wordBits: 8, energyPerOperation: 10),
      clock: Frequency(megahertz: 100), effects: effects)
    var layer = try Layer.matrixProduct(name: "product", rows: 2, columns: 2, inner: 3)
    if let bits {
      layer = try Layer(
        name: "product", dimensions: layer.dimensions,
        operands: layer.operands.map {
          Operand(name: $0.name, axes: $0.axes, role: $0.role, bits: bits)
        })
    }
    let all = [true, true, true]
    let mapping = try Mapping(
      nests: [
        LoopNest(keeps: all),
        LoopNest(
          temporal: [Loop(dimension: 0, factor: 3)], spatialX: [Loop(dimension: 1, factor: 2)],
          spatialY: [Loop(dimension: 2, factor: 2)], keeps: all),
      ], for: layer, on: machine)
    let model = LoopNestCostModel(
      layer: layer, architecture: machine, terms: terms, zeroShare: zeroShare)
    guard case .legal(let cost) = model.cost(of: mapping) else { throw Refused() }
    return cost
  }

  struct Refused: Error {}

  // Weights 6 words: DRAM reads 6, buffer fills 6, reads 6. Inputs the same. Outputs 4 words, 12 updates at the buffer,
  // 8 of them read first, then 4 updates at DRAM.
  static let macs: Double = 120
  static let dram: Double = 1_600
  /// Blocks of two: 3 + 3 reads and fills for the inputs, 4 reads and 6 updates for the result,
  /// so 6 x 2 + 6 x 3 + 4 x 2 + 6 x 4 pJ.
  static let buffer: Double = 62
  static let leakage: Double = 1.5

  @Test func countingAloneIsTheSumOfAccesses() throws {
    let cost = try Self.cost(terms: .countingOnly)
    #expect(cost.cycles.count == 3)
    #expect(cost.energy.picojoules == Self.macs + Self.dram + Self.buffer + Self.leakage)
    #expect(cost.idleEnergy == .zero)
  }

  @Test func idleEnergyIsPaidPerPositionAndCycle() throws {
    let cost = try Self.cost { $0.idleEnergyPerCycle = 7 }
    #expect(cost.idleEnergy.picojoules == 7 * 4 * 3)
    let neutral = try Self.cost()
    #expect(cost.energy.picojoules == neutral.energy.picojoules + 7 * 4 * 3)
  }

  @Test func clockGatingSavesOnlyWherePositionsHaveNoWork() throws {
    // 4 x 2 positions, half of them without work in all 3 cycles.
    let cost = try Self.cost(
      {
        $0.idleEnergyPerCycle = 7
        $0.clockGating = 0.75
      }, columns: 4)
    let always: Double = 7 * 8 * 3
    let withoutWork: Double = 8 * 3 - 12
    #expect(cost.idleEnergy.picojoules == always - 0.75 * 7 * withoutWork)
  }

  @Test func switchingFactorScalesOnChipWorkOnly() throws {
    let cost = try Self.cost { $0.switchingFactor = 1.5 }
    let expected = 1.5 * (Self.macs + Self.buffer) + Self.dram + Self.leakage
    #expect(abs(cost.energy.picojoules - expected) < 1e-9)
  }

  @Test func zeroActivationsGateMACsAndTheNamedOperands() throws {
    let gate: (inout SiliconEffects) -> Void = {
      $0.zeroGating = .init(operand: "Inputs", zeroShare: 0.25, gatedOperands: ["Weights"])
    }
    // Weights leave the buffer in 3 blocks at 2 pJ: a quarter of that and of the MACs is saved.
    let neutral = try Self.cost().energy.picojoules
    let saved = Self.macs + 6
    #expect(try Self.cost(gate).energy.picojoules == neutral - 0.25 * saved)
    #expect(try Self.cost(gate, zeroShare: 1).energy.picojoules == neutral - saved)
    #expect(try Self.cost(gate, zeroShare: 0).energy.picojoules == neutral)
  }

  @Test func everyTermCanBeSwitchedOff() throws {
    let all: (inout SiliconEffects) -> Void = {
      $0.idleEnergyPerCycle = 7
      $0.clockGating = 0.5
      $0.switchingFactor = 3
      $0.zeroGating = .init(operand: "Inputs", zeroShare: 0.5, gatedOperands: ["Weights"])
    }
    let counted = try Self.cost(terms: .countingOnly).energy
    #expect(try Self.cost(all, terms: .countingOnly).energy == counted)
  }

  @Test func narrowElementsShareBlocks() throws {
    // Blocks are 16 bits: four 4-bit elements fit, so 6 reads are 2 blocks; 32-bit elements need two blocks each.
    let narrow = try Self.cost(bits: 4).levels[1].tensors[0]
    #expect(narrow?.reads == 6)
    #expect(narrow?.vectorReads == 2)
    let wide = try Self.cost(bits: 32).levels[1].tensors[0]
    #expect(wide?.vectorReads == 12)
  }

  @Test func wideElementsNeedMoreRoom() throws {
    // 6 + 6 + 4 elements of 40 bits are 640 bits; the buffer has 512.
    #expect(throws: Refused.self) { try Self.cost(bits: 40) }
    #expect(try Self.cost(bits: 32).cycles.count == 3)
  }

  @Test func unusedInstancesLeakWhenTheTermIsOn() throws {
    let pe = Mesh(x: 4, y: 1)
    var registers = MemoryLevel(
      name: "registers", kind: .registers, mesh: pe, capacityWords: 16, wordBits: 8,
      energy: AccessEnergy(read: 0, fill: 0, update: 0))
    registers.leakagePerCycle = 2
    let dram = MemoryLevel(
      name: "DRAM", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
      energy: AccessEnergy(read: 0, fill: 0, update: 0))
    let machine = try Architecture(
      name: "row", levels: [dram, registers],
      compute: ComputeArray(name: "MAC", mesh: pe, wordBits: 8, energyPerOperation: 0))
    let layer = try Layer.matrixProduct(name: "product", rows: 1, columns: 2, inner: 5)
    let all = [true, true, true]
    let mapping = try Mapping(
      nests: [
        LoopNest(spatialX: [Loop(dimension: 1, factor: 2)], keeps: all),
        LoopNest(temporal: [Loop(dimension: 0, factor: 5)], keeps: all),
      ], for: layer, on: machine)
    for (terms, instances) in [(CostTerms.countingOnly, 2.0), (.asDescribed, 4.0)] {
      let model = LoopNestCostModel(layer: layer, architecture: machine, terms: terms)
      guard case .legal(let cost) = model.cost(of: mapping) else { throw Refused() }
      #expect(cost.energy.picojoules == instances * 2 * 5)
    }
  }
}
