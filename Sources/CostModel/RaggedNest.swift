import Accelerator
import Workload

/// The loops of a mapping sorted by dimension, with the full and the ragged extents they cover.
///
/// Legend: `L` memory levels, `D` dimensions; tables over (level, dimension) are row-major `L x D`. A dimension is
/// *last* at some point of its loops when every loop of it outside that point is in its last iteration; loops inside
/// then run `residual` times, otherwise `factor` times. A dimension that is not last is *clear*, and stays so inside.
struct RaggedNest {
  /// A temporal loop; `step` is the extent of its dimension inside it.
  struct TemporalLoop {
    var dimension: Int
    var factor: Int
    var residual: Int
    var step: Int
  }

  /// The loops of one dimension at one fan-out, combined: positions in order, `full` of them while the dimension is
  /// clear, the first `ragged` of them while it is last.
  struct Split {
    var full = 1
    var ragged = 1
    /// Trip count and stride in the linear index of the child (Y outside X), outermost loop first.
    var digits: [(factor: Int, stride: Int)] = []

    var isSplit: Bool { full > 1 }

    /// What a position adds to the linear index of the child.
    func linearIndex(of position: Int) -> Int {
      var rest = position
      var index = 0
      for digit in digits.reversed() {
        index += rest % digit.factor * digit.stride
        rest /= digit.factor
      }
      return index
    }
  }

  /// An extent of a dimension, while clear and while last.
  struct Extent {
    var full = 1
    var ragged = 1
  }

  let levelCount: Int
  let dimensionCount: Int
  /// All temporal loops, outermost first.
  private(set) var temporal: [TemporalLoop] = []
  /// `L`: number of temporal loops at or outside each level.
  private(set) var temporalEnd: [Int]
  /// `L x D`: the fan-out below each level.
  private(set) var splits: [Split]
  /// `L x D`: extent of the tile of a child of each level.
  private(set) var childExtents: [Extent]
  /// `L x D`: extent of the tile of each level.
  private(set) var tileExtents: [Extent]

  init(_ mapping: Mapping, dimensionCount: Int) {
    levelCount = mapping.nests.count
    self.dimensionCount = dimensionCount
    let pairs = levelCount * dimensionCount
    temporalEnd = Array(repeating: 0, count: levelCount)
    splits = Array(repeating: Split(), count: pairs)
    childExtents = Array(repeating: Extent(), count: pairs)
    tileExtents = childExtents
    var inside = Array(repeating: Extent(), count: dimensionCount)
    var backwards: [TemporalLoop] = []
    for level in (0..<levelCount).reversed() {
      let nest = mapping.nests[level]
      let row = level * dimensionCount
      for d in 0..<dimensionCount { childExtents[row + d] = inside[d] }
      var stride = 1
      for loop in (nest.spatialY + nest.spatialX).reversed() {
        let split = splits[row + loop.dimension]
        splits[row + loop.dimension] = Split(
          full: split.full * loop.factor, ragged: (loop.residual - 1) * split.full + split.ragged,
          digits: [(loop.factor, stride)] + split.digits)
        stride *= loop.factor
        inside[loop.dimension].enclose(by: loop)
      }
      for loop in nest.temporal.reversed() {
        backwards.append(
          TemporalLoop(
            dimension: loop.dimension, factor: loop.factor, residual: loop.residual,
            step: inside[loop.dimension].full))
        inside[loop.dimension].enclose(by: loop)
      }
      for d in 0..<dimensionCount { tileExtents[row + d] = inside[d] }
    }
    temporal = backwards.reversed()
    var end = 0
    for level in 0..<levelCount {
      end += mapping.nests[level].temporal.count
      temporalEnd[level] = end
    }
  }

  /// Indices of the temporal loops of one level.
  func temporalLoops(of level: Int) -> Range<Int> {
    (level == 0 ? 0 : temporalEnd[level - 1])..<temporalEnd[level]
  }

  /// The largest extent a dimension of a tile of `level` ever has: the ragged one only if the dimension is always last.
  func largestExtent(of d: Int, at level: Int) -> Int {
    let extent = tileExtents[level * dimensionCount + d]
    for outer in 0..<level {
      if splits[outer * dimensionCount + d].ragged > 1 { return extent.full }
      for k in temporalLoops(of: outer)
      where temporal[k].dimension == d && temporal[k].residual > 1 {
        return extent.full
      }
    }
    return extent.ragged
  }

  /// Positions of a dimension at the fan-outs outside `level` that ever have work.
  ///
  /// A position that has no work in the very first iteration never has any: it waits for its dimension to be clear,
  /// and a dimension that is last with all loops at index 0 has no other iteration.
  func activePositions(of d: Int, outside level: Int) -> Int {
    var last = 1
    var clear = 0
    for outer in 0..<level {
      for k in temporalLoops(of: outer) where temporal[k].dimension == d && temporal[k].residual > 1
      {
        clear += last
        last = 0
      }
      let split = splits[outer * dimensionCount + d]
      clear = clear * split.full + last * (split.ragged - 1)
    }
    return last + clear
  }

  /// Iterations of the temporal loops outside `level` that the instance at position 0 of every fan-out sees, while the
  /// dimension is last and while it is clear.
  func busiestVisits(of d: Int, outside level: Int) -> (last: Int, clear: Int) {
    var last = 1
    var clear = 0
    for outer in 0..<level {
      for k in temporalLoops(of: outer) where temporal[k].dimension == d {
        clear = clear * temporal[k].factor + last * (temporal[k].residual - 1)
      }
      if splits[outer * dimensionCount + d].ragged > 1 {
        clear += last
        last = 0
      }
    }
    return (last, clear)
  }

  /// Indices of a dimension that the instance of `level` at position 0 of every fan-out ever owns.
  func busiestOwned(of d: Int, at level: Int) -> Int {
    let visits = busiestVisits(of: d, outside: level)
    let extent = tileExtents[level * dimensionCount + d]
    return visits.last * extent.ragged + visits.clear * extent.full
  }

  /// Temporal iterations of the instance at position 0 of every fan-out.
  var busiestIterations: Int {
    (0..<dimensionCount).reduce(1) { product, d in
      let visits = busiestVisits(of: d, outside: levelCount)
      return product * (visits.last + visits.clear)
    }
  }
}

extension RaggedNest.Extent {
  /// Puts a loop around: `(residual - 1) full + ragged` while last.
  mutating func enclose(by loop: Loop) {
    ragged += (loop.residual - 1) * full
    full *= loop.factor
  }
}
