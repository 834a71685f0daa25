/// One product of a network: a convolution, a matrix product or one of the products of a recurrent layer.
///
/// The fields are the columns of a layer table; ``csv(index:)`` writes them. Spatial lists have one member for each
/// spatial dimension, the outermost first: height and width for an image, one member for a signal.
public struct LayerRow: Hashable, Sendable {
  /// What kind of product it is.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A convolution that is none of the others.
    case convolution = "conv"
    /// One group per input channel.
    case depthwise
    /// A kernel of one element.
    case pointwise
    /// A transposed convolution.
    case transposed = "deconv"
    /// A matrix product with a shared second matrix.
    case matrixProduct = "gemm"
    /// A batch of matrix products.
    case batchedProduct = "bmm"
    /// Inputs times weights of a recurrent layer.
    case recurrentInput = "rnn_input"
    /// State times weights of a recurrent layer, one time step after the other.
    case recurrentState = "rnn_recurrent"
    /// A convolution over three or more dimensions, which no layer of a workload can describe yet.
    case volumetric = "conv3d_unsupported"
    /// A contraction of another form, from a workload file.
    case general
  }

  /// Where the second operand comes from.
  public enum SecondOperand: String, Hashable, Sendable {
    /// Constants of the model.
    case weight
    /// Computed at run time.
    case activation
  }

  /// Name of the node.
  public var name: String
  /// Operator, for example `Conv`.
  public var operation: String
  /// What kind of product it is.
  public var kind: Kind
  /// `N`: images of a batch, or products of a batch.
  public var batch = 1
  /// `K`: output channels of all groups, or columns.
  public var outputChannels: Int
  /// `C`: input channels of all groups, or the reduction.
  public var inputChannels: Int
  /// Spatial sizes of the output; rows of a matrix product.
  public var output: [Int]
  /// Spatial sizes of the kernel.
  public var kernel: [Int] = [1, 1]
  /// Steps of the kernel.
  public var strides: [Int] = [1, 1]
  /// Padding before, negative where the operator crops.
  public var padsBefore: [Int] = [0, 0]
  /// Padding after.
  public var padsAfter: [Int] = [0, 0]
  /// Distance of kernel elements.
  public var dilations: [Int] = [1, 1]
  /// Groups, as in ONNX.
  public var groups = 1
  /// How often the product runs, for example once for each direction of a recurrent layer.
  public var count = 1
  /// Where the second operand comes from.
  public var secondOperand = SecondOperand.weight
  /// Multiply-accumulates of all repetitions.
  public var macCount = 0
  /// Shape of the first operand.
  public var inputShape: [Int] = []
  /// Shape of the second operand.
  public var weightShape: [Int] = []
  /// Shape of the result.
  public var outputShape: [Int] = []
  /// Which product of the node it is, when the node has several, for example `scores`.
  public var part: String?

  init(
    name: String, operation: String, kind: Kind, outputChannels: Int, inputChannels: Int,
    output: [Int]
  ) {
    self.name = name
    self.operation = operation
    self.kind = kind
    self.outputChannels = outputChannels
    self.inputChannels = inputChannels
    self.output = output
  }

  /// Whether another row is the same product under another name.
  public func hasSameShape(as other: LayerRow) -> Bool { shapeOnly == other.shapeOnly }

  /// The row without its name, to compare and to hash.
  public var shapeOnly: LayerRow {
    var copy = self
    copy.name = ""
    copy.part = nil
    return copy
  }

  /// Sets ``macCount`` to the product of the factors.
  mutating func countOperations(_ factors: [Int]) throws(OperatorFailure) {
    guard let product = checkedProduct(factors + [count]) else {
      throw .overflow(quantity: "number of multiply-accumulates")
    }
    macCount = product
  }
}

extension LayerRow {
  /// The names of the columns of ``csv(index:)``.
  public static let csvHeader =
    "idx,node_name,op,kind,N,K,C,P,Q,R,S,stride_h,stride_w,pad_t,pad_l,pad_b,pad_r,dil_h,dil_w,groups,count,"
    + "weight_operand,MACs,input_shape,weight_shape,output_shape"

  /// The row as a line of a CSV table, without line end.
  ///
  /// The last spatial dimension is the width. Those before it stand in the column of the height with an `x` between;
  /// a signal has height 1 and no vertical padding.
  public func csv(index: Int) -> String {
    var cells = [String(index), Self.quoted(name), Self.quoted(operation), kind.rawValue]
    cells += [batch, outputChannels, inputChannels].map(String.init)
    cells += Self.columns(output, missing: 1)
    cells += Self.columns(kernel, missing: 1)
    cells += Self.columns(strides, missing: 1)
    cells += Self.columns(padsBefore, missing: 0)
    cells += Self.columns(padsAfter, missing: 0)
    cells +=
      dilations.allSatisfy { $0 == 1 } ? ["1", "1"] : Self.columns(dilations, missing: 1)
    cells += [String(groups), String(count), secondOperand.rawValue, String(macCount)]
    cells += [inputShape, weightShape, outputShape].map(Self.shape)
    return cells.joined(separator: ",")
  }

  /// Sizes with an `x` between.
  public static func shape(_ sizes: [Int]) -> String {
    sizes.map(String.init).joined(separator: "x")
  }

  private static func columns(_ values: [Int], missing: Int) -> [String] {
    guard let width = values.last else { return [String(missing), String(missing)] }
    let heights = Array(values.dropLast())
    return [heights.isEmpty ? String(missing) : shape(heights), String(width)]
  }

  /// A cell in quotes where commas, quotes or line ends ask for it.
  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [10, 13, 34, 44].contains($0) }) else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
