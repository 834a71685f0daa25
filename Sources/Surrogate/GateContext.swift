/// What the context adds to the sums of the gate's first layer.
///
/// PRIME concatenates the features with `Dense(256) - leaky rectifier - Dense(featureWidth)` of the context before the
/// gate's first layer; its second half of the weights is the layer `join` here, applied once a context instead of once
/// a row.
struct GateContext: Sendable {
  private let hidden: DenseLayer
  private let embedding: DenseLayer
  private let join: DenseLayer
  private let hiddenNumbers: ActivationLayout.Slot
  private let embedded: ActivationLayout.Slot
  private let embeddedGradient: ActivationLayout.Slot
  private let joined: ActivationLayout.Slot
  private let joinedGradient: ActivationLayout.Slot
  private let hiddenGradient: ActivationLayout.Slot

  init(
    contextWidth: Int, featureWidth: Int, gateWidth: Int, in layout: inout ParameterLayout,
    _ slots: inout ActivationLayout
  ) {
    let width = NetworkArchitecture.gateContextWidth
    hidden = DenseLayer(
      "gate.context0", contextWidth, width, .leaky(slope: NetworkArchitecture.leakySlope),
      in: &layout)
    embedding = DenseLayer("gate.context1", width, featureWidth, in: &layout)
    join = DenseLayer(
      "gate.join", featureWidth, gateWidth, hasBias: false,
      start: .glorot(fanIn: 2 * featureWidth, fanOut: gateWidth), in: &layout)
    hiddenNumbers = slots.addForContexts(width)
    hiddenGradient = slots.addForContexts(width)
    embedded = slots.addForContexts(featureWidth)
    embeddedGradient = slots.addForContexts(featureWidth)
    joined = slots.addForContexts(gateWidth)
    joinedGradient = slots.addForContexts(gateWidth)
  }

  /// Writes `rowCount x gateWidth` sums.
  func forward(_ pass: Pass, _ batch: Batch, toSums sums: UnsafeMutablePointer<Float>) {
    guard let table = batch.contextFeatures, let contexts = batch.contexts else { return }
    let count = pass.contextCount
    let joined = pass.workspace[joined]
    hidden.forward(pass, table, to: pass.workspace[hiddenNumbers], rowCount: count)
    embedding.forward(
      pass, pass.workspace[hiddenNumbers], to: pass.workspace[embedded], rowCount: count)
    join.forward(pass, pass.workspace[embedded], to: joined, rowCount: count)
    let width = join.outputCount
    for row in 0..<pass.rowCount {
      (sums + row * width).update(from: joined + Int(contexts[row]) * width, count: width)
    }
  }

  /// Adds gradients of the weights.
  func backward(_ pass: Pass, _ batch: Batch, sumGradients: UnsafePointer<Float>) {
    guard let table = batch.contextFeatures, let contexts = batch.contexts else { return }
    let count = pass.contextCount
    let width = join.outputCount
    let gradient = pass.workspace[joinedGradient]
    gradient.update(repeating: 0, count: count * width)
    for row in 0..<pass.rowCount {
      Loops.add(sumGradients + row * width, to: gradient + Int(contexts[row]) * width, width)
    }
    let embedded = pass.workspace[embedded]
    let embeddedGradient = pass.workspace[embeddedGradient]
    let hiddenNumbers = pass.workspace[hiddenNumbers]
    let hiddenGradient = pass.workspace[hiddenGradient]
    join.backward(
      pass, embedded, output: pass.workspace[joined], outputGradient: gradient,
      inputGradient: embeddedGradient, rowCount: count)
    embedding.backward(
      pass, hiddenNumbers, output: embedded, outputGradient: embeddedGradient,
      inputGradient: hiddenGradient, rowCount: count)
    hidden.backward(
      pass, table, output: hiddenNumbers, outputGradient: hiddenGradient, inputGradient: nil,
      rowCount: count)
  }
}
