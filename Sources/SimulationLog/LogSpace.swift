/// The parameters of the designs in a log, in the order their values are stored.
public struct LogSpace: Hashable, Sendable {
  /// What the space is called; `designs` when nobody gave it a name.
  public var name: String
  /// The parameters.
  public var parameters: [LogParameter]

  /// Creates a space.
  public init(name: String, parameters: [LogParameter]) {
    self.name = name
    self.parameters = parameters
  }
}

/// One parameter of a log's space.
public struct LogParameter: Hashable, Sendable {
  /// What values a parameter takes.
  public enum Kind: Hashable, Sendable {
    /// Whole numbers in a range.
    case integer(ClosedRange<Int>)
    /// A few numbers, ascending.
    case levels([Double])
    /// Numbers in a range; `isLogarithmic` when their spread is better seen in decades.
    case real(ClosedRange<Double>, isLogarithmic: Bool)
    /// Words without order.
    case categories([String])
    /// Orders of the same items, written as in the source; the second list is the orders that occur.
    case permutation(items: [String], orders: [String])
    /// False and true, stored as 0 and 1.
    case boolean
  }

  /// The name.
  public var name: String
  /// The unit, `nil` when the source states none.
  public var unit: String?
  /// What values it takes.
  public var kind: Kind

  /// Creates a parameter.
  public init(name: String, unit: String? = nil, kind: Kind) {
    self.name = name
    self.unit = unit
    self.kind = kind
  }

  /// Whether every value is a whole number or the number of a word.
  public var isWhole: Bool {
    switch kind {
    case .integer, .categories, .permutation, .boolean: true
    case .levels(let levels): levels.allSatisfy { Int(exactly: $0) != nil }
    case .real: false
    }
  }

  /// The words whose numbers are stored, `nil` for numeric parameters.
  public var words: [String]? {
    switch kind {
    case .categories(let words): words
    case .permutation(_, let orders): orders
    case .boolean: ["false", "true"]
    case .integer, .levels, .real: nil
    }
  }

  /// The word for the kind: `integer`, `levels`, `real`, `categorical`, `permutation`, `boolean`.
  public var kindName: String {
    switch kind {
    case .integer: "integer"
    case .levels: "levels"
    case .real: "real"
    case .categories: "categorical"
    case .permutation: "permutation"
    case .boolean: "boolean"
    }
  }

  /// The number of values the space has for this parameter, `nil` where they are not listed.
  public var levelCount: Int? {
    switch kind {
    case .levels(let levels): levels.count
    case .integer(let range): range.count <= 4_096 ? range.count : nil
    case .real: nil
    case .categories, .permutation, .boolean: words?.count
    }
  }

  /// Whether a stored number is one of the parameter's values.
  public func contains(_ value: Double) -> Bool {
    switch kind {
    case .integer(let range): Int(exactly: value).map(range.contains) ?? false
    case .levels(let levels): levels.contains(value)
    case .real(let range, _): range.contains(value)
    case .categories, .permutation, .boolean:
      Int(exactly: value).map { (words ?? []).indices.contains($0) } ?? false
    }
  }

  /// A stored number as people read it; a value that is absent is empty.
  public func text(of value: Double) -> String {
    guard !value.isNaN else { return "" }
    if let words, let index = Int(exactly: value), words.indices.contains(index) {
      return words[index]
    }
    return plainText(of: value)
  }
}

/// A number as short as it reads back, whole numbers without a fraction.
public func plainText(of value: Double) -> String {
  if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
  return value.description
}
