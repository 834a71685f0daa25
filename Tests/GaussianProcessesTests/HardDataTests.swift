import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Testing

@Suite struct HardDataTests {
  static func check(_ process: GaussianProcess) {
    let logarithm = process.logMarginalLikelihood
    #expect(logarithm.isFinite)
    let prediction = process.prediction(at: process.observations.points)
    #expect(prediction.mean.allSatisfy { $0.isFinite })
    #expect(prediction.variance.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(process.leaveOneOut().mean.allSatisfy { $0.isFinite })
  }

  static let kernel = Kernel(design: Kernel.Block(columnCount: 2))

  static func fitted(_ rows: [[Double]], _ targets: [Double]) throws -> GaussianProcess {
    let points = Matrix(rowCount: rows.count, columnCount: 2, values: rows.flatMap { $0 })
    return GaussianProcess.fitted(
      to: try Observations(points: points, targets: targets), kernel: kernel)
  }

  @Test func fewOrNoRows() throws {
    let empty = try Self.fitted([], [])
    #expect(empty.prediction(at: Matrix(rows: [[0, 1]])).mean == [0])
    Self.check(try Self.fitted([[0.5, 0.5]], [1]))
    Self.check(try Self.fitted([[0, 0], [1, 1]], [1, -1]))
  }

  @Test func repeatsContradictionsAndConstants() throws {
    let same = [[Double]](repeating: [0.25, 0.75], count: 40)
    Self.check(try Self.fitted(same, (0..<40).map { $0 % 2 == 0 ? 1 : -1 }))
    Self.check(try Self.fitted(same, [Double](repeating: 0, count: 40)))
    let line = (0..<50).map { [Double($0) / 49, 0] }
    Self.check(try Self.fitted(line, [Double](repeating: 3, count: 50)))
    Self.check(try Self.fitted(line, (0..<50).map { $0 == 7 ? 1e12 : 0 }))
  }

  @Test func hugeAndTinyCoordinates() throws {
    Self.check(try Self.fitted([[1e100, 0], [-1e100, 1], [0, 1e99]], [1, 0, -1]))
    Self.check(try Self.fitted([[1e-300, 0], [0, 1e-300], [0, 0]], [1, 0, -1]))
    Self.check(try Self.fitted([[0, 0], [0, 1]], [1e100, -1e100]))
  }

  /// Equal rows, hardly any noise: the covariance is singular in double precision, and the noise is raised.
  @Test func singularCovarianceGetsNoise() throws {
    let rows = Matrix(rowCount: 30, columnCount: 2, repeating: 0.5)
    let parameters = KernelParameters(
      lengths: [1, 1], amplitude: 1e4, constant: 1e4, noise: 1e-14)
    let data = try Observations(points: rows, targets: (0..<30).map { Double($0 % 3) })
    let process = GaussianProcess(kernel: Self.kernel, parameters: parameters, observations: data)
    #expect(process.addedNoise > 0)
    Self.check(process)
    let more = process.appending(data)
    #expect(more.observations.count == 60)
    Self.check(more)
  }

  @Test func badNumbersAreNamed() {
    let points = Matrix(rows: [[0, 1], [.nan, 0]])
    #expect(throws: GaussianProcessError.invalidNumber(row: 1, column: 0, got: "nan")) {
      try Observations(points: points, targets: [0, 0])
    }
    let good = Matrix(rows: [[0, 1], [1, 0]])
    #expect(throws: GaussianProcessError.invalidNumber(row: 0, column: nil, got: "inf")) {
      try Observations(points: good, targets: [.infinity, 0])
    }
    #expect(throws: GaussianProcessError.invalidVariance(row: 1, got: "-1.0")) {
      try Observations(points: good, targets: [0, 0], variances: [0, -1])
    }
    #expect(throws: GaussianProcessError.notPositive(row: 1, got: "0.0")) {
      try OutputWarping.log.fitted(to: [1, 0])
    }
    #expect(throws: GaussianProcessError.invalidNumber(row: 0, column: nil, got: "1e+200")) {
      try OutputWarping.rankNormal.fitted(to: [1e200])
    }
  }

  @Test func messagesAreComplete() {
    #expect(
      GaussianProcessError.invalidNumber(row: 1, column: 0, got: "nan").description
        == "row 1, column 0: got nan, expected a number within -1e100...1e100")
    #expect(
      GaussianProcessError.invalidNumber(row: 1, column: nil, got: "inf").description
        == "target of row 1: got inf, expected a number within -1e100...1e100\n"
        + "hint: leave the observation out, or record it as infeasible")
    #expect(
      GaussianProcessError.invalidVariance(row: 1, got: "-1.0").description
        == "variance of row 1: got -1.0, expected a number within 0...1e100")
    #expect(
      GaussianProcessError.notPositive(row: 1, got: "0.0").description
        == "target of row 1: got 0.0, expected a positive number for the logarithm\n"
        + "hint: use the rank or standardized scale for targets of any sign")
  }
}
