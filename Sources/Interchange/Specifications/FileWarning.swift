/// Something in a foreign file that has no counterpart here and was left out or changed.
public struct FileWarning: Hashable, Sendable, CustomStringConvertible {
  /// Where it stands.
  public var place: SpecificationPlace
  /// What was done with it.
  public var problem: String

  /// Creates a warning.
  public init(at place: SpecificationPlace, _ problem: String) {
    self.place = place
    self.problem = problem
  }

  /// `file:line: field: what was done`.
  public var description: String { place.prefix + problem }
}

/// A value made from a foreign file, with everything that got lost on the way.
public struct Imported<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// What has no counterpart, in the order of the file.
  public var warnings: [FileWarning]

  /// Creates an imported value.
  public init(_ value: Value, warnings: [FileWarning] = []) {
    self.value = value
    self.warnings = warnings
  }
}

extension Imported: Equatable where Value: Equatable {}
