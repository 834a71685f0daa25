import DesignSpace
import Execution

/// Distinct random legal designs in an order that only seed and name decide.
struct DesignStream {
  /// Draws that may repeat known designs in a row before the space counts as exhausted.
  static let patience = 2_000

  private let space: SearchSpace
  private let seed: Seed
  private var drawCount = 0
  private var seen: Set<Point> = []

  init(_ space: SearchSpace, seed: Seed, name: String) {
    self.space = space
    self.seed = seed.child(name)
  }

  /// The next design; `nil` when the space has no other, as far as many draws tell.
  mutating func next() throws(DesignSpaceError) -> Point? {
    for _ in 0..<Self.patience {
      var generator = seed.child("design", drawCount).generator()
      drawCount += 1
      let point = try space.sampler.sample(using: &generator)
      if seen.insert(point).inserted { return point }
    }
    return nil
  }
}
