public import OfflineDesign

extension ValueAssessment {
  /// The figures for people, one line a workload.
  ///
  /// - Parameters:
  ///   - question: What was hidden, such as `the best fifth of every workload`.
  ///   - log: The rows that were split, to say why there is nothing to score.
  public func text(hiding question: String, of log: LoggedDesigns) -> String {
    guard !rows.isEmpty else { return "nothing to score: \(Self.lack(of: log))\n" }
    var table = TextTable(
      header: [
        "workload", "shown", "hidden", "k=1", "k=16", "k=128", "chance k=1", "k=16", "works",
        "of all", "rank corr",
      ])
    for row in rows {
      table.append([
        row.context.isEmpty ? "-" : row.context, grouped(row.visibleCount),
        grouped(row.hiddenCount), twoDigits(row.scores[0]), twoDigits(row.scores[1]),
        twoDigits(row.scores[2]), twoDigits(row.randomScores[0]), twoDigits(row.randomScores[1]),
        twoDigits(row.feasibleShare), twoDigits(row.hiddenFeasibleShare),
        twoDigits(row.rankCorrelation),
      ])
    }
    return """
      hidden: \(question); scores: ln(reference / found) / ln(reference / best), 1 is the best hidden design

      \(table.text)
      mean score: \(twoDigits(meanScores[0])) at 1, \(twoDigits(meanScores[1])) at 16, \(twoDigits(meanScores[2])) at 128; \
      chance: \(twoDigits(meanRandomScores[0])), \(twoDigits(meanRandomScores[1])), \(twoDigits(meanRandomScores[2])); \
      working share of the first 16: \(twoDigits(meanFeasibleShare))

      """
  }

  /// Why no workload of a log can be scored.
  private static func lack(of log: LoggedDesigns) -> String {
    var counts = [Int](repeating: 0, count: log.contexts.count)
    for row in 0..<log.rowCount where log.isFeasible[row] && log.cost[row].isFinite {
      counts[log.context[row]] += 1
    }
    let most = counts.max() ?? 0
    if most == 0 {
      return "none of \(log.rowCount) rows is feasible"
        + (log.limits.isEmpty ? "" : " under the limits")
    }
    guard most >= ValueSplit.leastFeasibleCount else {
      return
        "no workload has more than \(most) feasible rows, expected \(ValueSplit.leastFeasibleCount)"
    }
    return "costs of feasible rows differ by less than 2 %"
  }

  /// The figures as a table.
  public var csv: String {
    var text =
      "context,visible,hidden,score_1,score_16,score_128,random_1,random_16,random_128,feasible_16,feasible_all,kendall_tau\n"
    for row in rows {
      let cells =
        [DatasetRanking.Part.quoted(row.context), "\(row.visibleCount)", "\(row.hiddenCount)"]
        + (row.scores + row.randomScores + [
          row.feasibleShare, row.hiddenFeasibleShare, row.rankCorrelation,
        ]).map { $0.description }
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }
}
