import Study

/// The best objective after each evaluation, a curve a seed.
struct SeedCurves {
  private let curves: [[Double]]
  private let objective: Objective

  /// Takes curves in which NaN means that nothing is feasible yet.
  init(_ curves: [[Double]], _ objective: Objective) {
    self.curves = curves
    self.objective = objective
  }

  /// The median of the seeds after each evaluation, as far as the shortest curve goes; NaN where half of them have nothing.
  ///
  /// Of an even number of seeds the worse of the two in the middle is taken.
  var median: [Double] {
    let count = curves.map(\.count).min() ?? 0
    return (0..<count).map { index in
      let costs = curves.map { curve -> Double in
        curve[index].isNaN ? .infinity : objective.cost(of: curve[index])
      }.sorted()
      let middle = costs[costs.count / 2]
      guard middle.isFinite else { return .nan }
      return objective.goal == .minimize ? middle : -middle
    }
  }
}
