import Accelerator
import CostModel
import Execution
import Workload

/// A member of a map space that searches change in place: factors, orders and keep sets in flat storage.
///
/// Legend: `L` levels; `n` active dimensions, those with a bound above 1; places are `3 L`: temporal, Y and X of the
/// outermost level, then of the next. A record is written from the state only when the cost model is asked.
final class MappingState {
  let space: MapSpace
  let levelCount: Int
  let placeCount: Int
  /// Active dimensions.
  let activeCount: Int
  /// `n`: position in the layer.
  let dimensions: [Int]
  /// `places x n`: factors.
  let factors: UnsafeMutablePointer<Int>
  /// `places x n`: active dimensions, outermost first; those with factor 1 are passed over.
  let orders: UnsafeMutablePointer<UInt8>
  /// `places`: active dimensions with a factor above 1, as bits.
  let present: UnsafeMutablePointer<UInt32>
  /// `L`: keep sets as in packed headers.
  let keeps: UnsafeMutablePointer<UInt32>
  /// `places`: product of the factors, for spatial places.
  let products: UnsafeMutablePointer<Int>
  /// `L x n`: extent of a dimension at a level, everything inside it included.
  let extents: UnsafeMutablePointer<Int>
  /// `places x n`: lowest and highest factors.
  let lows: UnsafeMutablePointer<Int>
  let highs: UnsafeMutablePointer<Int>
  /// `places`: positions of the order that may change are `freeStarts..<freeEnds`.
  let freeStarts: [Int]
  let freeEnds: [Int]
  /// Prime factors that may be placed freely, by dimension, and where each stands.
  ///
  /// Their number is `tokenCount`; factors fixed by rules are not among them.
  let tokenCount: Int
  let tokenDimensions: UnsafeMutablePointer<Int>
  let tokenPrimes: UnsafeMutablePointer<Int>
  let tokenPlaces: UnsafeMutablePointer<Int>
  /// Whether the fixed factors divide the bounds.
  let isCovered: Bool
  /// Levels with a capacity, as bits.
  let limitedLevels: UInt32
  let tiles: TileTables
  private let meshX: [Int]
  private let meshY: [Int]
  private let fanOuts: [MapSpace.FanOutLimit]
  private let floors: [Int]
  /// Whether rules ask for utilization.
  let hasFloors: Bool
  private let integers: UnsafeMutablePointer<Int>
  private let words: UnsafeMutablePointer<UInt32>
  /// Where records are written.
  let record: UnsafeMutablePointer<UInt32>

  init(_ space: MapSpace) {
    self.space = space
    levelCount = space.levelCount
    placeCount = 3 * space.levelCount
    dimensions = space.layer.dimensions.indices.filter { space.layer.dimensions[$0].bound > 1 }
    activeCount = dimensions.count
    let slots = max(placeCount * activeCount, 1)
    let integerCount = 3 * slots + placeCount + levelCount * max(activeCount, 1)
    integers = .allocate(capacity: integerCount)
    integers.initialize(repeating: 1, count: integerCount)
    factors = integers
    lows = integers + slots
    highs = integers + 2 * slots
    products = integers + 3 * slots
    extents = products + placeCount
    orders = .allocate(capacity: slots)
    orders.initialize(repeating: 0, count: slots)
    let wordCount = placeCount + levelCount + levelCount + Mapping.largestLoopCount
    words = .allocate(capacity: wordCount)
    words.initialize(repeating: 0, count: wordCount)
    present = words
    keeps = words + placeCount
    record = keeps + levelCount
    tiles = TileTables(space, dimensions)
    limitedLevels = tiles.limitedLevels
    let meshes =
      space.architecture.levels.dropFirst().map(\.mesh) + [space.architecture.compute.mesh]
    meshX = meshes.map(\.x)
    meshY = meshes.map(\.y)
    fanOuts = (0..<space.levelCount).map { space.largestFanOut(level: $0) }
    floors = (0..<space.levelCount).map { space.smallestUsedUnits(level: $0) }
    hasFloors = space.smallestUsedUnits > 1 || floors.contains { $0 > 1 }
    var starts: [Int] = []
    var ends: [Int] = []
    let active = dimensions
    for place in 0..<placeCount {
      let level = place / 3
      let prefix = place % 3 == 0 ? space.orderPrefix(level: level) : MapSpace.OrderPrefix()
      let outer = prefix.outermost.compactMap { active.firstIndex(of: $0) }
      let inner = prefix.innermost.compactMap { active.firstIndex(of: $0) }
      let rest = active.indices.filter { !outer.contains($0) && !inner.contains($0) }
      for (position, d) in (outer + rest + inner.reversed()).enumerated() {
        orders[place * activeCount + position] = UInt8(d)
      }
      starts.append(outer.count)
      ends.append(outer.count + rest.count)
      for (d, dimension) in active.enumerated() {
        let slot = place * activeCount + d
        let source = level * space.dimensionCount + dimension
        switch place % 3 {
        case 0: (lows[slot], highs[slot]) = (space.temporalLow[source], space.temporalHigh[source])
        case 1: (lows[slot], highs[slot]) = (space.yLow[source], space.yHigh[source])
        default: (lows[slot], highs[slot]) = (space.xLow[source], space.xHigh[source])
        }
      }
    }
    var tokens: [(d: Int, prime: Int)] = []
    var covered = true
    for d in active.indices {
      var fixed = 1
      for place in 0..<placeCount {
        fixed = fixed.multipliedReportingOverflow(by: lows[place * active.count + d]).partialValue
      }
      let bound = space.layer.dimensions[active[d]].bound
      covered = covered && fixed > 0 && bound % fixed == 0
      if covered { tokens += primeFactors(of: bound / fixed).map { (d, $0) } }
    }
    isCovered = covered
    tokenCount = tokens.count
    tokenDimensions = .allocate(capacity: 3 * tokens.count + 1)
    tokenDimensions.initialize(repeating: 0, count: 3 * tokens.count + 1)
    tokenPrimes = tokenDimensions + tokens.count
    tokenPlaces = tokenPrimes + tokens.count
    for (index, token) in tokens.enumerated() {
      tokenDimensions[index] = token.d
      tokenPrimes[index] = token.prime
    }
    freeStarts = starts
    freeEnds = ends
    for level in 0..<levelCount { keeps[level] = space.keepSets(level: level)[0] }
  }

  deinit {
    integers.deallocate()
    orders.deallocate()
    tokenDimensions.deallocate()
    words.deallocate()
  }

  // MARK: Changing

  /// Sets every factor to the lowest allowed; the bounds are then not covered.
  func reset() {
    for place in 0..<placeCount {
      present[place] = 0
      products[place] = 1
    }
    for slot in 0..<(levelCount * activeCount) { extents[slot] = 1 }
    for slot in 0..<(placeCount * activeCount) { factors[slot] = 1 }
    for place in 0..<placeCount {
      for d in 0..<activeCount {
        let low = lows[place * activeCount + d]
        if low > 1 { grow(d, by: low, at: place) }
      }
    }
  }

  /// Multiplies a factor.
  @inline(__always)
  func grow(_ d: Int, by factor: Int, at place: Int) {
    let slot = place &* activeCount &+ d
    factors[slot] &*= factor
    present[place] |= 1 &<< UInt32(truncatingIfNeeded: d)
    products[place] &*= factor
    var level = place / 3
    while level >= 0 {
      extents[level &* activeCount &+ d] &*= factor
      level &-= 1
    }
  }

  /// Divides a factor.
  @inline(__always)
  func shrink(_ d: Int, by factor: Int, at place: Int) {
    let slot = place &* activeCount &+ d
    factors[slot] /= factor
    if factors[slot] == 1 { present[place] &= ~(1 &<< UInt32(truncatingIfNeeded: d)) }
    products[place] /= factor
    var level = place / 3
    while level >= 0 {
      extents[level &* activeCount &+ d] /= factor
      level &-= 1
    }
  }

  /// Moves a divisor of a factor to another place; nothing is checked.
  @inline(__always)
  func shift(_ d: Int, by factor: Int, from source: Int, to target: Int) {
    let a = source &* activeCount &+ d
    let b = target &* activeCount &+ d
    factors[a] /= factor
    factors[b] &*= factor
    let bit: UInt32 = 1 &<< UInt32(truncatingIfNeeded: d)
    if factors[a] == 1 { present[source] &= ~bit }
    present[target] |= bit
    products[source] /= factor
    products[target] &*= factor
    let outer = source / 3
    let inner = target / 3
    var level = outer
    while level < inner {
      level &+= 1
      extents[level &* activeCount &+ d] &*= factor
    }
    level = inner
    while level < outer {
      level &+= 1
      extents[level &* activeCount &+ d] /= factor
    }
  }

  /// Whether factor limits of a dimension hold at a place.
  @inline(__always)
  func isInLimits(_ d: Int, at place: Int) -> Bool {
    let slot = place &* activeCount &+ d
    return factors[slot] <= highs[slot] && factors[slot] >= lows[slot]
  }

  /// Whether the tiles of levels `range` fit.
  @inline(__always)
  func fits(levels range: Range<Int>) -> Bool {
    var level = range.lowerBound
    while level < range.upperBound {
      if (limitedLevels &>> UInt32(truncatingIfNeeded: level)) & 1 == 1,
        !tiles.fits(level, keeps[level], extents + level &* activeCount)
      {
        return false
      }
      level &+= 1
    }
    return true
  }

  /// Whether the spatial loops obey fan-out limits and rule 13.
  func fitsMeshes() -> Bool {
    var usedX = 1
    var usedY = 1
    for level in 0..<levelCount {
      let x = products[3 &* level &+ 2]
      let y = products[3 &* level &+ 1]
      usedX = usedX &* x
      usedY = usedY &* y
      if usedX > meshX[level] || usedY > meshY[level] { return false }
      if x > fanOuts[level].x || y > fanOuts[level].y || x &* y > fanOuts[level].total {
        return false
      }
    }
    return true
  }

  /// Whether the spatial loops use as many units as rules ask for.
  func usesEnough() -> Bool { usesEnough(times: 1) }

  /// Whether they would if every fan-out were used that many times more.
  func usesEnough(times factor: Int) -> Bool {
    guard hasFloors else { return true }
    let more = Double(factor)
    var used = more
    for level in 0..<levelCount {
      let units = Double(products[3 * level + 1]) * Double(products[3 * level + 2])
      if units * more < Double(floors[level]) { return false }
      used *= units
    }
    return used >= Double(space.smallestUsedUnits)
  }

  /// Whether the whole tensors fit at the outermost level.
  var fitsWhole: Bool {
    let whole = dimensions.map { space.layer.dimensions[$0].bound }
    return tiles.fits(0, space.keepSets(level: 0)[0], whole)
  }

  /// Whether no factor must be larger than it may be.
  var hasOrderedLimits: Bool {
    (0..<placeCount * activeCount).allSatisfy { lows[$0] <= highs[$0] }
  }

  // MARK: Copying and writing

  /// Integers that `save` and `restore` need.
  var imageSize: Int { placeCount * activeCount + levelCount + tokenCount }

  func save(to image: UnsafeMutablePointer<Int>) {
    let slots = placeCount * activeCount
    for slot in 0..<slots { image[slot] = Int(orders[slot]) }
    for level in 0..<levelCount { image[slots + level] = Int(keeps[level]) }
    for token in 0..<tokenCount { image[slots + levelCount + token] = tokenPlaces[token] }
  }

  func restore(from image: UnsafePointer<Int>) {
    let slots = placeCount * activeCount
    for slot in 0..<slots { orders[slot] = UInt8(image[slot]) }
    for level in 0..<levelCount { keeps[level] = UInt32(image[slots + level]) }
    reset()
    for token in 0..<tokenCount {
      tokenPlaces[token] = image[slots + levelCount + token]
      grow(tokenDimensions[token], by: tokenPrimes[token], at: tokenPlaces[token])
    }
  }

  /// Writes the record; `false` when there are more loops than a record holds.
  @inline(__always)
  func write() -> Bool {
    let base = levelCount
    let end = levelCount &+ Mapping.largestLoopCount
    var next = base
    var place = 0
    for level in 0..<levelCount {
      var header = keeps[level]
      for kind in 0..<3 {
        var mask = present[place]
        if mask & (mask &- 1) == 0 {
          // At most one loop.
          if mask != 0 {
            guard next < end else { return false }
            let d = mask.trailingZeroBitCount
            record[next] = word(place, d)
            next &+= 1
          }
        } else {
          let order = orders + place &* activeCount
          var position = 0
          while mask != 0 {
            let d = Int(order[position])
            position &+= 1
            let bit: UInt32 = 1 &<< UInt32(truncatingIfNeeded: d)
            guard mask & bit != 0 else { continue }
            mask &= ~bit
            guard next < end else { return false }
            record[next] = word(place, d)
            next &+= 1
          }
        }
        header |= UInt32(truncatingIfNeeded: next &- base) &<< UInt32(truncatingIfNeeded: 8 &* kind)
        place &+= 1
      }
      record[level] = header
    }
    return true
  }

  @inline(__always)
  private func word(_ place: Int, _ d: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: factors[place &* activeCount &+ d]) &<< 4
      | UInt32(truncatingIfNeeded: tiles.layerDimension[d])
  }

  /// Appends the record to a batch, words behind its loops being zero.
  func append(to words: inout [UInt32], stride: Int) {
    let used = levelCount + Int(record[levelCount - 1] >> 16 & 0xff)
    words.append(contentsOf: UnsafeBufferPointer(start: record, count: used))
    words.append(contentsOf: repeatElement(0, count: stride - used))
  }

  /// The record as a value.
  func mapping() -> Mapping? {
    guard write() else { return nil }
    var batch = PackedMappings(levelCount: levelCount, loopCapacity: Mapping.largestLoopCount)
    append(to: &batch.words, stride: batch.stride)
    return try? batch.mapping(at: 0, for: space.layer, on: space.architecture)
  }
}
