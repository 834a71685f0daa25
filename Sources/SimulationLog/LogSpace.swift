public import DesignSpace

/// The designs of a log: a search space with a name, and what the source calls its parameters.
public struct LogSpace: Hashable, Sendable {
  /// What the space is called; `designs` when nobody gave it a name.
  public var name: String
  /// The parameters; a trial has one coordinate for each.
  public var space: SearchSpace
  /// The source's names of the parameters, where they are not the same.
  public var titles: [String]
  /// The parameters' units, empty where the source states none.
  public var units: [String]

  /// Creates a space; titles are the parameters' names unless given.
  public init(name: String, space: SearchSpace, titles: [String]? = nil, units: [String]? = nil) {
    self.name = name
    self.space = space
    self.titles = titles ?? space.parameters.map(\.name)
    self.units = units ?? space.parameters.map { _ in "" }
  }
}

extension Parameter {
  /// The word for the kind of values: `integer`, `levels`, `real`, `categorical`, `permutation`, `boolean`.
  public var kindName: String {
    switch domain {
    case .integers: "integer"
    case .levels: "levels"
    case .categories: "categorical"
    case .reals: "real"
    case .boolean: "boolean"
    case .permutations: "permutation"
    }
  }

  /// Whether a coordinate is an index of a value rather than the value itself.
  public var isCounted: Bool { valueCount != nil }
}

/// A number as short as it reads back, whole numbers without a fraction.
public func plainText(of value: Double) -> String {
  if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
  return value.description
}
