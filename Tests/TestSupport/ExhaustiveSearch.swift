public import Accelerator
public import Workload

/// Every perfect-factor mapping of a small layer, written out in full: no reduction of any kind.
///
/// One factor of each dimension for the temporal loops, X and Y of every level, all orders of the loops of a nest, and no
/// fan-out wider than the machine's own.
public struct ExhaustiveSearch {
  private let layer: Layer
  private let architecture: Architecture
  private let keeps: [[Bool]]
  private let ordersSpatialLoops: Bool

  /// Creates a search with one keep set for every level.
  public init(
    layer: Layer, architecture: Architecture, keeps: [[Bool]], ordersSpatialLoops: Bool
  ) {
    self.layer = layer
    self.architecture = architecture
    self.keeps = keeps
    self.ordersSpatialLoops = ordersSpatialLoops
  }

  /// Calls `body` with every mapping.
  ///
  /// - Returns: `false` when there are more than `limit`; then some were not visited.
  public func forEach(limit: Int, _ body: ([LoopNest]) -> Void) -> Bool {
    var nests = keeps.map { LoopNest(keeps: $0) }
    var visited = 0
    return place(0, 0, layer.dimensions.first?.bound ?? 1, &nests, &visited, limit, body)
  }

  /// Places the rest of a dimension at a slot and all that follow.
  private func place(
    _ dimension: Int, _ slot: Int, _ rest: Int, _ nests: inout [LoopNest], _ visited: inout Int,
    _ limit: Int, _ body: ([LoopNest]) -> Void
  ) -> Bool {
    if dimension == layer.dimensions.count {
      return order(0, &nests, &visited, limit, body)
    }
    if slot == 3 * nests.count {
      guard rest == 1 else { return true }
      let next = dimension + 1
      let bound = next < layer.dimensions.count ? layer.dimensions[next].bound : 1
      return place(next, 0, bound, &nests, &visited, limit, body)
    }
    let level = slot / 3
    let fanOut = architecture.fanOut(below: level)
    for factor in 1...rest where rest % factor == 0 {
      let loops = factor > 1 ? [Loop(dimension: dimension, factor: factor)] : []
      let old = nests[level]
      switch slot % 3 {
      case 0: nests[level].temporal += loops
      case 1: nests[level].spatialX += loops
      default: nests[level].spatialY += loops
      }
      let fits =
        nests[level].spatialX.reduce(1) { $0 * $1.factor } <= fanOut.x
        && nests[level].spatialY.reduce(1) { $0 * $1.factor } <= fanOut.y
      if fits, !place(dimension, slot + 1, rest / factor, &nests, &visited, limit, body) {
        return false
      }
      nests[level] = old
    }
    return true
  }

  /// Tries every order of every nest.
  private func order(
    _ nest: Int, _ nests: inout [LoopNest], _ visited: inout Int, _ limit: Int,
    _ body: ([LoopNest]) -> Void
  ) -> Bool {
    if nest == 3 * nests.count {
      visited += 1
      guard visited <= limit else { return false }
      body(nests)
      return true
    }
    let level = nest / 3
    let old = nests[level]
    let loops = [old.temporal, old.spatialX, old.spatialY][nest % 3]
    let all = nest % 3 == 0 || ordersSpatialLoops ? permutations(of: loops) : [loops]
    for loops in all {
      switch nest % 3 {
      case 0: nests[level].temporal = loops
      case 1: nests[level].spatialX = loops
      default: nests[level].spatialY = loops
      }
      if !order(nest + 1, &nests, &visited, limit, body) { return false }
    }
    nests[level] = old
    return true
  }

  private func permutations(of loops: [Loop]) -> [[Loop]] {
    guard loops.count > 1 else { return [loops] }
    return loops.indices.flatMap { i -> [[Loop]] in
      var rest = loops
      let head = rest.remove(at: i)
      return permutations(of: rest).map { [head] + $0 }
    }
  }
}
