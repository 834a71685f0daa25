import Execution
import LinearAlgebra
import Testing

@testable import Surrogate

/// Single precision against PyTorch's double precision: about 100 roundings of 6e-8 in a row, cancellation in gradients.
@Suite(.serialized) struct NetworkReferenceTests {
  init() { BLASRuntime.useOneThread() }

  @Test func forwardAgreesWithPyTorch() throws {
    let references = try PyTorchReferences.read()
    #expect(references.cases.count == 9)
    for reference in references.cases {
      let network = try SurrogateNetwork(reference.network, weights: reference.weights)
      let predictions = network.predictions(
        of: reference.inputs, contexts: reference.table.isEmpty ? [] : reference.contexts,
        contextFeatures: reference.table)
      let difference = relativeDifference(predictions, reference.outputs)
      #expect(difference < 2e-5, "\(reference.name): \(difference)")
    }
  }

  @Test func lossAndGradientsAgreeWithPyTorch() throws {
    for reference in try PyTorchReferences.read().cases {
      let buffers = try reference.buffers()
      var loss = LossEvaluation(
        reference.conservativeLoss, contextCount: max(1, buffers.contextCount))
      let parts = buffers.differentiate(reference.rows, &loss)
      let difference = abs(parts.total - reference.loss) / max(1, abs(reference.loss))
      #expect(difference < 1e-5, "\(reference.name): loss \(parts.total), \(reference.loss)")
      for block in buffers.plan.layout.blocks {
        let got = Array(buffers.gradients.array[block.range])
        let expected = Array(reference.gradients[block.range])
        // Gradients that cancel to nothing (keys' biases) are compared with the gradients of all weights.
        let all = relativeDifference(reference.gradients.map { _ in 0 }, reference.gradients)
        let isNothing = expected.allSatisfy { abs($0) < 1e-6 }
        let error = relativeDifference(got, expected)
        #expect(error < 3e-4 || isNothing && all > 0, "\(reference.name) \(block.name): \(error)")
        if isNothing { #expect(got.allSatisfy { abs($0) < 1e-5 }) }
      }
    }
  }

  @Test func inputGradientsAgreeWithPyTorch() throws {
    for reference in try PyTorchReferences.read().cases {
      let buffers = try reference.buffers()
      var loss = LossEvaluation(
        reference.conservativeLoss, contextCount: max(1, buffers.contextCount))
      _ = buffers.differentiate(reference.rows, &loss)
      let outputGradients = buffers.outputGradients.array
      buffers.differentiateInputs(0..<reference.rows.count)
      // The reference has the gradient of the loss, the miners need that of every row's prediction.
      let width = reference.network.inputWidth
      let got = buffers.inputGradients.array.enumerated().map {
        $1 * outputGradients[$0 / width]
      }
      let error = relativeDifference(got, reference.inputGradients)
      #expect(error < 3e-4, "\(reference.name): \(error)")
    }
  }

  @Test func adamStepsAgreeWithPyTorch() throws {
    for reference in try PyTorchReferences.read().cases {
      let buffers = try reference.buffers()
      var loss = LossEvaluation(
        reference.conservativeLoss, contextCount: max(1, buffers.contextCount))
      let optimizer = AdamOptimizer(learningRate: 1e-3)
      let first = Buffer<Float>(buffers.weights.count, 0)
      let second = Buffer<Float>(buffers.weights.count, 0)
      for (step, expected) in reference.adam.enumerated() {
        _ = buffers.differentiate(reference.rows, &loss)
        optimizer.update(
          weights: buffers.weights.base, gradients: buffers.gradients.base, first: first.base,
          second: second.base, count: buffers.weights.count, step: step + 1)
        // Steps of weights whose gradient is rounding noise have a random sign; all others agree.
        var off = 0
        for (index, weight) in buffers.weights.array.enumerated() {
          let moved = weight - reference.weights[index]
          if abs(moved - expected[index]) > 2e-5 { off += 1 }
        }
        let noise = reference.gradients.filter { abs($0) < 1e-6 }.count
        #expect(off <= noise, "\(reference.name): \(off) of \(noise) at step \(step + 1)")
      }
    }
  }
}
