/// A rule with its names resolved.
struct CompiledRule: Sendable {
  /// Where a factor stands.
  enum Place: Int, Sendable, CaseIterable {
    case temporal, x, y
  }

  /// What the rule does; levels, dimensions and tensors by position.
  enum Effect: Sendable {
    case factor(Place, level: Int, dimension: Int, MapSpaceConstraints.FactorRule)
    /// Only the dimensions in the bit set may be split.
    case allowed(Place, level: Int, dimensions: UInt32)
    case largestX(level: Int, Int)
    case largestY(level: Int, Int)
    case largestTotal(level: Int, Int)
    case innermost(level: Int, [Int])
    case outermost(level: Int, [Int])
    case tensor(level: Int, tensor: Int, MapSpaceConstraints.Keeping)
    case utilization(level: Int, units: Int)
    case arrayUtilization(units: Int)

    /// Whether the rule is about loops and not about keep sets.
    var restrictsLoops: Bool {
      if case .tensor = self { return false }
      return true
    }
  }

  var name: MapSpaceRule
  var effect: Effect
}
