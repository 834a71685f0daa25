/// A design: one value for every active parameter of its space, which alone can make it.
///
/// A point is well formed (values exist, the right parameters are active) but may violate constraints: logs hold such
/// designs. `SearchSpace.violations(of:)` tells.
public struct Point: Hashable, Sendable {
  /// The coordinate of a parameter that is inactive.
  static let inactive = -Double.infinity

  /// One number per parameter, in their order: the index of the value, or the number of a real parameter.
  ///
  /// Of a parameter that is not active, see `isActive(_:)`, the coordinate means nothing (it is negative infinity).
  public let coordinates: [Double]

  init(checked coordinates: [Double]) {
    self.coordinates = coordinates
  }

  /// Whether the parameter at an index matters in this design.
  public func isActive(_ parameter: Int) -> Bool { coordinates[parameter] != Self.inactive }
}
