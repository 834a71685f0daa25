import Foundation
import GRDB
import GRDBSQLite

/// A prepared statement run through SQLite's own interface: where a million rows pass, values in boxes cost more than
/// SQLite itself.
///
/// Errors are those GRDB would have thrown.
final class RawStatement {
  /// Keeps the prepared statement.
  private let owner: Statement
  private let raw: OpaquePointer

  /// What SQLite does with bound bytes: it copies them at once.
  private static let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  /// - Parameter isKept: Whether the connection keeps the statement for the next transaction; one at a time may use it.
  init(_ sql: String, in database: Database, isKept: Bool = false) throws {
    owner =
      try isKept ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql)
    raw = owner.sqliteStatement
  }

  // MARK: Binding

  func bind(_ place: Int32, _ value: Int?) {
    if let value {
      sqlite3_bind_int64(raw, place, Int64(value))
    } else {
      sqlite3_bind_null(raw, place)
    }
  }

  func bind(_ place: Int32, _ value: Double?) {
    if let value {
      sqlite3_bind_double(raw, place, value)
    } else {
      sqlite3_bind_null(raw, place)
    }
  }

  func bind(_ place: Int32, _ text: String?) {
    guard var text else {
      sqlite3_bind_null(raw, place)
      return
    }
    text.withUTF8 { utf8 in
      _ = utf8.withMemoryRebound(to: CChar.self) { bytes in
        sqlite3_bind_text(raw, place, bytes.baseAddress, Int32(bytes.count), Self.copying)
      }
    }
  }

  func bind(_ place: Int32, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      if buffer.isEmpty {
        _ = sqlite3_bind_zeroblob(raw, place, 0)
      } else {
        _ = sqlite3_bind_blob(
          raw, place, buffer.baseAddress, Int32(buffer.count), Self.copying)
      }
    }
  }

  // MARK: Running

  /// Runs a statement without result and makes it ready for the next.
  func run() throws {
    let code = sqlite3_step(raw)
    guard code == SQLITE_DONE else { throw failure() }
    sqlite3_reset(raw)
  }

  /// Goes to the next row; `false` behind the last.
  func next() throws -> Bool {
    switch sqlite3_step(raw) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure()
    }
  }

  /// Ends a statement that was not run to its end.
  func reset() { sqlite3_reset(raw) }

  private func failure() -> DatabaseError {
    let connection = sqlite3_db_handle(raw)
    let code = sqlite3_extended_errcode(connection)
    let message = sqlite3_errmsg(connection).map { String(cString: $0) }
    sqlite3_reset(raw)
    return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
  }

  // MARK: Reading the present row

  /// Whether a column holds nothing.
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }

  /// A whole number, `nil` for a value of another type.
  func integer(_ column: Int32) -> Int? {
    guard sqlite3_column_type(raw, column) == SQLITE_INTEGER else { return nil }
    return Int(sqlite3_column_int64(raw, column))
  }

  /// A number, `nil` for a value of another type.
  func number(_ column: Int32) -> Double? {
    switch sqlite3_column_type(raw, column) {
    case SQLITE_INTEGER, SQLITE_FLOAT: sqlite3_column_double(raw, column)
    default: nil
    }
  }

  /// A text, `nil` for a value of another type.
  func text(_ column: Int32) -> String? {
    guard sqlite3_column_type(raw, column) == SQLITE_TEXT else { return nil }
    guard let bytes = sqlite3_column_text(raw, column) else { return nil }
    let count = Int(sqlite3_column_bytes(raw, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// Bytes that are valid until the next row; none for a value that is no blob.
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    guard sqlite3_column_type(raw, column) == SQLITE_BLOB else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    let count = Int(sqlite3_column_bytes(raw, column))
    return UnsafeRawBufferPointer(start: sqlite3_column_blob(raw, column), count: count)
  }
}
