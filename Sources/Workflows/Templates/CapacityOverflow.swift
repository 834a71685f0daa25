import Accelerator
import Workload

extension ArchitectureTemplate.Machine {
  /// The level that the least a layer needs exceeds most, in words; `nil` when that fits everywhere.
  ///
  /// The least is one element of every kept tensor, and all of the dimensions that a rule puts inside the level.
  func overflow(of layer: Layer) -> String? {
    let levels = architecture.levels
    var worst: (text: String, excess: Double)?
    for (index, level) in levels.enumerated() {
      guard let have = level.usableWords else { continue }
      let extents = layer.dimensions.indices.map { dimension in
        let isWhole = placements.contains { placement in
          guard placement.side == .inside,
            let inside = levels.firstIndex(where: { $0.name == placement.level })
          else { return false }
          return inside >= index && placement.covers(dimension, of: layer)
        }
        return isWhole ? layer.dimensions[dimension].bound : 1
      }
      let tiles = layer.operands.filter { level.keptByDefault?.contains($0.name) ?? true }.map {
        let bits = $0.volume(extents: extents) * ($0.bits ?? level.wordBits)
        return (name: $0.name, words: (bits + level.wordBits - 1) / level.wordBits)
      }
      let need = tiles.reduce(0) { $0 + $1.words }
      let excess = Double(need) / Double(max(have, 1))
      guard need > have, excess > worst?.excess ?? 0 else { continue }
      let parts = tiles.map { "\($0.name) \($0.words)" }.joined(separator: ", ")
      worst = (
        "\(level.name): layer \"\(layer.name)\" needs at least \(need) words (\(parts)), has \(have)",
        excess
      )
    }
    return worst?.text
  }
}
