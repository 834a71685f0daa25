/// What a mapping search minimizes: a function of energy and cycles that never falls when either grows.
public enum MappingObjective: Sendable {
  /// Energy times latency, in pJ cycles.
  case energyDelayProduct
  /// Energy in pJ; of equal energies the fewer cycles win.
  case energy
  /// Latency in cycles; of equal latencies the lower energy wins.
  case latency
  /// Any function that never falls when energy or cycles grow; of equal values the lower energy-delay product wins.
  case custom(@Sendable (_ energyPicojoules: Double, _ cycles: Double) -> Double)

  /// The value to minimize.
  @inlinable
  public func value(energy: Double, cycles: Double) -> Double {
    switch self {
    case .energyDelayProduct: energy * cycles
    case .energy: energy
    case .latency: cycles
    case .custom(let function): function(energy, cycles)
    }
  }

  /// What decides between mappings of equal value: cycles for energy, energy for latency, else energy.
  @inlinable
  public func tieBreaker(energy: Double, cycles: Double) -> Double {
    switch self {
    case .energyDelayProduct, .latency: energy
    case .energy: cycles
    case .custom: energy * cycles
    }
  }
}
