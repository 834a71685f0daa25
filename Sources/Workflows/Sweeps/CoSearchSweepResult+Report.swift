import Foundation
import Reporting
import Study

extension CoSearchSweepResult {
  /// The sweep as a report.
  func report(_ outline: SweepOutline) -> Report {
    var blocks: [Report.Block] = [
      .chart(outline.curve(0, further: baselineSeries)), .table(stepTable(outline)),
    ]
    if let grid = outline.grid(0) { blocks.append(.table(grid)) }
    for text in [outline.kneeText(0), baselineText(outline)] {
      if let text { blocks.append(.text(text)) }
    }
    if !silences.isEmpty { blocks.append(.list(silences)) }
    var sections = [Report.Section("The best machine under each limit", blocks)]
    if let moves = outline.moves(0) {
      sections.append(.init("What changes from step to step", [.table(moves)]))
    }
    sections.append(.init("All machines", machineBlocks(outline)))
    if let schedules = scheduleSection(outline) { sections.append(schedules) }
    return Report(
      title: file.name, question: question(outline),
      answer: outline.answer + (baselineText(outline).map { " \($0)" } ?? ""),
      sections: sections,
      provenance: [
        .init("run folder", folder), .init("method", source.method),
        .init("seeds", file.seeds.map(String.init).joined(separator: ", ")),
        .init("space", source.space),
        .init(
          "order",
          "tightest limits first; every step begins with the machines of those before it, judged anew"
        ),
        .init(
          "cost model", "counting rules 1 to 13 (Timeloop's); latency is a throughput bound"),
      ])
  }

  private func question(_ outline: SweepOutline) -> String {
    "How does the lowest energy-delay product of a machine of \(source.space), with a schedule of every layer of \(source.networks.joined(separator: ", ")), change while \(outline.movement)?"
      + (source.fixed.isEmpty ? "" : " Fixed: \(source.fixed.joined(separator: ", ")).")
      + " \(grouped(file.budget)) machines over \(entries.count) steps"
      + (file.seeds.count > 1 ? ", \(file.seeds.count) times" : "")
      + ", \(grouped(source.mappingCount)) mappings of each of \(grouped(source.layerCount)) distinct layers on each."
  }

  private var baselineSeries: [Chart.Series] {
    guard let baseline, file.sweep.count == 1, let low = file.sweep[0].values.min(),
      let high = file.sweep[0].values.max()
    else { return [] }
    return [
      Chart.Series(
        "baseline", [.init(low, baseline.best), .init(high, baseline.best)], kind: .line,
        isMuted: true)
    ]
  }

  private func stepTable(_ outline: SweepOutline) -> ReportTable {
    let resources = source.limited.filter { name in !file.sweep.contains { $0.limit == name } }
    var columns =
      outline.stepColumns + [
        .words("closest limit"), .numbers("slack", unit: "%"), .numbers("machines"),
        .numbers("feasible so far"),
      ]
    columns += file.sweep.map { .numbers("\($0.limit) used", unit: Self.unit(of: $0.limit)) }
    columns += resources.map { .numbers($0, unit: Self.unit(of: $0)) }
    for name in source.networks {
      columns += [
        .numbers("energy of \(name)", unit: "µJ"), .numbers("latency of \(name)", unit: "cycles"),
        .numbers("EDP of \(name)", unit: "µJ Mcycle"),
      ]
    }
    columns.append(.words("design"))
    let rows = zip(entries, outline.parts[0].steps).map { entry, step -> [ReportTable.Cell] in
      let best = entry.best?.machine
      func has(_ name: String) -> ReportTable.Cell {
        best.flatMap { quantity(name, of: $0) }.map { .number($0) } ?? .empty
      }
      var row = outline.stepCells(step)
      row += [
        .text(entry.binding?.limit.description ?? ""),
        entry.binding.map { .number(100 * $0.slack) } ?? .empty,
        .number(Double(entry.machineCount)), .number(Double(entry.feasibleCount)),
      ]
      row += file.sweep.map { has($0.limit) } + resources.map(has)
      for index in source.networks.indices {
        let network = best.flatMap {
          $0.networks.indices.contains(index) ? $0.networks[index] : nil
        }
        row += [
          network.map { .number($0.energy * 1e-6) } ?? .empty,
          network.map { .number($0.cycles) } ?? .empty,
          network.map { .number($0.energy * $0.cycles * 1e-12) } ?? .empty,
        ]
      }
      row.append(.text(step.best?.label ?? ""))
      return row
    }
    return ReportTable(
      name: "sweep-steps", caption: "The steps, tightest first", columns: columns, rows: rows)
  }

  private func machineBlocks(_ outline: SweepOutline) -> [Report.Block] {
    let tried = entries.reduce(0) { $0 + $1.machineCount }
    var blocks: [Report.Block] = [
      .text(
        "\(grouped(tried)) machines of all steps\(file.seeds.count > 1 ? " and seeds" : ""), \(grouped(evaluationCount)) evaluations of mappings. A machine beyond the limits is never mapped; the best of each step is mapped again where the method keeps half of the budget for that."
      )
    ]
    let axis = file.sweep[0]
    let places = machines.compactMap { machine in
      quantity(axis.limit, of: machine).map {
        Chart.Place(
          $0, machine.objective,
          zip(machine.names, machine.values).map { "\($0)=\($1)" }.joined(separator: ", "))
      }
    }
    guard !places.isEmpty else { return blocks }
    let (values, widths) = (places.map(\.y), places.map(\.x))
    let low = values.min() ?? 1
    blocks.append(
      .chart(
        Chart(
          name: "sweep-machines", title: "Every machine that runs all layers", kind: .scatter,
          x: .init(
            axis.limit, unit: Self.unit(of: axis.limit),
            isLogarithmic: (widths.min() ?? 0) > 0
              && (widths.max() ?? 1) / (widths.min() ?? 1) >= 8),
          y: .init(
            outline.objective.metric, unit: outline.unit,
            isLogarithmic: low > 0 && (values.max() ?? 1) / low > 20),
          series: [.init("machines", places)])))
    return blocks
  }

  /// Loop nests a page has.
  private static let shownNestCount = 8

  /// Energy by level and loop nests of the machine at the knee, or of the loosest step's.
  private func scheduleSection(_ outline: SweepOutline) -> Report.Section? {
    let index = outline.knee(of: 0) ?? entries.lastIndex { $0.best != nil }
    guard let index, let schedules = entries[index].best?.machine.schedules,
      let levels = schedules.first?.levels
    else { return nil }
    let rows = schedules.map { schedule -> [ReportTable.Cell] in
      var row: [ReportTable.Cell] = [.text(schedule.layer)]
      row += (schedule.energies + [schedule.networks, schedule.compute]).map {
        .number($0 * 1e-6)
      }
      row += [.number(schedule.cycles), .number(Double(schedule.units))]
      return row
    }
    var blocks: [Report.Block] = [
      .table(
        ReportTable(
          name: "sweep-layers", caption: "Energy by level, and latency, of every distinct layer",
          columns: [.words("layer")] + levels.map { .numbers($0, unit: "µJ") } + [
            .numbers("networks", unit: "µJ"), .numbers("MACs", unit: "µJ"),
            .numbers("latency", unit: "cycles"), .numbers("PEs"),
          ], rows: rows))
    ]
    blocks += schedules.prefix(Self.shownNestCount).map {
      .listing(caption: "Loop nest of \($0.layer)", text: $0.nest)
    }
    if schedules.count > Self.shownNestCount {
      blocks.append(
        .text(
          "The loop nests of the first \(Self.shownNestCount) of \(schedules.count) layers are shown; the step's file has all."
        ))
    }
    return Report.Section(
      "The schedules at \(outline.text(entries[index].limits))", blocks)
  }
}
