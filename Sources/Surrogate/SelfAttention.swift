/// Every token looks at all tokens of its row: `softmax(Q K' / sqrt(depth)) V` in each head, then a dense layer.
///
/// - SeeAlso: Vaswani et al. 2017, "Attention is all you need", equation 1 and section 3.2.2.
struct SelfAttention: Sendable {
  let width: Int
  let tokenCount: Int
  let headCount: Int
  /// Queries, keys and values side by side: `width x 3 width`.
  let projection: DenseLayer
  let result: DenseLayer
  private let projected: ActivationLayout.Slot
  private let shares: ActivationLayout.Slot
  private let mixed: ActivationLayout.Slot
  private let shareStride: Int

  private var depth: Int { width / headCount }

  init(
    _ name: String, width: Int, tokenCount: Int, headCount: Int,
    in layout: inout ParameterLayout, _ slots: inout ActivationLayout
  ) {
    self.width = width
    self.tokenCount = tokenCount
    self.headCount = headCount
    shareStride = (tokenCount + 7) / 8 * 8
    // One block for three matrices that begin as three square ones.
    projection = DenseLayer(
      name + ".projection", width, 3 * width, start: .glorot(fanIn: width, fanOut: width),
      in: &layout)
    result = DenseLayer(name + ".result", width, width, in: &layout)
    projected = slots.add(tokenCount * 3 * width)
    shares = slots.add(headCount * tokenCount * shareStride)
    mixed = slots.add(tokenCount * width)
  }

  /// Writes `rowCount x tokenCount x width` numbers.
  func forward(
    _ pass: Pass, _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>
  ) {
    let tokens = pass.rowCount * tokenCount
    let projected = pass.workspace[projected]
    let mixed = pass.workspace[mixed]
    projection.forward(pass, input, to: projected, rowCount: tokens)
    let shares = pass.workspace[shares]
    let headShares = tokenCount * shareStride
    for row in 0..<pass.rowCount {
      for head in 0..<headCount {
        attend(
          projected + row * tokenCount * 3 * width + head * depth,
          shares + (row * headCount + head) * headShares,
          mixed + row * tokenCount * width + head * depth)
      }
    }
    result.forward(pass, mixed, to: output, rowCount: tokens)
  }

  /// Adds the gradient of the input to `inputGradient`; `outputGradient` is changed.
  ///
  /// - Parameter scratch: `rowCount x tokenCount x 4 width` numbers of room.
  func backward(
    _ pass: Pass, _ input: UnsafePointer<Float>, outputGradient: UnsafeMutablePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let tokens = pass.rowCount * tokenCount
    let projected = pass.workspace[projected]
    let mixed = pass.workspace[mixed]
    let shares = pass.workspace[shares]
    let mixedGradient = scratch
    let projectedGradient = scratch + tokens * width
    result.backward(
      pass, mixed, output: mixed, outputGradient: outputGradient, inputGradient: mixedGradient,
      rowCount: tokens)
    let headShares = tokenCount * shareStride
    withUnsafeTemporaryAllocation(of: Float.self, capacity: shareStride) { room in
      guard let slopes = room.baseAddress else { return }
      slopes.initialize(repeating: 0, count: shareStride)
      for row in 0..<pass.rowCount {
        for head in 0..<headCount {
          let start = row * tokenCount * 3 * width + head * depth
          differentiate(
            projected + start, shares + (row * headCount + head) * headShares,
            mixedGradient + row * tokenCount * width + head * depth, projectedGradient + start,
            slopes)
        }
      }
    }
    projection.backward(
      pass, input, output: projected, outputGradient: projectedGradient,
      inputGradient: inputGradient, rowCount: tokens, isAdded: true)
  }

  /// One head of one row.
  private func attend(
    _ q: UnsafePointer<Float>, _ shares: UnsafeMutablePointer<Float>,
    _ mixed: UnsafeMutablePointer<Float>
  ) {
    let stride = 3 * width
    let scale = 1 / Float(depth).squareRoot()
    let (k, v) = (q + width, q + 2 * width)
    for i in 0..<tokenCount {
      let row = shares + i * shareStride
      for j in 0..<tokenCount {
        row[j] = Loops.dot(q + i * stride, k + j * stride, depth) * scale
      }
      Self.normalize(row, tokenCount, shareStride)
      var column = 0
      while column < depth {
        var sum = Loops.Vector.zero
        for j in 0..<tokenCount { sum += row[j] * Loops.load(v, j * stride + column) }
        Loops.store(sum, mixed, i * width + column)
        column += 8
      }
    }
  }

  /// The softmax of the first `count` numbers, in place.
  private static func normalize(_ row: UnsafeMutablePointer<Float>, _ count: Int, _ stride: Int) {
    var largest = row[0]
    for j in 1..<max(1, count) where row[j] > largest { largest = row[j] }
    for j in count..<stride { row[j] = -.greatestFiniteMagnitude }
    var sums = Loops.Vector.zero
    var index = 0
    while index < stride {
      // What is beyond `count` adds 1e-37, which is lost in a sum of at least 1.
      let value = Loops.exponential(Loops.load(row, index) - largest)
      Loops.store(value, row, index)
      sums += value
      index += 8
    }
    let factor = 1 / Loops.sum(sums)
    index = 0
    while index < stride {
      Loops.store(Loops.load(row, index) * factor, row, index)
      index += 8
    }
  }

  /// Gradients of queries, keys and values of one head of one row.
  private func differentiate(
    _ q: UnsafePointer<Float>, _ shares: UnsafePointer<Float>, _ mixed: UnsafePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>
  ) {
    let stride = 3 * width
    let scale = 1 / Float(depth).squareRoot()
    let (k, v) = (q + width, q + 2 * width)
    let (kGradient, vGradient) = (gradient + width, gradient + 2 * width)
    for j in 0..<tokenCount {
      var column = 0
      while column < depth {
        var sum = Loops.Vector.zero
        for i in 0..<tokenCount {
          sum += shares[i * shareStride + j] * Loops.load(mixed, i * width + column)
        }
        Loops.store(sum, vGradient, j * stride + column)
        Loops.store(.zero, kGradient, j * stride + column)
        column += 8
      }
    }
    for i in 0..<tokenCount {
      let row = shares + i * shareStride
      for j in 0..<tokenCount {
        slopes[j] = Loops.dot(mixed + i * width, v + j * stride, depth)
      }
      let mean = Loops.dot(row, slopes, tokenCount)
      for j in 0..<tokenCount { slopes[j] = row[j] * (slopes[j] - mean) * scale }
      var column = 0
      while column < depth {
        var sum = Loops.Vector.zero
        let query = Loops.load(q, i * stride + column)
        for j in 0..<tokenCount {
          sum += slopes[j] * Loops.load(k, j * stride + column)
          let place = j * stride + column
          Loops.store(Loops.load(kGradient, place) + slopes[j] * query, kGradient, place)
        }
        Loops.store(sum, gradient, i * stride + column)
        column += 8
      }
    }
  }
}
