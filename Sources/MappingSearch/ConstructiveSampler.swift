public import Accelerator
public import CostModel
public import Execution
import Workload

/// Draws random legal mappings of a map space, valid by construction.
///
/// Every prime factor of every bound gets a place: first a random share of them goes to random spatial places as long as
/// the meshes hold, then the others go to random levels, farther out where a tile would no longer fit. Growing a
/// factor never mends a violated limit, so each partial mapping is legal and so is the last; and since every part of a
/// legal mapping is legal, every legal mapping of the space can be drawn. Orders and free keep sets are uniform.
/// Factors that rules keep from the outermost level count in tiles from the start, as far out as they may stand.
///
/// A draw is repeated only when rules limit factors to numbers above 1 or ask for utilization. Where all repetitions
/// fail, a search decides, and its mapping stands for the draw.
public struct ConstructiveSampler {
  /// Draws that are tried for one mapping before a search decides.
  public static let largestTrialCount = 1_000
  /// The same once a search had to decide.
  private static let laterTrialCount = 20

  let state: MappingState
  /// Whether draws fill the array more than they would by chance.
  var prefersSpatial = false
  private let spatialPlaces: [Int]
  private let shuffled: UnsafeMutablePointer<Int>
  private let owner: ShuffleOwner
  let keepChoices: [[UInt32]]
  private let shuffledPlaces: [Int]
  let resting: RestingPlaces
  /// Whether the least any mapping needs fits.
  let isFeasible: Bool

  private final class ShuffleOwner {
    let tokens: UnsafeMutablePointer<Int>
    /// What the search found where draws failed, and its mapping.
    var verdict: LegalMappingSearch.Verdict?
    var image: [Int] = []
    init(_ count: Int) {
      tokens = .allocate(capacity: max(count, 1))
      for token in 0..<count { tokens[token] = token }
    }
    deinit { tokens.deallocate() }
  }

  /// Creates a sampler.
  ///
  /// - Complexity: O(levels x dimensions).
  public init(_ space: MapSpace) { self.init(MappingState(space)) }

  init(_ state: MappingState) {
    self.state = state
    let space = state.space
    owner = ShuffleOwner(state.tokenCount)
    shuffled = owner.tokens
    resting = RestingPlaces(state)
    state.reset()
    let hasLegalMeshes = state.fitsMeshes()
    resting.reserveAll()
    keepChoices = (0..<space.levelCount).map { level in
      space.keepSets(level: level).filter { set in
        state.keeps[level] = set
        return state.fits(levels: level..<(level + 1))
      }
    }
    isFeasible =
      state.fitsWhole && state.isCovered && !keepChoices.contains { $0.isEmpty } && hasLegalMeshes
      && state.hasOrderedLimits && space.allowsAbsentLoops
    spatialPlaces = (0..<state.placeCount).filter { place in
      place % 3 != 0
        && (0..<state.activeCount).contains { state.highs[place * state.activeCount + $0] > 1 }
    }
    shuffledPlaces = (0..<state.placeCount).filter { place in
      state.freeEnds[place] - state.freeStarts[place] > 1
        && (place % 3 == 0 || space.ordersSpatialLoops(level: place / 3))
    }
  }

  /// A random legal mapping.
  ///
  /// - Returns: `nil` when nothing fits, or when rules made `largestTrialCount` draws and a bounded search fail.
  public func next(using generator: inout SeededGenerator) -> Mapping? {
    draw(using: &generator) > 0 ? state.mapping() : nil
  }

  /// Appends a random legal mapping to a batch of the same architecture with room for `Mapping.largestLoopCount` loops.
  ///
  /// - Returns: Draws that were made; 0 when none succeeded and nothing was appended.
  public func append(to batch: inout PackedMappings, using generator: inout SeededGenerator) -> Int
  {
    precondition(
      batch.levelCount == state.levelCount && batch.loopCapacity == Mapping.largestLoopCount,
      "the batch is for other records")
    let trials = draw(using: &generator)
    guard trials > 0, state.write() else { return 0 }
    state.append(to: &batch.words, stride: batch.stride)
    return trials
  }

  /// Sets the state to a random legal mapping.
  ///
  /// - Returns: Draws that were made; 0 when none succeeded.
  func draw(using generator: inout SeededGenerator) -> Int {
    guard isFeasible, owner.verdict ?? .found == .found else { return 0 }
    let limit =
      owner.verdict == nil
      ? ConstructiveSampler.largestTrialCount : ConstructiveSampler.laterTrialCount
    for trial in 1...limit where drawOnce(using: &generator) { return trial }
    return loadSearched() ? limit : 0
  }

  /// What the search of the whole space says; it runs once.
  func decide() -> LegalMappingSearch.Verdict {
    if let known = owner.verdict { return known }
    let verdict = LegalMappingSearch(state).run()
    owner.verdict = verdict
    if verdict == .found {
      owner.image = Array(repeating: 0, count: state.imageSize)
      owner.image.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { state.save(to: base) }
      }
    }
    return verdict
  }

  private func loadSearched() -> Bool {
    guard decide() == .found else { return false }
    owner.image.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { state.restore(from: base) }
    }
    return true
  }

  private func drawOnce(using generator: inout SeededGenerator) -> Bool {
    for level in 0..<state.levelCount where keepChoices[level].count > 1 {
      state.keeps[level] = keepChoices[level][generator.index(below: keepChoices[level].count)]
    }
    state.reset()
    resting.reserveAll()
    let count = state.tokenCount
    var last = count - 1
    while last > 0 {
      let other = generator.index(below: last + 1)
      (shuffled[last], shuffled[other]) = (shuffled[other], shuffled[last])
      last -= 1
    }
    // Spatial first: a token tries its luck with one of five chances for the whole draw.
    var left = count
    let fills = prefersSpatial || state.hasFloors && generator.index(below: 4) > 0
    let least = fills ? 3 : 0
    let chance = spatialPlaces.isEmpty ? 0 : least + generator.index(below: 5 - least)
    if chance > 0 {
      left = 0
      for position in 0..<count {
        let token = shuffled[position]
        if generator.next() & 3 < chance, placeSpatially(token, using: &generator) { continue }
        (shuffled[left], shuffled[position]) = (token, shuffled[left])
        left += 1
      }
    }
    for position in 0..<left {
      guard placeTemporally(shuffled[position], using: &generator) else { return false }
    }
    guard state.usesEnough() else { return false }
    shuffleOrders(using: &generator)
    return true
  }

  private func placeSpatially(_ token: Int, using generator: inout SeededGenerator) -> Bool {
    let d = state.tokenDimensions[token]
    let prime = state.tokenPrimes[token]
    let count = spatialPlaces.count
    // Rules may close every fan-out, or the machine has none.
    guard count > 0 else { return false }
    var index = generator.index(below: count)
    for _ in 0..<count {
      if place(token, d, prime, at: spatialPlaces[index]) { return true }
      index += 1
      if index == count { index = 0 }
    }
    return false
  }

  /// Puts a token at a random level, or farther out, or at last farther in.
  func placeTemporally(
    _ token: Int, from first: Int? = nil, using generator: inout SeededGenerator
  ) -> Bool {
    let d = state.tokenDimensions[token]
    let prime = state.tokenPrimes[token]
    let start = first ?? generator.index(below: state.levelCount)
    var level = start
    while level >= 0 {
      if place(token, d, prime, at: 3 * level) { return true }
      level -= 1
    }
    level = start + 1
    while level < state.levelCount {
      if place(token, d, prime, at: 3 * level) { return true }
      level += 1
    }
    return placeSpatially(token, using: &generator)
  }

  func place(_ token: Int, _ d: Int, _ prime: Int, at place: Int) -> Bool {
    let slot = place * state.activeCount + d
    guard state.factors[slot] * prime <= state.highs[slot] else { return false }
    resting.release(token)
    state.grow(d, by: prime, at: place)
    if place == 0
      || (place % 3 == 0 || state.fitsMeshes()) && state.fits(levels: 0..<(place / 3 + 1))
    {
      state.tokenPlaces[token] = place
      return true
    }
    state.shrink(d, by: prime, at: place)
    resting.reserve(token)
    return false
  }

  private func shuffleOrders(using generator: inout SeededGenerator) {
    for place in shuffledPlaces {
      let mask = state.present[place]
      if mask & (mask &- 1) == 0 { continue }
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
}

extension MapSpace {
  /// Whether every place may have factor 1 for dimensions with bound 1.
  var allowsAbsentLoops: Bool {
    for (dimension, bound) in layer.dimensions.map(\.bound).enumerated() where bound == 1 {
      for level in 0..<levelCount {
        guard allowsTemporal(level: level, dimension: dimension, factor: 1),
          allowsSpatial(level: level, dimension: dimension, x: 1, y: 1)
        else { return false }
      }
    }
    return true
  }
}
