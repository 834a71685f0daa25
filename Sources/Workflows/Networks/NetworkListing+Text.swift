import Interchange

extension NetworkListing {
  /// The table of all rows, the distinct shapes with their repeat counts, and totals.
  public var text: String {
    var text = "\(name): \(rows.count) layers\n\n"
    var table = TextTable(header: [
      "layer", "kind", "N", "K", "C", "output", "kernel", "stride", "groups", "count", "operand",
      "MACs",
    ])
    for row in rows { table.append(Self.cells(row, title: row.title)) }
    text += table.text
    let distinct = distinctRows
    text += "\n\(distinct.count) distinct shapes\n\n"
    var shapes = TextTable(header: [
      "first layer", "repeats", "kind", "N", "K", "C", "output", "kernel", "stride", "groups",
      "MACs each", "share",
    ])
    for (row, count) in distinct {
      let cells = Self.cells(row, title: row.title)
      let share = macCount.map { $0 > 0 ? Double(row.macCount) * Double(count) / Double($0) : 0 }
      shapes.append(
        [cells[0], "\(count)"] + cells[1...8] + [cells[11], share.map(percent) ?? "-"])
    }
    text += shapes.text
    text += "\nMACs        \(macCount.map(grouped) ?? "above 2^63")\n"
    if let parameterCount { text += "parameters  \(grouped(parameterCount))\n" }
    return text
  }

  private static func cells(_ row: LayerRow, title: String) -> [String] {
    [
      title, row.kind.rawValue, "\(row.batch)", "\(row.outputChannels)", "\(row.inputChannels)",
      LayerRow.shape(row.output), LayerRow.shape(row.kernel), LayerRow.shape(row.strides),
      "\(row.groups)", "\(row.count)", row.secondOperand.rawValue, grouped(row.macCount),
    ]
  }

  /// The rows as CSV: one line per row in graph order, with a header.
  public var csv: String {
    ([LayerRow.csvHeader] + rows.enumerated().map { $1.csv(index: $0) }).joined(separator: "\n")
      + "\n"
  }

  /// The listing as one JSON object.
  public var json: String {
    var text = JSONText()
    text.raw("{\"network\":")
    text.string(name)
    text.raw(",\"macs\":")
    if let macCount { text.number(macCount) } else { text.raw("null") }
    text.raw(",\"parameters\":")
    if let parameterCount { text.number(parameterCount) } else { text.raw("null") }
    text.raw(",\"warnings\":")
    list(warnings, in: &text) { $1.string($0) }
    text.raw(",\"layers\":")
    list(rows, in: &text) { Self.write($0, to: &$1) }
    text.raw(",\"distinct\":")
    list(distinctRows, in: &text) { group, text in
      text.raw("{\"first\":")
      text.string(group.row.title)
      text.raw(",\"repeats\":")
      text.number(group.count)
      text.raw("}")
    }
    text.raw("}\n")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private func list<Item>(
    _ items: [Item], in text: inout JSONText, _ write: (Item, inout JSONText) -> Void
  ) {
    text.raw("[")
    for (index, item) in items.enumerated() {
      if index > 0 { text.raw(",") }
      write(item, &text)
    }
    text.raw("]")
  }

  private static func write(_ row: LayerRow, to text: inout JSONText) {
    text.raw("{\"name\":")
    text.string(row.name)
    for (key, value) in [
      ("op", row.operation), ("kind", row.kind.rawValue), ("operand", row.secondOperand.rawValue),
    ] {
      text.raw(",\"\(key)\":")
      text.string(value)
    }
    if let part = row.part {
      text.raw(",\"part\":")
      text.string(part)
    }
    for (key, value) in [
      ("N", row.batch), ("K", row.outputChannels), ("C", row.inputChannels),
      ("groups", row.groups), ("count", row.count), ("macs", row.macCount),
    ] {
      text.raw(",\"\(key)\":")
      text.number(value)
    }
    for (key, values) in [
      ("output", row.output), ("kernel", row.kernel), ("strides", row.strides),
      ("padsBefore", row.padsBefore), ("padsAfter", row.padsAfter),
      ("dilations", row.dilations), ("inputShape", row.inputShape),
      ("weightShape", row.weightShape), ("outputShape", row.outputShape),
    ] {
      text.raw(",\"\(key)\":[")
      for (index, value) in values.enumerated() {
        if index > 0 { text.raw(",") }
        text.number(value)
      }
      text.raw("]")
    }
    text.raw("}")
  }
}

extension LayerRow {
  /// Name and part, as layers of a workload are called.
  fileprivate var title: String { part.map { "\(name)/\($0)" } ?? name }
}
