import Foundation
import Quantities

extension ComponentLibrary {
  /// Legal capacities of an SRAM, in bits: 256 bytes to 1 gibibyte.
  public static let legalSRAMBits = SRAMTable.smallestBankBits...(1 << 33)
  /// Legal widths of one access, in bits.
  public static let legalAccessBits = 1...65_536
  /// Legal numbers of banks.
  public static let legalBanks = 1...4_096

  /// An SRAM with one read/write port per bank.
  ///
  /// Between the rows of the CACTI table everything but the cycle is interpolated on logarithmic scales: over size,
  /// then word width, then node, where energy is first divided by the square of CACTI's supply and leakage by the
  /// supply. The cycle is the larger neighbor in every direction. Energy is then multiplied by the square of the
  /// node's supply, leakage by the supply (planning choice); access and cycle times stay those at CACTI's supply.
  ///
  /// Below 22 nm, where CACTI ends: energy of 22 nm times `sqrt(node / 22)`, the rule of Accelergy's CACTI wrapper,
  /// access, cycle and leakage of 22 nm (leakage a planning choice); good to a factor of 3.
  ///
  /// Area follows `area(of:macros:bankBytes:nanometers:)`: what silicon shows rather than what CACTI says.
  ///
  /// - Parameters:
  ///   - capacityBits: Size of the whole memory, in `legalSRAMBits` and at least 256 bytes per bank.
  ///   - accessBits: Bits of one access, at most those of one bank.
  ///   - banks: 1, 2, 4 or 8 banks are one array of the table; any other number, or another flavor than `lstp`, is
  ///     that many one-bank arrays of which an access uses one.
  ///   - flavor: Transistors; `lstp` has the densest table.
  ///   - node: The process.
  /// - Throws: `TechnologyError` naming the argument that is out of range.
  /// - Complexity: O(log rows).
  public func sram(
    capacityBits: Int, accessBits: Int, banks: Int = 1, flavor: TransistorFlavor = .lstp,
    node: ProcessNode
  ) throws(TechnologyError) -> MemoryEstimate {
    try check(capacityBits, in: Self.legalSRAMBits, field: "capacityBits")
    try check(accessBits, in: Self.legalAccessBits, field: "accessBits")
    try check(banks, in: Self.legalBanks, field: "banks")
    let bankBits = capacityBits / banks
    guard bankBits >= SRAMTable.smallestBankBits else {
      throw .bankTooSmall(capacityBits: capacityBits, banks: banks)
    }
    guard accessBits <= bankBits else {
      throw .accessWiderThanBank(accessBits: accessBits, bankBits: bankBits)
    }
    let macros = memories.hasRows(flavor, banks: banks) ? 1 : banks
    let bytes = Double(capacityBits) / 8 / Double(macros)
    let request = SRAMRequest(
      bytes: bytes, accessBits: accessBits, banks: banks / macros, flavor: flavor)
    let (array, notes) = try array(request, nanometers: node.nanometers)
    let shrink = min(1, node.nanometers / NodeScaling.smallestPlanarNode).squareRoot()
    let voltage = node.supply
    let energy = { (logarithm: Double) in
      Energy(picojoules: exp(logarithm) * shrink * voltage * voltage)
    }
    let bankBytes = Double(capacityBits) / Double(8 * banks)
    let area = try area(
      of: request, macros: macros, bankBytes: bankBytes, nanometers: node.nanometers)
    var caveats = notes
    if bankBytes < 2_048 {
      caveats.append(
        "banks below 2 KB: CACTI underrates their periphery; register files may be smaller")
    }
    if macros > 1 { caveats.append("\(banks) banks taken as that many separate macros") }
    if node.nanometers < NodeScaling.smallestPlanarNode {
      caveats.append("extrapolated below 22 nm, good to a factor of 3")
    }
    return MemoryEstimate(
      readEnergy: energy(array.readEnergy), writeEnergy: energy(array.writeEnergy),
      leakageMilliwatts: exp(array.leakage) * voltage * Double(macros),
      area: area,
      accessNanoseconds: exp(array.access), cycleNanoseconds: array.cycle,
      source: "CACTI 7 (own runs), \(flavor.rawValue)", caveats: caveats)
  }

  struct SRAMRequest {
    var bytes: Double
    var accessBits: Int
    var banks: Int
    var flavor: TransistorFlavor
  }

  /// An array of a tabulated bank count at any node, per volt and square volt; 22 nm stands for all below it.
  func array(_ request: SRAMRequest, nanometers: Double) throws(TechnologyError)
    -> (point: SRAMPoint, caveats: [String])
  {
    let (lower, upper, share) = bracket(nanometers, in: memories.nodes)
    let low = try answer(request, nanometers: memories.nodes[lower])
    guard share > 0 else { return low }
    let high = try answer(request, nanometers: memories.nodes[upper])
    return (low.point.mixed(with: high.point, share: share), low.caveats)
  }

  private func answer(_ request: SRAMRequest, nanometers: Double) throws(TechnologyError)
    -> (point: SRAMPoint, caveats: [String])
  {
    let found = memories.array(
      bytes: request.bytes, accessBits: request.accessBits, banks: request.banks,
      flavor: request.flavor, nanometers: nanometers)
    guard let found else {
      throw .missingRow(
        table: "sram_cacti.csv",
        key: "\(request.flavor.rawValue), \(nanometers) nm, \(request.banks) banks")
    }
    var caveats: [String] = []
    if found.isPadded { caveats.append("access narrower than the table, costs its narrowest word") }
    if found.lanes > 1 { caveats.append("access split over \(found.lanes) arrays side by side") }
    if found.point.isClamped { caveats.append("smaller than CACTI builds for this word width") }
    if found.point.isExtrapolated { caveats.append("larger than the table, extrapolated") }
    var point = found.point
    let lanes = log(Double(found.lanes))
    point.readEnergy += lanes
    point.writeEnergy += lanes
    point.leakage += lanes
    point.area += lanes
    return (point, caveats)
  }
}
