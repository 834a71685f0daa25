public import Accelerator
public import MappingSearch

/// What a search for a layer's mapping gave.
public struct LayerSchedule: Sendable {
  /// A mapping and what is known about it.
  public struct Found: Sendable {
    /// The mapping.
    public var mapping: Mapping
    /// How good it is.
    public var certificate: ScheduleCertificate
  }

  /// The ways a search ends.
  public enum Outcome: Sendable {
    /// With a mapping that can run.
    case mapped(Found)
    /// With the reason why none can.
    case infeasible(MappingInfeasibility)
    /// With neither: rules leave so little that no draw met them.
    case notFound
  }

  /// How the search ended.
  public var outcome: Outcome
  /// Members of the map space; `nil` when they cannot be counted.
  public var spaceSize: MapSpaceSize?
  /// Time the search took, the count of the space excluded.
  public var seconds: Double

  /// The mapping when there is one.
  public var found: Found? {
    guard case .mapped(let found) = outcome else { return nil }
    return found
  }
}

/// How good a mapping is known to be.
public struct ScheduleCertificate: Sendable {
  /// The mapper whose mapping it is.
  public var mapper: MappingOptions.Mapper
  /// What the objective gives: pJ cycles, pJ or cycles.
  public var value: Double
  /// Mappings and parts of mappings that were evaluated.
  public var evaluationCount: Int
  /// The proof of the optimal mapper; `nil` without one.
  public var proof: OptimalCertificate?
  /// Why there is no proof although one was asked for.
  public var reason: String?

  /// Whether the mapping is proven to be the best of its space.
  public var isOptimal: Bool { proof?.isOptimal ?? false }

  /// By how much of the value it could at most be beaten, in `0...1`; `nil` when nothing is proven.
  public var gap: Double? { proof?.gap }

  /// A few words for a table.
  var text: String {
    if isOptimal { return "optimal" }
    guard let gap else { return "none (\(mapper.rawValue))" }
    return "gap \(percent(gap))"
  }
}
