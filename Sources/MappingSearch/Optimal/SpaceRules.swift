import Workload

/// What a map space leaves of the choices of the certified search, in the numbering of its dimensions.
struct SpaceRules {
  private let space: MapSpace
  /// Positions in the layer of the search's dimensions.
  private let dimensions: [Int]

  init(_ space: MapSpace) {
    self.space = space
    dimensions = space.layer.dimensions.indices.filter { space.layer.dimensions[$0].bound > 1 }
  }

  /// Largest splits along X, Y and in all, and the least of all, below a level.
  func fanOut(_ level: Int) -> (x: Int, y: Int, total: Int, least: Int) {
    let limit = space.largestFanOut(level: level)
    return (limit.x, limit.y, limit.total, space.smallestUsedUnits(level: level))
  }

  func allowsSplit(_ level: Int, _ dimension: Int, _ x: Int, _ y: Int) -> Bool {
    space.allowsSpatial(level: level, dimension: dimensions[dimension], x: x, y: y)
  }

  /// Whether the temporal loops between two shapes are allowed.
  func allowsLoops(_ level: Int, _ outer: Int, _ inner: Int, _ shapes: TileShapes) -> Bool {
    guard space.restrictsLoops else { return true }
    return dimensions.indices.allSatisfy { d in
      space.allowsTemporal(
        level: level, dimension: dimensions[d],
        factor: shapes.extent(outer, d) / shapes.extent(inner, d))
    }
  }

  /// Whether a complete mapping uses enough MACs.
  func allowsTotal(_ used: Double) -> Bool { used >= Double(space.smallestUsedUnits) }

  /// Whether loops, outermost first, may run in this order.
  func allowsOrder(_ level: Int, _ sequence: [Int]) -> Bool {
    let prefix = space.orderPrefix(level: level)
    guard !prefix.isEmpty else { return true }
    let loops = sequence.map { dimensions[$0] }
    let inner = prefix.innermost.filter(loops.contains)
    let outer = prefix.outermost.filter(loops.contains)
    return Array(loops.reversed().prefix(inner.count)) == inner
      && Array(loops.prefix(outer.count)) == outer
  }

  /// An allowed order of loops whose order costs nothing.
  func order(_ level: Int, _ loops: [Int]) -> [Int] {
    let prefix = space.orderPrefix(level: level)
    let outer = prefix.outermost.compactMap { d in loops.first { dimensions[$0] == d } }
    let inner = prefix.innermost.compactMap { d in loops.first { dimensions[$0] == d } }
      .filter { !outer.contains($0) }
    let rest = loops.filter { !outer.contains($0) && !inner.contains($0) }
    return outer + rest + inner.reversed()
  }

  /// Every combination of the keep sets of the levels, the architecture's own first; at most `limit`.
  func keepSets(limit: Int) -> (sets: [[UInt32]], areAll: Bool) {
    var combinations: [[UInt32]] = [[]]
    var areAll = true
    for level in 0..<space.levelCount {
      var next: [[UInt32]] = []
      for combination in combinations {
        for set in space.keepSets(level: level) { next.append(combination + [set]) }
      }
      if next.count > limit {
        next = Array(next.prefix(limit))
        areAll = false
      }
      combinations = next
    }
    return (combinations, areAll)
  }
}
