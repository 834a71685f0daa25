import Foundation

/// Reads comma, semicolon, tab or bar separated text, plain or gzip.
///
/// Follows RFC 4180 with what files in the field add: CR LF, CR alone, a byte order mark, blanks around cells, blank
/// lines, records with surplus empty cells at the end. A quote opens a quoted cell only at the cell's beginning.
public final class DelimitedReader: TableReader {
  /// The file's name as the caller gave it.
  public let file: String
  /// The columns known so far.
  public private(set) var columns: [TableColumn] = []
  /// What to tell the user.
  public private(set) var notes = TableNotes()
  /// The byte between cells.
  public private(set) var separator: UInt8

  private let buffer: LineBuffer
  private let hasHeader: Bool
  private var line = 1
  private let cells = RowStorage<TableCell>()
  /// Indices of cells that hold doubled quotes.
  private var escaped: [Int] = []
  private var titles: [[UInt8]] = []
  private var hasStrayText = false

  private static let candidates: [UInt8] = [0x2c, 0x3b, 0x09, 0x7c]

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - file: Its name, for messages.
  ///   - separator: The byte between cells; found from the first line when `nil`.
  ///   - hasHeader: Whether the first line has names.
  /// - Throws: `TableError`.
  public init(file: String, separator: UInt8? = nil, hasHeader: Bool = true) throws(TableError) {
    self.file = file
    self.hasHeader = hasHeader
    self.separator = separator ?? 0x2c
    buffer = try LineBuffer(file: file)
    guard buffer.end > 0 else {
      if buffer.isTruncated {
        throw .corrupt(file: file, reason: "they end within the first block")
      }
      throw .empty(file: file, got: "an empty file")
    }
    try buffer.checkEncoding(file: file)
    if separator == nil { self.separator = likelySeparator() }
    if hasHeader { try readHeader() }
  }

  /// The candidate that is most frequent in the first line, outside quotes.
  private func likelySeparator() -> UInt8 {
    var counts = [0, 0, 0, 0]
    var isQuoted = false
    for index in buffer.start..<buffer.end {
      let byte = buffer.base[index]
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted, byte == 0x0a || byte == 0x0d { break }
      if !isQuoted, let candidate = Self.candidates.firstIndex(of: byte) { counts[candidate] += 1 }
    }
    let most = counts.max() ?? 0
    return most == 0 ? 0x2c : Self.candidates[counts.firstIndex(of: most) ?? 0]
  }

  private func readHeader() throws(TableError) {
    guard let row = try record() else { throw .empty(file: file, got: "blank lines") }
    if row.problem == .encoding {
      throw .encoding(
        file: file, line: row.line, got: "a header that is not", hint: Self.encodingHint)
    }
    titles = (0..<row.cellCount).map { Array(row[$0]) }
    var seen: [String: Int] = [:]
    for (index, title) in titles.enumerated() {
      var column = TableColumn(title: String(decoding: title, as: UTF8.self))
      if column.name.isEmpty { column.name = "column\(index + 1)" }
      let count = seen[column.name, default: 0] + 1
      seen[column.name] = count
      if count > 1 {
        var name = "\(column.name).\(count)"
        while seen[name] != nil { name += "'" }
        notes.messages.append(
          "column \"\(shortened(column.name))\" is there again as number \(index + 1); "
            + "it is called \"\(shortened(name))\"")
        seen[name] = 1
        column.name = name
      }
      columns.append(column)
    }
  }

  static let encodingHint = "if it is Latin-1: iconv -f latin1 -t utf-8"

  /// The next record, `nil` at the end.
  public func next() throws(TableError) -> TableRow? {
    while let row = try record() {
      guard hasHeader else { return row }
      return checked(row)
    }
    if buffer.isTruncated {
      let message = "the gzip data end early: rows after line \(line) are lost"
      if !notes.messages.contains(message) { notes.messages.append(message) }
    }
    return nil
  }

  /// Compares a record with the header.
  private func checked(_ row: TableRow) -> TableRow {
    var count = row.cellCount
    while count > columns.count, row[count - 1].isEmpty { count -= 1 }
    var problem = row.problem
    let isLast = buffer.isAtEnd && buffer.start >= buffer.end && !endedWithNewline
    if problem == nil, count != columns.count {
      problem =
        count < columns.count && isLast
        ? .cutShort : .ragged(got: row.cellCount, expected: columns.count)
    } else if problem == nil, row[0].elementsEqual(titles[0]),
      titles.indices.allSatisfy({ row[$0].elementsEqual(titles[$0]) })
    {
      problem = .repeatedHeader
    } else if problem == nil, isLast {
      if buffer.isTruncated {
        problem = .cutShort
      } else {
        notes.messages.append(
          "line \(row.line), the last, has no newline; it was read, but its last cell may be cut")
      }
    }
    return TableRow(
      line: row.line, cellCount: min(count, row.cellCount), problem: problem, base: row.base,
      cells: row.cells)
  }

  private var endedWithNewline = true

  /// The next record that is not a blank line.
  private func record() throws(TableError) -> TableRow? {
    while true {
      if buffer.start >= buffer.end, try !buffer.refill() { return nil }
      let first = line
      guard let scan = try scanRecord() else { continue }
      buffer.start = scan.next
      line += scan.newlines
      endedWithNewline = scan.hasNewline
      if cells.count == 1, cells.base[0].count == 0 { continue }
      for index in escaped { cells.base[index].count = unescape(cells.base[index]) }
      var problem: TableRow.Problem?
      if !scan.isASCII,
        !isUTF8(UnsafeBufferPointer(start: buffer.base + scan.begin, count: scan.next - scan.begin))
      {
        problem = .encoding
      } else if scan.isUnclosed {
        problem = .cutShort
      } else if hasStrayText {
        problem = .malformed("text follows a closing quote")
      }
      return TableRow(
        line: first, cellCount: cells.count, problem: problem, base: UnsafePointer(buffer.base),
        cells: UnsafePointer(cells.base))
    }
  }

  private struct Scan {
    var begin: Int
    var next: Int
    var newlines: Int
    var isASCII: Bool
    var hasNewline: Bool
    var isUnclosed = false
  }

  /// Finds the cells of the record at `buffer.start`; `nil` after an empty refill at the end.
  private func scanRecord() throws(TableError) -> Scan? {
    while true {
      if let scan = scanAvailable(isFinal: buffer.isAtEnd) {
        if scan.isUnclosed, scan.newlines > 0 {
          throw .malformed(
            file: file, line: line, problem: "a quote opened in this record is never closed",
            hint: "double a quote that belongs to the text")
        }
        return scan
      }
      guard buffer.end - buffer.start <= LineBuffer.longestRecord else {
        throw .malformed(
          file: file, line: line, problem: "this record is longer than 64 MiB",
          hint: "a quote that is never closed makes a record run on")
      }
      if try !buffer.refill(), buffer.start >= buffer.end { return nil }
    }
  }

  /// One pass over the bytes at hand; `nil` when the record does not end among them.
  private func scanAvailable(isFinal: Bool) -> Scan? {
    cells.removeAll()
    escaped.removeAll(keepingCapacity: true)
    hasStrayText = false
    let base = buffer.base
    let end = buffer.end
    let separator = separator
    var position = buffer.start
    var newlines = 0
    var bits: UInt8 = 0
    while true {
      // At the beginning of a cell.
      while position < end, base[position] == 0x20 || (base[position] == 0x09 && separator != 0x09)
      { position += 1 }
      var cell = TableCell(start: position, count: 0)
      if position < end, base[position] == 0x22 {
        position += 1
        cell.start = position
        var isClosed = false
        while position < end {
          let byte = base[position]
          bits |= byte
          if byte == 0x22 {
            guard position + 1 < end, base[position + 1] == 0x22 else {
              isClosed = true
              break
            }
            if escaped.last != cells.count { escaped.append(cells.count) }
            position += 2
            continue
          }
          if byte == 0x0a { newlines += 1 }
          position += 1
        }
        guard isClosed, isFinal || position + 1 < end else {
          guard isFinal else { return nil }
          cell.count = position - cell.start
          cells.append(cell)
          return Scan(
            begin: buffer.start, next: end, newlines: newlines, isASCII: bits < 0x80,
            hasNewline: false, isUnclosed: true)
        }
        cell.count = position - cell.start
        position += 1
        while position < end {
          let byte = base[position]
          if byte == separator || byte == 0x0a || byte == 0x0d { break }
          if byte != 0x20, byte != 0x09 { hasStrayText = true }
          position += 1
        }
      } else {
        while position < end {
          let byte = base[position]
          if byte == separator || byte == 0x0a || byte == 0x0d { break }
          bits |= byte
          position += 1
        }
        var last = position
        while last > cell.start, base[last - 1] == 0x20 || base[last - 1] == 0x09 { last -= 1 }
        cell.count = last - cell.start
      }
      cells.append(cell)
      guard position < end else {
        guard isFinal else { return nil }
        return Scan(
          begin: buffer.start, next: end, newlines: newlines, isASCII: bits < 0x80,
          hasNewline: false)
      }
      let byte = base[position]
      position += 1
      if byte == separator { continue }
      if byte == 0x0d {
        guard position < end || isFinal else { return nil }
        if position < end, base[position] == 0x0a { position += 1 }
      }
      return Scan(
        begin: buffer.start, next: position, newlines: newlines + 1, isASCII: bits < 0x80,
        hasNewline: true)
    }
  }

  /// Makes doubled quotes single in place; returns the new length.
  private func unescape(_ cell: TableCell) -> Int {
    let base = buffer.base + cell.start
    var target = 0
    var source = 0
    while source < cell.count {
      base[target] = base[source]
      source += base[source] == 0x22 ? 2 : 1
      target += 1
    }
    return target
  }
}
