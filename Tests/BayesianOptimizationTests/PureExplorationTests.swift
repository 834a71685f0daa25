import DesignSpace
import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Study
import Testing

@testable import BayesianOptimization

@Suite struct PureExplorationTests {
  /// By hand from the predictions: the logarithm of the deviation, less ten times what the lower bound is above the least upper one.
  @Test func valuesAreThoseOfTheFormula() throws {
    let process = GaussianProcess(
      kernel: Kernel(design: Kernel.Block(columnCount: 1)),
      parameters: KernelParameters(lengths: [0.2], amplitude: 1, constant: 0.1, noise: 0.001),
      observations: try Observations(
        points: Matrix(rows: [[0], [0.5], [1]]), targets: [1, -1, 1.5]))
    let model = HeadModel(warp: MetricWarp(.linear, [0, 1]), process: process)
    let known = Matrix(rows: [[0], [0.5], [1]])
    let exploration = try #require(PureExploration(model, at: known, nil))
    let bounds = process.prediction(at: known)
    let threshold = zip(bounds.mean, bounds.standardDeviation).map { $0 + 1.8 * $1 }.min() ?? 0
    let candidates = Matrix(rows: [[0.02], [0.3], [0.52]])
    let prediction = process.prediction(at: candidates)
    let left = [0.5, 0.25, 0.0625]
    var scores = [1.0, 0, 0]
    exploration.addLogValues(to: &scores, left, at: candidates, nil)
    for index in 0..<3 {
      let lower = prediction.mean[index] - 1.8 * prediction.standardDeviation[index]
      let expected = 0.5 * log(left[index]) - 10 * max(0, lower - threshold)
      #expect(abs(scores[index] - (index == 0 ? 1 : 0) - expected) < 1e-12)
    }
    // The first is known to be bad and loses, the other two may be best.
    #expect(scores[0] < -1)
    #expect(abs(scores[1] - log(0.5)) < 1e-12)
    #expect(PureExploration(model, at: Matrix(rowCount: 0, columnCount: 1), nil) == nil)
  }

  /// Batches hold different legal designs, the same ones for the same seed.
  @Test func batchesAreDistinctAndReproducible() throws {
    let levels = (0..<8).map(Double.init)
    let space = try SearchSpace(parameters: (0..<3).map { try .levels("p\($0)", levels) })
    let problem = try Problem(
      name: "batch", space: space, metrics: [Metric("cost")],
      objectives: [Objective(.minimize, "cost")])
    var options = BayesianDesigner.Options()
    options.batchRule = .pureExploration
    func batch() throws -> [Point] {
      var designer = BayesianDesigner(problem, options: options, seed: Seed(2))
      var generator = Seed(4).generator()
      designer.observe(
        try space.sample(count: 14, using: &generator).enumerated().map { id, point in
          let cost = point.coordinates.reduce(0) { $0 + ($1 - 5) * ($1 - 5) }
          return Trial(
            id: id, point: point, outcome: .measured([cost]), origin: .init(evaluator: "test"))
        })
      return try designer.suggest(count: 6, using: &generator)
    }
    let first = try batch()
    #expect(Set(first).count == 6)
    #expect(try batch() == first)
  }
}
