public import Quantities

/// What one on-chip memory costs.
public struct MemoryEstimate: Hashable, Sendable {
  /// Energy of reading one access.
  public var readEnergy: Energy
  /// Energy of writing one access.
  public var writeEnergy: Energy
  /// Leakage of the whole memory at 350 K, in mW.
  public var leakageMilliwatts: Double
  /// Area of the whole memory, periphery included.
  public var area: Area
  /// Time from address to data, in ns, at the supply the table was made for.
  public var accessNanoseconds: Double
  /// Shortest time between two accesses, in ns, at the supply the table was made for.
  public var cycleNanoseconds: Double
  /// Where the numbers come from, for reports.
  public var source: String
  /// What a reader must know before trusting the numbers; empty when nothing was stretched.
  public var caveats: [String]
}

/// What one arithmetic unit costs.
public struct ComputeEstimate: Hashable, Sendable {
  /// Energy of one operation, datapath only: no clock tree, no pipeline registers.
  public var energy: Energy
  /// Area of one unit, datapath only.
  public var area: Area
  /// Leakage of one unit, in mW.
  public var leakageMilliwatts: Double
  /// Where the numbers come from, for reports.
  public var source: String
  /// What a reader must know before trusting the numbers; empty when nothing was stretched.
  public var caveats: [String]
}

/// What moving one bit costs.
public struct TransferEstimate: Hashable, Sendable {
  /// Energy per bit.
  public var energy: Energy
  /// Where the number comes from, for reports.
  public var source: String
  /// What a reader must know before trusting the number.
  public var caveats: [String]
}
