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

  /// A text in double quotes, which the reader of our files gives back unchanged, whatever characters it has.
  ///
  /// Escaped are quotes, backslashes, `&` (the reader refuses what looks like an anchor), and everything that is not printable or that
  /// YAML 1.1 takes for the end of a line.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "&": result += "\\x26"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
          .unassigned:
          let digits = String(scalar.value, radix: 16)
          let isShort = scalar.value <= 0xFFFF
          result += isShort ? "\\u" : "\\U"
          result += String(repeating: "0", count: (isShort ? 4 : 8) - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
