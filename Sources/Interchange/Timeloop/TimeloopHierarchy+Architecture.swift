import Accelerator
import Quantities

extension TimeloopHierarchy {
  /// Attributes that mean nothing to counting or stand for what is the only possibility here.
  private static let neutral: [String: [String]] = [
    "meshX": [], "meshY": [], "instances": [], "version": [], "name": [],
    "addr_gen_energy": ["0", "0.0"], "cluster_size": ["1"], "has_power_gating": ["false", "False"],
    "min_utilization": ["0", "0.0"], "allow_overbooking": ["false", "False"],
    "power_gated_at": [""],
  ]
  private static let read: Set<String> = [
    "datawidth", "word_bits", "word_width", "block_size", "n_words", "width", "memory_width",
    "data_storage_width", "entries", "depth", "memory_depth", "data_storage_depth", "sizeKB",
    "multiple_buffering", "read_bandwidth", "write_bandwidth", "shared_bandwidth", "bandwidth",
    "network_fill_latency", "network_drain_latency", "energy_per_hop", "router_energy",
    "vector_access_energy", "energy", "reduction_supported", "dovetail_keep", "technology", "type",
  ]

  /// The architecture of the collected components.
  mutating func architecture(
    root: SpecificationNode, tables: TimeloopTables, tensors: [String]?,
    estimates: ForeignEstimates
  ) throws(SpecificationError) -> Architecture {
    guard let compute else {
      throw .missingKey(at: root.place, key: "class: mac", expected: "a component that computes")
    }
    guard !levels.isEmpty else {
      throw .missingKey(at: root.place, key: "class: storage", expected: "a memory")
    }
    var result: [MemoryLevel] = []
    for component in levels {
      var level = try level(component, tables: tables, tensors: tensors)
      estimate(&level, component, tables, estimates)
      result.append(level)
    }
    let bits =
      try compute.attribute("datawidth", "word_bits")?.count(in: 1...4_096, "bits") ?? 16
    var array = ComputeArray(
      name: compute.name, mesh: compute.mesh, wordBits: bits, energyPerOperation: 0)
    array.area = Area(squareMillimeters: tables.areas[compute.name] ?? 0)
    if let energy = try computeEnergy(compute, tables: tables) {
      array.energyPerOperation = energy
    } else {
      let isFloating = compute.className.contains("fp") || compute.className.contains("float")
      let figures = Self.node(of: compute).flatMap {
        estimates.multiplyAccumulate(bits, isFloating, $0)
      }
      array.energyPerOperation = figures?.energy ?? 0
      if array.area == .zero { array.area = Area(squareMillimeters: figures?.area ?? 0) }
      warnOfAbsentEnergy(compute, "energy per operation", figures)
    }
    noteUnused(compute)
    let name = (root.member("nodes") ?? root.member("subtree")).flatMap(Self.firstName)
    do {
      return try Architecture(name: name ?? "timeloop", levels: result, compute: array)
    } catch {
      throw .rejected(at: root.place, reason: "\(error)")
    }
  }

  private static func firstName(_ list: SpecificationNode) -> String? {
    guard let first = try? list.items(expected: "").first else { return nil }
    return first.member("name")?.scalarText.map { String($0.prefix { $0 != "[" }) }
  }

  /// The node of a component's `technology`, in nm.
  private static func node(of component: Component) -> Double? {
    component.attribute("technology")?.scalarText.flatMap(nanometers(of:))
  }

  /// Puts estimates where nothing states the energies.
  private mutating func estimate(
    _ level: inout MemoryLevel, _ component: Component, _ tables: TimeloopTables,
    _ estimates: ForeignEstimates
  ) {
    guard component.attribute("vector_access_energy") == nil, !tables.describes(component.name)
    else { return }
    let accessBits = level.wordBits * level.blockSize
    var figures: ForeignEstimates.Figures?
    if level.kind == .dram {
      figures = estimates.dram(component.attribute("type")?.scalarText, accessBits)
    } else if let words = level.capacityWords, let node = Self.node(of: component) {
      let (bits, overflow) = words.multipliedReportingOverflow(by: level.wordBits)
      if !overflow { figures = estimates.memory(level.kind, bits, accessBits, node) }
    }
    if let figures {
      level.energy = AccessEnergy(
        read: figures.energy, fill: figures.writeEnergy, update: figures.writeEnergy)
      if level.area == .zero { level.area = Area(squareMillimeters: figures.area) }
    }
    warnOfAbsentEnergy(component, "energies", figures)
  }

  private mutating func warnOfAbsentEnergy(
    _ component: Component, _ what: String, _ figures: ForeignEstimates.Figures?
  ) {
    guard let figures else {
      warn(component.node, "no \(what), taken as 0; give an ERT file")
      return
    }
    let text =
      figures.writeEnergy == figures.energy ? "" : ", write \(compact(figures.writeEnergy)) pJ"
    warn(
      component.node,
      "no \(what), estimated as \(compact(figures.energy)) pJ\(text) from \(figures.source)")
  }

  private mutating func computeEnergy(_ component: Component, tables: TimeloopTables)
    throws(SpecificationError) -> Double?
  {
    let actions = ["mac_random", "mult_random", "mac", "mult", "compute"]
    if let energy = tables.energy(of: component.name, actions) { return energy }
    return try component.attribute("energy")?.amount(in: 0...1e30, "pJ")
  }

  private mutating func level(
    _ component: Component, tables: TimeloopTables, tensors: [String]?
  ) throws(SpecificationError) -> MemoryLevel {
    let wordBits =
      try component.attribute("word_bits", "word_width", "datawidth")?
      .count(in: 1...4_096, "bits") ?? 16
    let blockSize = try blockSize(component, wordBits: wordBits)
    let subclass = component.node.member("subclass")?.scalarText ?? ""
    var level = MemoryLevel(
      name: component.name, kind: Self.kind(component, subclass), mesh: component.mesh,
      capacityWords: try capacity(component, wordBits: wordBits, blockSize: blockSize),
      wordBits: wordBits, energy: try energy(component, tables: tables))
    level.blockSize = blockSize
    level.multipleBuffering =
      try component.attribute("multiple_buffering")?.amount(in: 1...1_024) ?? 1
    level.bandwidth = try bandwidth(component)
    let cycles = 0...Architecture.largestNumber
    level.network.energyPerHop =
      try component.attribute("energy_per_hop")?.amount(in: 0...1e30, "pJ") ?? 0
    level.network.routerEnergy =
      try component.attribute("router_energy")?.amount(in: 0...1e30, "pJ") ?? 0
    level.network.fillLatency =
      try component.attribute("network_fill_latency")?.count(in: cycles, "cycles") ?? 0
    level.network.drainLatency =
      try component.attribute("network_drain_latency")?.count(in: cycles, "cycles") ?? 0
    level.leakagePerCycle = tables.energy(of: component.name, ["leak"]) ?? 0
    level.area = Area(squareMillimeters: tables.areas[component.name] ?? 0)
    level.keptByDefault = try keep(component, tensors: tensors)
    if let reduction = component.attribute("reduction_supported"),
      let text = reduction.scalarText?.lowercased(), (text == "false") != (level.kind == .dram)
    {
      warn(reduction, "accumulation in place follows the class here: on chip yes, DRAM no")
    }
    noteUnused(component)
    return level
  }

  private static func kind(_ component: Component, _ subclass: String) -> MemoryKind {
    let technology = component.attribute("technology")?.scalarText
    if component.className.contains("DRAM") || technology == "DRAM" { return .dram }
    let words = component.className + " " + subclass
    let isRegisters = ["regfile", "_RF", "register", "reg_file"].contains(where: words.contains)
    return isRegisters ? .registers : .sram
  }

  private func blockSize(_ component: Component, wordBits: Int) throws(SpecificationError) -> Int {
    if let stated = component.attribute("block_size", "n_words") {
      return try stated.count(in: 1...65_536, "words")
    }
    guard let width = component.attribute("width", "memory_width", "data_storage_width") else {
      return 1
    }
    let cluster = try component.attribute("cluster_size")?.count(in: 1...65_536) ?? 1
    let bits = try width.count(in: 1...(1 << 28), "bits")
    guard bits % (wordBits * cluster) == 0, bits / (wordBits * cluster) <= 65_536 else {
      throw width.wrong(expected: "a multiple of the word of \(wordBits) bits")
    }
    return bits / (wordBits * cluster)
  }

  private func capacity(_ component: Component, wordBits: Int, blockSize: Int)
    throws(SpecificationError) -> Int?
  {
    let range = 1...Architecture.largestNumber
    if let entries = component.attribute("entries") { return try entries.count(in: range, "words") }
    if let depth = component.attribute("depth", "memory_depth", "data_storage_depth") {
      return try depth.count(in: 1...range.upperBound / blockSize, "rows") * blockSize
    }
    if let size = component.attribute("sizeKB") {
      return try max(1, size.count(in: 1...(1 << 27), "KB") * 8_192 / wordBits)
    }
    return nil
  }

  private mutating func bandwidth(_ component: Component) throws(SpecificationError) -> Bandwidth {
    let limit = Double(Architecture.largestNumber)
    var result = Bandwidth()
    if let both = component.attribute("bandwidth") {
      let half = try both.amount(in: 1e-9...limit, "words per cycle") / 2
      result.read = half
      result.write = half
    }
    if let value = component.attribute("read_bandwidth") {
      result.read = try value.amount(in: 1e-12...limit, "words per cycle")
    }
    if let value = component.attribute("write_bandwidth") {
      result.write = try value.amount(in: 1e-12...limit, "words per cycle")
    }
    if let value = component.attribute("shared_bandwidth") {
      result.shared = try value.amount(in: 1e-12...limit, "words per cycle")
    }
    return result
  }

  private mutating func energy(_ component: Component, tables: TimeloopTables)
    throws(SpecificationError) -> AccessEnergy
  {
    if let energy = component.attribute("vector_access_energy") {
      let value = try energy.amount(in: 0...1e30, "pJ")
      return AccessEnergy(read: value, fill: value, update: value)
    }
    guard tables.describes(component.name) else {
      return AccessEnergy(read: 0, fill: 0, update: 0)
    }
    func find(_ what: String, _ actions: [String]) -> Double {
      if let energy = tables.energy(of: component.name, actions) { return energy }
      warn(component.node, "the ERT has no energy of a \(what), taken as 0")
      return 0
    }
    return AccessEnergy(
      read: find("read", ["random_read", "read"]),
      fill: find("fill", ["random_fill", "random_write", "fill", "write"]),
      update: find("update", ["random_update", "random_write", "update", "write"]))
  }

  private mutating func keep(_ component: Component, tensors: [String]?)
    throws(SpecificationError) -> [String]?
  {
    if let own = component.attribute("dovetail_keep") { return try own.names(expected: "tensors") }
    if let keep = component.keep, !keep.isEmpty || component.bypass != nil { return keep }
    guard let bypass = component.bypass, !bypass.isEmpty else { return nil }
    guard let tensors else {
      warn(component.node, "bypassed tensors are left out, the problem names no others")
      return nil
    }
    return tensors.filter { !bypass.contains($0) }
  }

  private mutating func noteUnused(_ component: Component) {
    let names = component.attributes.filter { attribute in
      guard attribute.isOwn, !Self.read.contains(attribute.key) else { return false }
      if ["class", "attributes"].contains(attribute.key) { return false }
      guard let values = Self.neutral[attribute.key] else { return true }
      let text = attribute.value.scalarText ?? ""
      return !(values.isEmpty || values.contains(text) || attribute.value.isNull)
    }
    guard let first = names.first else { return }
    let list = names.map { shortened($0.key) }.joined(separator: ", ")
    warnings.append(
      FileWarning(
        at: SpecificationPlace(
          file: first.value.file, line: first.value.tree.line,
          field: component.node.field + ".attributes"),
        "no counterpart, left out: \(list)"))
  }
}
