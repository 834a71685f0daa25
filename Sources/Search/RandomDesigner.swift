public import DesignSpace
public import Execution
public import Study

/// Uniform legal designs, without replacement.
public struct RandomDesigner: Designer {
  /// The name in the origin of trials.
  public let name = "random"
  private var ledger: SuggestionLedger

  /// Creates a designer.
  public init(_ problem: Problem) { ledger = SuggestionLedger(problem.space) }

  /// Proposes designs that are neither known nor outstanding.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var points: [Point] = []
    while points.count < count, let point = try ledger.freshDesign(using: &generator) {
      ledger.suggest(point)
      points.append(point)
    }
    return points
  }

  /// Notes which designs are known.
  public mutating func observe(_ trials: [Trial]) { ledger.settle(trials) }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) { points.forEach { ledger.suggest($0) } }
}
