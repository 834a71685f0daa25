import Foundation

/// Reads one JSON object a line, plain or gzip; nested members become columns with dotted names.
public final class JSONLinesReader: TableReader {
  /// The file's name as the caller gave it.
  public let file: String
  /// What to tell the user.
  public private(set) var notes = TableNotes()

  private let buffer: LineBuffer
  private var line = 0
  private var flat = LiteralFlattener(allowsPython: false)
  private var leaves = LeafColumns()

  /// The columns known so far.
  public var columns: [TableColumn] { leaves.columns }

  /// Opens a file.
  ///
  /// - Throws: `TableError`.
  public init(file: String) throws(TableError) {
    self.file = file
    buffer = try LineBuffer(file: file)
    guard buffer.end > 0 else {
      if buffer.isTruncated {
        throw .corrupt(file: file, reason: "they end within the first block")
      }
      throw .empty(file: file, got: "an empty file")
    }
    try buffer.checkEncoding(file: file)
    if let first = (buffer.start..<buffer.end).first(where: { buffer.base[$0] > 0x20 }),
      buffer.base[first] == UInt8(ascii: "[")
    {
      throw .malformed(
        file: file, line: 1, problem: "got one JSON list, expected one object a line",
        hint: "rewrite it: jq -c '.[]'")
    }
  }

  /// The next record, `nil` at the end.
  public func next() throws(TableError) -> TableRow? {
    while let (range, hasNewline) = try nextLine() {
      let text = UnsafeBufferPointer(
        start: UnsafePointer(buffer.base) + range.lowerBound, count: range.count)
      guard text.contains(where: { $0 > 0x20 }) else { continue }
      var problem: TableRow.Problem?
      flat.removeAll()
      if text.contains(where: { $0 >= 0x80 }), !isUTF8(text) {
        problem = .encoding
      } else if text.first(where: { $0 > 0x20 }) != UInt8(ascii: "{") {
        problem = hasNewline ? .malformed("a record is no object") : .cutShort
      } else {
        do {
          try flat.append(text)
        } catch {
          problem = hasNewline ? .malformed(error.problem) : .cutShort
          flat.removeAll()
        }
      }
      if !leaves.place(flat) { problem = .malformed("more than 20,000 different members") }
      return leaves.row(line: line, problem: problem)
    }
    if buffer.isTruncated {
      let message = "the gzip data end early: rows after line \(line) are lost"
      if !notes.messages.contains(message) { notes.messages.append(message) }
    }
    return nil
  }

  private func nextLine() throws(TableError) -> (Range<Int>, hasNewline: Bool)? {
    while true {
      let count = buffer.end - buffer.start
      if count > 0, let found = memchr(buffer.base + buffer.start, 0x0a, count) {
        let newline = UnsafeRawPointer(found) - UnsafeRawPointer(buffer.base)
        let range = buffer.start..<newline
        buffer.start = newline + 1
        line += 1
        return (range, true)
      }
      guard count <= LineBuffer.longestRecord else {
        throw .malformed(
          file: file, line: line + 1, problem: "this record is longer than 64 MiB", hint: nil)
      }
      if try buffer.refill() { continue }
      guard count > 0 else { return nil }
      let range = buffer.start..<buffer.end
      buffer.start = buffer.end
      line += 1
      return (range, false)
    }
  }
}
