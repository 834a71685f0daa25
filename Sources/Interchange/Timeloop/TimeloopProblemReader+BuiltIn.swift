import Workload

extension TimeloopProblemReader {
  /// A shape that Timeloop keeps in a file of its own and that problems refer to by name.
  struct BuiltInShape {
    let dimensions: [String]
    let coefficients: [String]
    /// Name, axes as `dimension` or `dimension*coefficient` terms, and whether it is the result.
    let tensors: [(name: String, axes: [[(String, String?)]], isResult: Bool)]

    func operands(dimensions: [String], coefficients: [(name: String, value: Int)]) -> [Operand] {
      tensors.map { tensor in
        let axes = tensor.axes.map { terms in
          Operand.Axis(
            terms: terms.map { name, coefficient in
              Operand.Term(
                dimension: dimensions.firstIndex(of: name) ?? 0,
                coefficient: coefficients.first { $0.name == coefficient }?.value ?? 1)
            })
        }
        return Operand(name: tensor.name, axes: axes, role: tensor.isResult ? .result : .input)
      }
    }
  }

  /// The shape a text refers to; `nil` when the node is a shape itself.
  static func builtInShape(_ node: SpecificationNode) throws(SpecificationError) -> BuiltInShape? {
    guard let name = node.scalarText else { return nil }
    let plain = { (letters: [String]) in letters.map { [($0, String?.none)] } }
    switch name {
    case "cnn_layer", "cnn-layer", "cnn_layer.yaml":
      return BuiltInShape(
        dimensions: ["R", "S", "P", "Q", "C", "K", "N"],
        coefficients: ["Wstride", "Hstride", "Wdilation", "Hdilation"],
        tensors: [
          ("Weights", plain(["C", "K", "R", "S"]), false),
          (
            "Inputs",
            plain(["N", "C"]) + [
              [("R", "Wdilation"), ("P", "Wstride")], [("S", "Hdilation"), ("Q", "Hstride")],
            ], false
          ),
          ("Outputs", plain(["N", "K", "Q", "P"]), true),
        ])
    case "gemm_ABZ", "gemm_ABZ.yaml":
      return BuiltInShape(
        dimensions: ["M", "N", "K"], coefficients: [],
        tensors: [
          ("A", plain(["M", "K"]), false), ("B", plain(["N", "K"]), false),
          ("Z", plain(["M", "N"]), true),
        ])
    default:
      throw .unknownName(
        at: node.place, what: "shape", name: name, known: ["cnn_layer", "gemm_ABZ"])
    }
  }
}
