/// Energy, area, leakage and speed of memories, arithmetic, wires and DRAM, at nodes of 7 to 90 nm.
///
/// Memories come from own CACTI 7 runs, arithmetic and registers from published figures, scaling from Stillmaker
/// and Baas 2017; `Data/README.md` gives the provenance of every table. Every estimate says what it rests on and
/// where it was stretched. Numbers are of bare components: clock trees, pipeline registers and control are not in
/// them, and the measured power of Eyeriss is three to five times what they add up to.
public struct ComponentLibrary: Sendable {
  let memories: SRAMTable
  let scaling: NodeScaling
  /// By `Precision.allCases`.
  let arithmetic: [Component]
  /// By `DRAMKind.allCases`.
  let offChip: [Component]
  /// A one-bit flip-flop.
  let register: Component
  /// Wire energy in pJ / (V^2 mm) per bit transition, by ascending node.
  let wires: [WireRow]

  /// The tables that ship with the program.
  public static let shipped: ComponentLibrary = {
    do {
      return try ComponentLibrary()
    } catch {
      preconditionFailure("the tables inside the program are damaged: \(error)")
    }
  }()

  /// Reads the shipped tables.
  ///
  /// - Parameter keepsMemoryRow: Which CACTI rows to use, by size in bytes; tests leave some out.
  /// - Complexity: O(rows); about 20 ms in release (x86-64, 2 cores shared), once per process for `shipped`.
  init(keepsMemoryRow: (_ bytes: Int) -> Bool = { _ in true }) throws(TechnologyError) {
    let table = { (name: String, text: String) throws(TechnologyError) -> TextTable in
      try TextTable(name: name, text: text)
    }
    let supplies = try table("cacti_supplies.csv", ShippedTables.supplies)
    memories = try SRAMTable(
      rows: try table("sram_cacti.csv", ShippedTables.sram), supplies: supplies,
      keepsRow: keepsMemoryRow)
    scaling = try NodeScaling(try table("scaling_stillmaker.csv", ShippedTables.scaling))
    let components = try ComponentTable(try table("components.csv", ShippedTables.components))
    var arithmetic: [Component] = []
    for precision in Precision.allCases {
      let (name, size) = precision.tableKey
      let row = try components.row(name, size, per: "op")
      guard row.area != nil, row.nanometers != nil, row.supply != nil else {
        throw .missingRow(table: "components.csv", key: "\(name), \(size) with area, node, supply")
      }
      arithmetic.append(row)
    }
    var offChip: [Component] = []
    for kind in DRAMKind.allCases {
      let (size, unit) = kind.tableKey
      offChip.append(try components.row("dram access", size, per: unit))
    }
    self.arithmetic = arithmetic
    self.offChip = offChip
    register = try components.row("register (flip-flop)", "1 bit", per: "bit access (clock+data)")
    guard register.area != nil, register.leakage != nil, register.nanometers != nil else {
      throw .missingRow(table: "components.csv", key: "register with area, leakage and node")
    }
    wires = try WireRow.read(
      try table("wires_cacti.csv", ShippedTables.wires), memories: memories)
  }
}

extension Precision {
  /// Component and size of the multiply-accumulate in `components.csv`.
  fileprivate var tableKey: (component: String, size: String) {
    switch self {
    case .int4: ("int_mac", "int4 mult + int32 add (estimate)")
    case .int8: ("int_mac", "int8 mult + int32 add")
    case .int16: ("int_mac", "int16 mult + int32 add")
    case .int32: ("int_mac", "int32 mult + int32 add")
    case .fp16: ("fp_mac", "fp16 mult + fp32 add")
    case .bf16: ("fp_mac", "bf16 mult + fp32 add (estimate)")
    case .fp32: ("fp_mac", "fp32 mult + fp32 add")
    }
  }
}

extension DRAMKind {
  /// Size and energy unit of the access in `components.csv`; other rows for the same memory are other people's.
  fileprivate var tableKey: (size: String, unit: String) {
    switch self {
    case .lpddr3: ("LPDDR3", "bit per pin (interface only)")
    case .ddr3: ("DDR3 planning value", "bit")
    case .ddr4: ("DDR4 DIMM (device+I/O), planning value", "bit")
    case .gddr6: ("GDDR6, planning value", "bit")
    case .lpddr, .lpddr4, .gddr5, .hbm2, .hbm3, .hbm4: (rawValue, "bit")
    }
  }
}
