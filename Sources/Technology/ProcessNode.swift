/// A manufacturing process and the supply a chip runs at.
public struct ProcessNode: Hashable, Sendable {
  /// Legal node names, in nm: CACTI's oldest node here to the end of the scaling table.
  public static let legalNanometers = 7.0...90.0
  /// Legal supplies, in V: the lowest any table uses to the highest the scaling polynomials describe.
  public static let legalSupply = 0.6...1.4

  /// Node name, in nm; a number such as 28 that names a process, not a length on it.
  public let nanometers: Double
  /// Supply voltage of logic and memories, in V.
  public let supply: Double

  /// Creates a node.
  ///
  /// - Throws: `TechnologyError.outOfRange` outside `legalNanometers` or `legalSupply`.
  public init(nanometers: Double, supply: Double) throws(TechnologyError) {
    try check(nanometers, in: ProcessNode.legalNanometers, field: "node.nanometers", unit: "nm")
    try check(supply, in: ProcessNode.legalSupply, field: "node.supply", unit: "V")
    self.nanometers = nanometers
    self.supply = supply
  }
}

func check(_ value: Double, in range: ClosedRange<Double>, field: String, unit: String)
  throws(TechnologyError)
{
  guard range.contains(value) else {
    throw .outOfRange(
      field: field, got: value,
      expected: "a number of \(unit) in \(range.lowerBound)...\(range.upperBound)")
  }
}

func check(_ value: Int, in range: ClosedRange<Int>, field: String) throws(TechnologyError) {
  guard range.contains(value) else {
    throw .outOfRange(
      field: field, got: Double(value),
      expected: "a whole number in \(range.lowerBound)...\(range.upperBound)")
  }
}

/// Transistors of an SRAM's cells and periphery, as CACTI names them.
public enum TransistorFlavor: String, Hashable, Sendable, CaseIterable {
  /// Low standby power: leaks least, slow; the only flavor with tables for 2, 4 and 8 banks.
  case lstp
  /// Low operating power.
  case lop
  /// High performance: fast, leaks a thousand times more than `lstp`.
  case hp
  /// Low-standby-power cells behind a high-performance periphery.
  case lstpCellsWithHPPeriphery = "lstp/hp"
}

/// Number format of a multiply-accumulate; sums are 32 bits wide.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// 4-bit integer product, 32-bit integer sum.
  case int4
  /// 8-bit integer product, 32-bit integer sum.
  case int8
  /// 16-bit integer product, 32-bit integer sum.
  case int16
  /// 32-bit integer product, 32-bit integer sum.
  case int32
  /// 16-bit floating-point product, 32-bit floating-point sum.
  case fp16
  /// bfloat16 product, 32-bit floating-point sum.
  case bf16
  /// 32-bit floating-point product and sum.
  case fp32
}

/// A family of off-chip memory.
public enum DRAMKind: String, Hashable, Sendable, CaseIterable {
  /// Mobile DRAM of the second generation.
  case lpddr = "LPDDR"
  /// Mobile DRAM of the third generation; the published figure covers the pins only.
  case lpddr3 = "LPDDR3"
  /// Mobile DRAM of the fourth generation.
  case lpddr4 = "LPDDR4"
  /// Desktop DRAM of the third generation.
  case ddr3 = "DDR3"
  /// Desktop and server DRAM of the fourth generation.
  case ddr4 = "DDR4"
  /// Graphics DRAM of the fifth generation.
  case gddr5 = "GDDR5"
  /// Graphics DRAM of the sixth generation.
  case gddr6 = "GDDR6"
  /// Stacked DRAM of the second generation.
  case hbm2 = "HBM2"
  /// Stacked DRAM of the third generation.
  case hbm3 = "HBM3"
  /// Stacked DRAM of the fourth generation.
  case hbm4 = "HBM4"
}
