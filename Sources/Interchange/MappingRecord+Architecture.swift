import Accelerator
import Execution
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
