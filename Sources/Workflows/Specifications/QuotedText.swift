/// A text as YAML in double quotes, which the reader of our files gives back unchanged, whatever characters it has.
///
/// Escaped are quotes, backslashes, `&` (the reader refuses what looks like an anchor), and everything that is not printable or that
/// YAML 1.1 takes for the end of a line.
func yamlQuoted(_ text: String) -> String {
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
