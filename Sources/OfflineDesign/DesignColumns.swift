/// Designs as columns: for each parameter one value a row, as a log or a list of candidates has them.
public struct DesignColumns: Hashable, Sendable {
  /// The values of one parameter.
  public enum Column: Hashable, Sendable {
    /// Numbers; NaN where the parameter is inactive or missing.
    case numbers([Double])
    /// Words, also permutations; empty where the parameter is inactive or missing.
    case words([String])
  }

  /// The names of the parameters.
  public let names: [String]
  /// One column a name, all of equal length.
  public private(set) var columns: [Column]
  /// The number of designs.
  public private(set) var rowCount: Int

  /// Creates columns.
  public init(names: [String], columns: [Column]) {
    precondition(names.count == columns.count, "one column per name")
    let rowCount = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == rowCount }, "columns have equal length")
    self.names = names
    self.columns = columns
    self.rowCount = rowCount
  }

  /// The designs of the given rows, in their order.
  public func rows(_ indices: [Int]) -> DesignColumns {
    DesignColumns(
      names: names,
      columns: columns.map { column in
        switch column {
        case .numbers(let values): .numbers(indices.map { values[$0] })
        case .words(let values): .words(indices.map { values[$0] })
        }
      })
  }

  /// These designs, then those of another list with the same names.
  public func appending(_ other: DesignColumns) -> DesignColumns {
    precondition(names == other.names, "both have the same parameters")
    return DesignColumns(
      names: names,
      columns: zip(columns, other.columns).map { mine, others in
        switch (mine, others) {
        case (.numbers(let a), .numbers(let b)): .numbers(a + b)
        default: .words(mine.texts + others.texts)
        }
      })
  }
}

extension DesignColumns.Column {
  /// The number of values.
  public var count: Int {
    switch self {
    case .numbers(let values): values.count
    case .words(let values): values.count
    }
  }

  /// The values as text; whole numbers without a fraction, absent ones empty.
  public var texts: [String] {
    switch self {
    case .words(let values): values
    case .numbers(let values):
      values.map { value in
        if value.isNaN { return "" }
        if let whole = Int(exactly: value) { return String(whole) }
        return value.description
      }
    }
  }

  /// The value of one row as text.
  public func text(_ row: Int) -> String {
    switch self {
    case .words(let values): return values[row]
    case .numbers(let values):
      if values[row].isNaN { return "" }
      if let whole = Int(exactly: values[row]) { return String(whole) }
      return values[row].description
    }
  }
}
