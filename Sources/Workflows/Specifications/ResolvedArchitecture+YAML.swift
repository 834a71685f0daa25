import Accelerator
import Interchange
import Quantities

extension ResolvedArchitecture {
  /// The architecture as a file in which every number is written out; it reads back to an equal architecture.
  ///
  /// Numbers that were not in the original file have their origin in a comment.
  public var yaml: String {
    var lines = ["name: \(YAMLText.scalar(architecture.name))"]
    if let description { lines.append("description: \(YAMLText.scalar(description))") }
    if !sources.isEmpty {
      lines.append("sources:")
      lines += sources.map { "  - \(YAMLText.scalar($0))" }
    }
    if let clock = architecture.clock { lines.append("clockMHz: \(compact(clock.megahertz))") }
    lines.append("levels:")
    for (index, level) in architecture.levels.enumerated() {
      lines += Self.lines(of: level).enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }
      lines += comments(on: "levels[\(index)].").map { "    " + $0 }
    }
    lines += computeLines + comments(on: "compute.").map { "  " + $0 }
    lines += effectLines
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of level: MemoryLevel) -> [String] {
    var lines = [
      "name: \(YAMLText.scalar(level.name))", "kind: \(level.kind.rawValue)",
      "mesh: [\(level.mesh.x), \(level.mesh.y)]",
      "capacity: \(level.capacityWords.map(String.init) ?? "unlimited")",
      "wordBits: \(level.wordBits)", "blockSize: \(level.blockSize)",
      "multipleBuffering: \(compact(level.multipleBuffering))",
    ]
    if let bandwidth = YAMLText.flow([
      ("read", level.bandwidth.read.map(compact)), ("write", level.bandwidth.write.map(compact)),
      ("shared", level.bandwidth.shared.map(compact)),
    ]) {
      lines.append("bandwidth: \(bandwidth)")
    }
    if let keep = level.keptByDefault { lines.append("keep: \(YAMLText.list(keep))") }
    let energy = level.energy
    lines.append(
      "energy: {read: \(compact(energy.read)), fill: \(compact(energy.fill)), "
        + "update: \(compact(energy.update))}")
    lines.append("leakage: \(compact(level.leakagePerCycle))")
    lines.append("area: \(compact(level.area.squareMillimeters))")
    if let cycle = level.shortestCycleNanoseconds {
      lines.append("shortestCycleNanoseconds: \(compact(cycle))")
    }
    let network = level.network
    lines.append(
      "network: {energyPerHop: \(compact(network.energyPerHop)), "
        + "routerEnergy: \(compact(network.routerEnergy)), "
        + "fillLatency: \(network.fillLatency), drainLatency: \(network.drainLatency)}")
    return lines
  }

  private var computeLines: [String] {
    let compute = architecture.compute
    return [
      "compute:", "  name: \(YAMLText.scalar(compute.name))",
      "  mesh: [\(compute.mesh.x), \(compute.mesh.y)]", "  wordBits: \(compute.wordBits)",
      "  energy: \(compact(compute.energyPerOperation))",
      "  area: \(compact(compute.area.squareMillimeters))",
    ]
  }

  private var effectLines: [String] {
    let effects = architecture.effects
    var lines = [
      "effects:", "  idleEnergyPerCycle: \(compact(effects.idleEnergyPerCycle))",
      "  clockGating: \(compact(effects.clockGating))",
      "  switchingFactor: \(compact(effects.switchingFactor))",
      "  placementDensity: \(compact(effects.placementDensity))",
      "  areaPerProcessingElement: \(compact(effects.areaPerProcessingElement))",
      "  fixedArea: \(compact(effects.fixedArea))",
    ]
    if let gating = effects.zeroGating {
      lines.append("  zeroGating:")
      lines.append("    operand: \(YAMLText.scalar(gating.operand))")
      lines.append("    zeroShare: \(compact(gating.zeroShare))")
      lines.append("    gatedOperands: \(YAMLText.list(gating.gatedOperands))")
    }
    return lines
  }

  /// Comment lines for the numbers below `prefix` that the original file did not state, one per origin.
  private func comments(on prefix: String) -> [String] {
    var groups: [(origin: Provenance.Origin, fields: [String])] = []
    for entry in provenance where entry.field.hasPrefix(prefix) && entry.origin != .explicit {
      let field = String(entry.field.dropFirst(prefix.count))
      if let index = groups.firstIndex(where: { $0.origin == entry.origin }) {
        groups[index].fields.append(field)
      } else {
        groups.append((entry.origin, [field]))
      }
    }
    return groups.map { origin, fields in
      let names = fields.joined(separator: ", ")
      return switch origin {
      case .explicit: "# \(names) stated"
      case .derived(let source): "# \(names) derived: \(Self.commentText(source))"
      case .assumed(let reason): "# \(names) assumed: \(Self.commentText(reason))"
      }
    }
  }

  private static func commentText(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar in
        scalar.properties.generalCategory == .control || scalar == "&" ? " " : Character(scalar)
      })
  }
}
