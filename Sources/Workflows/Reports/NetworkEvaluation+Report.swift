import Accelerator
import CostModel
import Foundation
import Quantities
import Reporting
import Workload

extension NetworkEvaluation {
  /// Layers a chart has bars for; the others are summed.
  private static let shownLayerCount = 24
  /// Layers whose loop nests a page has.
  private static let shownNestCount = 8

  /// The schedules of a network as sections of a report: energy and latency by layer, a roofline, loop nests.
  ///
  /// - Parameter name: Told apart from other schedules of the same report, in names of files.
  func reportBlocks(named name: String) -> [Report.Block] {
    guard isLegal, !layers.isEmpty else { return [] }
    var blocks: [Report.Block] = []
    blocks.append(
      .text(
        "\(network) on \(architecture.name): \(layers.count) layers, "
          + "\(Reporting.readableNumber(energy.picojoules / 1e6)) µJ, \(grouped(cycles.count)) cycles"
          + (architecture.clock.map {
            ", \(Reporting.readableNumber($0.milliseconds(of: cycles))) ms"
          } ?? "")
          + ". Energy is highest in \(mostExpensive), most time is spent in layers bound by \(mostBinding)."
      ))
    blocks.append(.chart(energyChart(named: name)))
    if let roofline = rooflineChart(named: name) { blocks.append(.chart(roofline)) }
    blocks.append(.table(layerTable(named: name)))
    blocks.append(.table(energyTable(named: name)))
    for result in mostCostly.prefix(Self.shownNestCount) {
      blocks.append(
        .listing(
          caption: "Loop nest of \(result.layer.name)",
          text: loopNestText(of: result.mapping, layer: result.layer, on: architecture)))
    }
    if layers.count > Self.shownNestCount {
      blocks.append(
        .text("Loop nests of the \(Self.shownNestCount) layers with the most energy are shown."))
    }
    blocks.append(
      .text(
        "Cost model: \(termDescriptions.joined(separator: "; ")). Latency is a throughput bound."))
    return blocks
  }

  private var mostCostly: [LayerResult] {
    layers.indices.sorted { a, b in
      (energy(of: layers[b]), a) < (energy(of: layers[a]), b)
    }.map { layers[$0] }
  }

  private func energy(of result: LayerResult) -> Double {
    Double(result.count) * (result.cost?.energy.picojoules ?? 0)
  }

  private func boundName(_ bound: LayerCost.Bound) -> String {
    switch bound {
    case .compute: architecture.compute.name
    case .bandwidth(let level): architecture.levels[level].name
    }
  }

  private var mostExpensive: String {
    let parts = EnergyBreakdown(of: layers, in: self)
    var best = (name: parts.computeName, sum: parts.compute)
    for level in parts.levels where level.sum > best.sum { best = (level.name, level.sum) }
    return "\(best.name) (\(percent(best.sum / parts.sum)))"
  }

  private var mostBinding: String {
    var cycles: [(name: String, sum: Double)] = []
    for result in layers {
      guard let cost = result.cost else { continue }
      let name = boundName(cost.bound)
      let time = Double(result.count) * Double(cost.cycles.count)
      if let index = cycles.firstIndex(where: { $0.name == name }) {
        cycles[index].sum += time
      } else {
        cycles.append((name, time))
      }
    }
    guard let first = cycles.max(by: { $0.sum < $1.sum }) else { return "" }
    return "\(first.name) (\(percent(first.sum / cycles.reduce(0) { $0 + $1.sum })))"
  }

  private func energyChart(named name: String) -> Chart {
    let chosen = Set(mostCostly.prefix(Self.shownLayerCount).map(\.layer.name))
    var groups = layers.filter { chosen.contains($0.layer.name) }.map {
      (name: label($0), layers: [$0])
    }
    let others = layers.filter { !chosen.contains($0.layer.name) }
    if !others.isEmpty { groups.append(("\(others.count) other layers", others)) }
    let parts = groups.map { EnergyBreakdown(of: $0.layers, in: self) }
    var series = architecture.levels.indices.map { index in
      Chart.Series(
        architecture.levels[index].name,
        parts.enumerated().map { .init(Double($0), $1.levels[index].sum / 1e6) })
    }
    series.append(
      Chart.Series(
        architecture.compute.name,
        parts.enumerated().map { .init(Double($0), $1.compute / 1e6) }))
    if parts.contains(where: { $0.idle > 0 }) {
      series.append(
        Chart.Series(
          "idle", parts.enumerated().map { .init(Double($0), $1.idle / 1e6) }, isMuted: true))
    }
    return Chart(
      name: "\(name)-energy", title: "Energy by layer and level", kind: .bars,
      x: .init("energy", unit: "µJ"), y: .init("layer"), categories: groups.map(\.name),
      series: series)
  }

  private func label(_ result: LayerResult) -> String {
    result.count > 1 ? "\(result.layer.name) x\(result.count)" : result.layer.name
  }

  /// MACs per off-chip word against MACs per cycle, under the roofs of array and off-chip link.
  ///
  /// Williams, Waterman and Patterson, "Roofline", CACM 2009, with words of the architecture's width for bytes.
  private func rooflineChart(named name: String) -> Chart? {
    guard let off = architecture.levels.firstIndex(where: { $0.kind == .dram }) else { return nil }
    var places: [Chart.Place] = []
    for result in layers {
      guard let cost = result.cost else { continue }
      let words = cost.levels[off].tensors.reduce(0.0) {
        $0 + Double($1?.reads ?? 0) + Double($1?.updates ?? 0)
      }
      guard words > 0, cost.cycles.count > 0 else { continue }
      places.append(
        .init(
          Double(cost.macCount) / words, Double(cost.macCount) / Double(cost.cycles.count),
          "\(result.layer.name), bound by \(boundName(cost.bound))"))
    }
    guard let lowest = places.map(\.x).min(), let highest = places.map(\.x).max() else {
      return nil
    }
    let peak = Double(architecture.compute.mesh.count)
    var series = [Chart.Series("layers", places)]
    let level = architecture.levels[off]
    let bandwidth = level.bandwidth
    let link =
      Double(level.mesh.count)
      * (bandwidth.shared ?? max(bandwidth.read ?? .infinity, bandwidth.write ?? 0))
    if link.isFinite, link > 0 {
      let ridge = peak / link
      let ends = [min(lowest, ridge / 2), ridge, max(highest, ridge * 2)]
      series.append(
        Chart.Series(
          "roof: \(grouped(Int(peak))) MACs a cycle, \(level.name) \(Reporting.readableNumber(link)) words a cycle",
          ends.map { .init($0, min(peak, link * $0)) }, kind: .line, isMuted: true))
    } else {
      series.append(
        Chart.Series(
          "roof: \(grouped(Int(peak))) MACs a cycle",
          [.init(lowest / 1.5, peak), .init(highest * 1.5, peak)], kind: .line, isMuted: true))
    }
    return Chart(
      name: "\(name)-roofline",
      title: "Roofline: how far layers are from what array and \(level.name) allow",
      kind: .scatter,
      x: .init("MACs per \(level.name) word", isLogarithmic: true),
      y: .init("MACs per cycle", isLogarithmic: true), series: series)
  }

  private func layerTable(named name: String) -> ReportTable {
    let hasClock = architecture.clock != nil
    var columns: [ReportTable.Column] = [
      .words("layer"), .numbers("times"), .numbers("MACs", unit: "M"), .numbers("cycles"),
      .words("bound by"), .numbers("utilization", unit: "%"), .numbers("energy", unit: "µJ"),
      .numbers("energy per MAC", unit: "pJ"),
    ]
    if hasClock { columns.append(.numbers("latency", unit: "ms")) }
    let rows = layers.compactMap { result -> [ReportTable.Cell]? in
      guard let cost = result.cost else { return nil }
      var row: [ReportTable.Cell] = [
        .text(result.layer.name), .number(Double(result.count)),
        .number(Double(cost.macCount) / 1e6), .number(Double(cost.cycles.count)),
        .text(boundName(cost.bound)), .number(100 * cost.utilization),
        .number(cost.energy.picojoules / 1e6),
        .number(cost.energy.picojoules / Double(max(1, cost.macCount))),
      ]
      if let clock = architecture.clock { row.append(.number(clock.milliseconds(of: cost.cycles))) }
      return row
    }
    return ReportTable(
      name: "\(name)-layers", caption: "Layers, each occurrence", columns: columns, rows: rows)
  }

  private func energyTable(named name: String) -> ReportTable {
    let parts = EnergyBreakdown(of: layers, in: self)
    let columns: [ReportTable.Column] =
      [.words("level")] + parts.tensors.map { .numbers($0, unit: "µJ") } + [
        .numbers("leakage", unit: "µJ"), .numbers("network", unit: "µJ"),
        .numbers("sum", unit: "µJ"), .numbers("share", unit: "%"),
      ]
    var rows: [[ReportTable.Cell]] = parts.levels.map { level in
      [.text(level.name)] + level.byTensor.map { .number($0 / 1e6) } + [
        .number(level.leakage / 1e6), .number(level.network / 1e6), .number(level.sum / 1e6),
        .number(100 * level.sum / parts.sum),
      ]
    }
    for (name, sum) in [(parts.computeName, parts.compute), ("idle", parts.idle)] where sum > 0 {
      rows.append(
        [.text(name)] + parts.tensors.map { _ in .empty } + [
          .empty, .empty, .number(sum / 1e6), .number(100 * sum / parts.sum),
        ])
    }
    return ReportTable(
      name: "\(name)-energy-by-level", caption: "Energy by level and tensor", columns: columns,
      rows: rows)
  }
}
