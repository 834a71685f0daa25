import Execution
import Foundation
import LinearAlgebra
import Testing

@testable import Surrogate

/// Backward passes against finite differences of forward passes, layer by layer, over many seeds and shapes.
///
/// Both are single precision: predictions have errors near 1e-6, so a difference over a step of 1e-2 has one near 1e-4 of
/// the slope; kinks of the rectifiers and clips add some. `NetworkReferenceTests` checks the same gradients to 3e-4.
@Suite(.serialized) struct GradientTests {
  init() { BLASRuntime.useOneThread() }

  private func architecture(_ generator: inout SeededGenerator) -> NetworkArchitecture {
    let blocks = (0..<(2 + generator.index(below: 4))).map { _ in 1 + generator.index(below: 5) }
    let trunk: NetworkArchitecture.Trunk
    switch generator.index(below: 3) {
    case 0: trunk = .none
    case 1: trunk = .dense(3 + generator.index(below: 20))
    default:
      var shape = AttentionShape()
      shape.headCount = 1 + generator.index(below: 2)
      shape.width = 8 * shape.headCount * (1 + generator.index(below: 2))
      shape.hiddenCount = 5 + generator.index(below: 20)
      shape.layerCount = 1 + generator.index(below: 2)
      // Dropped numbers are drawn from the same stream in every pass, so the loss stays differentiable.
      shape.dropoutRate = generator.index(below: 2) == 0 ? 0 : 0.2
      trunk = .attention(shape)
    }
    return NetworkArchitecture(
      blockWidths: blocks, contextWidth: generator.index(below: 2) * 3, trunk: trunk,
      hiddenWidths: (0...generator.index(below: 2)).map { _ in 4 + generator.index(below: 14) },
      expertCount: 1 + generator.index(below: 3),
      headDropoutRate: generator.index(below: 2) == 0 ? 0 : 0.1)
  }

  private func buffers(_ architecture: NetworkArchitecture, _ generator: inout SeededGenerator)
    throws -> TrainingBuffers
  {
    let plan = try SurrogateNetwork.plan(architecture)
    var weights = plan.layout.initialWeights(Seed(generator.next()))
    for index in weights.indices { weights[index] += 0.05 * Float(generator.normal()) }
    let buffers = TrainingBuffers(
      plan, weights: weights, rowCapacity: 24,
      contextFeatures: (0..<3 * architecture.contextWidth).map { _ in Float(generator.normal()) })
    for index in 0..<buffers.inputs.count { buffers.inputs.base[index] = Float(generator.normal()) }
    for index in 0..<24 {
      buffers.contexts.base[index] = Int32(generator.index(below: 3))
      buffers.targets.base[index] = Float(generator.normal())
    }
    return buffers
  }

  @Test func everyBlockOfWeightsAgreesWithFiniteDifferences() throws {
    var kinks = 0
    var checks = 0
    for seed in 0..<10 as Range<UInt64> {
      var generator = Seed(seed).child("gradient").generator()
      let architecture = architecture(&generator)
      let buffers = try buffers(architecture, &generator)
      var options = ConservativeLoss()
      options.negativeWeight = 0.5
      options.infeasibleWeight = 0.5
      options.rankingWeight = 0.5
      options.highestNegative = 100
      options.lowestNegative = -100
      options.highestInfeasibleMean = 100
      var loss = LossEvaluation(options, contextCount: 3)
      let rows = BatchRows(feasibleCount: 8, infeasibleCount: 4, negativeCount: 4)
      let dropout = Seed(seed).child("dropout").generator()
      func total() -> Double { buffers.differentiate(rows, &loss, dropout: dropout).total }
      _ = total()
      let gradients = buffers.gradients.array
      let scale = (gradients.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
      for block in buffers.plan.layout.blocks {
        let direction = block.range.map { _ in Float(generator.normal()) }
        let length = (direction.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
        func loss(at step: Float) -> Double {
          let old = block.range.map { buffers.weights.base[$0] }
          for (place, index) in block.range.enumerated() {
            buffers.weights.base[index] += step * direction[place] / Float(length)
          }
          defer {
            for (place, index) in block.range.enumerated() {
              buffers.weights.base[index] = old[place]
            }
          }
          return total()
        }
        let step: Float = 4e-3
        let slope = (loss(at: step) - loss(at: -step)) / Double(2 * step)
        var expected = 0.0
        for (place, index) in block.range.enumerated() {
          expected += Double(direction[place]) / length * Double(gradients[index])
        }
        checks += 1
        let error = abs(slope - expected)
        if error > 5e-3 * max(abs(expected), 0.1 * scale, 0.1) { kinks += 1 }
        #expect(
          error < 0.05 * max(abs(expected), scale, 0.05),
          "seed \(seed) \(block.name): \(slope), \(expected)")
      }
    }
    // A rectifier changes sides within the step in a few blocks; a wrong formula would show in all.
    #expect(checks > 120)
    #expect(Double(kinks) < 0.06 * Double(checks), "\(kinks) of \(checks)")
  }

  @Test func gradientsOfInputsAgreeWithFiniteDifferences() throws {
    for seed in 0..<6 as Range<UInt64> {
      var generator = Seed(seed).child("inputs").generator()
      let architecture = architecture(&generator)
      let buffers = try buffers(architecture, &generator)
      buffers.differentiateInputs(0..<8)
      let gradients = buffers.inputGradients.array
      let scale = gradients.reduce(Float(0)) { max($0, abs($1)) }
      var off = 0
      for index in 0..<(8 * architecture.inputWidth) {
        let row = index / architecture.inputWidth
        let old = buffers.inputs.base[index]
        let step: Float = 2e-3
        buffers.inputs.base[index] = old + step
        buffers.predict(row..<(row + 1))
        let above = buffers.predictions.base[row]
        buffers.inputs.base[index] = old - step
        buffers.predict(row..<(row + 1))
        let slope = (above - buffers.predictions.base[row]) / (2 * step)
        buffers.inputs.base[index] = old
        if abs(slope - gradients[index]) > 0.02 * scale { off += 1 }
      }
      // Kinks, as above.
      #expect(Double(off) < 0.08 * Double(8 * architecture.inputWidth), "seed \(seed): \(off)")
    }
  }
}
