import Foundation

/// All CACTI rows, by flavor, node and bank count; answers one array at one of CACTI's nodes.
struct SRAMTable: Sendable {
  /// Smallest bank CACTI is asked for, in bits: 256 bytes.
  static let smallestBankBits = 2_048

  /// What a group of curves shares.
  struct Family: Hashable {
    var flavor: TransistorFlavor
    var nanometers: Double
    var banks: Int
  }

  /// Nodes in nm, ascending.
  let nodes: [Double]
  /// Curves by ascending word width.
  private let curves: [Family: [SRAMCurve]]
  private let supplies: [Family: Double]

  /// - Parameter keepsRow: Which rows to use, by size in bytes; tests leave some out.
  init(
    rows: TextTable, supplies: TextTable, keepsRow: (_ bytes: Int) -> Bool = { _ in true }
  ) throws(TechnologyError) {
    let supplyOf = try SRAMTable.readSupplies(supplies)
    let device = try rows.position(of: "device")
    let node = try rows.position(of: "node_nm")
    let banks = try rows.position(of: "banks")
    let word = try rows.position(of: "word_bits")
    let size = try rows.position(of: "size_bytes")
    let read = try rows.position(of: "read_energy_pJ")
    let write = try rows.position(of: "write_energy_pJ")
    let leakage = try rows.position(of: "leakage_mW")
    let area = try rows.position(of: "area_mm2")
    let access = try rows.position(of: "access_ns")
    let cycle = try rows.position(of: "cycle_ns")
    var grouped: [Family: [Int: [(bytes: Double, point: SRAMPoint)]]] = [:]
    var nodes: Set<Double> = []
    for row in rows.rows.indices {
      let bytes = try rows.count(row: row, column: size)
      guard keepsRow(bytes) else { continue }
      guard let flavor = TransistorFlavor(rawValue: rows.rows[row][device]) else {
        throw rows.malformed(row: row, column: device, expected: "a known transistor flavor")
      }
      let family = Family(
        flavor: flavor, nanometers: try rows.positive(row: row, column: node),
        banks: try rows.count(row: row, column: banks))
      var one = family
      one.banks = 1
      guard let supply = supplyOf[one] else {
        throw .missingRow(table: supplies.name, key: "\(family.nanometers) nm")
      }
      let point = SRAMPoint(
        readEnergy: log(try rows.positive(row: row, column: read) / (supply * supply)),
        writeEnergy: log(try rows.positive(row: row, column: write) / (supply * supply)),
        leakage: log(try rows.positive(row: row, column: leakage) / supply),
        area: log(try rows.positive(row: row, column: area)),
        access: log(try rows.positive(row: row, column: access)),
        cycle: try rows.positive(row: row, column: cycle))
      grouped[family, default: [:]][try rows.count(row: row, column: word), default: []]
        .append((Double(bytes), point))
      nodes.insert(family.nanometers)
    }
    self.nodes = nodes.sorted()
    self.supplies = supplyOf
    curves = grouped.mapValues { words in
      words.map { SRAMCurve(wordBits: $0.key, rows: $0.value) }
        .sorted { $0.wordBits < $1.wordBits }
    }
    for flavor in TransistorFlavor.allCases {
      for nanometers in self.nodes
      where curves[Family(flavor: flavor, nanometers: nanometers, banks: 1)] == nil {
        throw .missingRow(
          table: rows.name, key: "\(flavor.rawValue), \(nanometers) nm, 1 bank")
      }
    }
    guard !nodes.isEmpty else { throw .missingRow(table: rows.name, key: "any") }
  }

  /// Supply CACTI assumes for a flavor at one of `nodes`, in V.
  func supply(_ flavor: TransistorFlavor, nanometers: Double) -> Double? {
    supplies[Family(flavor: flavor, nanometers: nanometers, banks: 1)]
  }

  /// Whether CACTI was run for this number of banks at every node.
  func hasRows(_ flavor: TransistorFlavor, banks: Int) -> Bool {
    nodes.allSatisfy { curves[Family(flavor: flavor, nanometers: $0, banks: banks)] != nil }
  }

  /// What an array costs at one of `nodes`, and how it had to be built.
  struct Answer {
    /// One of `lanes` equal arrays side by side.
    var point: SRAMPoint
    /// Arrays that one access touches together.
    var lanes: Int
    /// Whether the access is narrower than the narrowest word of the table.
    var isPadded: Bool
  }

  /// An array of a tabulated bank count.
  ///
  /// Between two word widths the values are `ln`-linear over `log2` of the width. An access narrower than the
  /// narrowest word pays for that word; one wider than the widest is split over the fewest equal arrays side by
  /// side (both planning choices).
  ///
  /// - Returns: `nil` when the table has no such flavor, node and bank count.
  func array(
    bytes: Double, accessBits: Int, banks: Int, flavor: TransistorFlavor, nanometers: Double
  ) -> Answer? {
    let family = Family(flavor: flavor, nanometers: nanometers, banks: banks)
    guard let curves = curves[family], let narrowest = curves.first, let widest = curves.last else {
      return nil
    }
    let lanes = (accessBits + widest.wordBits - 1) / widest.wordBits
    let laneBits = Double(accessBits) / Double(lanes)
    let laneBytes = bytes / Double(lanes)
    let (lower, upper, share) = bracket(laneBits, in: curves.map { Double($0.wordBits) })
    let low = curves[lower].point(bytes: laneBytes)
    let point =
      share == 0 ? low : low.mixed(with: curves[upper].point(bytes: laneBytes), share: share)
    return Answer(
      point: point, lanes: lanes, isPadded: laneBits < Double(narrowest.wordBits))
  }

  private static func readSupplies(_ table: TextTable) throws(TechnologyError) -> [Family: Double] {
    let node = try table.position(of: "node_nm")
    var supplies: [Family: Double] = [:]
    for flavor in TransistorFlavor.allCases {
      // With mixed transistors the periphery, where most of the energy is spent, sets the supply (planning choice).
      let name = flavor == .lstpCellsWithHPPeriphery ? "hp" : flavor.rawValue
      let column = try table.position(of: "\(name)_V")
      for row in table.rows.indices {
        let family = Family(
          flavor: flavor, nanometers: try table.positive(row: row, column: node), banks: 1)
        supplies[family] = try table.positive(row: row, column: column)
      }
    }
    return supplies
  }
}
