/// Why an architecture cannot be built.
public enum ArchitectureError: Error, Hashable, Sendable {
  /// There is no memory level, or there are too many.
  case levelCount(got: Int)
  /// A name is empty.
  case emptyName(field: String)
  /// Two levels share a name.
  case duplicateLevel(name: String)
  /// A number is not in its legal range.
  case outOfRange(field: String, got: Double, expected: String)
  /// The grid of a level is not a multiple of the grid outside it.
  case meshNotNested(field: String, inner: Mesh, outer: Mesh)
}

extension ArchitectureError: CustomStringConvertible {
  /// The message a user reads: field path, what was got, what was expected.
  public var description: String {
    switch self {
    case .levelCount(let got):
      "levels: got \(got) memory levels, expected 1 to \(Architecture.largestLevelCount)"
    case .emptyName(let field):
      "\(field): got an empty name, expected a name"
    case .duplicateLevel(let name):
      "levels: got two levels called \"\(name)\", expected distinct names"
    case .outOfRange(let field, let got, let expected):
      "\(field): got \(formatted(got)), expected \(expected)"
    case .meshNotNested(let field, let inner, let outer):
      "\(field): got \(inner.x) x \(inner.y) instances, expected a multiple of the "
        + "\(outer.x) x \(outer.y) instances of the level outside it"
    }
  }

  private func formatted(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
