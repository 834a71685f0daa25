import DesignSpace
import Execution
import Foundation
import Search
import Study
import TestSupport
import Testing

/// Always proposes the best designs of a list, or the worst.
private struct ListDesigner: Designer {
  let name: String
  var left: [Point]

  mutating func suggest(count: Int, using generator: inout SeededGenerator) -> [Point] {
    defer { left = Array(left.dropFirst(count)) }
    return Array(left.prefix(count))
  }

  mutating func observe(_ trials: [Trial]) {
    let told = Set(trials.map(\.point))
    left.removeAll { told.contains($0) }
  }

  mutating func reserve(_ points: [Point]) { left.removeAll { points.contains($0) } }
}

@Suite struct PortfolioTests {
  private func trial(_ id: Int, _ point: Point, _ outcome: Outcome) -> Trial {
    Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: "test"))
  }

  private func bowl() throws -> (ClassicProblem, sorted: [Point]) {
    let classic = try ClassicProblem.bowl()
    var generator = Seed(1).generator()
    let points = try classic.problem.space.sample(count: 400, using: &generator)
    let distinct = Array(Set(points)).sorted {
      let left = classic.problem.cost(of: classic.evaluate($0)) ?? 0
      let right = classic.problem.cost(of: classic.evaluate($1)) ?? 0
      return (left, $0.coordinates.description) < (right, $1.coordinates.description)
    }
    return (classic, distinct)
  }

  /// The first trial has quality 1: credits by hand, shares are their softmax.
  @Test func sharesFollowCredits() throws {
    let (classic, sorted) = try bowl()
    var options = PortfolioDesigner.Options()
    options.floor = 0
    var portfolio = PortfolioDesigner(
      classic.problem,
      members: [
        .init(ListDesigner(name: "one", left: [sorted[9]])),
        .init(ListDesigner(name: "none", left: [])),
      ], options: options)
    #expect(portfolio.shares == [0.5, 0.5])
    var generator = Seed(1).generator()
    // Both members are asked; the design of the first comes back, the others are uniform and nobody's.
    let points = try portfolio.suggest(count: 8, using: &generator)
    #expect(points.count == 8 && points.contains(sorted[9]))
    try portfolio.observe([trial(0, sorted[9], classic.evaluate(sorted[9]))])
    let credit = (0.97 * 5 + 1) / (0.97 * 10 + 1)
    let expected = 1 / (1 + exp((0.5 - credit) / 0.03))
    let difference = abs(portfolio.shares[0] - expected)
    #expect(difference < 1e-12)
  }

  @Test func theBetterMemberIsAskedMore() throws {
    let (classic, sorted) = try bowl()
    var portfolio = PortfolioDesigner(
      classic.problem,
      members: [
        .init(ListDesigner(name: "worst", left: Array(sorted.suffix(150).reversed()))),
        .init(ListDesigner(name: "best", left: Array(sorted.prefix(150).reversed()))),
      ])
    var id = 0
    for round in 0..<15 {
      var generator = Seed(2).child("round", round).generator()
      let points = try portfolio.suggest(count: 4, using: &generator)
      #expect(points.count == 4)
      try portfolio.observe(
        points.map { point in
          id += 1
          return trial(id, point, classic.evaluate(point))
        })
    }
    #expect(portfolio.shares[1] > 0.8, "\(portfolio.shares)")
    let floor = 0.05 / 2
    #expect(portfolio.shares[0] >= floor)
  }

  @Test func infeasibleTrialsCostCreditAndFailedOnesDoNot() throws {
    let (classic, sorted) = try bowl()
    func portfolio() -> PortfolioDesigner {
      PortfolioDesigner(
        classic.problem,
        members: [
          .init(ListDesigner(name: "a", left: sorted)),
          .init(ListDesigner(name: "b", left: sorted.reversed())),
        ])
    }
    var generator = Seed(3).generator()
    for outcome in [
      Outcome.infeasible(Infeasibility(.hidden(""))), .failed(EvaluationFailure(.crash, "1")),
    ] {
      var portfolio = portfolio()
      let before = portfolio.shares
      let points = try portfolio.suggest(count: 1, using: &generator)
      try portfolio.observe([trial(0, points[0], outcome)])
      if case .failed = outcome {
        #expect(portfolio.shares == before)
      } else {
        #expect(portfolio.shares != before)
      }
    }
  }

  /// With a useless member among good ones the portfolio is still far better than that member alone.
  @Test func portfolioIsNotHeldBackByItsWorstMember() async throws {
    let classic = try ClassicProblem.bowl()
    func best(_ designer: some Designer, _ seed: UInt64) async throws -> Double {
      var designer = designer
      let result = try await runSearch(
        of: classic.problem, with: &designer, budget: SearchBudget(evaluationCount: 150),
        seed: Seed(seed), origin: .init(evaluator: "test")
      ) { point, _ in classic.evaluate(point) }
      return result.best.flatMap { classic.problem.cost(of: $0.outcome) } ?? .infinity
    }
    var logRatio = 0.0
    for seed in 0..<5 as Range<UInt64> {
      let members: [PortfolioDesigner.Member] = [
        .init(EvolutionDesigner(classic.problem)), .init(FireflyDesigner(classic.problem)),
        .init(RandomDesigner(classic.problem)),
      ]
      let own = try await best(PortfolioDesigner(classic.problem, members: members), seed)
      let random = try await best(RandomDesigner(classic.problem), seed)
      logRatio += log((own + 1) / (random + 1)) / 5
    }
    #expect(logRatio < log(0.7), "\(exp(logRatio))")
  }
}
