import Accelerator
import Quantities
import Testing
import Workload

@testable import CostModel

/// Ragged mappings counted by hand.
@Suite struct RaggedExampleTests {
  /// Seven outputs of one multiplication each: `Outputs[N, M] = Inputs[N, C] Weights[C, M]` with M = 7.
  private static func layer() throws -> Layer {
    try .matrixProduct(name: "seven", rows: 1, columns: 7, inner: 1)
  }

  /// A memory, a buffer and a row of MACs.
  private static func architecture(bufferWords: Int, macs: Int) throws -> Architecture {
    let energy = AccessEnergy(read: 1, fill: 10, update: 100)
    return try Architecture(
      name: "row",
      levels: [
        MemoryLevel(
          name: "memory", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
          energy: energy),
        MemoryLevel(
          name: "buffer", kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: bufferWords,
          wordBits: 8, energy: energy),
      ],
      compute: ComputeArray(
        name: "macs", mesh: Mesh(x: macs, y: 1), wordBits: 8, energyPerOperation: 1_000))
  }

  /// Two rounds of four MACs, the second of three; the loop of two at the memory or at the buffer.
  private static func outcome(roundsAtBuffer: Bool, bufferWords: Int, macs: Int = 4) throws
    -> MappingOutcome
  {
    let layer = try layer()
    let architecture = try architecture(bufferWords: bufferWords, macs: macs)
    let keeps = [true, true, true]
    let rounds = [Loop(dimension: 1, factor: 2)]
    let mapping = try Mapping(
      nests: [
        LoopNest(temporal: roundsAtBuffer ? [] : rounds, keeps: keeps),
        LoopNest(
          temporal: roundsAtBuffer ? rounds : [],
          spatialX: [Loop(dimension: 1, factor: 4, residual: 3)], keeps: keeps),
      ], for: layer, on: architecture)
    return LoopNestCostModel(layer: layer, architecture: architecture).cost(of: mapping)
  }

  @Test func sevenOutputsOnFourUnits() throws {
    guard case .legal(let cost) = try Self.outcome(roundsAtBuffer: false, bufferWords: 9) else {
      Issue.record("the tiles are 4 + 1 + 4 words and fit in 9")
      return
    }
    #expect(cost.computeCycles == Cycles(2))
    #expect(cost.usedUnits == (4, 1))
    #expect(cost.averageUnits == 3.5)
    #expect(cost.macCount == 7)
    let counts = cost.levels.map { level in
      level.tensors.map { [$0?.reads, $0?.fills, $0?.updates, $0?.tileSize] }
    }
    // Weights, inputs, outputs: reads, fills, updates, largest tile. The input is read once from the memory and in
    // each round from the buffer, for all MACs at once. Outputs are written once and never read back.
    #expect(counts[0] == [[7, 0, 0, 7], [1, 0, 0, 1], [0, 0, 7, 7]])
    #expect(counts[1] == [[7, 7, 0, 4], [2, 1, 0, 1], [0, 0, 7, 4]])
    #expect(cost.levels[1].energy == Energy(picojoules: 7 + 70 + 2 + 10 + 700))
    #expect(cost.levels[0].energy == Energy(picojoules: 7 + 1 + 700))
  }

  @Test func tileThatDoesNotFit() throws {
    guard case .illegal(let found) = try Self.outcome(roundsAtBuffer: false, bufferWords: 8) else {
      Issue.record("the tiles are 4 + 1 + 4 words and do not fit in 8")
      return
    }
    #expect(found == [.capacity(level: 1, needWords: 9, haveWords: 8)])
  }

  /// Nothing outside splits M, so the tile is 7 words, not the 8 of the full factors.
  @Test func tileIsTheLargestThatOccurs() throws {
    guard case .legal = try Self.outcome(roundsAtBuffer: true, bufferWords: 15) else {
      Issue.record("the tiles are 7 + 1 + 7 words and fit in 15")
      return
    }
    guard case .illegal(let found) = try Self.outcome(roundsAtBuffer: true, bufferWords: 14) else {
      Issue.record("the tiles are 7 + 1 + 7 words and do not fit in 14")
      return
    }
    #expect(found == [.capacity(level: 1, needWords: 15, haveWords: 14)])
  }

  @Test func fullFactorsNeedInstances() throws {
    guard
      case .illegal(let found) = try Self.outcome(roundsAtBuffer: false, bufferWords: 8, macs: 3)
    else {
      Issue.record("three MACs are fewer than four")
      return
    }
    #expect(
      found == [
        .instances(level: 2, need: 4, have: 3), .capacity(level: 1, needWords: 9, haveWords: 8),
      ])
  }
}
