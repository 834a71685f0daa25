/// Walks the shapes inside a shape: all choices of one level's temporal factors.
final class NestedShapes {
  private let plan: SearchPlan
  private let n: Int
  private let operandCount: Int
  /// For each operand, iterations it rests over outside the shape when no loop here moves it.
  var outerRun: [Double]
  // By depth of the walk.
  private var shape: [Int]
  private var mask: [UInt32]
  private var run: [Double]
  private var moved: [UInt32]
  private var shares: [Float]
  private let resting: [UInt32]
  /// For each dimension, operands that depend on it, as bits.
  private let movedBy: [UInt32]
  private let optionCount: Int

  init(_ plan: SearchPlan) {
    self.plan = plan
    n = plan.bounds.count
    operandCount = plan.operandCount
    outerRun = Array(repeating: 1, count: operandCount)
    shape = Array(repeating: 0, count: n + 1)
    mask = Array(repeating: 0, count: n + 1)
    run = Array(repeating: 1, count: (n + 1) * operandCount)
    moved = Array(repeating: 0, count: n + 1)
    resting = plan.options.sets
    optionCount = resting.count
    shares = Array(repeating: 1, count: optionCount)
    movedBy = (0..<n).map { d in
      (0..<plan.operandCount).reduce(UInt32(0)) {
        plan.relevance[$1][d] ? $0 | 1 << UInt32($1) : $0
      }
    }
  }

  /// Calls `body` with every shape that divides `outer`, the dimensions with temporal loops between, as bits, and for each
  /// option the least share of deliveries its operands need.
  @inline(__always)
  func forEach(
    inside outer: Int,
    _ body: (_ shape: Int, _ loops: UInt32, _ shares: UnsafePointer<Float>) -> Void
  ) {
    shape[0] = outer
    mask[0] = 0
    moved[0] = 0
    for t in 0..<operandCount { run[t] = 1 }
    shares.withUnsafeMutableBufferPointer { buffer in
      guard let shares = buffer.baseAddress else { return }
      walk(0, outer, shares, body)
    }
  }

  private func walk(
    _ depth: Int, _ outer: Int, _ shares: UnsafeMutablePointer<Float>,
    _ body: (_ shape: Int, _ loops: UInt32, _ shares: UnsafePointer<Float>) -> Void
  ) {
    if depth == n {
      let row = n * operandCount
      for option in 0..<optionCount {
        var longest = 1.0
        for t in 0..<operandCount where resting[option] >> UInt32(t) & 1 == 1 {
          let here = run[row + t]
          longest = max(longest, moved[n] >> UInt32(t) & 1 == 1 ? here : here * outerRun[t])
        }
        shares[option] = Float(1 / longest)
      }
      body(shape[n], mask[n], shares)
      return
    }
    let shapes = plan.shapes
    let digit = Int(shapes.digits[outer * n + depth])
    let divisors = shapes.divisors[depth]
    let row = depth * operandCount
    let next = row + operandCount
    for place in 0...digit {
      let quotient = shapes.quotient[depth][digit * divisors.count + place]
      guard quotient >= 0 else { continue }
      shape[depth + 1] = shape[depth] - (digit - place) * shapes.stride[depth]
      if quotient == 0 {
        mask[depth + 1] = mask[depth]
        moved[depth + 1] = moved[depth]
        for t in 0..<operandCount { run[next + t] = run[row + t] }
      } else {
        mask[depth + 1] = mask[depth] | 1 << UInt32(depth)
        moved[depth + 1] = moved[depth] | movedBy[depth]
        let factor = Double(divisors[quotient])
        for t in 0..<operandCount {
          run[next + t] =
            movedBy[depth] >> UInt32(t) & 1 == 1 ? run[row + t] : run[row + t] * factor
        }
      }
      walk(depth + 1, outer, shares, body)
    }
  }
}
