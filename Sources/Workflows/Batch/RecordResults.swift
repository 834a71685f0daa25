import Accelerator
import CostModel
import Interchange
import Quantities
import Workload

/// Writes what evaluating a record gives in the field names of the reference records' `results`.
struct RecordResults {
  let layer: Layer
  let architecture: Architecture
  let fields: Set<BatchField>

  /// Writes `{"valid": ...}` with the fields asked for.
  func write(_ outcome: MappingOutcome, to text: inout JSONText) {
    switch outcome {
    case .illegal(let violations): write(violations, to: &text)
    case .legal(let cost): write(cost, to: &text)
    }
  }

  /// Writes energy and cycles only, for callers that asked for nothing more.
  func write(_ totals: MappingTotals, to text: inout JSONText) {
    var separator = Separator()
    text.raw("{")
    if fields.contains(.valid) {
      separator.next(&text)
      text.raw("\"valid\":true")
    }
    if fields.contains(.cycles) {
      separator.next(&text)
      text.raw("\"cycles\":")
      text.number(totals.cycles)
    }
    if fields.contains(.utilization) {
      separator.next(&text)
      text.raw("\"utilization\":")
      text.number(utilization(cycles: totals.cycles))
    }
    if fields.contains(.energy) {
      separator.next(&text)
      text.raw("\"energy_pj\":")
      text.number(totals.energy)
    }
    if fields.contains(.computes) {
      separator.next(&text)
      text.raw("\"computes\":")
      text.number(layer.macCount)
    }
    text.raw("}")
  }

  private func utilization(cycles: Int) -> Double {
    Double(layer.macCount) / Double(architecture.compute.mesh.count) / Double(cycles)
  }

  private func write(_ violations: [Violation], to text: inout JSONText) {
    text.raw("{\"valid\":false,\"failures\":[")
    for (index, violation) in violations.enumerated() {
      if index > 0 { text.raw(",") }
      let isCompute = violation.level == architecture.levels.count
      text.raw("{\"level\":")
      text.string(
        isCompute ? architecture.compute.name : architecture.levels[violation.level].name)
      let (reason, need, have) = describe(violation, isCompute: isCompute)
      text.raw(",\"reason\":")
      text.string(reason)
      text.raw(",\"need\":")
      text.number(need)
      text.raw(",\"have\":")
      text.number(have)
      text.raw("}")
    }
    text.raw("]}")
  }

  /// The reason in Timeloop's words, so that scripts that read it keep working.
  private func describe(_ violation: Violation, isCompute: Bool) -> (String, Int, Int) {
    let unit = isCompute ? "mapped max Arithmetic" : "mapped"
    let limit = isCompute ? "exceeds hardware instances" : "exceeds available hardware instances"
    switch violation {
    case .capacity(_, let need, let have):
      return ("mapped tile size \(need) exceeds buffer capacity \(have)", need, have)
    case .instances(_, let need, let have):
      return ("\(unit) instances \(need) \(limit) \(have)", need, have)
    case .expansionX(_, let need, let have):
      return ("\(unit) X expansion \(need) \(limit) \(have)", need, have)
    case .expansionY(_, let need, let have):
      return ("\(unit) Y expansion \(need) \(limit) \(have)", need, have)
    }
  }

  private func write(_ cost: LayerCost, to text: inout JSONText) {
    var separator = Separator()
    text.raw("{")
    for field in BatchField.allCases where fields.contains(field) && field != .failures {
      separator.next(&text)
      text.string(field.rawValue)
      text.raw(":")
      switch field {
      case .valid: text.raw("true")
      case .cycles: text.number(cost.cycles.count)
      case .utilization: text.number(cost.utilization)
      case .energy: text.number(cost.energy.picojoules)
      case .computes: text.number(cost.macCount)
      case .compute: writeCompute(cost, to: &text)
      case .levels: writeLevels(cost, to: &text)
      case .networks: writeNetworks(cost, to: &text)
      case .failures: break
      }
    }
    text.raw("}")
  }

  private func writeCompute(_ cost: LayerCost, to text: inout JSONText) {
    text.raw("{\"utilized_instances\":")
    text.number(cost.usedUnits.x * cost.usedUnits.y)
    text.raw(",\"utilized_x\":")
    text.number(cost.usedUnits.x)
    text.raw(",\"utilized_y\":")
    text.number(cost.usedUnits.y)
    text.raw(",\"avg_utilized_instances\":")
    text.number(cost.averageUnits)
    text.raw(",\"cycles\":")
    text.number(cost.computeCycles.count)
    text.raw(",\"energy_pj\":")
    text.number(cost.computeEnergy.picojoules)
    text.raw("}")
  }

  private func writeLevels(_ cost: LayerCost, to text: inout JSONText) {
    text.raw("[")
    for (index, level) in cost.levels.enumerated().reversed() {
      if index < cost.levels.count - 1 { text.raw(",") }
      text.raw("{\"name\":")
      text.string(level.name)
      text.raw(",\"cycles\":")
      text.number(level.cycles.count)
      text.raw(",\"slowdown\":")
      text.number(level.slowdown)
      text.raw(",\"leakage_energy_pj\":")
      text.number(level.leakage.picojoules)
      text.raw(",\"leaks_per_cycle\":")
      text.number(level.instances)
      text.raw(",\"energy_pj\":")
      text.number(level.energy.picojoules)
      text.raw(",\"tensors\":{")
      for (t, traffic) in level.tensors.enumerated() {
        if t > 0 { text.raw(",") }
        text.string(layer.operands[t].name)
        if let traffic {
          write(traffic, isResult: t == layer.resultIndex, of: level, in: cost, to: &text)
        } else {
          text.raw(":{\"keep\":false}")
        }
      }
      text.raw("}}")
    }
    text.raw("]")
  }

  private func write(
    _ traffic: LayerCost.TensorTraffic, isResult: Bool, of level: LayerCost.Level,
    in cost: LayerCost, to text: inout JSONText
  ) {
    let instances = Double(traffic.instances)
    let reads = Double(traffic.reads) / instances
    let fills = Double(traffic.fills) / instances
    let updates = Double(traffic.updates) / instances
    let perCycle = level.slowdown / Double(cost.computeCycles.count)
    text.raw(":{\"keep\":true,\"tile_size\":")
    text.number(traffic.tileSize)
    text.raw(",\"utilized_capacity\":")
    text.number(traffic.tileSize)
    text.raw(",\"partition_size\":")
    text.number(traffic.partitionSize)
    for name in ["instances", "instances_max", "clusters"] {
      text.raw(",\"\(name)\":")
      text.number(traffic.instances)
    }
    text.raw(",\"reads\":")
    text.number(reads)
    text.raw(",\"fills\":")
    text.number(fills)
    text.raw(",\"updates\":")
    text.number(updates)
    text.raw(",\"temporal_reductions\":")
    text.number(isResult ? reads : 0)
    text.raw(",\"address_generations\":")
    text.number(isResult ? updates + fills : reads + fills)
    text.raw(",\"vector_reads\":")
    text.number(traffic.vectorReads)
    text.raw(",\"vector_fills\":")
    text.number(traffic.vectorFills)
    text.raw(",\"vector_updates\":")
    text.number(traffic.vectorUpdates)
    text.raw(",\"energy_per_instance_pj\":")
    text.number(traffic.energy.picojoules / instances)
    text.raw(",\"energy_pj\":")
    text.number(traffic.energy.picojoules)
    text.raw(",\"read_bandwidth\":")
    text.number(reads * perCycle)
    text.raw(",\"write_bandwidth\":")
    text.number((fills + updates) * perCycle)
    text.raw("}")
  }

  private func writeNetworks(_ cost: LayerCost, to text: inout JSONText) {
    text.raw("[")
    for (index, network) in cost.networks.enumerated().reversed() {
      if index < cost.networks.count - 1 { text.raw(",") }
      let outer = cost.levels[index].name
      let inner =
        index + 1 < cost.levels.count ? cost.levels[index + 1].name : architecture.compute.name
      text.raw("{\"name\":")
      text.string("\(outer) <==> \(inner)")
      text.raw(",\"outer\":")
      text.string(outer)
      text.raw(",\"energy_pj\":")
      text.number(network.energy.picojoules)
      text.raw(",\"tensors\":{")
      for (t, traffic) in network.tensors.enumerated() {
        if t > 0 { text.raw(",") }
        text.string(layer.operands[t].name)
        write(traffic, of: network, level: index, to: &text)
      }
      text.raw("}}")
    }
    text.raw("]")
  }

  private func write(
    _ traffic: LayerCost.NetworkTraffic, of network: LayerCost.Network, level: Int,
    to text: inout JSONText
  ) {
    text.raw(":{\"fanout\":")
    text.number(network.fanOut)
    text.raw(",\"multicast_factor\":")
    text.number(traffic.ingresses.map(\.multicast).max() ?? 0)
    text.raw(",\"instances\":")
    text.number(network.instances)
    text.raw(",\"avg_hops\":")
    text.number(traffic.averageHops)
    text.raw(",\"energy_per_hop_pj\":")
    text.number(architecture.levels[level].network.energyPerHop)
    text.raw(",\"energy_per_instance_pj\":")
    text.number(traffic.energyPerInstance.picojoules)
    text.raw(",\"link_transfers\":")
    text.number(traffic.linkTransfers)
    text.raw(",\"link_transfer_energy_per_instance_pj\":")
    text.number(traffic.linkTransferEnergyPerInstance.picojoules)
    text.raw(",\"spatial_reductions\":")
    text.number(traffic.spatialReductions)
    text.raw(",\"ingresses\":[")
    for (index, ingress) in traffic.ingresses.enumerated() {
      if index > 0 { text.raw(",") }
      text.raw("{\"multicast\":")
      text.number(ingress.multicast)
      text.raw(",\"scatter\":")
      text.number(ingress.scatter)
      text.raw(",\"accesses\":")
      text.number(ingress.words)
      text.raw(",\"hops\":")
      text.number(ingress.wordHops)
      text.raw("}")
    }
    text.raw("]}")
  }
}

/// Puts commas between members.
private struct Separator {
  var isFirst = true

  mutating func next(_ text: inout JSONText) {
    if !isFirst { text.raw(",") }
    isFirst = false
  }
}
