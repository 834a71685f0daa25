import Accelerator
import Workload

/// An axis that is not simply one dimension with coefficient 1: the only place where tiles can overlap.
struct WindowAxis: Sendable {
  /// Position of the tensor in the layer.
  var operand: Int
  var terms: [Operand.Term]
  /// The dimensions of `terms`, as bits.
  var dimensions: UInt32
}

/// A layer on an architecture, compiled for the kernels; immutable after `init`.
///
/// `@unchecked Sendable`: the memory behind `tables` is written only in `init` and freed only in `deinit`.
final class CostPlan: @unchecked Sendable {
  let layer: Layer
  let architecture: Architecture
  let terms: CostTerms
  let zeroShare: Double?
  let windows: [WindowAxis]
  let tablesAddress: UnsafePointer<KernelTables>
  var tables: KernelTables { tablesAddress.pointee }
  private let words: UnsafeMutablePointer<UInt32>
  private let lanes: UnsafeMutablePointer<SIMD8<Int32>>
  private let integers: UnsafeMutablePointer<Int>
  private let numbers: UnsafeMutablePointer<Double>

  var levelCount: Int { tables.levelCount }
  var operandCount: Int { tables.operandCount }

  /// - Parameter zeroShare: Share of zeros in the gating operand; `nil` takes the architecture's.
  init(layer: Layer, architecture: Architecture, terms: CostTerms, zeroShare: Double?) {
    self.layer = layer
    self.architecture = architecture
    self.terms = terms
    self.zeroShare = zeroShare
    let levels = architecture.levels
    let operands = layer.operands
    let levelCount = levels.count
    let operandCount = operands.count
    var windows: [WindowAxis] = []
    var starts = [0]
    for (t, operand) in operands.enumerated() {
      for axis in operand.axes where axis.terms.count > 1 || axis.terms[0].coefficient > 1 {
        windows.append(
          WindowAxis(
            operand: t, terms: axis.terms,
            dimensions: axis.terms.reduce(0) { $0 | 1 << UInt32($1.dimension) }))
      }
      starts.append(windows.count)
    }
    self.windows = windows
    let windowCount = max(windows.count, 1)

    words = .allocate(capacity: 16)
    words.initialize(repeating: 0, count: 16)
    lanes = .allocate(capacity: 16)
    lanes.initialize(repeating: .zero, count: 16)
    let integerCount =
      16 * operandCount + 4 * windowCount + windowCount + (operandCount + 1) + 2 * 16 * operandCount
      + levelCount + 4 * levelCount * operandCount + 2 * (levelCount + 1) + 2 * levelCount
    integers = .allocate(capacity: integerCount)
    integers.initialize(repeating: 0, count: integerCount)
    let numberCount = 9 * levelCount + levelCount * operandCount
    numbers = .allocate(capacity: numberCount)
    numbers.initialize(repeating: 0, count: numberCount)
    var nextInteger = integers
    func take(_ count: Int) -> UnsafeMutablePointer<Int> {
      defer { nextInteger += count }
      return nextInteger
    }
    var nextNumber = numbers
    func takeNumbers(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { nextNumber += count }
      return nextNumber
    }
    var tables = KernelTables(
      relevance: words, relevanceLanes: lanes, plainAxes: take(16 * operandCount),

      windowTerms: take(4 * windowCount),
      windowOperand: take(windowCount), windowStart: take(operandCount + 1),
      windowOfDimension: take(16 * operandCount),
      windowCoefficient: take(16 * operandCount), usableBits: take(levelCount),
      elementBits: take(levelCount * operandCount),
      meshX: take(levelCount + 1), meshY: take(levelCount + 1),
      packElements: take(levelCount * operandCount), packShift: take(levelCount * operandCount),
      packBlocks: take(levelCount * operandCount), readEnergy: takeNumbers(levelCount),
      fillEnergy: takeNumbers(levelCount),
      updateEnergy: takeNumbers(levelCount), leakage: takeNumbers(levelCount),
      wordsPerElement: takeNumbers(levelCount * operandCount),
      readBandwidth: takeNumbers(levelCount), writeBandwidth: takeNumbers(levelCount),
      sharedBandwidth: takeNumbers(levelCount), hopEnergy: takeNumbers(levelCount),
      routerEnergy: takeNumbers(levelCount),
      physicalX: take(levelCount), physicalY: take(levelCount))
    precondition(nextInteger == integers + integerCount, "table layout does not add up")
    precondition(nextNumber == numbers + numberCount, "table layout does not add up")
    tables.levelCount = levelCount
    tables.operandCount = operandCount
    tables.dimensionCount = layer.dimensions.count
    tables.windowCount = windows.count
    tables.result = layer.resultIndex
    tables.macCount = layer.macCount
    CostPlan.fillProjections(&tables, operands: operands, windows: windows, starts: starts)
    CostPlan.fillMemories(&tables, architecture: architecture, operands: operands, terms: terms)
    CostPlan.fillEffects(
      &tables, architecture: architecture, operands: operands, terms: terms, zeroShare: zeroShare)
    let kept = UnsafeMutablePointer<KernelTables>.allocate(capacity: 1)
    kept.initialize(to: tables)
    tablesAddress = UnsafePointer(kept)
  }

  deinit {
    tablesAddress.deallocate()
    words.deallocate()
    lanes.deallocate()
    integers.deallocate()
    numbers.deallocate()
  }

  private static func fillProjections(
    _ tables: inout KernelTables, operands: [Operand], windows: [WindowAxis], starts: [Int]
  ) {
    for index in 0..<(16 * operands.count) { tables.plainAxes[index] = 15 }
    for (t, operand) in operands.enumerated() {
      var plainCount = 0
      for axis in operand.axes {
        for term in axis.terms {
          tables.relevance[term.dimension] |= 1 << UInt32(t)
          tables.relevanceLanes[term.dimension][t] = -1
        }
        if axis.terms.count == 1, axis.terms[0].coefficient == 1 {
          tables.plainAxes[t * 16 + plainCount] = axis.terms[0].dimension
          plainCount += 1
        }
      }
      tables.hasManyPlainAxes = tables.hasManyPlainAxes || plainCount > 4
    }
    for index in 0..<(16 * operands.count) { tables.windowOfDimension[index] = -1 }
    for (w, axis) in windows.enumerated() {
      tables.windowOperand[w] = axis.operand
      tables.windowDimensions |= axis.dimensions
      tables.needsGeneralWindows = tables.needsGeneralWindows || axis.terms.count > 2
      tables.resultHasWindow = tables.resultHasWindow || axis.operand == tables.result
      for slot in 0..<2 {
        let term = slot < axis.terms.count ? axis.terms[slot] : nil
        tables.windowTerms[4 * w + 2 * slot] = term?.dimension ?? 15
        tables.windowTerms[4 * w + 2 * slot + 1] = term?.coefficient ?? 0
      }
      for term in axis.terms {
        tables.windowOfDimension[axis.operand * 16 + term.dimension] = w
        tables.windowCoefficient[axis.operand * 16 + term.dimension] = term.coefficient
      }
    }
    for (t, start) in starts.enumerated() { tables.windowStart[t] = start }
  }

  private static func fillMemories(
    _ tables: inout KernelTables, architecture: Architecture, operands: [Operand], terms: CostTerms
  ) {
    for (i, level) in architecture.levels.enumerated() {
      tables.usableBits[i] = level.usableWords.map { $0 * level.wordBits } ?? .max
      tables.meshX[i] = level.mesh.x
      tables.meshY[i] = level.mesh.y
      let fanOut = architecture.fanOut(below: i)
      tables.physicalX[i] = fanOut.x
      tables.physicalY[i] = fanOut.y
      tables.leakage[i] = level.leakagePerCycle
      tables.leaks = tables.leaks || level.leakagePerCycle > 0
      tables.readBandwidth[i] = level.bandwidth.read ?? .infinity
      tables.writeBandwidth[i] = level.bandwidth.write ?? .infinity
      tables.sharedBandwidth[i] = level.bandwidth.shared ?? .infinity
      if level.bandwidth != Bandwidth() { tables.limitedLevels |= 1 << UInt32(i) }
      if level.kind == .dram { tables.offChipLevels |= 1 << UInt32(i) }
      if terms.networks {
        tables.networkLatency += level.network.fillLatency + level.network.drainLatency
        if level.network.energyPerHop > 0 || level.network.routerEnergy > 0 {
          tables.networkLevels |= 1 << UInt32(i)
        }
      }
      for (t, operand) in operands.enumerated() {
        let bits = operand.bits ?? level.wordBits
        let pair = i * operands.count + t
        let packing = level.packing(elementBits: bits)
        tables.elementBits[pair] = bits
        tables.wordsPerElement[pair] = Double(bits) / Double(level.wordBits)
        tables.packElements[pair] = packing.elements
        tables.packBlocks[pair] = packing.blocks
        let isPower = packing.elements & (packing.elements - 1) == 0 && packing.blocks == 1
        tables.packShift[pair] = isPower ? packing.elements.trailingZeroBitCount : -1
      }
    }
    tables.meshX[architecture.levels.count] = architecture.compute.mesh.x
    tables.meshY[architecture.levels.count] = architecture.compute.mesh.y
    tables.computeInstances = architecture.compute.mesh.count
  }

  private static func fillEffects(
    _ tables: inout KernelTables, architecture: Architecture, operands: [Operand],
    terms: CostTerms, zeroShare: Double?
  ) {
    let effects = architecture.effects
    let switching = terms.switchingFactor ? effects.switchingFactor : 1
    for (i, level) in architecture.levels.enumerated() {
      let scale = level.kind == .dram ? 1 : switching
      tables.readEnergy[i] = level.energy.read * scale
      tables.fillEnergy[i] = level.energy.fill * scale
      tables.updateEnergy[i] = level.energy.update * scale
      tables.hopEnergy[i] = level.network.energyPerHop * scale
      tables.routerEnergy[i] = level.network.routerEnergy * scale
    }
    if terms.zeroGating, let gating = effects.zeroGating {
      tables.activeShare = 1 - (zeroShare ?? gating.zeroShare)
      for (t, operand) in operands.enumerated()
      where gating.gatedOperands.contains(operand.name) && tables.activeShare < 1 {
        tables.gatedOperands |= 1 << UInt32(t)
      }
    }
    tables.computeEnergy =
      architecture.compute.energyPerOperation * switching * tables.activeShare
    if terms.idleEnergy {
      tables.idleEnergy = effects.idleEnergyPerCycle
      tables.gatedIdleEnergy = effects.idleEnergyPerCycle * effects.clockGating
    }
    tables.creditsSlidingRestart = terms.slidingRestartCredit
    tables.unusedInstancesLeak = terms.unusedLeakage
  }
}
