import Foundation

/// Every parameter's block of columns becomes a token by a dense layer of its own, plus a code of its position.
///
/// Position `t`, column `i`: `sin(t / 10000^(2 (i / 2) / width))` for even `i`, the cosine for odd `i`.
/// - SeeAlso: Vaswani et al. 2017, section 3.5; PRIME's release has the same.
struct TokenEmbedding: Sendable {
  let width: Int
  let blocks: [Range<Int>]
  private let layers: [DenseLayer]
  private let positions: [Float]
  private let inputWidth: Int

  init(width: Int, blockWidths: [Int], in layout: inout ParameterLayout) {
    self.width = width
    var start = 0
    blocks = blockWidths.map { width in
      defer { start += width }
      return start..<(start + width)
    }
    inputWidth = start
    var layers: [DenseLayer] = []
    for (index, count) in blockWidths.enumerated() {
      layers.append(DenseLayer("embedding\(index)", count, width, in: &layout))
    }
    self.layers = layers
    positions = Self.positions(tokenCount: blockWidths.count, width: width)
  }

  static func positions(tokenCount: Int, width: Int) -> [Float] {
    (0..<tokenCount * width).map { place in
      let (token, column) = (place / width, place % width)
      let angle = Double(token) / pow(10_000, Double(column / 2 * 2) / Double(width))
      return Float(column % 2 == 0 ? sin(angle) : cos(angle))
    }
  }

  func forward(
    _ pass: Pass, _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>
  ) {
    let stride = blocks.count * width
    for (index, layer) in layers.enumerated() {
      layer.forward(
        pass, input + blocks[index].lowerBound, inputStride: inputWidth,
        to: output + index * width, outputStride: stride, rowCount: pass.rowCount)
    }
    positions.withUnsafeBufferPointer { codes in
      guard let codes = codes.baseAddress else { return }
      for row in 0..<pass.rowCount { Loops.add(codes, to: output + row * stride, stride) }
    }
  }

  /// Adds the gradients of the weights, or writes those of the input.
  func backward(
    _ pass: Pass, _ input: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>?
  ) {
    for (index, layer) in layers.enumerated() {
      layer.backward(
        pass, input + blocks[index].lowerBound, inputStride: inputWidth,
        output: gradient + index * width, outputGradient: gradient + index * width,
        gradientStride: blocks.count * width,
        inputGradient: inputGradient.map { $0 + blocks[index].lowerBound },
        inputGradientStride: inputWidth, rowCount: pass.rowCount)
    }
  }
}
