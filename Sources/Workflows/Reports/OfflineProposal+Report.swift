import Foundation
import OfflineDesign
public import Reporting

extension OfflineProposal {
  /// The proposals as a report: the designs with their intervals beside the best logged one, and what the log's answer is worth.
  ///
  /// - Parameter source: Where the log is, for the reader.
  public func report(from source: String) -> Report {
    let metric = objective.split(separator: " ").dropFirst().first.map(String.init) ?? objective
    let unit = objective.firstIndex(of: "(").map {
      String(objective[objective.index(after: $0)...].dropLast())
    }
    let isSmaller = objective.hasPrefix("minimize")
    var question =
      "Which designs that no one has simulated have the \(isSmaller ? "lowest" : "highest") \(metric)"
    if !workload.isEmpty {
      question += " on \(workload)" + (isKnownWorkload ? "" : ", a workload the log has not seen")
    }
    if !limits.isEmpty { question += ", with \(limits.joined(separator: " and "))" }
    question += "? From \(grouped(rowCount)) logged rows, without a simulation."
    var sections: [Report.Section] = []
    let unitText = unit.map { " \($0)" } ?? ""
    var answer: String
    if let first = designs.first {
      answer =
        "\(Reporting.readableNumber(first.prediction))\(unitText) is expected of the first proposal (80 % between \(Reporting.readableNumber(first.interval.lowerBound)) and \(Reporting.readableNumber(first.interval.upperBound)))"
      if let bestLogged {
        let ratio =
          isSmaller ? bestLogged.value / first.prediction : first.prediction / bestLogged.value
        answer +=
          "; the best logged design has \(Reporting.readableNumber(bestLogged.value))\(unitText)"
        if ratio.isFinite, ratio > 0 {
          answer += " (ratio \(Reporting.readableNumber((ratio * 1000).rounded() / 1000)))"
        }
      }
      answer += "."
    } else {
      answer = "No proposal."
    }
    if case .abstains(let reason, let hint) = trust {
      answer = (designs.isEmpty ? "No proposal" : "Not to be trusted") + ": \(reason)."
      sections.append(.init("Why not", [.text("\(reason). Hint: \(hint).")]))
    }
    if !designs.isEmpty {
      sections.append(.init("The proposals", proposalBlocks(metric, unit ?? "")))
    }
    sections.append(.init("What the log's answer is worth", trustBlocks))
    return Report(
      title: "Proposals\(workload.isEmpty ? "" : " for \(workload)")", question: question,
      answer: answer, sections: sections,
      provenance: [
        .init("log or model", source), .init("rows learned from", "\(rowCount)"),
        .init("designs judged", "\(judgedCount)"),
      ])
  }

  private func proposalBlocks(_ metric: String, _ unit: String) -> [Report.Block] {
    func series(_ value: (Design) -> Double) -> [Chart.Place] {
      designs.enumerated().map {
        .init(
          Double($0 + 1), value($1),
          zip(parameters, $1.values).filter { !$0.1.isEmpty }.map { "\($0)=\($1)" }
            .joined(separator: ", "))
      }
    }
    var all = [
      Chart.Series(
        "upper end of the 80 % interval", series(\.interval.upperBound), kind: .line, isMuted: true),
      Chart.Series("lower end", series(\.interval.lowerBound), kind: .line, isMuted: true),
      Chart.Series("predicted", series(\.prediction), kind: .scatter),
    ]
    if let bestLogged {
      all.append(
        Chart.Series(
          "best logged",
          [.init(1, bestLogged.value), .init(Double(max(2, designs.count)), bestLogged.value)],
          kind: .line))
    }
    var columns: [ReportTable.Column] = [.numbers("rank")]
    columns += parameters.map { .words($0) }
    columns += [
      .numbers("predicted \(metric)", unit: unit), .numbers("80 % low", unit: unit),
      .numbers("80 % high", unit: unit), .numbers("works", unit: "%"), .numbers("new parameters"),
    ]
    var rows = designs.enumerated().map { index, design -> [ReportTable.Cell] in
      let works: Double? = design.feasibility
      return [.number(Double(index + 1))] + design.values.map { .text($0) } + [
        .number(design.prediction), .number(design.interval.lowerBound),
        .number(design.interval.upperBound), works.map { .number(100 * $0) } ?? .empty,
        .number(Double(design.novelty)),
      ]
    }
    if let bestLogged {
      rows.append(
        [.text("best logged")] + bestLogged.values.map { .text($0) }
          + [.number(bestLogged.value), .empty, .empty, .empty, .number(0)])
    }
    return [
      .text(
        "The list is a portfolio: each design adds most to those above it. \(grouped(judgedCount)) designs were judged by the models, none was simulated."
      ),
      .chart(
        Chart(
          name: "proposals", title: "Predicted \(metric) of the proposals", kind: .scatter,
          x: .init("rank"), y: .init(metric, unit: unit), series: all)),
      .table(
        ReportTable(
          name: "proposed-designs",
          caption: "Proposed designs, best first, and the best logged one",
          columns: columns, rows: rows)),
    ]
  }

  private var trustBlocks: [Report.Block] {
    guard !assessment.rows.isEmpty else {
      return [.text("The log is too small for its best rows to be hidden and looked for.")]
    }
    let counts = ValueAssessment.counts.map(String.init)
    let rows = assessment.rows.prefix(200).map { row -> [ReportTable.Cell] in
      [.text(row.context), .number(Double(row.visibleCount)), .number(Double(row.hiddenCount))]
        + row.scores.map { .number($0) } + row.randomScores.map { .number($0) } + [
          .number(100 * row.feasibleShare), .number(row.rankCorrelation),
        ]
    }
    return [
      .text(
        "The best fifth of the log's rows was hidden, together with half of the others, and models trained on the rest were asked for it. A score of 0 is the best shown design, 1 the best hidden one."
      ),
      .chart(
        Chart(
          name: "trust", title: "Mean score of the first designs", kind: .line,
          x: .init("designs taken", isLogarithmic: true), y: .init("score"),
          series: [
            .init(
              "this log's models",
              zip(ValueAssessment.counts, assessment.meanScores).map { .init(Double($0), $1) }),
            .init(
              "chance",
              zip(ValueAssessment.counts, assessment.meanRandomScores).map {
                .init(Double($0), $1)
              },
              isMuted: true),
          ])),
      .table(
        ReportTable(
          name: "trust-by-workload", caption: "Scores by workload",
          columns: [.words("workload"), .numbers("rows shown"), .numbers("rows hidden")]
            + counts.map { .numbers("score, first \($0)") }
            + counts.map { .numbers("chance, first \($0)") }
            + [.numbers("works among the first 16", unit: "%"), .numbers("rank correlation")],
          rows: Array(rows))),
    ]
  }
}
