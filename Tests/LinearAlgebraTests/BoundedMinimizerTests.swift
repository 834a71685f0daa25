import Execution
import Foundation
import LinearAlgebra
import Testing

@Suite struct BoundedMinimizerTests {
  static func rosenbrock(_ x: [Double], _ gradient: inout [Double]) -> Double {
    var sum = 0.0
    for i in gradient.indices { gradient[i] = 0 }
    for i in 0..<(x.count - 1) {
      let a = x[i + 1] - x[i] * x[i]
      let b = 1 - x[i]
      sum += 100 * a * a + b * b
      gradient[i] += -400 * a * x[i] - 2 * b
      gradient[i + 1] += 200 * a
    }
    return sum
  }

  @Test(arguments: [2, 5, 20])
  func rosenbrockIsSolved(dimension: Int) {
    let free = [ClosedRange<Double>](repeating: -5...5, count: dimension)
    let start = (0..<dimension).map { $0 % 2 == 0 ? -1.2 : 1 }
    let minimum = minimize(Self.rosenbrock, from: start, within: free)
    #expect(minimum.value < 1e-9)
    #expect(minimum.evaluationCount < 300)
    #expect(minimum == minimize(Self.rosenbrock, from: start, within: free))
  }

  /// Inside `x <= 0.5` the constrained minimum of two dimensions is at `(0.5, 0.25)`.
  @Test func boundIsReached() {
    let minimum = minimize(Self.rosenbrock, from: [-1, 1], within: [-2...0.5, -2...2])
    #expect(distance(minimum.point, [0.5, 0.25]) < 1e-5)
    #expect(abs(minimum.value - 0.25) < 1e-9)
  }

  /// A convex quadratic over a box: the projected gradient vanishes exactly at the solution.
  @Test(arguments: 0..<30)
  func boxedQuadraticsMeetTheOptimalityConditions(seed: Int) {
    let n = 2 + seed % 9
    let hessian = DecompositionTests.positiveDefinite(n, seed)
    let linear = DecompositionTests.random(1, n, seed + 50).values.map { 10 * $0 }
    var options = MinimizerOptions()
    options.gradientTolerance = 1e-8
    options.decreaseTolerance = 0
    let minimum = minimize(
      { x, gradient in
        let product = hessian.product(with: x)
        gradient = zip(product, linear).map { $0 + $1 }
        return 0.5 * innerProduct(x, product) + innerProduct(linear, x)
      }, from: [Double](repeating: 0.5, count: n),
      within: [ClosedRange<Double>](repeating: -1...1, count: n), options: options)
    let gradient = zip(hessian.product(with: minimum.point), linear).map { $0 + $1 }
    for (x, slope) in zip(minimum.point, gradient) {
      // Rounding of values near the minimum hides slopes below about sqrt(1e-16 * value).
      if slope > 1e-5 { #expect(x == -1) }
      if slope < -1e-5 { #expect(x == 1) }
    }
  }

  @Test func regionsWithoutValueAreLeft() {
    // log x is undefined from 0 down; a full first step would land there.
    let minimum = minimize(
      { x, gradient in
        gradient = [1 - 1 / x[0] * 1e-3]
        return x[0] - 1e-3 * log(x[0])
      }, from: [0.5], within: [-10...10])
    #expect(abs(minimum.point[0] - 1e-3) < 1e-6)
  }

  @Test func stopsAreTold() {
    let box = [-1.0...1.0]
    let flat = minimize(
      { _, g in
        g = [0]; return 3
      }, from: [0], within: box)
    #expect(flat.stop == .flat)
    #expect(flat.evaluationCount == 1)
    let wrong = minimize(
      { x, g in
        g = [-1]; return x[0]
      }, from: [0], within: box)
    #expect(wrong.stop == .noDescent)
    #expect(wrong.value == 0)
    let undefined = minimize(
      { _, g in
        g = [0]; return .nan
      }, from: [5], within: box)
    #expect(undefined.stop == .notFiniteAtStart)
    #expect(undefined.point == [1])
    var options = MinimizerOptions()
    options.iterationLimit = 3
    let short = minimize(
      Self.rosenbrock, from: [-1, 1], within: box + box, options: options)
    #expect(short.stop == .limit)
    #expect(short.iterationCount == 3)
    options = MinimizerOptions()
    options.evaluationLimit = 4
    let few = minimize(Self.rosenbrock, from: [-1, 1], within: box + box, options: options)
    #expect(few.stop == .limit)
    #expect(few.evaluationCount == 4)
    let empty = minimize({ _, _ in 7 }, from: [], within: [])
    #expect(empty.stop == .flat)
  }
}
