extension OperatorCall {
  /// Convolutions of every element type; `weights` is the position of the second operand.
  mutating func inferConvolution(weights weightIndex: Int = 1) throws(OperatorFailure) {
    let isLast = integer("channels_last", 0) != 0 || node.operation.hasPrefix("Nhwc")
    let given = try shape(0, rank: 3...ONNXLimits.rank)
    let weights = try shape(weightIndex, rank: given.count...given.count)
    let input = isLast ? [given[0], given[given.count - 1]] + given[1..<(given.count - 1)] : given
    let kernel = try kernelSizes(weights)
    let window = try slidingWindow(kernel: kernel, over: Array(input[2...]))
    let moved = try positions(of: window, over: Array(input[2...]))
    let channels = weights[0]
    let result =
      isLast ? [input[0]] + moved + [channels] : [input[0], channels] + moved
    let type: ONNXType = node.operation == "ConvInteger" ? .int32 : self.type(0)
    try give(result, type: type)

    let groups = integer("group", 1)
    let sizes = try known(input)
    let weightSizes = try known(weights)
    guard groups >= 1, weightSizes[0] % groups == 0,
      groups.multipliedReportingOverflow(by: weightSizes[1]) == (sizes[1], false)
    else {
      throw .invalid(
        "\(sizes[1]) input and \(weightSizes[0]) output channels do not fit \(groups) groups of \(weightSizes[1])"
      )
    }
    let output = try known(moved)
    let isPoint = kernel.allSatisfy { $0 == 1 }
    let kind: LayerRow.Kind =
      kernel.count > 2
      ? .volumetric
      : groups > 1 && groups == sizes[1] ? .depthwise : isPoint ? .pointwise : .convolution
    var row = row(
      kind, outputChannels: weightSizes[0], inputChannels: sizes[1], output: output)
    fill(&row, window, groups: groups, batch: sizes[0], weightIndex)
    row.inputShape = try known(given)
    row.weightShape = weightSizes
    row.outputShape = try known(result)
    try row.countOperations([sizes[0], weightSizes[0], weightSizes[1]] + output + kernel)
    rows.append(row)
  }

  mutating func inferTransposedConvolution() throws(OperatorFailure) {
    let input = try shape(0, rank: 3...ONNXLimits.rank)
    let weights = try shape(1, rank: input.count...input.count)
    let kernel = try kernelSizes(weights)
    let count = kernel.count
    let groups = integer("group", 1)
    guard (1...ONNXLimits.extent).contains(groups) else { throw .invalid("group is \(groups)") }
    var window = try transposedWindow(kernel: kernel)
    let extra = try spatial("output_padding", count: count, default: 0, atLeast: 0)
    let asked = integers("output_shape")?.suffix(count).map { $0 }
    if let asked, asked.count != count { throw .invalid("output_shape has \(asked.count) members") }
    let mode = text("auto_pad", "NOTSET")
    var moved: [Extent] = []
    for axis in 0..<count {
      guard case .known(let size) = input[axis + 2] else {
        moved.append(input[axis + 2])
        continue
      }
      let stride = window.strides[axis]
      let full = stride * (size - 1) + extra[axis] + window.span(axis)
      let wanted = asked.map { $0[axis] } ?? (mode.hasPrefix("SAME") ? size * stride : nil)
      if let wanted {
        let total = max(0, full - wanted.clamped)
        window.padsBefore[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        window.padsAfter[axis] = total - window.padsBefore[axis]
        moved.append(.known(wanted))
      } else {
        moved.append(.known(max(-1, full - window.padsBefore[axis] - window.padsAfter[axis])))
      }
    }
    let channels = try product([weights[1], .known(groups)])
    let result = [input[0], channels] + moved
    try give(result, type: type(0))

    let sizes = try known(input)
    let weightSizes = try known(weights)
    guard weightSizes[0] == sizes[1], sizes[1] % groups == 0 else {
      throw .invalid(
        "\(sizes[1]) channels do not fit weights of \(weightSizes[0]) in \(groups) groups")
    }
    let outputSizes = try known(result)
    var row = row(
      count > 2 ? .volumetric : .transposed, outputChannels: outputSizes[1],
      inputChannels: sizes[1], output: Array(outputSizes[2...]))
    fill(&row, window, groups: groups, batch: sizes[0], 1)
    row.inputShape = sizes
    row.weightShape = weightSizes
    row.outputShape = outputSizes
    try row.countOperations(sizes + [weightSizes[1]] + kernel)
    rows.append(row)
  }

  /// Transposed convolutions read their padding as given; `auto_pad` is worked out from the output.
  private func transposedWindow(kernel: [Int]) throws(OperatorFailure) -> SlidingWindow {
    let count = kernel.count
    for size in kernel where size < 1 || size > ONNXLimits.attribute {
      throw .invalid("the kernel has size \(size), expected 1 to \(ONNXLimits.attribute)")
    }
    let hasPads = ["NOTSET", ""].contains(text("auto_pad", "NOTSET"))
    let pads =
      hasPads
      ? try spatial("pads", count: 2 * count, default: 0, atLeast: -ONNXLimits.attribute)
      : Array(repeating: 0, count: 2 * count)
    return SlidingWindow(
      kernel: kernel,
      strides: try spatial("strides", count: count, default: 1, atLeast: 1),
      dilations: try spatial("dilations", count: count, default: 1, atLeast: 1),
      padsBefore: Array(pads[..<count]), padsAfter: Array(pads[count...]))
  }

  /// The kernel of the weights, or of the attribute where the weights do not tell.
  private func kernelSizes(_ weights: [Extent]) throws(OperatorFailure) -> [Int] {
    let sizes = weights[2...].compactMap(\.size)
    if sizes.count == weights.count - 2 { return sizes }
    if let kernel = integers("kernel_shape") { return kernel }
    return try known(Array(weights[2...]))
  }

  private func fill(
    _ row: inout LayerRow, _ window: SlidingWindow, groups: Int, batch: Int, _ weightIndex: Int
  ) {
    row.batch = batch
    row.kernel = window.kernel
    row.strides = window.strides
    row.padsBefore = window.padsBefore
    row.padsAfter = window.padsAfter
    row.dilations = window.dilations
    row.groups = groups
    row.secondOperand = operand(weightIndex)
  }
}
