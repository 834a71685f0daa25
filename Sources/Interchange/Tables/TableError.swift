/// Why a table of others cannot be read.
public enum TableError: Error, Hashable, Sendable {
  /// The operating system refused.
  case cannotOpen(file: String, reason: String)
  /// The operating system refused to write.
  case cannotWrite(file: String, reason: String)
  /// There is nothing in the file, or nothing below its header.
  case empty(file: String, got: String)
  /// The compressed stream is not one.
  case corrupt(file: String, reason: String)
  /// The text is in an encoding that is not read.
  case encoding(file: String, line: Int, got: String, hint: String)
  /// Quotes, braces or the like do not end.
  case malformed(file: String, line: Int, problem: String, hint: String?)
  /// Files that belong together do not fit.
  case mismatch(file: String, problem: String)
}

extension TableError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line when there is one.
  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason): "\(file): cannot be read: \(reason)"
    case .cannotWrite(let file, let reason): "\(file): cannot be written: \(reason)"
    case .empty(let file, let got): "\(file): got \(got), expected a header and rows"
    case .corrupt(let file, let reason):
      "\(file): the gzip data are damaged: \(reason)\n"
        + "hint: fetch or compress the file again; gzip -t tells whether a copy is whole"
    case .encoding(let file, let line, let got, let hint):
      "\(file):\(line): got \(got), expected UTF-8\nhint: \(hint)"
    case .malformed(let file, let line, let problem, let hint):
      "\(file):\(line): \(problem)" + (hint.map { "\nhint: \($0)" } ?? "")
    case .mismatch(let file, let problem): "\(file): \(problem)"
    }
  }
}
