public import Execution
public import MappingSearch

/// How mappings are searched for.
public struct MappingOptions: Sendable {
  /// The ways to search.
  public enum Mapper: String, CaseIterable, Sendable {
    /// Branch and bound with a proof.
    case optimal
    /// Constructive draws and annealing.
    case heuristic
    /// The best of random draws.
    case random
  }

  /// What is minimized, by the name a user gives.
  public enum Goal: String, CaseIterable, Sendable {
    /// Energy times latency.
    case edp
    /// Energy.
    case energy
    /// Latency.
    case latency

    /// The objective of that name.
    public var objective: MappingObjective {
      switch self {
      case .edp: .energyDelayProduct
      case .energy: .energy
      case .latency: .latency
      }
    }
  }

  /// Which mapper answers first.
  public var mapper = Mapper.optimal
  /// What is minimized.
  public var goal = Goal.edp
  /// Evaluations of a layer by the heuristic and the random mapper, at least 1.
  public var evaluationLimit = HeuristicMapper().evaluationLimit
  /// Choices after which the optimal mapper reports the best so far with its gap, at least 1.
  public var nodeLimit = OptimalMapper().nodeLimit
  /// Where random numbers come from; every layer gets the same, so that its mapping does not depend on the others.
  public var seed = Seed(0)
  /// Layers mapped at the same time, at least 1.
  public var threadCount = 1
  /// Whether searches choose keep sets; `nil` leaves that to the constraints.
  public var freesKeepSets: Bool?

  /// The optimal mapper for EDP on one thread.
  public init() {}
}
