public import Execution

/// Splits a log the way offline design is judged: the best designs of every context are hidden.
///
/// Per context the best fifth of the feasible rows (ties included) is hidden; of the other feasible rows and of the
/// infeasible ones a random half is visible. Models that are chosen by such a split are chosen for extrapolating.
/// - SeeAlso: Trabucco, Geng, Kumar, Levine 2022, "Design-Bench", section 4 (training data are the poor part of a
///   pool); Kumar et al. 2022, PRIME, arXiv 2110.11346, section 5.
public struct ValueSplit: Hashable, Sendable {
  /// Feasible rows without which a context stays visible as a whole.
  public static let leastFeasibleCount = 4

  /// The share of the feasible rows of a context that is hidden for being best, in `(0, 1)`.
  public var hiddenShare = 0.2

  /// Creates a split with defaults.
  public init() {}

  /// Rows to learn from and rows to be ranked, both ascending.
  ///
  /// A context with fewer than `leastFeasibleCount` feasible rows stays visible as a whole.
  /// - Complexity: O(*n* log *n*).
  public func rows(of log: LoggedDesigns, seed: Seed) -> (visible: [Int], hidden: [Int]) {
    var visible: [Int] = []
    var hidden: [Int] = []
    for (index, rows) in log.rowsByContext().enumerated() {
      var generator = seed.child("context", index).generator()
      let feasible = rows.filter { log.isFeasible[$0] && !log.cost[$0].isNaN }
      guard feasible.count >= Self.leastFeasibleCount else {
        visible += rows
        continue
      }
      let isFeasible = Set(feasible)
      let costs = feasible.map { log.cost[$0] }.sorted()
      let count = max(1, Int((hiddenShare * Double(feasible.count)).rounded(.up)))
      let threshold = costs[min(count, costs.count) - 1]
      var rest: [Int] = []
      for row in feasible {
        if log.cost[row] <= threshold { hidden.append(row) } else { rest.append(row) }
      }
      for var group in [rest, rows.filter { !isFeasible.contains($0) }] {
        group.shuffle(using: &generator)
        visible += group.prefix(group.count / 2)
        hidden += group.dropFirst(group.count / 2)
      }
    }
    return (visible.sorted(), hidden.sorted())
  }
}
