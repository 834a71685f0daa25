import Execution

/// The arithmetic of a network: its layers in order, where their numbers are, forward and backward.
struct NetworkPlan: Sendable {
  let architecture: NetworkArchitecture
  let layout: ParameterLayout
  let slots: ActivationLayout

  private enum Trunk: Sendable {
    case none
    case dense(DenseLayer, ActivationLayout.Slot)
    case attention(AttentionTrunk)
  }

  private let trunk: Trunk
  private let product: ContextProduct?
  private let heads: ExpertHeads
  private let featureGradient: ActivationLayout.Slot

  /// - Parameter architecture: Validated.
  init(_ architecture: NetworkArchitecture) {
    var layout = ParameterLayout()
    var slots = ActivationLayout()
    switch architecture.trunk {
    case .none: trunk = .none
    case .dense(let width):
      let layer = DenseLayer(
        "trunk", architecture.inputWidth, width, .leaky(slope: NetworkArchitecture.leakySlope),
        in: &layout)
      trunk = .dense(layer, slots.add(width))
    case .attention(let shape):
      trunk = .attention(
        AttentionTrunk(
          shape, blockWidths: architecture.blockWidths,
          dropoutRate: architecture.headDropoutRate, in: &layout, &slots))
    }
    product =
      architecture.contextWidth > 0
      ? ContextProduct(
        contextWidth: architecture.contextWidth, width: architecture.featureWidth, in: &layout,
        &slots) : nil
    heads = ExpertHeads(architecture, in: &layout, &slots)
    featureGradient = slots.add(architecture.featureWidth)
    self.architecture = architecture
    self.layout = layout
    self.slots = slots
  }

  /// Writes one prediction a row.
  ///
  /// - Parameter generator: For what is dropped out in training.
  func forward(
    _ pass: Pass, _ batch: Batch, to outputs: UnsafeMutablePointer<Float>,
    using generator: inout SeededGenerator
  ) {
    switch trunk {
    case .none: break
    case .dense(let layer, let slot):
      layer.forward(pass, batch.inputs, to: pass.workspace[slot], rowCount: pass.rowCount)
    case .attention(let trunk): trunk.forward(pass, batch.inputs, using: &generator)
    }
    var features = trunkFeatures(pass, batch)
    if let product { features = product.forward(pass, batch, features) }
    heads.forward(pass, batch, features, to: outputs, using: &generator)
  }

  /// Adds the gradients of the weights after a forward pass; writes those of the inputs where asked.
  ///
  /// - Parameters:
  ///   - outputGradients: One a row.
  ///   - inputGradients: `rowCount x inputWidth`.
  func backward(
    _ pass: Pass, _ batch: Batch, outputGradients: UnsafePointer<Float>,
    inputGradients: UnsafeMutablePointer<Float>? = nil
  ) {
    let below = trunkFeatures(pass, batch)
    let features = product?.products(pass) ?? below
    let isTop: Bool
    if case .none = trunk { isTop = product == nil } else { isTop = false }
    let gradient = isTop ? inputGradients : pass.workspace[featureGradient]
    gradient?.update(repeating: 0, count: pass.rowCount * architecture.featureWidth)
    heads.backward(
      pass, batch, features, outputGradients: outputGradients, featureGradient: gradient)
    guard let gradient, !isTop else { return }
    product?.backward(pass, batch, below, gradient: gradient)
    switch trunk {
    case .none:
      inputGradients?.update(from: gradient, count: pass.rowCount * architecture.inputWidth)
    case .dense(let layer, let slot):
      layer.backward(
        pass, batch.inputs, output: pass.workspace[slot], outputGradient: gradient,
        inputGradient: inputGradients, rowCount: pass.rowCount)
    case .attention(let trunk):
      trunk.backward(pass, batch.inputs, gradient: gradient, inputGradient: inputGradients)
    }
  }

  private func trunkFeatures(_ pass: Pass, _ batch: Batch) -> UnsafePointer<Float> {
    switch trunk {
    case .none: batch.inputs
    case .dense(_, let slot): UnsafePointer(pass.workspace[slot])
    case .attention(let trunk): UnsafePointer(pass.workspace[trunk.features])
    }
  }
}
