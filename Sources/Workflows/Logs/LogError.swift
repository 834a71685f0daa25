import Execution

/// Why a log of others cannot be imported, asked or written as the user said.
public enum LogError: Error, Hashable, Sendable {
  /// A role names a column the file does not have.
  case unknownColumn(role: String, name: String, file: String, known: [String])
  /// No column has a role the import cannot do without.
  case missingRole(role: String, file: String, hint: String)
  /// Two roles, or two values, exclude each other.
  case conflict(String, hint: String?)
  /// A column cannot be what its role needs.
  case wrongColumn(file: String, column: String, got: String, expected: String, hint: String?)
  /// An option or a key of a file is not what it should be.
  case wrongValue(at: String, got: String, expected: String, hint: String?)
  /// A question about something the log lacks.
  case unknownName(what: String, name: String, file: String, known: [String])
  /// No row could be imported.
  case nothingImported(file: String, reasons: String)
}

extension LogError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line when there is one.
  public var description: String {
    switch self {
    case .unknownColumn(let role, let name, let file, let known):
      "\(file): \(role): unknown column \"\(name)\"\nhint: \(suggestion(for: name, among: known))"
    case .missingRole(let role, let file, let hint):
      "\(file): got no \(role), expected at least one column\nhint: \(hint)"
    case .conflict(let problem, let hint): problem + Self.line(hint)
    case .wrongColumn(let file, let column, let got, let expected, let hint):
      "\(file): column \"\(column)\": got \(got), expected \(expected)" + Self.line(hint)
    case .wrongValue(let place, let got, let expected, let hint):
      "\(place): got \(got), expected \(expected)" + Self.line(hint)
    case .unknownName(let what, let name, let file, let known):
      "\(file): unknown \(what) \"\(name)\"\nhint: \(suggestion(for: name, among: known))"
    case .nothingImported(let file, let reasons):
      "\(file): got no row that can be used, expected at least one\nhint: \(reasons)"
    }
  }

  private static func line(_ hint: String?) -> String { hint.map { "\nhint: \($0)" } ?? "" }
}
