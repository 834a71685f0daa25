public import DesignSpace
public import Execution
public import Study

/// A designer that first proposes given designs, such as the best ones of an earlier study, and then goes on as another.
public struct WarmStartDesigner<Base: Designer>: Designer {
  /// That of the designer that goes on.
  public var name: String { base.name }
  private var base: Base
  private var ledger: SuggestionLedger
  private var starts: [Point]

  /// Creates a designer.
  ///
  /// - Parameters:
  ///   - base: Goes on when the first designs are used up.
  ///   - problem: What is searched: space, objectives, limits.
  ///   - starts: Designs to propose first, in this order; those that are not legal points of the space, or known by
  ///     the time they are due, are passed over.
  public init(_ base: Base, of problem: Problem, startingWith starts: [Point]) {
    self.base = base
    ledger = SuggestionLedger(problem.space)
    self.starts = starts.filter { problem.space.contains($0) && problem.space.isLegal($0) }
  }

  /// Proposes what is left of the first designs, then what the base proposes.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var result: [Point] = []
    while result.count < count, !starts.isEmpty {
      let point = starts.removeFirst()
      guard ledger.isFresh(point) else { continue }
      ledger.suggest(point)
      base.reserve([point])
      result.append(point)
    }
    let more = try base.suggest(count: count - result.count, using: &generator)
    more.forEach { ledger.suggest($0) }
    return result + more
  }

  /// Learns from trials as the base does.
  public mutating func observe(_ trials: [Trial]) throws {
    ledger.settle(trials)
    try base.observe(trials)
  }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) {
    points.forEach { ledger.suggest($0) }
    base.reserve(points)
  }
}
