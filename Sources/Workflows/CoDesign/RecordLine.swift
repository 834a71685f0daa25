import Accelerator
import Workload

/// One record of the batch format: a machine, a layer and a mapping, in one line with its end.
///
/// `MappingRecordReader` reads it back to a machine, layer and mapping that cost the same by the counting rules; what the
/// format has no place for (area, clock, silicon effects, what a memory is built of) is left out.
func recordLine(id: String, layer: Layer, architecture: Architecture, mapping: Mapping) -> String {
  var text = JSONText()
  text.raw("{\"id\":")
  text.string(id)
  text.raw(",\"arch\":{\"name\":")
  text.string(architecture.name)
  text.raw(",\"compute\":{\"name\":")
  text.string(architecture.compute.name)
  text.mesh(architecture.compute.mesh)
  text.member("word_bits", architecture.compute.wordBits)
  text.member("energy_pj", architecture.compute.energyPerOperation)
  text.raw("},\"levels\":[")
  for (index, level) in architecture.levels.enumerated() {
    if index > 0 { text.raw(",") }
    text.level(level)
  }
  text.raw("]},\"problem\":{\"layer\":")
  text.string(layer.name)
  text.raw(",\"dims\":{")
  for (index, dimension) in layer.dimensions.enumerated() {
    if index > 0 { text.raw(",") }
    text.string(dimension.name)
    text.raw(":")
    text.number(dimension.bound)
  }
  text.raw("},\"data_spaces\":{")
  for (index, operand) in layer.operands.enumerated() {
    if index > 0 { text.raw(",") }
    text.operand(operand, of: layer)
  }
  text.raw("},\"macs\":")
  text.number(layer.macCount)
  text.raw("},\"mapping\":")
  text.mapping(mapping, of: layer)
  text.raw("}\n")
  return String(decoding: text.bytes, as: UTF8.self)
}

extension JSONText {
  fileprivate mutating func mesh(_ mesh: Mesh) {
    member("instances", mesh.count)
    member("mesh_x", mesh.x)
    member("mesh_y", mesh.y)
  }

  fileprivate mutating func level(_ level: MemoryLevel) {
    raw("{\"name\":")
    string(level.name)
    mesh(level.mesh)
    key("capacity_words")
    if let capacity = level.capacityWords { number(capacity) } else { raw("null") }
    member("word_bits", level.wordBits)
    member("block_size", level.blockSize)
    member("technology", level.kind == .dram ? "DRAM" : "SRAM")
    member("multiple_buffering", level.multipleBuffering)
    for (name, value) in [
      ("read_bandwidth", level.bandwidth.read), ("write_bandwidth", level.bandwidth.write),
      ("shared_bandwidth", level.bandwidth.shared),
    ] {
      guard let value else { continue }
      raw(",\"\(name)\":")
      number(value)
    }
    if let names = level.keptByDefault {
      key("default_keep")
      strings(names)
    }
    raw(",\"energy_pj_per_vector_access\":{\"read\":")
    number(level.energy.read)
    member("fill", level.energy.fill)
    member("update", level.energy.update)
    raw("}")
    member("leak_pj_per_instance_cycle", level.leakagePerCycle)
    raw(",\"network\":{\"energy_per_hop_pj\":")
    number(level.network.energyPerHop)
    member("router_energy_pj", level.network.routerEnergy)
    member("fill_latency_cycles", level.network.fillLatency)
    member("drain_latency_cycles", level.network.drainLatency)
    raw("}}")
  }

  fileprivate mutating func operand(_ operand: Operand, of layer: Layer) {
    string(operand.name)
    raw(":{\"read_write\":")
    truth(operand.role == .result)
    raw(",\"projection\":[")
    for (index, axis) in operand.axes.enumerated() {
      raw(index > 0 ? ",[" : "[")
      for (position, term) in axis.terms.enumerated() {
        raw(position > 0 ? ",[" : "[")
        string(layer.dimensions[term.dimension].name)
        if term.coefficient != 1 {
          raw(",")
          number(term.coefficient)
        }
        raw("]")
      }
      raw("]")
    }
    raw("]}")
  }
}
