/// Energy and cycles from counts: rules 1, 6 to 10 and 13, then the terms beyond counting.
struct CostKernel {
  // Read in place: a copy of both structures for every mapping would cost a tenth of its evaluation.
  private let tablesAddress: UnsafePointer<KernelTables>
  private let scratchAddress: UnsafePointer<KernelScratch>
  @inline(__always) var tables: KernelTables { tablesAddress.pointee }
  @inline(__always) var s: KernelScratch { scratchAddress.pointee }
  let counting: CountingKernel

  /// - Precondition: The plan and the owner of the scratch outlive the kernel.
  init(plan: CostPlan, scratch: UnsafePointer<KernelScratch>) {
    tablesAddress = plan.tablesAddress
    scratchAddress = scratch
    counting = CountingKernel(plan: plan, scratch: scratch)
  }

  /// Energy in pJ and latency in cycles of one mapping; both are zero when it is not legal.
  struct Totals {
    var verdict: Verdict
    var energy: Double
    var cycles: Int
    var computeCycles: Int
  }

  func evaluate(_ record: UnsafePointer<UInt32>) -> Totals {
    tables.operandCount == 3
      ? evaluate(record, ThreeOperands())
      : evaluate(record, AnyOperands(count: tables.operandCount))
  }

  @inline(__always)
  private func evaluate<Arity: OperandArity>(
    _ record: UnsafePointer<UInt32>, _ arity: Arity
  ) -> Totals {
    let operandCount = arity.count
    let iterations = counting.count(record, arity)
    let verdict = check(record, operandCount)
    guard verdict.isLegal else {
      return Totals(verdict: verdict, energy: 0, cycles: 0, computeCycles: iterations)
    }
    countAccesses(record, operandCount)
    let slowest = limitCycles(record, iterations, operandCount)
    var energy = accessEnergy(record, operandCount)
    energy += Double(tables.macCount) * tables.computeEnergy
    if tables.leaks { energy += leakageEnergy(slowest) }
    if tables.networkLevels != 0 { energy += networkEnergy(record) }
    let cycles = slowest &+ tables.networkLatency
    if tables.idleEnergy > 0 { energy += idleEnergy(cycles) }
    return Totals(verdict: verdict, energy: energy, cycles: cycles, computeCycles: iterations)
  }

  /// Rules 1 and 13.
  @inline(__always)
  func check(_ record: UnsafePointer<UInt32>, _ operandCount: Int) -> Verdict {
    var verdict: Verdict = []
    for level in 0..<tables.levelCount {
      let usable = tables.usableBits[level]
      if usable != .max, neededBits(record, level, operandCount) > usable {
        verdict.insert(.overCapacity)
      }
    }
    for level in 0...tables.levelCount
    where s.usedX[level] > tables.meshX[level] || s.usedY[level] > tables.meshY[level]
      || s.used[level] > tables.meshX[level] &* tables.meshY[level]
    {
      verdict.insert(.overFanOut)
    }
    return verdict
  }

  /// Bits of all tiles a level keeps.
  @inline(__always)
  func neededBits(_ record: UnsafePointer<UInt32>, _ level: Int, _ operandCount: Int) -> Int {
    let row = level &* operandCount
    var bits = 0
    for t in 0..<operandCount {
      guard (record[level] &>> UInt32(truncatingIfNeeded: 24 &+ t)) & 1 == 1 else { continue }
      let (tileBits, overflow) = s.tile[row &+ t].multipliedReportingOverflow(
        by: tables.elementBits[row &+ t])
      guard !overflow else { return .max }
      bits = bits &+ tileBits
      if bits < 0 { return .max }
    }
    return bits
  }

  /// Rules 6 and 7, per instance, in elements; bypassed pairs are left as they were.
  ///
  /// The box a result with a strided window owns has holes nobody visits, so first visits may be fewer than owned words.
  @inline(__always)
  func countAccesses(_ record: UnsafePointer<UInt32>, _ operandCount: Int) {
    for t in 0..<operandCount {
      let bit: UInt32 = 1 &<< UInt32(truncatingIfNeeded: 24 &+ t)
      let isResult = t == tables.result
      var hasOuterHome = false
      var pair = t
      for level in 0..<tables.levelCount {
        if record[level] & bit != 0 {
          let asked = s.asked[pair]
          let owned = isResult ? s.partition[level] : 0
          s.reads[pair] = max(asked &- owned, 0)
          s.fills[pair] = hasOuterHome ? max(s.delivered[pair &- operandCount] &- owned, 0) : 0
          s.updates[pair] = isResult ? asked : 0
          hasOuterHome = true
        }
        pair &+= operandCount
      }
    }
  }

  /// Rule 10: the slowest of compute and every level, before network latency.
  ///
  /// The division order is Timeloop's, so that its one-cycle rounding of some ceilings is reproduced.
  @inline(__always)
  func limitCycles(
    _ record: UnsafePointer<UInt32>, _ iterations: Int, _ operandCount: Int
  ) -> Int {
    var slowest = iterations
    guard tables.limitedLevels != 0 else {
      for level in 0..<tables.levelCount { s.levelCycles[level] = iterations }
      return slowest
    }
    let compute = Double(iterations)
    for level in 0..<tables.levelCount {
      var cycles = iterations
      if (tables.limitedLevels &>> UInt32(truncatingIfNeeded: level)) & 1 == 1 {
        let slowdown = self.slowdown(record, level, compute, operandCount)
        if slowdown < 1 { cycles = Int((compute / slowdown).rounded(.up)) }
      }
      s.levelCycles[level] = cycles
      slowest = max(slowest, cycles)
    }
    return slowest
  }

  /// The factor by which a level's bandwidth slows compute, in `(0, 1]`.
  @inline(__always)
  func slowdown(
    _ record: UnsafePointer<UInt32>, _ level: Int, _ compute: Double, _ operandCount: Int
  ) -> Double {
    let row = level &* operandCount
    var read = 0.0
    var write = 0.0
    for t in 0..<operandCount
    where (record[level] &>> UInt32(truncatingIfNeeded: 24 &+ t)) & 1 == 1 {
      let words = tables.wordsPerElement[row &+ t]
      read += Double(s.reads[row &+ t]) * words / compute
      write += Double(s.fills[row &+ t] &+ s.updates[row &+ t]) * words / compute
    }
    var slowdown = 1.0
    let readLimit = tables.readBandwidth[level]
    let writeLimit = tables.writeBandwidth[level]
    let sharedLimit = tables.sharedBandwidth[level]
    if readLimit < read { slowdown = min(slowdown, readLimit / read) }
    if writeLimit < write { slowdown = min(slowdown, writeLimit / write) }
    if sharedLimit < write + read { slowdown = min(slowdown, sharedLimit / (write + read)) }
    return slowdown
  }

  /// Vector accesses that move a number of elements (rule 8).
  @inline(__always)
  func vectors(_ elements: Int, _ pair: Int) -> Int {
    let shift = tables.packShift[pair]
    if shift >= 0 {
      return (elements &+ (1 &<< shift) &- 1) &>> shift
    }
    return (elements &+ tables.packElements[pair] &- 1) / tables.packElements[pair]
      &* tables.packBlocks[pair]
  }

  @inline(__always)
  func accessEnergy(_ record: UnsafePointer<UInt32>, _ operandCount: Int) -> Double {
    var total = 0.0
    var ungated = tables.gatedOperands
    var level = tables.levelCount
    while level > 0 {
      level &-= 1
      let header = record[level]
      let row = level &* operandCount
      let instances = Double(s.used[level])
      let readEnergy = tables.readEnergy[level]
      let fillEnergy = tables.fillEnergy[level]
      let updateEnergy = tables.updateEnergy[level]
      for t in 0..<operandCount {
        let bit = UInt32(truncatingIfNeeded: t)
        guard (header &>> (24 &+ bit)) & 1 == 1 else { continue }
        let pair = row &+ t
        var inner = Double(vectors(s.reads[pair], pair)) * readEnergy
        inner += Double(vectors(s.updates[pair], pair)) * updateEnergy
        if (ungated &>> bit) & 1 == 1 {
          inner *= tables.activeShare
          ungated &= ~(1 &<< bit)
        }
        let energy = instances * (inner + Double(vectors(s.fills[pair], pair)) * fillEnergy)
        s.energy[pair] = energy
        total += energy
      }
    }
    return total
  }

  /// Leakage of all levels over a run time in cycles.
  @inline(__always)
  func leakageEnergy(_ slowest: Int) -> Double {
    var total = 0.0
    for level in 0..<tables.levelCount { total += leakageEnergy(level, slowest) }
    return total
  }

  /// Leakage of one level: of its used instances (rule 8), or of all when that term is on.
  @inline(__always)
  func leakageEnergy(_ level: Int, _ slowest: Int) -> Double {
    let instances =
      tables.unusedInstancesLeak
      ? Double(tables.meshX[level]) * Double(tables.meshY[level]) : Double(s.used[level])
    return tables.leakage[level] * instances * Double(slowest)
  }

  /// Idle energy of the array over a latency; gating removes part of it where a PE has no work.
  @inline(__always)
  func idleEnergy(_ cycles: Int) -> Double {
    let positions = Double(tables.computeInstances) * Double(cycles)
    let busy = Double(tables.macCount)
    return tables.idleEnergy * positions - tables.gatedIdleEnergy * (positions - busy)
  }
}
