import Foundation
import Interchange
import Testing

/// Shapes of one-node models against `onnx.shape_inference`; the file names its version and script.
@Suite struct OperatorShapeTests {
  /// Models where the reference is known to be wrong, with the shape ONNX Runtime 1.31.1 computes: the last window
  /// of a pool that rounds up must not begin in the padding behind the tensor.
  private static let corrections = ["maxpool_1_8_331": "1x2x3x3"]

  @Test func shapesAreThoseOfTheReferenceImplementation() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let text = try String(
      contentsOf: folder.appending(path: "References/shapes/operators.tsv"), encoding: .utf8)
    var count = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let bytes = try #require(Data(base64Encoded: cells[2]))
      let network = try bytes.withUnsafeBytes {
        try ImportedNetwork(parsingONNX: $0, named: cells[0])
      }
      let shapes = network.outputs.map { output in
        output.dimensions.map { $0.map { $0.map(String.init) ?? "?" }.joined(separator: "x") }
          ?? "-"
      }
      let expected = cells[1].split(separator: ";", omittingEmptySubsequences: false).map(
        String.init)
      for (got, wanted) in zip(shapes, expected) where wanted != "-" && !wanted.contains("?") {
        #expect(
          got == Self.corrections[cells[0]] ?? wanted,
          "\(cells[0]): \(network.warnings.map(\.text))")
      }
      #expect(shapes.count == expected.count)
      count += 1
    }
    #expect(count > 200)
  }
}
