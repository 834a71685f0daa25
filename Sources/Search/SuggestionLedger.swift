import DesignSpace
import Execution
import Study

/// Which designs are known or outstanding, so that none is suggested twice.
struct SuggestionLedger: Sendable {
  /// Most legal designs of a space that are listed to find those that are left.
  static let largestListCount = 50_000

  let space: SearchSpace
  private var known: Set<Point> = []
  private var outstanding: Set<Point> = []

  init(_ space: SearchSpace) {
    self.space = space
  }

  /// Whether a design was neither told nor suggested.
  func isFresh(_ point: Point) -> Bool { !known.contains(point) && !outstanding.contains(point) }

  mutating func suggest(_ point: Point) { outstanding.insert(point) }

  /// Settles trials; a failed one says nothing about its design, which may be suggested again.
  mutating func settle(_ trials: [Trial]) {
    for trial in trials {
      outstanding.remove(trial.point)
      if case .failed = trial.outcome { continue }
      known.insert(trial.point)
    }
  }

  /// A uniform legal design that is fresh; `nil` when none is left.
  ///
  /// After 200 draws without a fresh one, spaces of up to 50,000 legal designs are listed; larger ones are drawn from
  /// 2,000 times more, 50 times where every draw is itself one of many.
  func freshDesign(using generator: inout SeededGenerator) throws -> Point? {
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
