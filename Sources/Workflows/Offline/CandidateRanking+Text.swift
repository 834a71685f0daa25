extension CandidateRanking {
  /// The first designs of every workload beside the best logged one, for people.
  ///
  /// - Parameter count: Designs shown of each workload.
  public func text(showing count: Int) -> String {
    var lines: [String] = []
    for workload in workloads {
      if !lines.isEmpty { lines.append("") }
      lines.append(
        "\(objective) for \(workload.name.isEmpty ? "the log's workload" : "workload \(workload.name)")"
          + (workload.isKnown || workload.name.isEmpty ? "" : ", which the log has not seen")
          + (limits.isEmpty ? "" : ", with \(limits.joined(separator: " and "))"))
      if case .abstains(let reason, let hint) = workload.trust {
        lines.append("not to be trusted: \(reason)")
        lines.append("hint: \(hint)")
      }
      if let best = workload.bestLogged {
        let values = zip(parameters, best.values).filter { !$0.1.isEmpty }
        lines.append(
          "best logged: \(readable(best.value)) by "
            + values.map { "\($0.0)=\($0.1)" }.joined(separator: ", "))
      }
      var table = TextTable(
        header: ["rank", "design_id", "predicted", "80 % low", "80 % high", "works", "new"])
      for (index, design) in workload.designs.prefix(count).enumerated() {
        table.append([
          "\(index + 1)", design.id, readable(design.prediction),
          readable(design.interval.lowerBound), readable(design.interval.upperBound),
          "\(Int((100 * design.feasibility).rounded())) %",
          "\(design.novelty) of \(parameters.count)",
        ])
      }
      lines.append(table.text)
      if workload.designs.count > count {
        lines.append("\(grouped(workload.designs.count - count)) more")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// All designs as a table: `context`, `design_id`, `rank`, `predicted`, `low`, `high`, `feasibility`, `novelty`.
  public var csv: String {
    var text = "context,design_id,rank,predicted,low,high,feasibility,novelty\n"
    for workload in workloads {
      let name = DatasetRanking.Part.quoted(workload.name)
      for (index, design) in workload.designs.enumerated() {
        let numbers = [
          design.prediction, design.interval.lowerBound, design.interval.upperBound,
          design.feasibility,
        ].map { $0.description }
        text +=
          ([name, DatasetRanking.Part.quoted(design.id), "\(index + 1)"] + numbers + [
            "\(design.novelty)"
          ]).joined(separator: ",") + "\n"
      }
    }
    return text
  }
}
