import Accelerator
import CostModel
import MappingSearch
import Quantities
import Testing
import Workload

@Suite struct GreedyMapperTests {
  static func machine(registers: Int = 64) throws -> Architecture {
    let pe = Mesh(x: 4, y: 4)
    func level(
      _ name: String, _ kind: MemoryKind, _ mesh: Mesh, _ words: Int?, _ energy: Double
    ) -> MemoryLevel {
      MemoryLevel(
        name: name, kind: kind, mesh: mesh, capacityWords: words, wordBits: 16,
        energy: AccessEnergy(read: energy, fill: energy, update: energy))
    }
    return try Architecture(
      name: "small",
      levels: [
        level("DRAM", .dram, Mesh(x: 1, y: 1), nil, 200),
        level("buffer", .sram, Mesh(x: 1, y: 1), 4_096, 6),
        level("registers", .registers, pe, registers, 1),
      ],
      compute: ComputeArray(name: "MAC", mesh: pe, wordBits: 16, energyPerOperation: 1))
  }

  static func convolution() throws -> Layer {
    try Layer.convolution(
      name: "c",
      Layer.ConvolutionShape(
        inputChannels: 16, outputChannels: 32, kernel: (3, 3), output: (12, 12)))
  }

  @Test func fillsTheArrayAndBeatsTheOutermostNest() throws {
    let layer = try Self.convolution()
    let model = LoopNestCostModel(layer: layer, architecture: try Self.machine())
    let result = try #require(GreedyMapper().mapping(for: model))
    guard case .legal(let cost) = model.cost(of: result.mapping) else {
      Issue.record("the mapping is not legal")
      return
    }
    #expect(cost.energy.picojoules == result.totals.energy)
    #expect(cost.cycles.count == result.totals.cycles)
    #expect(cost.utilization == 1)
    // DRAM at least once per word, MACs once each: within a factor two of that bound.
    let words = (0..<3).reduce(0) { $0 + layer.wordCount(of: $1) }
    let bound = Double(words) * 200 + Double(layer.macCount) * 5
    #expect(cost.energy.picojoules < 2 * bound)
  }

  @Test func theSameTwice() throws {
    let model = LoopNestCostModel(
      layer: try Self.convolution(), architecture: try Self.machine())
    #expect(
      GreedyMapper().mapping(for: model)?.mapping == GreedyMapper().mapping(for: model)?.mapping)
  }

  @Test func nothingFitsIsNoMapping() throws {
    let model = LoopNestCostModel(
      layer: try Self.convolution(), architecture: try Self.machine(registers: 2))
    #expect(GreedyMapper().mapping(for: model) == nil)
  }
}
