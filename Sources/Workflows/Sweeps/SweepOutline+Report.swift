import Reporting
import Study

extension SweepOutline {
  /// The horizontal axis of curves.
  private var limitAxis: Chart.Axis {
    let axis = file.sweep[0]
    let low = axis.values.min() ?? 1
    let isWide = low > 0 && (axis.values.max() ?? 1) / low >= 8
    return Chart.Axis("\(axis.limit) limit", unit: axisUnits[0], isLogarithmic: isWide)
  }

  /// The objective against the limit, with the knee; a curve a bound of the second axis.
  ///
  /// - Parameters:
  ///   - place: The workload.
  ///   - further: Further series.
  func curve(_ place: Int, further: [Chart.Series] = []) -> Chart {
    let steps = parts[place].steps
    var series: [Chart.Series] = []
    if file.sweep.count == 2 {
      let axis = file.sweep[1]
      for bound in axis.values {
        series.append(
          Chart.Series(
            MetricLimit(axis.limit, axis.side, bound).description,
            steps.filter { $0.limits[1].bound == bound }.compactMap { step in
              step.best.map { .init(step.limits[0].bound, $0.value, $0.label) }
            }))
      }
    } else {
      series.append(
        Chart.Series(
          adjective,
          steps.compactMap { step in
            step.best.map { .init(step.limits[0].bound, $0.value, $0.label) }
          }))
      if let knee = knee(of: place), let best = steps[knee].best {
        series.append(
          Chart.Series(
            "knee", [.init(steps[knee].limits[0].bound, best.value, best.label)], kind: .scatter))
      }
    }
    series += further
    if file.sweep.count == 1, file.seeds.count > 1 {
      for (index, seed) in file.seeds.enumerated() {
        series.append(
          Chart.Series(
            "seed \(seed)",
            steps.compactMap { step in
              step.bySeed[index].map { .init(step.limits[0].bound, $0.value) }
            }, isMuted: true))
      }
    }
    let values = series.flatMap { $0.places.map(\.y) }
    let low = values.min() ?? 1
    return Chart(
      name: "\(named(place))-curve",
      title: isPredicted
        ? "Predicted \(objective.metric) against the limit, not simulated"
        : "Best \(objective.metric) against the limit", kind: .step, x: limitAxis,
      y: Chart.Axis(
        objective.metric, unit: unit,
        isLogarithmic: low > 0 && (values.max() ?? 1) / low > 20),
      series: series)
  }

  /// The sentence about the knee, if there is one.
  func kneeText(_ place: Int) -> String? {
    let steps = parts[place].steps
    guard let knee = knee(of: place), let best = steps[knee].best else { return nil }
    return
      "The knee is at \(text(steps[knee].limits)): up to there a larger budget pays most for its size; the design there has \(isPredicted ? "a predicted " : "")\(objective.metric) \(isPredicted ? "of " : "")\(value(best.value))."
  }

  /// The first columns of a table of steps: limits, the best value, and the seeds where there are several.
  var stepColumns: [ReportTable.Column] {
    var columns: [ReportTable.Column] = zip(file.sweep, axisUnits).map {
      .numbers("\($0.limit) \($0.side.rawValue)", unit: $1)
    }
    columns.append(.numbers("\(adjective) \(objective.metric)", unit: unit))
    if file.seeds.count > 1 {
      columns += [
        .numbers("median of seeds", unit: unit), .numbers("worst seed", unit: unit),
        .numbers("spread of seeds", unit: "%"),
      ]
    }
    return columns
  }

  /// The cells of `stepColumns`.
  func stepCells(_ step: Step) -> [ReportTable.Cell] {
    var cells: [ReportTable.Cell] = step.limits.map { .number($0.bound) }
    cells.append(step.best.map { .number($0.value) } ?? .text(nothing))
    if file.seeds.count > 1 {
      if let spread = spread(of: step) {
        cells += [.number(spread.median), .number(spread.worst), .number(100 * spread.share)]
      } else {
        let count = step.bySeed.count { $0 != nil }
        cells += [
          .text(count == 0 ? nothing : "\(count) of \(step.bySeed.count) seeds"), .text(nothing),
          .empty,
        ]
      }
    }
    return cells
  }

  /// The best value under both limits, for two axes.
  func grid(_ place: Int) -> ReportTable? {
    guard file.sweep.count == 2 else { return nil }
    let (down, across) = (file.sweep[0], file.sweep[1])
    let columns: [ReportTable.Column] =
      [.numbers("\(down.limit) \(down.side.rawValue)", unit: axisUnits[0])]
      + across.values.map {
        .numbers(MetricLimit(across.limit, across.side, $0).description, unit: unit)
      }
    let rows = down.values.map { bound -> [ReportTable.Cell] in
      [.number(bound)]
        + across.values.map { other in
          let step = parts[place].steps.first {
            $0.limits[0].bound == bound && $0.limits[1].bound == other
          }
          return step?.best.map { .number($0.value) } ?? .text(nothing)
        }
    }
    return ReportTable(
      name: "\(named(place))-grid",
      caption: (isPredicted ? "Predicted" : "Best") + " \(objective.metric) under both limits",
      columns: columns, rows: rows)
  }

  /// What changes from a step to the next one with an answer; `nil` where there are not two.
  func moves(_ place: Int) -> ReportTable? {
    var rows: [[ReportTable.Cell]] = []
    var before: Answer?
    for step in parts[place].steps {
      guard let best = step.best else { continue }
      if let known = before {
        let old = Dictionary(known.design.map { ($0.name, $0.value) }) { first, _ in first }
        let changed = best.design.filter { old[$0.name] != $0.value }
        let gain =
          known.value != 0
          ? 100 * (objective.cost(of: known.value) - objective.cost(of: best.value))
            / abs(known.value)
          : 0
        rows.append([
          .text(text(step.limits)), .number(gain),
          .text(
            changed.isEmpty
              ? "the same design"
              : changed.map { "\($0.name) \(old[$0.name] ?? "-") -> \($0.value)" }
                .joined(separator: ", ")),
        ])
      }
      before = best
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(
      name: "\(named(place))-moves", caption: "Against the step before",
      columns: [.words("limit"), .numbers("better by", unit: "%"), .words("what changed")],
      rows: rows)
  }
}
