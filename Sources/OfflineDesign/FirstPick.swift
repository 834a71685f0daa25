public import Execution

/// Which members of a committee choose the first design, decided inside a log.
///
/// The first design is often the only one that is built, so it is chosen by the members that would have chosen best where
/// the best designs were hidden: each member alone, trees together, or all. A subset must beat the whole committee by
/// one standard error of the paired difference over workloads; else all members choose. The rest of a portfolio
/// is always chosen by all, where members make up for each other's errors.
public struct FirstPick: Hashable, Sendable {
  /// The members that choose; `nil` for all.
  public var members: Set<CommitteeMember>?
  /// The mean score of their first designs on hidden rows; NaN where nothing was judged.
  public var score: Double
  /// The mean score of the first designs of all members; NaN where nothing was judged.
  public var scoreOfAll: Double

  /// The subsets that are compared with the whole.
  static var candidates: [Set<CommitteeMember>] {
    CommitteeMember.allCases.map { [$0] } + [
      [.forest, .boostedTrees], [.pooledForest, .pooledBoostedTrees],
    ]
  }

  /// One list of scores a candidate, and one for all members first; a score for each workload with something to win.
  ///
  /// Scores of several logs may be appended to each other, candidate by candidate.
  public typealias Scores = [[Double]]

  /// Scores of no workload.
  public static var noScores: Scores { Scores(repeating: [], count: candidates.count + 1) }

  /// Scores the first designs of every candidate on value splits of a log.
  ///
  /// - Throws: What training throws; `CancellationError`.
  /// - Complexity: *splitCount* times that of training.
  public static func scores(
    on whole: LoggedDesigns, options: CommitteeOptions, splitCount: Int = 2, seed: Seed
  ) throws -> Scores {
    let log = whole.thinned(by: options)
    var result = noScores
    for number in 0..<splitCount {
      let parts = ValueSplit().rows(of: log, seed: seed.child("split", number))
      guard !parts.hidden.isEmpty,
        parts.visible.contains(where: { log.target($0).isFinite })
      else { continue }
      let committee = try Committee(training: log.rows(parts.visible), options: options)
      let hidden = log.rows(parts.hidden)
      for (index, rows) in hidden.rowsByContext().enumerated() where rows.count > 1 {
        try Task.checkCancellation()
        let group = hidden.rows(rows)
        let judgment = committee.judge(group.designs, for: hidden.contexts[index])
        add(judgment, of: group, reference: committee.bestCosts[index], to: &result)
      }
    }
    return result
  }

  /// Scores the first designs of every candidate among hidden designs of one workload.
  static func add(
    _ judgment: Judgment, of group: LoggedDesigns, reference: Double, to scores: inout Scores
  ) {
    guard let all = score(judgment.standing, group, reference) else { return }
    scores[0].append(all)
    for (place, members) in candidates.enumerated() {
      let own = judgment.standing(by: members).flatMap { score($0, group, reference) }
      scores[place + 1].append(own ?? all)
    }
  }

  /// The score of the design of best standing.
  private static func score(_ standing: [Double], _ group: LoggedDesigns, _ reference: Double)
    -> Double?
  {
    guard let best = standing.indices.min(by: { (standing[$0], $0) < (standing[$1], $1) }) else {
      return nil
    }
    return RankingScore(
      order: [best], cost: group.cost, isFeasible: group.isFeasible, reference: reference, count: 1
    )?.value
  }

  /// Decides by scores.
  public init(_ scores: Scores) {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    scoreOfAll = mean(scores[0])
    score = scoreOfAll
    members = nil
    guard scores[0].count >= 3 else { return }
    var best: (mean: Double, place: Int)?
    for place in Self.candidates.indices {
      let differences = zip(scores[place + 1], scores[0]).map { $0 - $1 }
      let gain = mean(differences)
      let error = standardDeviation(differences) / Double(differences.count - 1).squareRoot()
      guard gain > error, gain > 0 else { continue }
      if best.map({ gain > $0.mean }) ?? true { best = (gain, place) }
    }
    guard let best else { return }
    members = Self.candidates[best.place]
    score = mean(scores[best.place + 1])
  }
}

extension Judgment {
  /// The standing by some members alone; `nil` where none of them judged.
  public func standing(by members: Set<CommitteeMember>) -> [Double]? {
    let places = memberNames.indices.filter { index in
      CommitteeMember(rawValue: memberNames[index]).map(members.contains) ?? false
    }
    guard !places.isEmpty else { return nil }
    return Self.standing(places.map { predictions[$0] }, feasibility)
  }

  /// The mean over models of standardized predictions, less the logarithm of the probability that a design works.
  static func standing(_ predictions: [[Double]], _ feasibility: [Double]) -> [Double] {
    let count = feasibility.count
    var result = [Double](repeating: 0, count: count)
    for values in predictions {
      let mean = values.reduce(0, +) / Double(max(1, count))
      let deviation = max(standardDeviation(values), 1e-9)
      for row in 0..<count {
        result[row] += (values[row] - mean) / deviation / Double(predictions.count)
      }
    }
    for row in 0..<count { result[row] -= logarithm(feasibility[row]) }
    return result
  }
}
