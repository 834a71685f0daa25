import Execution
import LinearAlgebra
import OfflineDesign
import Testing

@Suite struct PortfolioSelectionTests {
  private func choose(
    _ count: Int, predictions: [[Double]], feasibility: [Double], variance: Double = 0,
    seed: UInt64 = 1
  ) -> [Int] {
    var generator = Seed(seed).generator()
    let beliefs = CandidateBeliefs(
      predictions: predictions,
      covariance: Matrix(diagonal: feasibility.map { _ in variance }), feasibility: feasibility,
      incumbent: 0)
    return PortfolioSelection().choose(count: count, from: beliefs, using: &generator)
  }

  @Test func withoutDoubtTheBestComesFirst() {
    let order = choose(1, predictions: [[-1, -3, -2, 1]], feasibility: [1, 1, 1, 1])
    #expect(order == [1])
  }

  @Test func aDesignThatCannotWorkIsNotFirst() {
    let order = choose(1, predictions: [[-1, -3, -2, 1]], feasibility: [1, 0, 1, 1])
    #expect(order == [2])
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func disagreeingModelsEachGetADesign(seed: UInt64) {
    // Candidates 0 and 1 are favorites of one model each; 2 is second for the first model.
    let order = choose(
      2, predictions: [[-3, 2, -2.9], [2, -3, 1.9]], feasibility: [1, 1, 1], seed: seed)
    #expect(Set(order).contains(1))
    #expect(Set(order).isDisjoint(with: [3]))
    #expect(order.count == 2)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func aSecondChoiceHedgesAgainstFailure(seed: UInt64) {
    // The best may fail; its near twin by value works for sure.
    let order = choose(
      2, predictions: [[-3, -2.9, -0.1]], feasibility: [0.6, 0.95, 1], seed: seed)
    #expect(Set(order) == [0, 1])
  }

  @Test func neverRepeatsAndEndsWithTheCandidates() {
    let order = choose(
      10, predictions: [[-1, -2, -3]], feasibility: [0.5, 0.5, 0.5], variance: 1)
    #expect(order.sorted() == [0, 1, 2])
  }

  @Test func nothingToChooseFrom() {
    #expect(choose(3, predictions: [[]], feasibility: []).isEmpty)
  }

  @Test func sameSeedSameChoice() {
    let predictions = [(0..<40).map { Double(($0 * 7) % 13) - 6 }]
    let chances = (0..<40).map { 0.3 + Double($0 % 7) / 10 }
    let first = choose(8, predictions: predictions, feasibility: chances, variance: 2, seed: 3)
    let second = choose(8, predictions: predictions, feasibility: chances, variance: 2, seed: 3)
    #expect(first == second)
  }
}
