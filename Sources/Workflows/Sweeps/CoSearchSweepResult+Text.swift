import Foundation
import Study

extension CoSearchSweepResult {
  /// The steps for people: a table, the answer, the baseline.
  func text(_ outline: SweepOutline) -> String {
    let several = file.seeds.count > 1
    var text =
      "\(source.networks.joined(separator: ", ")): method \(source.method), \(grouped(source.mappingCount)) mappings of each of \(grouped(source.layerCount)) distinct layers a machine\n"
    var header = file.sweep.map { "\($0.limit) \($0.side.rawValue)" }
    header.append("\(outline.objective.metric)\(source.unit.isEmpty ? "" : " (\(source.unit))")")
    if several { header += ["median", "worst", "spread"] }
    header += ["machines", "feasible", "closest limit", "slack", "design"]
    var table = TextTable(header: header)
    for (entry, step) in zip(entries, outline.parts[0].steps) {
      var row = entry.limits.map { readable($0.bound) }
      row.append(entry.best.map { readable($0.machine.objective) } ?? "none")
      if several {
        let spread = outline.spread(of: step)
        row += [
          spread.map { readable($0.median) } ?? "none",
          spread.map { readable($0.worst) } ?? "none", spread.map { percent($0.share) } ?? "",
        ]
      }
      row += [
        grouped(entry.machineCount), grouped(entry.feasibleCount),
        entry.binding?.limit.description ?? "", entry.binding.map { percent($0.slack) } ?? "",
      ]
      row.append(
        step.best.map { $0.label.count > 60 ? "\($0.label.prefix(57))..." : $0.label } ?? "")
      table.append(row)
    }
    text += table.text + "\n"
    for line in silences { text += line + "\n" }
    text += outline.answer + "\n"
    if let baseline = baselineText(outline) { text += baseline + "\n" }
    return text
  }

  /// Why steps have no machine.
  var silences: [String] {
    entries.compactMap { entry in
      guard entry.best == nil, let reason = entry.reason else { return nil }
      return "nothing under \(entry.limits.map(\.description).joined(separator: ", ")): \(reason)"
    }
  }

  /// The steps as JSON: one object a step, on a line each.
  var json: String {
    entries.map { entry -> String in
      var out = JSONText()
      out.raw("{\"networks\":")
      strings(source.networks, to: &out)
      out.raw(",\"limits\":")
      strings(entry.limits.map(\.description), to: &out)
      out.member("machines", entry.machineCount)
      out.member("feasible", entry.feasibleCount)
      out.raw(",\"best\":")
      if let best = entry.best {
        out.raw("{\"seed\":\(best.seed),\"step\":\(best.step + 1)")
        out.member("objective", best.machine.objective)
        out.raw(",\"design\":")
        out.design(zip(best.machine.names, best.machine.values).map { ($0, $1) })
        out.raw(",\"quantities\":{")
        for (index, name) in source.limited.enumerated() {
          if index > 0 { out.raw(",") }
          out.string(name)
          out.raw(":")
          out.number(best.machine.quantities[index] ?? .nan)
        }
        out.raw("},\"costs\":[")
        for (index, network) in best.machine.networks.enumerated() {
          if index > 0 { out.raw(",") }
          out.raw("{\"network\":")
          out.string(source.networks[index])
          out.member("energy_pj", network.energy)
          out.member("cycles", network.cycles)
          out.member("edp_pj_cycles", network.energy * network.cycles)
          out.member("sum_of_layer_edps_pj_cycles", network.sumOfLayerEDPs)
          out.raw("}")
        }
        out.raw("]}")
      } else {
        out.raw("null")
      }
      if let reason = entry.reason { out.member("reason", reason) }
      if let baseline { out.member("baseline", baseline.best) }
      out.raw("}")
      return String(decoding: out.bytes, as: UTF8.self)
    }.joined(separator: "\n") + "\n"
  }

  private func strings(_ items: [String], to out: inout JSONText) {
    out.raw("[")
    for (index, item) in items.enumerated() {
      if index > 0 { out.raw(",") }
      out.string(item)
    }
    out.raw("]")
  }
}
