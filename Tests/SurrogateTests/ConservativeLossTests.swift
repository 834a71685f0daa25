import Execution
import Foundation
import Testing

@testable import Surrogate

@Suite struct ConservativeLossTests {
  private func evaluate(
    _ options: ConservativeLoss, _ rows: BatchRows, _ predictions: [Float], _ targets: [Float],
    _ contexts: [Int32]
  ) -> (parts: ConservativeLoss.Parts, gradients: [Float]) {
    var loss = LossEvaluation(options, contextCount: 3)
    let gradients = Buffer<Float>(rows.count, .nan)
    let (p, t, c) = (Buffer(predictions, or: 0), Buffer(targets, or: 0), Buffer(contexts, or: 0))
    let parts = loss.evaluate(
      rows, predictions: p.base, targets: t.base, contexts: c.base, gradients: gradients.base)
    return withExtendedLifetime((p, t, c)) { (parts, gradients.array) }
  }

  @Test func partsAndGradientsByHand() {
    var options = ConservativeLoss()
    options.negativeWeight = 0.5
    options.infeasibleWeight = 0.25
    let rows = BatchRows(feasibleCount: 2, infeasibleCount: 2, negativeCount: 3)
    let (parts, gradients) = evaluate(
      options, rows, [1, 2, -1, -2, 0, 9, -9], [0, 4], [0, 0, 0, 0, 0, 0, 0])
    // ((1 - 0)^2 + (2 - 4)^2) / 2; (-1 - 2) / 2; (0 + 5 - 7) / 3.
    #expect(parts.squaredError == 2.5)
    #expect(parts.infeasibleMean == -1.5)
    #expect(abs(parts.negativeMean - -2.0 / 3) < 1e-12)
    #expect(abs(parts.total - (2.5 + 0.375 + 1.0 / 3)) < 1e-12)
    let expected: [Float] = [1, -2, -0.125, -0.125, -0.5 / 3, 0, 0]
    for (got, want) in zip(gradients, expected) { #expect(abs(got - want) < 1e-7) }
  }

  /// PRIME's contextual loss: the mean over contexts of the mean over rows.
  @Test func contextsCountAlikeHoweverManyRowsTheyHave() {
    let rows = BatchRows(feasibleCount: 4, infeasibleCount: 0, negativeCount: 0)
    let (parts, gradients) = evaluate(
      .regression, rows, [1, 1, 1, 3], [0, 0, 0, 0], [2, 2, 2, 0])
    #expect(abs(parts.squaredError - (1 + 9) / 2.0) < 1e-12)
    #expect(abs(gradients[0] - 1.0 / 3) < 1e-6)
    #expect(abs(gradients[3] - 3) < 1e-6)
  }

  @Test func infeasibleMeansAboveTheClipAreLeftAlone() {
    var options = ConservativeLoss()
    options.infeasibleWeight = 1
    let rows = BatchRows(feasibleCount: 0, infeasibleCount: 4, negativeCount: 0)
    let (parts, gradients) = evaluate(options, rows, [2, 3, -1, 0], [], [0, 0, 1, 1])
    #expect(parts.infeasibleMean == (0.5 - 0.5) / 2)
    #expect(gradients == [0, 0, -0.25, -0.25])
  }

  @Test func rankingRewardsTheRightOrder() {
    var options = ConservativeLoss.regression
    options.rankingWeight = 1
    let rows = BatchRows(feasibleCount: 2, infeasibleCount: 0, negativeCount: 0)
    let (right, slopes) = evaluate(options, rows, [0, 1], [0, 1], [0, 0])
    // Four ordered pairs: two of a row with itself, log 2 each, two of margin 1.
    #expect(abs(right.ranking - (2 * log(2) + 2 * log(1 + exp(-1))) / 4) < 1e-12)
    #expect(slopes[0] > 0 && slopes[1] < 0)
    let wrong = evaluate(options, rows, [1, 0], [0, 1], [0, 0]).parts
    #expect(wrong.ranking > right.ranking + 0.4)
    let far = evaluate(options, rows, [1e30, -1e30], [0, 1], [0, 0])
    #expect(far.parts.ranking.isFinite && far.gradients.allSatisfy { $0.isFinite })
  }

  @Test func unusableOptionsAreErrors() {
    var options = TrainingOptions()
    options.loss.negativeWeight = -1
    #expect(
      throws: SurrogateError.option(
        name: "weight of negatives", got: "-1.0", expected: "a number in 0...1e6")
    ) { try options.validated() }
    options = TrainingOptions()
    options.learningRate = .nan
    let error = #expect(throws: SurrogateError.self) { try options.validated() }
    #expect(
      error?.description == "training: learning rate: got nan, expected a number in 0...1")
    options = TrainingOptions()
    var moves = NegativeMining.GradientOptions()
    moves.count = 1
    options.mining = .gradient(moves)
    #expect(
      throws: SurrogateError.option(
        name: "count of negatives", got: "1", expected: "a number in 2...100000")
    ) { try options.validated() }
    options = TrainingOptions()
    options.batchCount = 0
    #expect(
      throws: SurrogateError.option(name: "batch", got: "0", expected: "a number in 1...1000000")
    ) { try options.validated() }
    options = TrainingOptions()
    options.loss.lowestNegative = 9
    #expect(
      throws: SurrogateError.option(
        name: "clips", got: "9.0, 5.0, 0.5",
        expected: "finite numbers, the lowest below the highest")
    ) { try options.validated() }
  }

  @Test func impossibleNetworksAreErrors() {
    var shape = AttentionShape()
    shape.width = 60
    let cases: [(NetworkArchitecture, String)] = [
      (
        NetworkArchitecture(blockWidths: [3], trunk: .attention(shape)),
        "network: width of tokens: got 60, expected a multiple of 64, eight for each head"
      ),
      (
        NetworkArchitecture(blockWidths: [], trunk: .none),
        "network: count of blocks: got 0, expected a number in 1...10000"
      ),
      (
        NetworkArchitecture(blockWidths: [3], trunk: .none, expertCount: 0),
        "network: count of experts: got 0, expected a number in 1...1000"
      ),
      (
        NetworkArchitecture(blockWidths: [3], trunk: .none, headDropoutRate: 1),
        "network: dropout rate of the head: got 1.0, expected a number in 0...0.9"
      ),
      (
        NetworkArchitecture(
          blockWidths: [3], trunk: .none, hiddenWidths: [100_000, 100_000]),
        "network: weights: got 10000600001, expected at most 100000000"
      ),
    ]
    for (architecture, message) in cases {
      let error = #expect(throws: SurrogateError.self) {
        try SurrogateNetwork(architecture, seed: Seed(1))
      }
      #expect(error?.description == message)
    }
    #expect(
      throws: SurrogateError.architecture(size: "weights", got: "1", expected: "5")
    ) {
      try SurrogateNetwork(
        NetworkArchitecture(blockWidths: [2], trunk: .none, hiddenWidths: [1], expertCount: 1),
        weights: [1])
    }
  }
}
