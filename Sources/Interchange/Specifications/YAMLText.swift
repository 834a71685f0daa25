/// Writes the small part of YAML that specifications use; `SpecificationNode` reads it back.
public enum YAMLText {
  /// A text as a scalar: plain where that is unmistakable, otherwise in double quotes.
  public static func scalar(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// A list of texts on one line.
  public static func list(_ items: [String]) -> String {
    "[\(items.map(scalar).joined(separator: ", "))]"
  }

  /// A mapping on one line; pairs without a value are left out, and `nil` is returned when none is left.
  public static func flow(_ pairs: [(key: String, value: String?)]) -> String? {
    let written = pairs.compactMap { pair in pair.value.map { "\(pair.key): \($0)" } }
    return written.isEmpty ? nil : "{\(written.joined(separator: ", "))}"
  }

  /// Letters, digits and a few marks, beginning with a letter, and not a word with a meaning.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 60 else { return false }
    guard !["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased()) else {
      return false
    }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || (48...57).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// A text in double quotes, whatever it holds.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "&": result += "\\x26"
      case _ where scalar.value < 32 || (127...160).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
      case "\u{2028}": result += "\\u2028"
      case "\u{2029}": result += "\\u2029"
      case "\u{FEFF}": result += "\\uFEFF"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
