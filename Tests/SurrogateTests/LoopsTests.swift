import Execution
import Foundation
import LinearAlgebra
import Testing

@testable import Surrogate

@Suite(.serialized) struct LoopsTests {
  @Test func exponentialIsAccurate() {
    var worst = 0.0
    for index in 0...20_000 {
      let x = Float(-87 + Double(index) * 174.0 / 20_000)
      let got = Double(Loops.exponential(Loops.Vector(repeating: x))[3])
      worst = max(worst, abs(got / exp(Double(x)) - 1))
    }
    #expect(worst < 3e-7)
    #expect(Loops.exponential(Loops.Vector(repeating: 0))[0] == 1)
    let low = Loops.exponential(Loops.Vector(repeating: -.greatestFiniteMagnitude))[0]
    #expect(low > 0 && low < 2e-38)
  }

  @Test func sumsAndProductsAgreeWithPlainLoops() {
    for seed in 0..<30 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let n = generator.index(below: 40)
      let a = (0..<n).map { _ in Float(generator.normal()) }
      let b = (0..<n).map { _ in Float(generator.normal()) }
      let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let (left, right) = (Buffer(a, or: 0), Buffer(b, or: 0))
      let got = Loops.dot(left.base, right.base, n)
      #expect(abs(Double(got) - expected) < 1e-5)
      Loops.add(right.base, times: 0.5, to: left.base, n)
      Loops.add(right.base, to: left.base, n)
      for index in 0..<n { #expect(abs(left.base[index] - (a[index] + 1.5 * b[index])) < 1e-5) }
      withExtendedLifetime((left, right)) {}
    }
  }

  @Test func productsAgreeWithPlainLoops() {
    BLASRuntime.useOneThread()
    for seed in 0..<40 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let (m, k, n) = (
        generator.index(below: 9), 1 + generator.index(below: 9), generator.index(below: 9)
      )
      let flags = (generator.index(below: 2) == 1, generator.index(below: 2) == 1)
      let keeping: Float = generator.index(below: 2) == 1 ? 1 : 0
      let a = (0..<m * k).map { _ in Float(generator.normal()) }
      let b = (0..<k * n).map { _ in Float(generator.normal()) }
      // Gaps at the end of the rows of the result stay as they are.
      let stride = n + 2
      let c = Buffer<Float>(max(1, m * stride), 3)
      let (first, second) = (Buffer(a, or: 0), Buffer(b, or: 0))
      singlePrecisionProduct(
        rowCount: m, innerCount: k, columnCount: n,
        SinglePrecisionBlock(
          first.base, stride: max(1, flags.0 ? m : k), isTransposed: flags.0),
        SinglePrecisionBlock(
          second.base, stride: max(1, flags.1 ? k : n), isTransposed: flags.1),
        into: c.base, stride: stride, keeping: keeping)
      for row in 0..<m {
        for column in 0..<n {
          var expected = Double(3 * keeping)
          for inner in 0..<k {
            let left = flags.0 ? a[inner * m + row] : a[row * k + inner]
            let right = flags.1 ? b[column * k + inner] : b[inner * n + column]
            expected += Double(left) * Double(right)
          }
          #expect(abs(Double(c.base[row * stride + column]) - expected) < 1e-5)
        }
        #expect(c.base[row * stride + n] == 3)
      }
      withExtendedLifetime((first, second, c)) {}
    }
  }
}
