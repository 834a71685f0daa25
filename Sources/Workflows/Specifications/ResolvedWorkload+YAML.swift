import Interchange
import Workload

extension ResolvedWorkload {
  /// The network as a file in the general form; it reads back to an equal value.
  ///
  /// Dimension names must be a letter followed by letters, digits and underscores, as every reader makes them.
  public var yaml: String {
    var lines = ["name: \(YAMLText.scalar(network.name))", "layers:"]
    for (entry, zeroShare) in zip(network.entries, zeroShares) {
      let layer = entry.layer
      lines.append("  - name: \(YAMLText.scalar(layer.name))")
      lines.append("    count: \(entry.count)")
      if let zeroShare { lines.append("    zeros: \(compact(zeroShare))") }
      let bounds = layer.dimensions.map { "\(YAMLText.scalar($0.name)): \($0.bound)" }
      lines.append("    dimensions: {\(bounds.joined(separator: ", "))}")
      lines.append("    operands:")
      for operand in layer.operands {
        let axes = operand.axes.map { AxisText.text(of: $0, dimensions: layer.dimensions) }
        let fields = YAMLText.flow([
          ("name", YAMLText.scalar(operand.name)), ("axes", YAMLText.list(axes)),
          ("role", operand.role == .result ? "result" : "input"),
          ("bits", operand.bits.map(String.init)),
        ])
        lines.append("      - \(fields ?? "{}")")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
