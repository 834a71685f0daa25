import Foundation
import GaussianProcesses
import LinearAlgebra
import Testing

/// Reads `References/<name>.json`, written by `Scripts/generate-model-references`.
func reference<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("References/\(name).json")
  return try JSONDecoder().decode(type, from: Data(contentsOf: file))
}

/// The largest difference of two lists over the larger of 1 and the largest element.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = b.reduce(1) { max($0, abs($1)) }
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
}

@Suite struct ProcessReferenceTests {
  struct Regressor: Decodable {
    struct Case: Decodable {
      var shape: String
      var linear: Double
      var lengths: [Double]
      var amplitude: Double
      var constant: Double
      var noise: Double
      var rowCount: Int
      var x: [Double]
      var y: [Double]
      var z: [Double]
      var mean: [Double]
      var covariance: [Double]
      var logMarginalLikelihood: Double
      var gradient: [Double]
    }
    var cases: [Case]
  }

  struct Contexts: Decodable {
    struct Case: Decodable {
      var offset: Double
      var lengths: [Double]
      var contextLengths: [Double]
      var groups: [Int]
      var amplitude: Double
      var linear: Double
      var constant: Double
      var noise: Double
      var rowCount: Int
      var x: [Double]
      var y: [Double]
      var variances: [Double]
      var z: [Double]
      var mean: [Double]
      var covariance: [Double]
      var logMarginalLikelihood: Double
    }
    var cases: [Case]
  }

  @Test func processesAgreeWithScikitLearn() throws {
    for entry in try reference("regressor", as: Regressor.self).cases {
      let block = Kernel.Block(
        columnCount: 3, shape: entry.shape == "matern52" ? .matern52 : .squaredExponential)
      let kernel = Kernel(design: block, hasLinear: entry.linear > 0)
      let parameters = KernelParameters(
        lengths: entry.lengths, amplitude: entry.amplitude, linear: entry.linear,
        constant: entry.constant, noise: entry.noise)
      let data = try Observations(
        points: Matrix(rowCount: entry.rowCount, columnCount: 3, values: entry.x),
        targets: entry.y)
      let process = GaussianProcess(kernel: kernel, parameters: parameters, observations: data)
      let z = Matrix(rowCount: entry.mean.count, columnCount: 3, values: entry.z)
      let joint = process.jointPrediction(at: z)
      #expect(distance(joint.mean, entry.mean) < 1e-11)
      #expect(distance(joint.covariance.values, entry.covariance) < 1e-11)
      let single = process.prediction(at: z)
      #expect(distance(single.mean, entry.mean) < 1e-11)
      #expect(distance(single.variance, joint.covariance.diagonal) < 1e-12)
      #expect(distance(process.mean(at: z), entry.mean) < 1e-11)
      #expect(distance([process.logMarginalLikelihood], [entry.logMarginalLikelihood]) < 1e-11)
      #expect(process.addedNoise == 0)
      let (value, gradient) = process.marginalLikelihoodGradient()
      #expect(distance([value], [entry.logMarginalLikelihood]) < 1e-11)
      // scikit-learn's order: amplitude, lengths, linear, constant, noise.
      let lengths = Array(entry.gradient[1...3])
      let ours = lengths + [entry.gradient[0]] + entry.gradient[4...]
      #expect(distance(gradient, ours) < 1e-10)
    }
  }

  @Test func contextProcessesAgreeWithClosedForms() throws {
    for entry in try reference("contexts", as: Contexts.self).cases {
      let kernel = Kernel(
        design: Kernel.Block(groups: entry.groups),
        context: Kernel.Block(columnCount: 2, shape: .squaredExponential), hasLinear: true,
        hasContextOffset: entry.offset > 0)
      let parameters = KernelParameters(
        lengths: entry.lengths, contextLengths: entry.contextLengths, amplitude: entry.amplitude,
        linear: entry.linear, constant: entry.constant, contextOffset: entry.offset,
        noise: entry.noise)
      let data = try Observations(
        points: Matrix(rowCount: entry.rowCount, columnCount: 5, values: entry.x),
        targets: entry.y, variances: entry.variances)
      let process = GaussianProcess(kernel: kernel, parameters: parameters, observations: data)
      let z = Matrix(rowCount: entry.mean.count, columnCount: 5, values: entry.z)
      let joint = process.jointPrediction(at: z)
      #expect(distance(joint.mean, entry.mean) < 1e-11)
      #expect(distance(joint.covariance.values, entry.covariance) < 1e-11)
      #expect(distance([process.logMarginalLikelihood], [entry.logMarginalLikelihood]) < 1e-11)
    }
  }
}
