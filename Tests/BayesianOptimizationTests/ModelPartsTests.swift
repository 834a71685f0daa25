import DesignSpace
import Foundation
import LinearAlgebra
import Testing

@testable import BayesianOptimization

@Suite struct ModelPartsTests {
  /// Columns written out by hand.
  @Test func featuresFollowTheirScales() throws {
    let space = try SearchSpace(parameters: [
      .levels("memory", [2, 8, 32]), .integer("lanes", 1...3), .categories("flow", ["a", "b"]),
      .boolean("fast").active(when: "flow", isOneOf: ["b"]),
      .permutation("loops", of: ["K", "C"]), .integer("fixed", 5...5), .real("clock", 1...3),
    ])
    let features = DesignFeatures(space)
    #expect(features.groups == [0, 1, 2, 2, 3, 4, 5, 5, 6])
    let awake = try space.point([8, 2, "b", true, "CK", 5, 1.5])
    #expect(features.row(awake) == [0.5, 0.5, 0, 1, 1, 1, 0.5, 1, 0.25])
    let asleep = try space.point([2, 3, "a", nil, "KC", 5, 3])
    #expect(features.row(asleep) == [0, 1, 1, 0, 0, 0, 1, 0.5, 1])
    #expect(features.numericParameters == [0, 1, 6])
    #expect(features.logarithm(of: 0, at: awake) == log(8.0))
  }

  @Test func warpsAreIncreasingAndTheirSlopesAgreeWithDifferences() {
    let values = [0.5, 1, 2, 3, 40, 500, 1e4]
    for form in MetricWarp.candidates(for: values, around: 0.5) {
      let warp = MetricWarp(form, values)
      var last = -Double.infinity
      for value in stride(from: 0.4, to: 2_000, by: 7.3) {
        let warped = warp.warped(value)
        #expect(warped > last, "\(form)")
        last = warped
        let step = 1e-5 * value
        let slope = (warp.warped(value + step) - warp.warped(value - step)) / (2 * step)
        #expect(abs(log(slope) - warp.logSlope(value)) < 1e-4, "\(form) at \(value)")
      }
      #expect(warp.warped(1e300).isFinite && warp.warped(-1e300).isFinite)
    }
  }

  /// Counted by hand: powers of two start cold, then a tenth more each time.
  @Test func refitsComeAtCountsAlone() {
    #expect(RefitSchedule.checkpoints(for: 3) == [])
    #expect(RefitSchedule.checkpoints(for: 7) == [4, 5, 6, 7])
    #expect(RefitSchedule.checkpoints(for: 40) == [32, 35, 38])
    #expect(RefitSchedule.checkpoints(for: 64) == [64])
    #expect(RefitSchedule.checkpoints(for: 700) == [640])
  }

  /// A rule on a product of two parameters, of which most designs were seen, is told for the others.
  @Test func forestLearnsThresholdsOnProducts() throws {
    let levels: [Double] = [1, 2, 4, 8, 16, 32]
    let space = try SearchSpace(parameters: [
      .levels("a", levels), .levels("b", levels), .levels("c", levels),
    ])
    let all = try #require(space.legalPoints(atMost: 1_000))
    func isFine(_ point: Point) -> Bool { point.coordinates[0] + point.coordinates[1] <= 5 }
    let seen = all.indices.filter { $0 % 3 != 0 }.map { all[$0] }
    let other = all.indices.filter { $0 % 3 == 0 }.map { all[$0] }
    let forest = try #require(
      FailureForest(DesignFeatures(space), points: seen, labels: seen.map(isFine)))
    let right = zip(other, forest.probabilities(at: other)).count { isFine($0) == ($1 > 0.5) }
    let share = Double(right) / Double(other.count)
    #expect(share > 0.95)
  }
}
