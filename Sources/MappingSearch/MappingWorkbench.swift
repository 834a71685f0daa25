public import Accelerator
import CostModel
public import Execution
import Foundation
import Workload

/// A member of a map space that searches outside this module make, change and describe, in flat storage.
///
/// It always holds one mapping: random and legal after `draw`, any factorization after `scatter` and `round`. What
/// `tileShare`, `usedShare` and `fetchesLog2` say is about the mapping it holds. Not for use by several threads at once.
public final class MappingWorkbench {
  /// The space.
  public let space: MapSpace
  private let state: MappingState
  private var sampler: ConstructiveSampler
  private let moves: MappingDescent
  /// By operand: active dimensions that index it, as bits.
  private let relevant: [UInt32]
  private let meshX: Int
  private let meshY: Int

  /// Creates a workbench; the mapping it holds is nothing before the first draw.
  public init(_ space: MapSpace) {
    self.space = space
    state = MappingState(space)
    sampler = ConstructiveSampler(state)
    moves = MappingDescent(
      state, model: LoopNestCostModel(layer: space.layer, architecture: space.architecture),
      objective: .energyDelayProduct, seed: Seed(0))
    let active = state.dimensions
    relevant = space.layer.operands.map { operand in
      var mask: UInt32 = 0
      for (bit, dimension) in active.enumerated() where operand.isIndexed(by: dimension) {
        mask |= 1 << UInt32(bit)
      }
      return mask
    }
    meshX = space.architecture.compute.mesh.x
    meshY = space.architecture.compute.mesh.y
  }

  // MARK: Making mappings

  /// Makes a random legal mapping, as `ConstructiveSampler` does.
  ///
  /// - Parameters:
  ///   - fillsArray: Whether the array is filled more than by chance.
  ///   - generator: Of the draws.
  /// - Returns: `false` when none was found.
  public func draw(fillsArray: Bool = false, using generator: inout SeededGenerator) -> Bool {
    sampler.prefersSpatial = fillsArray
    return sampler.draw(using: &generator) > 0
  }

  /// Puts every prime factor at a uniformly random place that rules and fan-outs leave open to it alone; capacities and
  /// meshes may not hold.
  public func scatter(using generator: inout SeededGenerator) {
    begin(using: &generator)
    for token in 0..<state.tokenCount {
      let places = openPlaces(token)
      put(token, at: places.isEmpty ? 0 : places[generator.index(below: places.count)])
    }
    for place in 0..<state.placeCount {
      let order = state.orders + place * state.activeCount
      let start = state.freeStarts[place]
      var last = state.freeEnds[place] - 1
      while last > start {
        let other = start + generator.index(below: last - start + 1)
        (order[last], order[other]) = (order[other], order[last])
        last -= 1
      }
    }
  }

  /// Numbers that `round` takes: a share for every place and active dimension, and a rank for every loop of a level.
  public var relaxedCount: Int { (state.placeCount + state.levelCount) * state.activeCount }

  /// Rounds a relaxed mapping to a factorization: each prime factor goes where most of its dimension is still asked for.
  ///
  /// Capacities and meshes may not hold.
  /// - Parameters:
  ///   - relaxed: `relaxedCount` numbers in `0...1`; the logarithm of a bound is shared out by the squares of the
  ///     first, loops stand in the order of the others.
  ///   - generator: Of the draws.
  public func round(_ relaxed: [Double], using generator: inout SeededGenerator) {
    precondition(relaxed.count == relaxedCount, "one number a place and rank")
    begin(using: &generator)
    let n = state.activeCount
    var asked = [Double](repeating: 0, count: state.placeCount * n)
    for d in 0..<n {
      var sum = 1e-12
      for place in 0..<state.placeCount where state.highs[place * n + d] > 1 {
        let share = relaxed[place * n + d]
        asked[place * n + d] = share * share
        sum += share * share
      }
      let bits = log2(Double(space.layer.dimensions[state.dimensions[d]].bound))
      for place in 0..<state.placeCount { asked[place * n + d] *= bits / sum }
    }
    for token in (0..<state.tokenCount).reversed() {
      let d = state.tokenDimensions[token]
      let places = openPlaces(token)
      let place = places.max { asked[$0 * n + d] < asked[$1 * n + d] } ?? 0
      asked[place * n + d] -= log2(Double(state.tokenPrimes[token]))
      put(token, at: place)
    }
    for level in 0..<state.levelCount {
      let ranks = (0..<n).map { relaxed[(state.placeCount + level) * n + $0] }
      sortLoops(at: 3 * level) { ranks[$0] }
    }
  }

  /// Makes the legal mapping nearest to one that may be of other hardware: prime factors stand where they stood there as
  /// far as limits and capacities allow, otherwise farther out.
  ///
  /// - Parameters:
  ///   - mapping: One of the same layer with as many levels.
  ///   - generator: Of the draws.
  /// - Returns: `false` when some factor found no place.
  public func adopt(_ mapping: Mapping, using generator: inout SeededGenerator) -> Bool {
    guard sampler.isFeasible, mapping.nests.count == state.levelCount else { return false }
    begin(using: &generator)
    state.reset()
    sampler.resting.reserveAll()
    let n = state.activeCount
    var left = [Int](repeating: 1, count: state.placeCount * n)
    for (level, nest) in mapping.nests.enumerated() {
      for (kind, loops) in [nest.temporal, nest.spatialY, nest.spatialX].enumerated() {
        let place = 3 * level + kind
        var rank = [Double](repeating: 99, count: n)
        for (position, loop) in loops.enumerated() {
          guard let d = state.dimensions.firstIndex(of: loop.dimension) else { continue }
          left[place * n + d] *= loop.factor
          rank[d] = Double(position)
        }
        sortLoops(at: place) { rank[$0] }
        for d in 0..<n {
          left[place * n + d] /= min(left[place * n + d], state.factors[place * n + d])
        }
      }
    }
    // Spatial and inner places first: what does not fit there moves outwards.
    for token in 0..<state.tokenCount {
      let d = state.tokenDimensions[token]
      let prime = state.tokenPrimes[token]
      let wanted = (0..<state.placeCount).last { left[$0 * n + d] % prime == 0 } ?? 0
      if left[wanted * n + d] % prime == 0 { left[wanted * n + d] /= prime }
      if sampler.place(token, d, prime, at: wanted) { continue }
      guard sampler.placeTemporally(token, from: wanted / 3, using: &generator) else {
        return false
      }
    }
    return state.usesEnough()
  }

  /// Changes the mapping it holds by one random legal move: a factor to another place, two factors or loops traded.
  ///
  /// - Returns: `false` when forty tries found no legal move; the mapping is then as before.
  public func mutate(using generator: inout SeededGenerator) -> Bool {
    moves.generator = generator
    defer { generator = moves.generator }
    guard state.tokenCount > 0 else { return false }
    for _ in 0..<40 where moves.propose() != nil { return true }
    return false
  }

  private func begin(using generator: inout SeededGenerator) {
    for level in 0..<state.levelCount {
      let choices = sampler.keepChoices[level]
      if choices.count > 1 {
        state.keeps[level] = choices[generator.index(below: choices.count)]
      } else if let only = choices.first {
        state.keeps[level] = only
      }
    }
    state.reset()
  }

  private func openPlaces(_ token: Int) -> [Int] {
    let d = state.tokenDimensions[token]
    return (0..<state.placeCount).filter { place in
      let slot = place * state.activeCount + d
      return state.factors[slot] * state.tokenPrimes[token] <= state.highs[slot]
    }
  }

  private func put(_ token: Int, at place: Int) {
    state.grow(state.tokenDimensions[token], by: state.tokenPrimes[token], at: place)
    state.tokenPlaces[token] = place
  }

  private func sortLoops(at place: Int, by rank: (Int) -> Double) {
    let order = state.orders + place * state.activeCount
    let range = state.freeStarts[place]..<state.freeEnds[place]
    let sorted = range.map { order[$0] }.sorted {
      (rank(Int($0)), $0) < (rank(Int($1)), $1)
    }
    for (position, d) in zip(range, sorted) { order[position] = d }
  }

  // MARK: Copies

  /// Integers of a copy.
  public var imageCount: Int { state.imageSize }

  /// A copy of the mapping it holds, for `restore`.
  public func image() -> [Int] {
    var image = [Int](repeating: 0, count: state.imageSize)
    image.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { state.save(to: base) }
    }
    return image
  }

  /// Holds a copied mapping again.
  public func restore(_ image: [Int]) {
    precondition(image.count == state.imageSize, "the copy is of another space")
    image.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { state.restore(from: base) }
    }
  }

  /// The mapping it holds; `nil` when it has more loops than a mapping may have.
  public func mapping() -> Mapping? { state.mapping() }

  // MARK: Describing

  /// Whether limits, meshes and capacities hold.
  public var isLegal: Bool {
    guard state.isCovered, state.fitsWhole else { return false }
    for slot in 0..<(state.placeCount * state.activeCount)
    where state.factors[slot] > state.highs[slot] || state.factors[slot] < state.lows[slot] {
      return false
    }
    return state.fitsMeshes() && state.usesEnough() && state.fits(levels: 0..<state.levelCount)
  }

  /// Whether a level keeps an operand.
  public func keeps(_ operand: Int, atLevel level: Int) -> Bool {
    state.keeps[level] >> UInt32(24 + operand) & 1 == 1
  }

  /// Share of a level's capacity that an operand's tile takes; above 1 in mappings that are not legal.
  ///
  /// - Returns: 0 where the level has no capacity or does not keep the operand.
  public func tileShare(_ operand: Int, atLevel level: Int) -> Double {
    guard state.limitedLevels >> UInt32(level) & 1 == 1, keeps(operand, atLevel: level) else {
      return 0
    }
    let extents = state.extents + level * state.activeCount
    let bits = state.tiles.tileBits(level, operand, extents).map(Double.init) ?? 0x1p63
    return bits / Double(max(1, state.tiles.usable[level]))
  }

  /// Shares of the array's columns and rows that the spatial loops use; above 1 in mappings that are not legal.
  public var usedShare: (x: Double, y: Double) {
    var x = 1.0
    var y = 1.0
    for level in 0..<state.levelCount {
      x *= Double(state.products[3 * level + 2])
      y *= Double(state.products[3 * level + 1])
    }
    return (x / Double(meshX), y / Double(meshY))
  }

  /// Logarithm to base 2 of the words of an operand that enter a level from outside, all instances, as far as loops
  /// around it tell: temporal loops inside the innermost one that moves the tile repeat nothing.
  public func fetchesLog2(_ operand: Int, atLevel level: Int) -> Double {
    let extents = state.extents + level * state.activeCount
    let bits = state.tiles.tileBits(level, operand, extents).map(Double.init) ?? 0x1p63
    var total = log2(max(bits, 1))
    var moves = false
    var outer = level - 1
    while outer >= 0 {
      for kind in [2, 1, 0] {
        let place = 3 * outer + kind
        let order = state.orders + place * state.activeCount
        var position = state.activeCount - 1
        while position >= 0 {
          let d = Int(order[position])
          position -= 1
          let factor = state.factors[place * state.activeCount + d]
          guard factor > 1 else { continue }
          let counts = relevant[operand] >> UInt32(d) & 1 == 1
          if kind != 0 {
            // Copies of a word for several children are one multicast.
            if counts { total += log2(Double(factor)) }
          } else {
            moves = moves || counts
            if moves { total += log2(Double(factor)) }
          }
        }
      }
      outer -= 1
    }
    return total
  }
}
