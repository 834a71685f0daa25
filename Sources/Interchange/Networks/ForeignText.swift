import Foundation

/// A line-based foreign file: its lines with their numbers.
struct ForeignText {
  let file: String
  let lines: [Substring]
  private let text: String

  /// Checks size and encoding; accepts a byte order mark and any line ending.
  init(_ bytes: Data, file: String) throws(SpecificationError) {
    let start = SpecificationPlace(file: file, line: 1)
    guard bytes.count <= SpecificationNode.largestFileSize else {
      throw .unreadable(
        at: start, got: "\(bytes.count) bytes",
        expected: "at most \(SpecificationNode.largestFileSize)")
    }
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw .unreadable(at: start, got: "bytes that are not UTF-8", expected: "UTF-8 text")
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw .unreadable(at: start, got: "an empty file", expected: "text")
    }
    self.file = file
    self.text = text
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  /// The file's name without folders and its last extension.
  var baseName: String { Self.baseName(of: file) }

  /// The name of a file without folders and its last extension.
  static func baseName(of file: String) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
    return String(last[..<dot])
  }

  func place(_ line: Int, _ field: String = "") -> SpecificationPlace {
    SpecificationPlace(file: file, line: line, field: shortened(field))
  }

  /// A positive whole number of a field.
  func number(_ field: Substring, line: Int, name: String, limit: Int) throws(SpecificationError)
    -> Int
  {
    let digits = trimmed(field)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let value = Int(digits), (1...limit).contains(value)
    else {
      throw .wrongValue(
        at: place(line, name), got: digits.isEmpty ? "nothing" : "\"\(shortened(digits))\"",
        expected: "a whole number in 1...\(limit)")
    }
    return value
  }
}

/// A text without spaces around it.
func trimmed(_ text: some StringProtocol) -> String {
  text.trimmingCharacters(in: .whitespaces)
}

/// Layer names made distinct: a second `conv` becomes `conv-2`.
struct DistinctNames {
  private var used: Set<String> = []

  mutating func take(_ name: String) -> String {
    let base = name.isEmpty ? "layer" : name
    var candidate = base
    var number = 2
    while !used.insert(candidate).inserted {
      candidate = "\(base)-\(number)"
      number += 1
    }
    return candidate
  }
}
