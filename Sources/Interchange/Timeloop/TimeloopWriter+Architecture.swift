import Accelerator
import Quantities

extension TimeloopWriter {
  /// The `architecture` section as a v0.4 tree: containers make the fan-outs.
  var tree: String {
    var lines = [
      "architecture:", "  version: 0.4", "  nodes:", "    - !Container",
      "      name: \(YAMLText.scalar(names.system))",
    ]
    for index in 0...architecture.levels.count {
      lines += container(above: index)
      lines.append("    - !Component")
      lines += component(index).map { "      " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The container before a component, when there is a fan-out.
  ///
  /// The front end puts a level of its own at the fan-out and gives it the container's attributes: hops below the outer
  /// level are charged there.
  private func container(above index: Int) -> [String] {
    let fanOut: Mesh
    if index == 0 {
      fanOut = architecture.levels[0].mesh
      guard fanOut.count > 1 else { return [] }
    } else {
      guard hasFanOut(below: index - 1) else { return [] }
      fanOut = architecture.fanOut(below: index - 1)
    }
    var spatial = [(names.containers[index], "{meshX: \(fanOut.x), meshY: \(fanOut.y)}")]
    if index > 0, isSplit(below: index - 1) {
      let bands = bandCount(below: index - 1)
      spatial = [
        (names.rows[index], "{meshY: \(bands)}"),
        (names.containers[index], "{meshX: \(fanOut.x), meshY: \(fanOut.y / bands)}"),
      ]
    }
    var lines: [String] = []
    for (name, mesh) in spatial {
      lines += ["    - !Container", "      name: \(name)", "      spatial: \(mesh)"]
      guard index > 0 else { continue }
      let network = architecture.levels[index - 1].network
      lines.append(
        "      attributes: {energy_per_hop: \(compact(network.energyPerHop)), "
          + "router_energy: \(compact(network.routerEnergy))}")
    }
    return lines
  }

  /// Name, class and attributes of a memory level, or of the MACs at the end.
  private func component(_ index: Int) -> [String] {
    guard index < architecture.levels.count else {
      return [
        "name: \(names.compute)", "class: intmac", "attributes:",
        "  datawidth: \(architecture.compute.wordBits)",
      ]
    }
    let level = architecture.levels[index]
    return ["name: \(names.levels[index])", "class: \(Self.className(of: level.kind))"]
      + ["attributes:"] + attributes(of: level).map { "  " + $0 }
  }

  private static func className(of kind: MemoryKind) -> String {
    switch kind {
    case .dram: "DRAM"
    case .sram: "SRAM"
    case .registers: "regfile"
    }
  }

  private func attributes(of level: MemoryLevel) -> [String] {
    var lines = [
      "datawidth: \(level.wordBits)", "\(key("block_size")): \(level.blockSize)",
      "width: \(level.wordBits * level.blockSize)",
    ]
    if let words = level.capacityWords { lines.append("entries: \(words)") }
    lines.append("\(key("multiple_buffering")): \(compact(level.multipleBuffering))")
    for (key, value) in [
      ("read_bandwidth", level.bandwidth.read), ("write_bandwidth", level.bandwidth.write),
      ("shared_bandwidth", level.bandwidth.shared),
    ] {
      if let value { lines.append("\(key): \(compact(value))") }
    }
    let network = level.network
    lines += [
      "\(key("energy_per_hop")): \(compact(network.energyPerHop))",
      "\(key("router_energy")): \(compact(network.routerEnergy))",
      "network_fill_latency: \(network.fillLatency)",
      "network_drain_latency: \(network.drainLatency)",
      "\(key("addr_gen_energy")): 0", "reduction_supported: \(level.kind != .dram)",
    ]
    if let keep = level.keptByDefault {
      lines.append("dovetail_keep: \(YAMLText.list(keep))")
    }
    return lines
  }

  /// The `architecture` section in the flat form of the program itself.
  var flatArchitecture: String {
    var lines = [
      "architecture:", "  version: \(version.rawValue)", "  subtree:",
      "    - name: \(YAMLText.scalar(names.system))",
      "      local:",
    ]
    let meshes = architecture.levels.map(\.mesh) + [architecture.compute.mesh]
    for (index, mesh) in meshes.enumerated() {
      if index > 0, isSplit(below: index - 1) {
        let rows = meshes[index - 1].y * bandCount(below: index - 1)
        lines += rowsLevel(above: index, mesh: Mesh(x: meshes[index - 1].x, y: rows))
      }
      var component = component(index)
      component[0] += "[1..\(mesh.count)]"
      component += ["  meshX: \(mesh.x)", "  meshY: \(mesh.y)"]
      lines += component.enumerated().map { ($0 == 0 ? "        - " : "          ") + $1 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A level that stores nothing between the two parts of a fan-out, as the front end makes them.
  private func rowsLevel(above index: Int, mesh: Mesh) -> [String] {
    let network = architecture.levels[index - 1].network
    let lines = [
      "name: \(names.rows[index])[1..\(mesh.count)]", "class: dummy_storage", "attributes:",
      "  datawidth: \(architecture.levels[index - 1].wordBits)", "  \(key("block_size")): 1",
      "  entries: 1", "  \(key("energy_per_hop")): \(compact(network.energyPerHop))",
      "  \(key("router_energy")): \(compact(network.routerEnergy))",
      "  \(key("addr_gen_energy")): 0",
      "  meshX: \(mesh.x)", "  meshY: \(mesh.y)",
    ]
    return lines.enumerated().map { ($0 == 0 ? "        - " : "          ") + $1 }
  }

  /// The tables of energy (pJ per action) and area (um^2 per instance).
  ///
  /// The front end passes the energies on only when there are areas, too.
  var tables: String {
    var energies = ["ERT:", "  version: \(version.rawValue)", "  tables:"]
    var areas = ["ART:", "  version: \(version.rawValue)", "  tables:"]
    let meshes = architecture.levels.map(\.mesh) + [architecture.compute.mesh]
    for (index, mesh) in meshes.enumerated() {
      let isLevel = index < architecture.levels.count
      let name = isLevel ? names.levels[index] : names.compute
      let path = "system_top_level.\(name)[1..\(mesh.count)]"
      let actions: [(String, Double)]
      let area: Area
      if isLevel {
        let level = architecture.levels[index]
        actions = [
          ("read", level.energy.read), ("write", level.energy.fill),
          ("update", level.energy.update), ("leak", level.leakagePerCycle),
        ]
        area = level.area
      } else {
        // Timeloop 2 knows no action "compute".
        let action = version == .v03 ? "mac_random" : "compute"
        actions = [(action, architecture.compute.energyPerOperation)]
        area = architecture.compute.area
      }
      energies += ["    - name: \(path)", "      actions:"]
      energies += actions.map { action, energy in
        "        - {name: \(action), arguments: {}, energy: \(compact(energy))}"
      }
      let text = shiftingDecimalPoint(of: compact(area.squareMillimeters), by: 6)
      areas += ["    - {name: \"\(path)\", area: \(text)}"]
    }
    return (energies + areas).joined(separator: "\n") + "\n"
  }
}

/// The text of a number times a power of ten, exact to the last digit.
func shiftingDecimalPoint(of text: String, by digits: Int) -> String {
  let parts = text.split(maxSplits: 1, whereSeparator: { $0 == "e" || $0 == "E" })
  guard let mantissa = parts.first, mantissa.contains(where: { ("1"..."9").contains($0) }) else {
    return text
  }
  let exponent = (parts.count == 2 ? Int(parts[1]) ?? 0 : 0) + digits
  return exponent == 0 ? String(mantissa) : "\(mantissa)e\(exponent)"
}
