import Execution

/// Memory that is allocated once and freed with its owner.
final class Buffer<Element> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int, _ value: Element) {
    self.count = count
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: value, count: max(1, count))
  }

  convenience init(_ values: [Element], or value: Element) {
    self.init(values.count, value)
    for (index, element) in values.enumerated() { base[index] = element }
  }

  deinit {
    base.deinitialize(count: max(1, count))
    base.deallocate()
  }

  var array: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Copies numbers of an array to the begin.
  func fill(_ values: [Element]) {
    precondition(values.count <= count, "what is copied has room")
    for (index, element) in values.enumerated() { base[index] = element }
  }
}

/// One network in training: weights and gradients, a batch, predictions, and room for the layers.
final class TrainingBuffers {
  let plan: NetworkPlan
  let workspace: NetworkWorkspace
  let weights: Buffer<Float>
  let gradients: Buffer<Float>
  /// `rowCapacity x inputWidth`.
  let inputs: Buffer<Float>
  let inputGradients: Buffer<Float>
  let contexts: Buffer<Int32>
  let targets: Buffer<Float>
  let predictions: Buffer<Float>
  let outputGradients: Buffer<Float>
  let contextFeatures: Buffer<Float>
  let contextCount: Int

  init(_ plan: NetworkPlan, weights: [Float], rowCapacity: Int, contextFeatures: [Float]) {
    let architecture = plan.architecture
    self.plan = plan
    contextCount =
      architecture.contextWidth == 0 ? 0 : contextFeatures.count / architecture.contextWidth
    workspace = NetworkWorkspace(
      plan.slots, rowCapacity: rowCapacity, contextCapacity: contextCount)
    self.weights = Buffer(weights, or: 0)
    gradients = Buffer(weights.count, 0)
    inputs = Buffer(rowCapacity * architecture.inputWidth, 0)
    inputGradients = Buffer(rowCapacity * architecture.inputWidth, 0)
    contexts = Buffer(rowCapacity, 0)
    targets = Buffer(rowCapacity, 0)
    predictions = Buffer(rowCapacity, 0)
    outputGradients = Buffer(rowCapacity, 0)
    self.contextFeatures = Buffer(contextFeatures, or: 0)
  }

  private func pass(_ range: Range<Int>, isTraining: Bool = false, weightGradients: Bool = true)
    -> (Pass, Batch)
  {
    let hasContext = plan.architecture.contextWidth > 0
    return (
      Pass(
        weights: weights.base, gradients: gradients.base, workspace: workspace,
        rowCount: range.count, contextCount: contextCount, isTraining: isTraining,
        hasWeightGradients: weightGradients),
      Batch(
        inputs: inputs.base + range.lowerBound * plan.architecture.inputWidth,
        contexts: hasContext ? UnsafePointer(contexts.base + range.lowerBound) : nil,
        contextFeatures: hasContext ? UnsafePointer(contextFeatures.base) : nil)
    )
  }

  /// Predicts rows of the batch, without dropping anything out.
  func predict(_ range: Range<Int>) {
    var generator = Seed(0).generator()
    let (pass, batch) = pass(range)
    plan.forward(pass, batch, to: predictions.base + range.lowerBound, using: &generator)
  }

  /// Predicts rows and computes the gradient of every prediction by its row's inputs; gradients of weights are lost.
  func differentiateInputs(_ range: Range<Int>) {
    predict(range)
    for row in range { outputGradients.base[row] = 1 }
    let (pass, batch) = pass(range, weightGradients: false)
    plan.backward(
      pass, batch, outputGradients: outputGradients.base + range.lowerBound,
      inputGradients: inputGradients.base + range.lowerBound * plan.architecture.inputWidth)
  }

  /// The loss of the first rows and its gradient by the weights.
  ///
  /// - Parameter generator: For what is dropped out; `nil` to drop nothing.
  func differentiate(
    _ rows: BatchRows, _ loss: inout LossEvaluation, dropout generator: SeededGenerator? = nil
  ) -> ConservativeLoss.Parts {
    let (pass, batch) = pass(0..<rows.count, isTraining: generator != nil)
    var generator = generator ?? Seed(0).generator()
    plan.forward(pass, batch, to: predictions.base, using: &generator)
    let parts = loss.evaluate(
      rows, predictions: predictions.base, targets: targets.base, contexts: contexts.base,
      gradients: outputGradients.base)
    gradients.base.update(repeating: 0, count: gradients.count)
    plan.backward(pass, batch, outputGradients: outputGradients.base)
    return parts
  }
}
