/// What an import read, kept and dropped.
public struct ImportSummary: Hashable, Sendable {
  /// Rows left out for one reason.
  public struct Dropped: Hashable, Sendable {
    /// The reason.
    public var reason: String
    /// How many rows.
    public var count: Int
    /// The first lines it happened in, at most three.
    public var lines: [Int]
    /// The next step, if there is one.
    public var hint: String?
  }

  /// One file.
  public struct File: Hashable, Sendable {
    /// The name as given.
    public var file: String
    /// Records in it, without header and blank lines.
    public var rowCount = 0
    /// Rows now in the log.
    public var importedCount = 0
    /// Of these, designs that work.
    public var feasibleCount = 0
    /// Rows left out; the counts add up to the rows that are not in the log.
    public var dropped: [Dropped] = []
    /// What else was seen.
    public var notes: [String] = []
  }

  /// One parameter as it was understood.
  public struct Column: Hashable, Sendable {
    /// Name of the space.
    public var space: String
    /// Name of the parameter.
    public var name: String
    /// Name in the file, where it is another.
    public var title: String
    /// The kind.
    public var kind: String
    /// Why this kind.
    public var explanation: String
  }

  /// The files in the order they were read.
  public var files: [File] = []
  /// The parameters.
  public var columns: [Column] = []
  /// The roles, as a roles file.
  public var roles = ""
  /// Names of the workloads.
  public var contextCount = 0
  /// What else to tell.
  public var notes: [String] = []

  /// Sum over the files.
  public var rowCount: Int { files.reduce(0) { $0 + $1.rowCount } }
  /// Sum over the files.
  public var importedCount: Int { files.reduce(0) { $0 + $1.importedCount } }
  /// Sum over the files.
  public var feasibleCount: Int { files.reduce(0) { $0 + $1.feasibleCount } }
  /// Sum over the files.
  public var droppedCount: Int { files.reduce(0) { $0 + $1.dropped.reduce(0) { $0 + $1.count } } }
}

/// Counts rows that are left out by reason, in the order the reasons come up.
struct DropCounter {
  private(set) var dropped: [ImportSummary.Dropped] = []
  private var places: [String: Int] = [:]

  mutating func add(_ drop: RowDrop, line: Int) {
    if let place = places[drop.reason] {
      dropped[place].count += 1
      if dropped[place].lines.count < 3 { dropped[place].lines.append(line) }
    } else {
      places[drop.reason] = dropped.count
      dropped.append(
        ImportSummary.Dropped(reason: drop.reason, count: 1, lines: [line], hint: drop.hint))
    }
  }
}

/// Why a row is left out; the reason has nothing of the row in it, so that rows can be counted by it.
struct RowDrop: Error {
  var reason: String
  var hint: String?
}
