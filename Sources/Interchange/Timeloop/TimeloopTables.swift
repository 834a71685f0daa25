/// The `ERT` and `ART` sections: energy per action in pJ and area in um^2, by component.
struct TimeloopTables {
  /// Actions of each component; of several energies of an action (arguments) the highest, as in Timeloop.
  private var energies: [String: [String: Double]] = [:]
  /// Areas in mm^2.
  private(set) var areas: [String: Double] = [:]
  /// Whether there is a table of energies.
  let hasEnergies: Bool

  private static let largest = 1e30

  init(energies ert: SpecificationNode?, areas art: SpecificationNode?)
    throws(SpecificationError)
  {
    hasEnergies = ert != nil
    for table in try Self.tables(ert) {
      let name = try Self.componentName(table)
      var actions: [String: Double] = [:]
      for action in try table.required("actions", expected: "a list of actions")
        .items(expected: "a list of actions")
      {
        let key = try action.required("name", expected: "the name of an action").text()
        let energy = try action.required("energy", expected: "an energy in pJ")
          .amount(in: 0...Self.largest, "pJ")
        actions[key] = max(actions[key] ?? 0, energy)
      }
      energies[name] = actions
    }
    for table in try Self.tables(art) {
      let name = try Self.componentName(table)
      let area = try table.required("area", expected: "an area in um^2")
      _ = try area.amount(in: 0...Self.largest, "um^2")
      areas[name] = Double(shiftingDecimalPoint(of: area.scalarText ?? "0", by: -6)) ?? 0
    }
  }

  private static func tables(_ root: SpecificationNode?) throws(SpecificationError)
    -> [SpecificationNode]
  {
    guard let root else { return [] }
    return try root.required("tables", expected: "a list of tables")
      .items(expected: "a list of tables, one per component")
  }

  /// `DRAM` of `system_top_level.DRAM[1..1]`.
  private static func componentName(_ table: SpecificationNode) throws(SpecificationError)
    -> String
  {
    let path = try table.required("name", expected: "the name of a component").text()
    let word = path.prefix { $0 != "[" }
    return String(word.split(separator: ".").last ?? word)
  }

  /// The energy of the first action that the table has.
  func energy(of component: String, _ actions: [String]) -> Double? {
    guard let table = energies[component] else { return nil }
    return actions.lazy.compactMap { table[$0] }.first
  }

  /// Whether the component has a table.
  func describes(_ component: String) -> Bool { energies[component] != nil }
}
