/// A window that slides over the spatial dimensions of a tensor.
struct SlidingWindow {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  var padsBefore: [Int]
  var padsAfter: [Int]

  /// Extent of the window with the holes of its dilation.
  func span(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }
}

extension OperatorCall {
  /// Reads strides, pads and dilations and works out the padding that `auto_pad` asks for.
  ///
  /// Sizes that are not known count as needing no padding; a layer needs them anyway.
  func slidingWindow(kernel: [Int], over input: [Extent]) throws(OperatorFailure) -> SlidingWindow {
    let count = input.count
    guard kernel.count == count else {
      throw .invalid("the kernel has \(kernel.count) dimensions, expected \(count)")
    }
    for size in kernel where size < 1 || size > ONNXLimits.attribute {
      throw .invalid("the kernel has size \(size), expected 1 to \(ONNXLimits.attribute)")
    }
    var window = SlidingWindow(
      kernel: kernel,
      strides: try spatial("strides", count: count, default: 1, atLeast: 1),
      dilations: try spatial("dilations", count: count, default: 1, atLeast: 1),
      padsBefore: Array(repeating: 0, count: count), padsAfter: Array(repeating: 0, count: count))
    switch text("auto_pad", "NOTSET") {
    case "NOTSET", "":
      let pads = try spatial(
        "pads", count: 2 * count, default: 0, atLeast: -ONNXLimits.attribute)
      window.padsBefore = Array(pads[..<count])
      window.padsAfter = Array(pads[count...])
    case "VALID": break
    case let mode where mode == "SAME_UPPER" || mode == "SAME_LOWER":
      for axis in 0..<count {
        guard let size = input[axis].size else { continue }
        let steps = (size + window.strides[axis] - 1) / window.strides[axis]
        let total = max(0, (steps - 1) * window.strides[axis] + window.span(axis) - size)
        let half = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        window.padsBefore[axis] = half
        window.padsAfter[axis] = total - half
      }
    case let mode: throw .invalid("auto_pad is \"\(mode)\"")
    }
    return window
  }

  /// How many positions a window has along every dimension.
  func positions(of window: SlidingWindow, over input: [Extent], roundingUp: Bool = false)
    throws(OperatorFailure) -> [Extent]
  {
    let isSame = text("auto_pad", "NOTSET").hasPrefix("SAME")
    var result: [Extent] = []
    for (axis, extent) in input.enumerated() {
      guard case .known(let size) = extent else {
        result.append(extent)
        continue
      }
      let stride = window.strides[axis]
      if isSame {
        result.append(.known((size + stride - 1) / stride))
        continue
      }
      let room = size + window.padsBefore[axis] + window.padsAfter[axis] - window.span(axis)
      guard room >= 0 else {
        throw .invalid(
          "a window of \(window.span(axis)) does not fit in \(size + window.padsBefore[axis] + window.padsAfter[axis])"
        )
      }
      var steps = roundingUp ? (room + stride - 1) / stride : room / stride
      // The last window must begin inside the tensor or its padding before.
      if roundingUp, steps * stride >= size + window.padsBefore[axis] { steps -= 1 }
      result.append(.known(max(0, steps) + 1))
    }
    return result
  }

  // MARK: Pooling

  mutating func inferPooling() throws(OperatorFailure) {
    let isLast = integer("channels_last", 0) != 0 || node.operation == "NhwcMaxPool"
    let input = try shape(0, rank: 3...ONNXLimits.rank)
    let spatial = isLast ? 1..<(input.count - 1) : 2..<input.count
    guard let kernel = integers("kernel_shape") else { throw .invalid("kernel_shape is absent") }
    let window = try slidingWindow(kernel: kernel, over: Array(input[spatial]))
    let moved = try positions(
      of: window, over: Array(input[spatial]), roundingUp: integer("ceil_mode", 0) != 0)
    var result = input
    result.replaceSubrange(spatial, with: moved)
    try give(result, type: type(0))
    if node.outputs.count > 1 { try give(result, type: .int64) }
  }

  mutating func inferGlobalPooling() throws(OperatorFailure) {
    let input = try shape(0, rank: 2...ONNXLimits.rank)
    let isLast = integer("channels_last", 0) != 0
    let result = input.indices.map { axis in
      axis == 0 || axis == (isLast ? input.count - 1 : 1) ? input[axis] : Extent.known(1)
    }
    try give(result, type: type(0))
  }

  mutating func inferRegionPooling() throws(OperatorFailure) {
    let input = try shape(0, rank: 4...4)
    let regions = try shape(1, rank: 2...2)
    var size = integers("pooled_shape") ?? []
    if node.operation == "RoiAlign" {
      size = [integer("output_height", 1), integer("output_width", 1)]
    }
    guard size.count == 2 else { throw .invalid("pooled_shape has \(size.count) members") }
    try give([regions[0], input[1], .known(size[0]), .known(size[1])], type: type(0))
  }

  // MARK: Resizing

  mutating func inferResize() throws(OperatorFailure) {
    let input = try shape(0)
    let isOld = node.operation == "Upsample" || version == 10
    var result = input
    let axes = try axes(integers("axes") ?? Array(input.indices), rank: input.count)
    let sizes = isOld ? nil : elements(3)
    let factors = isOld ? elements(1) ?? reals("scales")?.map { .real($0) } : elements(2)
    if let sizes, !sizes.isEmpty {
      guard sizes.count == axes.count else {
        throw .invalid("sizes has \(sizes.count) members, expected \(axes.count)")
      }
      let policy = text("keep_aspect_ratio_policy", "stretch")
      for (axis, size) in zip(axes, sizes) {
        guard let value = size.integer else {
          result[axis] = .unknown(size.origins)
          continue
        }
        result[axis] = .known(value)
      }
      if policy != "stretch" { try keepRatio(policy, axes, input, &result) }
    } else if let factors, !factors.isEmpty {
      guard factors.count == axes.count else {
        throw .invalid("scales has \(factors.count) members, expected \(axes.count)")
      }
      for (axis, factor) in zip(axes, factors) {
        guard case .known(let size) = input[axis], let scale = factor.real else {
          if case .known = input[axis] { result[axis] = .unknown(factor.origins) }
          continue
        }
        let scaled = (Double(size) * scale).rounded(.down)
        guard scaled >= 0, scaled <= Double(ONNXLimits.extent) else {
          throw .invalid("a scale is \(scale)")
        }
        result[axis] = .known(Int(scaled))
      }
    } else {
      throw .unsupported("neither sizes nor scales are known")
    }
    try give(result, type: type(0))
  }

  private func keepRatio(
    _ policy: String, _ axes: [Int], _ input: [Extent], _ result: inout [Extent]
  ) throws(OperatorFailure) {
    var ratios: [Double] = []
    for axis in axes {
      guard let from = input[axis].size, let to = result[axis].size, from > 0 else {
        throw .blocked(input[axis].origins.union(result[axis].origins))
      }
      ratios.append(Double(to) / Double(from))
    }
    guard let ratio = policy == "not_larger" ? ratios.min() : ratios.max() else { return }
    for axis in axes {
      let size = (Double(input[axis].size ?? 0) * ratio).rounded()
      guard size <= Double(ONNXLimits.extent) else { throw .invalid("a ratio is \(ratio)") }
      result[axis] = .known(Int(size))
    }
  }

  mutating func inferGridSample() throws(OperatorFailure) {
    let input = try shape(0, rank: 3...ONNXLimits.rank)
    let grid = try shape(1, rank: input.count...input.count)
    try give([input[0], input[1]] + grid[1..<(grid.count - 1)], type: type(0))
  }

  mutating func inferAffineGrid() throws(OperatorFailure) {
    guard let size = try integers(1), size.count >= 3 else { throw .invalid("size is absent") }
    try give(
      [.known(size[0])] + size.dropFirst(2).map { .known($0) } + [.known(size.count - 2)],
      type: type(0))
  }

  mutating func inferCenterCropPad() throws(OperatorFailure) {
    var result = try shape(0)
    guard let sizes = try integers(1) else { throw .invalid("shape is absent") }
    let axes = try axes(integers("axes") ?? Array(result.indices), rank: result.count)
    guard axes.count == sizes.count else { throw .invalid("axes and shape differ in number") }
    for (axis, size) in zip(axes, sizes) { result[axis] = .known(size) }
    try give(result, type: type(0))
  }

  mutating func inferColumnsToImage() throws(OperatorFailure) {
    let input = try shape(0, rank: 3...3)
    guard let image = try integers(1), let block = try integers(2),
      let elements = checkedProduct(block), elements > 0
    else { throw .invalid("image_shape or block_shape is absent") }
    guard case .known(let channels) = input[1] else { throw .blocked(input[1].origins) }
    try give(
      [input[0], .known(channels / elements)] + image.map { .known($0) }, type: type(0))
  }
}
