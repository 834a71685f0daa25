/// Terms that loop-nest models leave out and silicon shows; the default is none of them.
///
/// The cost model applies them only when its `CostTerms` say so. Every field can be set to its neutral value.
public struct SiliconEffects: Hashable, Sendable {
  /// Energy that a MAC position (a PE) burns per cycle whether it works or not, in pJ; neutral 0.
  public var idleEnergyPerCycle: Double = 0
  /// Share of the idle energy that clock gating removes in PE-cycles without work, in `0...1`; neutral 0.
  public var clockGating: Double = 0
  /// Multiplier of all switching energy on chip (MACs, on-chip accesses, network); neutral 1.
  public var switchingFactor: Double = 1
  /// Gating of work on zero activations; `nil` is no gating.
  public var zeroGating: ZeroGating?
  /// Cell area over die area, in `(0, 1]`; neutral 1.
  public var placementDensity: Double = 1
  /// Area of control and clocking around one MAC position, in mm^2; neutral 0.
  public var areaPerProcessingElement: Double = 0
  /// Area that does not depend on the array, in mm^2; neutral 0.
  public var fixedArea: Double = 0

  /// No effect at all: plain loop-nest counting.
  public init() {}

  /// Which events a zero activation suppresses.
  public struct ZeroGating: Hashable, Sendable {
    /// Operand whose zeros gate, for example `Inputs`.
    public var operand: String
    /// Share of the operand's elements that are zero when the workload does not say, in `0...1`.
    public var zeroShare: Double
    /// Operands whose reads and updates at the innermost level that keeps them are gated, for example `Weights`.
    public var gatedOperands: [String]

    /// Creates a gating rule.
    public init(operand: String, zeroShare: Double, gatedOperands: [String]) {
      self.operand = operand
      self.zeroShare = zeroShare
      self.gatedOperands = gatedOperands
    }
  }

  func check() throws(ArchitectureError) {
    try check(idleEnergyPerCycle, in: 0...1e12, field: "effects.idleEnergyPerCycle")
    try check(clockGating, in: 0...1, field: "effects.clockGating")
    try check(switchingFactor, in: 0...1e6, field: "effects.switchingFactor")
    try check(placementDensity, in: 1e-6...1, field: "effects.placementDensity")
    try check(areaPerProcessingElement, in: 0...1e6, field: "effects.areaPerProcessingElement")
    try check(fixedArea, in: 0...1e6, field: "effects.fixedArea")
    if let zeroGating {
      try check(zeroGating.zeroShare, in: 0...1, field: "effects.zeroGating.zeroShare")
    }
  }

  private func check(_ value: Double, in range: ClosedRange<Double>, field: String)
    throws(ArchitectureError)
  {
    guard range.contains(value) else {
      throw .outOfRange(
        field: field, got: value,
        expected: "a number in \(range.lowerBound)...\(range.upperBound)")
    }
  }
}
