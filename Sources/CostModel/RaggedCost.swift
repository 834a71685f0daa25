import Accelerator
import Quantities
import Workload

/// The cost of mappings with residuals, and of any other: exact counts from `RaggedTraffic`, priced by `CostKernel`.
///
/// What the kernel asks of a mapping but its counts is taken from a stand-in whose loops all run their full factors:
/// the instances used, and the geometry of the networks.
extension MappingEvaluator {
  /// The full cost of a mapping, perfect or not, or every reason why it cannot run.
  ///
  /// For a perfect mapping this equals the perfect kernel without rule 3c.
  ///
  /// - Complexity: Polynomial in loops and operands, exponential only in the number of dimensions on one axis;
  ///   independent of trip counts, but linear in the used children of a fan-out that splits two dimensions of an axis.
  func raggedCost(of mapping: Mapping) -> MappingOutcome {
    var batch = PackedMappings(
      levelCount: plan.levelCount, loopCapacity: Mapping.largestLoopCount)
    batch.appendFactors(of: mapping)
    return batch.words.withUnsafeBufferPointer { words in
      guard let record = words.baseAddress else { return .illegal([]) }
      _ = kernel.counting.count(record, AnyOperands(count: plan.operandCount))
      let nest = RaggedNest(mapping, dimensionCount: plan.layer.dimensions.count)
      fillTiles(nest)
      guard kernel.check(record, plan.operandCount).isLegal else {
        return .illegal(kernel.violations(record, plan))
      }
      let traffic = RaggedTraffic(nest, layer: plan.layer, nests: mapping.nests)
      return .legal(describe(record, mapping, nest, traffic))
    }
  }

  /// Replaces the stand-in's tiles by the largest tiles that occur.
  private func fillTiles(_ nest: RaggedNest) {
    for level in 0..<plan.levelCount {
      let extents = plan.layer.dimensions.indices.map { nest.largestExtent(of: $0, at: level) }
      for (t, operand) in plan.layer.operands.enumerated() {
        owner.scratch.tile[level * plan.operandCount + t] = operand.volume(extents: extents)
      }
    }
  }

  private func describe(
    _ record: UnsafePointer<UInt32>, _ mapping: Mapping, _ nest: RaggedNest,
    _ traffic: RaggedTraffic
  ) -> LayerCost {
    let tables = plan.tables
    let scratch = owner.scratch
    for (pair, accesses) in traffic.busiest.enumerated() {
      scratch.reads[pair] = accesses.reads
      scratch.fills[pair] = accesses.fills
      scratch.updates[pair] = accesses.updates
    }
    let iterations = nest.busiestIterations
    let slowest = kernel.limitCycles(record, iterations, plan.operandCount)
    let cycles = slowest + tables.networkLatency
    var ungated = tables.gatedOperands
    var levels: [LayerCost.Level] = []
    for level in (0..<plan.levelCount).reversed() {
      levels.append(
        describeLevel(
          record, level, mapping.nests[level].keeps, nest, traffic, &ungated, iterations, slowest))
    }
    levels.reverse()
    let networks = (0..<plan.levelCount).map { raggedNetwork(record, $0, traffic) }
    let computeEnergy = Energy(picojoules: Double(tables.macCount) * tables.computeEnergy)
    let idle = tables.idleEnergy > 0 ? kernel.idleEnergy(cycles) : 0
    var energy = computeEnergy + Energy(picojoules: idle)
    for level in levels { energy += level.energy }
    for network in networks { energy += network.energy }
    let limiting = levels.indices.max { levels[$0].cycles < levels[$1].cycles } ?? 0
    return LayerCost(
      energy: energy, cycles: Cycles(cycles), computeCycles: Cycles(iterations),
      utilization: Double(tables.macCount) / Double(tables.computeInstances) / Double(cycles),
      macCount: tables.macCount,
      usedUnits: (scratch.usedX[plan.levelCount], scratch.usedY[plan.levelCount]),
      averageUnits: Double(tables.macCount) / Double(iterations),
      computeEnergy: computeEnergy, idleEnergy: Energy(picojoules: idle),
      levels: levels, networks: networks,
      bound: levels[limiting].cycles.count > iterations ? .bandwidth(level: limiting) : .compute)
  }

  /// One level; called from the innermost outwards, because gating applies to a tensor's innermost home.
  private func describeLevel(
    _ record: UnsafePointer<UInt32>, _ level: Int, _ keeps: [Bool], _ nest: RaggedNest,
    _ traffic: RaggedTraffic,
    _ ungated: inout UInt32, _ iterations: Int, _ slowest: Int
  ) -> LayerCost.Level {
    let tables = plan.tables
    let scratch = owner.scratch
    let instances = scratch.used[level]
    var energy = 0.0
    var tensors: [LayerCost.TensorTraffic?] = []
    for (t, isKept) in keeps.enumerated() {
      guard isKept else {
        tensors.append(nil)
        continue
      }
      let pair = level * plan.operandCount + t
      let total = traffic.total[pair]
      let vectors = { (words: Int) in
        self.kernel.vectors(words.dividedRoundingUp(by: instances), pair)
      }
      let isGated = ungated >> UInt32(t) & 1 == 1
      ungated &= ~(1 << UInt32(t))
      var tensor = LayerCost.TensorTraffic(
        tileSize: scratch.tile[pair],
        partitionSize: t == tables.result
          ? RaggedTraffic.busiestOwned(t, level, nest, plan.layer)
          : kernel.inputPartitions(record, t, plan)[level],
        instances: instances, reads: total.reads, fills: total.fills, updates: total.updates,
        vectorReads: vectors(total.reads), vectorFills: vectors(total.fills),
        vectorUpdates: vectors(total.updates), energy: .zero, linkTransfers: 0)
      var inner = Double(tensor.vectorReads) * tables.readEnergy[level]
      inner += Double(tensor.vectorUpdates) * tables.updateEnergy[level]
      if isGated { inner *= tables.activeShare }
      let outer = Double(tensor.vectorFills) * tables.fillEnergy[level]
      tensor.energy = Energy(picojoules: Double(instances) * (inner + outer))
      energy += tensor.energy.picojoules
      tensors.append(tensor)
    }
    let leakage = kernel.leakageEnergy(level, slowest)
    return LayerCost.Level(
      name: plan.architecture.levels[level].name, tensors: tensors, instances: instances,
      cycles: Cycles(scratch.levelCycles[level]),
      slowdown: kernel.slowdown(record, level, Double(iterations), plan.operandCount),
      leakage: Energy(picojoules: leakage), energy: Energy(picojoules: energy + leakage))
  }

  /// The network below a level: an estimate when loops have residuals.
  ///
  /// Words are exact averages over the used instances. Each word travels as in the stand-in, in which every position
  /// has work; multicast groups with idle members are in truth a little smaller.
  private func raggedNetwork(
    _ record: UnsafePointer<UInt32>, _ level: Int, _ traffic: RaggedTraffic
  ) -> LayerCost.Network {
    let tables = plan.tables
    let scratch = owner.scratch
    let instances = Double(scratch.used[level])
    var energy = 0.0
    let tensors = (0..<plan.operandCount).map { t -> LayerCost.NetworkTraffic in
      guard kernel.isInsideHome(record, level, t) else { return .none }
      let pair = level * plan.operandCount + t
      let groups = Double(scratch.groups[pair])
      let delivered = Double(traffic.askedByChildren[pair]) / instances / groups
      let amplification = Double(traffic.asked[pair]) / instances / (delivered * groups)
      let isResult = t == tables.result
      let returnsPartialSums = isResult && tables.offChipLevels >> UInt32(level) & 1 == 1
      let owned = Double(traffic.partitions[level]) / instances
      let standInDelivered = Double(scratch.delivered[pair])
      var ingresses: [LayerCost.Ingress] = []
      var wordHops = 0.0
      var wordRouters = 0.0
      var reductions = 0.0
      kernel.forEachIngress(record, level, t) { standIn in
        let words = Double(standIn.scatter) * delivered * amplification
        let ingress = LayerCost.Ingress(
          multicast: standIn.multicast, scatter: standIn.scatter,
          words: returnsPartialSums ? 2 * words - owned : words,
          wordHops: delivered * (standIn.wordHops / standInDelivered))
        ingresses.append(ingress)
        if isResult { reductions += Double(ingress.multicast - 1) * ingress.words }
        guard ingress.words > 0 else { return }
        wordHops += ingress.wordHops
        wordRouters += (1 + (ingress.wordHops / ingress.words).rounded(.down)) * ingress.words
      }
      let perInstance =
        wordHops * tables.hopEnergy[level] + wordRouters * tables.routerEnergy[level]
      if tables.networkLevels >> UInt32(level) & 1 == 1 { energy += perInstance * instances }
      return LayerCost.NetworkTraffic(
        ingresses: ingresses, energyPerInstance: Energy(picojoules: perInstance), linkTransfers: 0,
        linkTransferEnergyPerInstance: .zero, spatialReductions: reductions)
    }
    return LayerCost.Network(
      fanOut: scratch.fanX[level] * scratch.fanY[level], instances: scratch.used[level],
      tensors: tensors, energy: Energy(picojoules: energy))
  }
}

extension Int {
  /// The quotient rounded up.
  fileprivate func dividedRoundingUp(by divisor: Int) -> Int {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder > 0 ? quotient + 1 : quotient
  }
}
