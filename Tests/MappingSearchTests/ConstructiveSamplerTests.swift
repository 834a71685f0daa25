import Accelerator
import CostModel
import Execution
import Testing
import Workload

@testable import MappingSearch

@Suite struct ConstructiveSamplerTests {
  @Test(arguments: 0..<6) func drawsEveryLegalMappingAndNoOther(part: Int) throws {
    var spaces = 0
    for seed in (1_000 + 20 * part)..<(1_020 + 20 * part) {
      var problem = try SmallProblem(seed)
      if seed % 3 == 0 { problem.drawConstraints(seed) }
      guard let space = try? MapSpace(for: problem.model, constraints: problem.constraints) else {
        continue
      }
      guard let size = space.size().flatMap({ Int($0.digits) }), size <= 60 else { continue }
      let legal = Set(MapSpaceTests.members(of: space, problem.model, legal: true))
      let sampler = ConstructiveSampler(space)
      var generator = Seed(UInt64(seed)).generator()
      var batch = PackedMappings(
        levelCount: space.levelCount, loopCapacity: Mapping.largestLoopCount)
      guard !legal.isEmpty else {
        #expect(sampler.append(to: &batch, using: &generator) == 0)
        continue
      }
      spaces += 1
      var missing = legal
      for _ in 0..<1_500 where !missing.isEmpty {
        batch.words = []
        #expect(sampler.append(to: &batch, using: &generator) > 0)
        let isLegal = legal.contains(batch.words)
        #expect(isLegal, "seed \(seed): not legal")
        missing.remove(batch.words)
      }
      let isComplete = missing.isEmpty
      #expect(isComplete, "seed \(seed): \(missing.count) of \(legal.count) never drawn")
    }
    #expect(spaces > 2)
  }
}

@Suite struct ClosedFanOutTests {
  /// A machine with one MAC whose rules close the outermost temporal nest, too: there is nowhere to put a factor.
  @Test func aMachineWithoutFanOutsAndRoomIsExplained() throws {
    let layer = try Layer.matrixProduct(name: "l", rows: 4, columns: 4, inner: 4)
    let energy = AccessEnergy(read: 1, fill: 1, update: 1)
    let one = Mesh(x: 1, y: 1)
    let architecture = try Architecture(
      name: "a",
      levels: [
        MemoryLevel(
          name: "DRAM", kind: .dram, mesh: one, capacityWords: nil, wordBits: 16, energy: energy),
        MemoryLevel(
          name: "buffer", kind: .sram, mesh: one, capacityWords: 8, wordBits: 16, energy: energy),
      ], compute: ComputeArray(name: "MAC", mesh: one, wordBits: 16, energyPerOperation: 1))
    var rules = MapSpaceConstraints.LevelRules(level: .name("DRAM"))
    rules.temporal = layer.dimensions.map { .init($0.name, .exactly(1)) }
    var constraints = MapSpaceConstraints.none
    constraints.levels = [rules]
    let space = try MapSpace(of: layer, on: architecture, constraints: constraints)
    let reason = try #require(MappingInfeasibility(of: space))
    #expect(reason.fixes.contains { $0.change.hasPrefix("raise the capacity of buffer from 8 to") })
    let open = try MapSpace(of: layer, on: architecture)
    #expect(MappingInfeasibility(of: open) == nil)
  }

  /// Two buffers of which the cumulative rule 13 would let one feed the MACs of both.
  @Test func noDrawSplitsMoreThanThePhysicalFanOut() throws {
    let layer = try Layer.matrixProduct(name: "l", rows: 4, columns: 8, inner: 4)
    let energy = AccessEnergy(read: 1, fill: 1, update: 1)
    let architecture = try Architecture(
      name: "a",
      levels: [
        MemoryLevel(
          name: "DRAM", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 16,
          energy: energy),
        MemoryLevel(
          name: "buffer", kind: .sram, mesh: Mesh(x: 2, y: 1), capacityWords: 64, wordBits: 16,
          energy: energy),
      ],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 4, y: 1), wordBits: 16, energyPerOperation: 1))
    let space = try MapSpace(of: layer, on: architecture)
    #expect(space.largestFanOut(level: 1) == MapSpace.FanOutLimit(x: 2, y: 1, total: 2))
    let sampler = ConstructiveSampler(space)
    var generator = Seed(3).generator()
    var widest = 0
    for _ in 0..<500 {
      let mapping = try #require(sampler.next(using: &generator))
      let width = mapping.nests[1].spatialX.reduce(1) { $0 * $1.factor }
      widest = max(widest, width)
      #expect(space.violations(of: mapping).isEmpty)
    }
    #expect(widest == 2)
    // Fits the verdict of the cost model, but is no member.
    var nests = [
      LoopNest(keeps: [true, true, true]), LoopNest(keeps: [true, true, true]),
    ]
    let columns = try #require(layer.dimensions.firstIndex { $0.bound == 8 })
    nests[0].temporal = layer.dimensions.indices.map { dimension in
      let bound = layer.dimensions[dimension].bound
      return Loop(dimension: dimension, factor: dimension == columns ? 2 : bound)
    }
    nests[1].spatialX = [Loop(dimension: columns, factor: 4)]
    let wide = try Mapping(nests: nests, for: layer, on: architecture)
    let model = LoopNestCostModel(layer: layer, architecture: architecture)
    guard case .legal = model.cost(of: wide) else {
      Issue.record("the cost model refuses the mapping")
      return
    }
    #expect(
      space.violations(of: wide) == [
        "fan-out below level \"buffer\": uses 4 along X, there are 2"
      ])
  }
}
