import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import Surrogate

@Suite(.serialized) struct NegativeMiningTests {
  private func buffers(_ encoding: InputEncoding, rows: Int, seed: UInt64) throws
    -> TrainingBuffers
  {
    let plan = try SurrogateNetwork.plan(
      NetworkArchitecture(
        blockWidths: encoding.blockWidths, trunk: .none, hiddenWidths: [24, 24]))
    return TrainingBuffers(
      plan, weights: plan.layout.initialWeights(Seed(seed)), rowCapacity: rows,
      contextFeatures: [])
  }

  private func mean(_ buffers: TrainingBuffers, _ rows: Range<Int>) -> Double {
    buffers.predict(rows)
    return rows.reduce(0.0) { $0 + Double(buffers.predictions.base[$1]) } / Double(rows.count)
  }

  @Test func fireflyVisitsLegalDesignsThatTheModelBelievesIn() throws {
    let space = try SurrogateProblems.mixedSpace()
    let encoding = try InputEncoding(of: space)
    var options = NegativeMining.SwarmOptions()
    options.count = 24
    for seed in 0..<4 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let buffers = try buffers(encoding, rows: 40, seed: seed)
      var swarm = try NegativeSwarm(options, space: space, contextCount: 1, using: &generator)
      let start = swarm
      var still = NegativeMining.SwarmOptions()
      still.count = 24
      still.moveCount = 0
      swarm.advance(still, encoding: encoding, buffers, at: 16, using: &generator)
      #expect(swarm == start)
      let before = mean(buffers, 16..<40)
      for _ in 0..<12 {
        swarm.advance(options, encoding: encoding, buffers, at: 16, using: &generator)
        for (index, member) in swarm.members.enumerated() {
          let point = try #require(space.point(coordinates: member.coordinates))
          #expect(point.coordinates == member.coordinates)
          #expect(space.isLegal(point))
          let row = (0..<encoding.width).map {
            buffers.inputs.base[(16 + index) * encoding.width + $0]
          }
          #expect(row == encoding.row(of: point))
        }
      }
      let after = mean(buffers, 16..<40)
      #expect(after < before - 0.05, "seed \(seed): \(before), \(after)")
    }
  }

  @Test func gradientMovesLowerPredictionsOfEveryDesignNotOnlyTheFirst() throws {
    let space = try SurrogateProblems.mixedSpace()
    let encoding = try InputEncoding(of: space)
    var options = NegativeMining.GradientOptions()
    options.moveCount = 12
    options.temperature = 0.01
    for seed in 0..<4 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let buffers = try buffers(encoding, rows: 24, seed: seed)
      let points = try space.sample(count: 24, using: &generator)
      for (index, point) in points.enumerated() {
        encoding.write(point.coordinates, to: buffers.inputs.base + index * encoding.width)
      }
      buffers.predict(0..<24)
      let before = buffers.predictions.array
      GradientMoves(options, encoding).move(
        points.map(\.coordinates), buffers, at: 0, using: &generator)
      buffers.predict(0..<24)
      let after = buffers.predictions.array
      let lowered = zip(before, after).filter { $0.1 < $0.0 }.count
      #expect(lowered >= 18, "seed \(seed): \(lowered) of 24")
    }
  }

  /// Every row a gradient move leaves is that of a legal design.
  @Test func gradientMovesStayLegal() throws {
    let space = try SurrogateProblems.grid()
    let limited = try SearchSpace(
      parameters: space.parameters, constraints: ["p0 + p1 <= 6", "p2 != p3"])
    let encoding = try InputEncoding(of: limited)
    var generator = Seed(4).generator()
    let buffers = try buffers(encoding, rows: 50, seed: 1)
    let points = try limited.sample(count: 50, using: &generator)
    var options = NegativeMining.GradientOptions()
    options.moveCount = 10
    options.temperature = 1
    GradientMoves(options, encoding).move(
      points.map(\.coordinates), buffers, at: 0, using: &generator)
    var moved = 0
    for index in 0..<50 {
      let row = (0..<24).map { buffers.inputs.base[index * 24 + $0] }
      let coordinates = (0..<4).map { block in
        Double((0..<6).first { row[6 * block + $0] == 1 } ?? -1)
      }
      let point = try #require(limited.point(coordinates: coordinates))
      #expect(limited.isLegal(point))
      if point != points[index] { moved += 1 }
    }
    #expect(moved > 40)
  }
}
