public import Accelerator
public import CostModel
import Quantities
import Workload

extension NetworkEvaluation {
  /// The evaluation as text: one row per layer, totals, energy by level and tensor, area, terms.
  public func text(showingLoopNests: Bool) -> String {
    var sections = ["\(network) on \(architecture.name)\n"]
    sections.append(layerTable)
    sections.append(illegalText)
    sections.append(energyTable)
    if showingLoopNests {
      for result in layers {
        sections.append(
          "Loop nest of \(result.layer.name)\n"
            + loopNestText(of: result.mapping, layer: result.layer, on: architecture))
      }
    }
    sections.append(areaText)
    sections.append("Terms: \(termDescriptions.joined(separator: "; ")).\n" + latencyNote)
    if !heuristicallyMapped.isEmpty {
      sections.append(
        "No mapping file: each layer got one by heuristic search for low EDP; legal, not proven optimal.\n"
      )
    }
    if !missing.isEmpty {
      sections.append(
        heuristicallyMapped.isEmpty
          ? "No mapping for: \(missing.joined(separator: ", ")); left out.\n"
          : "No mapping fits: \(missing.joined(separator: ", ")); dovetail check tells why.\n")
    }
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var latencyNote: String {
    "Latency is a throughput bound; published Eyeriss latencies are 4 to 20 % longer."
      + (architecture.clock == nil ? "\n" : " Chip mW leaves out off-chip memory.\n")
  }

  private var layerTable: String {
    let hasClock = architecture.clock != nil
    var header = ["layer", "times", "MACs (M)", "PEs", "cycles", "bound by", "util"]
    header += ["energy (uJ)", "pJ/MAC", "EDP (uJ Mcycle)"]
    if hasClock { header += ["ms", "chip mW"] }
    var table = TextTable(header: header)
    for result in layers {
      guard let cost = result.cost else {
        table.append(
          [result.layer.name, String(result.count), readable(Double(result.layer.macCount) / 1e6)]
            + Array(repeating: "illegal", count: header.count - 3))
        continue
      }
      table.append(
        row(
          result.layer.name, count: result.count, macs: Double(cost.macCount),
          used: "\(cost.usedUnits.x * cost.usedUnits.y)", cycles: cost.cycles.count,
          bound: name(of: cost.bound), utilization: cost.utilization, energy: cost.energy,
          onChip: onChipEnergy(of: cost)))
    }
    if layers.count > 1, isLegal, macCount > 0 {
      let units = Double(architecture.compute.mesh.count)
      table.append(
        row(
          "total", count: layers.reduce(0) { $0 + $1.count }, macs: macCount, used: "",
          cycles: cycles.count, bound: "", utilization: macCount / units / Double(cycles.count),
          energy: energy, onChip: onChipEnergy))
    }
    return table.text
  }

  private func row(
    _ name: String, count: Int, macs: Double, used: String, cycles: Int, bound: String,
    utilization: Double, energy: Energy, onChip: Energy
  ) -> [String] {
    var cells = [
      name, String(count), readable(macs / 1e6), used, grouped(cycles), bound,
      percent(utilization), readable(energy.picojoules / 1e6), readable(energy.picojoules / macs),
      readable(EnergyDelayProduct(energy, Cycles(cycles)).picojouleCycles / 1e12),
    ]
    if let clock = architecture.clock {
      let milliseconds = clock.milliseconds(of: Cycles(cycles))
      cells += [readable(milliseconds), readable(onChip.picojoules / milliseconds / 1e6)]
    }
    return cells
  }

  private func name(of bound: LayerCost.Bound) -> String {
    switch bound {
    case .compute: architecture.compute.name
    case .bandwidth(let level): architecture.levels[level].name
    }
  }

  private var illegalText: String {
    layers.compactMap { result -> String? in
      guard case .illegal(let violations) = result.outcome else { return nil }
      let reasons = violations.map { "  \(describe($0, on: architecture))\n" }.joined()
      return "\(result.layer.name) cannot run:\n\(reasons)"
    }.joined()
  }

  /// Energy by level and tensor over all legal layers, in uJ with shares.
  private var energyTable: String {
    guard isLegal, !layers.isEmpty else { return "" }
    let breakdown = EnergyBreakdown(of: layers, in: self)
    let names = breakdown.tensors
    var table = TextTable(header: ["energy (uJ)"] + names + ["leakage", "network", "sum", "share"])
    let total = energy.picojoules
    let cell = { (picojoules: Double) in picojoules == 0 ? "-" : readable(picojoules / 1e6) }
    for level in breakdown.levels {
      table.append(
        [level.name] + level.byTensor.map(cell) + [
          cell(level.leakage), cell(level.network), cell(level.sum), percent(level.sum / total),
        ])
    }
    for (name, sum) in [(breakdown.computeName, breakdown.compute), ("idle", breakdown.idle)]
    where sum > 0 {
      table.append([name] + names.map { _ in "" } + ["", "", cell(sum), percent(sum / total)])
    }
    return table.text
  }

  private var areaText: String {
    let area = AreaModel(of: architecture)
    guard area.total.squareMillimeters > 0 else { return "" }
    let parts =
      area.levels.filter { $0.area.squareMillimeters > 0 }.map {
        "\($0.name) \(readable($0.area.squareMillimeters))"
      } + ["MACs \(readable(area.compute.squareMillimeters))"]
      + (area.control.squareMillimeters > 0
        ? ["control \(readable(area.control.squareMillimeters))"] : [])
      + (area.fixed.squareMillimeters > 0
        ? ["fixed \(readable(area.fixed.squareMillimeters))"] : [])
    let unstated =
      area.unstated.isEmpty ? "" : "; not stated: \(area.unstated.joined(separator: ", "))"
    return "Area: \(readable(area.total.squareMillimeters)) mm^2 (\(parts.joined(separator: ", "))"
      + "; cells fill \(percent(area.placementDensity))\(unstated)).\n"
  }
}

/// A violation in words, with its numbers.
public func describe(_ violation: Violation, on architecture: Architecture) -> String {
  let isCompute = violation.level == architecture.levels.count
  let name = isCompute ? architecture.compute.name : architecture.levels[violation.level].name
  let unit = isCompute ? "units" : "instances"
  switch violation {
  case .capacity(_, let need, let have):
    return "\(name): tiles need \(grouped(need)) words, the level has \(grouped(have))"
  case .instances(_, let need, let have):
    return "\(name): the mapping uses \(grouped(need)) \(unit), there are \(grouped(have))"
  case .expansionX(_, let need, let have):
    return "\(name): the mapping is \(grouped(need)) \(unit) wide, the grid is \(grouped(have))"
  case .expansionY(_, let need, let have):
    return "\(name): the mapping is \(grouped(need)) \(unit) tall, the grid is \(grouped(have))"
  }
}
