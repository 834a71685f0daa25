import Accelerator
import Workload

/// Reads a `mapping` section: temporal, spatial and bypass directives.
struct TimeloopMappingReader {
  let layer: Layer
  let architecture: Architecture
  let hierarchy: TimeloopHierarchy
  private(set) var warnings: [FileWarning] = []

  /// The loops of one fan-out; several of them may lie between two memories.
  private struct FanOut {
    var rank: Int
    var x: [Loop]
    var y: [Loop]
  }

  init(layer: Layer, architecture: Architecture, hierarchy: TimeloopHierarchy) {
    self.layer = layer
    self.architecture = architecture
    self.hierarchy = hierarchy
  }

  mutating func mapping(_ root: SpecificationNode) throws(SpecificationError) -> Mapping {
    var nests = architecture.levels.map { _ in
      LoopNest(keeps: Array(repeating: true, count: layer.operands.count))
    }
    var fanOuts: [[FanOut]] = architecture.levels.map { _ in [] }
    var seen: Set<String> = []
    for node in try root.items(expected: "a list of directives") {
      let type = try node.required("type", expected: "temporal, spatial or dataspace").text()
      let target = try node.required("target", expected: "the name of a level").text()
      noteUnused(node)
      guard seen.insert("\(type) \(target)").inserted else {
        throw .wrongValue(
          at: node.place, got: "a second \(shortened(type)) directive for \(shortened(target))",
          expected: "one")
      }
      switch type {
      case "temporal":
        let loops = try loops(node)
        if let level = hierarchy.level(target) {
          nests[level].temporal = Array(loops.map(\.loop).reversed())
        } else if hierarchy.fanOuts[target] == nil {
          throw unknownTarget(node, target)
        } else if loops.contains(where: { $0.loop.factor > 1 }) {
          throw node.wrong(expected: "factors of 1, \(shortened(target)) stores nothing")
        }
      case "spatial":
        let (level, rank) = try fanOut(node, target)
        let loops = try loops(node)
        guard level >= 0 else {
          guard loops.allSatisfy({ $0.loop.factor == 1 }) else {
            throw node.wrong(expected: "factors of 1, no memory lies outside this fan-out")
          }
          continue
        }
        let split =
          try node.member("split")?.count(in: 0...(1 << 20)) ?? layer.dimensions.count
        fanOuts[level].append(
          FanOut(
            rank: rank,
            x: loops.filter { $0.position < split }.map(\.loop).reversed(),
            y: loops.filter { $0.position >= split }.map(\.loop).reversed()))
      case "dataspace", "datatype", "bypass":
        guard let level = hierarchy.level(target) else {
          if hierarchy.fanOuts[target] == nil { throw unknownTarget(node, target) }
          continue
        }
        for index in try tensors(node.member("keep")) { nests[level].keeps[index] = true }
        for index in try tensors(node.member("bypass")) { nests[level].keeps[index] = false }
      case "skew":
        warnings.append(FileWarning(at: node.place, "skew has no counterpart, left out"))
      default:
        throw .unknownName(
          at: node.member("type")?.place ?? node.place, what: "directive", name: type,
          known: ["bypass", "dataspace", "datatype", "skew", "spatial", "temporal"])
      }
    }
    for (index, list) in fanOuts.enumerated() {
      let sorted = list.sorted { $0.rank < $1.rank }
      nests[index].spatialX = sorted.flatMap(\.x)
      nests[index].spatialY = sorted.flatMap(\.y)
      if sorted.count(where: { ($0.x + $0.y).contains { $0.factor > 1 } }) > 1 {
        warnings.append(
          FileWarning(
            at: root.place,
            "several fan-outs below \(architecture.levels[index].name) become one"))
      }
    }
    do {
      return try Mapping(nests: nests, for: layer, on: architecture)
    } catch {
      throw .rejected(at: root.place, reason: "\(error)")
    }
  }

  // MARK: Targets

  private func fanOut(_ node: SpecificationNode, _ target: String) throws(SpecificationError)
    -> (level: Int, rank: Int)
  {
    guard let found = hierarchy.fanOut(target) else { throw unknownTarget(node, target) }
    return found
  }

  private func unknownTarget(_ node: SpecificationNode, _ target: String) -> SpecificationError {
    .unknownName(
      at: node.member("target")?.place ?? node.place, what: "target", name: target,
      known: architecture.levels.map(\.name))
  }

  // MARK: Loops

  /// Loops innermost first, with their positions in the permutation.
  private mutating func loops(_ node: SpecificationNode) throws(SpecificationError)
    -> [(position: Int, loop: Loop)]
  {
    let factors = try TimeloopFactors(node.member("factors"), layer: layer)
    var order = try permutation(node.member("permutation"))
    let missing = layer.dimensions.indices.filter { !order.contains($0) }
    let free = missing.filter { factors.loops[$0].factor > 1 }
    if free.count > 1 || (!free.isEmpty && order.contains { factors.loops[$0].factor > 1 }) {
      let names = free.map { layer.dimensions[$0].name }.joined(separator: ", ")
      warnings.append(
        FileWarning(at: node.place, "permutation does not place \(names), taken outermost"))
    }
    order += missing
    return order.enumerated().map { ($0, factors.loops[$1]) }
  }

  private func permutation(_ node: SpecificationNode?) throws(SpecificationError) -> [Int] {
    guard let node else { return [] }
    var names: [(String, SpecificationNode)] = []
    if let text = node.scalarText {
      names = text.filter { $0 != " " && $0 != "," }.map { (String($0), node) }
    } else {
      for item in try node.items(expected: "dimensions, innermost first") {
        names.append((try item.text(expected: "a dimension"), item))
      }
    }
    var order: [Int] = []
    for (name, place) in names {
      guard let index = layer.dimensionIndex(named: name) else {
        throw .unknownName(
          at: place.place, what: "dimension", name: name, known: layer.dimensions.map(\.name))
      }
      guard !order.contains(index) else {
        throw .wrongValue(
          at: place.place, got: "dimension \(name) twice", expected: "each dimension once")
      }
      order.append(index)
    }
    return order
  }

  private func tensors(_ node: SpecificationNode?) throws(SpecificationError) -> [Int] {
    guard let node, !node.isNull else { return [] }
    var result: [Int] = []
    for item in try node.items(expected: "a list of tensors") {
      let name = try item.text(expected: "a tensor")
      guard let index = layer.operandIndex(named: name) else {
        throw .unknownName(
          at: item.place, what: "tensor", name: name, known: layer.operands.map(\.name))
      }
      result.append(index)
    }
    return result
  }

  private mutating func noteUnused(_ node: SpecificationNode) {
    let known = ["type", "target", "factors", "permutation", "split", "keep", "bypass"]
    guard case .mapping(let entries, _, _) = node.tree else { return }
    for entry in entries where !known.contains(entry.key) {
      if entry.key == "modulo" || entry.key == "terms" { continue }
      warnings.append(
        FileWarning(
          at: SpecificationPlace(
            file: node.file, line: entry.line, field: "\(node.field).\(shortened(entry.key))"),
          "no counterpart, left out"))
    }
  }
}
