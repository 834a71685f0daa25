import Foundation
import LinearAlgebra
import Testing

@testable import BayesianOptimization

@Suite struct AcquisitionFunctionTests {
  /// The closed form of Jones, Schonlau, Welch 1998, equation 15, where it does not underflow.
  @Test(arguments: [-3.0, -1, 0, 0.5, 2])
  func logExpectedImprovementIsThatOfTheClosedForm(mean: Double) {
    for deviation in [0.1, 1, 3] {
      let best = 0.25
      let u = (best - mean) / deviation
      let density = exp(-u * u / 2) / (2 * Double.pi).squareRoot()
      let distribution = 0.5 * erfc(-u / 2.0.squareRoot())
      let expected = (best - mean) * distribution + deviation * density
      guard expected > 1e-12 else { continue }
      let value = AcquisitionFunction.logExpectedImprovement.logValue(
        mean: mean, deviation: deviation, best: best)
      #expect(abs(value - log(expected)) < 1e-9 * max(1, abs(log(expected))) + 1e-10 / expected)
    }
  }
}
