import Accelerator
import CostModel
import Execution
import MappingSearch
import Quantities
import Testing
import Workload

@Suite struct HeuristicMapperTests {
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

  @Test func fillsTheArrayAndIsNearTheBound() throws {
    let layer = try Self.convolution()
    let model = LoopNestCostModel(layer: layer, architecture: try Self.machine())
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = 4_000
    let result = try #require(mapper.mapping(for: model))
    guard case .legal(let cost) = model.cost(of: result.mapping) else {
      Issue.record("the mapping is not legal")
      return
    }
    #expect(result.evaluationCount <= 4_000)
    #expect(cost.energy.picojoules == result.totals.energy)
    #expect(cost.cycles.count == result.totals.cycles)
    #expect(cost.utilization == 1)
    // DRAM at least once per word, MACs once each: within a factor two of that bound.
    let words = (0..<3).reduce(0) { $0 + layer.wordCount(of: $1) }
    let bound = Double(words) * 200 + Double(layer.macCount) * 5
    #expect(cost.energy.picojoules < 2 * bound)
  }

  @Test func theSameTwiceAndOnManyThreads() throws {
    let model = LoopNestCostModel(
      layer: try Self.convolution(), architecture: try Self.machine())
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = 1_000
    #expect(mapper.mapping(for: model)?.mapping == mapper.mapping(for: model)?.mapping)
    let space = try MapSpace(for: model)
    var random = RandomMapper()
    random.drawCount = 2_500
    let serial = try #require(random.mapping(for: model, in: space))
    random.threadCount = 3
    let parallel = try #require(random.mapping(for: model, in: space))
    #expect(serial.mapping == parallel.mapping)
    #expect(serial.totals == parallel.totals)
  }

  @Test(arguments: [
    MappingObjective.energyDelayProduct, .energy, .latency,
    .custom({ energy, cycles in energy + 3 * cycles }),
  ]) func findsTheOptimumOfSmallSpaces(objective: MappingObjective) throws {
    var found = 0
    var compared = 0
    for seed in 0..<60 {
      var problem = try SmallProblem(seed, sizes: [2, 3, 4, 6])
      if seed % 2 == 0 { problem.drawConstraints(seed) }
      guard let space = try? MapSpace(for: problem.model, constraints: problem.constraints),
        let size = space.size(), size.log10 < 2.7
      else { continue }
      let oracle = MapSpaceEnumerator(space, model: problem.model).best(for: objective)
      var mapper = HeuristicMapper()
      mapper.objective = objective
      mapper.evaluationLimit = 1_500
      let result = mapper.mapping(for: problem.model, in: space)
      #expect((result == nil) == (oracle == nil), "seed \(seed)")
      guard let result, let oracle else { continue }
      compared += 1
      #expect(space.violations(of: result.mapping).isEmpty)
      let value = { (layer: MappedLayer) in
        objective.value(energy: layer.totals.energy, cycles: Double(layer.totals.cycles))
      }
      #expect(value(result) >= value(oracle) * (1 - 1e-12))
      if value(result) <= value(oracle) * (1 + 1e-12) { found += 1 }
    }
    #expect(compared >= 10)
    #expect(Double(found) >= 0.9 * Double(compared), "\(found) of \(compared)")
  }

  @Test func nothingFitsIsExplained() throws {
    let model = LoopNestCostModel(
      layer: try Self.convolution(), architecture: try Self.machine(registers: 2))
    #expect(HeuristicMapper().mapping(for: model) == nil)
    let infeasibility = try #require(MappingInfeasibility(of: try MapSpace(for: model)))
    #expect(
      infeasibility.description
        == """
        layer "c": no mapping fits: level "registers" needs at least 3 words (Weights 1, Inputs 1, Outputs 1), has 2
        hint: raise the capacity of registers from 2 to 3 words
        hint: bypass Weights at registers
        hint: bypass Inputs at registers
        hint: bypass Outputs at registers
        """)
    for fix in infeasibility.fixes {
      let repaired = LoopNestCostModel(layer: model.layer, architecture: fix.architecture)
      guard case .legal = repaired.cost(of: fix.mapping) else {
        Issue.record("\(fix.change): not legal")
        continue
      }
    }
  }

  @Test func rulesThatForceLargeTilesAreExplained() throws {
    let model = LoopNestCostModel(
      layer: try Self.convolution(), architecture: try Self.machine(registers: 8))
    var constraints = MapSpaceConstraints()
    var rules = MapSpaceConstraints.LevelRules(level: .name("registers"))
    rules.temporal = [.init("M", .exactly(8))]
    constraints.levels = [rules]
    let fixed = try #require(
      MappingInfeasibility(of: try MapSpace(for: model, constraints: constraints)))
    #expect(
      fixed.description.split(separator: "\n").prefix(3).joined(separator: "\n")
        == """
        layer "c": no mapping fits: level "registers" needs at least 17 words (Weights 8, Inputs 1, Outputs 8), has 8
        hint: lower the fixed factor from 8 to 2 (level "registers": temporal M = 8)
        hint: raise the capacity of registers from 8 to 17 words
        """)
    // Every other level is forbidden to hold M.
    constraints.levels = ["DRAM", "buffer"].map { name in
      var rules = MapSpaceConstraints.LevelRules(level: .name(name))
      rules.temporal = [.init("M", .atMost(1))]
      rules.allowedX = []
      rules.allowedY = []
      return rules
    }
    let forced = try #require(
      MappingInfeasibility(of: try MapSpace(for: model, constraints: constraints)))
    let text = forced.description
    #expect(
      text.hasPrefix("layer \"c\": no mapping fits: the tiles that the rules force are too large"))
    #expect(text.contains("hint: raise the limit from 1 to "))
    #expect(text.contains("hint: raise the capacity of registers from 8 to "))
  }

  @Test func somethingFitsIsNoInfeasibility() throws {
    let model = LoopNestCostModel(
      layer: try Self.convolution(), architecture: try Self.machine())
    #expect(MappingInfeasibility(of: try MapSpace(for: model)) == nil)
  }
}
