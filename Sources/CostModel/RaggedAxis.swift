import Workload

/// A factor of every count of one tensor: an axis of the tensor, or a dimension that does not index it.
///
/// Each dimension belongs to exactly one factor, and tiles are boxes, so counts are products over the factors. A
/// *slot* is the position of a dimension in its factor; flag bit *s* is set when the dimension in slot *s* is last.
struct RaggedAxis {
  /// Dimensions with coefficients; the coefficient of a dimension that does not index the tensor is unused.
  let terms: [Operand.Term]
  let isRelevant: Bool

  /// The factors of an operand, its axes first.
  static func factors(of operand: Operand, dimensionCount: Int) -> [RaggedAxis] {
    operand.axes.map { RaggedAxis(terms: $0.terms, isRelevant: true) }
      + (0..<dimensionCount).filter { !operand.isIndexed(by: $0) }.map {
        RaggedAxis(terms: [.init(dimension: $0)], isRelevant: false)
      }
  }

  func slot(of dimension: Int) -> Int? { terms.firstIndex { $0.dimension == dimension } }
}

/// Lengths along one axis that the children of an instance load at one visit.
///
/// Lane 0 sums over the children with work, lane 1 over their distinct intervals (rule 4).
typealias RaggedLengths = SIMD2<Int>

/// The children of one fan-out along one axis.
struct RaggedChildren {
  let axis: RaggedAxis
  /// By slot.
  let splits: [RaggedNest.Split]
  let extents: [RaggedNest.Extent]
  /// Only the child at position 0.
  let firstOnly: Bool

  init(_ nest: RaggedNest, below level: Int, along axis: RaggedAxis, firstOnly: Bool) {
    self.axis = axis
    self.firstOnly = firstOnly
    let row = level * nest.dimensionCount
    splits = axis.terms.map { nest.splits[row + $0.dimension] }
    extents = axis.terms.map { nest.childExtents[row + $0.dimension] }
  }

  /// Lengths of the parts of the tiles that were not there before.
  ///
  /// - Parameters:
  ///   - flags: Which dimensions are last now.
  ///   - advance: The slot of the dimension that has just advanced, by how many indices; that dimension was clear
  ///     before. `nil` loads full tiles.
  /// - Complexity: O(1) when at most one dimension of the axis is split, else O(children along the axis).
  func lengths(_ flags: UInt64, advance: (slot: Int, step: Int)?) -> RaggedLengths {
    guard axis.isRelevant else {
      let active = firstOnly ? 1 : isLast(flags, 0) ? splits[0].ragged : splits[0].full
      return [active, 1]
    }
    var sum = 0
    var distinct = 0
    if firstOnly || splits.count(where: \.isSplit) <= 1 {
      // Starts differ, so all intervals are distinct; all children but the last of a ragged split are alike.
      let slot = splits.firstIndex(where: \.isSplit) ?? 0
      let used = firstOnly ? 1 : isLast(flags, slot) ? splits[slot].ragged : splits[slot].full
      let last = interval(flags, advance) { $0 == slot ? used - 1 : 0 }
      sum = last.upperBound - last.lowerBound
      if used > 1 {
        let first = interval(flags, advance) { _ in 0 }
        sum += (used - 1) * (first.upperBound - first.lowerBound)
      }
      distinct = sum
    } else {
      var seen: Set<Range<Int>> = []
      forEachPosition(flags) { positions in
        let interval = interval(flags, advance) { positions[$0] }
        let length = interval.upperBound - interval.lowerBound
        sum += length
        if seen.insert(interval).inserted { distinct += length }
      }
    }
    return [sum, distinct]
  }

  /// The children that ask on behalf of all with the same job, by the places of their positions.
  ///
  /// A job is the interval and the extent in every dimension; the child with the least linear index asks. Linear
  /// indices are sums over dimensions, so the least over all axes is the least along each.
  ///
  /// - Complexity: O(children along the axis).
  func representatives(_ flags: UInt64) -> [(places: [RaggedPath.Place], count: Int)] {
    var first: [[Int]: (index: Int, positions: [Int])] = [:]
    forEachPosition(flags) { positions in
      var index = 0
      var start = 0
      var job: [Int] = []
      for (slot, position) in positions.enumerated() {
        index += splits[slot].linearIndex(of: position)
        start += axis.terms[slot].coefficient * position * extents[slot].full
        job.append(extent(flags, slot, position))
      }
      job.append(start)
      if let known = first[job], known.index < index { return }
      first[job] = (index, positions)
    }
    var counts: [[RaggedPath.Place]: Int] = [:]
    for (_, positions) in first.values {
      let places = positions.indices.map { slot -> RaggedPath.Place in
        let edge = splits[slot].ragged - 1
        return positions[slot] < edge ? .within : positions[slot] == edge ? .edge : .beyond
      }
      counts[places, default: 0] += 1
    }
    return counts.map { ($0.key, $0.value) }
  }

  private func isLast(_ flags: UInt64, _ slot: Int) -> Bool { flags >> UInt64(slot) & 1 == 1 }

  private func extent(_ flags: UInt64, _ slot: Int, _ position: Int) -> Int {
    isLast(flags, slot) && position == splits[slot].ragged - 1
      ? extents[slot].ragged : extents[slot].full
  }

  /// What a child loads; empty nowhere, since an advance always reaches new indices.
  private func interval(
    _ flags: UInt64, _ advance: (slot: Int, step: Int)?, at position: (Int) -> Int
  ) -> Range<Int> {
    var start = 0
    var reach = 1
    for (slot, term) in axis.terms.enumerated() {
      start += term.coefficient * position(slot) * extents[slot].full
      reach += term.coefficient * (extent(flags, slot, position(slot)) - 1)
    }
    let end = start + reach
    guard let advance else { return start..<end }
    let term = axis.terms[advance.slot]
    let grown = extents[advance.slot].full - extent(flags, advance.slot, position(advance.slot))
    let endBefore = end + term.coefficient * (grown - advance.step)
    return max(start, endBefore)..<end
  }

  private func forEachPosition(_ flags: UInt64, _ body: ([Int]) -> Void) {
    let used = splits.indices.map { isLast(flags, $0) ? splits[$0].ragged : splits[$0].full }
    var positions = Array(repeating: 0, count: used.count)
    while true {
      body(positions)
      var slot = 0
      while slot < used.count {
        positions[slot] += 1
        if positions[slot] < used[slot] { break }
        positions[slot] = 0
        slot += 1
      }
      if slot == used.count { return }
    }
  }
}
