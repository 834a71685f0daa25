import Foundation
import Interchange
import Testing

@testable import Workflows

private func workload(_ layer: String) -> String {
  let text =
    "name: net\nlayers:\n  - name: L\n"
    + layer.split(separator: "\n").map { "    \($0)\n" }
    .joined()
  return message { _ = try WorkloadFile(parsing: Data(text.utf8), named: "w.yaml").resolve() }
}

@Suite struct WorkloadFileErrorTests {
  @Test func shapesHaveExactlyOneForm() {
    let forms = "convolution, depthwise, matrixProduct, dimensions"
    #expect(
      workload("count: 2")
        == "w.yaml:3: layers[0]: got no shape, expected exactly one of \(forms)")
    #expect(
      workload("depthwise: {}\nmatrixProduct: {}")
        == "w.yaml:3: layers[0]: got depthwise and matrixProduct, expected exactly one of \(forms)")
    #expect(
      workload("matrixProduct: {rows: 1, columns: 1, inner: 1}\noperands: []")
        == "w.yaml:5: layers[0].operands: got operands beside matrixProduct, expected no operands, "
        + "matrixProduct has its own")
    #expect(
      workload("dimensions: {C: 3}\nbits: {A: 8}")
        == "w.yaml:5: layers[0].bits: got bits beside dimensions, expected bits of each operand")
  }

  @Test func convolutionKeysAreChecked() {
    #expect(
      workload("convolution: {C: 3, M: 4, R: 3, S: 3, P: 8}")
        == "w.yaml:4: layers[0].convolution: key \"Q\" is absent, expected a whole number from 1")
    #expect(
      workload("convolution: {C: 3, M: 4, R: 3, S: 3, P: 8, Q: 8, strides: 2}") == """
        w.yaml:4: layers[0].convolution: unknown key "strides"
        hint: did you mean "stride"? known keys: C, G, M, N, P, Q, R, S, dilation, stride
        """)
    #expect(
      workload("convolution: {C: 3, M: 4, R: 3, S: 3, P: 8, Q: 8, stride: [2]}")
        == "w.yaml:4: layers[0].convolution.stride: got a list of 1, expected two numbers of steps "
        + "along X and Y, for example [2, 2]")
    #expect(
      workload("depthwise: {C: 3, M: 4, R: 3, S: 3, P: 8, Q: 8}") == """
        w.yaml:4: layers[0].depthwise: unknown key "M"
        hint: known keys: C, N, P, Q, R, S, dilation, stride
        """)
    #expect(
      workload("matrixProduct: {rows: 0, columns: 1, inner: 1}")
        == "w.yaml:4: layers[0].matrixProduct.rows: got 0, expected a whole number in 1...134217728"
    )
    #expect(
      workload("matrixProduct: {rows: 134217728, columns: 134217728, inner: 134217728}")
        == "w.yaml:4: layers[0].matrixProduct: layer \"L\": the product of its bounds, strides and "
        + "dilations is above 2^60, expected less")
  }

  @Test func operandsAreChecked() {
    let operands = { (axes: String, role: String) in
      "dimensions: {C: 3, P: 4}\noperands:\n  - {name: A, axes: [\(axes)], role: input}\n"
        + "  - {name: B, axes: [P], role: \(role)}"
    }
    #expect(workload(operands("C + 4*P", "result")) == "")
    #expect(workload(operands("\"P*2 + C\"", "result")) == "")
    #expect(
      workload(operands("p", "result")) == """
        w.yaml:6: layers[0].operands[0].axes[0]: unknown dimension "p"
        hint: did you mean "P"? known dimensions: C, P
        """)
    for text in ["C +", "C + + P", "4", "2*3*P", "C P", "-P"] {
      #expect(
        workload(operands("\"\(text)\"", "result"))
          == "w.yaml:6: layers[0].operands[0].axes[0]: got \"\(text)\", expected a sum of "
          + "dimensions such as R + 4*P")
    }
    #expect(
      workload(operands("9223372036854775808*P", "result"))
        == "w.yaml:6: layers[0].operands[0].axes[0]: got coefficient \"9223372036854775808\", "
        + "expected a whole number in 1...134217728")
    #expect(
      workload(operands("C", "output")) == """
        w.yaml:7: layers[0].operands[1].role: unknown role "output"
        hint: known roles: input, result
        """)
    #expect(
      workload(operands("C", "input"))
        == "w.yaml:4: layers[0].dimensions: got 0 operands that are written, expected exactly one "
        + "result")
    #expect(
      workload("dimensions: {C-1: 3}\noperands: []")
        == "w.yaml:4: layers[0].dimensions.C-1: got dimension name \"C-1\", expected a letter, then "
        + "letters, digits and underscores")
  }

  @Test func bitsNameOperands() {
    #expect(
      workload("matrixProduct: {rows: 1, columns: 1, inner: 1}\nbits: {Weight: 8}") == """
        w.yaml:5: layers[0].bits: unknown key "Weight"
        hint: did you mean "Weights"? known keys: Inputs, Outputs, Weights
        """)
    #expect(
      workload("matrixProduct: {rows: 1, columns: 1, inner: 1}\nbits: {Weights: 0}")
        == "w.yaml:5: layers[0].bits.Weights: got 0, expected a whole number of bits in 1...1024")
  }

  @Test func listsAndNamesAreChecked() {
    let file = { (text: String) in
      message { _ = try WorkloadFile(parsing: Data(text.utf8), named: "w.yaml") }
    }
    #expect(
      file("name: n\nlayers: []\n")
        == "w.yaml:2: layers: got an empty list, expected at least one layer")
    let product = "matrixProduct: {rows: 1, columns: 1, inner: 1}"
    #expect(
      file("name: n\nlayers:\n  - {name: A, \(product)}\n  - {name: A, \(product)}\n") == """
        w.yaml:4: layers[1].name: got a second layer "A", expected distinct names
        hint: layers of the same shape are one layer with a count
        """)
    #expect(
      file("name: n\nlayers:\n  - {name: A, zeros: 38.7, \(product)}\n")
        == "w.yaml:3: layers[0].zeros: got 38.7, expected a number in 0...1")
    #expect(
      file("name: n\nlayers:\n  - {name: A, count: 0, \(product)}\n")
        == "w.yaml:3: layers[0].count: got 0, expected a whole number of occurrences in 1...1000000"
    )
  }
}
