/// The sizes of the attention part.
public struct AttentionShape: Hashable, Sendable, Codable {
  /// Numbers a token has; a multiple of eight times `headCount` (PRIME: 64).
  public var width = 64
  /// Attention heads (PRIME: 8).
  public var headCount = 8
  /// Hidden numbers of the dense layers after the attention (PRIME: 256).
  public var hiddenCount = 256
  /// Layers one after another (PRIME: 2).
  public var layerCount = 2
  /// Share of numbers dropped out before each residual sum in training (PRIME: 0.1).
  public var dropoutRate: Float = 0.1

  /// Creates PRIME's sizes.
  public init() {}
}

/// The shape of a surrogate network: what comes in, how it is mixed, how many experts vote.
///
/// Input -> trunk -> (times a linear map of the context) -> experts, whose outputs a gate averages.
/// - SeeAlso: Kumar et al. 2022 (PRIME), and its release in google-research `prime/`.
public struct NetworkArchitecture: Hashable, Sendable, Codable {
  /// How the parameters meet before the experts.
  public enum Trunk: Hashable, Sendable, Codable {
    /// Not at all: the experts see the encoded input. A plain multilayer perceptron.
    case none
    /// A dense layer of this width with leaky rectifier.
    case dense(Int)
    /// A token for every parameter and transformer layers over them, as published.
    case attention(AttentionShape)
  }

  /// Columns of every parameter's block in the encoded input, at least one block, each at least 1.
  public var blockWidths: [Int]
  /// Numbers that describe a context; 0 for a network without contexts.
  public var contextWidth: Int
  /// How the parameters meet.
  public var trunk: Trunk
  /// Widths of the hidden layers of every expert; the gate has the first (PRIME: 512, 512).
  ///
  /// The release's default `layers` (512, 512, 512) has its first width replaced by that of the trunk's output, so two
  /// hidden layers remain.
  public var hiddenWidths: [Int]
  /// Experts that vote; with one there is no gate (PRIME's release: 1 by default).
  public var expertCount: Int
  /// Share of numbers dropped out after the embedding and after every hidden layer (PRIME's release: 0 by default).
  public var headDropoutRate: Float

  /// Slope of the leaky rectifiers below zero, as PRIME has it.
  public static let leakySlope: Float = 0.1
  /// Hidden numbers of the context's way into the gate, as PRIME has it.
  public static let gateContextWidth = 256

  /// Creates an architecture; see `validated()` for what is possible.
  public init(
    blockWidths: [Int], contextWidth: Int = 0, trunk: Trunk, hiddenWidths: [Int] = [512, 512],
    expertCount: Int = 1, headDropoutRate: Float = 0
  ) {
    self.blockWidths = blockWidths
    self.contextWidth = contextWidth
    self.trunk = trunk
    self.hiddenWidths = hiddenWidths
    self.expertCount = expertCount
    self.headDropoutRate = headDropoutRate
  }

  /// The network of PRIME's release for an input.
  public static func published(blockWidths: [Int], contextWidth: Int = 0, expertCount: Int = 1)
    -> NetworkArchitecture
  {
    NetworkArchitecture(
      blockWidths: blockWidths, contextWidth: contextWidth, trunk: .attention(AttentionShape()),
      expertCount: expertCount)
  }

  /// A plain multilayer perceptron; with contexts its first layer is shared and multiplied with the context.
  public static func perceptron(
    blockWidths: [Int], contextWidth: Int = 0, hiddenWidths: [Int] = [256, 256, 256],
    expertCount: Int = 1
  ) -> NetworkArchitecture {
    let isShared = contextWidth > 0 && hiddenWidths.count > 1
    return NetworkArchitecture(
      blockWidths: blockWidths, contextWidth: contextWidth,
      trunk: isShared ? .dense(hiddenWidths[0]) : .none,
      hiddenWidths: isShared ? Array(hiddenWidths.dropFirst()) : hiddenWidths,
      expertCount: expertCount)
  }

  /// Columns of the encoded input.
  public var inputWidth: Int { blockWidths.reduce(0, +) }

  /// Numbers the experts see.
  var featureWidth: Int {
    switch trunk {
    case .none: inputWidth
    case .dense(let width): width
    case .attention(let shape): blockWidths.count * shape.width
    }
  }

  /// Most weights a network may have: 400 MB of single precision.
  public static let largestWeightCount = 100_000_000

  /// The same architecture when its sizes are possible.
  ///
  /// - Throws: `SurrogateError.architecture` with the first size that is not.
  public func validated() throws(SurrogateError) -> NetworkArchitecture {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(SurrogateError) {
      guard range.contains(value) else {
        throw .architecture(
          size: name, got: "\(value)",
          expected: "a number in \(range.lowerBound)...\(range.upperBound)")
      }
    }
    func check(_ name: String, rate: Float) throws(SurrogateError) {
      guard rate >= 0, rate <= 0.9 else {
        throw .architecture(size: name, got: "\(rate)", expected: "a number in 0...0.9")
      }
    }
    try check("count of blocks", blockWidths.count, 1...10_000)
    for width in blockWidths { try check("width of a block", width, 1...1_000_000) }
    try check("context width", contextWidth, 0...100_000)
    try check("count of hidden layers", hiddenWidths.count, 1...100)
    for width in hiddenWidths { try check("hidden width", width, 1...100_000) }
    try check("count of experts", expertCount, 1...1_000)
    try check("dropout rate of the head", rate: headDropoutRate)
    switch trunk {
    case .none: break
    case .dense(let width): try check("width of the trunk", width, 1...100_000)
    case .attention(let shape):
      try check("count of heads", shape.headCount, 1...1_000)
      try check("width of tokens", shape.width, 8...100_000)
      guard shape.width % (8 * shape.headCount) == 0 else {
        throw .architecture(
          size: "width of tokens", got: "\(shape.width)",
          expected: "a multiple of \(8 * shape.headCount), eight for each head")
      }
      try check("hidden width of attention", shape.hiddenCount, 1...100_000)
      try check("count of attention layers", shape.layerCount, 1...100)
      try check("dropout rate of attention", rate: shape.dropoutRate)
    }
    return self
  }
}
