/// Multiplies the features of every row with a linear map of its context.
///
/// - SeeAlso: Kumar et al. 2022 (PRIME), contextual variant; Kumar, Peng, Levine 2019, arXiv 1912.13465, for the product.
struct ContextProduct: Sendable {
  let width: Int
  private let map: DenseLayer
  private let factors: ActivationLayout.Slot
  private let factorGradients: ActivationLayout.Slot
  private let product: ActivationLayout.Slot

  init(
    contextWidth: Int, width: Int, in layout: inout ParameterLayout,
    _ slots: inout ActivationLayout
  ) {
    self.width = width
    map = DenseLayer("context", contextWidth, width, hasBias: false, in: &layout)
    factors = slots.addForContexts(width)
    factorGradients = slots.addForContexts(width)
    product = slots.add(width)
  }

  /// The products, `rowCount x width`.
  func forward(_ pass: Pass, _ batch: Batch, _ features: UnsafePointer<Float>)
    -> UnsafePointer<Float>
  {
    guard let table = batch.contextFeatures, let contexts = batch.contexts else { return features }
    let factors = pass.workspace[factors]
    let product = pass.workspace[product]
    map.forward(pass, table, to: factors, rowCount: pass.contextCount)
    for row in 0..<pass.rowCount {
      let factor = factors + Int(contexts[row]) * width
      let start = row * width
      for column in 0..<width {
        product[start + column] = features[start + column] * factor[column]
      }
    }
    return UnsafePointer(product)
  }

  /// What `forward` computed.
  func products(_ pass: Pass) -> UnsafePointer<Float> { UnsafePointer(pass.workspace[product]) }

  /// Turns the gradient of the products into that of the features, in place.
  func backward(
    _ pass: Pass, _ batch: Batch, _ features: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>
  ) {
    guard let table = batch.contextFeatures, let contexts = batch.contexts else { return }
    let factors = pass.workspace[factors]
    let gradients = pass.workspace[factorGradients]
    gradients.update(repeating: 0, count: pass.contextCount * width)
    for row in 0..<pass.rowCount {
      let factor = factors + Int(contexts[row]) * width
      let factorGradient = gradients + Int(contexts[row]) * width
      let start = row * width
      for column in 0..<width {
        factorGradient[column] += gradient[start + column] * features[start + column]
        gradient[start + column] *= factor[column]
      }
    }
    map.backward(
      pass, table, output: factors, outputGradient: gradients, inputGradient: nil,
      rowCount: pass.contextCount)
  }
}
