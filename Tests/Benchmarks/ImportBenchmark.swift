import Dispatch
import Foundation
import Interchange

/// Times the import of an ONNX graph of about 300 kB: a chain of residual blocks as exporters write them.
enum ImportBenchmark {
  static func report() throws {
    let bytes = graph(blockCount: 750)
    var rates: [Double] = []
    for _ in 0..<7 {
      let start = DispatchTime.now().uptimeNanoseconds
      let network = try bytes.withUnsafeBytes {
        try ImportedNetwork(parsingONNX: $0, named: "chain")
      }
      precondition(network.rows.count == 750, "a block gave no row")
      rates.append(1e9 / Double(DispatchTime.now().uptimeNanoseconds - start))
    }
    rates.sort()
    print(
      "onnx import,\(Int(rates[3])),\(Int(rates[0])),\(Int(rates[6])),\(bytes.count / 1000) kB graph"
    )
  }

  private static func graph(blockCount: Int) -> [UInt8] {
    var graph: [UInt8] = []
    append(11, value("x0"), to: &graph)
    for index in 0..<blockCount {
      var weight: [UInt8] = []
      for size in [16, 16, 3, 3] { weight += [0x08, UInt8(size)] }
      weight += [0x10, 1]
      append(8, Array("/features/features.\(index)/conv/weight".utf8), to: &weight)
      append(5, weight, to: &graph)
      let name = "/features/features.\(index)/"
      append(
        1,
        node(
          "Conv", ["x\(index)", "/features/features.\(index)/conv/weight"],
          ["\(name)conv/Conv_output_0"], name: "\(name)conv/Conv", pads: [1, 1, 1, 1]), to: &graph)
      append(
        1,
        node(
          "Relu", ["\(name)conv/Conv_output_0"], ["\(name)act/Relu_output_0"],
          name: "\(name)act/Relu"), to: &graph)
      append(
        1,
        node(
          "Add", ["\(name)act/Relu_output_0", "x\(index)"], ["x\(index + 1)"], name: "\(name)Add"),
        to: &graph)
    }
    var model: [UInt8] = []
    append(7, graph, to: &model)
    append(8, [0x10, 17], to: &model)
    return model
  }

  private static func node(
    _ operation: String, _ inputs: [String], _ outputs: [String], name: String, pads: [UInt8] = []
  ) -> [UInt8] {
    var node: [UInt8] = []
    for input in inputs { append(1, Array(input.utf8), to: &node) }
    for output in outputs { append(2, Array(output.utf8), to: &node) }
    append(3, Array(name.utf8), to: &node)
    append(4, Array(operation.utf8), to: &node)
    if !pads.isEmpty {
      var attribute: [UInt8] = []
      append(1, Array("pads".utf8), to: &attribute)
      append(8, pads, to: &attribute)
      append(5, attribute, to: &node)
    }
    return node
  }

  private static func value(_ name: String) -> [UInt8] {
    var shape: [UInt8] = []
    for size in [1, 16, 56, 56] { append(1, [0x08, UInt8(size)], to: &shape) }
    var tensor: [UInt8] = [0x08, 1]
    append(2, shape, to: &tensor)
    var type: [UInt8] = []
    append(1, tensor, to: &type)
    var value: [UInt8] = []
    append(1, Array(name.utf8), to: &value)
    append(2, type, to: &value)
    return value
  }

  /// Appends a field with content to a message.
  private static func append(_ field: Int, _ content: [UInt8], to message: inout [UInt8]) {
    for number in [field << 3 | 2, content.count] {
      var rest = number
      while rest >= 0x80 {
        message.append(UInt8(rest & 0x7f) | 0x80)
        rest >>= 7
      }
      message.append(UInt8(rest))
    }
    message += content
  }
}
