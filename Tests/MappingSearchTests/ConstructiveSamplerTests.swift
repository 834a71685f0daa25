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
