import Accelerator
import Workload

extension TimeloopWriter {
  /// The `mapping` section.
  ///
  /// - Parameter flat: Whether it is for the program itself, where a fan-out is called after the level outside it;
  ///   otherwise it is called after the container inside.
  func mappingText(flat: Bool) -> String {
    var lines = ["mapping:"]
    for (index, nest) in mapping.nests.enumerated() {
      let level = names.levels[index]
      let kept = zip(layer.operands, nest.keeps).filter(\.1).map(\.0.name)
      let bypassed = zip(layer.operands, nest.keeps).filter { !$0.1 }.map(\.0.name)
      lines += [
        "  - target: \(level)", "    type: \(flat ? "datatype" : "dataspace")",
        "    keep: \(YAMLText.list(kept))", "    bypass: \(YAMLText.list(bypassed))",
      ]
      lines += ["  - target: \(level)", "    type: temporal"]
      lines += directive(nest.temporal.reversed(), flat: flat)
      guard hasFanOut(below: index) else { continue }
      if isSplit(below: index) {
        lines += splitDirectives(index, nest, flat: flat)
        continue
      }
      lines += [
        "  - target: \(flat ? level : names.containers[index + 1])", "    type: spatial",
      ]
      lines += directive(nest.spatialX.reversed() + nest.spatialY.reversed(), flat: flat)
      lines.append("    split: \(nest.spatialX.count)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The bands of rows first, then what is inside, with a level that stores nothing between them in the flat form.
  private func splitDirectives(_ index: Int, _ nest: LoopNest, flat: Bool) -> [String] {
    let rows = names.rows[index + 1]
    let outer = flat ? names.levels[index] : rows
    let inner = flat ? rows : names.containers[index + 1]
    let bands = bands(below: index)
    let others = nest.spatialY.filter { !bands.contains($0) }
    var lines = ["  - target: \(outer)", "    type: spatial"]
    lines += directive(bands.reversed(), flat: flat) + ["    split: 0"]
    if flat {
      lines += [
        "  - target: \(rows)", "    type: datatype", "    keep: []",
        "    bypass: \(YAMLText.list(layer.operands.map(\.name)))",
      ]
      lines += ["  - target: \(rows)", "    type: temporal"] + directive([], flat: flat)
    }
    lines += ["  - target: \(inner)", "    type: spatial"]
    return lines + directive(nest.spatialX.reversed() + others.reversed(), flat: flat)
      + ["    split: \(nest.spatialX.count)"]
  }

  /// Factors and permutation of loops given innermost first, the order Timeloop writes them in.
  private func directive(_ loops: [Loop], flat: Bool) -> [String] {
    let used = loops.map(\.dimension)
    let order = used + layer.dimensions.indices.filter { !used.contains($0) }
    let factors = order.enumerated().map { position, dimension in
      let letter = names.dimensions[dimension]
      guard position < loops.count else { return "\(letter)=1" }
      let loop = loops[position]
      return loop.isPerfect
        ? "\(letter)=\(loop.factor)" : "\(letter)=\(loop.factor),\(loop.residual)"
    }
    let letters = order.map { names.dimensions[$0] }
    if flat {
      return [
        "    factors: \"\(factors.joined(separator: " "))\"",
        "    permutation: \"\(letters.joined())\"",
      ]
    }
    let quoted = factors.map { $0.contains(",") ? "\"\($0)\"" : $0 }
    return [
      "    factors: [\(quoted.joined(separator: ", "))]",
      "    permutation: [\(letters.map(YAMLText.scalar).joined(separator: ", "))]",
    ]
  }
}
