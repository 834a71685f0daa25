import Accelerator
import CostModel
import Execution
import Testing
import Workload

@testable import MappingSearch

/// Whether anything fits is decided, never guessed from draws that failed.
@Suite struct LegalMappingTests {
  @Test(arguments: 0..<6) func verdictsEqualExhaustiveEnumeration(part: Int) throws {
    var feasible = 0
    var infeasible = 0
    for seed in (40_000 + 50 * part)..<(40_050 + 50 * part) {
      var problem = try SmallProblem(seed)
      problem.drawConstraints(seed)
      guard let space = try? MapSpace(for: problem.model, constraints: problem.constraints),
        let size = space.size().flatMap({ Int($0.digits) }), size <= 1_500
      else { continue }
      let walk = MapSpaceEnumerator(space, model: problem.model)
      let exists = walk.forEach(limit: 1) { _, _ in false }.count > 0
      if exists { feasible += 1 } else { infeasible += 1 }
      #expect(space.hasLegalMapping() == exists, "seed \(seed)")
      var generator = Seed(UInt64(seed)).generator()
      let drawn = ConstructiveSampler(space).next(using: &generator)
      #expect((drawn != nil) == exists, "seed \(seed)")
      if let drawn {
        #expect(space.violations(of: drawn).isEmpty, "seed \(seed)")
        guard case .legal = problem.model.cost(of: drawn) else {
          Issue.record("seed \(seed): the witness cannot run")
          continue
        }
      }
      let proof = LegalMappingSearch(MappingState(space)).run()
      #expect(proof == (exists ? .found : .impossible), "seed \(seed)")
      var mapper = HeuristicMapper()
      mapper.evaluationLimit = 30
      #expect((mapper.mapping(for: problem.model, in: space) != nil) == exists, "seed \(seed)")
    }
    #expect(feasible > 10)
    #expect(infeasible > 0)
  }

  /// One MAC, a buffer that holds a whole reduction and nothing else beside it, and rules that keep the reduction there.
  static func tight(_ capacity: Int, inner: Int) throws -> MapSpace {
    let layer = try Layer.matrixProduct(name: "gemm", rows: 64, columns: 64, inner: inner)
    let energy = AccessEnergy(read: 1, fill: 1, update: 1)
    var buffer = MemoryLevel(
      name: "buffer", kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: capacity, wordBits: 8,
      energy: energy)
    buffer.keptByDefault = ["Inputs"]
    let architecture = try Architecture(
      name: "a",
      levels: [
        MemoryLevel(
          name: "DRAM", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
          energy: energy), buffer,
      ],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 64, y: 1), wordBits: 8, energyPerOperation: 1))
    var rules = MapSpaceConstraints.LevelRules(level: .name("DRAM"))
    let reduction = layer.dimensions.indices.filter { dimension in
      !layer.operands.contains { $0.role == .result && $0.isIndexed(by: dimension) }
    }
    rules.temporal = reduction.map { .init(layer.dimensions[$0].name, .exactly(1)) }
    rules.spatialX = rules.temporal
    rules.spatialY = rules.temporal
    var constraints = MapSpaceConstraints.none
    constraints.levels = [rules]
    return try MapSpace(of: layer, on: architecture, constraints: constraints)
  }

  /// Draws that gave other dimensions a share of the buffer first left no room for the reduction, a thousand times.
  @Test func issue5AReductionThatJustFitsIsMapped() throws {
    let space = try Self.tight(1_536, inner: 1_536)
    #expect(space.hasLegalMapping() == true)
    #expect(MappingInfeasibility(of: space) == nil)
    let sampler = ConstructiveSampler(space)
    var generator = Seed(1).generator()
    var batch = PackedMappings(
      levelCount: space.levelCount, loopCapacity: Mapping.largestLoopCount)
    for _ in 0..<50 {
      // Every draw succeeds at once.
      #expect(sampler.append(to: &batch, using: &generator) == 1)
    }
  }

  @Test func oneWordLessIsProvenImpossible() throws {
    let space = try Self.tight(1_535, inner: 1_536)
    #expect(space.hasLegalMapping() == false)
    var generator = Seed(1).generator()
    #expect(ConstructiveSampler(space).next(using: &generator) == nil)
    let reason = try #require(MappingInfeasibility(of: space))
    #expect(
      reason.description.hasPrefix(
        "layer \"gemm\": no mapping fits: the tiles that the rules force are too large: "))
    #expect(
      reason.fixes.contains {
        $0.change == "raise the capacity of buffer from 1535 to 1536 words"
      })
  }

  @Test func searchesThatEndEarlySaySo() throws {
    let space = try Self.tight(1_536, inner: 1_536)
    #expect(LegalMappingSearch(MappingState(space)).run(stepLimit: 3) == .undecided)
  }
}
