public import Workload

extension LayerRow {
  /// The row as a layer of a workload and the number of times it runs.
  ///
  /// A transposed convolution loops over its inputs and slides over its outputs; the state product of a recurrent layer
  /// runs once per time step; operands that several members of a batch share are stored once.
  ///
  /// - Returns: `nil` for convolutions over three dimensions.
  /// - Throws: `WorkloadError` when a size is zero or too large for a loop.
  public func layer(named name: String) throws(WorkloadError) -> Network.Entry? {
    switch kind {
    case .volumetric, .general: return nil
    case .convolution, .pointwise, .depthwise: return entry(try convolution(named: name))
    case .transposed: return entry(try transposedConvolution(named: name))
    case .matrixProduct, .recurrentInput:
      return entry(
        try .matrixProduct(
          name: name, rows: batch.multiplied(by: output.first ?? 1), columns: outputChannels,
          inner: inputChannels))
    case .recurrentState:
      let layer = try Layer.matrixProduct(
        name: name, rows: batch, columns: outputChannels, inner: inputChannels)
      return Network.Entry(layer: layer, count: max(1, count.multiplied(by: output.first ?? 1)))
    case .batchedProduct: return entry(try batchedProduct(named: name))
    }
  }

  private func entry(_ layer: Layer) -> Network.Entry {
    Network.Entry(layer: layer, count: max(1, count))
  }

  /// Height and width; a signal has height 1.
  private func plane(_ sizes: [Int], missing: Int = 1) -> (width: Int, height: Int) {
    (sizes.last ?? missing, sizes.count > 1 ? sizes[sizes.count - 2] : missing)
  }

  private func shape(inputs: Int, outputs: Int, moved: [Int]) -> Layer.ConvolutionShape {
    var shape = Layer.ConvolutionShape(
      inputChannels: inputs, outputChannels: outputs, kernel: plane(kernel), output: plane(moved))
    shape.batch = batch
    shape.stride = plane(strides)
    shape.dilation = plane(dilations)
    return shape
  }

  private func convolution(named name: String) throws(WorkloadError) -> Layer {
    if groups > 1, groups == inputChannels, groups == outputChannels {
      return try .depthwiseConvolution(
        name: name, shape(inputs: inputChannels, outputs: 1, moved: output))
    }
    var shape = shape(
      inputs: inputChannels / max(1, groups), outputs: outputChannels / max(1, groups),
      moved: output)
    shape.groups = groups
    return try .convolution(name: name, shape)
  }

  /// A convolution with the roles of inputs and outputs exchanged.
  private func transposedConvolution(named name: String) throws(WorkloadError) -> Layer {
    var shape = shape(
      inputs: outputChannels / max(1, groups), outputs: inputChannels / max(1, groups),
      moved: Array(inputShape.dropFirst(2)))
    shape.groups = groups
    let forward = try Layer.convolution(name: name, shape)
    let names = ["M", "C"]
    return try Layer(
      name: name,
      dimensions: forward.dimensions.enumerated().map { index, dimension in
        index < 2 ? LoopDimension(name: names[index], bound: dimension.bound) : dimension
      },
      operands: forward.operands.map { operand in
        switch operand.name {
        case "Inputs": Operand(name: "Outputs", axes: operand.axes, role: .result)
        case "Outputs": Operand(name: "Inputs", axes: operand.axes, role: .input)
        default: operand
        }
      })
  }

  /// Products of a batch; where operands are shared evenly, they have no axis for the members that share.
  private func batchedProduct(named name: String) throws(WorkloadError) -> Layer {
    let inputBatch = checkedProduct(inputShape.dropLast(2)) ?? batch
    let weightBatch = checkedProduct(weightShape.dropLast(2)) ?? batch
    let isInputShared = inputBatch == 1 && batch > 1
    let sharing =
      isInputShared
      ? 1
      : weightBatch > 0 && batch % weightBatch == 0 && inputBatch == batch ? batch / weightBatch : 1
    guard isInputShared || sharing > 1 else {
      return try .matrixProduct(
        name: name, rows: output.first ?? 1, columns: outputChannels, inner: inputChannels,
        batch: batch)
    }
    var dimensions = [
      LoopDimension(name: "C", bound: inputChannels),
      LoopDimension(name: "M", bound: outputChannels),
      LoopDimension(name: "N", bound: output.first ?? 1),
    ]
    var weightAxes = [0, 1]
    var inputAxes = [2, 0]
    var outputAxes = [2, 1]
    if batch / sharing > 1 {
      dimensions.append(LoopDimension(name: "B", bound: batch / sharing))
      weightAxes.insert(dimensions.count - 1, at: 0)
      if !isInputShared { inputAxes.insert(dimensions.count - 1, at: 0) }
      outputAxes.insert(dimensions.count - 1, at: 0)
    }
    if sharing > 1 {
      dimensions.append(LoopDimension(name: "H", bound: sharing))
      inputAxes.insert(dimensions.count - 1, at: inputAxes.count - 2)
      outputAxes.insert(dimensions.count - 1, at: outputAxes.count - 2)
    }
    let operand = { (name: String, axes: [Int], role: Operand.Role) in
      Operand(
        name: name, axes: axes.map { Operand.Axis(terms: [Operand.Term(dimension: $0)]) },
        role: role)
    }
    return try Layer(
      name: name, dimensions: dimensions,
      operands: [
        operand("Weights", weightAxes, .input), operand("Inputs", inputAxes, .input),
        operand("Outputs", outputAxes, .result),
      ])
  }
}

extension Int {
  /// The product, or the largest number when it does not fit; checks of layers refuse that later.
  fileprivate func multiplied(by other: Int) -> Int {
    let product = multipliedReportingOverflow(by: other)
    return product.overflow ? .max : product.partialValue
  }
}
