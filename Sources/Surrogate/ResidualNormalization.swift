import Execution

/// `y = gain (s - mean(s)) / sqrt(variance(s) + epsilon) + shift` with `s = x + dropout(branch)`, for every token.
///
/// The end of both halves of a post-norm transformer layer.
/// - SeeAlso: Ba, Kiros, Hinton 2016, "Layer normalization"; epsilon 1e-6 as PRIME has it.
struct ResidualNormalization: Sendable {
  static let epsilon: Float = 1e-6

  let width: Int
  let tokenCount: Int
  let gain: Int
  let shift: Int
  let dropout: Dropout
  /// `(s - mean) / deviation`.
  private let normalized: ActivationLayout.Slot
  /// `1 / deviation`, one a token.
  private let inverseDeviation: ActivationLayout.Slot

  init(
    _ name: String, width: Int, tokenCount: Int, dropoutRate: Float,
    in layout: inout ParameterLayout, _ slots: inout ActivationLayout
  ) {
    self.width = width
    self.tokenCount = tokenCount
    gain = layout.add(name + ".gain", 1, width, .constant(1))
    shift = layout.add(name + ".shift", 1, width, .constant(0))
    dropout = Dropout(rate: dropoutRate, width: tokenCount * width, &slots)
    normalized = slots.add(tokenCount * width)
    inverseDeviation = slots.add(tokenCount)
  }

  /// Writes `rowCount x tokenCount x width` numbers; `branch` is changed.
  func forward(
    _ pass: Pass, _ x: UnsafePointer<Float>, _ branch: UnsafeMutablePointer<Float>,
    to output: UnsafeMutablePointer<Float>, using generator: inout SeededGenerator
  ) {
    dropout.forward(pass, branch, using: &generator)
    let hat = pass.workspace[normalized]
    let inverse = pass.workspace[inverseDeviation]
    let scale = 1 / Float(width)
    for token in 0..<(pass.rowCount * tokenCount) {
      let start = token * width
      var sums = Loops.Vector.zero
      var index = 0
      while index < width {
        let s = Loops.load(x, start + index) + Loops.load(branch, start + index)
        Loops.store(s, hat, start + index)
        sums += s
        index += 8
      }
      let mean = Loops.Vector(repeating: Loops.sum(sums) * scale)
      var squares = Loops.Vector.zero
      index = 0
      while index < width {
        let difference = Loops.load(hat, start + index) - mean
        squares += difference * difference
        index += 8
      }
      let factor = 1 / (Loops.sum(squares) * scale + Self.epsilon).squareRoot()
      inverse[token] = factor
      index = 0
      while index < width {
        let value = (Loops.load(hat, start + index) - mean) * factor
        Loops.store(value, hat, start + index)
        let result =
          value * Loops.load(pass.weights, gain + index) + Loops.load(pass.weights, shift + index)
        Loops.store(result, output, start + index)
        index += 8
      }
    }
  }

  /// Turns the gradient of the output into that of `x`, and writes that of `branch`.
  func backward(
    _ pass: Pass, gradient: UnsafeMutablePointer<Float>,
    branchGradient: UnsafeMutablePointer<Float>
  ) {
    let hat = pass.workspace[normalized]
    let inverse = pass.workspace[inverseDeviation]
    let scale = 1 / Float(width)
    let gains = pass.gradients + gain
    let shifts = pass.gradients + shift
    for token in 0..<(pass.rowCount * tokenCount) {
      let start = token * width
      var sums = Loops.Vector.zero
      var products = Loops.Vector.zero
      var index = 0
      while index < width {
        let g = Loops.load(gradient, start + index)
        let h = Loops.load(hat, start + index)
        Loops.store(Loops.load(gains, index) + g * h, gains, index)
        Loops.store(Loops.load(shifts, index) + g, shifts, index)
        let inner = g * Loops.load(pass.weights, gain + index)
        sums += inner
        products += inner * h
        index += 8
      }
      let mean = Loops.Vector(repeating: Loops.sum(sums) * scale)
      let slope = Loops.Vector(repeating: Loops.sum(products) * scale)
      let factor = inverse[token]
      index = 0
      while index < width {
        let inner =
          Loops.load(gradient, start + index) * Loops.load(pass.weights, gain + index)
        let result = (inner - mean - Loops.load(hat, start + index) * slope) * factor
        Loops.store(result, gradient, start + index)
        Loops.store(result, branchGradient, start + index)
        index += 8
      }
    }
    dropout.backward(pass, branchGradient)
  }
}
