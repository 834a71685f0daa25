public import DesignSpace
public import Execution
import Foundation
public import Study

/// A population of designers that share all trials; the better what a member proposed lately, the more it proposes.
///
/// Every slot of a request is given to a member drawn by the softmax of the members' credits. The credit of a member is
/// the mean quality of its trials, the latest counting most. The quality of a trial is 1 when it is better than all before,
/// 0 when it is infeasible, otherwise at most 0.3, falling exponentially with the share of feasible trials that are better. Members that have proposed
/// nothing yet have the credit they were given.
///
/// Adaptive portfolios replace, every so many trials, the settings of the member of least credit that can change them, as long as
/// it is not the best one, by those of a changed copy of the best member of its kind, or its own changed.
///
/// Members are told all trials and all outstanding designs, so that nothing is asked for twice.
///
/// Differs from the paper: credits are per trial, not per round, since requests may be single designs; the reward is by rank, since
/// the scale of costs is not known; shares have a floor so that nobody starves.
/// - SeeAlso: Angermueller et al. 2020, "Population-Based Black-Box Optimization for Biological Sequence Design", arXiv
///   2006.03227 (P3BO and Adaptive-P3BO; details recalled).
public struct PortfolioDesigner: Designer {
  /// The settings of the portfolio.
  public struct Options: Hashable, Sendable {
    /// What an older trial counts, relative to the next one of the same member, above 0 and at most 1.
    ///
    /// Default: 0.97, since gains are few.
    public var decay = 0.97
    /// The difference of credit that multiplies a share by e, above 0.
    ///
    /// Default: 0.03.
    public var temperature = 0.03
    /// The smallest share of a member, as a part of an even share, in `[0, 1]`.
    ///
    /// Default: 0.05.
    public var floor = 0.05
    /// Trials between changes of settings; `nil` never changes them (P3BO), a number does (Adaptive-P3BO).
    public var adaptationInterval: Int?

    /// Creates options with their defaults.
    public init() {}
  }

  /// A designer and what it is believed to be worth before it has proposed anything.
  public struct Member: Sendable {
    /// The designer.
    public var designer: any Designer
    /// Its first credit, in `[0, 1]`; counts as much as `credence` trials.
    public var credit: Double

    /// Creates a member.
    public init(_ designer: any Designer, credit: Double = 0.5) {
      precondition((0...1).contains(credit), "a credit is in 0...1")
      self.designer = designer
      self.credit = credit
    }
  }

  /// Trials that a first credit counts as much as.
  static let credence = 10.0
  /// The quality of the best design that is not better than all before.
  static let consolation = 0.3
  /// How fast quality falls: by e for every this share of feasible trials that are better.
  static let qualityScale = 0.1

  /// The name in the origin of trials.
  public var name: String { options.adaptationInterval == nil ? "portfolio" : "adaptive-portfolio" }
  private let problem: Problem
  private let options: Options
  private let seed: Seed
  private var members: [Member]
  /// Decayed sums of qualities and of ones.
  private var qualities: [Double]
  private var weights: [Double]
  private var ledger: SuggestionLedger
  private var owners: [Point: Int] = [:]
  /// Feasible costs, ascending.
  private var costs: [Double] = []
  private var learnedCount = 0

  /// Creates a portfolio.
  ///
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - members: At least one; they know nothing yet.
  ///   - options: Its settings.
  ///   - seed: Of changes of settings.
  public init(
    _ problem: Problem, members: [Member], options: Options = Options(), seed: Seed = Seed(0)
  ) {
    precondition(!members.isEmpty, "a portfolio has a member")
    precondition(options.decay > 0 && options.decay <= 1, "a decay is above 0 and at most 1")
    precondition(options.temperature > 0, "a temperature is positive")
    precondition((0...1).contains(options.floor), "a floor is in 0...1")
    precondition((options.adaptationInterval ?? 1) >= 1, "settings change after a trial or more")
    self.problem = problem
    self.options = options
    self.seed = seed
    self.members = members
    qualities = members.map { $0.credit * Self.credence }
    weights = members.map { _ in Self.credence }
    ledger = SuggestionLedger(problem.space)
  }

  /// The share of slots that every member gets, in the order of the members; sums to 1.
  public var shares: [Double] {
    let credits = zip(qualities, weights).map { $0 / $1 }
    let largest = credits.max() ?? 0
    let raw = credits.map { exp(($0 - largest) / options.temperature) }
    let sum = raw.reduce(0, +)
    let even = options.floor / Double(members.count)
    return raw.map { even + (1 - options.floor) * $0 / sum }
  }

  /// Proposes designs of members drawn by their shares; what nobody has left to offer is filled with uniform designs.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var slots = [Int](repeating: 0, count: members.count)
    let shares = shares
    for _ in 0..<count { slots[Self.draw(shares, using: &generator)] += 1 }
    var result: [Point] = []
    for (index, slotCount) in slots.enumerated() where slotCount > 0 {
      let points = try members[index].designer.suggest(count: slotCount, using: &generator)
      result += take(points, for: index)
    }
    while result.count < count {
      // Somebody had less to offer than was asked for.
      guard let point = try ledger.freshDesign(using: &generator) else { break }
      ledger.suggest(point)
      for index in members.indices { members[index].designer.reserve([point]) }
      result.append(point)
    }
    return result
  }

  /// Tells all members and gives credit to those whose designs came back.
  public mutating func observe(_ trials: [Trial]) throws {
    ledger.settle(trials)
    for index in members.indices { try members[index].designer.observe(trials) }
    for trial in trials {
      let owner = owners.removeValue(forKey: trial.point)
      let outcome = problem.judging(trial.outcome)
      if case .failed = outcome { continue }
      learnedCount += 1
      let quality = quality(of: problem.cost(of: outcome))
      if let owner {
        for index in members.indices where index == owner {
          qualities[index] = options.decay * qualities[index] + quality
          weights[index] = options.decay * weights[index] + 1
        }
      }
      if let interval = options.adaptationInterval, learnedCount % interval == 0 { adapt() }
    }
  }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) {
    points.forEach { ledger.suggest($0) }
    for index in members.indices { members[index].designer.reserve(points) }
  }

  /// Keeps what is fresh, and tells the others.
  private mutating func take(_ points: [Point], for owner: Int) -> [Point] {
    let fresh = points.filter { ledger.isFresh($0) }
    for point in fresh {
      ledger.suggest(point)
      owners[point] = owner
    }
    for index in members.indices where index != owner { members[index].designer.reserve(fresh) }
    return fresh
  }

  private static func draw(_ shares: [Double], using generator: inout SeededGenerator) -> Int {
    var rest = generator.unitInterval()
    for (index, share) in shares.enumerated() {
      rest -= share
      if rest < 0 { return index }
    }
    return shares.count - 1
  }

  /// How good a cost is among those known; joins them.
  private mutating func quality(of cost: Double?) -> Double {
    guard let cost else { return 0 }
    var low = 0
    var high = costs.count
    while low < high {
      let middle = (low + high) / 2
      if costs[middle] < cost { low = middle + 1 } else { high = middle }
    }
    // A cost that was known before is no better than the one it repeats.
    let isRepeated = low < costs.count && costs[low] == cost
    let better = Double(isRepeated ? low + 1 : low)
    let share = better / Double(max(costs.count, 10))
    costs.insert(cost, at: low)
    return better == 0 ? 1 : Self.consolation * exp(-share / Self.qualityScale)
  }

  /// Changes the settings of the member of least credit that has any.
  private mutating func adapt() {
    let credits = zip(qualities, weights).map { $0 / $1 }
    let adaptive = members.indices.filter { members[$0].designer is any AdaptiveDesigner }
    guard let best = credits.indices.max(by: { (credits[$0], $1) < (credits[$1], $0) }),
      let weakest = adaptive.filter({ $0 != best })
        .min(by: { (credits[$0], $0) < (credits[$1], $1) })
    else { return }
    let kind = members[weakest].designer.name
    let parent = adaptive.filter { members[$0].designer.name == kind }
      .max { (credits[$0], $1) < (credits[$1], $0) }
    guard var copy = members[parent ?? weakest].designer as? any AdaptiveDesigner else { return }
    var generator = seed.child("adaptation", learnedCount).generator()
    copy.adapt(using: &generator)
    members[weakest].designer = copy
    // A changed member gets a chance: the credit of its parent, of which little is sure.
    qualities[weakest] = (parent.map { credits[$0] } ?? credits[weakest]) * Self.credence
    weights[weakest] = Self.credence
  }
}
