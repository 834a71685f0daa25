/// A table of a report: named columns with units, rows of text and numbers.
public struct ReportTable: Sendable, Codable, Equatable {
  /// A cell.
  public enum Cell: Sendable, Codable, Equatable {
    /// Words.
    case text(String)
    /// A number; not finite ones are shown as words.
    case number(Double)
    /// Nothing is known.
    case empty
  }

  /// A column.
  public struct Column: Sendable, Codable, Equatable {
    /// Heading.
    public var title: String
    /// Unit of its numbers, empty for none.
    public var unit: String
    /// Whether cells are aligned to the right.
    public var isNumeric: Bool

    /// A column of numbers.
    public static func numbers(_ title: String, unit: String = "") -> Self {
      Self(title: title, unit: unit, isNumeric: true)
    }

    /// A column of words.
    public static func words(_ title: String) -> Self {
      Self(title: title, unit: "", isNumeric: false)
    }

    /// Title and unit, as headings and files say them.
    public var heading: String { unit.isEmpty ? title : "\(title) (\(unit))" }
  }

  /// Name of the file beside the page, without extension: letters, digits and hyphens.
  public var name: String
  /// What it shows.
  public var caption: String
  /// The columns.
  public var columns: [Column]
  /// The rows, each with a cell a column.
  public var rows: [[Cell]]

  /// Makes a table.
  ///
  /// - Precondition: Every row has a cell for every column.
  public init(name: String, caption: String, columns: [Column], rows: [[Cell]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "a row has a cell for every column")
    self.name = name
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  /// The table as comma-separated values (RFC 4180), numbers in full precision.
  ///
  /// Words that a spreadsheet would run as a formula get an apostrophe in front.
  public var csv: String {
    var text = columns.map { Self.field($0.heading) }.joined(separator: ",") + "\r\n"
    for row in rows {
      text += row.map { cell in
        switch cell {
        case .text(let words): Self.field(words)
        case .number(let value): exactNumber(value)
        case .empty: ""
        }
      }.joined(separator: ",")
      text += "\r\n"
    }
    return text
  }

  private static func field(_ text: String) -> String {
    var text = text
    if let first = text.first, "=+-@\t\r".contains(first), Double(text) == nil { text = "'" + text }
    guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
