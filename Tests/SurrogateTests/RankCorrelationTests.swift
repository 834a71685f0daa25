import Execution
import Foundation
import Testing

@testable import Surrogate

@Suite struct RankCorrelationTests {
  /// All pairs, one by one; ties as in PRIME's release: `2 (P - n) / (n (n - 1)) - 1` over ordered pairs with themselves.
  private func slow(_ a: [Double], _ b: [Double]) -> (released: Double?, tauB: Double?) {
    let n = a.count
    func sign(_ x: Double) -> Int { x > 0 ? 1 : x < 0 ? -1 : 0 }
    var notDiscordant = 0
    var sum = 0
    var untied = (0, 0)
    for i in 0..<n {
      for j in 0..<n {
        let (x, y) = (sign(a[i] - a[j]), sign(b[i] - b[j]))
        if x * y >= 0 { notDiscordant += 1 }
        sum += x * y
        untied.0 += x * x
        untied.1 += y * y
      }
    }
    let pairs = Double(n * (n - 1))
    let released = pairs > 0 ? 2 * Double(notDiscordant - n) / pairs - 1 : nil
    let product = Double(untied.0).squareRoot() * Double(untied.1).squareRoot()
    return (released, product > 0 ? Double(sum) / product : nil)
  }

  @Test func agreesWithAllPairs() {
    for seed in 0..<60 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let n = generator.index(below: 40)
      let levels = 1 + generator.index(below: 20)
      let a = (0..<n).map { _ in Double(generator.index(below: levels)) }
      let b = (0..<n).map { _ in Double(generator.index(below: levels)) }
      let fast = RankCorrelation(a, b)
      let expected = slow(a, b)
      #expect((fast.tiesConcordant == nil) == (expected.released == nil))
      #expect((fast.tauB == nil) == (expected.tauB == nil))
      if let got = fast.tiesConcordant, let want = expected.released {
        #expect(abs(got - want) < 1e-12)
      }
      if let got = fast.tauB, let want = expected.tauB { #expect(abs(got - want) < 1e-12) }
    }
  }

  /// scipy 1.17.1: `kendalltau(x, y).statistic`.
  @Test func agreesWithSciPy() throws {
    let first = RankCorrelation([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])
    #expect(abs(try #require(first.tauB) - -0.471_404_520_791_031_7) < 1e-15)
    let second = RankCorrelation([1, 2, 3, 4, 5, 6, 7], [1, 3, 2, 5, 4, 7, 6])
    #expect(abs(try #require(second.tauB) - 0.714_285_714_285_714_3) < 1e-15)
  }

  @Test func constantsHaveNoTauAndAreFlatteredByTheRelease() {
    let flat = RankCorrelation([1, 1, 1], [1, 2, 3])
    #expect(flat.tauB == nil)
    #expect(flat.tiesConcordant == 1)
    #expect(RankCorrelation([], []).tiesConcordant == nil)
    #expect(RankCorrelation([1], [1]).tauB == nil)
  }

  @Test func isFastEnoughForLargeLogs() {
    var generator = Seed(3).generator()
    let a = (0..<20_000).map { _ in generator.unitInterval() }
    let correlation = RankCorrelation(a, a.map { -$0 })
    #expect(abs((correlation.tauB ?? 0) + 1) < 1e-15)
    #expect(correlation.discordantCount == 20_000 * 19_999 / 2)
  }
}
