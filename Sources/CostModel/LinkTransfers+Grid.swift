import Accelerator
import Workload

/// The children of one instance: where they sit and which part of a tensor they need.
struct ChildGrid {
  /// By linear index (Y outside X): position of the child's tile along each axis of the tensor.
  var offsets: [[Int]]
  /// Extents of one child's tile.
  var tileExtents: [Int]
  /// Columns and rows children are packed into.
  var width: Int
  var height: Int

  /// Whether a direct neighbor's tile lies at the given displacement from the child's.
  func hasNeighbor(of child: Int, at displacement: [Int]) -> Bool {
    let column = child % width
    let row = child / width
    for (x, y) in [(column - 1, row), (column + 1, row), (column, row - 1), (column, row + 1)] {
      guard x >= 0, x < width, y >= 0, y < height else { continue }
      let neighbor = y * width + x
      guard neighbor < offsets.count else { continue }
      let mine = offsets[child]
      let theirs = offsets[neighbor]
      if mine.indices.allSatisfy({ theirs[$0] - mine[$0] == displacement[$0] }) { return true }
    }
    return false
  }
}

extension LinkTransferAnalysis {
  /// The used children below `level`.
  func childGrid(below level: Int, operand t: Int) -> ChildGrid {
    let operand = plan.layer.operands[t]
    var tile = [Int](repeating: 1, count: plan.layer.dimensions.count)
    for nest in mapping.nests[(level + 1)...] {
      for loop in nest.temporal + nest.spatialX + nest.spatialY {
        tile[loop.dimension] *= loop.factor
      }
    }
    let nest = mapping.nests[level]
    var inside = tile
    var offsets = [operand.axes.map { _ in 0 }]
    for loop in (nest.spatialY + nest.spatialX).reversed() {
      let step = operand.axes.map { axis in
        axis.terms.reduce(0) {
          $0 + ($1.dimension == loop.dimension ? $1.coefficient * inside[loop.dimension] : 0)
        }
      }
      offsets = (0..<loop.factor).flatMap { index in
        offsets.map { zip($0, step).map { $0 + index * $1 } }
      }
      inside[loop.dimension] *= loop.factor
    }
    let physical = plan.architecture.fanOut(below: level)
    return ChildGrid(
      offsets: offsets, tileExtents: operand.axes.map { $0.extent(of: tile) },
      width: max(physical.x, nest.spatialX.reduce(1) { $0 * $1.factor }),
      height: max(physical.y, nest.spatialY.reduce(1) { $0 * $1.factor }))
  }

  /// Children with equal tiles, each group in increasing order of linear index.
  func groups(of children: [Int], in grid: ChildGrid) -> [[Int]] {
    var index: [[Int]: Int] = [:]
    var groups: [[Int]] = []
    for child in children {
      if let group = index[grid.offsets[child]] {
        groups[group].append(child)
      } else {
        index[grid.offsets[child]] = groups.count
        groups.append([child])
      }
    }
    return groups
  }

  func groupCount(of children: [Int], in grid: ChildGrid) -> Int {
    Set(children.map { grid.offsets[$0] }).count
  }

  /// Groups by number of members: how many there are and the sum of their hops (rule 11).
  func ingresses(of groups: [[Int]], in grid: ChildGrid) -> [IngressKey: (Int, Double)] {
    var bySize: [Int: (Int, Double)] = [:]
    for group in groups {
      let old = bySize[group.count] ?? (0, 0)
      bySize[group.count] = (old.0 + 1, old.1 + hops(to: group, in: grid))
    }
    return Dictionary(
      uniqueKeysWithValues: bySize.map {
        (IngressKey(multicast: $0.key, scatter: $0.value.0), $0.value)
      })
  }

  private func hops(to group: [Int], in grid: ChildGrid) -> Double {
    guard grid.offsets.count > 1 else { return 0 }
    let center = Double(grid.height - 1) / 2
    var rows: [Int: (lowest: Int, highest: Int)] = [:]
    for child in group {
      let column = child % grid.width
      let row = child / grid.width
      let old = rows[column] ?? (row, row)
      rows[column] = (min(old.lowest, row), max(old.highest, row))
    }
    let farthest = Double(rows.keys.max() ?? 0)
    return rows.values.reduce(farthest) {
      $0 + max(center - Double($1.lowest), 0) + max(Double($1.highest) - center, 0)
    }
  }
}
