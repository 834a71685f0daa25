import DesignSpace
import Foundation
import GRDB
import Study

/// A simulation log: one SQLite file with a row an evaluation.
///
/// What `append` and `write` have returned from is on the disk: a process that is killed at any moment loses at most what
/// was not acknowledged, and leaves a file that opens. Several processes may write to one log; each waits for the others.
public final class TrialLog: Sendable {
  /// Whether a log is only read.
  public enum Access: Sendable {
    /// Queries only; works on write-protected files.
    case reading
    /// Queries and new trials.
    case appending
    /// A new log, filled at once: fast, and durable only after `finish()`.
    case filling
  }

  /// The file's name as the caller gave it.
  public let file: String
  let queue: DatabaseQueue
  private let access: Access

  /// Creates an empty log in a new file, which appears under its name only when it is whole.
  ///
  /// - Throws: `TrialLogError`; `.exists` when there is something already.
  public static func create(file: String, catalog: LogCatalog, access: Access = .appending)
    throws -> TrialLog
  {
    guard !FileManager.default.fileExists(atPath: file) else {
      throw TrialLogError.exists(file: file)
    }
    // A kill between the first byte and the schema would leave a file that is no log: made aside, then linked.
    if access == .appending {
      let partial = "\(file).partial-\(getpid())"
      unlink(partial)
      defer { unlink(partial) }
      do {
        try create(file: partial, catalog: catalog, access: .filling).finish()
      } catch let error as TrialLogError {
        throw error.naming(file)
      }
      guard link(partial, file) == 0 else {
        if errno == EEXIST { throw TrialLogError.exists(file: file) }
        throw TrialLogError.failed(
          file: file, problem: "cannot be made: \(String(cString: strerror(errno)))", hint: nil)
      }
      return try open(file: file, access: .appending)
    }
    // Reserved with exclusive creation: two processes cannot both make it.
    let descriptor = Foundation.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      switch errno {
      case EEXIST: throw TrialLogError.exists(file: file)
      case EACCES, EROFS, EPERM: throw TrialLogError.readOnly(file: file)
      case ENOSPC, EDQUOT: throw TrialLogError.full(file: file)
      default:
        throw TrialLogError.failed(
          file: file, problem: "cannot be made: \(String(cString: strerror(errno)))", hint: nil)
      }
    }
    Foundation.close(descriptor)
    do {
      let log = try TrialLog(connecting: file, access: access)
      try log.guarded {
        try log.queue.writeWithoutTransaction { database in
          try database.inTransaction(.exclusive) {
            try Schema.create(in: database)
            try CatalogStore.write(catalog, to: database)
            return .commit
          }
        }
      }
      return log
    } catch {
      unlink(file)
      throw error
    }
  }

  /// Opens a log.
  ///
  /// - Throws: `TrialLogError`; a later schema is refused, not guessed at.
  public static func open(file: String, access: Access = .reading) throws -> TrialLog {
    var status = stat()
    guard stat(file, &status) == 0 else { throw TrialLogError.absent(file: file) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TrialLogError.notALog(file: file, got: "a folder or device")
    }
    guard status.st_size > 0 else { throw TrialLogError.notALog(file: file, got: "an empty file") }
    if access != .reading {
      let folder = (file as NSString).deletingLastPathComponent
      guard Foundation.access(file, W_OK) == 0,
        Foundation.access(folder.isEmpty ? "." : folder, W_OK) == 0
      else { throw TrialLogError.readOnly(file: file) }
    }
    let log = try TrialLog(connecting: file, access: access)
    let version = try log.guarded {
      try log.queue.read { database in
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard application == Schema.applicationID else {
          throw TrialLogError.notALog(file: file, got: "another program's SQLite file")
        }
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version <= Schema.version else {
          throw TrialLogError.newer(file: file, version: version, known: Schema.version)
        }
        return version
      }
    }
    if access != .reading, version < Schema.version {
      try log.guarded {
        try log.queue.writeWithoutTransaction { database in
          try database.inTransaction(.exclusive) {
            // Another process may have been faster.
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            try Schema.migrate(database, from: version)
            return .commit
          }
        }
      }
    }
    return log
  }

  private init(connecting file: String, access: Access) throws {
    self.file = file
    self.access = access
    var configuration = Configuration()
    configuration.readonly = access == .reading
    configuration.busyMode = .timeout(Double(TrialLogError.patience))
    configuration.label = "trial log"
    configuration.prepareDatabase { database in
      switch access {
      case .reading: break
      case .appending:
        // Taking turns also while the journal changes: the busy timeout does not cover that.
        try Self.retrying { try database.execute(sql: "PRAGMA journal_mode = WAL") }
        try database.execute(sql: "PRAGMA synchronous = FULL")
      case .filling:
        try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      }
    }
    do {
      queue = try DatabaseQueue(path: file, configuration: configuration)
    } catch {
      throw TrialLogError(error, file: file)
    }
  }

  private static func retrying(_ body: () throws -> Void) throws {
    let deadline = Date().addingTimeInterval(Double(TrialLogError.patience))
    while true {
      do {
        return try body()
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        guard Date() < deadline else { throw error }
        usleep(2_000)
      }
    }
  }

  /// Turns what SQLite says into our errors.
  func guarded<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw TrialLogError(error, file: file)
    } catch is RowDecodingError {
      throw CatalogStore.damaged("a value of another type than it was written with", file)
    }
  }

  /// Everything but the trials, as of now.
  ///
  /// - Throws: `TrialLogError`.
  public func catalog() throws -> LogCatalog {
    try guarded { try queue.read { try CatalogStore.read(from: $0, file: file) } }
  }

  /// Number of trials.
  ///
  /// - Throws: `TrialLogError`.
  public func trialCount() throws -> Int {
    try guarded {
      try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM trials") ?? 0 }
    }
  }

  /// Appends one trial and makes it durable.
  ///
  /// - Returns: Its number.
  /// - Throws: `TrialLogError`.
  @discardableResult
  public func append(_ trial: LoggedTrial) throws -> Int {
    try write { try $0.append(trial) }
  }

  /// Appends trials in one transaction: all of them or none.
  ///
  /// - Throws: `TrialLogError`, and what `body` throws.
  public func write<Result>(_ body: (TrialWriter) throws -> Result) throws -> Result {
    try guarded {
      try queue.writeWithoutTransaction { database in
        var result: Result?
        try database.inTransaction(.immediate) {
          let writer = try TrialWriter(
            database: database, catalog: try CatalogStore.read(from: database, file: file),
            file: file)
          result = try body(writer)
          return .commit
        }
        // The transaction would have thrown.
        guard let result else { preconditionFailure("a transaction without a result") }
        return result
      }
    }
  }

  /// Stores the record of an import.
  ///
  /// - Throws: `TrialLogError`.
  public func record(_ record: ImportRecord) throws {
    try guarded {
      try queue.writeWithoutTransaction { database in
        try database.execute(
          sql: "INSERT INTO imports (roles, counts) VALUES (?, ?)",
          arguments: [record.roles, record.counts])
      }
    }
  }

  /// Makes a log that was filled at once durable, and closes it.
  ///
  /// - Throws: `TrialLogError`.
  public func finish() throws {
    try guarded { try queue.close() }
    let descriptor = Foundation.open(file, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { Foundation.close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw TrialLogError.full(file: file) }
  }
}
