import Accelerator
import TestSupport
import Testing
import Workload

@testable import CostModel

/// Counts of the cost model against a walk over every iteration.
@Suite struct RaggedCostTests {
  static let seeds: [UInt64] = Array(1...4)

  @Test(arguments: seeds) func raggedCountsEqualTheWalk(seed: UInt64) throws {
    try check(RandomProblems(seed: seed, count: 350, raggedness: .any))
  }

  @Test(arguments: seeds) func raggedCountsOfSharedTilesEqualTheWalk(seed: UInt64) throws {
    try check(
      RandomProblems(
        seed: seed + 20, count: 200, raggedness: .any, emphasis: .sharing))
  }

  /// Corners that random problems rarely meet: what a visit finds depends on whether a position had work before.
  @Test func everySplitOfASlidingDimensionEqualsTheWalk() throws {
    try check(try SlidingSplits.all())
  }

  private func check(_ problems: some Sequence<RandomProblem>) throws {
    for (index, problem) in problems.enumerated() {
      let simulated = LoopNestSimulator(problem.mapping, of: problem.layer).run()
      try #require(simulated.coversEveryPointOnce)
      let nest = RaggedNest(problem.mapping, dimensionCount: problem.layer.dimensions.count)
      let traffic = RaggedTraffic(nest, layer: problem.layer, nests: problem.mapping.nests)
      let walked = Counts(simulated)
      let counted = Counts(traffic, problem, cycles: nest.busiestIterations)
      try #require(counted == walked, "problem \(index): \(problem)")
      try #require(simulated.macCount == problem.layer.macCount)
      try #require(
        counted.delivered.last?.allSatisfy { $0 == problem.layer.macCount } ?? false)
    }
  }
}

/// Everything that is compared, in one shape; zero where a tensor is bypassed.
struct Counts: Equatable {
  var delivered: [[Int]]
  var asked: [[Int]]
  var total: [[[Int]]]
  var busiest: [[[Int]]]
  var partitions: [Int]
  var cycles: Int

  init(_ outcome: LoopNestSimulator.Outcome) {
    delivered = outcome.delivered
    asked = outcome.asked
    let flat = { (table: [[LoopNestSimulator.Accesses?]]) in
      table.map { $0.map { [$0?.reads ?? 0, $0?.fills ?? 0, $0?.updates ?? 0] } }
    }
    total = flat(outcome.total)
    busiest = flat(outcome.busiest)
    partitions = outcome.partitions.map { $0.reduce(0, +) }
    cycles = outcome.computeCycles
  }

  init(_ traffic: RaggedTraffic, _ problem: RandomProblem, cycles: Int) {
    let operands = problem.layer.operands.count
    let rows = { (flat: [Int]) in
      stride(from: 0, to: flat.count, by: operands).map { Array(flat[$0..<$0 + operands]) }
    }
    let accesses = { (flat: [RaggedTraffic.Accesses]) in
      stride(from: 0, to: flat.count, by: operands).map {
        flat[$0..<$0 + operands].map { [$0.reads, $0.fills, $0.updates] }
      }
    }
    delivered = rows(traffic.delivered)
    asked = rows(traffic.asked)
    total = accesses(traffic.total)
    busiest = accesses(traffic.busiest)
    partitions = traffic.partitions
    self.cycles = cycles
  }
}
