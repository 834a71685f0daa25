import Accelerator
import CostModel
import MappingSearch
import Quantities
import Workload

extension NetworkMapping {
  /// One layer whose search has ended.
  struct Row {
    var name: String
    var count: Int
    /// The earlier layer of the same shape.
    var sameAs: String?
    var schedule: LayerSchedule
    /// Present when a mapping was found.
    var result: NetworkEvaluation.LayerResult?

    var cost: LayerCost? { result?.cost }
  }

  /// The layers whose search has ended, in the order of the network.
  var rows: [Row] {
    let entries = workload.network.entries
    var results = evaluation.layers[...]
    return entries.indices.compactMap { index in
      guard let schedule = schedules[index] else { return nil }
      let first = firstOfShape[index]
      return Row(
        name: entries[index].layer.name, count: entries[index].count,
        sameAs: first == index ? nil : entries[first].layer.name, schedule: schedule,
        result: schedule.found == nil ? nil : results.popFirst())
    }
  }

  func name(of bound: LayerCost.Bound) -> String {
    switch bound {
    case .compute: evaluation.architecture.compute.name
    case .bandwidth(let level): evaluation.architecture.levels[level].name
    }
  }

  /// The mappings as text: one row per layer, totals, what is not proven or does not fit, loop nests if asked for.
  public func text(showingLoopNests: Bool, showingTimes: Bool = false) -> String {
    var sections = [
      "\(workload.network.name) on \(evaluation.architecture.name), mapped for "
        + "\(goalText) by the \(options.mapper.rawValue) mapper\n"
    ]
    sections.append(layerTable(showingTimes))
    sections.append(totalsText)
    sections.append(reasonsText)
    if showingLoopNests { sections.append(loopNests) }
    sections.append(infeasibleText)
    if !unfinished.isEmpty {
      sections.append("Not finished: \(unfinished.joined(separator: ", ")).\n")
    }
    sections.append("Terms: \(evaluation.termDescriptions.joined(separator: "; ")).\n")
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var goalText: String { options.goal == .edp ? "EDP" : options.goal.rawValue }

  private func layerTable(_ showingTimes: Bool) -> String {
    guard !rows.isEmpty else { return "" }
    var header = ["layer", "times", "energy (uJ)", "cycles", "EDP (uJ Mcycle)", "util", "bound by"]
    header += ["log10 space", "certificate"]
    if showingTimes { header.append("s") }
    var table = TextTable(header: header)
    for row in rows {
      var cells = [row.name, String(row.count)]
      if let cost = row.cost, let certificate = row.schedule.found?.certificate {
        cells += [
          readable(cost.energy.picojoules / 1e6), grouped(cost.cycles.count),
          readable(cost.energyDelayProduct.picojouleCycles / 1e12), percent(cost.utilization),
          name(of: cost.bound), sizeText(row.schedule), certificate.text,
        ]
      } else {
        cells += ["-", "-", "-", "-", "-", sizeText(row.schedule), "nothing fits"]
      }
      if showingTimes { cells.append(fixed(row.schedule.seconds, decimals: 3)) }
      table.append(cells)
    }
    if evaluation.layers.count > 1 {
      let total = evaluation
      let units = Double(total.architecture.compute.mesh.count)
      let cells = [
        "total", String(total.layers.reduce(0) { $0 + $1.count }),
        readable(total.energy.picojoules / 1e6), grouped(total.cycles.count),
        readable(total.energyDelayProduct.picojouleCycles / 1e12),
        percent(total.macCount / units / Double(total.cycles.count)), "", "", "",
      ]
      table.append(cells + (showingTimes ? [""] : []))
    }
    return table.text
  }

  private func sizeText(_ schedule: LayerSchedule) -> String {
    schedule.spaceSize.map { fixed($0.log10, decimals: 1) } ?? "-"
  }

  private var totalsText: String {
    guard evaluation.layers.count > 1 else { return "" }
    let product = readable(evaluation.energyDelayProduct.picojouleCycles / 1e12)
    return "EDP, (sum of energy) x (sum of cycles): \(product) uJ Mcycle. "
      + "Sum of the layers' EDPs: \(readable(sumOfLayerEDPs / 1e12)) uJ Mcycle.\n"
  }

  /// Layers without the proof that was asked for, by reason.
  private var reasonsText: String {
    var reasons: [(reason: String, layers: [String])] = []
    for row in rows {
      guard let reason = row.schedule.found?.certificate.reason else { continue }
      if let known = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[known].layers.append(row.name)
      } else {
        reasons.append((reason, [row.name]))
      }
    }
    return reasons.map {
      "Not proven, because \($0.reason): \($0.layers.joined(separator: ", ")).\n"
    }.joined()
  }

  /// Why nothing fits, layers with the same explanation together.
  private var infeasibleText: String {
    var reasons: [(reason: String, layers: [String])] = []
    for row in rows {
      let reason: String
      switch row.schedule.outcome {
      case .mapped: continue
      case .infeasible(let why): reason = why.explanation
      case .notFound:
        reason = "no draw met the constraints\nhint: loosen one of them, or use another --seed"
      }
      if let known = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[known].layers.append(row.name)
      } else {
        reasons.append((reason, [row.name]))
      }
    }
    return reasons.map { reason, layers in
      let names = layers.map { "\"\($0)\"" }.joined(separator: ", ")
      return "\(layers.count == 1 ? "layer" : "layers") \(names): \(reason)\n"
    }.joined()
  }

  /// The loop nests of all distinct mapped layers.
  public var loopNests: String {
    rows.compactMap { row -> String? in
      guard let result = row.result else { return nil }
      if let first = row.sameAs { return "Loop nest of \(row.name): as of \(first)\n" }
      return "Loop nest of \(row.name)\n"
        + loopNestText(of: result.mapping, layer: result.layer, on: evaluation.architecture)
    }.joined(separator: "\n")
  }
}
