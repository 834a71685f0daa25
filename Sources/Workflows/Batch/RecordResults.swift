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
      text.member("reason", reason)
      text.member("need", need)
      text.member("have", have)
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
    text.member("utilized_x", cost.usedUnits.x)
    text.member("utilized_y", cost.usedUnits.y)
    text.member("avg_utilized_instances", cost.averageUnits)
    text.member("cycles", cost.computeCycles.count)
    text.member("energy_pj", cost.computeEnergy.picojoules)
    text.raw("}")
  }

  private func writeLevels(_ cost: LayerCost, to text: inout JSONText) {
    text.raw("[")
    for (index, level) in cost.levels.enumerated().reversed() {
      if index < cost.levels.count - 1 { text.raw(",") }
      text.raw("{\"name\":")
      text.string(level.name)
      text.member("cycles", level.cycles.count)
      text.member("slowdown", level.slowdown)
      text.member("leakage_energy_pj", level.leakage.picojoules)
      text.member("leaks_per_cycle", level.instances)
      text.member("energy_pj", level.energy.picojoules)
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
    text.member("utilized_capacity", traffic.tileSize)
    text.member("partition_size", traffic.partitionSize)
    for name in ["instances", "instances_max", "clusters"] {
      text.raw(",\"\(name)\":")
      text.number(traffic.instances)
    }
    text.member("reads", reads)
    text.member("fills", fills)
    text.member("updates", updates)
    text.member("temporal_reductions", isResult ? reads : 0)
    text.member("address_generations", isResult ? updates + fills : reads + fills)
    text.member("vector_reads", traffic.vectorReads)
    text.member("vector_fills", traffic.vectorFills)
    text.member("vector_updates", traffic.vectorUpdates)
    text.member("energy_per_instance_pj", traffic.energy.picojoules / instances)
    text.member("energy_pj", traffic.energy.picojoules)
    text.member("read_bandwidth", reads * perCycle)
    text.member("write_bandwidth", (fills + updates) * perCycle)
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
      text.member("outer", outer)
      text.member("energy_pj", network.energy.picojoules)
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
    text.member("multicast_factor", traffic.ingresses.map(\.multicast).max() ?? 0)
    text.member("instances", network.instances)
    text.member("avg_hops", traffic.averageHops)
    text.member("energy_per_hop_pj", architecture.levels[level].network.energyPerHop)
    text.member("energy_per_instance_pj", traffic.energyPerInstance.picojoules)
    text.member("link_transfers", traffic.linkTransfers)
    text.member(
      "link_transfer_energy_per_instance_pj", traffic.linkTransferEnergyPerInstance.picojoules)
    text.member("spatial_reductions", traffic.spatialReductions)
    text.raw(",\"ingresses\":[")
    for (index, ingress) in traffic.ingresses.enumerated() {
      if index > 0 { text.raw(",") }
      text.raw("{\"multicast\":")
      text.number(ingress.multicast)
      text.member("scatter", ingress.scatter)
      text.member("accesses", ingress.words)
      text.member("hops", ingress.wordHops)
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
