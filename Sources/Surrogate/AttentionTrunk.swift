import Execution

/// Tokens of the parameters and the transformer layers over them.
struct AttentionTrunk: Sendable {
  /// `tokenCount x width` numbers of every row.
  let features: ActivationLayout.Slot
  private let embedding: TokenEmbedding
  private let dropout: Dropout
  private let layers: [TransformerLayer]
  private let tokens: [ActivationLayout.Slot]
  private let scratch: ActivationLayout.Slot

  init(
    _ shape: AttentionShape, blockWidths: [Int], dropoutRate: Float,
    in layout: inout ParameterLayout, _ slots: inout ActivationLayout
  ) {
    let count = blockWidths.count
    embedding = TokenEmbedding(width: shape.width, blockWidths: blockWidths, in: &layout)
    dropout = Dropout(rate: dropoutRate, width: count * shape.width, &slots)
    var tokens = [slots.add(count * shape.width)]
    var layers: [TransformerLayer] = []
    for index in 0..<shape.layerCount {
      layers.append(
        TransformerLayer("layer\(index)", shape, tokenCount: count, in: &layout, &slots))
      tokens.append(slots.add(count * shape.width))
    }
    self.layers = layers
    self.tokens = tokens
    features = tokens[layers.count]
    scratch = slots.add(TransformerLayer.scratchWidth(shape, tokenCount: count))
  }

  func forward(
    _ pass: Pass, _ inputs: UnsafePointer<Float>, using generator: inout SeededGenerator
  ) {
    embedding.forward(pass, inputs, to: pass.workspace[tokens[0]])
    dropout.forward(pass, pass.workspace[tokens[0]], using: &generator)
    for (index, layer) in layers.enumerated() {
      layer.forward(
        pass, pass.workspace[tokens[index]], to: pass.workspace[tokens[index + 1]],
        using: &generator)
    }
  }

  /// - Parameter gradient: That of the features, changed.
  func backward(
    _ pass: Pass, _ inputs: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>?
  ) {
    let scratch = pass.workspace[scratch]
    for (index, layer) in layers.enumerated().reversed() {
      layer.backward(
        pass, pass.workspace[tokens[index]], gradient: gradient, scratch: scratch)
    }
    dropout.backward(pass, gradient)
    embedding.backward(pass, inputs, gradient: gradient, inputGradient: inputGradient)
  }
}
