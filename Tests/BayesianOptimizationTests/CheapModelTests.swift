import DesignSpace
import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Study
import Testing

@testable import BayesianOptimization

/// A cheap model as a prior of the Bayesian designer.
@Suite struct CheapModelTests {
  private static let space = Result {
    try SearchSpace(parameters: [
      .integer("a", 0...15), .integer("b", 0...15), .integer("c", 0...3),
      .categories("d", ["x", "y", "z"]),
    ])
  }

  /// A wavy valley; the best design is a = 11, b = 3, c = 2, d = y.
  private static func cost(_ point: Point) -> Double {
    let x = point.coordinates
    let valley = (x[0] - 11) * (x[0] - 11) + 2 * (x[1] - 3) * (x[1] - 3)
    return 10 + valley + 8 * abs(x[2] - 2) + [9, 0, 30][Int(x[3])] + 4 * (1 - cos(x[0] - 11))
  }

  private static func problem() throws -> Problem {
    try Problem(
      name: "valley", space: space.get(), metrics: [Metric("cost")],
      objectives: [Objective(.minimize, "cost")])
  }

  /// A multiple with an error of a tenth, and without the waves.
  private static let close = CheapModel { points in
    points.map { point in
      let x = point.coordinates
      let wrong = 0.3 * (cost(point) + 3 * sin(2 * x[1]) - 4 * (1 - cos(x[0] - 11)))
      return CheapModel.Answer(values: [wrong])
    }
  }

  /// The answers of other designs.
  private static let misleading = CheapModel { points in
    points.map { point in
      var state = Seed(9).child(point.coordinates.description).generator()
      return CheapModel.Answer(values: [1 + 100 * state.unitInterval()])
    }
  }

  private static func curve(_ cheap: CheapModel?, seed: UInt64, count: Int) throws -> [Double] {
    let problem = try problem()
    var designer = BayesianDesigner(problem, cheap: cheap, seed: Seed(seed))
    var curve: [Double] = []
    for index in 0..<count {
      var generator = Seed(seed).child("request", index).generator()
      let asked = try designer.suggest(count: 1, using: &generator)
      let point = try #require(asked.first)
      let outcome = Outcome.measured([cost(point)])
      designer.observe([
        Trial(id: index, point: point, outcome: outcome, origin: .init(evaluator: "test"))
      ])
      curve.append(min(curve.last ?? .infinity, cost(point)))
    }
    return curve
  }

  @Test func aCloseModelSavesEvaluationsAndAMisleadingOneCostsLittle() throws {
    let count = 24
    var sums = [0.0, 0.0, 0.0]
    for seed in 0..<3 as Range<UInt64> {
      for (place, cheap) in [nil, Self.close, Self.misleading].enumerated() {
        let curve = try Self.curve(cheap, seed: seed, count: count)
        sums[place] += Double(curve.firstIndex { $0 <= 12 } ?? count) + 1
      }
    }
    #expect(2 * sums[1] <= sums[0], "with \(sums[1] / 3), without \(sums[0] / 3) evaluations")
    #expect(sums[2] <= 1.5 * sums[0], "misled \(sums[2] / 3), without \(sums[0] / 3) evaluations")
  }

  @Test func suggestionsAreReproducible() throws {
    let first = try Self.curve(Self.close, seed: 5, count: 12)
    #expect(try Self.curve(Self.close, seed: 5, count: 12) == first)
  }

  /// Kennedy and O'Hagan's form with a multiple of 3 and no residual: the trend is exact, so predictions are, too.
  @Test func anExactMultipleIsFollowed() throws {
    var head = ModelHead(.cost, kernel: Kernel(design: Kernel.Block(columnCount: 1)))
    var generator = Seed(3).generator()
    var readings: [Double] = []
    for index in 0..<12 {
      let reading = 1 + generator.unitInterval()
      readings.append(reading)
      head.add(row: [Double(index) / 11], value: pow(reading, 3), trial: index, reading: reading)
    }
    let followed = head.model(using: { _ in true }, fromSources: .empty, sharing: false)
    let model = try #require(followed)
    let trend = try #require(model.cheap)
    #expect(trend.slope > 0)
    let rows = Matrix(rowCount: 2, columnCount: 1, values: [0.43, 0.88])
    let predicted = model.prediction(at: rows, readings: [1.2, 1.9]).mean
    let expected = [pow(1.2, 3), pow(1.9, 3)].map(model.warped)
    // Eight cubes of numbers from 1 to 2: the logarithm of the target is no straight line in that of a linear warp.
    #expect(abs(predicted[0] - expected[0]) < 0.25, "\(predicted) \(expected)")
    #expect(abs(predicted[1] - expected[1]) < 0.25, "\(predicted) \(expected)")
    // Without readings to follow the same head is as it always was.
    let plain = head.model(using: { _ in true })
    #expect(try #require(plain).cheap == nil)
  }

  /// Numbers that have nothing to do with the target are not followed, over many draws in at most a few.
  @Test func readingsThatDoNotRankAreNotFollowed() {
    var followed = 0
    for draw in 0..<30 {
      var generator = Seed(11).child("draw", draw).generator()
      var head = ModelHead(.cost, kernel: Kernel(design: Kernel.Block(columnCount: 1)))
      for index in 0..<14 {
        let x = Double(index) / 13
        head.add(
          row: [x], value: 2 + sin(5 * x), trial: index, reading: 1 + generator.unitInterval())
      }
      let model = head.model(using: { _ in true }, fromSources: .empty, sharing: false)
      if model?.cheap != nil { followed += 1 }
    }
    #expect(followed <= 3, "\(followed) of 30")
  }

  @Test func scalesStandForMissingReadingsByTheLargest() throws {
    let scale = try #require(CheapScale([1, nil, 10, 100]))
    // Logarithms 0, 1 and 2 (times ln 10): mean 1, deviation sqrt(2/3).
    let step = (3.0 / 2).squareRoot()
    let scaled = scale.scaled([1, 10, 100, nil, -5])
    for (got, expected) in zip(scaled, [-step, 0, step, step, step]) {
      #expect(abs(got - expected) < 1e-12)
    }
    #expect(CheapScale([1, nil, 2]) == nil)
    #expect(CheapScale([3, 3, 3]) == nil)
    let linear = try #require(CheapScale([-1, 0, 1]))
    #expect(!linear.isLogarithmic)
    #expect(abs(linear.scaled(2) - 2 * step) < 1e-12)
  }

  /// A design that the cheap model takes for infeasible is evaluated all the same when it is the best.
  @Test func cheapInfeasibilityIsNoTruth() throws {
    let doubting = CheapModel { points in
      points.map { point in
        let value = Self.close.answers([point])[0].values
        return CheapModel.Answer(values: value, isFeasible: point.coordinates[3] != 1)
      }
    }
    let curve = try Self.curve(doubting, seed: 1, count: 30)
    #expect(try #require(curve.last) <= 12)
  }
}
