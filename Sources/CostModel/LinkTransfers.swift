import Accelerator
import Workload

/// Rule 12: children that take a tile increment from a neighbor instead of the parent.
///
/// A child may do so when one of its four neighbors (no wrap-around, in the packed grid of rule 11) received the same
/// words one step earlier. Used for a step and tensor only when the parent then sends less. Steps are classified by the
/// loop that advances: every step of a class hands over the same words, so the cost does not depend on trip counts.
/// As in Timeloop, loops are walked through iterations 0 and 1 (rule 3c).
struct LinkTransferAnalysis {
  /// Traffic of one tensor over one fan-out, per parent.
  struct Exchange {
    /// Words and word-hops by (multicast, scatter).
    var ingresses: [IngressKey: (words: Double, wordHops: Double)] = [:]
    /// Words handed over between neighbors.
    var transfers = 0.0

    var words: Double { ingresses.values.reduce(0) { $0 + $1.words } }
  }

  /// Kind of an ingress: members of a group, number of such groups.
  struct IngressKey: Hashable, Comparable {
    var multicast: Int
    var scatter: Int

    static func < (a: Self, b: Self) -> Bool {
      (a.multicast, a.scatter) < (b.multicast, b.scatter)
    }
  }

  /// A temporal loop with more than one iteration: displacement of the tile per iteration, and trip count.
  private struct TimeLoop {
    var displacement: [Int]
    var count: Int
    /// Iterations of all loops outside.
    var outside: Int
  }

  /// New words of one child in a step: a box, relative to the child's tile.
  private struct Box: Hashable {
    var origin: [Int]
    var extents: [Int]

    var volume: Int { extents.reduce(1, *) }
  }

  /// A class of steps.
  private struct Step {
    var box: Box?
    var displacement: [Int]
    var count: Int
  }

  let plan: CostPlan
  let mapping: Mapping

  /// The exchange below one instance of `level` for operand `t`.
  func exchange(level: Int, operand t: Int) -> Exchange {
    let grid = childGrid(below: level, operand: t)
    let loops = timeLoops(upTo: level, operand: t)
    let isCompute = level == plan.levelCount - 1
    let steps = self.steps(loops, extents: grid.tileExtents, isStationary: !isCompute)
    var exchange = Exchange()
    let all = Array(0..<grid.offsets.count)
    let whole = groups(of: all, in: grid)
    var withoutLinks: [Box: [IngressKey: (Int, Double)]] = [:]
    for (current, previous, displacement, count) in pairs(of: steps, loops) {
      guard let box = current, count > 0 else { continue }
      var served = all
      if let previous, previous.extents == box.extents {
        let shift = box.origin.indices.map {
          displacement[$0] + box.origin[$0] - previous.origin[$0]
        }
        let remaining = all.filter { !grid.hasNeighbor(of: $0, at: shift) }
        if groupCount(of: remaining, in: grid) < whole.count { served = remaining }
      }
      exchange.transfers += Double((all.count - served.count) * box.volume) * Double(count)
      let entries: [IngressKey: (Int, Double)]
      if served.count == all.count {
        entries = withoutLinks[box] ?? ingresses(of: whole, in: grid)
        withoutLinks[box] = entries
      } else {
        entries = ingresses(of: groups(of: served, in: grid), in: grid)
      }
      for (key, entry) in entries {
        let words = Double(entry.0 * box.volume) * Double(count)
        let old = exchange.ingresses[key] ?? (0, 0)
        exchange.ingresses[key] = (
          old.words + words, old.wordHops + entry.1 * words / Double(key.scatter)
        )
      }
    }
    return exchange
  }

  /// The loops of levels `0...level`, outermost first.
  private func timeLoops(upTo level: Int, operand t: Int) -> [TimeLoop] {
    let operand = plan.layer.operands[t]
    var inside = [Int](repeating: 1, count: plan.layer.dimensions.count)
    for nest in mapping.nests[(level + 1)...] {
      for loop in nest.temporal + nest.spatialX + nest.spatialY {
        inside[loop.dimension] *= loop.factor
      }
    }
    var loops: [TimeLoop] = []
    for index in stride(from: level, through: 0, by: -1) {
      for loop in mapping.nests[index].spatialX + mapping.nests[index].spatialY {
        inside[loop.dimension] *= loop.factor
      }
      for loop in mapping.nests[index].temporal.reversed() {
        let displacement = operand.axes.map { axis in
          axis.terms.reduce(0) {
            $0 + ($1.dimension == loop.dimension ? $1.coefficient * inside[loop.dimension] : 0)
          }
        }
        loops.append(TimeLoop(displacement: displacement, count: loop.factor, outside: 1))
        inside[loop.dimension] *= loop.factor
      }
    }
    loops.reverse()
    var outside = 1
    for index in loops.indices {
      loops[index].outside = outside
      outside *= loops[index].count
    }
    return loops
  }

  /// The first step and one class per loop: what a child loads, and how far its tile has moved.
  private func steps(_ loops: [TimeLoop], extents: [Int], isStationary: Bool) -> [Step] {
    let still = [Int](repeating: 0, count: extents.count)
    let full = Box(origin: still, extents: extents)
    let innermost = loops.lastIndex { $0.displacement != still }
    var steps = [Step(box: full, displacement: still, count: 1)]
    for (index, loop) in loops.enumerated() {
      var moved = loop.displacement
      for inner in loops[(index + 1)...] {
        for axis in moved.indices { moved[axis] -= inner.displacement[axis] }
      }
      let count = (loop.count - 1) * loop.outside
      var box: Box? = full
      if isStationary {
        if moved == still {
          box = nil
        } else if let innermost, moved == loops[innermost].displacement,
          index == innermost || plan.terms.slidingRestartCredit
        {
          box = increment(of: full, moving: moved)
        }
      }
      steps.append(Step(box: box, displacement: moved, count: count))
    }
    return steps
  }

  /// The new part of a tile that moved along one axis by less than its extent; the whole tile otherwise.
  private func increment(of tile: Box, moving moved: [Int]) -> Box {
    let axes = moved.indices.filter { moved[$0] != 0 }
    guard axes.count == 1, moved[axes[0]] < tile.extents[axes[0]] else { return tile }
    var box = tile
    box.origin[axes[0]] = tile.extents[axes[0]] - moved[axes[0]]
    box.extents[axes[0]] = moved[axes[0]]
    return box
  }

  /// Every class of steps with the step before it: new words now and before, movement between, and how often.
  private func pairs(of steps: [Step], _ loops: [TimeLoop]) -> [(
    current: Box?, previous: Box?, displacement: [Int], count: Int
  )] {
    var pairs: [(current: Box?, previous: Box?, displacement: [Int], count: Int)] = []
    pairs.append((steps[0].box, nil, steps[0].displacement, 1))
    guard let last = steps.indices.last, last > 0 else { return pairs }
    for index in 1..<last {
      pairs.append(
        (steps[index].box, steps[last].box, steps[index].displacement, steps[index].count))
    }
    let advances = loops[last - 1].count - 1
    for index in 0..<last {
      pairs.append(
        (steps[last].box, steps[index].box, steps[last].displacement, steps[index].count * advances)
      )
    }
    return pairs
  }
}
