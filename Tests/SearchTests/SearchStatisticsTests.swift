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

  /// How likely a designer's best is 5 % below that of random search, whose distribution is known exactly.
  ///
  /// The bar is three standard errors above the chance of random search against itself: one designer in a thousand that
  /// is no better would pass. A fixed share would not say that: random search is within 5 % of the optimum in one run of
  /// 25, so that no designer wins always.
  @Test(arguments: [DesignerKind.evolution, .firefly])
  func constrainedProblemIsImproved(kind: DesignerKind) async throws {
    let classic = try ClassicProblem.constrained()
    let baseline = try RandomSearchBaseline(classic, evaluationCount: 150)
    let repeats = 60
    var chance = 0.0
    for seed in 0..<UInt64(repeats) {
      let value = try await best(kind, on: classic, seed: seed)
      chance += baseline.chanceToExceed(value / 0.95) / Double(repeats)
    }
    let own = baseline.chanceAgainstItself(margin: 0.95)
    let bar = own.mean + 3 * own.deviation / Double(repeats).squareRoot()
    #expect(chance >= bar, "\(chance), random search against itself \(own)")
  }

  @Test func randomSearchIsAsItsDistributionSays() async throws {
    let classic = try ClassicProblem.constrained()
    let baseline = try RandomSearchBaseline(classic, evaluationCount: 150)
    var below = 0
    let median = baseline.median
    for seed in 100..<UInt64(140) {
      if try await best(.random, on: classic, seed: seed) <= median { below += 1 }
    }
    // 20 of 40 expected, standard deviation 3.2.
    #expect((8...32).contains(below), "\(below)")
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

/// The best of a number of different uniform designs, by enumeration of the space.
struct RandomSearchBaseline {
  /// Costs of all feasible designs, increasing.
  private let costs: [Double]
  /// `k`: the chance that none of the `k` best designs is among those drawn.
  private let chances: [Double]

  init(_ classic: ClassicProblem, evaluationCount: Int) throws {
    let points = try #require(classic.problem.space.legalPoints(atMost: 50_000))
    costs =
      points.compactMap { point in
        if case .measured(let values) = classic.evaluate(point) { values[0] } else { nil }
      }.sorted()
    // One of k designs after the other is missed: (N - n - i) / (N - i).
    var chances = [1.0]
    let total = points.count
    for index in costs.indices {
      let rest = Double(max(0, total - evaluationCount - index))
      chances.append(chances[index] * rest / Double(total - index))
    }
    self.chances = chances
  }

  /// The chance that the best is this or worse.
  func chanceToExceed(_ value: Double) -> Double {
    var low = 0
    var high = costs.count
    while low < high {
      let middle = (low + high) / 2
      if costs[middle] < value { low = middle + 1 } else { high = middle }
    }
    return chances[low]
  }

  /// The chance that another random search is better by a margin: mean and standard deviation over runs.
  func chanceAgainstItself(margin: Double) -> (mean: Double, deviation: Double) {
    var mean = 0.0
    var square = 0.0
    for (index, cost) in costs.enumerated() {
      let weight = chances[index] - chances[index + 1]
      let chance = chanceToExceed(cost / margin)
      mean += weight * chance
      square += weight * chance * chance
    }
    return (mean, max(0, square - mean * mean).squareRoot())
  }

  var median: Double {
    let index = chances.firstIndex { $0 <= 0.5 } ?? costs.count
    return costs[max(0, index - 1)]
  }
}
