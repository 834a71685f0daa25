import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Testing

@Suite struct ProcessLawTests {
  struct Problem {
    var kernel: Kernel
    var parameters: KernelParameters
    var data: Observations
    var queries: Matrix
  }

  /// Kernels of every combination of terms, with random data.
  static func problem(_ seed: Int, rowCount: Int = 18) throws -> Problem {
    var generator = Seed(UInt64(seed)).child("problem").generator()
    let shape: Kernel.Shape = seed % 2 == 0 ? .matern52 : .squaredExponential
    let hasContext = seed % 3 == 1
    let kernel = Kernel(
      design: Kernel.Block(groups: [0, 1, 1, 2], shape: shape),
      context: hasContext ? Kernel.Block(columnCount: 2, shape: .matern52) : nil,
      hasConstant: seed % 5 != 0, hasLinear: seed % 4 >= 2,
      hasContextOffset: hasContext && seed % 2 == 0)
    func row() -> [Double] {
      let x = (0..<4).map { _ in generator.unitInterval() }
      let number = Double(generator.index(below: 3))
      return hasContext ? x + [number / 2, number * number / 5] : x
    }
    let points = Matrix(rows: (0..<rowCount).map { _ in row() })
    let targets = (0..<rowCount).map { index in
      sin(5 * points[index, 0]) + points[index, 3] + 0.1 * generator.normal()
    }
    let variances = (0..<rowCount).map { _ in seed % 7 == 0 ? 0.1 * generator.unitInterval() : 0 }
    let parameters = KernelParameters(
      lengths: (0..<3).map { _ in 0.2 + generator.unitInterval() },
      contextLengths: hasContext ? [0.7, 1.2] : [], amplitude: 0.5 + generator.unitInterval(),
      linear: kernel.hasLinear ? 0.4 : 0, constant: kernel.hasConstant ? 0.3 : 0,
      contextOffset: kernel.hasContextOffset ? 0.2 : 0,
      noise: 0.01 + 0.05 * generator.unitInterval())
    return Problem(
      kernel: kernel, parameters: parameters,
      data: try Observations(points: points, targets: targets, variances: variances),
      queries: Matrix(rows: (0..<7).map { _ in row() }))
  }

  static func process(_ problem: Problem, _ limits: GaussianProcess.Limits = .init())
    -> GaussianProcess
  {
    GaussianProcess(
      kernel: problem.kernel, parameters: problem.parameters, observations: problem.data,
      limits: limits)
  }

  static func observations(_ data: Observations, _ rows: [Int]) throws -> Observations {
    try Observations(
      points: data.points.rows(rows), targets: rows.map { data.targets[$0] },
      variances: rows.map { data.variances[$0] })
  }

  /// Without the factor everything is as it was: the mean at once, the rest after factoring again.
  @Test(arguments: 0..<12) func theMeanAloneIsTheSameToTheLastBit(seed: Int) throws {
    let problem = try Self.problem(seed, rowCount: 30)
    var limits = GaussianProcess.Limits()
    if seed % 4 == 3 { limits.exactLimit = 20 }
    limits.inducingCount = 9
    let process = Self.process(problem, limits)
    let light = process.keepingMeanOnly()
    let bits = process.mean(at: problem.queries).map(\.bitPattern)
    #expect(light.mean(at: problem.queries).map(\.bitPattern) == bits)
    #expect(light.prediction(at: problem.queries) == process.prediction(at: problem.queries))
    let joint = process.jointPrediction(at: problem.queries)
    #expect(light.jointPrediction(at: problem.queries).covariance == joint.covariance)
    #expect(light.isExact == process.isExact)
    #expect(light.logMarginalLikelihood == process.logMarginalLikelihood)
    let more = try Self.observations(problem.data, [0, 1])
    #expect(
      light.appending(more).mean(at: problem.queries)
        == process.appending(more).mean(at: problem.queries))
  }

  @Test(arguments: 0..<60)
  func gradientAgreesWithFiniteDifferences(seed: Int) throws {
    let problem = try Self.problem(seed)
    let (_, gradient) = Self.process(problem).marginalLikelihoodGradient()
    var paths: [WritableKeyPath<KernelParameters, Double>] = []
    for index in 0..<3 { paths.append(\KernelParameters.lengths[index]) }
    for index in problem.parameters.contextLengths.indices {
      paths.append(\KernelParameters.contextLengths[index])
    }
    paths.append(\.amplitude)
    if problem.kernel.hasLinear { paths.append(\.linear) }
    if problem.kernel.hasConstant { paths.append(\.constant) }
    if problem.kernel.hasContextOffset { paths.append(\.contextOffset) }
    paths.append(\.noise)
    #expect(paths.count == gradient.count)
    for (path, slope) in zip(paths, gradient) {
      func value(_ step: Double) -> Double {
        var moved = problem
        moved.parameters[keyPath: path] *= exp(step)
        return Self.process(moved).logMarginalLikelihood
      }
      let h = 1e-4
      let near = value(h) - value(-h)
      let far = value(2 * h) - value(-2 * h)
      let difference = (8 * near - far) / (12 * h)
      // A fourth-order difference: h^4 of the fifth derivative, and rounding 1e-14 / h.
      #expect(abs(difference - slope) < 1e-8 * max(1, abs(slope)))
    }
  }

  @Test(arguments: 0..<40)
  func covariancesArePositiveAndLowerThanBefore(seed: Int) throws {
    let problem = try Self.problem(seed)
    let process = Self.process(problem)
    let prior = GaussianProcess(
      kernel: problem.kernel, parameters: problem.parameters,
      observations: try Self.observations(problem.data, []))
    let before = prior.jointPrediction(at: problem.queries)
    let after = process.jointPrediction(at: problem.queries)
    #expect(before.mean.allSatisfy { $0 == 0 })
    for covariance in [before.covariance, after.covariance, before.covariance - after.covariance] {
      #expect(distance(covariance.values, covariance.transposed().values) < 1e-13)
      let eigen = try SymmetricEigen(of: covariance)
      #expect(eigen.values[0] > -1e-12)
    }
  }

  @Test(arguments: 0..<20)
  func leaveOneOutEqualsRefitting(seed: Int) throws {
    let problem = try Self.problem(seed)
    let predictions = Self.process(problem).leaveOneOut()
    for row in 0..<problem.data.count {
      var rest = problem
      let others = (0..<problem.data.count).filter { $0 != row }
      rest.data = try Self.observations(problem.data, others)
      let expected = Self.process(rest).prediction(at: problem.data.points.rows([row]))
      let noise = problem.parameters.noise + problem.data.variances[row]
      #expect(distance([predictions.mean[row]], expected.mean) < 1e-10)
      #expect(distance([predictions.variance[row]], [expected.variance[0] + noise]) < 1e-10)
    }
  }

  @Test(arguments: 0..<20)
  func appendingEqualsConditioningOnAll(seed: Int) throws {
    let problem = try Self.problem(seed)
    let count = seed % problem.data.count
    var first = problem
    first.data = try Self.observations(problem.data, Array(0..<count))
    let rest = try Self.observations(problem.data, Array(count..<problem.data.count))
    for limits in Self.limits {
      let whole = Self.process(first, limits).appending(rest)
      #expect(whole.observations.count == problem.data.count)
      guard limits.exactLimit > 100 else { continue }
      let expected = Self.process(problem, limits).prediction(at: problem.queries)
      #expect(distance(whole.prediction(at: problem.queries).mean, expected.mean) < 1e-10)
      #expect(distance(whole.prediction(at: problem.queries).variance, expected.variance) < 1e-10)
    }
  }

  static let limits: [GaussianProcess.Limits] = [2000, 10].map {
    var limits = GaussianProcess.Limits()
    limits.exactLimit = $0
    limits.inducingCount = 6
    return limits
  }

  /// With every row an inducing point nothing is approximated (but for `1e-8` on their diagonal).
  @Test(arguments: 0..<20)
  func allRowsInducingIsExact(seed: Int) throws {
    let problem = try Self.problem(seed)
    var limits = GaussianProcess.Limits()
    limits.exactLimit = 0
    limits.inducingCount = 18
    let approximate = Self.process(problem, limits)
    let exact = Self.process(problem)
    #expect(!approximate.isExact && exact.isExact)
    let left = approximate.prediction(at: problem.queries)
    let right = exact.prediction(at: problem.queries)
    #expect(distance(left.mean, right.mean) < 1e-5)
    #expect(distance(left.variance, right.variance) < 1e-5)
    let difference = approximate.logMarginalLikelihood - exact.logMarginalLikelihood
    #expect(abs(difference) < 1e-4)
    #expect(distance(approximate.leaveOneOut().mean, exact.leaveOneOut().mean) < 1e-5)
    #expect(distance(approximate.leaveOneOut().variance, exact.leaveOneOut().variance) < 1e-5)
    let joint = approximate.jointPrediction(at: problem.queries)
    #expect(distance(joint.covariance.diagonal, left.variance) < 1e-10)
  }

  /// FITC is exact inference under another prior: dense algebra of that prior is the oracle.
  @Test(arguments: 0..<10)
  func appendedInducingRowsEqualNewState(seed: Int) throws {
    let problem = try Self.problem(seed, rowCount: 40)
    var first = problem
    first.data = try Self.observations(problem.data, Array(0..<30))
    let rest = try Self.observations(problem.data, Array(30..<40))
    let step = try Self.observations(problem.data, Array(30..<35))
    let step2 = try Self.observations(problem.data, Array(35..<40))
    let atOnce = Self.process(first, Self.limits[1]).appending(rest)
    let inSteps = Self.process(first, Self.limits[1]).appending(step).appending(step2)
    let left = atOnce.prediction(at: problem.queries)
    let right = inSteps.prediction(at: problem.queries)
    #expect(distance(left.mean, right.mean) < 1e-10)
    #expect(distance(left.variance, right.variance) < 1e-10)
    #expect(left.variance.allSatisfy { $0 > 0 })
  }

  @Test func samplesHaveTheirMoments() throws {
    let problem = try Self.problem(3)
    let joint = Self.process(problem).jointPrediction(at: problem.queries)
    var generator = Seed(5).generator()
    let count = 20_000
    let draws = joint.samples(count: count, using: &generator)
    for column in 0..<draws.columnCount {
      let values = draws.column(column)
      let mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      let expected = joint.covariance[column, column]
      // Five standard errors of mean and variance.
      #expect(abs(mean - joint.mean[column]) < 5 * (expected / Double(count)).squareRoot())
      #expect(abs(variance / expected - 1) < 5 * (2 / Double(count)).squareRoot())
    }
    var again = Seed(5).generator()
    #expect(joint.samples(count: 3, using: &again) == draws.rows(0..<3))
  }
}
