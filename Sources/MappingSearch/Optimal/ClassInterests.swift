import Accelerator
import CostModel
import Workload

/// What classes need to tell apart for mappings that may be better than a known one (`BoundaryClasses`).
///
/// Classes are sound whatever they lump together; this only says where fine ones are worth their room. A mapping better than
/// the known one cannot spend more energy than `budget` on what it may choose, nor take more cycles than the known value
/// allows, so sharings and parallelisms beyond either are all alike.
struct ClassInterests {
  /// By boundary, for each operand: energy of the accesses at its home that a sharing divides, in pJ.
  let shared: [[Double]]
  /// By boundary: energy a copy of the result saves, in pJ, for each is written before it is read.
  let firstVisit: [Double]
  /// Most energy a mapping may spend on what it chooses, in pJ; infinite where nothing is known.
  let budget: Double
  /// Fewest units with which a mapping is fast enough.
  let fewestUnits: Double
  /// Units with which traffic that no mapping avoids takes as long as all operations; more only help where leakage counts.
  let enoughUnits: Double

  init(_ plan: SearchPlan, known: OptimalSearch.Best?, objective: SearchObjective?) {
    let rates = plan.rates
    let operandCount = plan.operandCount
    let reads = ClassInterests.knownReads(plan, known)
    var shared: [[Double]] = []
    var firstVisit: [Double] = []
    for boundary in 0..<plan.levelCount {
      shared.append(
        (0..<operandCount).map { t in
          let home = plan.home(of: t, outside: max(boundary, 1)) ?? 0
          let pair = home * operandCount + t
          let energy = t == rates.result ? rates.read[pair] + rates.update[pair] : rates.read[pair]
          return energy * (reads?[boundary][t] ?? plan.operations)
        })
      let result = rates.result
      let home =
        plan.keeps[result][boundary]
        ? boundary : plan.home(of: result, outside: max(boundary, 1)) ?? 0
      firstVisit.append(rates.read[home * operandCount + result] * plan.distinct[result])
    }
    self.shared = shared
    self.firstVisit = firstVisit
    let fewest = ClassInterests.fewestCycles(plan)
    enoughUnits = rates.unusedInstancesLeak ? plan.operations / fewest.traffic : .infinity
    let least = max(fewest.traffic, fewest.compute)
    let needed = ClassInterests.neededEnergy(plan, cycles: least)
    let latency = Double(rates.networkLatency)
    var budget = Double.infinity
    var cycles = Double.infinity
    if let known, let objective {
      switch objective {
      case .energyDelayProduct:
        budget = known.value / (least + latency) - needed
        cycles = known.value / needed - latency
      case .energy: budget = known.value - needed
      case .cycles: cycles = known.value - latency
      case .other: break
      }
    }
    self.budget = budget > 0 ? budget : .infinity
    fewestUnits = cycles > 0 ? plan.operations / cycles : 0
  }

  /// By boundary and operand, elements the known mapping would move at the home if nothing were shared on the way there.
  private static func knownReads(_ plan: SearchPlan, _ known: OptimalSearch.Best?) -> [[Double]]? {
    guard let known else { return nil }
    let architecture = plan.model.architecture
    var batch = PackedMappings(
      levelCount: plan.levelCount, loopCapacity: Mapping.largestLoopCount)
    batch.words = known.record
    guard let mapping = try? batch.mapping(at: 0, for: plan.model.layer, on: architecture),
      case .legal(let cost) = plan.model.cost(of: mapping)
    else { return nil }
    return (0..<plan.levelCount).map { boundary in
      (0..<plan.operandCount).map { t in
        let home = plan.home(of: t, outside: max(boundary, 1)) ?? 0
        guard let traffic = cost.levels[home].tensors[t] else { return plan.operations }
        let operand = plan.model.layer.operands[t]
        var shared = 1.0
        for nest in mapping.nests[home..<max(boundary, home)] {
          for loop in nest.spatialX + nest.spatialY where !operand.isIndexed(by: loop.dimension) {
            shared *= Double(loop.factor)
          }
        }
        let moved = t == plan.rates.result ? traffic.updates : traffic.reads
        return min(plan.operations, Double(moved) * shared)
      }
    }
  }

  /// Cycles of the outermost level's unavoidable traffic, and of the operations on all units.
  static func fewestCycles(_ plan: SearchPlan) -> (traffic: Double, compute: Double) {
    let rates = plan.rates
    var read = 0.0
    var write = 0.0
    for t in 0..<plan.operandCount where plan.keeps[t][0] {
      let words = plan.distinct[t] * rates.wordsPerElement[t]
      if t == rates.result { write += words } else { read += words }
    }
    let traffic = max(
      read / rates.readBandwidth[0], write / rates.writeBandwidth[0],
      (read + write) / rates.sharedBandwidth[0])
    let units = plan.spatial.reduce(1) { $0 * Double($1.largestUsed) }
    return (traffic, plan.operations / units)
  }

  /// Energy no mapping goes without, in pJ, when it takes the fewest cycles.
  private static func neededEnergy(_ plan: SearchPlan, cycles: Double) -> Double {
    let rates = plan.rates
    let levels = plan.model.architecture.levels
    var energy = rates.fixedEnergy + rates.idlePerCycle * cycles
    for (level, leakage) in zip(levels, rates.leakage) {
      energy += leakage * cycles * (rates.unusedInstancesLeak ? Double(level.mesh.count) : 1)
    }
    for t in 0..<plan.operandCount {
      energy += neededEnergy(
        of: t, keptBy: (0..<plan.levelCount).filter { plan.keeps[t][$0] }, plan)
    }
    return energy
  }

  /// Energy of an operand's accesses no mapping goes without, in pJ, when these levels keep it; networks left out.
  static func neededEnergy(of t: Int, keptBy keepers: [Int], _ plan: SearchPlan) -> Double {
    let rates = plan.rates
    var energy = 0.0
    for (outer, inner) in zip(keepers, keepers.dropFirst()) {
      let (home, here) = (outer * plan.operandCount + t, inner * plan.operandCount + t)
      energy +=
        plan.distinct[t]
        * (t == rates.result ? rates.update[home] : rates.read[home] + rates.fill[here])
    }
    guard let last = keepers.last else { return energy }
    // Every operation asks for its operands, as many as the fan-outs inside can share.
    var copies = 1.0
    for level in last..<plan.levelCount {
      let spatial = plan.spatial[level]
      copies *= (0..<spatial.count).reduce(1) {
        max($0, spatial.copies[$1 * plan.operandCount + t])
      }
    }
    let pair = last * plan.operandCount + t
    return energy
      + max(plan.operations / copies, plan.distinct[t]) * rates.activeShare[t]
      * (t == rates.result ? rates.update[pair] : rates.read[pair])
  }
}
