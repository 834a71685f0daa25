import BayesianOptimization
import DesignSpace
import Execution
import Foundation
import Search
import Study
import TestSupport
import Testing

/// Fixed seeds; the best of 30 evaluations compared with random search run by run.
@Suite struct BayesianStatisticsTests {
  /// Two coordinates, a cost and a metric with a limit that holds on a few hundredths of the square.
  ///
  /// - SeeAlso: Gardner et al. 2014, section 5.1, simulation 2; optimum 0.2532.
  private func gardner() throws -> (Problem, @Sendable (Point) -> Outcome) {
    let problem = try Problem(
      name: "gardner2",
      space: SearchSpace(parameters: [.real("x", 0...6), .real("y", 0...6)]),
      metrics: [Metric("cost"), Metric("c")], objectives: [Objective(.minimize, "cost")],
      limits: [MetricLimit("c", .atMost, -0.95)])
    return (
      problem,
      { point in
        let (x, y) = (point.coordinates[0], point.coordinates[1])
        return problem.outcome(values: [sin(x) + y, sin(x) * sin(y)])
      }
    )
  }

  private func best(
    _ designer: some Designer, _ problem: Problem, _ evaluate: (Point) -> Outcome, seed: UInt64
  ) async throws -> Double {
    var designer = designer
    let result = try await runSearch(
      of: problem, with: &designer, budget: SearchBudget(evaluationCount: 30), seed: Seed(seed),
      origin: .init(evaluator: problem.name)
    ) { point, _ in evaluate(point) }
    return result.best.flatMap { problem.cost(of: $0.outcome) } ?? .infinity
  }

  @Test func measuredLimitIsFoundAndFollowed() async throws {
    let (problem, evaluate) = try gardner()
    for seed in 0..<3 as Range<UInt64> {
      let value = try await best(
        BayesianDesigner(problem, seed: Seed(seed)), problem, evaluate, seed: seed)
      let random = try await best(RandomDesigner(problem), problem, evaluate, seed: seed)
      #expect(value < 0.9 && value <= 0.7 * random, "seed \(seed): \(value), random \(random)")
    }
  }

  @Test func hiddenFailuresAndKnownConstraintsAreLivedWith() async throws {
    let classic = try ClassicProblem.constrained()
    var logRatio = 0.0
    var wins = 0
    for seed in 0..<3 as Range<UInt64> {
      let value = try await best(
        BayesianDesigner(classic.problem, seed: Seed(seed)), classic.problem, classic.evaluate,
        seed: seed)
      let random = try await best(
        RandomDesigner(classic.problem), classic.problem, classic.evaluate, seed: seed)
      if value < random { wins += 1 }
      logRatio += log(value / random) / 3
    }
    #expect(wins >= 2 && logRatio < log(0.8), "\(wins) wins, ratio \(exp(logRatio))")
  }
}
