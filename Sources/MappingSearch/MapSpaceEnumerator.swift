import Accelerator
public import CostModel
import Workload

/// Visits every member of a small map space, one after the other: the yardstick of the searches.
///
/// It shares nothing with them but the space's predicates: it splits bounds, permutes loops and asks the cost model.
public struct MapSpaceEnumerator {
  /// The space.
  public let space: MapSpace
  /// Whether orders that cannot differ in cost are visited, too.
  ///
  /// Such are the orders of the innermost level's temporal loops (rule 2). Otherwise one of them stands for all.
  public var visitsEquivalentOrders = true
  /// Whether mappings whose tiles do not fit are visited, too.
  public var visitsIllegal = false

  private let evaluator: MappingEvaluator
  private let model: LoopNestCostModel

  /// Creates an enumerator.
  ///
  /// - Precondition: The space is one of the model's layer and architecture.
  public init(_ space: MapSpace, model: LoopNestCostModel) {
    self.space = space
    self.model = model
    evaluator = MappingEvaluator(model)
  }

  /// Calls `visit` with the packed record and the cost of every member, until it returns `false` or a limit is met.
  ///
  /// - Parameters:
  ///   - limit: Members after which to stop.
  ///   - visit: Told every packed mapping.
  /// - Returns: Members visited, and whether these are all.
  @discardableResult
  public func forEach(
    limit: Int = .max, _ visit: (UnsafePointer<UInt32>, MappingTotals) -> Bool
  ) -> (count: Int, isComplete: Bool) {
    var walk = MapSpaceWalk(space)
    walk.visitsEquivalentOrders = visitsEquivalentOrders
    var count = 0
    let isComplete = walk.run { record in
      let totals = evaluator.totals(of: record)
      guard totals.verdict.isLegal || visitsIllegal else { return true }
      guard count < limit else { return false }
      count += 1
      return visit(record, totals)
    }
    return (count, isComplete)
  }

  /// The best legal member; the first visited of equal ones.
  ///
  /// - Returns: `nil` when nothing fits or the space has more than `limit` legal members.
  public func best(for objective: MappingObjective, limit: Int = .max) -> MappedLayer? {
    var best = (value: Double.infinity, tie: Double.infinity)
    var batch = PackedMappings(
      levelCount: space.levelCount, loopCapacity: Mapping.largestLoopCount)
    batch.words = Array(repeating: 0, count: batch.stride)
    let stride = batch.stride
    var bestTotals: MappingTotals?
    let (count, isComplete) = forEach(limit: limit) { record, totals in
      let cycles = Double(totals.cycles)
      let score = (
        value: objective.value(energy: totals.energy, cycles: cycles),
        tie: objective.tieBreaker(energy: totals.energy, cycles: cycles)
      )
      if score < best {
        best = score
        bestTotals = totals
        for index in 0..<stride { batch.words[index] = record[index] }
      }
      return true
    }
    guard isComplete, let bestTotals,
      let mapping = try? batch.mapping(at: 0, for: space.layer, on: space.architecture)
    else { return nil }
    return MappedLayer(mapping: mapping, totals: bestTotals, evaluationCount: count)
  }
}

/// The recursion over splits, keep sets and orders.
private struct MapSpaceWalk {
  let space: MapSpace
  var visitsEquivalentOrders = true
  /// By dimension: every allowed split over the places of all levels; a level has temporal, Y and X, in this order.
  private let splits: [[[Int]]]
  private let meshes: [(x: Int, y: Int)]

  init(_ space: MapSpace) {
    self.space = space
    splits = (0..<space.dimensionCount).map { d in
      MapSpaceWalk.splits(of: space.layer.dimensions[d].bound, dimension: d, space)
    }
    let inner = space.architecture.levels.dropFirst().map(\.mesh)
    meshes = (inner + [space.architecture.compute.mesh]).map { ($0.x, $0.y) }
  }

  private static func splits(of bound: Int, dimension: Int, _ space: MapSpace) -> [[Int]] {
    var found: [[Int]] = []
    func extend(_ chosen: [Int], _ rest: Int) {
      let level = chosen.count / 3
      guard level < space.levelCount else {
        if rest == 1 { found.append(chosen) }
        return
      }
      for factor in 1...rest where rest % factor == 0 {
        let isAllowed =
          switch chosen.count % 3 {
          case 0: space.allowsTemporal(level: level, dimension: dimension, factor: factor)
          case 1: true
          default:
            space.allowsSpatial(
              level: level, dimension: dimension, x: factor, y: chosen[chosen.count - 1])
          }
        if isAllowed { extend(chosen + [factor], rest / factor) }
      }
    }
    extend([], bound)
    return found
  }

  /// - Returns: Whether `visit` never returned `false`.
  func run(_ visit: (UnsafePointer<UInt32>) -> Bool) -> Bool {
    choose(dimension: 0, [], visit)
  }

  private func choose(
    dimension: Int, _ chosen: [[Int]], _ visit: (UnsafePointer<UInt32>) -> Bool
  ) -> Bool {
    guard dimension < space.dimensionCount else {
      return usesEnough(chosen)
        ? arrange(level: 0, chosen, Array(repeating: 0, count: space.levelCount), [], visit) : true
    }
    for split in splits[dimension] where fits(chosen + [split]) {
      guard choose(dimension: dimension + 1, chosen + [split], visit) else { return false }
    }
    return true
  }

  private func fits(_ chosen: [[Int]]) -> Bool {
    var (usedX, usedY) = (1, 1)
    for level in 0..<space.levelCount {
      let y = chosen.reduce(1) { $0 * $1[3 * level + 1] }
      let x = chosen.reduce(1) { $0 * $1[3 * level + 2] }
      let limit = space.largestFanOut(level: level)
      usedX *= x
      usedY *= y
      guard x <= limit.x, y <= limit.y, x * y <= limit.total, usedX <= meshes[level].x,
        usedY <= meshes[level].y
      else { return false }
    }
    return true
  }

  private func usesEnough(_ chosen: [[Int]]) -> Bool {
    var used = 1
    for level in 0..<space.levelCount {
      let units = chosen.reduce(1) { $0 * $1[3 * level + 1] * $1[3 * level + 2] }
      guard units >= space.smallestUsedUnits(level: level) else { return false }
      used *= units
    }
    return used >= space.smallestUsedUnits
  }

  /// Writes level after level in every order, then visits the record.
  private func arrange(
    level: Int, _ chosen: [[Int]], _ headers: [UInt32], _ loops: [UInt32],
    _ visit: (UnsafePointer<UInt32>) -> Bool
  ) -> Bool {
    guard level < space.levelCount else {
      let room = Mapping.largestLoopCount - loops.count
      guard room >= 0 else { return true }
      return (headers + loops + Array(repeating: 0, count: room)).withUnsafeBufferPointer {
        $0.baseAddress.map(visit) ?? true
      }
    }
    let present = { (place: Int) in
      chosen.indices.filter { chosen[$0][3 * level + place] > 1 }
    }
    let word = { (d: Int, place: Int) in UInt32(chosen[d][3 * level + place]) << 4 | UInt32(d) }
    let isOrdered = visitsEquivalentOrders || level < space.levelCount - 1
    let temporal = present(0)
    let legalOrders = permutations(temporal, isFree: true).filter {
      isAllowed($0, space.orderPrefix(level: level))
    }
    let spatial = space.ordersSpatialLoops(level: level)
    for t in isOrdered ? legalOrders[...] : legalOrders.prefix(1) {
      for y in permutations(present(1), isFree: spatial) {
        for x in permutations(present(2), isFree: spatial) {
          var next = loops
          var header: UInt32 = 0
          for (place, order) in [t, y, x].enumerated() {
            next += order.map { word($0, place) }
            header |= UInt32(next.count) << UInt32(8 * place)
          }
          for keep in space.keepSets(level: level) {
            var changed = headers
            changed[level] = header | keep
            guard arrange(level: level + 1, chosen, changed, next, visit) else { return false }
          }
        }
      }
    }
    return true
  }

  /// Whether an order, outermost first, has the fixed ends.
  private func isAllowed(_ order: [Int], _ prefix: MapSpace.OrderPrefix) -> Bool {
    let outer = prefix.outermost.filter { order.contains($0) }
    let inner = prefix.innermost.filter { order.contains($0) }
    return Array(order.prefix(outer.count)) == outer
      && Array(order.reversed().prefix(inner.count)) == inner
  }

  private func permutations(_ items: [Int], isFree: Bool) -> [[Int]] {
    guard isFree, items.count > 1 else { return [items] }
    return items.indices.flatMap { index -> [[Int]] in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(rest, isFree: true).map { [first] + $0 }
    }
  }
}
