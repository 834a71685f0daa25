import Execution
import GRDB

/// Why a log cannot be used.
public enum TrialLogError: Error, Hashable, Sendable {
  /// There is no such file.
  case absent(file: String)
  /// There is something already, and logs are never overwritten.
  case exists(file: String)
  /// The file is something else.
  case notALog(file: String, got: String)
  /// The file was written by a later version of the program.
  case newer(file: String, version: Int, known: Int)
  /// The disk, a quota or a file size limit is full.
  case full(file: String)
  /// The file or its folder must not be written.
  case readOnly(file: String)
  /// Another process holds the file longer than the time we wait.
  case busy(file: String, seconds: Int)
  /// The log is about something else than the problem.
  case unsuitable(file: String, what: String, name: String, known: [String])
  /// Anything else SQLite says.
  case failed(file: String, problem: String, hint: String?)

  /// Longest wait for other processes, in seconds.
  static let patience = 30

  /// The error for what SQLite says.
  init(_ error: any Error, file: String) {
    if let known = error as? TrialLogError {
      self = known
      return
    }
    guard let error = error as? DatabaseError else {
      self = .failed(file: file, problem: "\(error)", hint: nil)
      return
    }
    switch error.resultCode {
    case .SQLITE_FULL: self = .full(file: file)
    case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(file: file)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(file: file, seconds: Self.patience)
    case .SQLITE_NOTADB: self = .notALog(file: file, got: "something that is no SQLite file")
    case .SQLITE_CORRUPT:
      self = .failed(
        file: file, problem: "the file is damaged",
        hint: "sqlite3 \(file) .recover writes what can be read")
    // The second is the file of shared memory beside the log, which cannot grow.
    case .SQLITE_IOERR
    where [.SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE].contains(error.extendedResultCode):
      self = .full(file: file)
    case .SQLITE_CANTOPEN:
      self = .failed(
        file: file, problem: "cannot be opened",
        hint: "the folder must exist and, for a log that was written last without being closed, "
          + "be writable; copy the log to such a folder")
    default:
      self = .failed(
        file: file, problem: error.message ?? "SQLite code \(error.resultCode)", hint: nil)
    }
  }
}

extension TrialLogError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line when there is one.
  public var description: String {
    switch self {
    case .absent(let file): "\(file): no such log\nhint: dovetail log import makes one"
    case .exists(let file):
      "\(file): got a file that exists, expected a new one\n"
        + "hint: logs are never overwritten; give another name, or add rows with dovetail log append"
    case .notALog(let file, let got): "\(file): got \(got), expected a log"
    case .newer(let file, let version, let known):
      "\(file): got a log of schema \(version), expected \(known) or less\n"
        + "hint: a newer dovetail wrote it; export it there as JSON lines and import it here, or update"
    case .full(let file):
      "\(file): the disk, a quota or a file size limit is full; what was acknowledged is kept\n"
        + "hint: make room and run again"
    case .readOnly(let file):
      "\(file): cannot be written: the file or its folder is read-only\n"
        + "hint: copy the log to a folder you may write to"
    case .busy(let file, let seconds):
      "\(file): another process has held the log for \(seconds) seconds\n"
        + "hint: wait for it or stop it"
    case .unsuitable(let file, let what, let name, let known):
      "\(file): the log has no \(what) \"\(name)\"\nhint: \(suggestion(for: name, among: known))"
    case .failed(let file, let problem, let hint):
      "\(file): \(problem)" + (hint.map { "\nhint: \($0)" } ?? "")
    }
  }
}

extension TrialLogError {
  /// The same error under the name the user knows the file by.
  public func naming(_ file: String) -> TrialLogError {
    switch self {
    case .absent: .absent(file: file)
    case .exists: .exists(file: file)
    case .notALog(_, let got): .notALog(file: file, got: got)
    case .newer(_, let version, let known): .newer(file: file, version: version, known: known)
    case .full: .full(file: file)
    case .readOnly: .readOnly(file: file)
    case .busy(_, let seconds): .busy(file: file, seconds: seconds)
    case .unsuitable(_, let what, let name, let known):
      .unsuitable(file: file, what: what, name: name, known: known)
    case .failed(_, let problem, let hint): .failed(file: file, problem: problem, hint: hint)
    }
  }
}
