import Foundation
import Interchange
import TestSupport
import Testing

/// Whatever the bytes are, importing ends with a network or an error, and soon.
@Suite struct WireFuzzTests {
  /// Times as many changed files as usual; set `FUZZ_FACTOR` for a long hunt.
  private static let factor =
    ProcessInfo.processInfo.environment["FUZZ_FACTOR"].flatMap { Int($0) } ?? 1

  private func seed(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: ReferenceModels.path(name))))
  }

  @Test func hostileNumbersAndLengths() {
    #expect(
      message([0x3a] + Array(repeating: 0xff, count: 11))
        == "byte 1: got a number of more than 64 bits")
    #expect(message([0x3a, 0x80]) == "byte 1: the message ends inside a number")
    #expect(
      message([0x3a, 0x05, 0x00]) == "byte 0: field 7 has 5 bytes, but 1 are left in the message")
    #expect(
      message([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
        == "byte 0: field 7 has 18446744073709551615 bytes, but 0 are left in the message")
    #expect(
      message([0x3b]) == "byte 0: got wire type 3 in field 7, expected 0, 1, 2 or 5")
    #expect(message([0x00]) == "byte 0: got field number 0, expected 1 to 536870911")
    #expect(
      message([0x38, 0x01]) == "byte 0: graph: field 7 has wire type 0, expected another")
    #expect(
      message([0x3a, 0x04, 0x0a, 0x02, 0x08, 0x01])
        == "byte 4: graph.node[0].input: field 1 has wire type 0, expected another")
  }

  @Test func hostileDimensions() {
    #expect(
      message(model { $0.weight("w", [-1, 3]) })
        == "byte 13: graph.initializer[0].dims: got -1, expected 0 to 1099511627776")
    #expect(
      message(model { $0.weight("w", [1 << 40, 1 << 40]) })
        == "byte 13: graph.initializer[0].dims: the product of 1099511627776x1099511627776 exceeds 2^63 - 1"
    )
    #expect(
      message(model { $0.weight("w", Array(repeating: 1, count: 65)) })
        == "byte 143: graph.initializer[0].dims: got more than 64 dimensions")
    #expect(
      message(model { $0.input("x", [1 << 50]) }).hasSuffix(
        "dim_value: got 1125899906842624, expected at most 1099511627776"))
  }

  @Test func deepNestingEnds() {
    func nested(_ depth: Int, _ graph: inout GraphWriter) {
      guard depth > 0 else { return }
      graph.node("If", [], ["y"], [("then_branch", .graph { nested(depth - 1, &$0) })])
    }
    let text = message(model { nested(200, &$0) })
    #expect(text.hasSuffix("graphs are nested more than 32 deep"))
  }

  @Test(arguments: ["edgecases", "bert_layer", "lstm_2x512", "resnet18_dynbatch"])
  func truncatedFilesEnd(_ name: String) throws {
    let bytes = try seed(name)
    var errors = 0
    let step = max(1, bytes.count / 400)
    for length in stride(from: 0, to: bytes.count, by: step) {
      do { _ = try load(Array(bytes[..<length]), batch: 1) } catch { errors += 1 }
    }
    #expect(errors > 300)
  }

  @Test(arguments: ["bert_layer", "bigru_512", "edgecases", "resnet18"])
  func changedBytesEnd(_ name: String) throws {
    let seed = try seed(name)
    var generator = SplitMix64(seed: 7)
    var outcomes = [0, 0]
    for _ in 0..<500 * Self.factor {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let position = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[position] = UInt8.random(in: 0...255, using: &generator)
      }
      do {
        _ = try load(bytes, batch: 1).network()
        outcomes[0] += 1
      } catch { outcomes[1] += 1 }
    }
    #expect(outcomes[0] > 0 && outcomes[1] > 0)
  }

  @Test func changedBytesOfEveryOperatorEnd() throws {
    let file = ReferenceModels.folder.deletingLastPathComponent().appending(
      path: "shapes/operators.tsv")
    var generator = SplitMix64(seed: 11)
    var imported = 0
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst() {
      let bytes = try #require(
        line.split(separator: "\t").last.flatMap { Data(base64Encoded: String($0)) })
      for _ in 0..<20 * Self.factor {
        var changed = Array(bytes)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let position = Int.random(in: 0..<changed.count, using: &generator)
          changed[position] = UInt8.random(in: 0...255, using: &generator)
        }
        if (try? load(changed).network()) != nil { imported += 1 }
      }
    }
    #expect(imported > 1_000)
  }

  @Test func gigabytesOfWeightsAreSkipped() throws {
    var tensor = WireMessage()
    tensor.integer(1, 1 << 14)
    tensor.integer(1, 1 << 15)
    tensor.integer(2, 1)
    tensor.text(8, "w")
    let rawSize = 1 << 31
    tensor.varint(9 << 3 | 2)
    tensor.varint(UInt64(rawSize))
    var graph = GraphWriter()
    graph.input("x", [3, 1 << 14])
    graph.node("MatMul", ["x", "w"], ["y"])
    var head = WireMessage()
    var length = WireMessage()
    length.varint(5 << 3 | 2)
    length.varint(UInt64(tensor.bytes.count + rawSize))
    head.varint(7 << 3 | 2)
    head.varint(
      UInt64(graph.message.bytes.count + length.bytes.count + tensor.bytes.count + rawSize))
    head.raw(graph.message.bytes + length.bytes + tensor.bytes)
    let file = FileManager.default.temporaryDirectory.appending(path: "dovetail-\(UUID()).onnx")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(head.bytes).write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: UInt64(head.bytes.count + rawSize))
    try handle.close()
    let network = try ImportedNetwork(readingONNX: file.path)
    #expect(network.rows.map(\.macCount) == [3 << 29])
  }
}
