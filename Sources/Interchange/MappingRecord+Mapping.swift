import Accelerator
import Execution
import Workload

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
