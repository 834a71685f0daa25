import Execution

/// Hidden layers with leaky rectifiers and an output layer; the gate is one, too.
struct Perceptron: Sendable {
  private let hidden: [DenseLayer]
  private let output: DenseLayer
  private let slots: [ActivationLayout.Slot]
  private let dropouts: [Dropout]

  init(
    _ name: String, inputCount: Int, hiddenWidths: [Int], outputCount: Int, dropoutRate: Float,
    firstFanIn: Int? = nil, in layout: inout ParameterLayout, _ slots: inout ActivationLayout
  ) {
    var hidden: [DenseLayer] = []
    var places: [ActivationLayout.Slot] = []
    var dropouts: [Dropout] = []
    var width = inputCount
    for (index, next) in hiddenWidths.enumerated() {
      hidden.append(
        DenseLayer(
          "\(name).dense\(index)", width, next, .leaky(slope: NetworkArchitecture.leakySlope),
          start: .glorot(fanIn: index == 0 ? firstFanIn ?? width : width, fanOut: next),
          in: &layout))
      places.append(slots.add(next))
      dropouts.append(Dropout(rate: dropoutRate, width: next, &slots))
      width = next
    }
    self.hidden = hidden
    self.slots = places
    self.dropouts = dropouts
    output = DenseLayer("\(name).output", width, outputCount, in: &layout)
  }

  /// Where the sums of the first layer may be prepared, for `isAdded`.
  func firstSums(_ pass: Pass) -> UnsafeMutablePointer<Float> { pass.workspace[slots[0]] }

  func forward(
    _ pass: Pass, _ input: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>,
    stride: Int, isAdded: Bool = false, using generator: inout SeededGenerator
  ) {
    var current = input
    for (index, layer) in hidden.enumerated() {
      let next = pass.workspace[slots[index]]
      layer.forward(
        pass, current, to: next, rowCount: pass.rowCount, isAdded: isAdded && index == 0)
      dropouts[index].forward(pass, next, using: &generator)
      current = UnsafePointer(next)
    }
    output.forward(pass, current, to: result, outputStride: stride, rowCount: pass.rowCount)
  }

  /// Adds gradients of weights, and that of the input to `inputGradient`.
  ///
  /// - Parameters:
  ///   - scratch: Two rooms of the widest hidden layer; the first one ends with the gradient of the first layer's sums
  ///     when the count of hidden layers is odd, the second one otherwise.
  /// - Returns: The gradient of the first layer's sums.
  @discardableResult
  func backward(
    _ pass: Pass, _ input: UnsafePointer<Float>, result: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, stride: Int,
    inputGradient: UnsafeMutablePointer<Float>?,
    scratch: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  ) -> UnsafeMutablePointer<Float> {
    var (current, other) = scratch
    output.backward(
      pass, pass.workspace[slots[hidden.count - 1]], output: result, outputGradient: gradient,
      gradientStride: stride, inputGradient: current, rowCount: pass.rowCount)
    for index in hidden.indices.reversed() {
      dropouts[index].backward(pass, current)
      let isFirst = index == 0
      let below = isFirst ? input : UnsafePointer(pass.workspace[slots[index - 1]])
      hidden[index].backward(
        pass, below, output: pass.workspace[slots[index]], outputGradient: current,
        inputGradient: isFirst ? inputGradient : other, rowCount: pass.rowCount, isAdded: isFirst)
      if !isFirst { swap(&current, &other) }
    }
    return current
  }
}
