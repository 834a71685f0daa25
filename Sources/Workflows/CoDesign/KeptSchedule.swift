/// How a layer runs on a machine: its loop nest, and what it costs.
struct KeptSchedule: Codable, Sendable {
  var layer: String
  /// Memory levels, outermost first.
  var levels: [String]
  /// Energy by level, in pJ.
  var energies: [Double]
  /// Energy of the networks between levels, in pJ.
  var networks: Double
  /// Energy of the MACs, in pJ.
  var compute: Double
  var cycles: Double
  /// Units in use.
  var units: Int
  var nest: String
}
