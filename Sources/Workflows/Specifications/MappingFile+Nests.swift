import Accelerator
import Interchange
import Workload

extension MappingFile {
  init(_ root: SpecificationNode) throws(SpecificationError) {
    try root.checkKeys(["mappings"])
    self.root = root
    let list = try root.required("mappings", expected: "a list of mappings")
    let nodes = try list.items(expected: "a list of mappings")
    guard !nodes.isEmpty else { throw list.wrong(expected: "at least one mapping") }
    mappings = []
    for node in nodes {
      try node.checkKeys(["layer", "levels"])
      let layer = try node.required("layer", expected: "the name of a layer").text()
      let levels = try node.required("levels", expected: "a list of levels")
      var entries: [LevelEntry] = []
      for level in try levels.items(expected: "a list of levels") {
        entries.append(try LevelEntry(level))
      }
      mappings.append(LayerEntry(layer: layer, levels: entries))
    }
  }

  /// One nest per level of the architecture.
  func nests(
    of entry: LayerEntry, field: String, layer: Layer, architecture: Architecture
  ) throws(SpecificationError) -> [LoopNest] {
    var nests = architecture.levels.map { level in
      LoopNest(
        keeps: layer.operands.map { level.keptByDefault?.contains($0.name) ?? true })
    }
    var previous = -1
    for (position, written) in entry.levels.enumerated() {
      let place = "\(field).levels[\(position)]"
      guard let index = architecture.levelIndex(named: written.level) else {
        throw .unknownName(
          at: root.nearestPlace(toField: "\(place).level"), what: "level", name: written.level,
          known: architecture.levels.map(\.name))
      }
      guard index > previous else {
        let order = architecture.levels.map(\.name).joined(separator: ", ")
        throw .wrongValue(
          at: root.nearestPlace(toField: "\(place).level"),
          got: "\"\(written.level)\" after \"\(architecture.levels[previous].name)\"",
          expected: "each level once, outermost first: \(order)")
      }
      previous = index
      nests[index].temporal = try loops(written.temporal, "\(place).temporal", layer)
      nests[index].spatialX = try loops(written.spatialX, "\(place).spatialX", layer)
      nests[index].spatialY = try loops(written.spatialY, "\(place).spatialY", layer)
      guard let keep = written.keep else { continue }
      for (item, name) in keep.enumerated() where layer.operandIndex(named: name) == nil {
        throw .unknownName(
          at: root.nearestPlace(toField: "\(place).keep[\(item)]"), what: "tensor", name: name,
          known: layer.operands.map(\.name))
      }
      nests[index].keeps = layer.operands.map { keep.contains($0.name) }
    }
    return nests
  }

  private func loops(_ entries: [LoopEntry], _ field: String, _ layer: Layer)
    throws(SpecificationError) -> [Loop]
  {
    var result: [Loop] = []
    for (index, entry) in entries.enumerated() {
      guard let dimension = layer.dimensionIndex(named: entry.dimension) else {
        throw .unknownName(
          at: root.nearestPlace(toField: "\(field)[\(index)]"), what: "dimension",
          name: entry.dimension, known: layer.dimensions.map(\.name))
      }
      result.append(
        Loop(dimension: dimension, factor: entry.factor, residual: entry.residual))
    }
    return result
  }
}

extension MappingFile.LevelEntry {
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(["level", "temporal", "spatialX", "spatialY", "keep"])
    self.init(level: try node.required("level", expected: "the name of a memory level").text())
    temporal = try Self.loops(node.optional("temporal"))
    spatialX = try Self.loops(node.optional("spatialX"))
    spatialY = try Self.loops(node.optional("spatialY"))
    keep = try node.optional("keep")?.names(expected: "a list of tensors")
  }

  private static func loops(_ node: SpecificationNode?) throws(SpecificationError)
    -> [MappingFile.LoopEntry]
  {
    guard let node else { return [] }
    var result: [MappingFile.LoopEntry] = []
    for item in try node.items(expected: "a list of loops such as [M=2, Q=8/6]") {
      result.append(try MappingFile.LoopEntry(item))
    }
    return result
  }
}

extension MappingFile.LoopEntry {
  /// Reads `M=2` or `Q=8/6`.
  fileprivate init(_ node: SpecificationNode) throws(SpecificationError) {
    let expected = "a loop such as M=2 or Q=8/6"
    let text = try node.text(expected: expected)
    let sides = text.split(separator: "=", omittingEmptySubsequences: false)
    guard sides.count == 2, !sides[0].isEmpty else { throw node.wrong(expected: expected) }
    let counts = sides[1].split(separator: "/", omittingEmptySubsequences: false)
    guard counts.count <= 2 else { throw node.wrong(expected: expected) }
    var values: [Int] = []
    for count in counts {
      guard !count.isEmpty, count.utf8.allSatisfy({ (48...57).contains($0) }) else {
        throw node.wrong(expected: expected)
      }
      guard let value = Int(count), (1...Layer.largestBound).contains(value) else {
        throw node.wrong(
          expected: "a loop whose counts are whole numbers in 1...\(Layer.largestBound)")
      }
      values.append(value)
    }
    let residual = values.count == 2 ? values[1] : nil
    if let residual, residual > values[0] {
      throw node.wrong(expected: "a residual of at most the factor \(values[0])")
    }
    self.init(dimension: String(sides[0]), factor: values[0], residual: residual)
  }
}
