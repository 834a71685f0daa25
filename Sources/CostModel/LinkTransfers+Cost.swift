import Accelerator
import Quantities

/// The cost of a perfect mapping with link transfers on: the counts of the kernel, with the exchanges put in.
extension MappingEvaluator {
  func linkedCost(of mapping: Mapping, _ record: UnsafePointer<UInt32>) -> MappingOutcome {
    var totals = kernel.evaluate(record)
    guard totals.verdict.isLegal else { return .illegal(kernel.violations(record, plan)) }
    let s = owner.scratch
    let tables = kernel.tables
    let analysis = LinkTransferAnalysis(plan: plan, mapping: mapping)
    var exchanges: [[LinkTransferAnalysis.Exchange?]] = Array(
      repeating: Array(repeating: nil, count: tables.operandCount), count: tables.levelCount)
    for t in 0..<tables.operandCount {
      let keeps = mapping.nests.map { $0.keeps[t] }
      guard let home = keeps.firstIndex(of: true) else { continue }
      var share = [Double](repeating: 0, count: tables.levelCount)
      var asked = [Double](repeating: 0, count: tables.levelCount)
      for level in stride(from: tables.levelCount - 1, through: home, by: -1) {
        var exchange = analysis.exchange(level: level, operand: t)
        let children = Double(s.fanX[level] * s.fanY[level])
        let weighted = exchange.ingresses.reduce(0) {
          $0 + $1.value.words * Double($1.key.multicast)
        }
        if level + 1 < tables.levelCount {
          share[level + 1] = weighted / children
          if !keeps[level + 1] {
            // The grandchildren ask in place of the bypassed child; neighbors have nothing to hand over.
            let amplification = asked[level + 1] * children / weighted
            for key in exchange.ingresses.keys {
              exchange.ingresses[key]?.words *= amplification
            }
            exchange.transfers = 0
          }
        }
        asked[level] = exchange.words
        exchanges[level][t] = exchange
      }
      for level in home..<tables.levelCount where keeps[level] {
        let pair = level * tables.operandCount + t
        let isOutermost = level == home
        // As in Timeloop, the transfers below one parent are spread over all children of all parents.
        let handed =
          level > 0 ? (exchanges[level - 1][t]?.transfers ?? 0) / Double(s.used[level]) : 0
        let supplied = isOutermost ? 0 : share[level]
        if t == tables.result {
          let owned = Double(s.partition[level])
          s.reads[pair] = Int((asked[level] + handed - owned).rounded())
          s.updates[pair] = Int(asked[level].rounded())
          s.fills[pair] = Int((isOutermost ? handed : supplied + handed - owned).rounded())
        } else {
          s.reads[pair] = Int((asked[level] + handed).rounded())
          s.fills[pair] = Int((supplied + handed).rounded())
        }
      }
    }
    totals = kernel.total(record, computeCycles: totals.computeCycles, exchanges: exchanges)
    var cost = kernel.describe(record, totals, plan)
    for level in 0..<tables.levelCount {
      cost.networks[level] = kernel.describeNetwork(level, exchanges[level])
      for t in 0..<tables.operandCount where cost.levels[level].tensors[t] != nil && level > 0 {
        cost.levels[level].tensors[t]?.linkTransfers = Int(
          ((exchanges[level - 1][t]?.transfers ?? 0) * Double(s.used[level - 1])).rounded())
      }
    }
    return .legal(cost)
  }
}

extension CostKernel {
  /// Energy and cycles from the counts in the scratch memory, with the exchanges' traffic on the networks.
  func total(
    _ record: UnsafePointer<UInt32>, computeCycles: Int,
    exchanges: [[LinkTransferAnalysis.Exchange?]]
  ) -> Totals {
    let slowest = limitCycles(record, computeCycles, tables.operandCount)
    let cycles = slowest + tables.networkLatency
    var energy = accessEnergy(record, tables.operandCount)
    energy += Double(tables.macCount) * tables.computeEnergy
    if tables.leaks { energy += leakageEnergy(slowest) }
    if tables.idleEnergy > 0 { energy += idleEnergy(cycles) }
    for level in 0..<tables.levelCount where tables.networkLevels >> UInt32(level) & 1 == 1 {
      energy += describeNetwork(level, exchanges[level]).energy.picojoules
    }
    return Totals(verdict: [], energy: energy, cycles: cycles, computeCycles: computeCycles)
  }

  /// The network below a level with link transfers.
  func describeNetwork(_ level: Int, _ exchanges: [LinkTransferAnalysis.Exchange?])
    -> LayerCost.Network
  {
    let instances = s.used[level]
    let hop = tables.hopEnergy[level]
    let router = tables.routerEnergy[level]
    var energy = 0.0
    let tensors = exchanges.enumerated().map { t, exchange -> LayerCost.NetworkTraffic in
      guard let exchange else { return .none }
      let returnsPartialSums =
        t == tables.result && tables.offChipLevels >> UInt32(level) & 1 == 1
      var wordHops = 0.0
      var wordRouters = 0.0
      var reductions = 0.0
      let ingresses = exchange.ingresses.sorted { $0.key < $1.key }.map { key, value in
        let words =
          returnsPartialSums ? 2 * value.words - Double(s.partition[level]) : value.words
        if words > 0 {
          wordHops += value.wordHops
          // Timeloop counts routers in an integer: averages over children lose their fraction.
          wordRouters += (1 + (value.wordHops / words).rounded(.down)) * words
          wordRouters = wordRouters.rounded(.down)
        }
        if t == tables.result { reductions += Double(key.multicast - 1) * words }
        return LayerCost.Ingress(
          multicast: key.multicast, scatter: key.scatter, words: words, wordHops: value.wordHops)
      }
      let perInstance = wordHops * hop + wordRouters * router
      let links = exchange.transfers * (hop + 2 * router)
      if tables.networkLevels >> UInt32(level) & 1 == 1 {
        energy += (perInstance + links) * Double(instances)
      }
      return LayerCost.NetworkTraffic(
        ingresses: ingresses, energyPerInstance: Energy(picojoules: perInstance),
        linkTransfers: Int(exchange.transfers.rounded()),
        linkTransferEnergyPerInstance: Energy(picojoules: links), spatialReductions: reductions)
    }
    return LayerCost.Network(
      fanOut: s.fanX[level] * s.fanY[level], instances: instances, tensors: tensors,
      energy: Energy(picojoules: energy))
  }
}
