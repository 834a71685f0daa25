import Foundation

/// Steps along the mean gradient, scaled by the root of the mean squared gradient of every weight.
///
/// - SeeAlso: Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
struct AdamOptimizer: Hashable, Sendable {
  var learningRate: Float
  var firstDecay: Float = 0.9
  var secondDecay: Float = 0.999
  var epsilon: Float = 1e-8

  /// Changes weights and moments; `step` counts from 1.
  func update(
    weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int, step: Int
  ) {
    // In double precision: 1 - 0.999^1 loses digits in single precision.
    let firstBias = 1 - pow(Double(firstDecay), Double(step))
    let secondBias = (1 - pow(Double(secondDecay), Double(step))).squareRoot()
    let rate = Float(Double(learningRate) / firstBias)
    let scale = Float(1 / secondBias)
    let (a, b) = (firstDecay, secondDecay)
    let (a1, b1) = (1 - a, 1 - b)
    var index = 0
    while index + 8 <= count {
      let g = Loops.load(gradients, index)
      let m = Loops.load(first, index) * a + g * a1
      let v = Loops.load(second, index) * b + g * g * b1
      Loops.store(m, first, index)
      Loops.store(v, second, index)
      let step = m * rate / (v.squareRoot() * scale + epsilon)
      Loops.store(Loops.load(weights, index) - step, weights, index)
      index += 8
    }
    while index < count {
      let g = gradients[index]
      first[index] = first[index] * a + g * a1
      second[index] = second[index] * b + g * g * b1
      weights[index] -= first[index] * rate / (second[index].squareRoot() * scale + epsilon)
      index += 1
    }
  }
}
