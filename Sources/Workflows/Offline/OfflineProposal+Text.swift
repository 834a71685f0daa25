import OfflineDesign

extension OfflineProposal {
  /// The answer for people: the question, how far the log can be trusted, the designs beside the best logged one.
  public var text: String {
    var lines = [
      "\(objective) for \(workload.isEmpty ? "the log's workload" : "workload \(workload)")"
        + (isKnownWorkload || workload.isEmpty ? "" : ", which the log has not seen")
        + (limits.isEmpty ? "" : ", with \(limits.joined(separator: " and "))")
    ]
    if !assessment.rows.isEmpty {
      lines.append(
        "trust: with its best fifth hidden, the log's first pick scores "
          + "\(twoDigits(assessment.meanScores[0])) and the first 16 \(twoDigits(assessment.meanScores[1])) "
          + "(chance: \(twoDigits(assessment.meanRandomScores[0])) and \(twoDigits(assessment.meanRandomScores[1])); "
          + "0 is the best shown design, 1 the best hidden one)")
    }
    if !rankCorrelations.isEmpty {
      lines.append(
        "trust: PRIME's network orders held-out rows with a rank correlation of "
          + rankCorrelations.map(twoDigits).joined(separator: ", "))
    }
    if case .abstains(let reason, let hint) = trust {
      lines.append("\(designs.isEmpty ? "no proposal" : "not to be trusted"): \(reason)")
      lines.append("hint: \(hint)")
    }
    if let bestLogged {
      lines.append(
        "best logged: \(readable(bestLogged.value)) by \(assignments(bestLogged.values))")
    }
    guard !designs.isEmpty else { return lines.joined(separator: "\n") + "\n" }
    var table = TextTable(
      header: ["rank"] + parameters + ["predicted", "80 % low", "80 % high", "works", "new"])
    for (index, design) in designs.enumerated() {
      table.append(
        ["\(index + 1)"] + design.values + [
          readable(design.prediction), readable(design.interval.lowerBound),
          readable(design.interval.upperBound),
          design.feasibility.map { "\(Int((100 * $0).rounded())) %" } ?? "-",
          "\(design.novelty) of \(parameters.count)",
        ])
    }
    lines.append("")
    lines.append(table.text)
    lines.append(
      "predicted from \(grouped(rowCount)) rows, no simulation; \(grouped(judgedCount)) designs judged. new: parameters "
        + "that differ from the nearest logged design."
        + (rankCorrelations.isEmpty
          ? " The list is a portfolio: each design adds most to those above." : "")
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private func assignments(_ values: [String]) -> String {
    zip(parameters, values).filter { !$0.1.isEmpty }.map { "\($0.0)=\($0.1)" }
      .joined(separator: ", ")
  }

  /// The designs as a table: `rank`, the parameters, `predicted`, `low`, `high`, `feasibility`, `novelty`, `distance`.
  public var csv: String {
    var text =
      (["rank"] + parameters.map(DatasetRanking.Part.quoted) + [
        "predicted", "low", "high", "feasibility", "novelty", "distance",
      ]).joined(separator: ",") + "\n"
    for (index, design) in designs.enumerated() {
      let numbers =
        [
          design.prediction, design.interval.lowerBound, design.interval.upperBound,
        ].map { $0.description } + [design.feasibility?.description ?? ""]
      text +=
        (["\(index + 1)"] + design.values.map(DatasetRanking.Part.quoted) + numbers + [
          "\(design.novelty)", design.distance.description,
        ]).joined(separator: ",") + "\n"
    }
    return text
  }

  /// The answer as one JSON object.
  public var json: String {
    var out = JSONText()
    func list(_ items: [String]) {
      out.raw("[")
      for (index, item) in items.enumerated() {
        if index > 0 { out.raw(",") }
        out.string(item)
      }
      out.raw("]")
    }
    out.raw("{\"objective\":")
    out.string(objective)
    out.raw(",\"workload\":")
    out.string(workload)
    out.raw(",\"isKnownWorkload\":\(isKnownWorkload),\"limits\":")
    list(limits)
    out.raw(",\"trust\":{\"supported\":\(trust == .supported)")
    if case .abstains(let reason, let hint) = trust {
      out.raw(",\"reason\":")
      out.string(reason)
      out.raw(",\"hint\":")
      out.string(hint)
    }
    for (name, values) in [
      ("scores", assessment.meanScores), ("chance", assessment.meanRandomScores),
    ] {
      out.raw(",\"\(name)\":[")
      for (index, value) in values.enumerated() {
        if index > 0 { out.raw(",") }
        out.number(value)
      }
      out.raw("]")
    }
    out.raw("},\"bestLogged\":")
    if let bestLogged {
      out.raw("{\"value\":")
      out.number(bestLogged.value)
      out.raw(",\"design\":")
      design(bestLogged.values, &out)
      out.raw("}")
    } else {
      out.raw("null")
    }
    out.raw(",\"proposals\":[")
    for (index, entry) in designs.enumerated() {
      if index > 0 { out.raw(",") }
      out.raw("{\"rank\":\(index + 1),\"design\":")
      design(entry.values, &out)
      for (name, value) in [
        ("predicted", entry.prediction), ("low", entry.interval.lowerBound),
        ("high", entry.interval.upperBound), ("distance", entry.distance),
      ] {
        out.raw(",\"\(name)\":")
        out.number(value)
      }
      if let feasibility = entry.feasibility {
        out.raw(",\"feasibility\":")
        out.number(feasibility)
      }
      out.raw(",\"novelty\":\(entry.novelty)}")
    }
    out.raw("],\"rows\":\(rowCount),\"judged\":\(judgedCount)}")
    return String(decoding: out.bytes, as: UTF8.self)
  }

  private func design(_ values: [String], _ out: inout JSONText) {
    out.raw("{")
    var isFirst = true
    for (name, value) in zip(parameters, values) where !value.isEmpty {
      if !isFirst { out.raw(",") }
      isFirst = false
      out.string(name)
      out.raw(":")
      if let number = Double(value), number.isFinite {
        out.number(number)
      } else {
        out.string(value)
      }
    }
    out.raw("}")
  }
}
