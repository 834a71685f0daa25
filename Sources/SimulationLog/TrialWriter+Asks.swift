import DesignSpace
import Foundation
import GRDB
import Study

/// A search whose evaluations its user makes: which designer, from which seed.
public struct SearchSetup: Hashable, Sendable {
  /// Name of the designer.
  public var designer: String
  /// The seed of its draws.
  public var seed: UInt64

  /// Creates a setup.
  public init(designer: String, seed: UInt64) {
    self.designer = designer
    self.seed = seed
  }
}

/// Designs that were asked for together.
public struct AskRequest: Hashable, Sendable {
  /// One of the designs.
  public struct Ask: Hashable, Sendable {
    /// Unique in a log, from 1.
    public var id: Int
    /// The design.
    public var coordinates: [Double]
    /// The row that answers it, `nil` while it is outstanding.
    public var row: Int?
  }

  /// From 1 in the order of asking.
  public var id: Int
  /// How many designs were wanted.
  public var count: Int
  /// The last row that was known when it was asked, 0 for none.
  public var lastKnownRow: Int
  /// The designs, fewer than wanted when the space had no more.
  public var asks: [Ask]
}

/// The searches of users who own their loop; the first space of the log is searched.
extension TrialWriter {
  /// The search of this log, `nil` when it has none.
  ///
  /// - Throws: What SQLite says.
  public func searchSetup() throws -> SearchSetup? {
    guard let row = try Row.fetchOne(database, sql: "SELECT designer, seed FROM searches") else {
      return nil
    }
    return SearchSetup(
      designer: try row.decode(String.self, atIndex: 0),
      seed: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 1)))
  }

  /// Begins the search of this log, which has none.
  ///
  /// - Throws: What SQLite says.
  public func begin(_ setup: SearchSetup) throws {
    try database.execute(
      sql: "INSERT INTO searches (id, designer, seed) VALUES (1, ?, ?)",
      arguments: [setup.designer, Int64(bitPattern: setup.seed)])
  }

  /// Everything that was asked, in order.
  ///
  /// - Throws: `TrialLogError`.
  public func requests() throws -> [AskRequest] {
    let codec = DesignCodec(catalog.spaces[0].space)
    var requests: [AskRequest] = []
    var places: [Int: Int] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT id, count, known FROM requests ORDER BY id")
    {
      let id = try row.decode(Int.self, atIndex: 0)
      places[id] = requests.count
      requests.append(
        AskRequest(
          id: id, count: try row.decode(Int.self, atIndex: 1),
          lastKnownRow: try row.decode(Int.self, atIndex: 2), asks: []))
    }
    for row in try Row.fetchAll(
      database, sql: "SELECT id, request, design, trial FROM asks ORDER BY id")
    {
      let id = try row.decode(Int.self, atIndex: 0)
      let design = try row.decode(Data.self, atIndex: 2).withUnsafeBytes { codec.decode($0) }
      guard let place = places[try row.decode(Int.self, atIndex: 1)], let design else {
        throw CatalogStore.damaged("ask \(id)", file)
      }
      requests[place].asks.append(
        AskRequest.Ask(
          id: id, coordinates: design, row: try row.decode(Int?.self, atIndex: 3)))
    }
    return requests
  }

  /// Notes what is asked.
  ///
  /// - Parameters:
  ///   - count: How many designs were wanted.
  ///   - lastKnownRow: The last row the designer was told of.
  ///   - designs: Their coordinates.
  /// - Returns: Their ids.
  /// - Throws: What SQLite says.
  public func request(count: Int, lastKnownRow: Int, designs: [[Double]]) throws -> [Int] {
    let codec = DesignCodec(catalog.spaces[0].space)
    try database.execute(
      sql: "INSERT INTO requests (count, known) VALUES (?, ?)", arguments: [count, lastKnownRow])
    let request = database.lastInsertedRowID
    var ids: [Int] = []
    for coordinates in designs {
      var bytes: [UInt8] = []
      codec.encode(coordinates, into: &bytes)
      try database.execute(
        sql: "INSERT INTO asks (request, design) VALUES (?, ?)", arguments: [request, Data(bytes)])
      ids.append(Int(database.lastInsertedRowID))
    }
    return ids
  }

  /// Notes the row that answers an ask.
  ///
  /// - Throws: What SQLite says.
  public func settle(ask id: Int, row: Int) throws {
    try database.execute(sql: "UPDATE asks SET trial = ? WHERE id = ?", arguments: [row, id])
  }

  /// Calls `body` for every row of the log, in order.
  ///
  /// - Throws: `TrialLogError`, and what `body` throws.
  public func forEachTrial(_ body: (LoggedTrial) throws -> Void) throws {
    try TrialLog.scan(database, catalog: catalog, file: file, matching: TrialFilter()) {
      try body($0)
      return true
    }
  }
}
