import Foundation
public import Reporting
import Study

extension SweepResult {
  private var objective: Objective { problem.objectives[0] }
  private var objectiveUnit: String { first.unit(of: objective.metric) }

  private func named(_ place: Int) -> String { workloads.count > 1 ? "w\(place + 1)" : "sweep" }

  private func title(_ text: String, _ place: Int) -> String {
    workloads.count > 1 ? "\(text) for \(workloads[place])" : text
  }

  private func text(_ limits: [MetricLimit]) -> String {
    limits.map(\.description).joined(separator: ", ")
  }

  private func value(_ number: Double) -> String {
    Reporting.readableNumber(number) + (objectiveUnit.isEmpty ? "" : " \(objectiveUnit)")
  }

  /// The question in words.
  var question: String {
    let moving = sweep.file.sweep.map { axis in
      let unit = first.unit(of: axis.limit)
      let ends = [axis.values.min(), axis.values.max()].compactMap { $0 }
        .map(Reporting.readableNumber)
      return "\(axis.limit) (\(axis.side.rawValue)) moves from \(ends[0]) to \(ends[1])"
        + (unit.isEmpty ? "" : " \(unit)")
    }
    let fixed = problem.limits.map(\.description)
    let goal = objective.goal == .minimize ? "lowest" : "highest"
    let names = workloads.filter { !$0.isEmpty }
    return
      "How does the \(goal) \(objective.metric)\(objectiveUnit.isEmpty ? "" : " (\(objectiveUnit))") of \(problem.name)"
      + (names.isEmpty ? "" : " on \(names.joined(separator: ", "))")
      + " change while \(moving.joined(separator: " and "))?"
      + (fixed.isEmpty ? "" : " Fixed: \(fixed.joined(separator: ", ")).")
      + " \(grouped(sweep.file.budget)) evaluations over \(sweep.steps.count) steps"
      + (sweep.file.seeds.count > 1 ? ", \(sweep.file.seeds.count) times." : ".")
  }

  /// The answer in a sentence a workload.
  public var answer: String {
    workloads.indices.map { place -> String in
      let name = workloads[place].isEmpty ? "" : "\(workloads[place]): "
      let known = entries[place].filter { $0.best != nil }
      guard let tightest = known.first, let loosest = known.last, let low = tightest.best,
        let high = loosest.best
      else { return "\(name)nothing is feasible under any of the limits." }
      var text = name
      if let none = entries[place].first, none.best == nil {
        text += "nothing is feasible under \(self.text(none.limits)); "
      }
      if tightest.limits == loosest.limits {
        return text + "\(value(low.value)) under \(self.text(tightest.limits))."
      }
      text +=
        "\(value(low.value)) under \(self.text(tightest.limits)), \(value(high.value)) under \(self.text(loosest.limits))"
      let ratio =
        low.value > 0 && high.value > 0
        ? max(low.value / high.value, high.value / low.value) : 1
      text +=
        ratio > 1.005
        ? " (\(Reporting.readableNumber((ratio * 100).rounded() / 100)) times)" : " (no gain)"
      if let knee = knee(ofWorkload: place), let best = entries[place][knee].best {
        text +=
          "; beyond \(self.text(entries[place][knee].limits)), with \(value(best.value)), more brings little"
      }
      return text + "."
    }.joined(separator: " ")
  }

  /// The sweep as a report.
  ///
  /// - Throws: `CancellationError`.
  public func report() throws -> Report {
    var sections: [Report.Section] = []
    for place in workloads.indices {
      var blocks: [Report.Block] = [.chart(curve(place)), .table(stepTable(place))]
      if sweep.file.sweep.count == 2 { blocks.append(.table(grid(place))) }
      if let knee = knee(ofWorkload: place), let best = entries[place][knee].best {
        blocks.append(
          .text(
            "The knee is at \(text(entries[place][knee].limits)): up to there a larger budget pays most for its size; the design there has \(objective.metric) \(value(best.value))."
          ))
      }
      sections.append(.init(title("The best design under each limit", place), blocks))
      let moves = moveTable(place)
      if !moves.rows.isEmpty {
        sections.append(
          .init(title("What changes from step to step", place), [.table(moves)]))
      }
      sections.append(.init(title("All designs", place), designBlocks(place)))
      if let schedules = try schedules(place) {
        sections.append(
          .init(title("The schedules at \(schedules.limits)", place), schedules.blocks))
      }
    }
    return Report(
      title: sweep.file.name, question: question, answer: answer, sections: sections,
      provenance: [
        .init("run folder", sweep.folder),
        .init("seeds", sweep.file.seeds.map(String.init).joined(separator: ", ")),
        .init("designer", first.designer.choice.rawValue),
        .init("evaluator", "\(first.evaluator.name) \(first.evaluator.version)"),
        .init(
          "order",
          "tightest limits first; every step is told the trials of those before it, judged anew"),
      ])
  }

  private func axis(_ index: Int) -> Chart.Axis {
    let axis = sweep.file.sweep[index]
    let low = axis.values.min() ?? 1
    let isWide = low > 0 && (axis.values.max() ?? 1) / low >= 8
    return Chart.Axis(
      "\(axis.limit) limit", unit: first.unit(of: axis.limit), isLogarithmic: isWide)
  }

  private func curve(_ place: Int) -> Chart {
    let entries = entries[place]
    var series: [Chart.Series] = []
    if sweep.file.sweep.count == 2 {
      for bound in sweep.file.sweep[1].values {
        series.append(
          Chart.Series(
            MetricLimit(sweep.file.sweep[1].limit, sweep.file.sweep[1].side, bound).description,
            entries.filter { $0.limits[1].bound == bound }.compactMap { entry in
              entry.best.map { .init(entry.limits[0].bound, $0.value, label($0)) }
            }))
      }
    } else {
      if sweep.file.seeds.count > 1 {
        for (index, seed) in sweep.file.seeds.enumerated() {
          series.append(
            Chart.Series(
              "seed \(seed)",
              entries.compactMap { entry in
                entry.bySeed[index].map { .init(entry.limits[0].bound, $0.value) }
              }, isMuted: true))
        }
      }
      series.append(
        Chart.Series(
          "best",
          entries.compactMap { entry in
            entry.best.map { .init(entry.limits[0].bound, $0.value, label($0)) }
          }))
      if let knee = knee(ofWorkload: place), let best = entries[knee].best {
        series.append(
          Chart.Series(
            "knee", [.init(entries[knee].limits[0].bound, best.value, label(best))], kind: .scatter)
        )
      }
    }
    let values = series.flatMap { $0.places.map(\.y) }
    return Chart(
      name: "\(named(place))-curve", title: "Best \(objective.metric) against the limit",
      kind: .step,
      x: axis(0), y: first.axis(objective.metric, values), series: series)
  }

  private func label(_ best: Best) -> String {
    best.design.values.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
  }

  private func stepTable(_ place: Int) -> ReportTable {
    let others = problem.metrics.indices.filter { problem.metrics[$0].name != objective.metric }
    let several = sweep.file.seeds.count > 1
    var columns: [ReportTable.Column] = sweep.file.sweep.map {
      .numbers("\($0.limit) \($0.side.rawValue)", unit: first.unit(of: $0.limit))
    }
    columns.append(.numbers("best \(objective.metric)", unit: objectiveUnit))
    if several {
      columns += [
        .numbers("median of seeds", unit: objectiveUnit),
        .numbers("worst seed", unit: objectiveUnit),
      ]
    }
    columns += others.map {
      .numbers(problem.metrics[$0].name, unit: first.unit(of: problem.metrics[$0].name))
    }
    columns += [
      .words("closest limit"), .numbers("slack", unit: "%"), .numbers("evaluations"),
      .numbers("feasible so far"), .words("design"),
    ]
    let rows = entries[place].map { entry -> [ReportTable.Cell] in
      var row: [ReportTable.Cell] = entry.limits.map { .number($0.bound) }
      row.append(entry.best.map { .number($0.value) } ?? .text("nothing feasible"))
      if several {
        let costs = entry.bySeed.map { $0.map { objective.cost(of: $0.value) } ?? .infinity }
          .sorted()
        let sign = objective.goal == .minimize ? 1.0 : -1.0
        let median = (costs[(costs.count - 1) / 2] + costs[costs.count / 2]) / 2
        for cost in [median, costs[costs.count - 1]] {
          row.append(cost.isFinite ? .number(sign * cost) : .text("nothing feasible"))
        }
      }
      row += others.map { index in entry.best.map { .number($0.design.metrics[index]) } ?? .empty }
      row += [
        .text(entry.binding?.limit.description ?? ""),
        entry.binding.map { .number(100 * $0.slack) } ?? .empty,
        .number(Double(entry.evaluationCount)), .number(Double(entry.feasibleCount)),
        .text(entry.best.map(label) ?? ""),
      ]
      return row
    }
    return ReportTable(
      name: "\(named(place))-steps", caption: "The steps, tightest first", columns: columns,
      rows: rows)
  }

  private func grid(_ place: Int) -> ReportTable {
    let (down, across) = (sweep.file.sweep[0], sweep.file.sweep[1])
    let columns: [ReportTable.Column] =
      [.numbers("\(down.limit) \(down.side.rawValue)", unit: first.unit(of: down.limit))]
      + across.values.map {
        .numbers(MetricLimit(across.limit, across.side, $0).description, unit: objectiveUnit)
      }
    let rows = down.values.map { bound -> [ReportTable.Cell] in
      [.number(bound)]
        + across.values.map { other in
          let entry = entries[place].first {
            $0.limits[0].bound == bound && $0.limits[1].bound == other
          }
          return entry?.best.map { .number($0.value) } ?? .text("nothing feasible")
        }
    }
    return ReportTable(
      name: "\(named(place))-grid", caption: "Best \(objective.metric) under both limits",
      columns: columns, rows: rows)
  }

  private func moveTable(_ place: Int) -> ReportTable {
    var rows: [[ReportTable.Cell]] = []
    var before: Best?
    for entry in entries[place] {
      guard let best = entry.best else { continue }
      if let known = before {
        let old = Dictionary(known.design.values.map { ($0.name, $0.value) }) { first, _ in first }
        let changed = best.design.values.filter { old[$0.name] != $0.value }
        let gain =
          known.value != 0
          ? 100 * (objective.cost(of: known.value) - objective.cost(of: best.value))
            / abs(known.value)
          : 0
        rows.append([
          .text(text(entry.limits)), .number(gain),
          .text(
            changed.isEmpty
              ? "the same design"
              : changed.map { "\($0.name) \(old[$0.name] ?? "-") -> \($0.value)" }
                .joined(separator: ", ")),
        ])
      }
      before = best
    }
    return ReportTable(
      name: "\(named(place))-moves", caption: "Against the step before",
      columns: [.words("limit"), .numbers("better by", unit: "%"), .words("what changed")],
      rows: rows)
  }

  private func designBlocks(_ place: Int) -> [Report.Block] {
    let axis = sweep.file.sweep[0]
    let tradeOff = TradeOff(
      trials[place], of: problem,
      against: Objective(axis.side == .atMost ? .minimize : .maximize, axis.limit)
    ) { trial in
      first.values(of: trial.point).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    }
    let places = tradeOff.feasible + tradeOff.infeasible
    let chart = tradeOff.chart(
      named: "\(named(place))-designs", title: "Every evaluated design, and the best trade-offs",
      x: first.axis(axis.limit, places.map(\.x)), y: first.axis(objective.metric, places.map(\.y)))
    let failed = trials[place].count - tradeOff.feasible.count
    var blocks: [Report.Block] = [
      .text(
        "\(grouped(trials[place].count)) evaluations of all steps\(sweep.file.seeds.count > 1 ? " and seeds" : ""), of which \(grouped(failed)) failed for other reasons than the limits that move."
      )
    ]
    if let chart { blocks.append(.chart(chart)) }
    return blocks
  }

  private func schedules(_ place: Int) throws -> (limits: String, blocks: [Report.Block])? {
    guard let evaluator = first.evaluator as? TemplateEvaluator else { return nil }
    let index = knee(ofWorkload: place) ?? entries[place].lastIndex { $0.best != nil }
    guard let index, let best = entries[place][index].best,
      let schedules = try evaluator.schedules(of: best.design.point, on: workloads[place])
    else { return nil }
    return (text(entries[place][index].limits), schedules.reportBlocks(named: named(place)))
  }
}
