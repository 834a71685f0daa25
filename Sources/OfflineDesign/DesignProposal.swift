public import DesignSpace
public import Execution
import LinearAlgebra

/// Designs proposed from a log alone, with what is believed of each.
public struct DesignProposal: Sendable {
  /// One proposed design.
  public struct Entry: Sendable {
    /// The design.
    public var point: Point
    /// The predicted target (logarithm of the cost where costs are ratios): mean over the models.
    public var target: Double
    /// The standard deviation of the target: between the models, and of the process's posterior.
    public var deviation: Double
    /// The predicted probability that the design works.
    public var feasibility: Double
    /// The least number of parameters in which a logged design of the same workload differs; 0: it was logged.
    public var novelty: Int
    /// Distance to that logged design in the space, in `[0, 1]`.
    public var distance: Double
  }

  /// The designs, the first the best single one, each next the one that adds most to those before.
  public var entries: [Entry]
  /// Designs that were looked at.
  public var judgedCount: Int
}

/// How proposals are searched.
public struct ProposalOptions: Hashable, Sendable {
  /// Designs to propose, from 1.
  public var count = 16
  /// Uniform designs the search begins with, besides the best logged ones.
  public var initialCount = 2000
  /// Logged designs the search begins with, the best feasible ones.
  public var eliteCount = 200
  /// Rounds of moves.
  public var roundCount = 12
  /// Designs that are kept from round to round.
  public var survivorCount = 60
  /// Moves of each survivor in a round.
  public var moveCount = 12
  /// Whether logged designs may be proposed.
  public var allowsLogged = false
  /// Parameters in which every two proposals differ at least, from 1; fewer designs are proposed where so many cannot.
  public var leastDifference = 1

  /// Creates options with defaults.
  public init() {}
}

extension Committee {
  /// Searches a whole space for the designs that are believed best for a workload, without any simulation.
  ///
  /// Uniform designs and the best logged ones are moved in one or two parameters at a time towards a better standing;
  /// of everything that was looked at, a portfolio is chosen as `rank` does.
  ///
  /// - Parameters:
  ///   - space: The log's space.
  ///   - context: A workload of the log, or a new one with its features.
  ///   - logged: The log's designs of the same space with their costs, NaN for infeasible ones.
  ///   - columns: Turns designs into columns as those that were learned from.
  ///   - options: Its settings.
  ///   - ranking: How designs are put in order.
  ///   - seed: Of every draw.
  /// - Throws: `DesignSpaceError` for a space without designs, `CancellationError`.
  /// - Complexity: O((*initial* + *rounds x survivors x moves*) x *n*) for *n* logged rows of the workload.
  public func propose(
    in space: SearchSpace, for context: WorkloadContext, logged: [(point: Point, cost: Double)],
    columns: ([Point]) -> DesignColumns, options: ProposalOptions = ProposalOptions(),
    ranking: RankingOptions = RankingOptions(), seed: Seed
  ) throws -> DesignProposal {
    var generator = seed.child("proposal \(context.name)").generator()
    var points: [Point] = []
    var seen: Set<Point> = []
    func add(_ point: Point) { if seen.insert(point).inserted { points.append(point) } }
    let elites = logged.indices.filter { !logged[$0].cost.isNaN }
      .sorted { (logged[$0].cost, $0) < (logged[$1].cost, $1) }
      .prefix(options.eliteCount)
    for index in elites { add(logged[index].point) }
    for _ in 0..<options.initialCount { add(try space.sampler.sample(using: &generator)) }
    var merits = merits(of: columns(points), for: context)
    for _ in 0..<options.roundCount {
      try Task.checkCancellation()
      let best = points.indices.sorted { (merits[$0], $0) < (merits[$1], $1) }
        .prefix(options.survivorCount)
      let start = points.count
      for index in best {
        for move in 0..<options.moveCount {
          var child = space.mutated(points[index], using: &generator)
          if move % 3 == 1 { child = child.flatMap { space.mutated($0, using: &generator) } }
          if move % 3 == 2, let mate = best.randomElement(using: &generator) {
            let crossed = space.crossed(points[index], points[mate], using: &generator)
            child = space.isLegal(crossed) ? crossed : nil
          }
          if let child { add(child) }
        }
      }
      guard points.count > start else { break }
      merits += self.merits(of: columns(Array(points[start...])), for: context)
    }
    let loggedPoints = logged.map(\.point)
    let known = Set(loggedPoints)
    let allowed = points.indices.filter { options.allowsLogged || !known.contains(points[$0]) }
    let finalists = allowed.sorted { (merits[$0], $0) < (merits[$1], $1) }
      .prefix(max(ranking.poolLimit, options.count * (options.leastDifference > 1 ? 50 : 1)))
      .map { points[$0] }
    var ordering = ranking
    ordering.portfolioCount = max(ranking.portfolioCount, options.count)
    let table = columns(finalists)
    let ranked = rank(table, for: context, options: ordering, seed: seed)
    let chosen = apart(
      ranked.order.map { (index: $0, point: finalists[$0]) }, by: options.leastDifference,
      count: options.count)
    let estimates = estimates(of: table.rows(chosen), for: context)
    let entries = chosen.enumerated().map { place, index in
      let near = nearest(finalists[index], among: loggedPoints, in: space)
      return DesignProposal.Entry(
        point: finalists[index], target: estimates[place].target,
        deviation: estimates[place].deviation,
        feasibility: ranked.judgment.feasibility[index], novelty: near.changes,
        distance: near.distance)
    }
    return DesignProposal(entries: entries, judgedCount: points.count)
  }

  /// The first designs of an order of which every two differ in so many parameters.
  private func apart(_ order: [(index: Int, point: Point)], by least: Int, count: Int) -> [Int] {
    guard least > 1 else { return order.prefix(count).map(\.index) }
    var chosen: [(index: Int, point: Point)] = []
    for entry in order where chosen.count < count {
      let isApart = chosen.allSatisfy { entry.point.differenceCount(from: $0.point) >= least }
      if isApart { chosen.append(entry) }
    }
    return chosen.map(\.index)
  }

  /// What the search makes small: the mean prediction in spreads of a workload, less the logarithm of the probability
  /// that the design works.
  private func merits(of designs: DesignColumns, for context: WorkloadContext) -> [Double] {
    let judgment = judge(designs, for: context)
    return (0..<designs.rowCount).map { row in
      let mean =
        judgment.predictions.reduce(0) { $0 + $1[row] } / Double(judgment.predictions.count)
      return mean / spread - logarithm(judgment.feasibility[row])
    }
  }

  /// The median target of a workload; the mean over the known workloads for a new one.
  func center(of context: WorkloadContext) -> Double {
    if let index = contexts.firstIndex(where: { $0.name == context.name }),
      medians[index].isFinite
    {
      return medians[index]
    }
    let known = medians.filter(\.isFinite)
    return known.reduce(0, +) / Double(max(1, known.count))
  }

  private func nearest(_ point: Point, among logged: [Point], in space: SearchSpace) -> (
    changes: Int, distance: Double
  ) {
    var changes = point.coordinates.count
    var distance = 1.0
    for other in logged {
      changes = min(changes, point.differenceCount(from: other))
      distance = min(distance, space.distance(point, other))
    }
    return (changes, distance)
  }
}

extension Point {
  /// The number of parameters in which two designs of a space differ.
  public func differenceCount(from other: Point) -> Int {
    zip(coordinates, other.coordinates).count { $0 != $1 }
  }
}
