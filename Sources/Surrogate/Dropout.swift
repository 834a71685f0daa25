import Execution

/// Sets a share of numbers to zero in training and scales the others up, so that the expectation stays.
///
/// The share is the nearest multiple of 2^-16, the scale exactly its counterpart.
/// - SeeAlso: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
struct Dropout: Sendable {
  let width: Int
  private let threshold: UInt64
  private let factors: ActivationLayout.Slot

  init(rate: Float, width: Int, _ slots: inout ActivationLayout) {
    self.width = width
    threshold = UInt64((rate * 65_536).rounded())
    factors = slots.add(threshold == 0 ? 0 : width)
  }

  private func isActive(_ pass: Pass) -> Bool { pass.isTraining && threshold > 0 }

  /// Drops numbers of `values`, `rowCount x width`, in place.
  func forward(
    _ pass: Pass, _ values: UnsafeMutablePointer<Float>, using generator: inout SeededGenerator
  ) {
    guard isActive(pass) else { return }
    let mask = pass.workspace[factors]
    let scale = 65_536 / Float(65_536 - threshold)
    let count = pass.rowCount * width
    var index = 0
    while index < count {
      var bits = generator.next()
      let end = min(count, index + 4)
      while index < end {
        let factor: Float = bits & 0xFFFF < threshold ? 0 : scale
        bits >>= 16
        mask[index] = factor
        values[index] *= factor
        index += 1
      }
    }
  }

  /// Turns the gradient of what was left into that of what came in.
  func backward(_ pass: Pass, _ gradient: UnsafeMutablePointer<Float>) {
    guard isActive(pass) else { return }
    let mask = pass.workspace[factors]
    for index in 0..<(pass.rowCount * width) { gradient[index] *= mask[index] }
  }
}
