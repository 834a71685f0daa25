import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra
import Testing

/// Processes that were written and read predict bit for bit alike, and damage is told.
@Suite struct ProcessFileTests {
  private func written(_ process: GaussianProcess) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(process)
  }

  /// Kernels of every combination of terms that has an encoding; exact and with inducing points.
  @Test(arguments: 0..<30) func copiesPredictBitForBitAlike(seed: Int) throws {
    let problem = try ProcessLawTests.problem(seed)
    var limits = GaussianProcess.Limits()
    if seed % 5 == 4 { limits.exactLimit = 10 }
    limits.inducingCount = 8
    let process = ProcessLawTests.process(problem, limits)
    guard problem.kernel.context == nil else {
      #expect(throws: EncodingError.self) { try written(process) }
      return
    }
    let data = try written(process)
    let copy = try JSONDecoder().decode(GaussianProcess.self, from: data)
    #expect(try written(copy) == data)
    #expect(copy.kernel == process.kernel)
    #expect(copy.parameters == process.parameters)
    #expect(copy.isExact == process.isExact)
    #expect(copy.logMarginalLikelihood == process.logMarginalLikelihood)
    let one = process.jointPrediction(at: problem.queries)
    let two = copy.jointPrediction(at: problem.queries)
    #expect(one.mean.map(\.bitPattern) == two.mean.map(\.bitPattern))
    #expect(one.covariance == two.covariance)
  }

  @Test func contextsAreRefused() throws {
    let process = ProcessLawTests.process(try ProcessLawTests.problem(1))
    do {
      _ = try written(process)
      Issue.record("nothing was thrown")
    } catch EncodingError.invalidValue(_, let context) {
      #expect(context.debugDescription == "a kernel with a context")
    }
  }

  /// What a reader says of a process after a change of its JSON.
  private func complaint(_ key: String, _ value: Any?) throws -> String {
    let data = try written(ProcessLawTests.process(try ProcessLawTests.problem(0)))
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object[key] != nil)
    object[key] = value
    let text = try JSONSerialization.data(withJSONObject: object)
    do {
      _ = try JSONDecoder().decode(GaussianProcess.self, from: text)
      return "none"
    } catch DecodingError.dataCorrupted(let context) {
      return context.debugDescription
    } catch DecodingError.keyNotFound(let key, _) {
      return "no \(key.stringValue)"
    } catch let error as GaussianProcessError {
      return "\(error)"
    }
  }

  private func run(_ values: [Double]) -> String {
    values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  @Test func damageIsTold() throws {
    let none = "numbers that make no process"
    let damage: [(String, Any?, String)] = [
      ("groups", [0, 1, 1, 3], none), ("groups", [0, -1, 1, 2], none), ("groups", [0, 1, 2], none),
      ("groups", [0, 1, 1, Int.max], none), ("lengths", run([1, 1]), none),
      ("lengths", run([1, 0, 1]), none), ("lengths", run([1, .nan, 1]), none),
      ("amplitude", -1, none), ("noise", 0, none), ("linear", -1, none), ("constant", -0.5, none),
      ("targets", run([1]), none), ("variances", run([1]), none), ("inducingCount", 0, none),
      ("noise", nil, "no noise"), ("lengths", "AAAA", "3 bytes, expected a multiple of 8"),
    ]
    for (key, value, expected) in damage {
      #expect(try complaint(key, value) == expected, "\(key)")
    }
    let targets = run([Double](repeating: .nan, count: 18))
    #expect(try complaint("targets", targets).contains("target"))
  }
}
