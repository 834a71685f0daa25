import Execution
import Workload

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
