import Accelerator
import Workload

extension MapSpace {
  /// The exact number of members, whether their tiles fit or not: factorizations times orders times keep sets.
  ///
  /// Loops with one iteration do not exist, so they have no order: mappings are counted once each. Spatial loops have an
  /// order only below levels whose network makes it matter; elsewhere all orders are one mapping. Rule 13 holds.
  ///
  /// - Returns: `nil` when the bounds have more than a million vectors of divisors.
  /// - Complexity: O(levels x vectors of divisors x dimensions^2), some ten milliseconds for a convolution.
  public func size() -> MapSpaceSize? {
    guard let lattice = DivisorLattice(layer) else { return nil }
    let approximate = MapSpaceCount(self, lattice, ApproximateRing()).total()
    guard approximate > 0 else { return MapSpaceSize(remainders: [0], moduli: [2]) }
    let keepCount = keeps.reduce(1.0) { $0 * Double($1.count) }
    // Two spare bits cover the rounding of the approximate count.
    let bits = (approximate * keepCount).logarithm2 + 2
    let moduli = ModularRing.moduli(forBits: bits)
    let remainders = moduli.map { modulus in
      let ring = ModularRing(modulus: modulus)
      return keeps.reduce(MapSpaceCount(self, lattice, ring).total()) {
        ring.product($0, ring.number($1.count))
      }
    }
    return MapSpaceSize(remainders: remainders, moduli: moduli)
  }

  /// Whether no split of the bounds obeys the rules; `false` when that is too much to find out.
  var isEmpty: Bool {
    if hasTemporalMember { return false }
    guard let lattice = DivisorLattice(layer) else { return false }
    return MapSpaceCount(self, lattice, ApproximateRing()).total() == 0
  }
}

extension MapSpace {
  /// Whether every dimension may be one temporal loop at some level, which makes a member without counting any.
  private var hasTemporalMember: Bool {
    guard smallestUsedUnits <= 1, usedFloors.allSatisfy({ $0 <= 1 }), allowsAbsentLoops else {
      return false
    }
    let places = 0..<levelCount
    return layer.dimensions.indices.allSatisfy { dimension in
      let place = { (level: Int) in level * dimensionCount + dimension }
      return places.allSatisfy {
        temporalLow[place($0)] <= 1 && xLow[place($0)] <= 1 && yLow[place($0)] <= 1
      } && places.contains { temporalHigh[place($0)] >= layer.dimensions[dimension].bound }
    }
  }
}

extension Double {
  fileprivate var logarithm2: Double { Double(exponent) + 1 }
}

/// Counts factorizations with their orders.
///
/// With *b* the vector of bounds: `sum over w of S(w) T(b / w)`, where *S(w)* counts the spatial loops with products
/// *w* and *T(q)* the temporal nests with products *q*. Both are built level by level as products of Dirichlet series over
/// vectors of divisors; how many loops of a level have more than one iteration is carried along, for the orders.
struct MapSpaceCount<Ring: CountRing> {
  private let space: MapSpace
  private let lattice: DivisorLattice
  private let ring: Ring
  private let factorials: [Ring.Value]

  init(_ space: MapSpace, _ lattice: DivisorLattice, _ ring: Ring) {
    self.space = space
    self.lattice = lattice
    self.ring = ring
    var factorials = [ring.number(1)]
    for k in 1...Layer.largestDimensionCount {
      factorials.append(ring.product(factorials[k - 1], ring.number(k)))
    }
    self.factorials = factorials
  }

  func total() -> Ring.Value {
    var total = ring.number(0)
    let spatial = spatialCounts()
    guard !spatial.isEmpty, space.allowsAbsentLoops else { return total }
    let temporal = temporalCounts()
    for entry in spatial where entry.vector.product >= space.smallestUsedUnits {
      total = ring.sum(
        total, ring.product(entry.count, temporal[lattice.complement(of: entry.vector.number)]))
    }
    return total
  }

  // MARK: Temporal

  private func temporalCounts() -> [Ring.Value] {
    let zero = ring.number(0)
    var counts = Array(repeating: zero, count: lattice.count)
    counts[0] = ring.number(1)
    let orderSlots = lattice.dimensions.count + 1
    // By vector, then number of loops whose order is free.
    var partial = Array(repeating: zero, count: lattice.count * orderSlots)
    for level in 0..<space.levelCount {
      for slot in partial.indices { partial[slot] = zero }
      for (number, count) in counts.enumerated() { partial[number * orderSlots] = count }
      let prefix = space.orderPrefix(level: level)
      for (d, dimension) in lattice.dimensions.enumerated() {
        let isFixed =
          prefix.innermost.contains(dimension) || prefix.outermost.contains(dimension)
        convolve(&partial, orderSlots, d, movesSlot: !isFixed) {
          space.allowsTemporal(level: level, dimension: dimension, factor: $0)
        }
      }
      for number in counts.indices {
        var sum = zero
        for k in 0..<orderSlots {
          sum = ring.sum(sum, ring.product(partial[number * orderSlots + k], factorials[k]))
        }
        counts[number] = sum
      }
    }
    return counts
  }

  /// Lets dimension `d` take any allowed factor at the level being built.
  private func convolve(
    _ partial: inout [Ring.Value], _ slots: Int, _ d: Int, movesSlot: Bool,
    _ allows: (Int) -> Bool
  ) {
    let list = lattice.divisors[d]
    let allowed = list.map(allows)
    let quotients = lattice.quotients[d]
    let step = lattice.strides[d] * slots
    let zero = ring.number(0)
    partial.withUnsafeMutableBufferPointer { values in
      for base in 0..<lattice.count where base / lattice.strides[d] % list.count == 0 {
        // Larger quotients first: what they read has not been written yet.
        for q in list.indices.reversed() {
          for slot in stride(from: slots - 1, through: 0, by: -1) {
            var sum = zero
            for f in 0...q where allowed[f] {
              let rest = quotients[q * list.count + f]
              guard rest >= 0 else { continue }
              let from = f > 0 && movesSlot ? slot - 1 : slot
              guard from >= 0 else { continue }
              sum = ring.sum(sum, values[base * slots + rest * step + from])
            }
            values[base * slots + q * step + slot] = sum
          }
        }
      }
    }
  }

  // MARK: Spatial

  private struct Entry {
    var vector: DivisorLattice.Vector
    /// Product of the X factors, only where X and Y are limited together.
    var x = 1
    var count: Ring.Value
  }

  /// Products of all spatial loops together, with the number of ways to reach them.
  private func spatialCounts() -> [Entry] {
    let isCoupled = (0..<space.levelCount).contains { level in
      let limit = space.largestFanOut(level: level)
      return space.smallestUsedUnits(level: level) > 1 || limit.total < limit.x * limit.y
    }
    let x = (0..<space.levelCount).map { splits(level: $0, alongX: true) }
    let y = (0..<space.levelCount).map { splits(level: $0, alongX: false) }
    let start = [Entry(vector: lattice.one, count: ring.number(1))]
    if !isCoupled {
      let columns = chain(x, alongX: true)
      let rows = chain(y, alongX: false)
      return combined(columns, rows) { _, _ in true }
    }
    var entries = start
    for level in 0..<space.levelCount {
      let limit = space.largestFanOut(level: level)
      let floor = space.smallestUsedUnits(level: level)
      let mesh = innerMesh(level)
      // All splits of the level, then the level after those outside it.
      let pairs = combined(x[level], y[level], keepingX: true) { u, v in
        let units = u.product * v.product
        return units <= limit.total && units >= floor
      }
      var merged: [Int: Int] = [:]
      var next: [Entry] = []
      for outer in entries {
        for pair in pairs {
          let usedX = outer.x * pair.x
          guard usedX <= mesh.x,
            outer.vector.product / outer.x * (pair.vector.product / pair.x) <= mesh.y,
            let vector = lattice.product(outer.vector, pair.vector)
          else { continue }
          let count = ring.product(outer.count, pair.count)
          let key = vector.number << 22 | usedX
          if let position = merged[key] {
            next[position].count = ring.sum(next[position].count, count)
          } else {
            merged[key] = next.count
            next.append(Entry(vector: vector, x: usedX, count: count))
          }
        }
      }
      entries = next
    }
    return entries
  }

  private func innerMesh(_ level: Int) -> (x: Int, y: Int) {
    let mesh =
      level + 1 < space.levelCount
      ? space.architecture.levels[level + 1].mesh : space.architecture.compute.mesh
    return (mesh.x, mesh.y)
  }

  /// The splits along one axis of one fan-out, by increasing product, with their orders where these count.
  private func splits(level: Int, alongX: Bool) -> [Entry] {
    let limit = space.largestFanOut(level: level)
    let most = min(alongX ? limit.x : limit.y, limit.total)
    var found: [(vector: DivisorLattice.Vector, loops: Int)] = [(lattice.one, 0)]
    for (d, dimension) in lattice.dimensions.enumerated() {
      var next: [(vector: DivisorLattice.Vector, loops: Int)] = []
      for item in found {
        for (position, factor) in lattice.divisors[d].enumerated() {
          guard item.vector.product * factor <= most else { break }
          let isAllowed =
            alongX
            ? factor >= space.xLow[level * space.dimensionCount + dimension]
              && factor <= space.xHigh[level * space.dimensionCount + dimension]
            : factor >= space.yLow[level * space.dimensionCount + dimension]
              && factor <= space.yHigh[level * space.dimensionCount + dimension]
          guard isAllowed else { continue }
          var vector = item.vector
          vector.positions[d] = position
          vector.number += position * lattice.strides[d]
          vector.product *= factor
          next.append((vector, item.loops + (factor > 1 ? 1 : 0)))
        }
      }
      found = next
    }
    let ordered = space.ordersSpatialLoops(level: level)
    return found.sorted { $0.vector.product < $1.vector.product }.map {
      Entry(vector: $0.vector, count: ordered ? factorials[$0.loops] : ring.number(1))
    }
  }

  /// Products along one axis over all fan-outs, rule 13 kept.
  private func chain(_ levels: [[Entry]], alongX: Bool) -> [Entry] {
    var entries = [Entry(vector: lattice.one, count: ring.number(1))]
    for (level, splits) in levels.enumerated() {
      let mesh = innerMesh(level)
      entries = combined(entries, splits, atMost: alongX ? mesh.x : mesh.y) { _, _ in true }
    }
    return entries
  }

  /// Products of two sets, sorted by product; equal products are one entry.
  private func combined(
    _ first: [Entry], _ second: [Entry], atMost limit: Int = .max, keepingX: Bool = false,
    _ allows: (DivisorLattice.Vector, DivisorLattice.Vector) -> Bool
  ) -> [Entry] {
    var merged: [Int: Int] = [:]
    var result: [Entry] = []
    for a in first {
      for b in second {
        guard b.vector.product <= limit / a.vector.product else { break }
        guard allows(a.vector, b.vector), let vector = lattice.product(a.vector, b.vector) else {
          continue
        }
        let count = ring.product(a.count, b.count)
        let key = keepingX ? vector.number << 22 | a.vector.product : vector.number
        if let position = merged[key] {
          result[position].count = ring.sum(result[position].count, count)
        } else {
          merged[key] = result.count
          result.append(
            Entry(vector: vector, x: keepingX ? a.vector.product : 1, count: count))
        }
      }
    }
    return result.sorted { $0.vector.product < $1.vector.product }
  }
}
