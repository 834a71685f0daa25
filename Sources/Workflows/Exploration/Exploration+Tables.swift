import Study

extension Exploration {
  /// Writes `best.csv`, `importance.csv` and `changes.csv`.
  func writeTables(_ findings: [Finding]) throws {
    let metric = problem.objectives[0].metric
    let place = problem.index(ofMetric: metric) ?? 0
    let quoted = DatasetRanking.Part.quoted
    func number(_ value: Double?) -> String {
      value.flatMap { $0.isFinite ? $0.description : nil } ?? ""
    }
    var best = "workload,evaluation,\(quoted("best_\(metric)"))\n"
    var importance = "workload,parameter,objective_share,feasibility_share\n"
    var changes = "workload,parameter,from,to,expected,low,high,works,measured,outcome\n"
    for finding in findings {
      let workload = quoted(finding.workload)
      for (index, value) in finding.bestSoFar.enumerated() {
        best += "\(workload),\(index + 1),\(number(value))\n"
      }
      if let known = finding.importance {
        for (index, name) in known.parameters.enumerated() {
          importance +=
            "\(workload),\(quoted(name)),\(number(known.objective?.shares[index])),"
            + "\(number(known.feasibility?.shares[index]))\n"
        }
      }
      for change in finding.changes {
        var cells = [finding.workload, change.parameter, change.from, change.to].map(quoted)
        cells += [
          change.predicted, change.interval?.lowerBound, change.interval?.upperBound,
          change.feasibility,
        ].map(number)
        switch change.outcome {
        case .measured(let values): cells += [number(values[place]), "feasible"]
        case .infeasible(let infeasibility):
          let value = place < infeasibility.values.count ? infeasibility.values[place] : nil
          cells += [number(value), quoted(infeasibility.reason.description)]
        case .failed(let failure): cells += ["", quoted(failure.description)]
        case nil: cells += ["", ""]
        }
        changes += cells.joined(separator: ",") + "\n"
      }
    }
    try runFolder.write(best, table: "best")
    try runFolder.write(importance, table: "importance")
    try runFolder.write(changes, table: "changes")
  }
}
