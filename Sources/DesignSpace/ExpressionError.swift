import Execution

/// Why a text is no constraint, with the column of the first problem.
public struct ExpressionError: Error, Hashable, Sendable {
  /// The whole expression.
  public var text: String
  /// Column of the problem, in characters from 1; one past the end for something that is absent.
  public var column: Int
  /// What is wrong there.
  public var message: String
  /// The next step, if there is one.
  public var hint: String?

  init(_ text: String, at column: Int, _ message: String, hint: String? = nil) {
    self.text = text
    self.column = column
    self.message = message
    self.hint = hint
  }

  /// The message with the place in the text under it.
  ///
  /// ```
  /// constraint: column 8: unknown name "pe_z"
  ///   pe_x * pe_z <= 256
  ///          ^
  /// ```
  public var problem: String {
    // A window of the text, so that a line of thousands of characters stays readable.
    let characters = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
    let start = max(0, min(column - 40, characters.count - 80))
    let end = min(characters.count, start + 80)
    let lead = start > 0 ? "..." : ""
    let window = lead + String(characters[start..<end]) + (end < characters.count ? "..." : "")
    let space = String(repeating: " ", count: lead.count + column - 1 - start)
    return "constraint: column \(column): \(message)\n  \(window)\n  \(space)^"
  }
}

extension ExpressionError: CustomStringConvertible {
  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
