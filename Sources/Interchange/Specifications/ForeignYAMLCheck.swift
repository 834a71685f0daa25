/// Looks through the text of a foreign file for what must be expanded or refused before it is parsed.
///
/// Templates (`{{ x }}`, `{% for %}`) are no YAML. An alias inside a key is refused because the parser hashes keys,
/// which takes exponential time for nested aliases.
struct ForeignYAMLCheck {
  let text: String
  let file: String

  func run() throws(SpecificationError) {
    let hasAnchors = text.utf8.contains(UInt8(ascii: "&"))
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let content = Self.withoutComment(line)
      for mark in ["{{", "{%", "{#"] where content.contains(mark) {
        throw .malformed(
          at: SpecificationPlace(file: file, line: number),
          problem: "got a template (\(mark)), expected plain YAML",
          hint: "expand the jinja2 templates first; Timeloop's front end writes the expanded "
            + "text to parsed-processed-input.yaml")
      }
      guard hasAnchors, Self.hasKeyThatMayHoldAliases(line) else { continue }
      throw .malformed(
        at: SpecificationPlace(file: file, line: number),
        problem: "got an alias or a collection as a key, expected a name", hint: nil)
    }
  }

  /// The line up to a `#` at its beginning or after a space; quotes are not looked at.
  private static func withoutComment(_ line: Substring) -> Substring {
    var previous: UInt8 = 32
    var index = line.utf8.startIndex
    while index < line.utf8.endIndex {
      let byte = line.utf8[index]
      if byte == UInt8(ascii: "#"), previous == 32 || previous == 9 { return line[..<index] }
      previous = byte
      index = line.utf8.index(after: index)
    }
    return line
  }

  /// Whether a key of the line could be an alias, a list or mapping with one, or of the form `? key`.
  ///
  /// Comments and quotes are not taken out: a `#` in a quoted text must not hide what follows it.
  private static func hasKeyThatMayHoldAliases(_ line: Substring) -> Bool {
    let hasStar = line.utf8.contains(UInt8(ascii: "*"))
    var isToken = true
    var isAlias = false
    var isClosed = false
    var isQuestion = false
    var previous: UInt8 = 32
    for byte in line.utf8 {
      let isSpace = byte == 32 || byte == 9
      if isQuestion, isSpace { return true }
      isQuestion = byte == UInt8(ascii: "?") && [9, 32, 44, 91, 123].contains(previous)
      if hasStar, byte == UInt8(ascii: ":"), isAlias || isClosed { return true }
      if byte == UInt8(ascii: "*"), isToken {
        isAlias = true
      } else if !isSpace {
        isClosed = byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
        if [44, 91, 93, 123, 125].contains(byte) { isAlias = false }
      }
      if !isSpace { isToken = [44, 45, 58, 63, 91, 123].contains(byte) }
      previous = byte
    }
    return isQuestion
  }
}
