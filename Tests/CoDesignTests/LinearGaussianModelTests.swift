import CoDesign
import Execution
import Foundation
import LinearAlgebra
import Testing

@Suite struct LinearGaussianModelTests {
  /// Rows with offsets and scales that differ by orders of magnitude.
  private func rows(_ count: Int, seed: UInt64) -> [[Double]] {
    var generator = Seed(seed).generator()
    return (0..<count).map { _ in
      [1e3 + generator.normal(), 5 * generator.normal(), 1e-3 * generator.normal(), 7]
    }
  }

  /// The dense Gaussian process: standardized rows, `k = z z' noise / penalty`, noise on the diagonal, centered targets.
  @Test(arguments: 0..<6) func equalsTheDenseProcess(seed: Int) throws {
    let rows = rows(30, seed: UInt64(seed))
    var generator = Seed(UInt64(seed) + 100).generator()
    let targets = rows.map { 40 + 2 * $0[1] - 900 * $0[2] + 0.5 * generator.normal() }
    var model = LinearGaussianModel(dimension: 4)
    for (row, target) in zip(rows, targets) { model.observe(row, target: target) }
    let fit = model.fitted()

    let n = Double(rows.count)
    let means = (0..<4).map { column in rows.reduce(0) { $0 + $1[column] } / n }
    let deviations = (0..<4).map { column in
      (rows.reduce(0) { $0 + ($1[column] - means[column]) * ($1[column] - means[column]) } / n)
        .squareRoot()
    }
    // The fourth column does not vary and tells nothing.
    func standardized(_ row: [Double]) -> [Double] {
      (0..<3).map { (row[$0] - means[$0]) / deviations[$0] }
    }
    let z = Matrix(rows: rows.map(standardized))
    let mean = targets.reduce(0, +) / n
    let point = [1e3 + 0.3, -2, 5e-4, 7.0]
    var gap = Double.infinity
    for penalty in [0.01, 0.1, 1, 10, 100] {
      var kernel = Matrix.product(z, z, transposingRight: true)
      kernel = (fit.noise / penalty) * kernel
      for index in 0..<rows.count { kernel[index, index] += fit.noise }
      let factor = try Cholesky(factoring: kernel)
      let at = standardized(point)
      let cross = rows.map { row in
        fit.noise / penalty * zip(standardized(row), at).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let weights = factor.solve(targets.map { $0 - mean })
      let dense = mean + zip(cross, weights).reduce(0) { $0 + $1.0 * $1.1 }
      let prior = fit.noise / penalty * at.reduce(0) { $0 + $1 * $1 }
      let variance =
        prior - zip(cross, factor.solve(cross)).reduce(0) { $0 + $1.0 * $1.1 } + fit.noise / n
      let (ours, deviation) = fit.prediction(at: point)
      gap = min(gap, abs(ours - dense) / abs(dense) + abs(deviation * deviation / variance - 1))
    }
    // The dense form of one of the penalties is ours; its solve loses digits with the offset of a thousand.
    #expect(gap < 1e-7)
  }

  @Test func findsSlopesAndNoise() {
    var model = LinearGaussianModel(dimension: 2)
    var generator = Seed(3).generator()
    for _ in 0..<4_000 {
      let x = [generator.normal(), generator.normal()]
      model.observe(x, target: 3 + 2 * x[0] - x[1] + 0.1 * generator.normal())
    }
    let fit = model.fitted()
    let origin = fit.prediction(at: [0, 0])
    let step = fit.prediction(at: [1, 0])
    #expect(abs(origin.mean - 3) < 0.01)
    #expect(abs(step.mean - origin.mean - 2) < 0.01)
    #expect(abs(fit.noise.squareRoot() - 0.1) < 0.005)
    #expect(origin.deviation < 0.01)
  }

  @Test func earlierMomentsGiveSlopesButNoOffset() {
    var first = LinearGaussianModel(dimension: 1)
    var generator = Seed(4).generator()
    for _ in 0..<200 {
      let x = generator.normal()
      first.observe([x], target: 100 + 2 * x)
    }
    var second = LinearGaussianModel(dimension: 1, prior: first.moments)
    second.observe([0], target: 7)
    let fit = second.fitted()
    #expect(abs(fit.prediction(at: [0]).mean - 7) < 1e-9)
    #expect(abs(fit.prediction(at: [1]).mean - 9) < 0.02)
  }

  @Test func oneObservationIsItsOwnMean() {
    var model = LinearGaussianModel(dimension: 2)
    model.observe([1, 2], target: 5)
    let prediction = model.fitted().prediction(at: [10, 20])
    #expect(prediction.mean == 5)
    #expect(prediction.deviation.isFinite)
  }
}
