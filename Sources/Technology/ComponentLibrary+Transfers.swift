import Foundation
public import Quantities

/// A repeated wire at one of CACTI's nodes.
struct WireRow: Sendable {
  /// Node in nm.
  var nanometers: Double
  /// Energy per bit transition, in pJ / (V^2 mm).
  var energy: Double

  /// Nodes, devices and their flavors that the model reads (planning choice): low standby power from 45 nm up, high
  /// performance at 22 nm, where most designs of interest use it; low standby power would be 20 % higher there.
  private static let used: [(nanometers: Double, device: String, flavor: TransistorFlavor)] = [
    (22, "itrs-hp", .hp), (45, "itrs-lstp", .lstp), (65, "itrs-lstp", .lstp),
    (90, "itrs-lstp", .lstp),
  ]

  /// The rows for conservative interconnect whose repeaters cost 30 % delay.
  static func read(_ table: TextTable, memories: SRAMTable) throws(TechnologyError) -> [WireRow] {
    let node = try table.position(of: "node_nm")
    let device = try table.position(of: "device")
    let projection = try table.position(of: "interconnect_projection")
    let option = try table.position(of: "wire_option")
    let energy = try table.position(of: "dynamic_energy_pJ_per_mm_per_bit_transition")
    var rows: [WireRow] = []
    for use in used {
      let found = table.rows.firstIndex {
        Double($0[node]) == use.nanometers && $0[device] == use.device
          && $0[projection] == "conservative" && $0[option] == "30% Overhead"
      }
      guard let row = found,
        let supply = memories.supply(use.flavor, nanometers: use.nanometers)
      else {
        throw .missingRow(table: table.name, key: "\(use.nanometers) nm, \(use.device)")
      }
      rows.append(
        WireRow(
          nanometers: use.nanometers,
          energy: try table.positive(row: row, column: energy) / (supply * supply)))
    }
    return rows
  }
}

extension ComponentLibrary {
  /// Share of bits that change from one word to the next, in `0...1`; the usual planning value.
  static let wireActivity = 0.25

  /// Energy of one bit on one millimeter of on-chip wire, a quarter of the bits toggling.
  ///
  /// `0.25 c V^2` with *c* from own CACTI 7 runs (conservative interconnect, repeaters at 30 % extra delay),
  /// `ln`-interpolated over `ln` node; below 22 nm *c* is held, wires do not get better.
  ///
  /// - Throws: Never for the shipped tables and a valid node.
  public func wireEnergyPerBitMillimeter(node: ProcessNode) throws(TechnologyError) -> Energy {
    let (lower, upper, share) = bracket(node.nanometers, in: wires.map(\.nanometers))
    let perSquareVolt = exp(
      mixed(log(wires[lower].energy), log(wires[upper].energy), share: share))
    return Energy(picojoules: Self.wireActivity * perSquareVolt * node.supply * node.supply)
  }

  /// Energy of moving one bit to or from off-chip memory, device and interface.
  ///
  /// Published figures for one memory differ by 40 % for streaming traffic and by more for scattered rows. DDR4 and
  /// GDDR6 are the middles of planning ranges; `source` carries how each figure was verified.
  public func dramEnergyPerBit(_ kind: DRAMKind) -> TransferEstimate {
    let row = offChip[DRAMKind.allCases.firstIndex(of: kind) ?? 0]
    var caveats = ["published figures spread by 40 %"]
    if kind == .lpddr3 { caveats.append("pins only: the memory itself is not in it") }
    if row.isUnverified { caveats.append("recalled planning value, not verified") }
    return TransferEstimate(
      energy: Energy(picojoules: row.energy), source: row.source, caveats: caveats)
  }
}
