import Foundation

/// How good the first designs of a ranking turned out to be.
///
/// With `y` the best feasible cost among the first `k`, `V` the reference (best visible cost, or median feasible candidate
/// where nothing of a workload was seen) and `B` the best feasible candidate: `ln(V / y) / ln(V / B)`, at least -1, and
/// -1 where none of the `k` is feasible. 1: the optimum was found; 0: no better than the reference.
public struct RankingScore: Hashable, Sendable {
  /// The score.
  public let value: Double
  /// `y / B`, infinite where none of the `k` is feasible.
  public let ratioToBest: Double
  /// The share of the first `k` that works, in `[0, 1]`.
  public let feasibleShare: Double

  /// Judges a ranking.
  ///
  /// - Parameters:
  ///   - order: Candidates, best first; indices into the other lists.
  ///   - cost: True costs, positive; NaN where nothing was measured.
  ///   - isFeasible: Whether each candidate works.
  ///   - reference: `V`.
  ///   - count: `k`, from 1.
  /// - Returns: `nil` where nothing is feasible or `ln(V / B) < 0.02`: there is nothing to win.
  public init?(
    order: [Int], cost: [Double], isFeasible: [Bool], reference: Double, count: Int
  ) {
    let feasible = cost.indices.filter { isFeasible[$0] && !cost[$0].isNaN }
    guard let best = feasible.map({ cost[$0] }).min(), best > 0 else { return nil }
    let span = log(reference / best)
    guard span >= 0.02 else { return nil }
    let first = order.prefix(count)
    let working = first.filter { isFeasible[$0] && !cost[$0].isNaN }
    feasibleShare = Double(working.count) / Double(max(1, first.count))
    if let found = working.map({ cost[$0] }).min() {
      value = max(-1, log(reference / found) / span)
      ratioToBest = found / best
    } else {
      value = -1
      ratioToBest = .infinity
    }
  }
}
