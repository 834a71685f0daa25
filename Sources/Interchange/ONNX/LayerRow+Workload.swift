public import Workload

extension LayerRow {
  /// A layer of a workload as a row: convolutions and matrix products are recognized, others are `general`.
  public init(_ entry: Network.Entry) {
    let layer = entry.layer
    let bound = { (name: String) in
      layer.dimensionIndex(named: name).map { layer.dimensions[$0].bound } ?? 1
    }
    let names = Set(layer.dimensions.map(\.name))
    let hasKernel = names.isSuperset(of: ["C", "R", "S", "N", "P", "Q"])
    let inputs = layer.operandIndex(named: "Inputs").map { layer.operands[$0] }
    let weights = layer.operandIndex(named: "Weights").map { layer.operands[$0] }
    let steps = { (dimension: String) in
      Self.coefficient(of: dimension, in: inputs, of: layer) ?? 1
    }
    if hasKernel, weights != nil, inputs?.axes.contains(where: { $0.terms.count == 2 }) ?? false {
      let groups = bound("G")
      let isDepthwise = !names.contains("M")
      let kernel = [bound("S"), bound("R")]
      self.init(
        name: layer.name, operation: "Conv",
        kind: isDepthwise || (groups > 1 && bound("C") == 1)
          ? .depthwise : kernel == [1, 1] ? .pointwise : .convolution,
        outputChannels: isDepthwise ? bound("C") : bound("M") * groups,
        inputChannels: bound("C") * groups, output: [bound("Q"), bound("P")])
      self.groups = isDepthwise ? bound("C") : groups
      self.kernel = kernel
      strides = [steps("Q"), steps("P")]
      dilations = [steps("S"), steps("R")]
      batch = bound("N")
    } else if names == ["C", "M", "N"] || names == ["C", "M", "N", "B"] {
      self.init(
        name: layer.name, operation: "MatMul",
        kind: names.contains("B") ? .batchedProduct : .matrixProduct, outputChannels: bound("M"),
        inputChannels: bound("C"), output: [bound("N"), 1])
      batch = bound("B")
    } else {
      self.init(
        name: layer.name, operation: "Layer", kind: .general, outputChannels: bound("M"),
        inputChannels: bound("C"), output: [bound("Q"), bound("P")])
      kernel = [bound("S"), bound("R")]
      batch = bound("N")
    }
    count = entry.count
    let total = layer.macCount.multipliedReportingOverflow(by: entry.count)
    macCount = total.overflow ? .max : total.partialValue
    inputShape = Self.extents(inputs, of: layer)
    weightShape = Self.extents(weights, of: layer)
    outputShape = Self.extents(layer.operands[layer.resultIndex], of: layer)
  }

  private static func coefficient(of name: String, in operand: Operand?, of layer: Layer) -> Int? {
    guard let dimension = layer.dimensionIndex(named: name) else { return nil }
    return operand?.axes.flatMap(\.terms).first { $0.dimension == dimension }?.coefficient
  }

  private static func extents(_ operand: Operand?, of layer: Layer) -> [Int] {
    let bounds = layer.dimensions.map(\.bound)
    return operand?.axes.map { $0.extent(of: bounds) } ?? []
  }
}
