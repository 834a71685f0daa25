import Accelerator
import Quantities
import Workload

/// Turns the numbers in the scratch memory into values; runs after `evaluate`.
extension CostKernel {
  /// Every reason why a mapping cannot run: MACs first, then from the innermost level outwards.
  func violations(_ record: UnsafePointer<UInt32>, _ plan: CostPlan) -> [Violation] {
    var found: [Violation] = []
    for level in stride(from: tables.levelCount, through: 0, by: -1) {
      if level < tables.levelCount, tables.usableBits[level] != .max {
        let need = neededBits(record, level, tables.operandCount)
        if need > tables.usableBits[level] {
          let wordBits = plan.architecture.levels[level].wordBits
          found.append(
            .capacity(
              level: level, needWords: need / wordBits + (need % wordBits == 0 ? 0 : 1),
              haveWords: tables.usableBits[level] / wordBits))
        }
      }
      let instances = tables.meshX[level] * tables.meshY[level]
      if s.used[level] > instances {
        found.append(.instances(level: level, need: s.used[level], have: instances))
      } else if s.usedX[level] > tables.meshX[level] {
        found.append(.expansionX(level: level, need: s.usedX[level], have: tables.meshX[level]))
      } else if s.usedY[level] > tables.meshY[level] {
        found.append(.expansionY(level: level, need: s.usedY[level], have: tables.meshY[level]))
      }
    }
    return found
  }

  /// The full cost of a legal mapping.
  func describe(_ record: UnsafePointer<UInt32>, _ totals: Totals, _ plan: CostPlan) -> LayerCost {
    let slowest = totals.cycles - tables.networkLatency
    let inputShares = (0..<tables.operandCount).map { t in
      t == tables.result ? [] : inputPartitions(record, t, plan)
    }
    let levels = (0..<tables.levelCount).map { level in
      describeLevel(record, level, totals, slowest, plan, inputShares)
    }
    let networks = (0..<tables.levelCount).map { level in describeNetwork(record, level) }
    let limiting = levels.indices.max { levels[$0].cycles < levels[$1].cycles } ?? 0
    return LayerCost(
      energy: Energy(picojoules: totals.energy), cycles: Cycles(totals.cycles),
      computeCycles: Cycles(totals.computeCycles),
      utilization: Double(tables.macCount) / Double(tables.computeInstances)
        / Double(totals.cycles),
      macCount: tables.macCount,
      usedUnits: (s.usedX[tables.levelCount], s.usedY[tables.levelCount]),
      averageUnits: Double(s.used[tables.levelCount]),
      computeEnergy: Energy(picojoules: Double(tables.macCount) * tables.computeEnergy),
      idleEnergy: Energy(picojoules: tables.idleEnergy > 0 ? idleEnergy(totals.cycles) : 0),
      levels: levels, networks: networks,
      bound: levels[limiting].cycles.count > totals.computeCycles
        ? .bandwidth(level: limiting) : .compute)
  }

  private func describeLevel(
    _ record: UnsafePointer<UInt32>, _ level: Int, _ totals: Totals, _ slowest: Int,
    _ plan: CostPlan,
    _ inputShares: [[Int]]
  ) -> LayerCost.Level {
    let row = level * tables.operandCount
    let instances = s.used[level]
    var energy = 0.0
    let tensors = (0..<tables.operandCount).map { t -> LayerCost.TensorTraffic? in
      guard record[level] >> UInt32(24 + t) & 1 == 1 else { return nil }
      let pair = row + t
      energy += s.energy[pair]
      return LayerCost.TensorTraffic(
        tileSize: s.tile[pair],
        partitionSize: t == tables.result ? s.partition[level] : inputShares[t][level],
        instances: instances, reads: instances * s.reads[pair], fills: instances * s.fills[pair],
        updates: instances * s.updates[pair], vectorReads: vectors(s.reads[pair], pair),
        vectorFills: vectors(s.fills[pair], pair), vectorUpdates: vectors(s.updates[pair], pair),
        energy: Energy(picojoules: s.energy[pair]), linkTransfers: 0)
    }
    let leakage = leakageEnergy(level, slowest)
    return LayerCost.Level(
      name: plan.architecture.levels[level].name, tensors: tensors, instances: instances,
      cycles: Cycles(s.levelCycles[level]),
      slowdown: slowdown(record, level, Double(totals.computeCycles), tables.operandCount),
      leakage: Energy(picojoules: leakage), energy: Energy(picojoules: energy + leakage))
  }

  /// Share of an input that belongs to one instance of each level, in words, as Timeloop apportions it.
  ///
  /// From outside inwards the share is scaled by (tile of one child) over (tile of all children together), rounded down
  /// at every step; overlapping halos make this less than what an instance sees. Only reported, never charged.
  func inputPartitions(
    _ record: UnsafePointer<UInt32>, _ t: Int, _ plan: CostPlan
  ) -> [Int] {
    let operand = plan.layer.operands[t]
    let loops = record + tables.levelCount
    var shares = [plan.layer.wordCount(of: t)]
    var extents = [Int](repeating: 1, count: plan.layer.dimensions.count)
    var fractions: [(child: Int, all: Int)] = []
    for level in stride(from: tables.levelCount - 1, through: 0, by: -1) {
      let start = level == 0 ? 0 : Int(record[level - 1] >> 16 & 0xff)
      let temporalEnd = Int(record[level] & 0xff)
      let child = operand.volume(extents: extents)
      for l in temporalEnd..<Int(record[level] >> 16 & 0xff) {
        extents[Int(loops[l] & 0xf)] *= Int(loops[l] >> 4)
      }
      fractions.append((child, operand.volume(extents: extents)))
      for l in start..<temporalEnd { extents[Int(loops[l] & 0xf)] *= Int(loops[l] >> 4) }
    }
    for fraction in fractions.reversed().dropLast() {
      let product = (shares.last ?? 0).multipliedFullWidth(by: fraction.child)
      shares.append(fraction.all.dividingFullWidth(product).quotient)
    }
    return shares
  }

  func describeNetwork(_ record: UnsafePointer<UInt32>, _ level: Int) -> LayerCost.Network {
    let instances = s.used[level]
    var energy = 0.0
    let tensors = (0..<tables.operandCount).map { t -> LayerCost.NetworkTraffic in
      guard isInsideHome(record, level, t) else { return .none }
      var ingresses: [LayerCost.Ingress] = []
      forEachIngress(record, level, t) {
        ingresses.append(
          LayerCost.Ingress(
            multicast: $0.multicast, scatter: $0.scatter, words: $0.words, wordHops: $0.wordHops))
      }
      let traffic = traffic(record, level, t)
      let perInstance =
        traffic.wordHops * tables.hopEnergy[level]
        + traffic.wordRouters * tables.routerEnergy[level]
      if tables.networkLevels >> UInt32(level) & 1 == 1 {
        energy += perInstance * Double(instances)
      }
      return LayerCost.NetworkTraffic(
        ingresses: ingresses, energyPerInstance: Energy(picojoules: perInstance), linkTransfers: 0,
        linkTransferEnergyPerInstance: .zero, spatialReductions: traffic.reductions)
    }
    return LayerCost.Network(
      fanOut: s.fanX[level] * s.fanY[level], instances: instances, tensors: tensors,
      energy: Energy(picojoules: energy))
  }
}

extension LayerCost.NetworkTraffic {
  static let none = LayerCost.NetworkTraffic(
    ingresses: [], energyPerInstance: .zero, linkTransfers: 0,
    linkTransferEnergyPerInstance: .zero, spatialReductions: 0)
}
