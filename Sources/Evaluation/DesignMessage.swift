public import DesignSpace

/// What an evaluator is asked: `{"id":1,"design":{"pe_x":4,"order":"K C"},"workload":"resnet"}`.
public enum DesignMessage {
  /// The line without its end; parameters that are not active are left out, and so is an empty workload.
  ///
  /// Numbers read back to the same value, whole ones have no fraction.
  public static func line(
    id: Int, design point: Point, of space: SearchSpace, workload: String = ""
  ) -> String {
    var text = "{\"id\":\(id),\"design\":{"
    var isFirst = true
    for (parameter, value) in zip(space.parameters, space.values(of: point)) {
      guard let value else { continue }
      if !isFirst { text += "," }
      isFirst = false
      text += "\(quoted(parameter.name)):"
      switch value {
      case .number(let number):
        if let whole = Int(exactly: number), abs(whole) < 1 << 53 {
          text += String(whole)
        } else {
          text += number.description
        }
      case .text(let value): text += quoted(value)
      case .truth(let truth): text += truth ? "true" : "false"
      }
    }
    text += "}"
    if !workload.isEmpty { text += ",\"workload\":\(quoted(workload))" }
    return text + "}"
  }

  /// A JSON string.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
