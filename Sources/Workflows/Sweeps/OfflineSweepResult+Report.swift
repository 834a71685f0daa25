import Foundation
import Reporting
import Study

extension OfflineSweepResult {
  /// Proposals a page lists; more are in the folder's files.
  private static let listedCount = 500

  /// The sweep as a report: nothing in it is simulated but the designs of the log.
  func report(_ outline: SweepOutline) -> Report {
    var sections: [Report.Section] = []
    for place in workloads.indices {
      var blocks: [Report.Block] = [
        .text(
          "Every value is predicted by a model of the log, not simulated; the best logged design beside it was. Of each step counts the first pick that is at least as likely to keep the limits as not; the pick of a tighter limit counts for a looser one."
        ),
        .chart(outline.curve(place, further: context(place))), .table(stepTable(place, outline)),
      ]
      if let grid = outline.grid(place) { blocks.append(.table(grid)) }
      if let knee = outline.kneeText(place) { blocks.append(.text(knee)) }
      sections.append(
        .init(outline.title("The predicted best under each limit", place), blocks))
      let silences = silences(place)
      if !silences.isEmpty {
        sections.append(
          .init(outline.title("Where the log gives no answer", place), [.list(silences)]))
      }
      if let moves = outline.moves(place) {
        sections.append(
          .init(outline.title("What changes from step to step", place), [.table(moves)]))
      }
      if let proposals = proposalBlocks(place, outline) {
        sections.append(.init(outline.title("All proposals", place), proposals))
      }
    }
    sections.append(.init("What the model's word is worth", trustBlocks))
    return Report(
      title: file.name, question: question(outline), answer: outline.answer, sections: sections,
      provenance: [
        .init("run folder", folder), .init("engine", "offline: predicted, not simulated"),
        .init(
          "model or log",
          [file.offline?.model, file.offline?.log].compactMap { $0 }
            .map(file.resolved).joined(separator: ", ")),
        .init("rows learned from", "\(source.rowCount)"),
        .init("seeds", file.seeds.map(String.init).joined(separator: ", ")),
      ])
  }

  private func question(_ outline: SweepOutline) -> String {
    let goal = source.objective.goal == .minimize ? "lowest" : "highest"
    let names = workloads.filter { !$0.isEmpty }
    return
      "How does the \(goal) \(source.metric)\(outline.unit.isEmpty ? "" : " (\(outline.unit))") that can be expected"
      + (names.isEmpty ? "" : " on \(names.joined(separator: ", "))")
      + " change while \(outline.movement)?"
      + (source.fixed.isEmpty ? "" : " Fixed: \(source.fixed.joined(separator: ", ")).")
      + " From \(grouped(source.rowCount)) logged rows, without a simulation."
  }

  /// The ends of the interval and the best logged designs, for one axis.
  private func context(_ place: Int) -> [Chart.Series] {
    guard file.sweep.count == 1 else { return [] }
    func places(_ value: (Entry) -> Double?) -> [Chart.Place] {
      entries[place].compactMap { entry in
        value(entry).map { .init(entry.limits[0].bound, $0) }
      }
    }
    let logged = entries[place].compactMap { entry in
      entry.bestLogged.map { best in
        Chart.Place(
          entry.limits[0].bound, best.value,
          design(best.values).map { "\($0.name)=\($0.value)" }.joined(separator: ", "))
      }
    }
    let all = [
      Chart.Series("80 % high", places { $0.best?.proposal.high }, isMuted: true),
      Chart.Series("80 % low", places { $0.best?.proposal.low }, isMuted: true),
      Chart.Series("best logged (simulated)", logged),
    ]
    return all.filter { !$0.places.isEmpty }
  }

  private func stepTable(_ place: Int, _ outline: SweepOutline) -> ReportTable {
    let columns =
      outline.stepColumns + [
        .numbers("80 % low", unit: outline.unit), .numbers("80 % high", unit: outline.unit),
        .numbers("keeps the limits", unit: "%"), .numbers("new parameters"),
        .numbers("best logged (simulated)", unit: outline.unit), .words("proposed design"),
        .words("best logged design"),
      ]
    let rows = zip(entries[place], outline.parts[place].steps).map {
      entry, step -> [ReportTable.Cell] in
      let best = entry.best?.proposal
      func logged(_ logged: OfflineSweepRecord.Logged) -> String {
        design(logged.values).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
      }
      return outline.stepCells(step) + [
        best.map { .number($0.low) } ?? .empty, best.map { .number($0.high) } ?? .empty,
        best?.feasibility.map { .number(100 * $0) } ?? .empty,
        best.map { .number(Double($0.novelty)) } ?? .empty,
        entry.bestLogged.map { .number($0.value) } ?? .text("none"),
        .text(step.best?.label ?? ""), .text(entry.bestLogged.map(logged) ?? ""),
      ]
    }
    return ReportTable(
      name: "\(outline.named(place))-steps",
      caption: "The steps, tightest first: predicted, not simulated", columns: columns, rows: rows)
  }

  private func proposalBlocks(_ place: Int, _ outline: SweepOutline) -> [Report.Block]? {
    var rows: [[ReportTable.Cell]] = []
    for entry in entries[place] {
      for (rank, one) in entry.proposals.enumerated() {
        var row: [ReportTable.Cell] = [
          .text(outline.text(entry.limits)), .number(Double(one.seed)),
          .number(Double(rank % max(1, file.offline?.proposals ?? 1) + 1)),
          .number(one.proposal.predicted), .number(one.proposal.low), .number(one.proposal.high),
          one.proposal.feasibility.map { .number(100 * $0) } ?? .empty,
          .number(Double(one.proposal.novelty)), .number(one.proposal.distance),
        ]
        row.append(
          .text(
            design(one.proposal.values).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")))
        rows.append(row)
      }
    }
    guard !rows.isEmpty else { return nil }
    var blocks: [Report.Block] = [
      .text(
        "The first of each step is the best single design, each next the one that adds most to those above it. New: parameters in which the nearest logged design differs, and the distance to it in the space."
      ),
      .table(
        ReportTable(
          name: "\(outline.named(place))-proposals",
          caption: "Proposals of each step's own search: predicted, not simulated",
          columns: [
            .words("limits"), .numbers("seed"), .numbers("rank"),
            .numbers("predicted \(source.metric)", unit: outline.unit),
            .numbers("80 % low", unit: outline.unit), .numbers("80 % high", unit: outline.unit),
            .numbers("keeps the limits", unit: "%"), .numbers("new parameters"),
            .numbers("distance"), .words("design"),
          ], rows: Array(rows.prefix(Self.listedCount)))),
    ]
    if rows.count > Self.listedCount {
      blocks.append(
        .text("The first \(Self.listedCount) of \(grouped(rows.count)) proposals are listed."))
    }
    return blocks
  }

  private var trustBlocks: [Report.Block] {
    guard !source.scores.isEmpty else {
      return [.text("The log is too small for its best rows to be hidden and looked for.")]
    }
    let rows = source.counts.indices.map { index -> [ReportTable.Cell] in
      [
        .number(Double(source.counts[index])), .number(source.scores[index]),
        .number(source.chance[index]),
      ]
    }
    return [
      .text(
        "The best fifth of the log's rows was hidden, together with half of the others, and models trained on the rest were asked for it. A score of 0 is the best shown design, 1 the best hidden one."
      ),
      .table(
        ReportTable(
          name: "trust", caption: "Mean score of the first designs",
          columns: [.numbers("designs taken"), .numbers("this log's models"), .numbers("chance")],
          rows: rows)),
    ]
  }
}
