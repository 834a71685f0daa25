/// A CSV text with a header line, as read; fields are text until a column is asked for numbers.
///
/// Quoted fields may hold commas and doubled quotes, not line breaks.
struct TextTable {
  /// Name for messages.
  let name: String
  private let header: [String]
  /// Fields by row, without the header; row *i* is line *i + 2*.
  let rows: [[String]]

  /// Splits a text into rows; empty lines are skipped only at the end.
  init(name: String, text: String) throws(TechnologyError) {
    var lines: [[String]] = []
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      lines.append(TextTable.fields(of: line))
    }
    guard let header = lines.first else { throw .missingRow(table: name, key: "header") }
    for (index, line) in lines.enumerated() where line.count != header.count {
      throw .malformedField(
        table: name, line: index + 1, column: header.last ?? "",
        got: "\(line.count) fields", expected: "\(header.count) fields")
    }
    self.name = name
    self.header = header
    rows = Array(lines.dropFirst())
  }

  /// Position of the column called `column`.
  func position(of column: String) throws(TechnologyError) -> Int {
    guard let position = header.firstIndex(of: column) else {
      throw .missingColumn(table: name, column: column)
    }
    return position
  }

  /// The field as a finite number.
  func number(row: Int, column: Int) throws(TechnologyError) -> Double {
    guard let value = Double(rows[row][column]), value.isFinite else {
      throw malformed(row: row, column: column, expected: "a number")
    }
    return value
  }

  /// The field as a number above zero.
  func positive(row: Int, column: Int) throws(TechnologyError) -> Double {
    let value = try number(row: row, column: column)
    guard value > 0 else {
      throw malformed(row: row, column: column, expected: "a positive number")
    }
    return value
  }

  /// The field as a whole number of at least 1.
  func count(row: Int, column: Int) throws(TechnologyError) -> Int {
    guard let value = Int(rows[row][column]), value >= 1 else {
      throw malformed(row: row, column: column, expected: "a whole number of at least 1")
    }
    return value
  }

  func malformed(row: Int, column: Int, expected: String) -> TechnologyError {
    .malformedField(
      table: name, line: row + 2, column: header[column], got: rows[row][column],
      expected: expected)
  }

  private static func fields(of line: Substring.UTF8View) -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var endedQuote = false
    for byte in line {
      if byte == UInt8(ascii: "\"") {
        // A quote right after a closing quote is a doubled, literal one.
        if !isQuoted, endedQuote { field.append(byte) }
        endedQuote = isQuoted
        isQuoted.toggle()
        continue
      }
      endedQuote = false
      if byte == UInt8(ascii: ","), !isQuoted {
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
      } else {
        field.append(byte)
      }
    }
    fields.append(String(decoding: field, as: UTF8.self))
    return fields
  }
}
