import Foundation

/// Scaling of logic between nodes after Stillmaker and Baas.
///
/// Energy at supply *V* is proportional to `f = a2 V^2 + a1 V + a0` with the coefficients of Table 5; area below
/// 22 nm follows Table 4. Reference: Stillmaker and Baas 2017, "Scaling equations for the accurate prediction of
/// CMOS device performance from 180 nm to 7 nm", with the authors' errata example as check.
///
/// Differs from the paper: nodes between two rows are interpolated (`ln f` over `ln` node); below 22 nm, where the
/// polynomial is optimistic against published 7 nm operations, energy is that of 22 nm and 0.8 V times
/// `sqrt(node / 22) (V / 0.8)^2`, good to a factor of 3; area at 22 nm and above is the square of the node ratio.
struct NodeScaling: Sendable {
  /// Below this node, in nm, the polynomial is not used.
  static let smallestPlanarNode = 22.0
  /// Supply at which energy leaves the polynomial, in V: that of CACTI's 22 nm rows.
  static let smallestPlanarSupply = 0.8

  private struct EnergyRow {
    var node: Double
    var a2: Double
    var a1: Double
    var a0: Double
  }

  /// Ascending nodes.
  private let energyRows: [EnergyRow]
  private let areaRows: [(node: Double, area: Double)]

  init(_ table: TextTable) throws(TechnologyError) {
    let node = try table.position(of: "node_nm")
    let area = try table.position(of: "area_vs_7nm")
    let a2 = try table.position(of: "energy_a2")
    let a1 = try table.position(of: "energy_a1")
    let a0 = try table.position(of: "energy_a0")
    var energyRows: [EnergyRow] = []
    var areaRows: [(node: Double, area: Double)] = []
    for row in table.rows.indices {
      let nanometers = try table.positive(row: row, column: node)
      areaRows.append((nanometers, try table.positive(row: row, column: area)))
      guard !table.rows[row][a2].isEmpty else { continue }
      energyRows.append(
        EnergyRow(
          node: nanometers, a2: try table.number(row: row, column: a2),
          a1: try table.number(row: row, column: a1), a0: try table.number(row: row, column: a0)))
    }
    energyRows.sort { $0.node < $1.node }
    areaRows.sort { $0.node < $1.node }
    for needed in [ProcessNode.legalNanometers.lowerBound, ProcessNode.legalNanometers.upperBound] {
      guard energyRows.contains(where: { $0.node == needed }) else {
        throw .missingRow(table: table.name, key: "\(needed) nm")
      }
    }
    self.energyRows = energyRows
    self.areaRows = areaRows
  }

  /// The polynomial of Table 5, `ln`-interpolated between its nodes; no unit, only ratios mean anything.
  func polynomial(nanometers: Double, supply: Double) -> Double {
    let (lower, upper, share) = bracket(nanometers, in: energyRows.map(\.node))
    let value = { (row: EnergyRow) in row.a2 * supply * supply + row.a1 * supply + row.a0 }
    return exp(
      mixed(log(value(energyRows[lower])), log(value(energyRows[upper])), share: share))
  }

  /// Energy of a circuit at `node` over its energy at a reference of at least 22 nm.
  func energyRatio(to node: ProcessNode, fromNanometers: Double, supply: Double) -> Double {
    let reference = polynomial(nanometers: fromNanometers, supply: supply)
    guard node.nanometers < NodeScaling.smallestPlanarNode else {
      return polynomial(nanometers: node.nanometers, supply: node.supply) / reference
    }
    let planar = polynomial(
      nanometers: NodeScaling.smallestPlanarNode, supply: NodeScaling.smallestPlanarSupply)
    let voltage = node.supply / NodeScaling.smallestPlanarSupply
    return planar / reference * (node.nanometers / NodeScaling.smallestPlanarNode).squareRoot()
      * voltage * voltage
  }

  /// Area of a circuit at a node over its area at a reference of at least 22 nm.
  func areaRatio(toNanometers: Double, fromNanometers: Double) -> Double {
    let planar = max(toNanometers, NodeScaling.smallestPlanarNode) / fromNanometers
    guard toNanometers < NodeScaling.smallestPlanarNode else { return planar * planar }
    return planar * planar * tableArea(toNanometers) / tableArea(NodeScaling.smallestPlanarNode)
  }

  private func tableArea(_ nanometers: Double) -> Double {
    let (lower, upper, share) = bracket(nanometers, in: areaRows.map(\.node))
    return exp(mixed(log(areaRows[lower].area), log(areaRows[upper].area), share: share))
  }
}

/// Neighbors of a value in an ascending list and its share of the way between them, on a logarithmic scale.
///
/// At a listed value both neighbors are that value; outside the list both are the nearest end.
func bracket(_ value: Double, in list: [Double]) -> (lower: Int, upper: Int, share: Double) {
  guard let upper = list.firstIndex(where: { $0 >= value }) else {
    return (list.count - 1, list.count - 1, 0)
  }
  guard upper > 0, list[upper] > value else { return (upper, upper, 0) }
  let lower = upper - 1
  return (lower, upper, log(value / list[lower]) / log(list[upper] / list[lower]))
}

/// The point `share` of the way from `a` to `b`.
func mixed(_ a: Double, _ b: Double, share: Double) -> Double {
  share == 0 ? a : a + share * (b - a)
}
