import DesignSpace
import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Study
import TestSupport
import Testing

@testable import BayesianOptimization

@Suite struct TransferTests {
  private func trials(
    _ classic: ClassicProblem, count: Int, seed: UInt64, scale: Double = 1
  ) throws -> [Trial] {
    var generator = Seed(seed).generator()
    return try classic.problem.space.sample(count: count, using: &generator).enumerated().map {
      let outcome = classic.evaluate($1)
      guard case .measured(let values) = outcome else { return makeLawTrial($0, $1, outcome) }
      return makeLawTrial($0, $1, .measured([values[0] * scale + 1]))
    }
  }

  @Test func elitesAreTheBestOfEverySourceInTurn() throws {
    let classic = try ClassicProblem.constrained()
    let first = try trials(classic, count: 30, seed: 1)
    let second = try trials(classic, count: 30, seed: 2)
    let studies = TransferredStudies([
      .init(name: "a", trials: first, isSameWorkload: false),
      .init(name: "b", trials: second, isSameWorkload: false),
    ])
    func sorted(_ trials: [Trial]) -> [Point] {
      trials.filter { classic.problem.cost(of: $0.outcome) != nil }
        .sorted {
          (classic.problem.cost(of: $0.outcome) ?? 0) < (classic.problem.cost(of: $1.outcome) ?? 0)
        }
        .map(\.point)
    }
    let (a, b) = (sorted(first), sorted(second))
    #expect(studies.elites(for: classic.problem) == [a[0], b[0], a[1], b[1]])
    #expect(studies.elites(for: classic.problem, total: 3) == [a[0], b[0], a[1]])
    // A new search with other workloads begins with them; those of the same workload are known already.
    var designer = BayesianDesigner(classic.problem, transfer: studies)
    var generator = Seed(1).generator()
    let asked = try designer.suggest(count: 4, using: &generator)
    #expect(asked == [a[0], b[0], a[1], b[1]])
    var known = BayesianDesigner(
      classic.problem,
      transfer: TransferredStudies([.init(name: "a", trials: first, isSameWorkload: true)]))
    let fresh = try known.suggest(count: 4, using: &generator)
    #expect(Set(fresh).isDisjoint(with: first.map(\.point)))
  }

  @Test func trialsAreJudgedUnderTheNewLimits() throws {
    let space = try SearchSpace(parameters: [.integer("n", 1...20)])
    let problem = try Problem(
      name: "limit", space: space, metrics: [Metric("cost"), Metric("area")],
      objectives: [Objective(.minimize, "cost")], limits: [MetricLimit("area", .atMost, 10)])
    let points = try #require(space.legalPoints(atMost: 100))
    // Recorded under an area of 20: the best was larger than is allowed now.
    let old = points.enumerated().map {
      makeLawTrial($0, $1, .measured([20 - Double($0), Double($0 + 1)]))
    }
    let studies = TransferredStudies([.init(name: "20", trials: old, isSameWorkload: false)])
    #expect(studies.elites(for: problem, count: 1) == [points[9]])
  }

  /// Kendall's correlation by hand: of six pairs, five agree and one does not.
  @Test func kendallIsThatOfPairs() {
    #expect(SourceTrend.kendall([1, 2, 3, 4], [1, 2, 4, 3]) == 4.0 / 6)
    #expect(SourceTrend.kendall([1, 1], [1, 2]) == 0)
  }

  /// A source that orders designs as the target does is followed; one that knows nothing is not.
  @Test func trendsAreFollowedWhereTheyHelp() throws {
    let classic = try ClassicProblem.bowl()
    var generator = Seed(7).generator()
    let points = try classic.problem.space.sample(count: 10, using: &generator)
    func isFollowed(_ sources: [Trial], isShared: Bool) throws -> Bool {
      let models = try #require(
        SourceModels(
          [.init(name: "s", trials: sources, isSameWorkload: false)], of: classic.problem))
      var record = DesignRecord(classic.problem)
      record.observe(points.enumerated().map { makeLawTrial($0, $1, classic.evaluate($1)) })
      let model = record.costs[0].model(
        using: { _ in true }, fromSources: models.costs[0], sharing: isShared)
      let found = try #require(model)
      return found.trend != nil || found.context != nil
    }
    let good = try trials(classic, count: 120, seed: 8, scale: 3)
    let noise = try trials(classic, count: 60, seed: 9).map { trial in
      makeLawTrial(trial.id, trial.point, .measured([generator.unitInterval()]))
    }
    for isShared in [false, true] {
      #expect(try isFollowed(good, isShared: isShared))
      #expect(try !isFollowed(noise, isShared: isShared))
    }
  }

  /// Extremes of a feature are 0 and 1; studies without features that fit have a column each.
  @Test func contextsAreScaledOrOneEach() {
    let told = StudyContexts(of: [[2, 5], [4, 5]], and: [3, 5])
    #expect(told.sources == [[0, 0], [1, 0]])
    #expect(told.own == [0.5, 0])
    let untold = StudyContexts(of: [[2], []], and: [3])
    #expect(untold.sources == [[1, 0, 0], [0, 1, 0]])
    #expect(untold.own == [0, 0, 1])
  }

  /// The posterior of a product kernel with one design known in another study and one in this, from the formulas.
  @Test func sharedProcessesAreTheClosedForm() throws {
    func matern(_ r: Double) -> Double {
      let s = 5.0.squareRoot() * r
      return (1 + s + s * s / 3) * exp(-s)
    }
    let kernel = Kernel(
      design: Kernel.Block(columnCount: 1), context: Kernel.Block(groups: [0, 0]),
      hasConstant: true, hasContextOffset: true)
    let (length, contextLength, amplitude, constant, offset, noise) = (
      0.5, 2.0, 1.5, 0.3, 0.2, 0.01
    )
    let contexts = StudyContexts(of: [[]], and: [])
    let process = GaussianProcess(
      kernel: kernel,
      parameters: KernelParameters(
        lengths: [length], contextLengths: [contextLength], amplitude: amplitude,
        constant: constant, contextOffset: offset, noise: noise),
      observations: try Observations(
        points: Matrix(rows: [[0.2] + contexts.sources[0], [0.7] + contexts.own]),
        targets: [1, -0.5]))
    let warp = MetricWarp(.linear, [0, 1])
    let model = HeadModel(
      warp: warp, process: process, context: (columns: contexts.own, earlierCount: 1))
    let (mean, variance) = model.prediction(at: Matrix(rows: [[0.3]]))
    // Two studies are the square root of 2 over the length scale apart.
    let between = matern(2.0.squareRoot() / contextLength)
    func covariance(_ distance: Double, isSame: Bool) -> Double {
      (amplitude * matern(distance / length) + constant) * (isSame ? 1 : between)
        + (isSame ? offset : 0)
    }
    let prior = covariance(0, isSame: true)
    let cross = covariance(0.5, isSame: false)
    let (a, b) = (covariance(0.1, isSame: false), covariance(0.4, isSame: true))
    let determinant = (prior + noise) * (prior + noise) - cross * cross
    let first = ((prior + noise) * 1 + cross * 0.5) / determinant
    let second = ((prior + noise) * -0.5 - cross * 1) / determinant
    #expect(abs(mean[0] - (a * first + b * second)) < 1e-12)
    let explained = ((prior + noise) * (a * a + b * b) - 2 * cross * a * b) / determinant
    #expect(abs(variance[0] - (prior - explained)) < 1e-12)
    // What the design of this study is expected to be without it.
    let alone = cross / (prior + noise)
    let left = prior + noise - cross * cross / (prior + noise)
    let u = (-0.5 - alone) / left.squareRoot()
    let density = -0.5 * u * u - 0.5 * log(2 * Double.pi) - 0.5 * log(left)
    #expect(abs(model.leaveOneOutScore - density) < 1e-12)
  }
}
