import DesignSpace
import Execution
import Study

/// A designer of a kind that is known only when it runs, within limits that are known without an evaluation.
struct OuterDesigner: Designer {
  var base: any Designer
  let space: SearchSpace
  /// Whether a design is within the limits on resources; `nil` leaves that to the evaluation.
  let isWithin: (@Sendable (Point) -> Bool)?

  /// Suggestions of the designer that are answered without an evaluation, in a row; then designs are drawn.
  private static let refusedCount = 32
  /// Designs that are drawn when the designer has none within the limits.
  private static let drawnCount = 2_000

  init(base: any Designer, space: SearchSpace, isWithin: (@Sendable (Point) -> Bool)?) {
    self.base = base
    self.space = space
    self.isWithin = isWithin
  }

  var name: String { base.name }

  mutating func suggest(count: Int, using generator: inout SeededGenerator) throws -> [Point] {
    guard let isWithin else { return try base.suggest(count: count, using: &generator) }
    var result: [Point] = []
    while result.count < count {
      guard let point = try within(isWithin, using: &generator) else { break }
      result.append(point)
    }
    return result
  }

  private mutating func within(
    _ isWithin: (Point) -> Bool, using generator: inout SeededGenerator
  ) throws -> Point? {
    for _ in 0..<Self.refusedCount {
      guard let point = try base.suggest(count: 1, using: &generator).first else { return nil }
      if isWithin(point) { return point }
      try base.observe([
        Trial(
          id: -1, point: point,
          outcome: .infeasible(Infeasibility(.hidden("beyond the limits on resources"))),
          origin: Trial.Origin(designer: name, evaluator: "limits"))
      ])
    }
    for _ in 0..<Self.drawnCount {
      let point = try space.sampler.sample(using: &generator)
      if isWithin(point) { return point }
    }
    return nil
  }

  mutating func observe(_ trials: [Trial]) throws { try base.observe(trials) }
}
