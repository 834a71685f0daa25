extension ONNXReader {
  /// Where numbers of a tensor are, so that they are decoded only if they are few.
  private struct Payload {
    let field: WireField
    let decoding: ElementDecoding
  }

  private enum ElementDecoding {
    case raw
    case real32
    case real64
    case integer
  }

  /// Reads dimensions and type of a tensor, and its elements when there are at most 4096.
  func tensor(_ range: Range<Int>) throws(ONNXError) -> ONNXTensor {
    var result = ONNXTensor()
    var payloads: [Payload] = []
    var isExternal = false
    var reader = WireReader(bytes, in: range)
    func keep(_ field: WireField, _ decoding: ElementDecoding) {
      if payloads.count <= ONNXLimits.foldedElements {
        payloads.append(Payload(field: field, decoding: decoding))
      }
    }
    while let field = try reader.next() {
      switch field.number {
      case 1: try dimensions(field, into: &result.dimensions)
      case 2: result.type = ONNXType(code: try integer(field, "data_type"))
      case 4: keep(field, .real32)
      case 5, 7, 11: keep(field, .integer)
      case 8: result.name = try text(field, "name")
      case 9:
        _ = try message(field, "raw_data")
        keep(field, .raw)
      case 10: keep(field, .real64)
      case 14: isExternal = try integer(field, "data_location") == 1
      default: break
      }
    }
    result.elementCount = try elementCount(result.dimensions, at: range.lowerBound)
    guard result.elementCount <= ONNXLimits.foldedElements, !isExternal,
      result.type.byteCount != nil
    else { return result }
    var elements: [Number] = []
    elements.reserveCapacity(result.elementCount)
    for payload in payloads {
      try decode(payload, type: result.type, limit: result.elementCount, into: &elements)
    }
    if elements.count == result.elementCount { result.elements = elements }
    return result
  }

  /// Only the shape of a sparse tensor; its name is that of its values.
  func sparseTensor(_ range: Range<Int>) throws(ONNXError) -> ONNXTensor {
    var result = ONNXTensor()
    var reader = WireReader(bytes, in: range)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        let values = try tensor(message(field, "values"))
        result.name = values.name
        result.type = values.type
      case 3: try dimensions(field, into: &result.dimensions)
      default: break
      }
    }
    result.elementCount = try elementCount(result.dimensions, at: range.lowerBound)
    return result
  }

  private func dimensions(_ field: WireField, into dimensions: inout [Int]) throws(ONNXError) {
    var failure: ONNXError?
    try forEachNumber(field, "dims", packedKind: .varint) { bits in
      let size = Int(truncatingIfNeeded: bits)
      if dimensions.count == ONNXLimits.rank {
        failure = tooManyDimensions(at: field.offset)
      } else if !(0...ONNXLimits.extent).contains(size) {
        failure = .malformed(
          offset: field.offset, field: "dims",
          problem: "got \(size), expected 0 to \(ONNXLimits.extent)")
      }
      dimensions.append(size)
      return failure == nil
    }
    if let failure { throw failure }
  }

  func tooManyDimensions(at offset: Int) -> ONNXError {
    .malformed(
      offset: offset, field: "dims", problem: "got more than \(ONNXLimits.rank) dimensions")
  }

  private func elementCount(_ dimensions: [Int], at offset: Int) throws(ONNXError) -> Int {
    guard let count = checkedProduct(dimensions) else {
      throw .malformed(
        offset: offset, field: "dims",
        problem:
          "the product of \(dimensions.map(String.init).joined(separator: "x")) exceeds 2^63 - 1")
    }
    return count
  }

  private func decode(
    _ payload: Payload, type: ONNXType, limit: Int, into elements: inout [Number]
  ) throws(ONNXError) {
    switch payload.decoding {
    case .raw:
      guard let width = type.byteCount else { return }
      var reader = WireReader(bytes, in: payload.field.content)
      while reader.position + width <= payload.field.content.upperBound, elements.count < limit {
        elements.append(Self.number(try reader.fixed(byteCount: width), type: type))
      }
    case .real32:
      try forEachNumber(payload.field, "float_data", packedKind: .fixed32) { bits in
        elements.append(.real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))))
        return elements.count < limit
      }
    case .real64:
      try forEachNumber(payload.field, "double_data", packedKind: .fixed64) { bits in
        elements.append(.real(Double(bitPattern: bits)))
        return elements.count < limit
      }
    case .integer:
      try forEachNumber(payload.field, "int_data", packedKind: .varint) { bits in
        elements.append(.integer(Int(truncatingIfNeeded: bits)))
        return elements.count < limit
      }
    }
  }

  /// The element whose bytes, lowest first, are `bits`.
  private static func number(_ bits: UInt64, type: ONNXType) -> Number {
    switch type.code {
    case 1: .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case 11: .real(Double(bitPattern: bits))
    case 3: .integer(Int(Int8(truncatingIfNeeded: bits)))
    case 5: .integer(Int(Int16(truncatingIfNeeded: bits)))
    case 6: .integer(Int(Int32(truncatingIfNeeded: bits)))
    default: .integer(Int(truncatingIfNeeded: bits))
    }
  }

  // MARK: Values of fields

  /// Calls `body` with every number of a repeated field, packed or not, until it returns `false`.
  func forEachNumber(
    _ field: WireField, _ name: String, packedKind: WireField.Kind, _ body: (UInt64) -> Bool
  ) throws(ONNXError) {
    guard field.kind == .bytes else {
      guard field.kind == packedKind else { throw wrongKind(field, name) }
      _ = body(field.value)
      return
    }
    var reader = WireReader(bytes, in: field.content)
    do {
      while reader.position < field.content.upperBound {
        let bits =
          switch packedKind {
          case .varint, .bytes: try reader.varint()
          case .fixed32: try reader.fixed(byteCount: 4)
          case .fixed64: try reader.fixed(byteCount: 8)
          }
        guard body(bits) else { return }
      }
    } catch { throw error.inside(name) }
  }

  /// Where the content of a message or of bytes is.
  func message(_ field: WireField, _ name: String) throws(ONNXError) -> Range<Int> {
    guard field.kind == .bytes else { throw wrongKind(field, name) }
    return field.content
  }

  func text(_ field: WireField, _ name: String) throws(ONNXError) -> String {
    let content = try message(field, name)
    guard content.count <= ONNXLimits.textBytes else {
      throw .malformed(
        offset: field.offset, field: name,
        problem: "got a text of \(content.count) bytes, expected at most \(ONNXLimits.textBytes)")
    }
    return String(decoding: bytes[content], as: UTF8.self)
  }

  func integer(_ field: WireField, _ name: String) throws(ONNXError) -> Int {
    guard field.kind == .varint else { throw wrongKind(field, name) }
    return Int(truncatingIfNeeded: field.value)
  }

  private func wrongKind(_ field: WireField, _ name: String) -> ONNXError {
    .malformed(
      offset: field.offset, field: name,
      problem: "field \(field.number) has wire type \(field.kind.rawValue), expected another")
  }
}
