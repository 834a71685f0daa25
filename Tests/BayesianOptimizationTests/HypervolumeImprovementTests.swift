import Execution
import Foundation
import Testing

@testable import BayesianOptimization

@Suite struct HypervolumeImprovementTests {
  /// The volume that a design adds, by its definition: the volume dominated with it less that without it.
  private func gain(_ y: [Double], _ front: [[Double]], _ reference: [Double]) -> Double {
    volume(front + [y], reference) - volume(front, reference)
  }

  /// The dominated volume by counting the cells of the grid of all coordinates.
  private func volume(_ front: [[Double]], _ reference: [Double]) -> Double {
    let inside = front.filter { zip($0, reference).allSatisfy { $0 < $1 } }
    let cuts = reference.indices.map { k in (inside.map { $0[k] } + [reference[k]]).sorted() }
    func sum(_ k: Int, _ corner: [Double]) -> Double {
      if k == reference.count {
        return inside.contains { zip($0, corner).allSatisfy { $0 <= $1 } } ? 1 : 0
      }
      return zip(cuts[k], cuts[k].dropFirst()).reduce(0) {
        $0 + ($1.1 - $1.0) * sum(k + 1, corner + [$1.0])
      }
    }
    return sum(0, [])
  }

  /// With almost no uncertainty the expectation is the gain itself.
  @Test(arguments: [2, 3])
  func certainCostsGainTheirVolume(objectiveCount: Int) {
    var generator = Seed(UInt64(objectiveCount)).generator()
    for _ in 0..<60 {
      let front = (0..<generator.index(below: 6)).map { _ in
        (0..<objectiveCount).map { _ in generator.unitInterval() * 1.2 }
      }
      let reference = [Double](repeating: 1, count: objectiveCount)
      let y = (0..<objectiveCount).map { _ in generator.unitInterval() }
      let expected = gain(y, front, reference)
      let improvement = HypervolumeImprovement(front: front, reference: reference)
      let value = exp(
        improvement.logValue(means: y, deviations: y.map { _ in 1e-9 }))
      #expect(abs(value - expected) < 1e-7)
    }
  }

  /// The mean gain of draws, within five standard errors.
  @Test(arguments: [2, 3])
  func expectationIsThatOfDraws(objectiveCount: Int) {
    var generator = Seed(40 + UInt64(objectiveCount)).generator()
    for _ in 0..<4 {
      let front = (0..<4).map { _ in (0..<objectiveCount).map { _ in generator.unitInterval() } }
      let reference = [Double](repeating: 1.1, count: objectiveCount)
      let means = (0..<objectiveCount).map { _ in generator.unitInterval() }
      let deviations = (0..<objectiveCount).map { _ in 0.1 + 0.4 * generator.unitInterval() }
      var sum = 0.0
      var squares = 0.0
      let count = 3_000.0
      for _ in 0..<Int(count) {
        let y = zip(means, deviations).map { $0 + $1 * generator.normal() }
        let value = gain(y, front, reference)
        sum += value
        squares += value * value
      }
      let mean = sum / count
      let error = ((squares / count - mean * mean) / count).squareRoot()
      let improvement = HypervolumeImprovement(front: front, reference: reference)
      let value = exp(improvement.logValue(means: means, deviations: deviations))
      #expect(abs(value - mean) < 5 * error + 1e-12)
    }
  }

  /// Where the direct form is 0, the logarithm still tells which design is nearer.
  @Test func farTailsAreOrdered() {
    let improvement = HypervolumeImprovement(front: [[0, 1], [1, 0]], reference: [2, 2])
    var last = Double.infinity
    for distance in [1.0, 10, 100, 1e4, 1e8] {
      let value = improvement.logValue(means: [distance, distance], deviations: [0.1, 0.1])
      #expect(value.isFinite && value < last)
      last = value
    }
  }

  @Test func withoutAFrontTheGainIsTheProductOfImprovements() {
    let improvement = HypervolumeImprovement(front: [], reference: [1, 2])
    let value = improvement.logValue(means: [0.5, 1.5], deviations: [0.2, 0.3])
    let product =
      AcquisitionFunction.logExpectedImprovement.logValue(mean: 0.5, deviation: 0.2, best: 1)
      + AcquisitionFunction.logExpectedImprovement.logValue(mean: 1.5, deviation: 0.3, best: 2)
    #expect(abs(value - product) < 1e-12)
  }
}
