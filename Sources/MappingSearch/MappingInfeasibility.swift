public import Accelerator
public import CostModel
import Execution
import Workload

/// Why no mapping of a space can run, and the smallest changes that mend it, each tried out.
public struct MappingInfeasibility: Sendable {
  /// What stands in the way.
  public enum Cause: Hashable, Sendable {
    /// Even the smallest tiles the rules allow are too large for a level; the level that is exceeded most.
    case capacity(level: String, tiles: [Tile], needWords: Int, haveWords: Int)
    /// The smallest tiles fit, but rules force larger ones.
    case rules([MapSpaceRule])
    /// Neither a thousand random draws nor a bounded search met the rules and fitted; this is no proof.
    case notFound([MapSpaceRule])
  }

  /// Words of one tensor's smallest tile.
  public struct Tile: Hashable, Sendable {
    /// Name of the tensor.
    public var tensor: String
    /// Words of the level.
    public var words: Int
  }

  /// A change after which a legal mapping was found.
  public struct Fix: Sendable {
    /// What to change, in words.
    public var change: String
    /// The changed architecture.
    public var architecture: Architecture
    /// The changed constraints' space.
    public var space: MapSpace
    /// A mapping that can run after the change.
    public var mapping: Mapping
  }

  /// Name of the layer.
  public let layer: String
  /// What stands in the way.
  public let cause: Cause
  /// Verified changes, the one to try first in front; empty when none of those tried helps.
  public let fixes: [Fix]

  /// Explains why nothing fits.
  ///
  /// - Returns: `nil` when some mapping of the space can run.
  public init?(of space: MapSpace, terms: CostTerms = .asDescribed) {
    guard MappingInfeasibility.witness(in: space) == nil else { return nil }
    layer = space.layer.name
    let state = MappingState(space)
    var worst: (level: Int, need: Int, have: Int)?
    var needs: [(level: Int, need: Int)] = []
    for level in 0..<space.levelCount {
      guard let usable = space.architecture.levels[level].usableWords else { continue }
      let need = MappingInfeasibility.smallestTiles(at: level, state).reduce(0) { $0 + $1.words }
      guard need > usable else { continue }
      needs.append((level, need))
      if let known = worst, need * max(known.have, 1) <= known.need * max(usable, 1) { continue }
      worst = (level, need, usable)
    }
    let repairs = MappingRepairs(space: space, terms: terms)
    if let worst {
      cause = .capacity(
        level: space.architecture.levels[worst.level].name,
        tiles: MappingInfeasibility.smallestTiles(at: worst.level, state), needWords: worst.need,
        haveWords: worst.have)
      fixes =
        repairs.looserRules() + repairs.largerMemories(needs) + repairs.bypasses(at: worst.level)
    } else {
      let names = space.rules.filter { $0.effect.restrictsLoops }.map(\.name)
      cause = ConstructiveSampler(space).decide() == .undecided ? .notFound(names) : .rules(names)
      fixes = repairs.looserRules() + repairs.growingMemories()
    }
  }

  /// Some legal mapping, if one is found.
  static func witness(in space: MapSpace) -> Mapping? {
    var generator = Seed(0).child("witness").generator()
    return ConstructiveSampler(space).next(using: &generator)
  }

  /// The kept tiles of a level when every factor is the lowest allowed, with the keep set that needs least.
  private static func smallestTiles(at level: Int, _ state: MappingState) -> [Tile] {
    let space = state.space
    state.reset()
    var extents = Array(repeating: 1, count: space.dimensionCount)
    for (d, dimension) in state.dimensions.enumerated() {
      extents[dimension] =
        level == 0
        ? space.layer.dimensions[dimension].bound : state.extents[level * state.activeCount + d]
    }
    let wordBits = space.architecture.levels[level].wordBits
    let options = space.keepSets(level: level).map { set in
      space.layer.operands.enumerated().compactMap { t, operand -> Tile? in
        guard set >> UInt32(24 + t) & 1 == 1 else { return nil }
        let bits = operand.volume(extents: extents) * (operand.bits ?? wordBits)
        return Tile(tensor: operand.name, words: (bits + wordBits - 1) / wordBits)
      }
    }
    let words = { (tiles: [Tile]) in tiles.reduce(0) { $0 + $1.words } }
    return options.min { words($0) < words($1) } ?? []
  }
}

extension MappingInfeasibility: CustomStringConvertible {
  /// The message a user reads: layer, cause, then a hint per verified change.
  public var description: String { "layer \"\(layer)\": \(explanation)" }

  /// The message without the layer, equal for layers with the same problem.
  public var explanation: String {
    var lines: [String] = []
    switch cause {
    case .capacity(let level, let tiles, let need, let have):
      let parts = tiles.map { "\($0.tensor) \($0.words)" }.joined(separator: ", ")
      lines.append(
        "no mapping fits: level \"\(level)\" needs at least \(need) words (\(parts)), has \(have)")
    case .rules(let rules):
      let list = rules.map(\.text).joined(separator: "; ")
      lines.append(
        "no mapping fits: the tiles that the rules force are too large"
          + (list.isEmpty ? "" : ": \(list)"))
    case .notFound(let rules):
      lines.append(
        "found no mapping in \(ConstructiveSampler.largestTrialCount) draws and a bounded search under: "
          + rules.map(\.text).joined(separator: "; "))
    }
    if fixes.isEmpty { lines.append("hint: no single change of those tried helps") }
    lines += fixes.map { "hint: \($0.change)" }
    return lines.joined(separator: "\n")
  }
}
