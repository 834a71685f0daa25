/// Which terms of the cost model are on.
public struct CostTerms: Hashable, Sendable {
  /// Wire and router energy, and latency, of the networks between levels (rule 11).
  public var networks = true
  /// Timeloop's credit for a sliding window that happens to continue across a restart (rule 3c), perfect factors only.
  ///
  /// Off, a restart always reloads the tile, as a walk over every iteration would.
  public var slidingRestartCredit = true
  /// Words handed from a neighbor instead of the parent (rule 12), perfect factors only.
  public var linkTransfers = false
  /// `SiliconEffects.idleEnergyPerCycle` and `clockGating`.
  public var idleEnergy = true
  /// `SiliconEffects.switchingFactor`.
  public var switchingFactor = true
  /// `SiliconEffects.zeroGating`.
  public var zeroGating = true

  /// Leakage of instances the mapping does not use; Timeloop leaves it out.
  public var unusedLeakage = true

  /// Everything the architecture states: what `evaluate` and all searches use.
  public static let asDescribed = CostTerms()

  /// Counting rules 1 to 13 and nothing else: what records and peers are compared with.
  public static let countingOnly: CostTerms = {
    var terms = CostTerms()
    terms.idleEnergy = false
    terms.switchingFactor = false
    terms.zeroGating = false
    terms.unusedLeakage = false
    return terms
  }()

  /// Creates the terms an architecture describes.
  public init() {}
}
