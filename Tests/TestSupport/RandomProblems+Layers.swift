import Workload

extension RandomProblems {
  /// A small layer of one of several shapes, or `nil` when the draw is too large.
  mutating func drawLayer() -> Layer? {
    let layer =
      switch generator.pick(emphasis == .none ? 0...6 : 0...4) {
      case 0, 1: drawConvolution()
      case 2: drawDepthwise()
      case 3: drawDilatedPair()
      case 4: drawSlidingResult()
      case 5: drawMatrixProduct()
      default: drawOuterProduct()
      }
    guard let layer, layer.macCount <= largestIterations else { return nil }
    return layer
  }

  /// A bound, sometimes 1, sometimes prime.
  private mutating func bound(_ largest: Int) -> Int {
    generator.chance(0.3) ? 1 : generator.pick(2...largest)
  }

  private mutating func drawShape() -> Layer.ConvolutionShape {
    var shape = Layer.ConvolutionShape(
      inputChannels: bound(3), outputChannels: bound(3),
      kernel: (generator.pick(1...4), generator.chance(0.6) ? 1 : generator.pick(2...3)),
      output: (generator.pick(2...9), generator.chance(0.5) ? 1 : generator.pick(2...5)))
    if emphasis == .sharing {
      shape.inputChannels = 1
      shape.outputChannels = 1
      shape.kernel = (generator.pick(2...5), 1)
      shape.output = (generator.pick(2...9), 1)
    }
    shape.batch = generator.chance(0.8) ? 1 : 2
    shape.groups = generator.chance(0.85) ? 1 : 2
    shape.stride = (generator.pick(1...3), generator.pick(1...2))
    shape.dilation = (generator.pick(1...2), generator.pick(1...3))
    return shape
  }

  private mutating func drawConvolution() -> Layer? {
    try? .convolution(name: "convolution", drawShape())
  }

  private mutating func drawDepthwise() -> Layer? {
    try? .depthwiseConvolution(name: "depthwise", drawShape())
  }

  private mutating func drawMatrixProduct() -> Layer? {
    try? .matrixProduct(
      name: "matrix product", rows: bound(8), columns: bound(8), inner: bound(8),
      batch: bound(3))
  }

  /// A convolution over two dilated kernels: an input axis of three terms.
  private mutating func drawDilatedPair() -> Layer? {
    custom(
      "pair", [("x out", 8), ("tap", 4), ("Tap", 3), ("é", 3)],
      inputs: [[(1, 1), (2, 1)], [(3, 1)]],
      window: [(0, 1), (1, generator.pick(1...3)), (2, generator.pick(1...4))],
      windowIsResult: false, plain: [[(0, 1)], [(3, generator.pick(1...2))]])
  }

  /// A transposed convolution: the result slides.
  private mutating func drawSlidingResult() -> Layer? {
    custom(
      "transposed", [("x", 7), ("r", 4), ("c", 4), ("_", 3)],
      inputs: [[(1, 1), (2, 1)], [(3, 1)]],
      window: [(0, generator.pick(1...3)), (1, generator.pick(1...2))],
      windowIsResult: true, plain: [[(0, 1)], [(2, 1)]])
  }

  /// Vectors without a common dimension, and a scalar operand.
  private mutating func drawOuterProduct() -> Layer? {
    let names = ["i", "J", "k"]
    return try? Layer(
      name: "outer product",
      dimensions: names.map { LoopDimension(name: $0, bound: bound(8)) },
      operands: [
        Operand(name: "a", axes: [axis([(0, 1)])], role: .input),
        Operand(name: "scale", axes: [], role: .input),
        Operand(name: "sum", axes: [axis([(1, 1)])], role: .result),
      ])
  }

  private func axis(_ terms: [(Int, Int)]) -> Operand.Axis {
    Operand.Axis(terms: terms.map { Operand.Term(dimension: $0.0, coefficient: $0.1) })
  }

  /// A layer of a small operand, one with a window axis and one without; `plain` are the axes of the last.
  private mutating func custom(
    _ name: String, _ dimensions: [(String, Int)], inputs: [[(Int, Int)]], window: [(Int, Int)],
    windowIsResult: Bool, plain: [[(Int, Int)]]
  ) -> Layer? {
    let loops = dimensions.map { LoopDimension(name: $0.0, bound: bound($0.1)) }
    return try? Layer(
      name: name, dimensions: loops,
      operands: [
        Operand(
          name: "slides", axes: [axis(window), axis([(3, 1)])],
          role: windowIsResult ? .result : .input),
        Operand(name: "kernel", axes: inputs.map { axis($0) }, role: .input),
        Operand(
          name: "rest", axes: plain.map { axis($0) }, role: windowIsResult ? .input : .result),
      ])
  }
}
