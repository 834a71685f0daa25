import Accelerator
import Quantities
import TestSupport
import Testing
import Workload

@testable import CostModel

/// The kernel for perfect factors against walks, and against the slow path that counts any mapping.
@Suite struct PerfectKernelTests {
  static let seeds: [UInt64] = Array(11...14)

  private static func terms(slidingRestartCredit: Bool) -> CostTerms {
    var terms = CostTerms.asDescribed
    terms.slidingRestartCredit = slidingRestartCredit
    return terms
  }

  private static func cost(_ problem: RandomProblem) throws -> LayerCost {
    let model = LoopNestCostModel(
      layer: problem.layer, architecture: problem.architecture,
      terms: terms(slidingRestartCredit: false))
    guard case .legal(let cost) = model.cost(of: problem.mapping) else {
      throw UnexpectedVerdict(problem: problem)
    }
    return cost
  }

  @Test(arguments: seeds) func perfectCountsEqualTheWalk(seed: UInt64) throws {
    for problem in RandomProblems(seed: seed, count: 350, raggedness: .none) {
      let simulated = LoopNestSimulator(problem.mapping, of: problem.layer).run()
      try #require(simulated.coversEveryPointOnce, "seed \(seed): \(problem)")
      let cost = try Self.cost(problem)
      let counted = cost.levels.map { level in
        level.tensors.map { tensor in
          tensor.map {
            LoopNestSimulator.Accesses(reads: $0.reads, fills: $0.fills, updates: $0.updates)
          }
        }
      }
      try #require(counted == simulated.total, "seed \(seed): \(problem)")
      try #require(cost.macCount == simulated.macCount, "seed \(seed): \(problem)")
      try #require(
        cost.computeCycles.count == simulated.computeCycles, "seed \(seed): \(problem)")
    }
  }

  @Test(arguments: seeds) func raggedPathEqualsTheKernelOnPerfectMappings(seed: UInt64) throws {
    let problems = RandomProblems(seed: seed + 100, count: 400, raggedness: .none)
    for (index, problem) in problems.enumerated() {
      let cost = try Self.cost(problem)
      // The credit of rule 3c must not reach the ragged path.
      let model = LoopNestCostModel(
        layer: problem.layer, architecture: problem.architecture,
        terms: Self.terms(slidingRestartCredit: index % 2 == 1))
      guard case .legal(let ragged) = MappingEvaluator(model).raggedCost(of: problem.mapping)
      else { throw UnexpectedVerdict(problem: problem) }
      let differences = CostDifferences(between: cost, and: ragged).list
      try #require(differences.isEmpty, "seed \(seed): \(differences) \(problem)")
    }
  }

  @Test(arguments: seeds) func slidingRestartsEqualTwoIterations(seed: UInt64) throws {
    let problems = RandomProblems(
      seed: seed + 200, count: 1_000, raggedness: .none, emphasis: .sliding,
      largestIterations: 4_000)
    for problem in problems {
      let model = LoopNestCostModel(
        layer: problem.layer, architecture: problem.architecture,
        terms: Self.terms(slidingRestartCredit: true))
      let evaluator = MappingEvaluator(model)
      _ = evaluator.cost(of: problem.mapping)
      let simulator = TwoIterationSimulator(problem.mapping, of: problem.layer)
      let operands = problem.layer.operands.count
      for level in 0..<(problem.mapping.nests.count - 1) {
        for t in 0..<operands {
          try #require(
            evaluator.owner.scratch.delivered[level * operands + t]
              == simulator.delivered(t, below: level),
            "seed \(seed): operand \(t) below level \(level): \(problem)")
        }
      }
    }
  }
}

struct UnexpectedVerdict: Error {
  var problem: RandomProblem
}
