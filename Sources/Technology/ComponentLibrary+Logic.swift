import Quantities

extension ComponentLibrary {
  /// Legal capacities of a register file, in bits: one flip-flop to 64 KB.
  public static let legalRegisterBits = 1...(1 << 19)

  /// Energy of one register-file access over that of its bare flip-flops, for decoder and multiplexer (planning choice).
  private static let registerFileOverhead = 1.5
  /// Node and supply the energies of published logic figures are scaled from, in nm and V.
  private static let reference = (nanometers: 45.0, supply: 0.9)

  /// A register file of flip-flops; the model for memories below 512 bytes and for those declared as registers.
  ///
  /// Energy per bit is the flip-flop of ALADDIN's 40 nm library (clock and data) times 1.5, taken as a 45 nm, 0.9 V
  /// figure and scaled like logic; read and write cost the same. Area per bit scales like logic from 40 nm, leakage
  /// per bit is the library's at every node and supply (planning choice). Depth is free, which favors large register
  /// files: 512 bytes is where an SRAM takes over.
  ///
  /// - Parameters:
  ///   - capacityBits: Size of the whole file, in `legalRegisterBits`.
  ///   - accessBits: Bits of one access, in `1...capacityBits`.
  ///   - node: The process.
  /// - Throws: `TechnologyError.outOfRange` naming the argument.
  public func registerFile(capacityBits: Int, accessBits: Int, node: ProcessNode)
    throws(TechnologyError) -> MemoryEstimate
  {
    try check(capacityBits, in: Self.legalRegisterBits, field: "capacityBits")
    try check(accessBits, in: 1...capacityBits, field: "accessBits")
    let perBit =
      register.energy * Self.registerFileOverhead
      * scaling.energyRatio(
        to: node, fromNanometers: Self.reference.nanometers, supply: Self.reference.supply)
    let energy = Energy(picojoules: perBit * Double(accessBits))
    let areaPerBit =
      (register.area ?? 0)
      * scaling.areaRatio(
        toNanometers: node.nanometers, fromNanometers: register.nanometers ?? 40)
    var caveats = smallNodeCaveats(node)
    if capacityBits > 8 * 512 { caveats.append("above 512 bytes an SRAM is usually smaller") }
    return MemoryEstimate(
      readEnergy: energy, writeEnergy: energy,
      leakageMilliwatts: (register.leakage ?? 0) * 1e-3 * Double(capacityBits),
      area: Area(squareMillimeters: areaPerBit * Double(capacityBits) * 1e-6),
      accessNanoseconds: Self.registerDelay, cycleNanoseconds: Self.registerDelay,
      source: register.source, caveats: caveats)
  }

  /// Access and cycle time of a register file, in ns: the period ALADDIN's flip-flop was characterized at.
  private static let registerDelay = 1.0

  /// A multiply-accumulate unit with a 32-bit sum.
  ///
  /// Energies and areas are sums of the 45 nm, 0.9 V figures of Horowitz (ISSCC 2014); 4-bit, 16-bit and bfloat16
  /// multipliers are interpolated or estimated from them (bfloat16 to 40 %). Areas in that source are recalled, not
  /// verified. Scaling is `NodeScaling`'s. Leakage is the area times the leakage per area of ALADDIN's flip-flop,
  /// about 12 mW per mm^2, at every node and supply (planning choice; its multiplier shows 12.6, its adder 8.3).
  ///
  /// - Throws: Never for the shipped tables and a valid node.
  public func multiplyAccumulate(_ precision: Precision, node: ProcessNode)
    throws(TechnologyError) -> ComputeEstimate
  {
    let index = Precision.allCases.firstIndex(of: precision) ?? 0
    let unit = arithmetic[index]
    guard let area = unit.area, let nanometers = unit.nanometers, let supply = unit.supply,
      let registerArea = register.area, let registerLeakage = register.leakage
    else { throw .missingRow(table: "components.csv", key: precision.rawValue) }
    let energy =
      unit.energy * scaling.energyRatio(to: node, fromNanometers: nanometers, supply: supply)
    let scaledArea =
      area * scaling.areaRatio(toNanometers: node.nanometers, fromNanometers: nanometers)
    var caveats = smallNodeCaveats(node)
    if unit.isUnverified { caveats.append("estimated, good to 40 %") }
    caveats.append("area figures recalled, not verified")
    return ComputeEstimate(
      energy: Energy(picojoules: energy),
      area: Area(squareMillimeters: scaledArea * 1e-6),
      leakageMilliwatts: scaledArea * registerLeakage / registerArea * 1e-3, source: unit.source,
      caveats: caveats)
  }

  private func smallNodeCaveats(_ node: ProcessNode) -> [String] {
    node.nanometers < NodeScaling.smallestPlanarNode
      ? ["extrapolated below 22 nm, good to a factor of 3"] : []
  }
}
