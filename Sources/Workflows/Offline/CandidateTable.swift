import DesignSpace
import Interchange
public import OfflineDesign
import Study

/// Designs that are to be put in order, as a table gives them.
public struct CandidateTable: Sendable {
  /// The designs, with the log's parameters.
  public var designs: DesignColumns
  /// One name a design: the identity column's cell, else the number of the row from 1.
  public var ids: [String]
  /// One workload a design; empty where the table names none.
  public var contexts: [String]
  /// One row of workload features a design, in the log's order of features; NaN where they are missing.
  public var features: [[Double]]
  /// One part of the data a design; empty where the table names none.
  public var splits: [String]
  /// Rows that could not be read, with reasons and the first line.
  public var dropped: [(reason: String, count: Int, firstLine: Int)]
  /// Things to tell the user: columns the log does not know.
  public var notes: [String]

  /// Which columns say what beside the parameters; `nil` where there is none.
  public struct Roles: Hashable, Sendable {
    /// The design's name.
    public var id: String?
    /// The workload.
    public var workload: String?
    /// The part of the data.
    public var split: String?
    /// Features of the workload, in the log's order.
    public var features: [String] = []

    /// No roles.
    public init() {}
  }

  /// Reads a table, plain or gzip.
  ///
  /// - Parameters:
  ///   - file: Comma, semicolon, tab or bar separated text with a header, or JSON lines.
  ///   - parameters: The log's parameters; each must be a column.
  ///   - required: Columns the user named.
  /// - Throws: `LogError.unknownColumn` for a parameter or a named column the table lacks, `TableError`.
  /// - Complexity: O(*rows x columns*).
  init(
    reading file: String, parameters: [Parameter], titles: [String], roles: Roles,
    required: [String] = []
  ) throws {
    let reader = try DelimitedReader(file: file)
    var indices: [String: Int] = [:]
    for (index, column) in reader.columns.enumerated() {
      for name in [column.title, column.name] where indices[name] == nil { indices[name] = index }
    }
    let known = reader.columns.map(\.name)
    for name in required where indices[name] == nil {
      throw LogError.unknownColumn(role: "option", name: name, file: file, known: known)
    }
    let places = try parameters.enumerated().map { number, parameter in
      guard let place = indices[parameter.name] ?? indices[titles[number]] else {
        throw LogError.unknownColumn(
          role: "parameter of the log", name: parameter.name, file: file, known: known)
      }
      return place
    }
    let id = roles.id.flatMap { indices[$0] }
    let workload = roles.workload.flatMap { indices[$0] }
    let split = roles.split.flatMap { indices[$0] }
    let featurePlaces = roles.features.map { indices[$0] }
    let isWorded = parameters.map(OfflineLog.isWorded)
    var numbers = [[Double]](repeating: [], count: parameters.count)
    var words = [[String]](repeating: [], count: parameters.count)
    ids = []
    contexts = []
    features = []
    splits = []
    dropped = []
    notes = reader.notes.messages
    var row = 0
    rows: while let next = try reader.next() {
      row += 1
      if row % 65_536 == 0 { try Task.checkCancellation() }
      if let problem = next.problem {
        Self.count("\(problem)", line: next.line, in: &dropped)
        continue
      }
      var values = [Double](repeating: .nan, count: parameters.count)
      for (index, place) in places.enumerated() where !isWorded[index] {
        switch CellValue(next[place]) {
        case .number(let value): values[index] = value
        case .missing: break
        case .infinite, .text:
          if let truth = CellValue.truth(next[place]) {
            values[index] = truth ? 1 : 0
          } else {
            Self.count(
              "column \"\(parameters[index].name)\": got \"\(next.text(place))\", expected a number",
              line: next.line, in: &dropped)
            continue rows
          }
        }
      }
      for (index, place) in places.enumerated() {
        if isWorded[index] {
          words[index].append(next.text(place))
        } else {
          numbers[index].append(values[index])
        }
      }
      ids.append(id.map { next.text($0) } ?? String(row))
      contexts.append(workload.map { next.text($0) } ?? "")
      splits.append(split.map { next.text($0) } ?? "")
      features.append(
        featurePlaces.map { place in
          if let place, case .number(let value) = CellValue(next[place]) { return value }
          return .nan
        })
    }
    designs = DesignColumns(
      names: parameters.map(\.name),
      columns: parameters.indices.map { index in
        isWorded[index] ? .words(words[index]) : .numbers(numbers[index])
      })
  }

  /// The rows of each workload, in order of first appearance.
  var rowsByContext: [(name: String, rows: [Int])] {
    var result: [(name: String, rows: [Int])] = []
    var places: [String: Int] = [:]
    for (row, name) in contexts.enumerated() {
      if let place = places[name] {
        result[place].rows.append(row)
      } else {
        places[name] = result.count
        result.append((name, [row]))
      }
    }
    return result
  }

  private static func count(
    _ reason: String, line: Int, in dropped: inout [(reason: String, count: Int, firstLine: Int)]
  ) {
    if let index = dropped.firstIndex(where: { $0.reason == reason }) {
      dropped[index].count += 1
    } else {
      dropped.append((reason, 1, line))
    }
  }

  /// Words of the candidates the log has never seen, a note a parameter.
  func unseenWords(_ encoding: FeatureEncoding) -> [String] {
    designs.columns.indices.compactMap { index in
      guard case .words(let texts) = designs.columns[index] else { return nil }
      let unseen = encoding.unseenWords(texts, parameter: index)
      guard let first = unseen.first else { return nil }
      return
        "column \"\(designs.names[index])\": \(unseen.count) values the log has never seen, such as \"\(first)\""
    }
  }
}
