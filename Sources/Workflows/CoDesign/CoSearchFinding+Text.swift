import Accelerator
import CoDesign
import CostModel
import Quantities
import Workload

extension CoSearchFinding {
  /// The finding for people.
  public func text(of search: CoSearch) -> String {
    var lines = [
      "method: \(search.file.method.rawValue), \(grouped(machineCount)) machines x "
        + "\(grouped(search.file.budget.software)) mappings of "
        + "\(grouped(search.layers.jobs.count)) distinct layers: \(grouped(evaluationCount)) evaluations",
      "machines that run all layers: \(grouped(feasibleCount)) of \(grouped(machineCount))",
    ]
    for (reason, count) in reasons.prefix(3) { lines.append("  \(grouped(count)): \(reason)") }
    if let soFar = soFar(of: search) { lines.append(soFar) }
    guard let proposal else {
      lines.append("nothing feasible; there is no answer")
      return lines.joined(separator: "\n") + "\n"
    }
    lines.append("best machine, trial \(proposal.trial + 1):")
    lines.append("  \(proposal.design.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))")
    lines.append("")
    lines.append(costTable(of: search, proposal))
    lines += gains(of: search, proposal)
    lines.append("")
    lines.append(layerTable(proposal))
    if !proposal.steps.isEmpty { lines.append(stepTable(proposal)) }
    if !proposal.binding.isEmpty {
      lines.append("binding:")
      lines += proposal.binding.map { "  \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func costTable(of search: CoSearch, _ proposal: Proposal) -> String {
    var table = TextTable(header: [
      "network", "machine", "energy (uJ)", "cycles", "EDP (uJ Mcycle)", "sum of layers' EDPs",
    ])
    for (index, name) in search.layers.names.enumerated() {
      func add(_ what: String, _ cost: CoSearchCost.NetworkCost) {
        table.append([
          name, what, readable(cost.energy * 1e-6), grouped(Int(cost.cycles)),
          readable(cost.networkEDP * 1e-12), readable(cost.sumOfLayerEDPs * 1e-12),
        ])
      }
      if let cost = baselineConstrained { add("baseline, constrained", cost.networks[index]) }
      if let cost = baselineOnce { add("baseline, one search", cost.networks[index]) }
      if let cost = baselineBest { add("baseline, best of \(machineCount)", cost.networks[index]) }
      add("proposal", proposal.cost.networks[index])
      if index < bounds.count { add("lower bound", bounds[index]) }
    }
    return table.text
  }

  /// What the proposal saves, and how much of that the mapper does.
  private func gains(of search: CoSearch, _ proposal: Proposal) -> [String] {
    var lines: [String] = []
    for (index, name) in search.layers.names.enumerated() {
      for definition in CoSearchFile.Definition.allCases {
        let word = definition == .network ? "EDP" : "sum of layers' EDPs"
        let ours = proposal.cost.networks[index].edp(definition)
        var parts: [String] = []
        if let best = baselineBest?.networks[index].edp(definition) {
          parts.append("\(percent(1 - ours / best)) below the baseline")
          if let once = baselineOnce?.networks[index].edp(definition) {
            parts.append(
              "(x\(readable(once / best, digits: 3)) by mapping longer, "
                + "x\(readable(best / ours, digits: 3)) by hardware)")
          }
        }
        if let remapped = proposal.remapped, let baseline = remapped.baseline {
          let ratio =
            remapped.proposal.networks[index].edp(definition)
            / baseline.networks[index].edp(definition)
          parts.append("; both with the heuristic mapper \(percent(1 - ratio)) below")
        }
        if index < bounds.count {
          let bound = bounds[index].edp(definition)
          parts.append("; \(readable(ours / bound, digits: 3)) x the lower bound")
          if let best = baselineBest?.networks[index].edp(definition) {
            parts.append(
              "(with as many PEs and this DRAM nothing can be more than "
                + "\(percent(1 - bound / best)) below)")
          }
        }
        lines.append("\(name), \(word): \(parts.joined(separator: " "))")
      }
    }
    return lines
  }

  private func layerTable(_ proposal: Proposal) -> String {
    let levels = proposal.architecture.levels.map(\.name)
    var table = TextTable(
      header: ["layer, uJ by level", "machine"] + levels
        + ["networks", "MACs", "cycles", "PEs", "EDP (uJ Mcycle)"])
    for layer in proposal.layers {
      for (word, cost) in [("before", layer.baseline?.cost), ("after", layer.cost)] {
        guard let cost else { continue }
        table.append(
          [layer.name, word] + cost.levels.map { readable($0.energy.picojoules * 1e-6, digits: 3) }
            + [
              readable(
                cost.networks.reduce(0) { $0 + $1.energy.picojoules } * 1e-6, digits: 3),
              readable(cost.computeEnergy.picojoules * 1e-6, digits: 3),
              grouped(cost.cycles.count), grouped(cost.usedUnits.x * cost.usedUnits.y),
              readable(cost.energyDelayProduct.picojouleCycles * 1e-12),
            ])
      }
    }
    return table.text
  }

  private func stepTable(_ proposal: Proposal) -> String {
    var table = TextTable(header: ["from baseline to proposal", "objective"])
    for step in proposal.steps {
      let text = step.changes.map { "\($0.name) \($0.from) -> \($0.to)" }.joined(separator: ", ")
      table.append([
        text,
        step.ratio.map { ($0 <= 1 ? "-" : "+") + percent(abs(1 - $0)) } ?? "cannot run",
      ])
    }
    return table.text
      + "(each step by the heuristic mapper, \(grouped(CoSearch.explainingEvaluations)) evaluations a layer)"
  }

  /// The finding as one JSON object.
  public func json(of search: CoSearch) -> String {
    var out = JSONText()
    out.raw("{\"study\":")
    out.string(search.file.name)
    out.member("method", search.file.method.rawValue)
    out.member("edp", search.file.edp.rawValue)
    out.member("machines", machineCount)
    out.member("feasible", feasibleCount)
    out.member("evaluations", evaluationCount)
    out.key("proposal")
    if let proposal {
      out.raw("{\"trial\":\(proposal.trial),\"design\":")
      out.design(proposal.design)
      out.member("objective", proposal.objective)
      out.key("networks")
      out.costs(proposal.cost.networks, search.layers.names)
      out.key("binding")
      out.strings(proposal.binding)
      out.raw("}")
    } else {
      out.raw("null")
    }
    for (name, cost) in [
      ("baseline_once", baselineOnce), ("baseline_best", baselineBest),
      ("baseline_constrained", baselineConstrained),
    ] {
      guard let cost else { continue }
      out.raw(",\"\(name)\":")
      out.costs(cost.networks, search.layers.names)
    }
    out.key("lower_bound")
    out.costs(bounds, search.layers.names)
    out.raw("}")
    return String(decoding: out.bytes, as: UTF8.self)
  }
}

extension JSONText {
  fileprivate mutating func costs(_ networks: [CoSearchCost.NetworkCost], _ names: [String]) {
    raw("[")
    for (index, (cost, name)) in zip(networks, names).enumerated() {
      raw(index > 0 ? ",{\"network\":" : "{\"network\":")
      string(name)
      member("energy_pj", cost.energy)
      member("cycles", cost.cycles)
      member("edp_pj_cycles", cost.networkEDP)
      member("sum_of_layer_edps_pj_cycles", cost.sumOfLayerEDPs)
      raw("}")
    }
    raw("]")
  }
}
