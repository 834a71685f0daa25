public import DesignSpace
public import Execution
public import Study

/// Which designs are known or outstanding, so that none is suggested twice.
public struct SuggestionLedger: Sendable {
  /// Most legal designs of a space that are listed to find those that are left.
  static let largestListCount = 50_000

  /// The space of the suggestions.
  public let space: SearchSpace
  private var known: Set<Point> = []
  /// Designs that were suggested and not told yet, in the order of suggestion.
  public private(set) var outstandingOrder: [Point] = []
  private var outstanding: Set<Point> = []

  /// Creates a ledger in which nothing is known.
  public init(_ space: SearchSpace) {
    self.space = space
  }

  /// Whether a design was neither told nor suggested.
  public func isFresh(_ point: Point) -> Bool {
    !known.contains(point) && !outstanding.contains(point)
  }

  /// Notes a suggestion.
  public mutating func suggest(_ point: Point) {
    if outstanding.insert(point).inserted { outstandingOrder.append(point) }
  }

  /// Settles trials; a failed one says nothing about its design, which may be suggested again.
  public mutating func settle(_ trials: [Trial]) {
    for trial in trials {
      if outstanding.remove(trial.point) != nil {
        outstandingOrder.removeAll { $0 == trial.point }
      }
      if case .failed = trial.outcome { continue }
      known.insert(trial.point)
    }
  }

  /// A uniform legal design that is fresh; `nil` when none is left.
  ///
  /// After 200 draws without a fresh one, spaces of up to 50,000 legal designs are listed; larger ones are drawn from
  /// 2,000 times more, 50 times where every draw is itself one of many.
  /// - Throws: `DesignSpaceError.noLegalDesign` when the space has none.
  public func freshDesign(using generator: inout SeededGenerator) throws -> Point? {
    let sampler = space.sampler
    for _ in 0..<200 {
      let point = try sampler.sample(using: &generator)
      if isFresh(point) { return point }
    }
    if let all = space.legalPoints(atMost: Self.largestListCount) {
      let left = all.filter(isFresh)
      return left.isEmpty ? nil : left[generator.index(below: left.count)]
    }
    for _ in 0..<(sampler.isExact ? 2_000 : 50) {
      let point = try sampler.sample(using: &generator)
      if isFresh(point) { return point }
    }
    return nil
  }
}
