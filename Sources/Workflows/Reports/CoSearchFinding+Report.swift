import Accelerator
import CoDesign
import CostModel
import Foundation
import Quantities
public import Reporting
import Study
import Workload

extension CoSearchFinding {
  /// Layers whose loop nests a page has.
  private static let shownNestCount = 8

  /// The co-search as a report: how much is gained over the baseline, by hardware and by mapping, what each change bought,
  /// where the energy went before and after.
  public func report(of search: CoSearch) -> Report {
    var sections: [Report.Section] = []
    if let proposal {
      sections.append(.init("The proposal and the baseline", costBlocks(search, proposal)))
      sections.append(.init("What each change bought", stepBlocks(search, proposal)))
      sections.append(.init("Layers before and after", layerBlocks(proposal)))
    }
    sections.append(.init("The search", searchBlocks(search)))
    let begin = soFar(of: search).map { "\($0) " } ?? ""
    return Report(
      title: search.file.name, question: question(search), answer: begin + answer(search),
      sections: sections,
      provenance: [
        .init("run folder", search.folder), .init("method", search.file.method.rawValue),
        .init("seed", "\(search.file.seed)"), .init("space", search.problem.name),
        .init(
          "baseline",
          "the same mapper, \(grouped(machineCount)) searches of every layer, the best counts"),
        .init(
          "cost model",
          "counting rules 1 to 13 (Timeloop's); latency is a throughput bound"),
      ])
  }

  private func question(_ search: CoSearch) -> String {
    let limits =
      search.file.resources.map { "\($0.resource.rawValue) <= \(readable($0.limit))" }
      + search.file.limits.map(\.description)
    return
      "Which machine of \(search.problem.name), with which schedule of every layer, has the lowest energy-delay product on \(search.layers.names.joined(separator: ", "))"
      + (limits.isEmpty ? "" : ", with \(limits.joined(separator: " and "))")
      + "? \(grouped(search.file.budget.hardware)) machines, \(grouped(search.file.budget.software)) mappings of each of \(grouped(search.layers.jobs.count)) distinct layers."
  }

  /// That the search has not ended, and where it is; `nil` when it has.
  func soFar(of search: CoSearch) -> String? {
    let budget = search.file.budget.hardware
    if machineCount < budget {
      return "So far, after \(grouped(machineCount)) of \(grouped(budget)) machines:"
    }
    guard search.file.baseline != nil, baselineBest == nil else { return nil }
    return "So far, with the baseline not searched yet:"
  }

  private func share(_ value: Double, below other: Double) -> String {
    value <= other ? "\(percent(1 - value / other)) below" : "\(percent(value / other - 1)) above"
  }

  private func answer(_ search: CoSearch) -> String {
    guard let proposal else {
      return "None of \(grouped(machineCount)) machines runs all layers"
        + (reasons.first.map { "; most often: \($0.reason)." } ?? ".")
    }
    guard let best = baselineBest else {
      return proposal.cost.networks.indices.map { index in
        "\(search.layers.names[index]): \(Reporting.readableNumber(proposal.cost.networks[index].networkEDP / 1e12)) µJ Mcycle."
      }.joined(separator: " ")
    }
    return proposal.cost.networks.indices.map { index in
      let (ours, theirs) = (proposal.cost.networks[index], best.networks[index])
      var text =
        "\(search.layers.names[index]): EDP \(share(ours.networkEDP, below: theirs.networkEDP)) the baseline, sum of the layers' EDPs \(share(ours.sumOfLayerEDPs, below: theirs.sumOfLayerEDPs))"
      if index < bounds.count {
        text +=
          "; no machine of these resources can be more than \(percent(1 - bounds[index].networkEDP / theirs.networkEDP)) below"
      }
      return text + "."
    }.joined(separator: " ")
  }

  private func costBlocks(_ search: CoSearch, _ proposal: Proposal) -> [Report.Block] {
    var rows: [[ReportTable.Cell]] = []
    for (index, name) in search.layers.names.enumerated() {
      func add(_ what: String, _ cost: CoSearchCost.NetworkCost) {
        rows.append([
          .text(name), .text(what), .number(cost.energy * 1e-6), .number(cost.cycles),
          .number(cost.networkEDP * 1e-12), .number(cost.sumOfLayerEDPs * 1e-12),
        ])
      }
      if let cost = baselineConstrained { add("baseline, constrained", cost.networks[index]) }
      if let cost = baselineOnce { add("baseline, one search", cost.networks[index]) }
      if let cost = baselineBest {
        add("baseline, best of \(machineCount) searches", cost.networks[index])
      }
      add("proposal", proposal.cost.networks[index])
      if index < bounds.count { add("lower bound of any machine", bounds[index]) }
    }
    var blocks: [Report.Block] = [
      .table(
        ReportTable(
          name: "run-costs", caption: "Cost of the networks",
          columns: [
            .words("network"), .words("machine"), .numbers("energy", unit: "µJ"),
            .numbers("latency", unit: "cycles"), .numbers("EDP", unit: "µJ Mcycle"),
            .numbers("sum of layers' EDPs", unit: "µJ Mcycle"),
          ], rows: rows))
    ]
    if let once = baselineOnce, let best = baselineBest {
      let items = search.layers.names.indices.map { index -> String in
        let (a, b, c) = (
          once.networks[index].networkEDP, best.networks[index].networkEDP,
          proposal.cost.networks[index].networkEDP
        )
        return
          "\(search.layers.names[index]): mapping longer on the baseline is worth a factor of \(Reporting.readableNumber(a / b)), hardware a factor of \(Reporting.readableNumber(b / c))."
      }
      blocks.append(.list(items))
    }
    let before = search.baseline.map { search.design(of: $0) } ?? []
    let old = Dictionary(before.map { ($0.name, $0.value) }) { first, _ in first }
    blocks.append(
      .table(
        ReportTable(
          name: "run-machine", caption: "Parameters of the proposal",
          columns: [.words("parameter")] + (before.isEmpty ? [] : [.words("baseline")]) + [
            .words("proposal")
          ],
          rows: proposal.design.map { entry in
            [.text(entry.name)] + (before.isEmpty ? [] : [.text(old[entry.name] ?? "-")]) + [
              .text(entry.value)
            ]
          })))
    return blocks
  }

  private func stepBlocks(_ search: CoSearch, _ proposal: Proposal) -> [Report.Block] {
    var blocks: [Report.Block] = []
    if !proposal.steps.isEmpty {
      let rows = proposal.steps.map { step -> [ReportTable.Cell] in
        [
          .text(
            step.changes.map { "\($0.name) \($0.from) -> \($0.to)" }.joined(separator: ", ")),
          step.ratio.map { .number(100 * ($0 - 1)) } ?? .text("cannot run"),
        ]
      }
      blocks.append(
        .text(
          "From the baseline to the proposal, as few parameters at a time as constraints allow; each step is mapped anew by the heuristic mapper with \(grouped(CoSearch.explainingEvaluations)) evaluations a layer."
        ))
      blocks.append(
        .table(
          ReportTable(
            name: "run-steps", caption: "Steps from the baseline to the proposal",
            columns: [.words("change"), .numbers("objective", unit: "% change")], rows: rows)))
    }
    blocks.append(
      proposal.binding.isEmpty
        ? .text("No constraint or limit stands in the way of a step of any parameter.")
        : .list(proposal.binding))
    return blocks
  }

  private func layerBlocks(_ proposal: Proposal) -> [Report.Block] {
    let names = proposal.layers.map(\.name)
    let hasBaseline = proposal.layers.contains { $0.baseline != nil }
    func rows(_ label: String, _ value: (LayerFinding) -> LayerCost?) -> [[ReportTable.Cell]] {
      proposal.layers.compactMap { layer in
        guard let cost = value(layer) else { return nil }
        var row: [ReportTable.Cell] = [.text(layer.name), .text(label)]
        row += cost.levels.map { .number($0.energy.picojoules * 1e-6) }
        row += [
          .number(cost.networks.reduce(0) { $0 + $1.energy.picojoules } * 1e-6),
          .number(cost.computeEnergy.picojoules * 1e-6), .number(Double(cost.cycles.count)),
          .number(Double(cost.usedUnits.x * cost.usedUnits.y)),
          .number(cost.energyDelayProduct.picojouleCycles * 1e-12),
          .number(layer.bound.energyDelayProduct * 1e-12),
        ]
        return row
      }
    }
    let levels = proposal.architecture.levels.map(\.name)
    var all: [[ReportTable.Cell]] = []
    let before = rows("before") { $0.baseline?.cost }
    let after = rows("after") { $0.cost }
    for name in names {
      all += before.filter { $0[0] == .text(name) } + after.filter { $0[0] == .text(name) }
    }
    var blocks: [Report.Block] = []
    for (word, cost) in [
      ("before", { (layer: LayerFinding) in layer.baseline?.cost }),
      ("after", { (layer: LayerFinding) in Optional(layer.cost) }),
    ] {
      let costs = proposal.layers.map(cost)
      guard costs.contains(where: { $0 != nil }) else { continue }
      var parts = levels.indices.map { index in
        Chart.Series(
          levels[index],
          costs.enumerated().compactMap { place, cost in
            cost.map { .init(Double(place), $0.levels[index].energy.picojoules * 1e-6) }
          })
      }
      parts.append(
        Chart.Series(
          proposal.architecture.compute.name,
          costs.enumerated().compactMap { place, cost in
            cost.map { .init(Double(place), $0.computeEnergy.picojoules * 1e-6) }
          }))
      blocks.append(
        .chart(
          Chart(
            name: "run-energy-\(word)",
            title: "Energy by layer and level, \(word == "before" ? "baseline" : "proposal")",
            kind: .bars, x: .init("energy", unit: "µJ"), y: .init("layer"), categories: names,
            series: parts)))
    }
    if hasBaseline {
      let ratios = proposal.layers.enumerated().compactMap { index, layer -> Chart.Place? in
        layer.baseline.map {
          .init(
            Double(index),
            layer.cost.energyDelayProduct.picojouleCycles
              / $0.cost.energyDelayProduct.picojouleCycles)
        }
      }
      blocks.append(
        .chart(
          Chart(
            name: "run-layer-ratios",
            title: "EDP of each layer over the baseline's; below 1 is better",
            kind: .bars, x: .init("ratio"), y: .init("layer"), categories: names,
            series: [.init("proposal over baseline", ratios)])))
    }
    blocks.append(
      .table(
        ReportTable(
          name: "run-layers", caption: "Energy by level, before (baseline) and after (proposal)",
          columns: [.words("layer"), .words("machine")] + levels.map { .numbers($0, unit: "µJ") }
            + [
              .numbers("networks", unit: "µJ"), .numbers("MACs", unit: "µJ"),
              .numbers("latency", unit: "cycles"), .numbers("PEs"),
              .numbers("EDP", unit: "µJ Mcycle"), .numbers("lower bound", unit: "µJ Mcycle"),
            ], rows: all)))
    for layer in proposal.layers.prefix(Self.shownNestCount) {
      blocks.append(
        .listing(
          caption: "Loop nest of \(layer.name)",
          text: loopNestText(of: layer.mapping, layer: layer.layer, on: proposal.architecture)))
    }
    if proposal.layers.count > Self.shownNestCount {
      blocks.append(
        .text(
          "The loop nests of the first \(Self.shownNestCount) layers are shown; the folder mappings has all."
        ))
    }
    return blocks
  }

  private func searchBlocks(_ search: CoSearch) -> [Report.Block] {
    var blocks: [Report.Block] = [
      .text(
        "\(grouped(machineCount)) machines, of which \(grouped(feasibleCount)) run all layers; \(grouped(evaluationCount)) evaluations of mappings, failed ones included."
      )
    ]
    var best: [Chart.Place] = []
    for step in trace where !step.best.isNaN {
      if best.last?.y != step.best || step.evaluations == trace.last?.evaluations {
        best.append(.init(Double(step.evaluations), step.best))
      }
    }
    if !best.isEmpty {
      var series = [Chart.Series("best so far", best)]
      // Shares are of the baseline itself.
      if search.objectiveScale != 1, let baseline = baselineBest, let end = best.last {
        let value = baseline.objective(search.file, reference: baseline) * search.objectiveScale
        series.append(
          Chart.Series(
            "baseline, with as many searches", [.init(best[0].x, value), .init(end.x, value)],
            kind: .line, isMuted: true))
      }
      let values = series.flatMap { $0.places.map(\.y) }
      let low = values.min() ?? 1
      blocks.append(
        .chart(
          Chart(
            name: "run-best", title: "Lowest objective so far", kind: .step,
            x: .init("evaluations of mappings"),
            y: .init(
              objectiveName(search), unit: search.objectiveScale == 1 ? "" : "µJ Mcycle",
              isLogarithmic: low > 0 && (values.max() ?? 1) / low > 20),
            series: series)))
    }
    if !reasons.isEmpty {
      let kinds = kinds(of: reasons, by: Self.kind)
      let shown = kinds.prefix(12)
      blocks.append(
        .chart(
          Chart(
            name: "run-reasons", title: "Machines that cannot run all layers, by reason",
            kind: .bars,
            x: .init("machines"), y: .init("reason"), categories: shown.map(\.name),
            series: [
              .init("machines", shown.enumerated().map { .init(Double($0), Double($1.count)) })
            ])))
      blocks.append(
        .list(reasons.prefix(5).map { "\(grouped($0.count)): \(Self.plain($0.reason))" }))
    }
    return blocks
  }

  /// What is minimized, in words.
  private func objectiveName(_ search: CoSearch) -> String {
    let product = search.file.edp == .network ? "EDP" : "sum of layers' EDPs"
    guard search.workloads.count > 1 else { return product }
    switch search.file.across {
    case .geometricMean: return "geometric mean of \(product)"
    case .weightedSum: return "weighted share of the baseline's \(product)"
    case .worst: return "largest share of the baseline's \(product)"
    }
  }

  /// What a reason says before its numbers: the layer and the level.
  static func kind(ofReason reason: String) -> String {
    let text = plain(reason)
    guard let need = text.range(of: " needs at least ") else { return text }
    var parts = text[..<need.lowerBound].components(separatedBy: ": ")
    // The layer is named with the level again.
    if parts.count > 2, parts.first == parts.last { parts.removeLast() }
    return parts.joined(separator: ": ")
  }

  private static func plain(_ reason: String) -> String {
    reason.hasPrefix("hidden: ") ? String(reason.dropFirst(8)) : reason
  }
}
