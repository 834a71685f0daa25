import Foundation

/// One record of a table, valid during the call it is handed to.
///
/// Cells are bytes between quotes with doubled quotes already made single and surrounding blanks removed.
public struct TableRow {
  /// Where the record begins, from 1.
  public let line: Int
  /// Number of cells; may differ from the header's, see `problem`.
  public let cellCount: Int
  /// Why the record as a whole cannot be used, `nil` for a good one.
  public let problem: Problem?
  @usableFromInline let base: UnsafePointer<UInt8>
  @usableFromInline let cells: UnsafePointer<TableCell>

  /// Why a record is not one.
  public enum Problem: Hashable, Sendable {
    /// It has another number of cells than the header.
    case ragged(got: Int, expected: Int)
    /// It is the header once more.
    case repeatedHeader
    /// The file ends within it.
    case cutShort
    /// It is not valid UTF-8.
    case encoding
    /// It is no JSON object.
    case malformed(String)
  }

  @usableFromInline
  init(
    line: Int, cellCount: Int, problem: Problem?, base: UnsafePointer<UInt8>,
    cells: UnsafePointer<TableCell>
  ) {
    self.line = line
    self.cellCount = cellCount
    self.problem = problem
    self.base = base
    self.cells = cells
  }

  /// The bytes of a cell; empty for a column the record does not reach.
  @inlinable
  public subscript(column: Int) -> UnsafeBufferPointer<UInt8> {
    guard column < cellCount else { return UnsafeBufferPointer(start: base, count: 0) }
    let cell = cells[column]
    return UnsafeBufferPointer(start: base + cell.start, count: cell.count)
  }

  /// A cell as text; bytes that are not UTF-8 become replacement characters.
  public func text(_ column: Int) -> String { String(decoding: self[column], as: UTF8.self) }
}

/// Where a cell is in its row's bytes.
public struct TableCell: BitwiseCopyable {
  @usableFromInline var start: Int
  @usableFromInline var count: Int

  @usableFromInline
  init(start: Int, count: Int) {
    self.start = start
    self.count = count
  }
}

/// A column as its header names it.
public struct TableColumn: Hashable, Sendable {
  /// The name without its unit.
  public var name: String
  /// The unit in brackets or parentheses after the name, `nil` when there is none.
  public var unit: String?
  /// The header cell as written.
  public var title: String

  /// Takes `area [mm^2]` and `latency(ms)` apart; blanks around are no part of the name.
  public init(title: String) {
    self.title = title
    name = title
    for (open, close) in [("[", "]"), ("(", ")")] where title.hasSuffix(close) {
      guard let start = title.range(of: open, options: .backwards)?.lowerBound else { continue }
      let head = Self.trimmed(title[..<start])
      let unit = Self.trimmed(title[title.index(after: start)...].dropLast())
      guard !head.isEmpty, !unit.isEmpty else { continue }
      (name, self.unit) = (head, unit)
    }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    text.trimmingCharacters(in: .whitespaces)
  }
}

/// What was seen of a file beside its rows.
public struct TableNotes: Hashable, Sendable {
  /// Things to tell the user: duplicate names, a missing newline, a truncated stream.
  public var messages: [String] = []

  /// Nothing seen.
  public init() {}
}
