public import Workload

extension ImportedNetwork {
  /// The rows as layers, with what has no counterpart.
  public struct Conversion: Hashable, Sendable {
    /// The layers in graph order; `nil` when no row became one.
    public var network: Network?
    /// Rows that are no layer, each with the reason.
    public var warnings: [ImportWarning]
  }

  /// The rows as a network of layers.
  ///
  /// Layers are called by their nodes; a node with several products adds `/input`, `/scores` and the like, and equal
  /// names are numbered.
  ///
  /// - Parameter merging: Whether layers of the same shape become one entry with a count, called by the first.
  public func network(mergingEqualShapes merging: Bool = true) -> Conversion {
    var entries: [Network.Entry] = []
    var position: [Shape: Int] = [:]
    var names: Set<String> = []
    var warnings: [ImportWarning] = []
    for row in rows {
      let base = layerName(row)
      var name = base
      var number = 1
      while names.contains(name) {
        number += 1
        name = "\(base)#\(number)"
      }
      do {
        guard let entry = try row.layer(named: name) else { continue }
        let shape = Shape(layer: entry.layer)
        if merging, let index = position[shape] {
          entries[index] = Network.Entry(
            layer: entries[index].layer, count: entries[index].count + entry.count)
        } else {
          position[shape] = entries.count
          entries.append(entry)
          names.insert(name)
        }
      } catch {
        warnings.append(
          ImportWarning(
            node: row.name, operation: row.operation, problem: "\(error)",
            blockedLayers: [row.name]))
      }
    }
    let network = entries.isEmpty ? nil : Network(name: layerText(name), entries: entries)
    return Conversion(network: network, warnings: warnings)
  }

  /// What two layers have in common when they differ in their names only.
  private struct Shape: Hashable {
    let dimensions: [LoopDimension]
    let operands: [Operand]

    init(layer: Layer) {
      dimensions = layer.dimensions
      operands = layer.operands
    }
  }

  private func layerName(_ row: LayerRow) -> String {
    layerText(row.part.map { "\(row.name)/\($0)" } ?? row.name)
  }

  /// A text without control characters, short enough for a workload file, and not empty.
  private func layerText(_ text: String) -> String {
    let short = shortenedName(text)
    return short.isEmpty ? "unnamed" : short
  }
}
