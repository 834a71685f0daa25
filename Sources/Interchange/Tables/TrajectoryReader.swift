import Foundation

/// Reads the trajectories ArchGym's agents leave: a file of actions beside files of observations and rewards, one step a
/// record.
///
/// Two forms are read. With headers (`proxy-pipeline/data` of the public repository srivatsankrishnan/oss-arch-gym,
/// commits 149415e and 1162f65), the files are joined record by record. Without (`sims/*/*_logs`), each cell is what
/// Python prints: a dictionary of parameters becomes columns named by its keys, a list of observations becomes
/// `observation.0` and on, other cells `action.1` and on. Records that are empty, which agents write as headers, are
/// skipped.
public final class TrajectoryReader: TableReader {
  /// The file's name as the caller gave it.
  public let file: String
  /// What to tell the user.
  public private(set) var notes = TableNotes()

  private let parts: [Part]
  private var flat = LiteralFlattener(allowsPython: true)
  private var leaves = LeafColumns()
  private var row = 0

  private struct Part {
    var role: String
    var reader: DelimitedReader
  }

  /// The columns known so far.
  public var columns: [TableColumn] { leaves.columns }

  /// The words for the files of a trajectory, actions first.
  static let roles = ["actions", "observations", "rewards", "fitness"]

  /// Whether a file's name is that of a trajectory's actions, with another file of the trajectory beside it.
  public static func isTrajectory(file: String) -> Bool {
    name(file).hasPrefix("actions") && companions(of: file).count > 1
  }

  private static func name(_ file: String) -> Substring {
    file.split(separator: "/").last ?? ""
  }

  /// The files of a trajectory with their roles.
  private static func companions(of file: String) -> [(role: String, file: String)] {
    let folder = file.dropLast(name(file).count)
    return roles.compactMap { role in
      let other = "\(folder)\(role)\(name(file).dropFirst("actions".count))"
      return FileManager.default.fileExists(atPath: other) ? (role, other) : nil
    }
  }

  /// Opens a file of actions and what is beside it.
  ///
  /// - Throws: `TableError`.
  public init(actionsFile file: String) throws(TableError) {
    self.file = file
    var parts: [Part] = []
    for (role, other) in Self.companions(of: file) {
      let hasHeader = try Self.hasHeader(file: other)
      do {
        parts.append(
          Part(
            role: String(role.last == "s" && role != "fitness" ? role.dropLast() : role[...]),
            reader: try DelimitedReader(file: other, separator: 0x2c, hasHeader: hasHeader)))
      } catch {
        guard role != "actions", case .empty = error else { throw error }
      }
    }
    guard !parts.isEmpty else { throw .cannotOpen(file: file, reason: "no such file") }
    self.parts = parts
    notes.messages.append(
      "joined record by record: \(parts.map(\.reader.file).joined(separator: ", "))")
  }

  /// Whether the first record is made of names: none is empty, a number, or something Python printed.
  private static func hasHeader(file: String) throws(TableError) -> Bool {
    let reader = try DelimitedReader(file: file, separator: 0x2c, hasHeader: false)
    guard let row = try reader.next() else { return false }
    return (0..<row.cellCount).allSatisfy { column in
      guard let first = row[column].first else { return false }
      return (first | 0x20) &- 97 < 26 && Double(row.text(column)) == nil
    }
  }

  /// The next record, `nil` at the end.
  public func next() throws(TableError) -> TableRow? {
    flat.removeAll()
    var line = 0
    var problem: TableRow.Problem?
    var ended: [String] = []
    for part in parts {
      guard let cells = try nextFilled(part.reader) else {
        ended.append(part.reader.file)
        continue
      }
      if line == 0 { line = cells.line }
      problem = problem ?? cells.problem
      for column in 0..<cells.cellCount where problem == nil {
        problem = append(cells, column, of: part)
      }
    }
    guard ended.isEmpty else {
      guard ended.count == parts.count else {
        throw .mismatch(
          file: ended[0],
          problem: "has \(row) records, fewer than the other files of the trajectory")
      }
      for part in parts {
        for message in part.reader.notes.messages where !notes.messages.contains(message) {
          notes.messages.append(message)
        }
      }
      return nil
    }
    row += 1
    if problem != nil { flat.removeAll() }
    if !leaves.place(flat) { problem = .malformed("more than 20,000 different members") }
    return leaves.row(line: line, problem: problem)
  }

  /// The next record with something in it.
  private func nextFilled(_ reader: DelimitedReader) throws(TableError) -> TableRow? {
    while let cells = try reader.next() {
      if (0..<cells.cellCount).contains(where: { !cells[$0].isEmpty }) { return cells }
    }
    return nil
  }

  private func append(_ cells: TableRow, _ column: Int, of part: Part) -> TableRow.Problem? {
    let bytes = cells[column]
    let first = bytes.first ?? 0
    let isPrinted = [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "(")].contains(first)
    let name =
      part.reader.columns.isEmpty
      ? first == UInt8(ascii: "{")
        ? "" : cells.cellCount == 1 ? part.role : "\(part.role).\(column + 1)"
      : part.reader.columns[column].title
    do {
      if isPrinted {
        try flat.append(bytes, under: name)
      } else {
        flat.append(text: bytes, under: name)
      }
    } catch {
      return .malformed(error.problem)
    }
    return nil
  }
}
