public import DesignSpace
public import Study

/// Earlier studies of the same space that a new search may learn from: other limits, other workloads.
///
/// Trials are judged under the limits of the new problem, whatever they were judged by when they were recorded. Those of
/// the same workload are as good as trials of the search itself. Those of other workloads are told apart: their best designs
/// are tried first, and what their models say is a trend that the models of the search may start from.
public struct TransferredStudies: Sendable {
  /// An earlier study.
  public struct Source: Sendable {
    /// For reports.
    public var name: String
    /// Its trials, metrics in the order of the new problem.
    public var trials: [Trial]
    /// Whether the same workload was evaluated in the same way, so that results are those of the new problem.
    public var isSameWorkload: Bool
    /// What tells its workload or budget from others, as many numbers as the new problem has.
    public var features: [Double]

    /// Creates a source.
    public init(name: String, trials: [Trial], isSameWorkload: Bool, features: [Double] = []) {
      self.name = name
      self.trials = trials
      self.isSameWorkload = isSameWorkload
      self.features = features
    }
  }

  /// The earlier studies.
  public let sources: [Source]
  /// What tells the new problem's workload or budget from others.
  ///
  /// Without any, or where a source has another number of them, all studies are equally far from each other.
  public let features: [Double]

  /// Creates the value; without sources it changes nothing.
  public init(_ sources: [Source], features: [Double] = []) {
    self.sources = sources
    self.features = features
  }

  /// The best feasible designs of every source by the first objective under the limits of a problem.
  ///
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - count: Most designs of one source.
  ///   - total: Most designs together.
  /// - Returns: Distinct legal designs, the best of every source first, then the second best.
  public func elites(for problem: Problem, count: Int = 2, total: Int = 6) -> [Point] {
    let best = sources.map { Self.ranked($0, problem).prefix(count) }
    var result: [Point] = []
    for place in 0..<count {
      for points in best where place < points.count {
        let point = points[points.startIndex + place]
        if !result.contains(point), result.count < total { result.append(point) }
      }
    }
    return result
  }

  private static func ranked(_ source: Source, _ problem: Problem) -> [Point] {
    var seen: Set<Point> = []
    var known: [(cost: Double, index: Int, point: Point)] = []
    for (index, trial) in source.trials.enumerated() {
      guard let cost = problem.cost(of: problem.judging(trial.outcome)) else { continue }
      known.append((cost, index, trial.point))
    }
    known.sort { ($0.cost, $0.index) < ($1.cost, $1.index) }
    return known.map(\.point).filter { point in
      problem.space.contains(point) && problem.space.isLegal(point) && seen.insert(point).inserted
    }
  }

  /// The sources of one kind, without trials of designs that the space does not have.
  func sources(ofSameWorkload isSame: Bool, in space: SearchSpace) -> [Source] {
    sources.filter { $0.isSameWorkload == isSame }.map { source in
      Source(
        name: source.name, trials: source.trials.filter { space.contains($0.point) },
        isSameWorkload: isSame, features: source.features)
    }
  }
}
