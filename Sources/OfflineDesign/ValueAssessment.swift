public import Execution

/// How far rankings by a committee can be trusted, measured inside a log.
///
/// Either the best rows of every workload are hidden (`ValueSplit`), or all rows of some workloads; a committee learns
/// from the rest and orders what is hidden. The same is done by a random order.
public struct ValueAssessment: Hashable, Sendable, Codable {
  /// What happened to one workload.
  public struct Row: Hashable, Sendable, Codable {
    /// The workload.
    public var context: String
    /// Rows learned from.
    public var visibleCount: Int
    /// Rows ranked.
    public var hiddenCount: Int
    /// The score of the first design, of the first 16 and of the first 128.
    public var scores: [Double]
    /// The expected score of a random order, by the mean over 20 orders.
    public var randomScores: [Double]
    /// The share of the first 16 that works.
    public var feasibleShare: Double
    /// The share of all hidden designs that works.
    public var hiddenFeasibleShare: Double
    /// For each hidden feasible design the error of the predicted target in its deviations.
    public var standardizedErrors: [Double]
    /// Kendall's rank correlation between the standing and the cost of hidden feasible designs, tau-b.
    public var rankCorrelation: Double
  }

  /// The lengths that are scored.
  public static let counts = [1, 16, 128]

  /// One row a workload with something to win.
  public var rows: [Row]
  /// How the first designs of single members turned out.
  public var pickScores = FirstPick.noScores

  /// The members that choose the first design, as far as this assessment tells.
  public var firstPick: FirstPick { FirstPick(pickScores) }

  /// The mean score of each length; NaN without rows.
  public var meanScores: [Double] {
    Self.counts.indices.map { index in
      rows.reduce(0) { $0 + $1.scores[index] } / Double(rows.count)
    }
  }

  /// The mean score of random orders of each length; NaN without rows.
  public var meanRandomScores: [Double] {
    Self.counts.indices.map { index in
      rows.reduce(0) { $0 + $1.randomScores[index] } / Double(rows.count)
    }
  }

  /// The mean share of the first 16 that works; NaN without rows.
  public var meanFeasibleShare: Double {
    rows.reduce(0) { $0 + $1.feasibleShare } / Double(rows.count)
  }

  /// The factor on deviations with which four in five hidden targets lie within 1.2816 deviations; 1 without any.
  ///
  /// It makes intervals honest where they matter: on designs better than those shown.
  public var deviationFactor: Double {
    let errors = rows.flatMap(\.standardizedErrors).map { abs($0) }.sorted()
    guard !errors.isEmpty else { return 1 }
    let place = min(errors.count - 1, Int((0.8 * Double(errors.count)).rounded(.up)))
    return max(0.1, errors[place] / Self.normalQuantile90)
  }

  /// The 90 % quantile of the normal distribution: the half width of an 80 % interval in deviations.
  public static let normalQuantile90 = 1.281_551_565_544_6

  /// An assessment of nothing but these rows.
  public init(rows: [Row]) {
    self.rows = rows
  }

  /// Hides the best designs of every workload, of the rows a committee of all would learn from.
  ///
  /// - Throws: What training throws; `CancellationError`.
  /// - Complexity: that of training once and ranking the hidden rows.
  public init(
    hidingBestOf whole: LoggedDesigns, split: ValueSplit = ValueSplit(), options: CommitteeOptions,
    ranking: RankingOptions = RankingOptions(), seed: Seed,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let log = whole.thinned(by: options)
    let parts = split.rows(of: log, seed: seed)
    // Where all costs are equal, all are among the best.
    guard !parts.hidden.isEmpty, parts.visible.contains(where: { log.target($0).isFinite }) else {
      rows = []
      return
    }
    let visible = log.rows(parts.visible)
    let committee = try Committee(training: visible, options: options, progress: progress)
    let hidden = log.rows(parts.hidden)
    rows = []
    try add(committee, hidden, ranking: ranking, seed: seed) { index in
      committee.bestCosts[index]
    }
  }

  /// Hides all rows of a fold of workloads after the other.
  ///
  /// - Parameters:
  ///   - whole: The log.
  ///   - foldCount: Folds, from 2; as many as workloads leaves one out at a time.
  ///   - options: Its settings.
  ///   - ranking: How designs are put in order.
  ///   - seed: Of every draw.
  ///   - progress: Told how far it is.
  /// - Throws: What training throws; `CancellationError`.
  /// - Complexity: *foldCount* times that of training.
  public init(
    hidingWorkloadsOf whole: LoggedDesigns, foldCount: Int, options: CommitteeOptions,
    ranking: RankingOptions = RankingOptions(), seed: Seed,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    precondition(foldCount >= 2, "something must be left to learn from")
    rows = []
    let log = whole.thinned(by: options)
    let byContext = log.rowsByContext()
    var order = Array(log.contexts.indices)
    var generator = seed.child("folds").generator()
    order.shuffle(using: &generator)
    for fold in 0..<min(foldCount, order.count) {
      try Task.checkCancellation()
      progress(fold, foldCount)
      let out = Set(order.indices.filter { $0 % foldCount == fold }.map { order[$0] })
      let visible = log.keeping(contexts: log.contexts.indices.filter { !out.contains($0) })
      guard visible.contexts.count > 0, visible.rowCount > 0 else { continue }
      let committee = try Committee(training: visible, options: options)
      for index in out.sorted() {
        let hidden = log.rows(byContext[index])
        try add(committee, hidden, ranking: ranking, seed: seed) { _ in
          let feasible = hidden.cost.indices.filter {
            hidden.isFeasible[$0] && hidden.cost[$0].isFinite
          }
          return median(feasible.map { hidden.cost[$0] })
        }
      }
    }
    progress(foldCount, foldCount)
  }

  /// Lets a committee order hidden rows, and scores it.
  private mutating func add(
    _ committee: Committee, _ hidden: LoggedDesigns, ranking: RankingOptions, seed: Seed,
    reference: (Int) -> Double
  ) throws {
    for (index, own) in hidden.rowsByContext().enumerated() where own.count > 1 {
      try Task.checkCancellation()
      let group = hidden.rows(own)
      let order = committee.rank(
        group.designs, for: hidden.contexts[index], options: ranking, seed: seed)
      func scores(_ order: [Int]) -> [RankingScore]? {
        let all = Self.counts.compactMap { count in
          RankingScore(
            order: order, cost: group.cost, isFeasible: group.isFeasible,
            reference: reference(index), count: count)
        }
        return all.count == Self.counts.count ? all : nil
      }
      guard let found = scores(order.order) else { continue }
      var random = [Double](repeating: 0, count: Self.counts.count)
      var generator = seed.child("random order", index).generator()
      for _ in 0..<20 {
        let shuffled = own.indices.shuffled(using: &generator)
        for (place, score) in (scores(shuffled) ?? []).enumerated() {
          random[place] += score.value / 20
        }
      }
      let feasible = own.indices.filter { group.isFeasible[$0] && group.cost[$0].isFinite }
      let estimates = committee.estimates(
        of: group.designs.rows(feasible), for: hidden.contexts[index])
      let errors = zip(feasible, estimates).map { row, estimate in
        (group.target(row) - estimate.target) / max(estimate.deviation, 1e-12)
      }
      FirstPick.add(order.judgment, of: group, reference: reference(index), to: &pickScores)
      rows.append(
        Row(
          context: hidden.contexts[index].name,
          visibleCount: committee.rowCount(ofContext: hidden.contexts[index].name),
          hiddenCount: own.count, scores: found.map(\.value), randomScores: random,
          feasibleShare: found[1].feasibleShare,
          hiddenFeasibleShare: Double(feasible.count) / Double(own.count),
          standardizedErrors: errors,
          rankCorrelation: kendallTau(
            feasible.map { order.judgment.standing[$0] }, feasible.map { group.cost[$0] })))
    }
  }
}

extension LoggedDesigns {
  /// The rows of some contexts, which become all contexts.
  public func keeping(contexts kept: [Int]) -> LoggedDesigns {
    var places = [Int?](repeating: nil, count: contexts.count)
    for (place, index) in kept.enumerated() { places[index] = place }
    var result = rows((0..<rowCount).filter { places[context[$0]] != nil })
    result.context = result.context.compactMap { places[$0] }
    result.contexts = kept.map { contexts[$0] }
    return result
  }
}

/// Kendall's rank correlation tau-b, 0 where either list is constant.
///
/// - Complexity: O(*n*^2) up to 2,000 pairs of values; a regular sample of 2,000 is used above.
/// - SeeAlso: Kendall 1945, "The treatment of ties in ranking problems".
func kendallTau(_ a: [Double], _ b: [Double]) -> Double {
  let step = max(1, a.count / 2000)
  let places = stride(from: 0, to: a.count, by: step).map { $0 }
  var agreement = 0
  var ofA = 0
  var ofB = 0
  for (number, i) in places.enumerated() {
    for j in places[..<number] {
      let x = a[i] < a[j] ? -1 : a[i] > a[j] ? 1 : 0
      let y = b[i] < b[j] ? -1 : b[i] > b[j] ? 1 : 0
      agreement += x * y
      ofA += x * x
      ofB += y * y
    }
  }
  guard ofA > 0, ofB > 0 else { return 0 }
  return Double(agreement) / (Double(ofA) * Double(ofB)).squareRoot()
}
