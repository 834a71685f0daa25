import SimulationLog

/// Rows as CSV or JSON lines, built front to back.
struct TableText {
  let isJSON: Bool
  private var text = JSONText()
  /// What stands before the cell of each column: a comma, and in JSON the name.
  private let openings: [[UInt8]]
  private let titles: [String]
  private var column = 0

  init(titles: [String], isJSON: Bool) {
    self.isJSON = isJSON
    self.titles = titles
    openings = titles.enumerated().map { index, title in
      var text = JSONText()
      if index > 0 { text.raw(",") }
      if isJSON {
        text.string(title)
        text.raw(":")
      }
      return text.bytes
    }
  }

  /// What was written since the last `removeAll`.
  var bytes: [UInt8] { text.bytes }

  /// Number of bytes.
  var count: Int { text.bytes.count }

  /// The header line of a CSV file.
  var header: [UInt8] {
    var line = TableText(titles: titles, isJSON: false)
    line.begin()
    for title in titles { line.string(title) }
    line.end()
    return line.bytes
  }

  mutating func removeAll() { text.removeAll() }

  mutating func begin() {
    column = 0
    if isJSON { text.raw("{") }
  }

  mutating func end() { isJSON ? text.raw("}\n") : text.raw("\n") }

  private mutating func next() {
    text.raw(openings[column])
    column += 1
  }

  /// A cell as it is.
  mutating func cell(_ bytes: [UInt8]) {
    next()
    text.raw(bytes)
  }

  mutating func string(_ content: String) {
    next()
    bareString(content)
  }

  /// A number; nothing for `nil` and NaN.
  mutating func number(_ value: Double?) {
    next()
    if let value, !value.isNaN {
      bareNumber(value)
    } else if isJSON {
      text.raw("null")
    }
  }

  mutating func raw(_ content: String) {
    next()
    text.raw(content)
  }

  // MARK: Without the comma before

  mutating func bareString(_ content: String) {
    guard !isJSON else { return text.string(content) }
    guard Self.needsQuotes(content) else { return text.raw(content) }
    text.raw("\"")
    for byte in content.utf8 {
      if byte == 0x22 { text.raw("\"") }
      text.raw(byte)
    }
    text.raw("\"")
  }

  mutating func bareNumber(_ value: Double) {
    value.isFinite ? text.number(value) : text.raw(plainText(of: value))
  }

  private static func needsQuotes(_ content: String) -> Bool {
    var content = content
    return content.withUTF8 { bytes in
      guard let first = bytes.first, let last = bytes.last else { return false }
      if first == 0x20 || first == 0x09 || last == 0x20 || last == 0x09 { return true }
      for byte in bytes where byte == 0x2c || byte == 0x22 || byte == 0x0a || byte == 0x0d {
        return true
      }
      return false
    }
  }
}
