import Execution

/// Attention and two dense layers for every token, each with a residual and a normalization after it.
///
/// - SeeAlso: Vaswani et al. 2017, section 3.1 (post-norm encoder layer); PRIME's sizes are in `AttentionShape`.
struct TransformerLayer: Sendable {
  let attention: SelfAttention
  private let width: Int
  private let tokenCount: Int
  private let hiddenCount: Int
  private let first: DenseLayer
  private let second: DenseLayer
  private let afterAttention: ResidualNormalization
  private let afterDense: ResidualNormalization
  private let middle: ActivationLayout.Slot
  private let hidden: ActivationLayout.Slot
  private let branch: ActivationLayout.Slot

  /// Numbers of room a row needs for the backward pass.
  static func scratchWidth(_ shape: AttentionShape, tokenCount: Int) -> Int {
    tokenCount * max(4 * shape.width, shape.hiddenCount)
  }

  init(
    _ name: String, _ shape: AttentionShape, tokenCount: Int,
    in layout: inout ParameterLayout, _ slots: inout ActivationLayout
  ) {
    width = shape.width
    hiddenCount = shape.hiddenCount
    self.tokenCount = tokenCount
    attention = SelfAttention(
      name + ".attention", width: width, tokenCount: tokenCount, headCount: shape.headCount,
      in: &layout, &slots)
    afterAttention = ResidualNormalization(
      name + ".norm1", width: width, tokenCount: tokenCount, dropoutRate: shape.dropoutRate,
      in: &layout, &slots)
    first = DenseLayer(
      name + ".dense1", width, shape.hiddenCount, .leaky(slope: 0), in: &layout)
    second = DenseLayer(name + ".dense2", shape.hiddenCount, width, in: &layout)
    afterDense = ResidualNormalization(
      name + ".norm2", width: width, tokenCount: tokenCount, dropoutRate: shape.dropoutRate,
      in: &layout, &slots)
    branch = slots.add(tokenCount * width)
    middle = slots.add(tokenCount * width)
    hidden = slots.add(tokenCount * shape.hiddenCount)
  }

  func forward(
    _ pass: Pass, _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>,
    using generator: inout SeededGenerator
  ) {
    let tokens = pass.rowCount * tokenCount
    let (branch, middle) = (pass.workspace[branch], pass.workspace[middle])
    let hidden = pass.workspace[hidden]
    attention.forward(pass, input, to: branch)
    afterAttention.forward(pass, input, branch, to: middle, using: &generator)
    first.forward(pass, middle, to: hidden, rowCount: tokens)
    second.forward(pass, hidden, to: branch, rowCount: tokens)
    afterDense.forward(pass, middle, branch, to: output, using: &generator)
  }

  /// Turns the gradient of the output, `rowCount x tokenCount x width`, into that of the input, in place.
  func backward(
    _ pass: Pass, _ input: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let tokens = pass.rowCount * tokenCount
    let (branch, middle) = (pass.workspace[branch], pass.workspace[middle])
    let hidden = pass.workspace[hidden]
    afterDense.backward(pass, gradient: gradient, branchGradient: branch)
    second.backward(
      pass, hidden, output: branch, outputGradient: branch, inputGradient: scratch,
      rowCount: tokens)
    first.backward(
      pass, middle, output: hidden, outputGradient: scratch, inputGradient: gradient,
      rowCount: tokens, isAdded: true)
    afterAttention.backward(pass, gradient: gradient, branchGradient: branch)
    attention.backward(
      pass, input, outputGradient: branch, inputGradient: gradient, scratch: scratch)
  }
}
