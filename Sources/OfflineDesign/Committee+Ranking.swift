public import Execution
import LinearAlgebra

/// How candidates are put in order.
public struct RankingOptions: Hashable, Sendable {
  /// Candidates chosen one after the other as a portfolio; the rest follow by standing.
  ///
  /// Default: 24, a little more than the 16 simulations that are usually run at once.
  public var portfolioCount = 24
  /// The probability of working below which a candidate is left out of the portfolio, where enough others are above.
  ///
  /// Default: 0.9. Applied where at least `floorShare` of the candidates are expected to work; where most do not, the
  /// best ones are often among the doubtful, and a portfolio bets on some.
  public var feasibilityFloor = 0.9
  /// Expected share of working candidates from which the floor is applied, in `[0, 1]`.
  public var floorShare = 0.45
  /// Candidates that take part in the choice of the portfolio, those of best standing.
  public var poolLimit = 500
  /// The choice itself.
  public var worldCount = 300
  /// The members that choose the first design, as `FirstPick` found; `nil` for the portfolio's own first choice.
  public var firstMembers: Set<CommitteeMember>?

  /// Creates options with defaults.
  public init() {}
}

/// Candidates in order, with what is believed of each.
public struct Ranking: Sendable {
  /// Indices of the candidates, best first.
  public let order: [Int]
  /// What the committee says of each candidate, in the order of the candidates.
  public let judgment: Judgment
}

extension Committee {
  /// Puts candidates in order for a workload: a portfolio first, the rest by standing.
  ///
  /// - Complexity: O(*pool*^3 + *pool x portfolio x worlds*) beside judging the candidates.
  public func rank(
    _ candidates: DesignColumns, for context: WorkloadContext,
    options ranking: RankingOptions = RankingOptions(), seed: Seed
  ) -> Ranking {
    let judgment = judge(candidates, for: context)
    let count = candidates.rowCount
    let byStanding = (0..<count).sorted {
      (judgment.standing[$0], $0) < (judgment.standing[$1], $1)
    }
    guard count > 1, ranking.portfolioCount > 0 else {
      return Ranking(order: byStanding, judgment: judgment)
    }
    // A lighter weight of feasibility lets doubtful but promising candidates into the pool.
    let lenient = (0..<count).map {
      judgment.standing[$0] + 0.5 * logarithm(judgment.feasibility[$0])
    }
    var pool = Array(
      (0..<count).sorted { (lenient[$0], $0) < (lenient[$1], $1) }.prefix(ranking.poolLimit))
    let expected = judgment.feasibility.reduce(0, +) / Double(count)
    if expected >= ranking.floorShare {
      let safe = byStanding.filter { judgment.feasibility[$0] >= ranking.feasibilityFloor }
      if safe.count >= min(16, ranking.portfolioCount) {
        pool = Array(safe.prefix(ranking.poolLimit))
      } else {
        let byChance = (0..<count).sorted {
          (-judgment.feasibility[$0], $0) < (-judgment.feasibility[$1], $1)
        }
        pool = Array(byChance.prefix(2 * ranking.portfolioCount))
      }
    }
    let index = contexts.firstIndex { $0.name == context.name }
    var incumbent = index.map { target(ofCost: bestCosts[$0]) - medians[$0] } ?? .nan
    if !incumbent.isFinite { incumbent = medianPrediction(judgment, Array(0..<count)) }
    let beliefs = CandidateBeliefs(
      predictions: judgment.predictions.map { row in pool.map { row[$0] } },
      covariance: covariance(of: candidates.rows(pool), for: context),
      feasibility: pool.map { judgment.feasibility[$0] }, incumbent: incumbent)
    var selection = PortfolioSelection()
    selection.worldCount = ranking.worldCount
    var generator = seed.child("ranking \(context.name)").generator()
    var chosen = selection.choose(
      count: ranking.portfolioCount, from: beliefs, using: &generator
    ).map { pool[$0] }
    if let members = ranking.firstMembers, let standing = judgment.standing(by: members),
      let first = pool.min(by: { (standing[$0], $0) < (standing[$1], $1) })
    {
      chosen = [first] + chosen.filter { $0 != first }
    }
    let isChosen = Set(chosen)
    return Ranking(
      order: chosen + byStanding.filter { !isChosen.contains($0) }, judgment: judgment)
  }

  func target(ofCost cost: Double) -> Double { isRatioScale ? logarithm(cost) : cost }

  /// The reference where nothing of a workload is known: the median over candidates of the mean prediction.
  private func medianPrediction(_ judgment: Judgment, _ pool: [Int]) -> Double {
    median(
      pool.map { index in
        judgment.predictions.reduce(0) { $0 + $1[index] } / Double(judgment.predictions.count)
      })
  }
}
