public import Accelerator
import Interchange
public import Workload

/// Mappings as a file, in the order of the network; it reads back to equal values.
///
/// Layers without a mapping are left out.
public func mappingYAML(
  of mappings: [String: Mapping], network: Network, architecture: Architecture
) -> String {
  var lines = ["mappings:"]
  for layer in network.entries.map(\.layer) {
    guard let mapping = mappings[layer.name] else { continue }
    lines.append("  - layer: \(YAMLText.scalar(layer.name))")
    lines.append("    levels:")
    for (level, nest) in zip(architecture.levels, mapping.nests) {
      lines.append("      - level: \(YAMLText.scalar(level.name))")
      for (key, loops) in [
        ("temporal", nest.temporal), ("spatialX", nest.spatialX), ("spatialY", nest.spatialY),
      ] where !loops.isEmpty {
        let texts = loops.map { text(of: $0, layer) }
        lines.append("        \(key): [\(texts.joined(separator: ", "))]")
      }
      let kept = zip(layer.operands, nest.keeps).filter(\.1).map(\.0.name)
      lines.append("        keep: \(YAMLText.list(kept))")
    }
  }
  return lines.joined(separator: "\n") + "\n"
}

private func text(of loop: Loop, _ layer: Layer) -> String {
  let counts = loop.isPerfect ? "\(loop.factor)" : "\(loop.factor)/\(loop.residual)"
  let text = "\(layer.dimensions[loop.dimension].name)=\(counts)"
  return isDimensionName(layer.dimensions[loop.dimension].name) ? text : YAMLText.scalar(text)
}
