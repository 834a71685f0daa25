import DesignSpace
import Execution
import Search
import Study
import TestSupport
import Testing

/// Fixed seeds; the best of 150 evaluations compared with random search run by run.
@Suite struct SearchStatisticsTests {
  private static let repeats = 20

  private func best(_ kind: DesignerKind, on classic: ClassicProblem, seed: UInt64) async throws
    -> Double
  {
    try await search(kind.make(classic.problem), classic, seed: seed)
  }

  private func search(_ designer: some Designer, _ classic: ClassicProblem, seed: UInt64)
    async throws -> Double
  {
    var designer = designer
    let result = try await runSearch(
      of: classic.problem, with: &designer, budget: SearchBudget(evaluationCount: 150),
      seed: Seed(seed), origin: .init(evaluator: classic.problem.name)
    ) { point, _ in classic.evaluate(point) }
    guard let trial = result.best, case .measured(let values) = trial.outcome else {
      return .infinity
    }
    return values[0]
  }

  /// The share of repeats in which a designer's best is below `margin` times random search's.
  private func share(
    _ kind: DesignerKind, _ classic: ClassicProblem, margin: Double
  ) async throws -> (share: Double, median: Double, random: Double) {
    var wins = 0
    var values: [Double] = []
    var randoms: [Double] = []
    for seed in 0..<UInt64(Self.repeats) {
      let random = try await best(.random, on: classic, seed: seed)
      let value = try await best(kind, on: classic, seed: seed)
      values.append(value)
      randoms.append(random)
      if value <= margin * random { wins += 1 }
    }
    let middle = Self.repeats / 2
    return (Double(wins) / Double(Self.repeats), values.sorted()[middle], randoms.sorted()[middle])
  }

  @Test(arguments: [DesignerKind.evolution, .firefly])
  func bowlIsDescended(kind: DesignerKind) async throws {
    let result = try await share(kind, .bowl(), margin: 0.5)
    #expect(result.share >= 0.9, "\(result)")
  }

  @Test(arguments: [DesignerKind.evolution, .firefly])
  func constrainedProblemIsImproved(kind: DesignerKind) async throws {
    let result = try await share(kind, .constrained(), margin: 0.95)
    #expect(result.share >= 0.6 && result.median < result.random, "\(result)")
  }

  @Test(arguments: [DesignerKind.evolution, .firefly])
  func mixedAckleyIsDescended(kind: DesignerKind) async throws {
    let result = try await share(kind, .ackley5(), margin: 0.8)
    #expect(result.share >= 0.7, "\(result)")
  }

  @Test func haltonFillsTheUnitSquare() throws {
    // Without a constraint the quasi-random designer visits every cell of a 6 x 6 grid within few more than 36 draws.
    let space = try SearchSpace(parameters: [.real("x", 0...1), .real("y", 0...1)])
    var generator = Seed(0).generator()
    var designer = QuasiRandomDesigner(try makeProblem(space), seed: Seed(3))
    let points = try designer.suggest(count: 108, using: &generator)
    var counts = [Int](repeating: 0, count: 36)
    for point in points {
      let cell = Int(point.coordinates[0] * 6) * 6 + Int(point.coordinates[1] * 6)
      counts[cell] += 1
    }
    #expect(counts.allSatisfy { (1...6).contains($0) }, "\(counts)")
  }
}
