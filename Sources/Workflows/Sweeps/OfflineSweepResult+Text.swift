import Foundation
import Study

extension OfflineSweepResult {
  /// The steps for people: one table a workload, what has no answer and why, then the answer.
  func text(_ outline: SweepOutline) -> String {
    var text =
      "predicted from \(grouped(source.rowCount)) logged rows, nothing simulated\n"
    let several = file.seeds.count > 1
    for place in workloads.indices {
      if !workloads[place].isEmpty { text += "\(workloads[place])\n" }
      var header = file.sweep.map { "\($0.limit) \($0.side.rawValue)" }
      header.append("predicted \(source.metric)")
      if several { header += ["median", "worst", "spread"] }
      header += ["80 % low", "80 % high", "works", "new", "best logged", "design"]
      var table = TextTable(header: header)
      for (entry, step) in zip(entries[place], outline.parts[place].steps) {
        var row = entry.limits.map { readable($0.bound) }
        let best = entry.best?.proposal
        row.append(best.map { readable($0.predicted) } ?? "no proposal")
        if several {
          let spread = outline.spread(of: step)
          row += [
            spread.map { readable($0.median) } ?? "-", spread.map { readable($0.worst) } ?? "-",
            spread.map { percent($0.share) } ?? "",
          ]
        }
        row += [
          best.map { readable($0.low) } ?? "", best.map { readable($0.high) } ?? "",
          best?.feasibility.map { "\(Int((100 * $0).rounded())) %" } ?? "",
          best.map { "\($0.novelty) of \(source.parameters.count)" } ?? "",
          entry.bestLogged.map { readable($0.value) } ?? "none",
        ]
        row.append(
          step.best.map { $0.label.count > 60 ? "\($0.label.prefix(57))..." : $0.label } ?? "")
        table.append(row)
      }
      text += table.text + "\n"
      for line in silences(place) { text += line + "\n" }
    }
    return text + outline.answer + "\n"
  }

  /// The steps as JSON: one object a workload and step, on a line each.
  var json: String {
    var lines: [String] = []
    for place in workloads.indices {
      for entry in entries[place] {
        var out = JSONText()
        out.raw("{\"workload\":")
        out.string(workloads[place])
        out.raw(",\"limits\":[")
        for (index, limit) in entry.limits.enumerated() {
          if index > 0 { out.raw(",") }
          out.string(limit.description)
        }
        out.raw("],\"simulated\":false,\"predicted\":")
        if let best = entry.best {
          let proposal = best.proposal
          out.raw("{\"value\":")
          out.number(proposal.predicted)
          out.member("low", proposal.low)
          out.member("high", proposal.high)
          if let chance = proposal.feasibility { out.member("feasibility", chance) }
          out.member("novelty", proposal.novelty)
          out.member("distance", proposal.distance)
          out.raw(",\"seed\":\(best.seed),\"step\":\(best.step + 1),\"design\":")
          write(proposal.values, to: &out)
          out.raw("}")
        } else {
          out.raw("null")
        }
        out.raw(",\"bestLogged\":")
        if let logged = entry.bestLogged {
          out.raw("{\"value\":")
          out.number(logged.value)
          out.raw(",\"design\":")
          write(logged.values, to: &out)
          out.raw("}")
        } else {
          out.raw("null")
        }
        if let reason = entry.reason { out.member("reason", reason) }
        if let hint = entry.hint { out.member("hint", hint) }
        out.raw("}")
        lines.append(String(decoding: out.bytes, as: UTF8.self))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func write(_ values: [String], to out: inout JSONText) {
    out.design(design(values))
  }
}
