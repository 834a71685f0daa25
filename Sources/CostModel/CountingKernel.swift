import Workload

/// The number of operands as a type, so that kernels for three of them, nearly every layer, unroll their loops.
protocol OperandArity {
  var count: Int { get }
}

/// A layer with two inputs and a result.
struct ThreeOperands: OperandArity {
  @inline(__always) var count: Int { 3 }
}

/// A layer with any number of operands.
struct AnyOperands: OperandArity {
  var count: Int
}

/// Rules 1 to 5 for perfect factors: tiles, deliveries, multicast groups and bypassing, all counts exact.
///
/// The method is the closed form of Timeloop's nest analysis (Parashar et al. 2019, section V; rules and the corner
/// 3c as measured on the reference corpus): one walk over the loops from inside for tiles and groups, one from outside
/// for deliveries. Arithmetic cannot overflow: `Mapping.init` bounds every count by `Layer.largestCount`.
struct CountingKernel {
  // Read in place: a copy of both structures for every mapping would cost a tenth of its evaluation.
  private let tablesAddress: UnsafePointer<KernelTables>
  private let scratchAddress: UnsafePointer<KernelScratch>
  @inline(__always) var tables: KernelTables { tablesAddress.pointee }
  @inline(__always) var s: KernelScratch { scratchAddress.pointee }
  // For layers outside the fast path only: axes of three or more terms, results with a window.
  let windows: [WindowAxis]
  private let bounds: [Int]
  private let resultOperand: Operand?

  init(plan: CostPlan, scratch: UnsafePointer<KernelScratch>) {
    tablesAddress = plan.tablesAddress
    scratchAddress = scratch
    windows = plan.tables.needsGeneralWindows ? plan.windows : []
    let windowed = plan.tables.resultHasWindow
    bounds = windowed ? plan.layer.dimensions.map(\.bound) : []
    resultOperand = windowed ? plan.layer.operands[plan.layer.resultIndex] : nil
  }

  /// Fills tiles, groups, used instances, partitions, deliveries and words asked.
  ///
  /// - Parameter record: One record of a `PackedMappings` batch.
  /// - Returns: Temporal iterations, which are the compute cycles.
  /// - Complexity: O(loops x operands + levels x operands).
  @inline(__always)
  func count<Arity: OperandArity>(_ record: UnsafePointer<UInt32>, _ arity: Arity) -> Int {
    walkInsideOut(record, arity)
    let iterations = walkOutsideIn(record, arity)
    passThroughBypasses(record, arity)
    return iterations
  }

  @inline(__always)
  private func walkInsideOut<Arity: OperandArity>(
    _ record: UnsafePointer<UInt32>, _ arity: Arity
  ) {
    let operandCount = arity.count
    let levelCount = tables.levelCount
    let windowCount = tables.windowCount
    let loops = record + levelCount
    let extent = s.extent
    let step = s.step
    let prefix = s.prefix
    for d in 0..<16 { extent[d] = 1 }
    for t in 0..<operandCount {
      s.tile[levelCount &* operandCount &+ t] = 1
      s.plainTile[levelCount &* operandCount &+ t] = 1
    }
    for w in 0..<windowCount { s.window[levelCount &* windowCount &+ w] = 1 }
    var ownedInside = 1
    var level = levelCount
    var l = Int(record[levelCount &- 1] &>> 16 & 0xff)
    while level > 0 {
      level &-= 1
      let header = record[level]
      let temporalEnd = Int(header & 0xff)
      let yEnd = Int(header &>> 8 & 0xff)
      let start = level == 0 ? 0 : Int(record[level &- 1] &>> 16 & 0xff)
      let row = level &* operandCount
      let end = l
      let groups = s.groups + row
      for t in 0..<operandCount { groups[t] = 1 }
      var fanX = 1
      var fanY = 1
      if l > temporalEnd {
        var spatialDimensions: UInt32 = 0
        while l > temporalEnd {
          l &-= 1
          let word = loops[l]
          let d = Int(word & 0xf)
          let factor = Int(word &>> 4)
          let e = extent[d]
          step[l] = e
          prefix[l] = 0
          extent[d] = e &* factor
          spatialDimensions |= 1 &<< UInt32(truncatingIfNeeded: d)
          if l >= yEnd { fanX = fanX &* factor } else { fanY = fanY &* factor }
          let relevant = tables.relevance[d]
          for t in 0..<operandCount {
            let bit = UInt32(truncatingIfNeeded: t)
            groups[t] = groups[t] &* ((relevant &>> bit) & 1 == 1 ? factor : 1)
          }
        }
        ownedInside = ownedInside &* groups[tables.result]
        if spatialDimensions & tables.windowDimensions != 0 {
          shareAlongWindows(spatialDimensions, level, record)
        }
      }
      s.fanX[level] = fanX
      s.fanY[level] = fanY
      s.partition[level] = ownedInside
      let isUnchanged = end == start
      while l > start {
        l &-= 1
        let word = loops[l]
        let d = Int(word & 0xf)
        let e = extent[d]
        step[l] = e
        extent[d] = e &* Int(word &>> 4)
      }
      if isUnchanged {
        // No loop at this level: its tiles are those inside.
        for t in 0..<operandCount {
          s.plainTile[row &+ t] = s.plainTile[row &+ operandCount &+ t]
          s.tile[row &+ t] = s.tile[row &+ operandCount &+ t]
        }
        for w in 0..<windowCount {
          s.window[level &* windowCount &+ w] = s.window[(level &+ 1) &* windowCount &+ w]
        }
      } else {
        fillTiles(level, operandCount)
      }
    }
  }

  /// Tiles of a level from the extents reached.
  @inline(__always)
  private func fillTiles(_ level: Int, _ operandCount: Int) {
    let extent = s.extent
    let row = level &* operandCount
    let window = s.window + level &* tables.windowCount
    for t in 0..<operandCount {
      // Missing axes stand as dimension 15, whose extent is always 1.
      let axes = tables.plainAxes + (t &<< 4)
      var words =
        (extent[axes[0]] &* extent[axes[1]]) &* (extent[axes[2]] &* extent[axes[3]])
      if tables.hasManyPlainAxes {
        for axis in 4..<16 { words = words &* extent[axes[axis]] }
      }
      s.plainTile[row &+ t] = words
      var w = tables.windowStart[t]
      let end = tables.windowStart[t &+ 1]
      while w < end {
        let reach = windowReach(w)
        window[w] = reach
        words = words &* reach
        w &+= 1
      }
      s.tile[row &+ t] = words
    }
  }

  /// Extent of a window axis for the extents reached so far.
  @inline(__always)
  private func windowReach(_ w: Int) -> Int {
    if tables.needsGeneralWindows {
      var reach = 1
      for term in windows[w].terms {
        reach = reach &+ term.coefficient &* (s.extent[term.dimension] &- 1)
      }
      return reach
    }
    let terms = tables.windowTerms + (w &<< 2)
    return 1 &+ terms[1] &* (s.extent[terms[0]] &- 1) &+ terms[3] &* (s.extent[terms[2]] &- 1)
  }

  @inline(__always)
  private func walkOutsideIn<Arity: OperandArity>(
    _ record: UnsafePointer<UInt32>, _ arity: Arity
  ) -> Int {
    let operandCount = arity.count
    let levelCount = tables.levelCount
    let loops = record + levelCount
    var last = SIMD8<Int32>(repeating: -1)
    var iterations = 1
    var outerX = 1
    var outerY = 1
    var ownedOutside = 1
    var l = 0
    for level in 0..<levelCount {
      let header = record[level]
      let temporalEnd = Int(header & 0xff)
      while l < temporalEnd {
        let word = loops[l]
        let factor = Int(word &>> 4)
        s.prefix[l] = iterations
        let relevant = tables.relevance[Int(word & 0xf)]
        let lanes = tables.relevanceLanes[Int(word & 0xf)]
        last = (lanes & Int32(truncatingIfNeeded: l)) | (~lanes & last)
        let owns = (relevant &>> UInt32(truncatingIfNeeded: tables.result)) & 1 == 1
        ownedOutside = ownedOutside &* (owns ? factor : 1)
        iterations = iterations &* factor
        l &+= 1
      }
      l = Int(header &>> 16 & 0xff)
      s.usedX[level] = outerX
      s.usedY[level] = outerY
      s.used[level] = outerX &* outerY
      outerX = outerX &* s.fanX[level]
      outerY = outerY &* s.fanY[level]
      let row = level &* operandCount
      if level == levelCount &- 1 {
        for t in 0..<operandCount { s.delivered[row &+ t] = iterations }
      } else {
        s.lastRelevant.pointee = last
        let lastOf = UnsafeRawPointer(s.lastRelevant).assumingMemoryBound(to: Int32.self)
        for t in 0..<operandCount {
          let inner = Int(lastOf[t])
          let tile = s.tile[row &+ operandCount &+ t]
          var words = tile
          if inner >= 0 {
            let word = loops[inner]
            if tables.windowOfDimension[(t &<< 4) &+ Int(word & 0xf)] < 0 {
              words = s.prefix[inner] &* Int(word &>> 4) &* tile
            } else {
              words = slidingDelivery(loops, t, inner, level, operandCount)
            }
          }
          s.delivered[row &+ t] = words
        }
      }
    }
    s.usedX[levelCount] = outerX
    s.usedY[levelCount] = outerY
    s.used[levelCount] = outerX &* outerY
    for level in 0..<levelCount { s.partition[level] = s.partition[level] &* ownedOutside }
    if tables.resultHasWindow { partitionWindowedResult(record) }
    return iterations
  }

  /// Deliveries of a tile whose innermost relevant loop slides along a window axis (rules 3b and 3c).
  @inline(__always)
  private func slidingDelivery(
    _ loops: UnsafePointer<UInt32>, _ t: Int, _ last: Int, _ level: Int, _ operandCount: Int
  ) -> Int {
    let pair = (level &+ 1) &* operandCount &+ t
    let full = s.tile[pair]
    let windowOf = tables.windowOfDimension + (t &<< 4)
    let coefficient = tables.windowCoefficient + (t &<< 4)
    let d = Int(loops[last] & 0xf)
    let axis = windowOf[d]
    let shift = coefficient[d] &* s.step[last]
    let windowRow = s.window + (level &+ 1) &* tables.windowCount
    var increment = full
    if shift < windowRow[axis] {
      increment = s.plainTile[pair] &* shift
      for w in tables.windowStart[t]..<tables.windowStart[t &+ 1] {
        increment = increment &* (w == axis ? 1 : windowRow[w])
      }
    }
    var words =
      s.prefix[last] &* (full &+ (Int(loops[last] &>> 4) &- 1) &* increment)
    guard tables.creditsSlidingRestart else { return words }
    // A restart arrives from iteration 1 of every inner loop, whatever its trip count (rule 3c). `inner` is the
    // displacement of those iterations; the arrival moves by `outer step - inner`.
    var inner = shift
    var k = last
    while k > 0 {
      k &-= 1
      let d = Int(loops[k] & 0xf)
      // Spatial loops have no iterations outside them noted.
      guard (tables.relevance[d] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1, s.prefix[k] != 0
      else { continue }
      guard windowOf[d] == axis else { break }
      let outer = coefficient[d] &* s.step[k]
      let arrivals = s.prefix[k] &* (Int(loops[k] &>> 4) &- 1)
      if outer == inner {
        words = words &- arrivals &* full
      } else if outer == inner &+ shift {
        words = words &- arrivals &* (full &- increment)
      }
      inner = inner &+ outer
    }
    return words
  }

  /// Partition of a result with a window axis: the box of all indices an instance ever owns.
  @inline(never)
  private func partitionWindowedResult(_ record: UnsafePointer<UInt32>) {
    var owned = bounds
    let loops = record + tables.levelCount
    for level in 0..<tables.levelCount {
      s.partition[level] = resultOperand.map { $0.volume(extents: owned) } ?? s.partition[level]
      for l in Int(record[level] & 0xff)..<Int(record[level] >> 16 & 0xff) {
        owned[Int(loops[l] & 0xf)] /= Int(loops[l] >> 4)
      }
    }
  }

  @inline(__always)
  private func passThroughBypasses<Arity: OperandArity>(
    _ record: UnsafePointer<UInt32>, _ arity: Arity
  ) {
    let operandCount = arity.count
    for t in 0..<operandCount {
      let bit = UInt32(24 &+ t)
      var level = tables.levelCount &- 1
      var pair = level &* operandCount &+ t
      var asked = s.delivered[pair] &* s.groups[pair]
      s.asked[pair] = asked
      while level > 0 {
        let keeps = (record[level] &>> bit) & 1 == 1
        level &-= 1
        pair &-= operandCount
        asked = s.groups[pair] &* (keeps ? s.delivered[pair] : asked)
        s.asked[pair] = asked
      }
    }
  }
}
