import Foundation
import Reporting
import Study

extension ExplorationSweepResult {
  private var objective: Objective { problem.objectives[0] }
  private var objectiveUnit: String { first.unit(of: objective.metric) }

  /// The question in words.
  var question: String {
    let fixed = fixedLimits.map(\.description)
    let goal = objective.goal == .minimize ? "lowest" : "highest"
    let names = workloads.filter { !$0.isEmpty }
    return
      "How does the \(goal) \(objective.metric)\(objectiveUnit.isEmpty ? "" : " (\(objectiveUnit))") of \(problem.name)"
      + (names.isEmpty ? "" : " on \(names.joined(separator: ", "))")
      + " change while \(outline.movement)?"
      + (fixed.isEmpty ? "" : " Fixed: \(fixed.joined(separator: ", ")).")
      + " \(grouped(sweep.file.budget)) evaluations over \(sweep.steps.count) steps"
      + (sweep.file.seeds.count > 1 ? ", \(sweep.file.seeds.count) times." : ".")
  }

  /// The sweep as a report.
  ///
  /// - Parameter isExplained: Whether importance and changes of the chosen design are found out, by the embedded model where
  ///   that is the evaluator.
  /// - Throws: `CancellationError`, `TrialLogError`.
  func report(isExplained: Bool) async throws -> Report {
    let outline = outline
    var sections: [Report.Section] = []
    for place in workloads.indices {
      var blocks: [Report.Block] = [
        .chart(
          outline.curve(place, further: baselineMark(place) + randomCurve(place))),
        .table(stepTable(place, outline)),
      ]
      if let grid = outline.grid(place) { blocks.append(.table(grid)) }
      if let knee = outline.kneeText(place) { blocks.append(.text(knee)) }
      if let baseline = baselineText(place, outline) {
        blocks.append(.text("\(baseline) It is \(baselines[place].label)."))
      }
      sections.append(.init(outline.title("The best design under each limit", place), blocks))
      if let moves = outline.moves(place) {
        sections.append(
          .init(outline.title("What changes from step to step", place), [.table(moves)]))
      }
      if let search = searchBlocks(place, outline) {
        sections.append(.init(outline.title("The search beside random search", place), search))
      }
      sections.append(.init(outline.title("All designs", place), designBlocks(place, outline)))
      if isExplained { sections += try await explanations(place, outline) }
      if let schedules = try schedules(place, outline) {
        sections.append(
          .init(outline.title("The schedules at \(schedules.limits)", place), schedules.blocks))
      }
    }
    return Report(
      title: sweep.file.name, question: question, answer: outline.answer, sections: sections,
      provenance: [
        .init("run folder", sweep.folder.path),
        .init("seeds", sweep.file.seeds.map(String.init).joined(separator: ", ")),
        .init("designer", first.designer.choice.rawValue),
        .init("evaluator", "\(first.evaluator.name) \(first.evaluator.version)"),
        .init(
          "order",
          "tightest limits first; every step is told the trials of those before it, judged anew"),
      ])
  }

  private func stepTable(_ place: Int, _ outline: SweepOutline) -> ReportTable {
    let others = problem.metrics.indices.filter { problem.metrics[$0].name != objective.metric }
    let columns =
      outline.stepColumns
      + (isCompared ? [.numbers("random search", unit: objectiveUnit)] : [])
      + others.map {
        .numbers(problem.metrics[$0].name, unit: first.unit(of: problem.metrics[$0].name))
      } + [
        .words("closest limit"), .numbers("slack", unit: "%"), .numbers("evaluations"),
        .numbers("feasible so far"), .words("design"),
      ]
    let rows = zip(entries[place], outline.parts[place].steps).map {
      entry, step -> [ReportTable.Cell] in
      var row = outline.stepCells(step)
      if isCompared {
        row.append(randomBest(entry).map { .number($0) } ?? .text(outline.nothing))
      }
      row += others.map { index in entry.best.map { .number($0.design.metrics[index]) } ?? .empty }
      row += [
        .text(entry.binding?.limit.description ?? ""),
        entry.binding.map { .number(100 * $0.slack) } ?? .empty,
        .number(Double(entry.evaluationCount)), .number(Double(entry.feasibleCount)),
        .text(step.best?.label ?? ""),
      ]
      return row
    }
    return ReportTable(
      name: "\(outline.named(place))-steps", caption: "The steps, tightest first",
      columns: columns, rows: rows)
  }

  /// The baseline as a point of the curve, for one axis.
  private func baselineMark(_ place: Int) -> [Chart.Series] {
    guard sweep.file.sweep.count == 1, place < baselines.count,
      let at = baselinePlaces[place]?.first,
      let value = baselines[place].metrics?[problem.index(ofMetric: objective.metric) ?? 0]
    else { return [] }
    return [
      Chart.Series("baseline", [.init(at, value, baselines[place].label)], kind: .scatter)
    ]
  }

  /// What random search has under each limit, for one axis.
  private func randomCurve(_ place: Int) -> [Chart.Series] {
    guard isCompared, sweep.file.sweep.count == 1 else { return [] }
    return [
      Chart.Series(
        "random search",
        entries[place].compactMap { entry in
          randomBest(entry).map { .init(entry.limits[0].bound, $0) }
        }, isMuted: true)
    ]
  }

  /// The best design under the chosen step's limits against evaluations, of the sweep and of random search; with several
  /// seeds their medians.
  private func searchBlocks(_ place: Int, _ outline: SweepOutline) -> [Report.Block]? {
    guard isCompared, let index = chosenStep(place, outline),
      let judge = try? LimitJudge(entries[place][index].limits, problem)
    else { return nil }
    let limits = outline.text(entries[place][index].limits)
    let own = SeedCurves(searches[place].map(judge.bestSoFar), objective).median
    let random = SeedCurves(randomSearches[place].map(judge.bestSoFar), objective).median
    let places = (Exploration.curve(own), Exploration.curve(random))
    let isMedian = sweep.file.seeds.count > 1
    var text =
      "All steps together, judged by \(limits)\(isMedian ? "; medians of \(sweep.file.seeds.count) seeds" : ""). "
    text +=
      "The sweep answers every step with these evaluations, random search is judged by every step as well."
    if let value = random.last,
      let reached = own.firstIndex(where: {
        !$0.isNaN && !objective.isBetter(value, than: $0)
      }), !value.isNaN
    {
      text +=
        " The sweep has what random search has after \(grouped(random.count)) evaluations after \(grouped(reached + 1))."
    }
    if random.allSatisfy(\.isNaN) {
      text += " Random search found nothing feasible here in \(grouped(random.count)) evaluations."
    }
    return [
      .text(text),
      .chart(
        Chart(
          name: "\(outline.named(place))-search",
          title: "Best \(objective.metric) under \(limits) so far", kind: .step,
          x: .init("evaluation of the sweep"),
          y: first.axis(objective.metric, (places.0 + places.1).map(\.y)),
          series: [.init("the sweep", places.0), .init("random search", places.1)])),
    ]
  }

  private func designBlocks(_ place: Int, _ outline: SweepOutline) -> [Report.Block] {
    let axis = sweep.file.sweep[0]
    let tradeOff = TradeOff(
      trials[place], of: problem,
      against: Objective(axis.side == .atMost ? .minimize : .maximize, axis.limit),
      known: moving
    ) { trial in
      first.values(of: trial.point).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    }
    let places = tradeOff.feasible + tradeOff.infeasible
    let chart = tradeOff.chart(
      named: "\(outline.named(place))-designs",
      title: "Every evaluated design, and the best trade-offs",
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

  /// The step whose design the page explains: where the budget pays most for its size, else the loosest with an answer.
  private func chosenStep(_ place: Int, _ outline: SweepOutline) -> Int? {
    outline.knee(of: place) ?? entries[place].lastIndex { $0.best != nil }
  }

  /// Why designs fail and what matters under the chosen step's limits, from the trials of all steps and seeds.
  private func explanations(_ place: Int, _ outline: SweepOutline) async throws -> [Report.Section]
  {
    guard let index = chosenStep(place, outline), let best = entries[place][index].best,
      FileManager.default.fileExists(
        atPath: "\(sweep.folder.step(index, seed: best.seed))/trials.sqlite")
    else { return [] }
    let step = try sweep.exploration(ofStep: index, seed: best.seed)
    let known = trials[place].filter { step.known.allows($0.point) }.enumerated().map {
      Trial(
        id: $0, point: $1.point, context: $1.context, outcome: $1.outcome, origin: $1.origin)
    }
    let context = step.contexts[place]
    var finding = step.finding(known, history: [], context, ending: "budget")
    if known.count <= Exploration.analyzedTrialCount {
      try await step.analyze(&finding, known, context, history: [])
    }
    let limits = outline.text(entries[place][index].limits)
    return step.explanations(finding, known, named: "\(outline.named(place))-chosen").map {
      .init("\($0.title), under \(limits)", $0.blocks)
    }
  }

  private func schedules(_ place: Int, _ outline: SweepOutline) throws -> (
    limits: String, blocks: [Report.Block]
  )? {
    guard let evaluator = first.evaluator as? TemplateEvaluator else { return nil }
    guard let index = chosenStep(place, outline), let best = entries[place][index].best,
      let schedules = try evaluator.schedules(of: best.design.point, on: workloads[place])
    else { return nil }
    return (
      outline.text(entries[place][index].limits),
      schedules.reportBlocks(named: outline.named(place))
    )
  }
}
