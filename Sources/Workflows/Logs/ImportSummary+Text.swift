extension ImportSummary {
  /// The counts for people: files, what was dropped and why, what the columns were taken for.
  public var text: String {
    var lines: [String] = []
    for file in files {
      let infeasible = file.importedCount - file.feasibleCount
      lines.append(
        "\(file.file): \(grouped(file.rowCount)) rows read, \(grouped(file.importedCount)) imported "
          + "(\(grouped(file.feasibleCount)) feasible, \(grouped(infeasible)) infeasible), "
          + "\(grouped(file.rowCount - file.importedCount)) dropped")
      for drop in file.dropped {
        let more = drop.count > drop.lines.count ? ", ..." : ""
        let places = drop.lines.map(String.init).joined(separator: ", ") + more
        lines.append("  dropped \(grouped(drop.count)): \(drop.reason) (line \(places))")
        if let hint = drop.hint { lines.append("    hint: \(hint)") }
      }
      for note in file.notes { lines.append("  note: \(note)") }
    }
    if files.count > 1 {
      lines.append(
        "total: \(grouped(rowCount)) rows read, \(grouped(importedCount)) imported "
          + "(\(grouped(feasibleCount)) feasible, \(grouped(importedCount - feasibleCount)) "
          + "infeasible), \(grouped(droppedCount)) dropped")
    }
    for note in notes { lines.append("note: \(note)") }
    if contextCount > 0 { lines.append("workloads: \(grouped(contextCount))") }
    lines.append("")
    var shown = TextTable(header: ["parameter", "kind", "because"])
    for column in columns.prefix(60) {
      let space = Set(columns.map(\.space)).count > 1 ? "\(column.space): " : ""
      let title = column.title == column.name ? "" : " (\(column.title))"
      shown.append([space + column.name + title, column.kind, column.explanation])
    }
    lines.append(shown.text + (columns.count > 60 ? "... (\(columns.count) parameters)\n" : ""))
    lines.append("roles:")
    lines += roles.split(separator: "\n").map { "  \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same for programs.
  public var json: String {
    var text = JSONText()
    text.raw("{\"rows\":")
    text.number(rowCount)
    text.member("imported", importedCount)
    text.member("feasible", feasibleCount)
    text.member("dropped", droppedCount)
    text.member("workloads", contextCount)
    text.raw(",\"files\":[")
    for (index, file) in files.enumerated() {
      text.raw(index > 0 ? ",{\"file\":" : "{\"file\":")
      text.string(file.file)
      text.member("rows", file.rowCount)
      text.member("imported", file.importedCount)
      text.member("feasible", file.feasibleCount)
      text.raw(",\"dropped\":[")
      for (place, drop) in file.dropped.enumerated() {
        text.raw(place > 0 ? ",{\"reason\":" : "{\"reason\":")
        text.string(drop.reason)
        text.member("count", drop.count)
        text.raw(",\"lines\":[\(drop.lines.map(String.init).joined(separator: ","))]}")
      }
      text.raw("],\"notes\":[")
      for (place, note) in file.notes.enumerated() {
        if place > 0 { text.raw(",") }
        text.string(note)
      }
      text.raw("]}")
    }
    text.raw("],\"parameters\":[")
    for (index, column) in columns.enumerated() {
      text.raw(index > 0 ? ",{\"space\":" : "{\"space\":")
      text.string(column.space)
      text.member("name", column.name)
      text.member("title", column.title)
      text.member("kind", column.kind)
      text.member("because", column.explanation)
      text.raw("}")
    }
    text.raw("],\"roles\":")
    text.string(roles)
    text.raw("}")
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
