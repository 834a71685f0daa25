import LinearAlgebra

/// What a layer does to its sums.
enum Activation: Sendable {
  case identity
  /// `max(slope x, x)`; a slope of 0 is the rectifier.
  case leaky(slope: Float)
}

/// `y = activation(x W + b)` for a batch of rows.
struct DenseLayer: Sendable {
  let inputCount: Int
  let outputCount: Int
  let activation: Activation
  /// `inputCount x outputCount`, row-major.
  let weight: Int
  let bias: Int?

  init(
    _ name: String, _ inputCount: Int, _ outputCount: Int, _ activation: Activation = .identity,
    hasBias: Bool = true, start: ParameterLayout.Start? = nil, in layout: inout ParameterLayout
  ) {
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.activation = activation
    weight = layout.add(
      name + ".weight", inputCount, outputCount,
      start ?? .glorot(fanIn: inputCount, fanOut: outputCount))
    bias = hasBias ? layout.add(name + ".bias", 1, outputCount, .constant(0)) : nil
  }

  /// Writes `rowCount x outputCount` numbers.
  ///
  /// - Parameter isAdded: Whether the sums are added to what `output` holds, before bias and activation.
  func forward(
    _ pass: Pass, _ input: UnsafePointer<Float>, inputStride: Int? = nil,
    to output: UnsafeMutablePointer<Float>, outputStride: Int? = nil, rowCount: Int,
    isAdded: Bool = false
  ) {
    let stride = outputStride ?? outputCount
    let inputStride = inputStride ?? inputCount
    if outputCount == 1 {
      forwardSingle(pass, input, inputStride, output, stride, rowCount, isAdded)
    } else {
      singlePrecisionProduct(
        rowCount: rowCount, innerCount: inputCount, columnCount: outputCount,
        SinglePrecisionBlock(input, stride: inputStride),
        SinglePrecisionBlock(pass.weights + weight, stride: outputCount), into: output,
        stride: stride, keeping: isAdded ? 1 : 0)
      if let bias { addBias(pass.weights + bias, output, stride, rowCount) }
    }
    activate(output, stride, rowCount)
  }

  /// Adds the gradients of the weights; writes those of the input where asked.
  ///
  /// - Parameters:
  ///   - output: What `forward` wrote.
  ///   - outputGradient: Changed in place into the gradient of the sums.
  ///   - isAdded: Whether the gradient of the input is added to what is there.
  func backward(
    _ pass: Pass, _ input: UnsafePointer<Float>, inputStride: Int? = nil,
    output: UnsafePointer<Float>, outputGradient: UnsafeMutablePointer<Float>,
    gradientStride: Int? = nil, inputGradient: UnsafeMutablePointer<Float>?,
    inputGradientStride: Int? = nil, rowCount: Int, isAdded: Bool = false
  ) {
    let stride = gradientStride ?? outputCount
    if case .leaky(let slope) = activation {
      precondition(stride == outputCount, "activated outputs are stored without gaps")
      Self.differentiate(slope, output, outputGradient, rowCount * outputCount)
    }
    if pass.hasWeightGradients {
      singlePrecisionProduct(
        rowCount: inputCount, innerCount: rowCount, columnCount: outputCount,
        SinglePrecisionBlock(input, stride: inputStride ?? inputCount, isTransposed: true),
        SinglePrecisionBlock(outputGradient, stride: stride), into: pass.gradients + weight,
        stride: outputCount, keeping: 1)
      if let bias {
        for row in 0..<rowCount {
          Loops.add(outputGradient + row * stride, to: pass.gradients + bias, outputCount)
        }
      }
    }
    guard let inputGradient else { return }
    singlePrecisionProduct(
      rowCount: rowCount, innerCount: outputCount, columnCount: inputCount,
      SinglePrecisionBlock(outputGradient, stride: stride),
      SinglePrecisionBlock(pass.weights + weight, stride: outputCount, isTransposed: true),
      into: inputGradient, stride: inputGradientStride ?? inputCount, keeping: isAdded ? 1 : 0)
  }

  /// Products with one column are faster as sums of products of rows.
  private func forwardSingle(
    _ pass: Pass, _ input: UnsafePointer<Float>, _ inputStride: Int,
    _ output: UnsafeMutablePointer<Float>, _ stride: Int, _ rowCount: Int, _ isAdded: Bool
  ) {
    let start = bias.map { pass.weights[$0] } ?? 0
    for row in 0..<rowCount {
      let sum = Loops.dot(input + row * inputStride, pass.weights + weight, inputCount)
      output[row * stride] = (isAdded ? output[row * stride] : 0) + sum + start
    }
  }

  private func addBias(
    _ bias: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ stride: Int,
    _ rowCount: Int
  ) {
    for row in 0..<rowCount { Loops.add(bias, to: output + row * stride, outputCount) }
  }

  private func activate(_ output: UnsafeMutablePointer<Float>, _ stride: Int, _ rowCount: Int) {
    guard case .leaky(let slope) = activation else { return }
    precondition(stride == outputCount, "activated outputs are stored without gaps")
    let count = rowCount * outputCount
    let zero = Loops.Vector.zero
    var index = 0
    while index + 8 <= count {
      let x = Loops.load(output, index)
      Loops.store(x.replacing(with: x * slope, where: x .< zero), output, index)
      index += 8
    }
    while index < count {
      if output[index] < 0 { output[index] *= slope }
      index += 1
    }
  }

  /// Turns gradients of activated numbers into gradients of sums; the derivative at 0 is the slope.
  private static func differentiate(
    _ slope: Float, _ output: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    let zero = Loops.Vector.zero
    var index = 0
    while index + 8 <= count {
      let g = Loops.load(gradient, index)
      let isRaised = Loops.load(output, index) .> zero
      Loops.store((g * slope).replacing(with: g, where: isRaised), gradient, index)
      index += 8
    }
    while index < count {
      if output[index] <= 0 { gradient[index] *= slope }
      index += 1
    }
  }
}
