import Accelerator

/// Rule 11: hops and energy of the network below every level.
extension CostKernel {
  /// Traffic of one tensor over the network below one instance of a level.
  struct Traffic {
    /// Words injected, summed over multicast groups.
    var words = 0.0
    /// Words times hops.
    var wordHops = 0.0
    /// Words times routers touched.
    var wordRouters = 0.0
    /// Largest multicast group.
    var widestMulticast = 0
    /// Words that meet another partial sum on the way, `(m - 1)` per word of a group of `m`; results only.
    var reductions = 0.0
  }

  /// One kind of multicast: all groups with the same number of members.
  struct Ingress {
    var multicast: Int
    /// Number of such groups.
    var scatter: Int
    /// Words injected for them.
    var words: Double
    /// Words times hops.
    var wordHops: Double
  }

  @inline(__always)
  func networkEnergy(_ record: UnsafePointer<UInt32>) -> Double {
    var total = 0.0
    for level in 0..<tables.levelCount {
      let row = level * tables.operandCount
      for t in 0..<tables.operandCount { s.networkEnergy[row + t] = 0 }
      guard (tables.networkLevels &>> UInt32(truncatingIfNeeded: level)) & 1 == 1 else { continue }
      let instances = Double(s.used[level])
      for t in 0..<tables.operandCount where isInsideHome(record, level, t) {
        let traffic = traffic(record, level, t)
        let energy =
          instances
          * (traffic.wordHops * tables.hopEnergy[level]
            + traffic.wordRouters * tables.routerEnergy[level])
        s.networkEnergy[row + t] = energy
        total += energy
      }
    }
    return total
  }

  /// Whether some level at or outside `level` keeps the tensor, so that its words cross the network below.
  @inline(__always)
  func isInsideHome(_ record: UnsafePointer<UInt32>, _ level: Int, _ t: Int) -> Bool {
    for outer in 0...level where (record[outer] &>> UInt32(truncatingIfNeeded: 24 &+ t)) & 1 == 1 {
      return true
    }
    return false
  }

  /// Words, hops and routers of one tensor below one instance of a level.
  func traffic(_ record: UnsafePointer<UInt32>, _ level: Int, _ t: Int) -> Traffic {
    var traffic = Traffic()
    let isResult = t == tables.result
    forEachIngress(record, level, t) { ingress in
      traffic.words += ingress.words
      traffic.widestMulticast = max(traffic.widestMulticast, ingress.multicast)
      if isResult { traffic.reductions += Double(ingress.multicast - 1) * ingress.words }
      guard ingress.words > 0 else { return }
      let hops = ingress.wordHops / ingress.words
      traffic.wordHops += ingress.wordHops
      traffic.wordRouters += (1 + hops.rounded(.down)) * ingress.words
    }
    return traffic
  }

  /// Calls `body` once per multicast factor, in increasing order.
  @inline(__always)
  func forEachIngress(
    _ record: UnsafePointer<UInt32>, _ level: Int, _ t: Int, _ body: (Ingress) -> Void
  ) {
    let pair = level * tables.operandCount + t
    let delivered = Double(s.delivered[pair])
    // A bypassed child multiplies the words but, as in Timeloop, not the hops.
    let amplification = Double(s.asked[pair]) / (delivered * Double(s.groups[pair]))
    let returnsPartialSums = t == tables.result && (tables.offChipLevels >> UInt32(level)) & 1 == 1
    let inject = { (groups: Int) -> Double in
      let words = Double(groups) * delivered * amplification
      return returnsPartialSums ? 2 * words - Double(s.partition[level]) : words
    }
    let children = s.fanX[level] &* s.fanY[level]
    if children == 1 {
      body(Ingress(multicast: 1, scatter: 1, words: inject(1), wordHops: 0))
      return
    }
    let found = gatherGroups(record, level, t)
    // Groups of equal size form one entry; sizes differ only along diagonals of a window.
    var done = 0
    var smallest = 0
    while done < found {
      var size = Int.max
      for group in 0..<found where s.hops.pointee.groupSize[group] > smallest {
        size = min(size, s.hops.pointee.groupSize[group])
      }
      var groups = 0
      var doubledHops = 0
      for group in 0..<found where s.hops.pointee.groupSize[group] == size {
        groups += 1
        doubledHops += s.hops.pointee.groupHops[group]
      }
      body(
        Ingress(
          multicast: size, scatter: groups, words: inject(groups),
          wordHops: delivered * Double(doubledHops) / 2))
      done += groups
      smallest = size
    }
  }

  /// Sorts the used children of one instance into groups with equal tiles and measures the way to each group.
  ///
  /// A child has linear index `y usedX + x`, unpacked into columns `0..<W`, `W` the larger of the physical and the
  /// used width. A group costs its farthest column plus, in every column it uses, the way from the vertical center
  /// down to its lowest and up to its highest member. Hops are doubled so that they are whole.
  ///
  /// - Returns: The number of groups, described in `hops.groupSize` and `hops.groupHops`.
  /// - Complexity: O(children).
  private func gatherGroups(_ record: UnsafePointer<UInt32>, _ level: Int, _ t: Int) -> Int {
    let usedX = s.fanX[level]
    let usedY = s.fanY[level]
    let children = usedX &* usedY
    let width = max(tables.physicalX[level], usedX)
    let height = max(tables.physicalY[level], usedY)
    s.hops.pointee.reserve(children: children, columns: width)
    labelGroups(record, level, t)
    let table = s.hops.pointee
    var generation = table.generation &+ 1
    var found = 0
    for child in 0..<children {
      let label = table.label[child]
      if table.labelStamp[label] != generation {
        table.labelStamp[label] = generation
        table.labelGroup[label] = found
        table.groupSize[found] = 0
        found &+= 1
      }
      table.groupSize[table.labelGroup[label]] &+= 1
    }
    var next = 0
    for group in 0..<found {
      table.groupNext[group] = next
      next &+= table.groupSize[group]
    }
    for child in 0..<children {
      let group = table.labelGroup[table.label[child]]
      table.order[table.groupNext[group]] = child
      table.groupNext[group] &+= 1
    }
    var position = 0
    for group in 0..<found {
      generation &+= 1
      var farthest = 0
      var hops = 0
      for _ in 0..<table.groupSize[group] {
        let child = table.order[position]
        position &+= 1
        let row = child / width
        let column = child &- row &* width
        let doubledRow = 2 &* row &+ 1 &- height
        farthest = max(farthest, column)
        if table.columnStamp[column] != generation {
          table.columnStamp[column] = generation
          hops &+= abs(doubledRow)
        } else {
          // Rows only grow, so only the part above the center is extended.
          hops &+= max(doubledRow, 0) &- max(table.columnRow[column], 0)
        }
        table.columnRow[column] = doubledRow
      }
      table.groupHops[group] = hops &+ 2 &* farthest
    }
    s.hops.pointee.generation = generation
    return found
  }

  /// Writes a label per child to `hops.label`; children with equal tiles get equal labels.
  private func labelGroups(_ record: UnsafePointer<UInt32>, _ level: Int, _ t: Int) {
    let loops = record + tables.levelCount
    let start = Int(record[level] & 0xff)
    let end = Int(record[level] >> 16 & 0xff)
    let base = t * 16
    let labels = s.hops.pointee.label
    labels[0] = 0
    var known = 1
    var span = 1
    // Window axes first: labels are offsets along the axis, in units of the steps' common divisor.
    for w in tables.windowStart[t]..<tables.windowStart[t + 1] {
      var divisor = 0
      var reach = 0
      for l in start..<end where tables.windowOfDimension[base + Int(loops[l] & 0xf)] == w {
        let step = tables.windowCoefficient[base + Int(loops[l] & 0xf)] * s.step[l]
        var (x, y) = (divisor, step)
        while y != 0 { (x, y) = (y, x % y) }
        divisor = x
        reach += (Int(loops[l] >> 4) - 1) * step
      }
      guard divisor > 0 else { continue }
      s.labelUnit[w] = divisor
      s.labelStride[w] = span
      span *= reach / divisor + 1
    }
    var l = end
    while l > start {
      l -= 1
      let d = Int(loops[l] & 0xf)
      let factor = Int(loops[l] >> 4)
      var stride = 0
      let w = tables.windowOfDimension[base + d]
      if w >= 0 {
        stride =
          tables.windowCoefficient[base + d] * s.step[l]
          / s.labelUnit[w] * s.labelStride[w]
      } else if tables.relevance[d] >> UInt32(t) & 1 == 1 {
        stride = span
        span *= factor
      }
      for index in 1..<factor {
        for child in 0..<known {
          labels[index * known + child] = labels[child] + index * stride
        }
      }
      known *= factor
    }
    if span > s.hops.pointee.labelCapacity { compactLabels(known) }
  }

  /// Renumbers labels that are too spread out for the tables, as a wide stride beside a small kernel makes them.
  @inline(never)
  private func compactLabels(_ children: Int) {
    var numbers: [Int: Int] = [:]
    for child in 0..<children {
      let label = s.hops.pointee.label[child]
      let number = numbers[label] ?? numbers.count
      numbers[label] = number
      s.hops.pointee.label[child] = number
    }
  }
}
