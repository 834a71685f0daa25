import GRDB

/// The tables of a log.
enum Schema {
  /// `DVTL`, so that `file` and we can tell a log from other SQLite files.
  static let applicationID = 0x4456_544C
  /// Raised with every change that an older program would misread.
  ///
  /// 2 added constraints of spaces and the searches of users who own their loop.
  static let version = 2

  /// Creates the tables.
  static func create(in database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE spaces (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE parameters (
          id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES spaces, name TEXT NOT NULL,
          title TEXT NOT NULL, unit TEXT NOT NULL, definition TEXT NOT NULL, UNIQUE (space, name));
        CREATE TABLE metrics (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL);
        CREATE TABLE objectives (
          id INTEGER PRIMARY KEY, metric TEXT NOT NULL UNIQUE, goal TEXT NOT NULL);
        CREATE TABLE limits (
          id INTEGER PRIMARY KEY, metric TEXT NOT NULL, side TEXT NOT NULL, bound REAL NOT NULL);
        CREATE TABLE features (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE contexts (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, features BLOB NOT NULL);
        CREATE TABLE words (
          id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE origins (
          id INTEGER PRIMARY KEY, designer TEXT NOT NULL, evaluator TEXT NOT NULL,
          version TEXT NOT NULL, file TEXT NOT NULL, UNIQUE (designer, evaluator, version, file));
        CREATE TABLE imports (
          id INTEGER PRIMARY KEY, roles TEXT NOT NULL, counts TEXT NOT NULL);
        CREATE TABLE trials (
          id INTEGER PRIMARY KEY, space INTEGER NOT NULL, context INTEGER, origin INTEGER NOT NULL,
          status INTEGER NOT NULL, reason INTEGER, split INTEGER, design BLOB NOT NULL,
          metrics BLOB NOT NULL, label TEXT, seed INTEGER, seconds REAL, line INTEGER);
        \(second)
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        """)
  }

  private static let second = """
    CREATE TABLE constraints (
      id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES spaces, text TEXT NOT NULL);
    CREATE TABLE searches (
      id INTEGER PRIMARY KEY CHECK (id = 1), designer TEXT NOT NULL, seed INTEGER NOT NULL);
    CREATE TABLE requests (
      id INTEGER PRIMARY KEY, count INTEGER NOT NULL, known INTEGER NOT NULL);
    CREATE TABLE asks (
      id INTEGER PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests, design BLOB NOT NULL,
      trial INTEGER);
    """

  /// Brings the tables of an earlier version up to date; nothing that is there changes.
  static func migrate(_ database: Database, from version: Int) throws {
    guard version < 2 else { return }
    try database.execute(sql: second + "PRAGMA user_version = \(self.version);")
  }

  /// Numbers for `trials.status`; the words of the reason are in `words`.
  enum Status: Int {
    case feasible = 0
    case constraint = 1
    case hidden = 2
    case limit = 3
    case crash = 4
    case timeout = 5
    case garbage = 6
  }
}
