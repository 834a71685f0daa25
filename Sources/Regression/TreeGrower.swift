import Execution

/// Grows trees on binned columns, for sums of gradients `G` and second derivatives `H`.
///
/// A split gains `G_l^2 / (H_l + p) + G_r^2 / (H_r + p) - G^2 / (H + p)`, a leaf has the value `-G / (H + p)`. With
/// gradients `center - y`, `H` the row count and penalty `p = 0` these are the fall of the squared error and the mean
/// minus center.
///
/// - SeeAlso: Chen and Guestrin 2016, "XGBoost", equations 5 to 7.
struct TreeGrower {
  struct Options {
    var depthLimit = 64
    /// The smallest `H` of a leaf.
    var leafWeight = 1.0
    var penalty = 0.0
    /// Columns with more than one value that are looked at for each split, drawn anew; `nil` is all.
    var columnsPerSplit: Int?
    /// Whether one threshold per column is drawn instead of the best one searched.
    var drawsThresholds = false
  }

  let columns: BinnedColumns
  let options: Options

  struct Split {
    var gain: Double
    var column = -1
    /// The last bin that goes left.
    var cut: UInt8 = 0
    /// The threshold wanted; `nil` is halfway between the values on both sides.
    var threshold: Double?
  }

  private struct Task {
    var node: Int
    var range: Range<Int>
    var depth: Int
  }

  /// Grows a tree.
  ///
  /// - Parameters:
  ///   - rows: Row numbers, repeated ones count as often; reordered.
  ///   - gradients: One per row of the data.
  ///   - hessians: One per row of the data; `nil` is 1 for all.
  ///   - candidates: Columns that may be split.
  /// - Complexity: O(*rows x candidates*) per level.
  func grow(
    rows: inout [Int32], gradients: [Double], hessians: [Double]?, among candidates: [Int],
    using generator: inout SeededGenerator
  ) -> RegressionTree {
    var nodes = [RegressionTree.Node(column: -1, left: 0, number: 0)]
    var order = candidates
    let scratch = GrowthScratch(rowCount: rows.count)
    let squares = rows.reduce(0.0) { $0 + gradients[Int($1)] * gradients[Int($1)] }
    var tasks = [Task(node: 0, range: 0..<rows.count, depth: 0)]
    columns.codes.withUnsafeBufferPointer { codes in
      rows.withUnsafeMutableBufferPointer { rows in
        while let task = tasks.popLast() {
          let part = UnsafeMutableBufferPointer(rebasing: rows[task.range])
          scratch.load(part, gradients, hessians)
          let (sum, weight) = scratch.totals(part.count)
          // Gains below rounding of the sums are none.
          var best = Split(gain: 1e-13 * squares)
          if task.depth < options.depthLimit && weight >= 2 * options.leafWeight {
            let node = NodeView(
              rows: part, codes: codes, sum: sum, weight: weight,
              base: sum * sum / (weight + options.penalty))
            search(node, &order, scratch, &best, &generator)
          }
          guard best.column >= 0 else {
            let divisor = weight + options.penalty
            nodes[task.node].number = divisor > 0 ? -sum / divisor : 0
            continue
          }
          let left = nodes.count
          let parts = partition(part, codes, best)
          nodes[task.node] = RegressionTree.Node(
            column: Int32(best.column), left: Int32(left), number: parts.threshold)
          nodes.append(RegressionTree.Node(column: -1, left: 0, number: 0))
          nodes.append(RegressionTree.Node(column: -1, left: 0, number: 0))
          let middle = task.range.lowerBound + parts.leftCount
          let depth = task.depth + 1
          tasks.append(
            Task(node: left + 1, range: middle..<task.range.upperBound, depth: depth))
          tasks.append(Task(node: left, range: task.range.lowerBound..<middle, depth: depth))
        }
      }
    }
    return RegressionTree(nodes: nodes)
  }

  /// The rows of a node and their sums.
  struct NodeView {
    var rows: UnsafeMutableBufferPointer<Int32>
    var codes: UnsafeBufferPointer<UInt8>
    var sum: Double
    var weight: Double
    /// What a split must exceed.
    var base: Double
  }

  private func search(
    _ node: NodeView, _ order: inout [Int], _ scratch: GrowthScratch, _ best: inout Split,
    _ generator: inout SeededGenerator
  ) {
    var left = options.columnsPerSplit ?? order.count
    var place = 0
    while left > 0 && place < order.count {
      if options.columnsPerSplit != nil {
        order.swapAt(place, place + generator.index(below: order.count - place))
      }
      let column = order[place]
      place += 1
      let binCount = columns.edges[column].count + 1
      guard binCount > 1 else { continue }
      let base = column * columns.rowCount
      let sorts = binCount > 4 * node.rows.count
      let span =
        sorts
        ? scratch.sort(node.rows, node.codes, base)
        : scratch.count(node.rows, node.codes, base, binCount)
      guard span.first < span.last else { continue }
      left -= 1
      guard options.drawsThresholds else {
        scratch.scan(node, column, isSorted: sorts, options, &best)
        continue
      }
      let drawn = drawCut(column, Int(span.first), Int(span.last), &generator)
      scratch.test(node, column, isSorted: sorts, drawn, options, &best)
    }
  }

  /// A threshold drawn uniformly between the smallest and the largest value at a node (between the edges of their
  /// bins), and the last bin below the nearest edge.
  ///
  /// - SeeAlso: Geurts, Ernst, Wehenkel 2006, "Extremely randomized trees", table 1.
  private func drawCut(
    _ column: Int, _ first: Int, _ last: Int, _ generator: inout SeededGenerator
  ) -> (cut: UInt8, threshold: Double) {
    let edges = columns.edges[column]
    let value = edges[first] + (edges[last - 1] - edges[first]) * generator.unitInterval()
    var low = first
    var high = last - 1
    while low < high {
      let middle = (low + high) / 2
      if value <= edges[middle] { high = middle } else { low = middle + 1 }
    }
    if low > first && value - edges[low - 1] < edges[low] - value { low -= 1 }
    return (UInt8(low), value)
  }

  /// Moves rows that go left to the front; gives their number, and a threshold between the edges of both sides.
  private func partition(
    _ rows: UnsafeMutableBufferPointer<Int32>, _ codes: UnsafeBufferPointer<UInt8>, _ split: Split
  ) -> (leftCount: Int, threshold: Double) {
    let base = split.column * columns.rowCount
    var last = UInt8.min
    var next = UInt8.max
    var low = 0
    var high = rows.count
    while low < high {
      let code = codes[base + Int(rows[low])]
      if code <= split.cut {
        last = max(last, code)
        low += 1
      } else {
        next = min(next, code)
        high -= 1
        rows.swapAt(low, high)
      }
    }
    let edges = columns.edges[split.column]
    let (lower, upper) = (edges[Int(last)], edges[Int(next) - 1])
    let wanted = split.threshold ?? 0.5 * (lower + upper)
    return (low, min(max(wanted, lower), upper))
  }
}
