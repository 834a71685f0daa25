extension Layer {
  /// The shape of a two-dimensional convolution.
  ///
  /// `N` batch, `C` input channels (of one group), `M` output channels (of one group), `G` groups,
  /// `R x S` kernel width and height, `P x Q` output width and height.
  public struct ConvolutionShape: Hashable, Sendable {
    /// Images in a batch, at least 1.
    public var batch = 1
    /// Groups; 1 is an ordinary convolution.
    public var groups = 1
    /// Input channels of one group.
    public var inputChannels: Int
    /// Output channels of one group.
    public var outputChannels: Int
    /// Kernel width and height.
    public var kernel: (width: Int, height: Int)
    /// Output width and height.
    public var output: (width: Int, height: Int)
    /// Horizontal and vertical stride.
    public var stride: (width: Int, height: Int) = (1, 1)
    /// Horizontal and vertical dilation.
    public var dilation: (width: Int, height: Int) = (1, 1)

    /// Creates a shape; `Layer.convolution` checks the values.
    public init(
      inputChannels: Int, outputChannels: Int, kernel: (width: Int, height: Int),
      output: (width: Int, height: Int)
    ) {
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.kernel = kernel
      self.output = output
    }

    /// Equality of all fields.
    public static func == (a: Self, b: Self) -> Bool {
      a.batch == b.batch && a.groups == b.groups && a.inputChannels == b.inputChannels
        && a.outputChannels == b.outputChannels && a.kernel == b.kernel && a.output == b.output
        && a.stride == b.stride && a.dilation == b.dilation
    }

    /// Hashes the fields that usually differ.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(inputChannels)
      hasher.combine(outputChannels)
      hasher.combine(output.width)
      hasher.combine(output.height)
    }
  }

  /// A two-dimensional convolution with dimensions C, M, R, S, N, P, Q (and G when it has groups).
  ///
  /// Operands are `Weights`, `Inputs` and `Outputs`, the input axes are `R dilation + P stride` and
  /// `S dilation + Q stride`: the order and names of Timeloop's `cnn-layer` problem.
  ///
  /// - Throws: `WorkloadError` when a field is below 1 or a product overflows.
  public static func convolution(name: String, _ shape: ConvolutionShape) throws(WorkloadError)
    -> Layer
  {
    var names = ["C", "M", "R", "S", "N", "P", "Q"]
    var bounds = [
      shape.inputChannels, shape.outputChannels, shape.kernel.width, shape.kernel.height,
      shape.batch, shape.output.width, shape.output.height,
    ]
    guard shape.groups >= 1 else {
      throw .parameterOutOfRange(name: "groups", got: shape.groups, expected: "at least 1")
    }
    let grouped = shape.groups > 1
    if grouped {
      names.append("G")
      bounds.append(shape.groups)
    }
    let group = grouped ? [Operand.Axis(terms: [.init(dimension: 7)])] : []
    let slide = { (kernel: Int, output: Int, dilation: Int, stride: Int) in
      Operand.Axis(terms: [
        .init(dimension: kernel, coefficient: dilation),
        .init(dimension: output, coefficient: stride),
      ])
    }
    return try Layer(
      name: name,
      dimensions: zip(names, bounds).map { LoopDimension(name: $0, bound: $1) },
      operands: [
        Operand(name: "Weights", axes: group + axes([0, 1, 2, 3]), role: .input),
        Operand(
          name: "Inputs",
          axes: axes([4]) + group + axes([0]) + [
            slide(2, 5, shape.dilation.width, shape.stride.width),
            slide(3, 6, shape.dilation.height, shape.stride.height),
          ], role: .input),
        Operand(name: "Outputs", axes: axes([4]) + group + axes([1, 6, 5]), role: .result),
      ])
  }

  /// A depthwise convolution with dimensions C, R, S, N, P, Q: one kernel per channel.
  ///
  /// - Throws: `WorkloadError` when a field is below 1 or a product overflows.
  public static func depthwiseConvolution(name: String, _ shape: ConvolutionShape)
    throws(WorkloadError) -> Layer
  {
    let names = ["C", "R", "S", "N", "P", "Q"]
    let bounds = [
      shape.inputChannels, shape.kernel.width, shape.kernel.height, shape.batch,
      shape.output.width, shape.output.height,
    ]
    return try Layer(
      name: name,
      dimensions: zip(names, bounds).map { LoopDimension(name: $0, bound: $1) },
      operands: [
        Operand(name: "Weights", axes: axes([0, 1, 2]), role: .input),
        Operand(
          name: "Inputs",
          axes: axes([3, 0]) + [
            Operand.Axis(terms: [
              .init(dimension: 1, coefficient: shape.dilation.width),
              .init(dimension: 4, coefficient: shape.stride.width),
            ]),
            Operand.Axis(terms: [
              .init(dimension: 2, coefficient: shape.dilation.height),
              .init(dimension: 5, coefficient: shape.stride.height),
            ]),
          ], role: .input),
        Operand(name: "Outputs", axes: axes([3, 0, 5, 4]), role: .result),
      ])
  }

  /// A matrix product `Outputs[N, M] = Inputs[N, C] Weights[C, M]`, batched over `B` when `batch` is above 1.
  ///
  /// - Throws: `WorkloadError` when a size is below 1 or the product overflows.
  public static func matrixProduct(
    name: String, rows: Int, columns: Int, inner: Int, batch: Int = 1
  ) throws(WorkloadError) -> Layer {
    var dimensions = [
      LoopDimension(name: "C", bound: inner), LoopDimension(name: "M", bound: columns),
      LoopDimension(name: "N", bound: rows),
    ]
    let leading = batch == 1 ? [] : axes([3])
    if batch != 1 { dimensions.append(LoopDimension(name: "B", bound: batch)) }
    return try Layer(
      name: name, dimensions: dimensions,
      operands: [
        Operand(name: "Weights", axes: leading + axes([0, 1]), role: .input),
        Operand(name: "Inputs", axes: leading + axes([2, 0]), role: .input),
        Operand(name: "Outputs", axes: leading + axes([2, 1]), role: .result),
      ])
  }

  private static func axes(_ dimensions: [Int]) -> [Operand.Axis] {
    dimensions.map { Operand.Axis(terms: [.init(dimension: $0)]) }
  }
}
