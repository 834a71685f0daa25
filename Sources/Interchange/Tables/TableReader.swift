/// A table of a file, read record by record in bounded memory.
///
/// `columns` is complete once the first record has been read for delimited text, and after the last one for JSON lines,
/// whose records may bring new keys.
public protocol TableReader: AnyObject {
  /// The file's name as the caller gave it.
  var file: String { get }
  /// The columns known so far.
  var columns: [TableColumn] { get }
  /// What to tell the user; complete after the last record.
  var notes: TableNotes { get }
  /// The next record, `nil` at the end; its bytes are valid until the next call.
  ///
  /// - Throws: `TableError` when nothing after this point can be read.
  func next() throws(TableError) -> TableRow?
}
