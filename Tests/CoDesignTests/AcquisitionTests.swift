import CoDesign
import Foundation
import Testing

@Suite struct AcquisitionTests {
  @Test func boundIsMeanLessDeviations() {
    let acquisition = Acquisition.lowerConfidenceBound(weight: 2)
    #expect(acquisition.value(mean: 3, deviation: 0.5, best: 0) == -2)
  }

  /// Expected improvement by a sum over the normal distribution.
  @Test func improvementEqualsItsIntegral() {
    let (mean, deviation, best) = (1.0, 0.7, 0.4)
    var integral = 0.0
    let step = 1e-4
    for index in 0..<200_000 {
      let u = -10 + (Double(index) + 0.5) * step
      let gain = max(0, best - (mean + deviation * u))
      integral += gain * exp(-0.5 * u * u) / (2 * Double.pi).squareRoot() * step
    }
    let ours = exp(
      Acquisition.expectedImprovement.value(mean: mean, deviation: deviation, best: best))
    #expect(abs(ours / integral - 1) < 1e-6)
  }

  @Test func logarithmsKeepTheOrder() {
    for acquisition in [Acquisition.expectedImprovement, .lowerConfidenceBound(weight: 1)] {
      var last = Double.infinity
      for mean in stride(from: -5.0, through: 5, by: 0.1) {
        let value = acquisition.logValue(mean: mean, deviation: 0.3, best: 0)
        #expect(value.isFinite && value < last)
        last = value
      }
    }
  }
}
