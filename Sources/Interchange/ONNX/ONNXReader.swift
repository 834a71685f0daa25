/// Turns the wire format into a model; field numbers are those of `onnx.proto`.
///
/// Unknown fields are skipped. A message field that occurs twice is merged, a scalar one takes the last value.
struct ONNXReader {
  let bytes: UnsafeRawBufferPointer

  func model() throws(ONNXError) -> ONNXModel {
    var model = ONNXModel()
    var hasGraph = false
    var reader = WireReader(bytes, in: 0..<bytes.count)
    while let field = try reader.next() {
      switch field.number {
      case 2: model.producer = try text(field, "producer_name")
      case 3: model.producer += " " + (try text(field, "producer_version"))
      case 7:
        hasGraph = true
        try graph(message(field, "graph"), into: &model.graph, depth: 0, path: "graph")
      case 8: try operatorSet(message(field, "opset_import"), into: &model.operatorSets)
      case 25:
        let path = "functions[\(model.functions.count)]"
        model.functions.append(try function(message(field, path), path: path))
      default: break
      }
    }
    guard hasGraph else { throw .noGraph(byteCount: bytes.count) }
    return model
  }

  private func operatorSet(_ range: Range<Int>, into sets: inout [String: Int])
    throws(ONNXError)
  {
    var domain = ""
    var version = 1
    var reader = WireReader(bytes, in: range)
    do throws(ONNXError) {
      while let field = try reader.next() {
        switch field.number {
        case 1: domain = try text(field, "domain")
        case 2: version = try integer(field, "version")
        default: break
        }
      }
    } catch { throw error.inside("opset_import") }
    sets[Self.canonical(domain)] = version
  }

  /// The default operator set has two spellings.
  static func canonical(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

  private func graph(_ range: Range<Int>, into graph: inout ONNXGraph, depth: Int, path: String)
    throws(ONNXError)
  {
    guard depth < ONNXLimits.nesting else {
      throw .malformed(
        offset: range.lowerBound, field: "",
        problem: "graphs are nested more than \(ONNXLimits.nesting) deep")
    }
    var reader = WireReader(bytes, in: range)
    while true {
      do throws(ONNXError) {
        guard let field = try reader.next() else { return }
        switch field.number {
        case 1:
          let number = graph.nodes.count
          do throws(ONNXError) {
            graph.nodes.append(try node(message(field, ""), depth: depth))
          } catch { throw error.inside("node[\(number)]") }
        case 2: graph.name = try text(field, "name")
        case 5:
          let number = graph.initializers.count
          do throws(ONNXError) {
            graph.initializers.append(try tensor(message(field, "")))
          } catch { throw error.inside("initializer[\(number)]") }
        case 11: graph.inputs.append(try valueInfo(message(field, "input")))
        case 12: graph.outputs.append(try valueInfo(message(field, "output")))
        case 13: graph.valueInfos.append(try valueInfo(message(field, "value_info")))
        case 15:
          let number = graph.initializers.count
          do throws(ONNXError) {
            graph.initializers.append(try sparseTensor(message(field, "")))
          } catch { throw error.inside("sparse_initializer[\(number)]") }
        default: break
        }
      } catch { throw error.inside(path) }
    }
  }

  private func function(_ range: Range<Int>, path: String) throws(ONNXError) -> ONNXFunction {
    var result = ONNXFunction()
    var reader = WireReader(bytes, in: range)
    do throws(ONNXError) {
      while let field = try reader.next() {
        switch field.number {
        case 1: result.name = try text(field, "name")
        case 4: result.inputs.append(try text(field, "input"))
        case 5: result.outputs.append(try text(field, "output"))
        case 7: result.nodes.append(try node(message(field, "node"), depth: 0))
        case 9: try operatorSet(message(field, "opset_import"), into: &result.operatorSets)
        case 10: result.domain = Self.canonical(try text(field, "domain"))
        case 11:
          result.defaults.append(try attribute(message(field, "attribute_proto"), depth: 0))
        case 13: result.overload = try text(field, "overload")
        default: break
        }
      }
    } catch { throw error.inside(path) }
    return result
  }

  private func node(_ range: Range<Int>, depth: Int) throws(ONNXError) -> ONNXNode {
    var result = ONNXNode()
    var reader = WireReader(bytes, in: range)
    while let field = try reader.next() {
      switch field.number {
      case 1: result.inputs.append(try text(field, "input"))
      case 2: result.outputs.append(try text(field, "output"))
      case 3: result.name = try text(field, "name")
      case 4: result.operation = try text(field, "op_type")
      case 5:
        let number = result.attributes.count
        do throws(ONNXError) {
          result.attributes.append(try attribute(message(field, ""), depth: depth))
        } catch { throw error.inside("attribute[\(number)]") }
      case 7: result.domain = Self.canonical(try text(field, "domain"))
      case 8: result.overload = try text(field, "overload")
      default: break
      }
    }
    return result
  }

  private func attribute(_ range: Range<Int>, depth: Int) throws(ONNXError) -> ONNXAttribute {
    var result = ONNXAttribute()
    var integers: [Int] = []
    var reals: [Double] = []
    var kind = 0
    var reader = WireReader(bytes, in: range)
    while let field = try reader.next() {
      switch field.number {
      case 1: result.name = try text(field, "name")
      case 2:
        result.value = .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: field.value))))
      case 3: result.value = .integer(try integer(field, "i"))
      case 4:
        let content = try message(field, "s")
        result.value =
          content.count > ONNXLimits.textBytes
          ? .other : .text(String(decoding: bytes[content], as: UTF8.self))
      case 5: result.value = .tensor(try tensor(message(field, "t")))
      case 6:
        var inner = ONNXGraph()
        try graph(message(field, "g"), into: &inner, depth: depth + 1, path: "g")
        result.value = .graph(inner)
      case 7:
        try forEachNumber(field, "floats", packedKind: .fixed32) { bits in
          reals.append(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
          return reals.count < ONNXLimits.attributeList
        }
      case 8:
        try forEachNumber(field, "ints", packedKind: .varint) { bits in
          integers.append(Int(truncatingIfNeeded: bits))
          return integers.count < ONNXLimits.attributeList
        }
      case 20: kind = try integer(field, "type")
      case 21: result.value = .reference(try text(field, "ref_attr_name"))
      default: break
      }
    }
    if case .other = result.value {
      if !integers.isEmpty || kind == 7 {
        result.value = .integers(integers)
      } else if !reals.isEmpty || kind == 6 {
        result.value = .reals(reals)
      } else if kind == 2 {
        result.value = .integer(0)
      } else if kind == 1 {
        result.value = .real(0)
      } else if kind == 3 {
        result.value = .text("")
      }
    }
    return result
  }

  private func valueInfo(_ range: Range<Int>) throws(ONNXError) -> ONNXValueInfo {
    var result = ONNXValueInfo()
    var reader = WireReader(bytes, in: range)
    while let field = try reader.next() {
      switch field.number {
      case 1: result.name = try text(field, "name")
      case 2:
        var type = WireReader(bytes, in: try message(field, "type"))
        while let field = try type.next() {
          guard field.number == 1 else { continue }
          try tensorType(message(field, "tensor_type"), into: &result)
        }
      default: break
      }
    }
    return result
  }

  private func tensorType(_ range: Range<Int>, into result: inout ONNXValueInfo)
    throws(ONNXError)
  {
    var reader = WireReader(bytes, in: range)
    while let field = try reader.next() {
      switch field.number {
      case 1: result.type = ONNXType(code: try integer(field, "elem_type"))
      case 2:
        var dimensions: [ONNXValueInfo.Dimension] = []
        var shape = WireReader(bytes, in: try message(field, "shape"))
        while let field = try shape.next() {
          guard field.number == 1 else { continue }
          guard dimensions.count < ONNXLimits.rank else {
            throw tooManyDimensions(at: field.offset)
          }
          dimensions.append(try dimension(message(field, "dim")))
        }
        result.dimensions = dimensions
      default: break
      }
    }
  }

  private func dimension(_ range: Range<Int>) throws(ONNXError) -> ONNXValueInfo.Dimension {
    var result = ONNXValueInfo.Dimension.anonymous
    var reader = WireReader(bytes, in: range)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        let size = try integer(field, "dim_value")
        guard size <= ONNXLimits.extent else {
          throw .malformed(
            offset: field.offset, field: "dim_value",
            problem: "got \(size), expected at most \(ONNXLimits.extent)")
        }
        result = size < 0 ? .anonymous : .size(size)
      case 2:
        let name = try text(field, "dim_param")
        // Some exporters write one mark for all sizes they do not know.
        result = ["", "?", "None", "-1"].contains(name) ? .anonymous : .symbol(name)
      default: break
      }
    }
    return result
  }
}
