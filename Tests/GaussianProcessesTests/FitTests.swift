import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Testing

@Suite struct FitTests {
  /// A smooth function of two of `dimension` coordinates at random points.
  static func data(_ count: Int, _ dimension: Int, seed: Int, noise: Double = 0) throws
    -> Observations
  {
    var generator = Seed(UInt64(seed)).generator()
    let values = (0..<(count * dimension)).map { _ in generator.unitInterval() }
    let points = Matrix(rowCount: count, columnCount: dimension, values: values)
    let targets = (0..<count).map { row in
      let square = points[row, 1] * points[row, 1]
      return sin(6 * points[row, 0]) + square - 0.34 + noise * generator.normal()
    }
    return try Observations(points: points, targets: targets)
  }

  @Test(arguments: 0..<8)
  func fitFindsWhatMatters(seed: Int) throws {
    let data = try Self.data(60, 4, seed: seed, noise: 0.05)
    let kernel = Kernel(design: Kernel.Block(columnCount: 4))
    let process = GaussianProcess.fitted(to: data, kernel: kernel)
    let lengths = process.parameters.lengths
    #expect(max(lengths[0], lengths[1]) < min(lengths[2], lengths[3]))
    let fresh = try Self.data(200, 4, seed: seed + 1000)
    let prediction = process.prediction(at: fresh.points)
    var error = 0.0
    for (mean, target) in zip(prediction.mean, fresh.targets) {
      error += (mean - target) * (mean - target) / 200
    }
    // The variance of the function is 0.58, that of the noise 0.0025.
    #expect(error < 0.01)
  }

  @Test func fitIsAStationaryPointAndRepeatable() throws {
    let data = try Self.data(40, 3, seed: 1, noise: 0.1)
    let kernel = Kernel(design: Kernel.Block(columnCount: 3), hasLinear: true)
    var options = FitOptions()
    options.minimizer.decreaseTolerance = 0
    options.minimizer.gradientTolerance = 1e-5
    options.minimizer.iterationLimit = 300
    options.minimizer.evaluationLimit = 1000
    let process = GaussianProcess.fitted(to: data, kernel: kernel, options: options)
    let again = GaussianProcess.fitted(to: data, kernel: kernel, options: options)
    #expect(process.parameters == again.parameters)
    #expect(process.fit?.stop == .flat || process.fit?.stop == .noDescent)
    let warm = GaussianProcess.fitted(
      to: data, kernel: kernel, warmStart: process.parameters, options: options)
    #expect((warm.fit?.evaluationCount ?? 99) <= 30)
    let gain = (warm.fit?.logDensity ?? 0) - (process.fit?.logDensity ?? 0)
    #expect(gain >= 0 && gain < 1e-6)
  }

  @Test func moreStartsAreNeverWorse() throws {
    for seed in 0..<5 {
      let data = try Self.data(25, 5, seed: seed, noise: 0.3)
      let kernel = Kernel(design: Kernel.Block(columnCount: 5))
      var options = FitOptions()
      options.startCount = 1
      let one = GaussianProcess.fitted(to: data, kernel: kernel, options: options)
      options.startCount = 4
      let four = GaussianProcess.fitted(to: data, kernel: kernel, options: options)
      // Searches end when a step gains 1e-6 of the density, a little before the same maximum.
      let gain = (four.fit?.logDensity ?? -9) - (one.fit?.logDensity ?? 9)
      #expect(gain > -1e-3)
    }
  }

  /// Two of ten coordinates make waves: a search from the mode alone often takes them for noise.
  @Test func wavesAreFoundAmongManyCoordinates() throws {
    var found = 0
    for seed in 0..<4 {
      var generator = Seed(UInt64(seed)).generator()
      let values = (0..<(800)).map { _ in generator.unitInterval() }
      let points = Matrix(rowCount: 100, columnCount: 8, values: values)
      let targets = (0..<100).map { sin(12 * points[$0, 0]) + sin(9 * points[$0, 2]) }
      let data = try Observations(points: points, targets: targets)
      let kernel = Kernel(design: Kernel.Block(columnCount: 8))
      let process = GaussianProcess.fitted(to: data, kernel: kernel)
      let residuals = zip(process.leaveOneOut().mean, targets).map { ($0 - $1) * ($0 - $1) }
      // The variance of the function is 1.
      if residuals.reduce(0, +) / 100 < 0.1 { found += 1 }
    }
    #expect(found >= 3)
  }

  @Test func rowLimitIsKept() throws {
    let data = try Self.data(60, 2, seed: 3)
    let kernel = Kernel(design: Kernel.Block(columnCount: 2))
    var options = FitOptions()
    options.rowLimit = 20
    let process = GaussianProcess.fitted(to: data, kernel: kernel, options: options, seed: Seed(4))
    #expect(process.fit?.rowCount == 20)
    #expect(process.observations.count == 60)
    let other = GaussianProcess.fitted(to: data, kernel: kernel, options: options, seed: Seed(5))
    #expect(other.parameters != process.parameters)
  }

  @Test func inducingPointsKeepMostOfTheAccuracy() throws {
    let data = try Self.data(400, 3, seed: 9, noise: 0.1)
    let kernel = Kernel(design: Kernel.Block(columnCount: 3))
    var options = FitOptions()
    options.rowLimit = 150
    let exact = GaussianProcess.fitted(to: data, kernel: kernel, options: options)
    options.limits.exactLimit = 100
    options.limits.inducingCount = 60
    let approximate = GaussianProcess.fitted(to: data, kernel: kernel, options: options)
    #expect(!approximate.isExact)
    let fresh = try Self.data(300, 3, seed: 10)
    let left = approximate.mean(at: fresh.points)
    let right = exact.mean(at: fresh.points)
    let errors = zip(left, right).map { ($0 - $1) * ($0 - $1) }
    #expect(errors.reduce(0, +) / 300 < 0.01)
  }
}
