import Execution
import Foundation
import OfflineDesign
import Testing

@Suite struct ScoringTests {
  @Test func scoresAreLogarithmicShares() {
    let costs = [8.0, 2, 4, 1]
    let works = [true, true, true, true]
    func score(_ order: [Int], _ count: Int) -> Double? {
      RankingScore(order: order, cost: costs, isFeasible: works, reference: 4, count: count)?.value
    }
    // ln(4 / 1) is the whole way.
    #expect(score([3, 0, 1, 2], 1) == 1)
    #expect(abs((score([1, 0, 2, 3], 1) ?? 0) - 0.5) < 1e-12)
    #expect(score([2, 0, 1, 3], 1) == 0)
    #expect(score([0, 1, 2, 3], 1) == -0.5)
    #expect(abs((score([0, 1, 2, 3], 2) ?? 0) - 0.5) < 1e-12)
  }

  @Test func scoresWithoutAWorkingDesignAreMinusOne() {
    let score = RankingScore(
      order: [0, 1], cost: [.nan, 1], isFeasible: [false, true], reference: 4, count: 1)
    #expect(score?.value == -1)
    #expect(score?.feasibleShare == 0)
    #expect(score?.ratioToBest == .infinity)
  }

  @Test func nothingToWinIsNotScored() {
    #expect(
      RankingScore(order: [0], cost: [1], isFeasible: [true], reference: 1.01, count: 1) == nil)
    #expect(
      RankingScore(order: [0], cost: [1], isFeasible: [false], reference: 9, count: 1) == nil)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func theBestFifthIsHidden(seed: UInt64) {
    let toy = ToyLog(workloads: [("a", 1e5, 50), ("b", 1e6, 90)])
    let log = toy.log()
    let parts = ValueSplit().rows(of: log, seed: Seed(seed))
    #expect((parts.visible + parts.hidden).sorted() == Array(0..<log.rowCount))
    for context in 0..<2 {
      func costs(_ rows: [Int], _ works: Bool) -> [Double] {
        rows.filter { log.context[$0] == context && log.isFeasible[$0] == works }
          .map { log.cost[$0] }
      }
      let shown = costs(parts.visible, true)
      let hidden = costs(parts.hidden, true)
      let all = shown + hidden
      let better = hidden.count { $0 < (shown.min() ?? 0) }
      #expect(Double(better) >= 0.2 * Double(all.count))
      #expect(abs(costs(parts.visible, false).count - costs(parts.hidden, false).count) <= 1)
    }
    let again = ValueSplit().rows(of: log, seed: Seed(seed))
    #expect(parts.visible == again.visible)
  }
}
