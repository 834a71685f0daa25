public import Accelerator
public import Foundation
import Quantities

/// ZigZag's accelerators: memories, innermost first, around an operational array.
///
/// Words have 8 bits here, sizes and bandwidths are turned from bits into words; an access moves as many words as the
/// widest port, so that `r_cost` and `w_cost` are energies of one access as there. A memory has one instance per
/// position along each array dimension it does not serve.
public enum ZigZagAccelerator {
  static let wordBits = 8
  private static let tensors = ["I1": "Inputs", "I2": "Weights", "O": "Outputs"]

  /// Reads an accelerator.
  public static func architecture(parsing bytes: Data, file: String) throws(SpecificationError)
    -> Imported<Architecture>
  {
    let root = try SpecificationNode(parsing: bytes, file: file, dialect: .foreign)
    var warnings: [FileWarning] = []
    for (key, value) in try root.pairs(expected: "an accelerator")
    where !["name", "memories", "operational_array"].contains(key) {
      warnings.append(FileWarning(at: value.place, "no counterpart, left out"))
    }
    let array = try root.required("operational_array", expected: "the MAC array")
    if array.optional("is_imc")?.scalarText?.lowercased() == "true" {
      throw array.wrong(expected: "a digital array; computing in memory has no counterpart")
    }
    let dimensions = try array.required("dimensions", expected: "a list such as [D1, D2]")
      .names(expected: "a list such as [D1, D2]")
    let sizes = try array.required("sizes", expected: "a list of sizes")
    let items = try sizes.items(expected: "a list of sizes")
    guard items.count == dimensions.count, (1...4).contains(items.count) else {
      throw .wrongValue(
        at: sizes.place, got: "\(items.count) sizes of \(dimensions.count) dimensions",
        expected: "one to four dimensions")
    }
    var extents: [Int] = []
    for item in items { extents.append(try item.count(in: 1...(1 << 10), "units")) }
    if extents.count > 2 {
      warnings.append(
        FileWarning(
          at: sizes.place, "\(extents.count) dimensions become two: odd ones along X, even along Y")
      )
    }
    /// The grid of all positions along the dimensions that are not served.
    func mesh(serving served: [String]) -> Mesh {
      var mesh = Mesh(x: 1, y: 1)
      for (index, extent) in extents.enumerated() where !served.contains(dimensions[index]) {
        if index % 2 == 0 { mesh.x *= extent } else { mesh.y *= extent }
      }
      return mesh
    }
    var levels: [MemoryLevel] = []
    let memories = try root.required("memories", expected: "a mapping of memories")
    for (name, node) in try memories.pairs(expected: "a mapping of memories").reversed() {
      let served = try node.optional("served_dimensions")?.names(expected: "a list") ?? []
      for dimension in served where !dimensions.contains(dimension) {
        throw .unknownName(
          at: node.place, what: "array dimension", name: dimension, known: dimensions)
      }
      levels.append(try level(name, node, mesh(serving: served), &warnings))
    }
    let sorted = levels.enumerated().sorted {
      ($0.element.mesh.count, $0.offset) < ($1.element.mesh.count, $1.offset)
    }.map(\.element)
    if sorted != levels {
      warnings.append(
        FileWarning(at: memories.place, "memories are put in the order of their instances"))
      levels = sorted
    }
    var compute = ComputeArray(
      name: "MAC", mesh: mesh(serving: []), wordBits: wordBits,
      energyPerOperation: try array.optional("unit_energy")?.amount(in: 0...1e30, "pJ") ?? 0)
    compute.area = Area(
      squareMillimeters: try array.optional("unit_area")?.amount(in: 0...1e30, "mm^2") ?? 0)
    warnings.append(FileWarning(at: root.place, "areas have no unit there, taken as mm^2"))
    do {
      return Imported(
        try Architecture(
          name: root.optional("name")?.scalarText ?? ForeignText.baseName(of: file),
          levels: levels, compute: compute), warnings: warnings)
    } catch {
      throw .rejected(at: memories.place, reason: "\(error)")
    }
  }

  private static func level(
    _ name: String, _ node: SpecificationNode, _ mesh: Mesh, _ warnings: inout [FileWarning]
  ) throws(SpecificationError) -> MemoryLevel {
    let read = [
      "size", "r_cost", "w_cost", "area", "operands", "ports", "served_dimensions", "mem_type",
      "force_double_buffering",
    ]
    for (key, value) in try node.pairs(expected: "a memory") where !read.contains(key) {
      if key == "latency", value.scalarText == "1" { continue }
      if key == "auto_cost_extraction", value.scalarText?.lowercased() == "false" { continue }
      warnings.append(FileWarning(at: value.place, "no counterpart, left out"))
    }
    func cost(_ key: String) throws(SpecificationError) -> Double {
      guard let value = node.optional(key), !value.isNull else {
        warnings.append(FileWarning(at: node.place, "no \(key), taken as 0"))
        return 0
      }
      return try value.amount(in: 0...1e30, "pJ")
    }
    let bits = try node.required("size", expected: "a number of bits").count(in: 1...(1 << 42))
    let isDRAM =
      name.lowercased().contains("dram") || node.optional("mem_type")?.scalarText == "dram"
    let readEnergy = try cost("r_cost")
    let writeEnergy = try cost("w_cost")
    var level = MemoryLevel(
      name: name, kind: isDRAM ? .dram : bits <= 1 << 12 ? .registers : .sram, mesh: mesh,
      capacityWords: max(1, bits / wordBits), wordBits: wordBits,
      energy: AccessEnergy(read: readEnergy, fill: writeEnergy, update: writeEnergy))
    level.area = Area(squareMillimeters: try cost("area"))
    let ports = try bandwidth(node)
    level.bandwidth = ports.bandwidth
    level.blockSize = ports.widest
    if node.optional("force_double_buffering")?.scalarText?.lowercased() == "true" {
      level.multipleBuffering = 2
    }
    var keep: [String] = []
    for item in try node.required("operands", expected: "a list of I1, I2, O")
      .items(expected: "a list of I1, I2, O")
    {
      let operand = try item.text(expected: "I1, I2 or O")
      guard let tensor = tensors[operand] else {
        throw .unknownName(
          at: item.place, what: "operand", name: operand, known: tensors.keys.sorted())
      }
      keep.append(tensor)
    }
    level.keptByDefault = keep
    return level
  }

  /// Words per cycle of all ports of a kind together, and the words of the widest port.
  private static func bandwidth(_ node: SpecificationNode) throws(SpecificationError) -> (
    bandwidth: Bandwidth, widest: Int
  ) {
    var result = Bandwidth()
    var widest = 1
    for port in try node.optional("ports")?.items(expected: "a list of ports") ?? [] {
      let bits = try port.required("bandwidth_max", expected: "bits per cycle")
        .count(in: 1...(1 << 19), "bits")
      let words = Double(bits) / Double(wordBits)
      widest = max(widest, bits / wordBits)
      switch try port.required("type", expected: "read, write or read_write").text() {
      case "read": result.read = (result.read ?? 0) + words
      case "write": result.write = (result.write ?? 0) + words
      case "read_write": result.shared = (result.shared ?? 0) + words
      case let type:
        throw .unknownName(
          at: port.place, what: "port type", name: type, known: ["read", "read_write", "write"])
      }
    }
    return (result, widest)
  }
}
