/// Walks the shapes inside a shape: all choices of one level's temporal factors.
final class NestedShapes {
  private let n: Int
  private let operandCount: Int
  private let optionCount: Int
  private let shapes: TileShapes
  /// For each operand, iterations it rests over outside the shape when no loop here moves it.
  let outerRun: UnsafeMutablePointer<Double>
  // By depth of the walk.
  private let shape: UnsafeMutablePointer<Int>
  private let mask: UnsafeMutablePointer<UInt32>
  private let moved: UnsafeMutablePointer<UInt32>
  private let run: UnsafeMutablePointer<Double>
  private let shares: UnsafeMutablePointer<Float>
  private let resting: UnsafeMutablePointer<UInt32>
  /// For each dimension, operands that depend on it, as bits.
  private let movedBy: UnsafeMutablePointer<UInt32>
  /// For each dimension and place, the divisor.
  private let divisors: UnsafeMutablePointer<UnsafeMutablePointer<Double>>
  private let divisorCount: UnsafeMutablePointer<Int>
  private let stride: UnsafeMutablePointer<Int>

  init(_ plan: SearchPlan) {
    shapes = plan.shapes
    n = plan.bounds.count
    operandCount = plan.operandCount
    optionCount = plan.options.sets.count
    outerRun = .allocate(capacity: operandCount)
    outerRun.initialize(repeating: 1, count: operandCount)
    shape = .allocate(capacity: n + 1)
    mask = .allocate(capacity: n + 1)
    moved = .allocate(capacity: n + 1)
    run = .allocate(capacity: (n + 1) * operandCount)
    shares = .allocate(capacity: 2 * optionCount)
    resting = .allocate(capacity: optionCount)
    for (option, set) in plan.options.sets.enumerated() { resting[option] = set }
    movedBy = .allocate(capacity: max(n, 1))
    divisors = .allocate(capacity: max(n, 1))
    divisorCount = .allocate(capacity: max(n, 1))
    stride = .allocate(capacity: max(n, 1))
    for d in 0..<n {
      movedBy[d] = (0..<plan.operandCount).reduce(UInt32(0)) {
        plan.relevance[$1][d] ? $0 | 1 << UInt32($1) : $0
      }
      let list = shapes.divisors[d]
      divisorCount[d] = list.count
      divisors[d] = .allocate(capacity: list.count)
      for (place, divisor) in list.enumerated() { divisors[d][place] = Double(divisor) }
      stride[d] = shapes.stride[d]
    }
  }

  deinit {
    for d in 0..<n { divisors[d].deallocate() }
    outerRun.deallocate()
    shape.deallocate()
    mask.deallocate()
    moved.deallocate()
    run.deallocate()
    shares.deallocate()
    resting.deallocate()
    movedBy.deallocate()
    divisors.deallocate()
    divisorCount.deallocate()
    stride.deallocate()
  }

  /// Calls `body` with every shape that divides `outer`, the dimensions with temporal loops between, as bits, and for each
  /// option the least share of deliveries its operands need, then the same when they do not rest over loops outside.
  @inline(__always)
  func forEach(
    inside outer: Int,
    _ body: (_ shape: Int, _ loops: UInt32, _ shares: UnsafePointer<Float>) -> Void
  ) {
    shape[0] = outer
    mask[0] = 0
    moved[0] = 0
    for t in 0..<operandCount { run[t] = 1 }
    walk(0, outer, body)
  }

  private func walk(
    _ depth: Int, _ outer: Int,
    _ body: (_ shape: Int, _ loops: UInt32, _ shares: UnsafePointer<Float>) -> Void
  ) {
    if depth == n {
      visit(body)
      return
    }
    let digit = Int(shapes.digits[outer &* n &+ depth])
    let quotients = shapes.quotient[depth] + digit &* divisorCount[depth]
    let row = run + depth &* operandCount
    let next = row + operandCount
    let movers = movedBy[depth]
    var place = digit
    while place >= 0 {
      let quotient = Int(quotients[place])
      if quotient >= 0 {
        shape[depth &+ 1] = shape[depth] &- (digit &- place) &* stride[depth]
        if quotient == 0 {
          mask[depth &+ 1] = mask[depth]
          moved[depth &+ 1] = moved[depth]
          for t in 0..<operandCount { next[t] = row[t] }
        } else {
          mask[depth &+ 1] = mask[depth] | 1 &<< UInt32(truncatingIfNeeded: depth)
          moved[depth &+ 1] = moved[depth] | movers
          let factor = divisors[depth][quotient]
          for t in 0..<operandCount {
            let rests = (movers &>> UInt32(truncatingIfNeeded: t)) & 1 == 0
            next[t] = rests ? row[t] * factor : row[t]
          }
        }
        walk(depth &+ 1, outer, body)
      }
      place &-= 1
    }
  }

  @inline(__always)
  private func visit(
    _ body: (_ shape: Int, _ loops: UInt32, _ shares: UnsafePointer<Float>) -> Void
  ) {
    let row = run + n &* operandCount
    for option in 0..<optionCount {
      var longest = 1.0
      var local = 1.0
      for t in 0..<operandCount
      where (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
        let moves = (moved[n] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1
        longest = max(longest, moves ? row[t] : row[t] * outerRun[t])
        local = max(local, row[t])
      }
      shares[option] = Float(1 / longest)
      shares[optionCount &+ option] = longest == local ? shares[option] : Float(1 / local)
    }
    body(shape[n], mask[n], shares)
  }
}
