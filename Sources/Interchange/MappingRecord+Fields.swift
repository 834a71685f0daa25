import Accelerator
import Quantities
import Workload

/// Reads the `arch` member of a record.
func architectureFromRecord(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Architecture {
  var cursor = JSONCursor(text)
  var name = "unnamed"
  var compute: ComputeArray?
  var levels: [MemoryLevel] = []
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("name") {
      name = try cursor.string()
    } else if key.is("compute") {
      compute = try computeFromRecord(&cursor)
    } else if key.is("levels") {
      try cursor.list { (_, cursor) throws(JSONError) in levels.append(try levelFromRecord(&cursor))
      }
    } else {
      throw cursor.fail(
        "unknown key; \(suggestion(for: key.text, among: ["name", "compute", "levels"]))")
    }
  }
  guard let compute else { throw JSONError(field: "compute", problem: "missing") }
  do {
    return try Architecture(name: name, levels: levels, compute: compute)
  } catch {
    throw JSONError(problem: error.description)
  }
}

private func computeFromRecord(_ cursor: inout JSONCursor) throws(JSONError) -> ComputeArray {
  var name = "MAC"
  var mesh = RecordMesh()
  var wordBits = 16
  var energy: Double?
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("name") {
      name = try cursor.string()
    } else if try mesh.take(key, &cursor) {
    } else if key.is("word_bits") {
      wordBits = try cursor.integer()
    } else if key.is("energy_pj") {
      energy = try cursor.double()
    } else {
      let known = ["name", "instances", "mesh_x", "mesh_y", "word_bits", "energy_pj"]
      throw cursor.fail("unknown key; \(suggestion(for: key.text, among: known))")
    }
  }
  guard let energy else { throw JSONError(field: "energy_pj", problem: "missing") }
  return ComputeArray(
    name: name, mesh: try mesh.resolved(), wordBits: wordBits, energyPerOperation: energy)
}

/// `instances`, `mesh_x` and `mesh_y`, of which the grid or the count may be absent.
private struct RecordMesh {
  var instances: Int?
  var x: Int?
  var y: Int?

  mutating func take(_ key: JSONKey, _ cursor: inout JSONCursor) throws(JSONError) -> Bool {
    if key.is("instances") {
      instances = try cursor.integer()
    } else if key.is("mesh_x") {
      x = try cursor.integer()
    } else if key.is("mesh_y") {
      y = try cursor.integer()
    } else {
      return false
    }
    return true
  }

  func resolved() throws(JSONError) -> Mesh {
    let x = x ?? instances ?? 1
    let y = y ?? 1
    for (field, value) in [("mesh_x", x), ("mesh_y", y)] {
      guard (1...(1 << 20)).contains(value) else {
        throw JSONError(field: field, problem: "got \(value), expected 1 to 1048576")
      }
    }
    if let instances, instances != x * y {
      throw JSONError(
        field: "instances", problem: "got \(instances), expected mesh_x x mesh_y = \(x * y)")
    }
    return Mesh(x: x, y: y)
  }
}

private func levelFromRecord(_ cursor: inout JSONCursor) throws(JSONError) -> MemoryLevel {
  var level = MemoryLevel(
    name: "", kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 16,
    energy: AccessEnergy(read: 0, fill: 0, update: 0))
  var mesh = RecordMesh()
  var hasEnergy = false
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("name") {
      level.name = try cursor.string()
    } else if try mesh.take(key, &cursor) {
    } else if key.is("capacity_words") {
      level.capacityWords = try cursor.takeNull() ? nil : try cursor.integer()
    } else if key.is("word_bits") {
      level.wordBits = try cursor.integer()
    } else if key.is("block_size") {
      level.blockSize = try cursor.integer()
    } else if key.is("technology") {
      level.kind = try cursor.string() == "DRAM" ? .dram : .sram
    } else if key.is("multiple_buffering") {
      level.multipleBuffering = try cursor.double()
    } else if key.is("read_bandwidth") {
      level.bandwidth.read = try cursor.takeNull() ? nil : try cursor.double()
    } else if key.is("write_bandwidth") {
      level.bandwidth.write = try cursor.takeNull() ? nil : try cursor.double()
    } else if key.is("shared_bandwidth") {
      level.bandwidth.shared = try cursor.takeNull() ? nil : try cursor.double()
    } else if key.is("default_keep") {
      var names: [String] = []
      try cursor.list { (_, cursor) throws(JSONError) in names.append(try cursor.string()) }
      level.keptByDefault = names
    } else if key.is("energy_pj_per_vector_access") {
      hasEnergy = true
      level.energy = try energyFromRecord(&cursor)
    } else if key.is("leak_pj_per_instance_cycle") {
      level.leakagePerCycle = try cursor.double()
    } else if key.is("network") {
      level.network = try networkFromRecord(&cursor)
    } else {
      let known = [
        "name", "instances", "mesh_x", "mesh_y", "capacity_words", "word_bits", "block_size",
        "technology", "multiple_buffering", "read_bandwidth", "write_bandwidth",
        "shared_bandwidth", "default_keep", "energy_pj_per_vector_access",
        "leak_pj_per_instance_cycle", "network",
      ]
      throw cursor.fail("unknown key; \(suggestion(for: key.text, among: known))")
    }
  }
  guard hasEnergy else {
    throw JSONError(field: "energy_pj_per_vector_access", problem: "missing")
  }
  level.mesh = try mesh.resolved()
  return level
}

private func energyFromRecord(_ cursor: inout JSONCursor) throws(JSONError) -> AccessEnergy {
  var energy = AccessEnergy(read: 0, fill: 0, update: 0)
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("read") {
      energy.read = try cursor.double()
    } else if key.is("fill") {
      energy.fill = try cursor.double()
    } else if key.is("update") {
      energy.update = try cursor.double()
    } else {
      throw cursor.fail(
        "unknown key; \(suggestion(for: key.text, among: ["read", "fill", "update"]))")
    }
  }
  return energy
}

private func networkFromRecord(_ cursor: inout JSONCursor) throws(JSONError) -> Interconnect {
  var network = Interconnect()
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("energy_per_hop_pj") {
      network.energyPerHop = try cursor.double()
    } else if key.is("router_energy_pj") {
      network.routerEnergy = try cursor.double()
    } else if key.is("fill_latency_cycles") {
      network.fillLatency = try cursor.integer()
    } else if key.is("drain_latency_cycles") {
      network.drainLatency = try cursor.integer()
    } else {
      let known = [
        "energy_per_hop_pj", "router_energy_pj", "fill_latency_cycles", "drain_latency_cycles",
      ]
      throw cursor.fail("unknown key; \(suggestion(for: key.text, among: known))")
    }
  }
  return network
}

/// Reads the `problem` member of a record.
func layerFromRecord(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Layer {
  var name = "unnamed"
  var dimensions: [LoopDimension] = []
  var coefficients: [(name: String, value: Int)] = []
  var spaces: [(name: String, range: Range<Int>)] = []
  var operations: Int?
  var cursor = JSONCursor(text)
  let base = cursor.base
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("layer") {
      name = try cursor.string()
    } else if key.is("network") || key.is("shape") {
      _ = try cursor.skip()
    } else if key.is("macs") {
      operations = try cursor.integer()
    } else if key.is("dims") {
      try cursor.object { (key, cursor) throws(JSONError) in
        dimensions.append(LoopDimension(name: key.text, bound: try cursor.integer()))
      }
    } else if key.is("coefficients") {
      try cursor.object { (key, cursor) throws(JSONError) in
        coefficients.append((key.text, try cursor.integer()))
      }
    } else if key.is("data_spaces") {
      try cursor.object { (key, cursor) throws(JSONError) in
        spaces.append((key.text, try cursor.skip()))
      }
    } else {
      let known = ["network", "layer", "shape", "dims", "coefficients", "data_spaces", "macs"]
      throw cursor.fail("unknown key; \(suggestion(for: key.text, among: known))")
    }
  }
  var operands: [Operand] = []
  for space in spaces {
    let bytes = UnsafeBufferPointer(start: base + space.range.lowerBound, count: space.range.count)
    do {
      operands.append(
        try operandFromRecord(
          bytes, name: space.name, dimensions: dimensions, coefficients: coefficients))
    } catch {
      throw error.inside("data_spaces.\(space.name)")
    }
  }
  do {
    let layer = try Layer(name: name, dimensions: dimensions, operands: operands)
    if let operations, operations != layer.macCount {
      throw JSONError(
        field: "macs",
        problem: "got \(operations), expected the product of dims, \(layer.macCount)")
    }
    return layer
  } catch let error as WorkloadError {
    throw JSONError(problem: error.description)
  } catch let error as JSONError {
    throw error
  } catch {
    throw JSONError(problem: "\(error)")
  }
}

private func operandFromRecord(
  _ text: UnsafeBufferPointer<UInt8>, name: String, dimensions: [LoopDimension],
  coefficients: [(name: String, value: Int)]
) throws(JSONError) -> Operand {
  var axes: [Operand.Axis] = []
  var role = Operand.Role.input
  var cursor = JSONCursor(text)
  try cursor.object { (key, cursor) throws(JSONError) in
    if key.is("read_write") {
      role = try cursor.bool() ? .result : .input
    } else if key.is("projection") {
      try cursor.list { (_, cursor) throws(JSONError) in
        var terms: [Operand.Term] = []
        try cursor.list { (_, cursor) throws(JSONError) in
          terms.append(try termFromRecord(&cursor, dimensions, coefficients))
        }
        axes.append(Operand.Axis(terms: terms))
      }
    } else {
      throw cursor.fail(
        "unknown key; \(suggestion(for: key.text, among: ["projection", "read_write"]))")
    }
  }
  return Operand(name: name, axes: axes, role: role)
}

private func termFromRecord(
  _ cursor: inout JSONCursor, _ dimensions: [LoopDimension],
  _ coefficients: [(name: String, value: Int)]
) throws(JSONError) -> Operand.Term {
  var dimension: Int?
  var coefficient = 1
  try cursor.list { (index, cursor) throws(JSONError) in
    switch index {
    case 0:
      let name = try cursor.string()
      guard let found = dimensions.firstIndex(where: { $0.name == name }) else {
        throw cursor.fail(
          "got unknown dimension \"\(name)\"; \(suggestion(for: name, among: dimensions.map(\.name)))"
        )
      }
      dimension = found
    case 1 where cursor.peek() == UInt8(ascii: "\""):
      let name = try cursor.string()
      guard let found = coefficients.first(where: { $0.name == name }) else {
        throw cursor.fail(
          "got unknown coefficient \"\(name)\"; "
            + suggestion(for: name, among: coefficients.map(\.name)))
      }
      coefficient = found.value
    case 1:
      coefficient = try cursor.integer()
    default:
      throw cursor.fail("got a third entry, expected a dimension and at most one coefficient")
    }
  }
  guard let dimension else {
    throw cursor.fail("got an empty term, expected a dimension")
  }
  return Operand.Term(dimension: dimension, coefficient: coefficient)
}

/// Reads the `mapping` member of a record.
func mappingFromRecord(
  _ text: UnsafeBufferPointer<UInt8>, layer: Layer, architecture: Architecture
) throws(JSONError) -> Mapping {
  var cursor = JSONCursor(text)
  var nests: [LoopNest] = []
  try cursor.object { (key, cursor) throws(JSONError) in
    guard key.is("levels") else {
      throw cursor.fail("unknown key; \(suggestion(for: key.text, among: ["levels"]))")
    }
    try cursor.list { (index, cursor) throws(JSONError) in
      var nest = LoopNest(keeps: Array(repeating: false, count: layer.operands.count))
      var hasKeep = false
      try cursor.object { (key, cursor) throws(JSONError) in
        if key.is("temporal") {
          nest.temporal = try loopsFromRecord(&cursor, layer)
        } else if key.is("spatial_x") {
          nest.spatialX = try loopsFromRecord(&cursor, layer)
        } else if key.is("spatial_y") {
          nest.spatialY = try loopsFromRecord(&cursor, layer)
        } else if key.is("keep") {
          hasKeep = true
          try cursor.list { (_, cursor) throws(JSONError) in
            let name = try cursor.string()
            guard let operand = layer.operandIndex(named: name) else {
              throw cursor.fail(
                "got unknown tensor \"\(name)\"; "
                  + suggestion(for: name, among: layer.operands.map(\.name)))
            }
            guard !nest.keeps[operand] else {
              throw cursor.fail("got tensor \"\(name)\" twice, expected it once")
            }
            nest.keeps[operand] = true
          }
        } else {
          let known = ["temporal", "spatial_x", "spatial_y", "keep"]
          throw cursor.fail("unknown key; \(suggestion(for: key.text, among: known))")
        }
      }
      if !hasKeep, architecture.levels.indices.contains(index) {
        nest.keeps = layer.operands.map { operand in
          architecture.levels[index].keptByDefault?.contains(operand.name) ?? true
        }
      }
      nests.append(nest)
    }
  }
  do {
    return try Mapping(nests: nests, for: layer, on: architecture)
  } catch {
    throw JSONError(problem: error.description)
  }
}

private func loopsFromRecord(_ cursor: inout JSONCursor, _ layer: Layer) throws(JSONError) -> [Loop]
{
  var loops: [Loop] = []
  try cursor.list { (_, cursor) throws(JSONError) in
    var dimension = 0
    var factor: Int?
    var residual: Int?
    try cursor.list { (index, cursor) throws(JSONError) in
      switch index {
      case 0:
        let name = try cursor.string()
        guard let found = layer.dimensionIndex(named: name) else {
          throw cursor.fail(
            "got unknown dimension \"\(name)\"; "
              + suggestion(for: name, among: layer.dimensions.map(\.name)))
        }
        dimension = found
      case 1: factor = try cursor.integer()
      case 2: residual = try cursor.integer()
      default: throw cursor.fail("got a fourth entry, expected dimension, factor and residual")
      }
    }
    guard let factor else { throw cursor.fail("got no factor, expected dimension and factor") }
    loops.append(Loop(dimension: dimension, factor: factor, residual: residual))
  }
  return loops
}
