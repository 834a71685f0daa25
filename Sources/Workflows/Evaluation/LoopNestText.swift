public import Accelerator
public import Workload

/// The loop nest of a mapping as text an architect reads: levels with what they keep, loops inside each other.
public func loopNestText(of mapping: Mapping, layer: Layer, on architecture: Architecture) -> String
{
  var lines: [String] = []
  var depth = 0
  func indent() -> String { String(repeating: "  ", count: depth) }
  func add(_ loops: [Loop], _ word: String) {
    for loop in loops {
      let name = layer.dimensions[loop.dimension].name
      let ragged = loop.isPerfect ? "" : "  (last: \(loop.residual))"
      lines.append("\(indent())\(word) \(name) in 0..<\(loop.factor)\(ragged)")
      depth += 1
    }
  }
  for (level, nest) in zip(architecture.levels, mapping.nests) {
    let kept = layer.operands.indices.filter { nest.keeps[$0] }.map { layer.operands[$0].name }
    lines.append(
      "\(indent())\(level.name) [\(kept.isEmpty ? "bypassed" : kept.joined(separator: ", "))]")
    depth += 1
    add(nest.temporal, "for")
    add(nest.spatialY, "spatial-y")
    add(nest.spatialX, "spatial-x")
  }
  lines.append("\(indent())\(architecture.compute.name)")
  return lines.joined(separator: "\n") + "\n"
}
