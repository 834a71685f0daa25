import Foundation
import Interchange

/// A message of the protocol buffer wire format under construction, with just what tests of ONNX need.
struct WireMessage {
  private(set) var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func integer(_ field: Int, _ value: Int) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func float(_ field: Int, _ value: Float) {
    varint(UInt64(field) << 3 | 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func content(_ field: Int, _ content: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(content.count))
    bytes += content
  }

  mutating func text(_ field: Int, _ text: String) { content(field, Array(text.utf8)) }

  mutating func message(_ field: Int, _ build: (inout WireMessage) -> Void) {
    var inner = WireMessage()
    build(&inner)
    content(field, inner.bytes)
  }

  mutating func raw(_ more: [UInt8]) { bytes += more }
}

/// A graph under construction; sizes that are texts are symbols.
struct GraphWriter {
  var message = WireMessage()

  /// An attribute of a node.
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case text(String)
    case tensor(dimensions: [Int], values: [Int])
    case graph((inout GraphWriter) -> Void)
    case reference(String)
  }

  mutating func node(
    _ operation: String, _ inputs: [String], _ outputs: [String], name: String? = nil,
    domain: String = "", _ attributes: [(String, Attribute)] = []
  ) {
    message.message(1) {
      Self.writeNode(operation, inputs, outputs, name, domain, attributes, &$0)
    }
  }

  static func writeNode(
    _ operation: String, _ inputs: [String], _ outputs: [String], _ name: String?, _ domain: String,
    _ attributes: [(String, Attribute)], _ node: inout WireMessage
  ) {
    for input in inputs { node.text(1, input) }
    for output in outputs { node.text(2, output) }
    node.text(3, name ?? "\(operation)_\(outputs.first ?? "")")
    node.text(4, operation)
    for (name, value) in attributes { node.message(5) { write(name, value, &$0) } }
    if !domain.isEmpty { node.text(7, domain) }
  }

  private static func write(_ name: String, _ value: Attribute, _ message: inout WireMessage) {
    message.text(1, name)
    switch value {
    case .integer(let value):
      message.integer(3, value)
      message.integer(20, 2)
    case .integers(let values):
      for value in values { message.integer(8, value) }
      message.integer(20, 7)
    case .text(let value):
      message.text(4, value)
      message.integer(20, 3)
    case .tensor(let dimensions, let values):
      message.message(5) { tensor in
        for size in dimensions { tensor.integer(1, size) }
        tensor.integer(2, 7)
        for value in values { tensor.integer(7, value) }
      }
      message.integer(20, 4)
    case .graph(let build):
      var graph = GraphWriter()
      build(&graph)
      message.content(6, graph.message.bytes)
      message.integer(20, 5)
    case .reference(let outer): message.text(21, outer)
    }
  }

  /// A weight without data; type 1 is 32-bit floating point.
  mutating func weight(_ name: String, _ dimensions: [Int], type: Int = 1, external: Bool = false) {
    message.message(5) { tensor in
      for size in dimensions { tensor.integer(1, size) }
      tensor.integer(2, type)
      tensor.text(8, name)
      if external {
        tensor.message(13) {
          $0.text(1, "location")
          $0.text(2, "/nowhere/weights.bin")
        }
        tensor.integer(14, 1)
      }
    }
  }

  /// 64-bit whole numbers.
  mutating func integers(_ name: String, _ dimensions: [Int], _ values: [Int]) {
    message.message(5) { tensor in
      for size in dimensions { tensor.integer(1, size) }
      tensor.integer(2, 7)
      var packed = WireMessage()
      for value in values { packed.varint(UInt64(bitPattern: Int64(value))) }
      tensor.content(7, packed.bytes)
      tensor.text(8, name)
    }
  }

  mutating func input(_ name: String, _ sizes: [Any]?, type: Int = 1) {
    message.message(11) { Self.value(name, sizes, type, &$0) }
  }

  mutating func output(_ name: String) { message.message(12) { $0.text(1, name) } }

  mutating func declare(_ name: String, _ sizes: [Any]) {
    message.message(13) { Self.value(name, sizes, 1, &$0) }
  }

  private static func value(
    _ name: String, _ sizes: [Any]?, _ type: Int, _ message: inout WireMessage
  ) {
    message.text(1, name)
    message.message(2) {
      $0.message(1) { tensor in
        tensor.integer(1, type)
        guard let sizes else { return }
        tensor.message(2) { shape in
          for size in sizes {
            shape.message(1) { dimension in
              if let size = size as? Int { dimension.integer(1, size) }
              if let symbol = size as? String, !symbol.isEmpty { dimension.text(2, symbol) }
            }
          }
        }
      }
    }
  }
}

/// The bytes of a model with one graph.
func model(
  version: Int = 18, extra: (inout WireMessage) -> Void = { _ in },
  _ build: (inout GraphWriter) -> Void
) -> [UInt8] {
  var graph = GraphWriter()
  build(&graph)
  var message = WireMessage()
  message.integer(1, 8)
  message.text(2, "tests")
  message.content(7, graph.message.bytes)
  message.message(8) { $0.integer(2, version) }
  extra(&message)
  return message.bytes
}

func load(
  _ bytes: [UInt8], _ dimensions: [String: Int] = [:], batch: Int? = nil
) throws(ONNXError) -> ImportedNetwork {
  let result = bytes.withUnsafeBytes { bytes in
    Result { () throws(ONNXError) in
      try ImportedNetwork(
        parsingONNX: bytes, named: "model", options: .init(dimensions: dimensions, batch: batch))
    }
  }
  return try result.get()
}

/// The message of the error that importing gives; the rows where there is none.
func message(_ bytes: [UInt8], _ dimensions: [String: Int] = [:], batch: Int? = nil) -> String {
  do {
    return "imported \(try load(bytes, dimensions, batch: batch).rows.count) rows"
  } catch {
    return error.description
  }
}

/// The rows in short: operator, kind, N, K, C, output, groups, count, operand.
func short(_ network: ImportedNetwork) -> [String] {
  network.rows.map { row in
    "\(row.operation) \(row.kind.rawValue) N\(row.batch) K\(row.outputChannels) C\(row.inputChannels) "
      + "P\(LayerRow.shape(row.output)) g\(row.groups) x\(row.count) \(row.secondOperand.rawValue) "
      + "\(row.macCount)"
  }
}
