public import DesignSpace
public import Execution
public import Study

/// Evenly spread legal designs: a scrambled Halton sequence mapped to quantiles of the legal designs.
///
/// Where the legal designs of tied parameters are not counted, illegal points of the sequence are passed over, up to 200
/// in a row; then one uniform design is taken. What was told is not suggested again.
public struct QuasiRandomDesigner: Designer {
  /// The name in the origin of trials.
  public let name = "quasirandom"
  private let sequence: HaltonSequence
  private var next = 1
  private var ledger: SuggestionLedger

  /// Creates a designer.
  ///
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - seed: Scrambles the sequence; equal seeds give equal sequences.
  public init(_ problem: Problem, seed: Seed) {
    ledger = SuggestionLedger(problem.space)
    sequence = HaltonSequence(
      dimension: problem.space.parameters.count, scrambledBy: seed.child("halton"))
  }

  /// Proposes the next points of the sequence that are legal and fresh.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var points: [Point] = []
    while points.count < count {
      guard let point = try nextPoint() ?? ledger.freshDesign(using: &generator) else { break }
      ledger.suggest(point)
      points.append(point)
    }
    return points
  }

  /// Notes which designs are known.
  public mutating func observe(_ trials: [Trial]) { ledger.settle(trials) }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) { points.forEach { ledger.suggest($0) } }

  private mutating func nextPoint() throws -> Point? {
    let sampler = ledger.space.sampler
    for _ in 0..<200 {
      defer { next += 1 }
      if let point = sampler.point(atQuantiles: sequence.point(next)), ledger.isFresh(point) {
        return point
      }
    }
    return nil
  }
}
