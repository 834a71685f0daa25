/// One published figure.
struct Component: Sendable {
  /// Energy in pJ per whatever `energyUnit` says; the middle of a published range.
  var energy: Double
  /// Area in um^2, where published.
  var area: Double?
  /// Leakage in uW, where published.
  var leakage: Double?
  /// Node in nm, where stated.
  var nanometers: Double?
  /// Supply in V, where stated.
  var supply: Double?
  /// Where the figure was published and how it was checked.
  var source: String
  /// Whether the figure was recalled or estimated rather than read in a text.
  var isUnverified: Bool
}

/// The published figures, looked up by name; where two rows share a name the first is used.
struct ComponentTable {
  private let table: TextTable
  private let component: Int
  private let size: Int
  private let unit: Int

  init(_ table: TextTable) throws(TechnologyError) {
    self.table = table
    component = try table.position(of: "component")
    size = try table.position(of: "precision_or_size")
    unit = try table.position(of: "energy_per")
  }

  /// The row with these three fields.
  func row(_ name: String, _ precision: String, per energyUnit: String) throws(TechnologyError)
    -> Component
  {
    let found = table.rows.firstIndex {
      $0[component] == name && $0[size] == precision && $0[unit] == energyUnit
    }
    guard let row = found else {
      throw .missingRow(table: table.name, key: "\(name), \(precision), per \(energyUnit)")
    }
    let source = table.rows[row][try table.position(of: "source")]
    let verified = table.rows[row][try table.position(of: "verified")]
    return Component(
      energy: try energy(row), area: try optional("area_um2", row),
      leakage: try optional("leakage_uW", row), nanometers: try optional("node_nm", row),
      supply: try optional("vdd_V", row), source: "\(source) [\(verified)]",
      isUnverified: verified.contains("memory") || verified.contains("estimate"))
  }

  /// A number, or the middle of a range written `15-25`.
  private func energy(_ row: Int) throws(TechnologyError) -> Double {
    let column = try table.position(of: "energy_pJ")
    let text = table.rows[row][column]
    let ends = text.split(separator: "-").compactMap { Double($0) }
    if ends.count == 2, ends[0] > 0, ends[1] >= ends[0] { return (ends[0] + ends[1]) / 2 }
    return try table.positive(row: row, column: column)
  }

  private func optional(_ column: String, _ row: Int) throws(TechnologyError) -> Double? {
    let position = try table.position(of: column)
    return table.rows[row][position].isEmpty
      ? nil : try table.positive(row: row, column: position)
  }
}
