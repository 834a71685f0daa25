import Accelerator
import Interchange

extension ArchitectureFile {
  init(_ root: SpecificationNode) throws(SpecificationError) {
    try root.checkKeys([
      "name", "description", "sources", "clockMHz", "technology", "wordBits", "levels", "compute",
      "effects",
    ])
    self.root = root
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    sources = try root.optional("sources")?.names(expected: "a list of texts") ?? []
    clockMHz = try root.optional("clockMHz")?.positiveNumber(upTo: 1e6, "MHz")
    technology = try root.optional("technology").map(TechnologyEntry.init)
    wordBits = try root.optional("wordBits")?.integer(in: 1...4_096, "bits")
    levels = []
    let list = try root.required("levels", expected: "a list of memory levels, outermost first")
    let nodes = try list.items(expected: "a list of memory levels, outermost first")
    guard (1...Architecture.largestLevelCount).contains(nodes.count) else {
      throw .wrongValue(
        at: list.place, got: "\(nodes.count) memory levels",
        expected: "1 to \(Architecture.largestLevelCount)")
    }
    for node in nodes { levels.append(try LevelEntry(node)) }
    compute = try ComputeEntry(root.required("compute", expected: "the MAC array"))
    effects = try root.optional("effects").map(EffectsEntry.init) ?? EffectsEntry()
  }
}

/// Largest energy, area or leakage a file may state; `Architecture` allows the same.
private let largestAmount = 1e30

private func mesh(_ node: SpecificationNode) throws(SpecificationError) -> [Int]? {
  guard let node = node.optional("mesh") else { return nil }
  let (x, y) = try node.pair(in: 1...(1 << 20), "instances")
  return [x, y]
}

extension ArchitectureFile.TechnologyEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(["node", "supply", "flavor"])
    self.init(
      node: try node.required("node", expected: "a number of nm").number(in: 1...1_000, "nm"),
      supply: try node.required("supply", expected: "a number of V").positiveNumber(
        upTo: 10, "V"))
    if let flavor = try node.optional("flavor")?.text() { self.flavor = flavor }
  }
}

extension ArchitectureFile.LevelEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys([
      "name", "kind", "mesh", "capacity", "capacityBytes", "wordBits", "blockSize",
      "multipleBuffering", "banks", "memory", "bandwidth", "keep", "energy", "leakage", "area",
      "shortestCycleNanoseconds", "network",
    ])
    self.init(
      name: try node.required("name", expected: "a name").text(expected: "a name"),
      kind: try node.required("kind", expected: "one of DRAM, SRAM, registers")
        .choice("kind", of: MemoryKind.self))
    mesh = try Workflows.mesh(node)
    capacity = try Self.capacity(node)
    wordBits = try node.optional("wordBits")?.integer(in: 1...4_096, "bits")
    blockSize = try node.optional("blockSize")?.integer(in: 1...65_536, "words")
    multipleBuffering = try node.optional("multipleBuffering")?.number(in: 1...1_024)
    banks = try node.optional("banks")?.integer(in: 1...65_536)
    memory = try node.optional("memory")?.text()
    if let bandwidth = node.optional("bandwidth") { self.bandwidth = try Self.bandwidth(bandwidth) }
    keep = try node.optional("keep")?.names(expected: "a list of tensors")
    if let energy = node.optional("energy") { self.energy = try .init(energy) }
    leakage = try node.optional("leakage")?.number(in: 0...largestAmount, "pJ per cycle")
    area = try node.optional("area")?.number(in: 0...largestAmount, "mm^2")
    shortestCycleNanoseconds = try node.optional("shortestCycleNanoseconds")?.positiveNumber(
      upTo: 1e9, "ns")
    if let network = node.optional("network") { self.network = try .init(network) }
  }

  private static func bandwidth(_ node: SpecificationNode) throws(SpecificationError) -> Bandwidth {
    try node.checkKeys(["read", "write", "shared"])
    let limit = Double(Architecture.largestNumber)
    return Bandwidth(
      read: try node.optional("read")?.positiveNumber(upTo: limit, "words per cycle"),
      write: try node.optional("write")?.positiveNumber(upTo: limit, "words per cycle"),
      shared: try node.optional("shared")?.positiveNumber(upTo: limit, "words per cycle"))
  }

  private static func capacity(_ node: SpecificationNode) throws(SpecificationError)
    -> ArchitectureFile.Capacity?
  {
    let range = 1...Architecture.largestNumber
    if let bytes = node.optional("capacityBytes") {
      guard node.optional("capacity") == nil else {
        throw .wrongValue(
          at: bytes.place, got: "both capacity and capacityBytes", expected: "one of them")
      }
      return .bytes(try bytes.integer(in: range, "bytes"))
    }
    guard let words = node.optional("capacity") else { return nil }
    if case .scalar("unlimited", true, _) = words.tree { return .unlimited }
    return .words(try words.integer(in: range, "words"))
  }
}

extension ArchitectureFile.EnergyEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(["read", "fill", "update"])
    read = try node.optional("read")?.number(in: 0...largestAmount, "pJ")
    fill = try node.optional("fill")?.number(in: 0...largestAmount, "pJ")
    update = try node.optional("update")?.number(in: 0...largestAmount, "pJ")
  }
}

extension ArchitectureFile.NetworkEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys([
      "energyPerHop", "hopMillimeters", "routerEnergy", "fillLatency", "drainLatency",
    ])
    let cycles = 0...Architecture.largestNumber
    energyPerHop = try node.optional("energyPerHop")?.number(in: 0...largestAmount, "pJ")
    hopMillimeters = try node.optional("hopMillimeters")?.number(in: 0...1_000, "mm")
    routerEnergy = try node.optional("routerEnergy")?.number(in: 0...largestAmount, "pJ")
    fillLatency = try node.optional("fillLatency")?.integer(in: cycles, "cycles")
    drainLatency = try node.optional("drainLatency")?.integer(in: cycles, "cycles")
  }
}

extension ArchitectureFile.ComputeEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(["name", "mesh", "precision", "wordBits", "energy", "area"])
    name = try node.optional("name")?.text(expected: "a name")
    mesh = try Workflows.mesh(node)
    precision = try node.optional("precision")?.text()
    wordBits = try node.optional("wordBits")?.integer(in: 1...4_096, "bits")
    energy = try node.optional("energy")?.number(in: 0...largestAmount, "pJ")
    area = try node.optional("area")?.number(in: 0...largestAmount, "mm^2")
  }
}

extension ArchitectureFile.EffectsEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    self.init()
    try node.checkKeys([
      "idleEnergyPerCycle", "clockGating", "switchingFactor", "placementDensity",
      "areaPerProcessingElement", "fixedArea", "zeroGating",
    ])
    idleEnergyPerCycle = try node.optional("idleEnergyPerCycle")?.number(in: 0...1e12, "pJ")
    clockGating = try node.optional("clockGating")?.number(in: 0...1)
    switchingFactor = try node.optional("switchingFactor")?.number(in: 0...1e6)
    placementDensity = try node.optional("placementDensity")?.number(in: 1e-6...1)
    areaPerProcessingElement = try node.optional("areaPerProcessingElement")?
      .number(in: 0...1e6, "mm^2")
    fixedArea = try node.optional("fixedArea")?.number(in: 0...1e6, "mm^2")
    guard let gating = node.optional("zeroGating") else { return }
    try gating.checkKeys(["operand", "zeroShare", "gatedOperands"])
    zeroGating = ArchitectureFile.ZeroGatingEntry(
      operand: try gating.required("operand", expected: "the operand whose zeros gate")
        .text(expected: "the name of an operand"),
      zeroShare: try gating.optional("zeroShare")?.number(in: 0...1),
      gatedOperands: try gating.optional("gatedOperands")?.names(expected: "a list of operands"))
  }
}
