import Execution
import Foundation
import GaussianProcesses
import Testing

@Suite struct OutputWarpingTests {
  @Test(arguments: OutputWarping.allCases)
  func warpingsRiseAndComeBack(warping: OutputWarping) throws {
    for seed in 0..<20 {
      var generator = Seed(UInt64(seed)).generator()
      let targets = (0..<(1 + seed)).map { _ in exp(3 * generator.normal()) }
      let fitted = try warping.fitted(to: targets)
      let warped = fitted.warped(targets)
      for (index, value) in targets.enumerated() {
        let back = fitted.unwarped(warped[index])
        #expect(abs(back / value - 1) < 1e-9)
        for (other, number) in zip(targets, warped) where other > value {
          #expect(number > warped[index])
        }
      }
      let least = targets.min() ?? 1
      #expect(fitted.warped(0.9 * least) < fitted.warped(least))
      #expect(abs(fitted.unwarped(fitted.warped(0.9 * least)) / (0.9 * least) - 1) < 1e-9)
    }
  }

  @Test func standardizedMomentsAreExact() throws {
    let fitted = try OutputWarping.standardize.fitted(to: [1, 2, 3, 4])
    // The standard deviation with n - 1 is sqrt(5 / 3).
    let expected = 1.5 / (5.0 / 3).squareRoot()
    #expect(abs(fitted.warped(4) - expected) < 1e-15)
    let constant = try OutputWarping.standardize.fitted(to: [7, 7, 7])
    #expect(constant.warped([7, 8]) == [0, 1])
    let none = try OutputWarping.rankNormal.fitted(to: [])
    #expect(none.warped(3) == 3)
    let huge = try OutputWarping.standardize.fitted(to: [1e100, -1e100])
    #expect(abs(huge.warped(1e100) - 0.5.squareRoot()) < 1e-15)
  }

  @Test func ranksIgnoreTheSizeOfOutliers() throws {
    let plain = try OutputWarping.rankNormal.fitted(to: [1, 2, 3, 4, 5])
    let wild = try OutputWarping.rankNormal.fitted(to: [1, 2, 3, 4, 1e12])
    #expect(plain.warped([1, 2, 3, 4]) == wild.warped([1, 2, 3, 4]))
    #expect(plain.warped(5) == wild.warped(1e12))
    #expect(plain.warped(3) == 0)
    // Blom: the quantile of (5 - 3/8) / (5 + 1/4), 0.880952..., is 1.179761.
    #expect(abs(plain.warped(5) - 1.179_761) < 1e-6)
    let tied = try OutputWarping.rankNormal.fitted(to: [1, 1, 2])
    #expect(tied.warped(1) < 0)
  }
}
