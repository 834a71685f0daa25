public import Execution
public import LinearAlgebra

/// What is believed of candidates: several models' predictions, correlated uncertainty, chance of working.
public struct CandidateBeliefs: Sendable {
  /// `models x candidates`: predicted targets, smaller is better, in the same unit for all models.
  public var predictions: [[Double]]
  /// Covariance of what the models do not explain; `candidates x candidates`, in squared units of the predictions.
  public var covariance: Matrix
  /// For each candidate the probability that it works, in `[0, 1]`.
  public var feasibility: [Double]
  /// The best target seen, which candidates are to beat.
  public var incumbent: Double

  /// Collects beliefs.
  public init(
    predictions: [[Double]], covariance: Matrix, feasibility: [Double], incumbent: Double
  ) {
    precondition(!predictions.isEmpty, "there is a model")
    precondition(
      predictions.allSatisfy { $0.count == feasibility.count }, "one number per candidate")
    precondition(covariance.rowCount == feasibility.count, "one row per candidate")
    self.predictions = predictions
    self.covariance = covariance
    self.feasibility = feasibility
    self.incumbent = incumbent
  }
}

/// Chooses candidates one after the other so that the best of those chosen so far is expected to be as good as possible.
///
/// Draws complete worlds: in each the models are mixed with random weights (uniform on the simplex), an error is drawn
/// from the joint covariance, and every candidate works or not. The worth of a candidate in a world is the share of the
/// way from the incumbent to the world's best that it goes, -1 where it does not work. Each choice maximizes the mean
/// over worlds of the best worth among the chosen, so the second choice bets on worlds in which the first one fails:
/// a list that is good at every length.
///
/// - SeeAlso: Wilson, Hutter, Deisenroth 2018, "Maximizing acquisition functions for Bayesian optimization", section 3.2
///   (greedy maximization of a submodular batch acquisition). Our own: worlds mix models, and worth is relative.
public struct PortfolioSelection: Sendable {
  /// The number of worlds.
  ///
  /// Default: 300, as used when the method was chosen on inner splits.
  public var worldCount = 300
  /// Factor on the deviations of the joint error.
  public var errorScale = 1.0

  /// Creates a selection with defaults.
  public init() {}

  /// Chooses up to `count` candidates.
  ///
  /// - Returns: Indices in the order of choice, without repeats.
  /// - Complexity: O(*count x candidates x worlds* + *candidates*^3) time.
  public func choose(
    count: Int, from beliefs: CandidateBeliefs, using generator: inout SeededGenerator
  ) -> [Int] {
    let size = beliefs.feasibility.count
    guard size > 0 else { return [] }
    let worth = worths(beliefs, using: &generator)
    var best = [Double](repeating: -1, count: worldCount)
    var chosen: [Int] = []
    var isChosen = [Bool](repeating: false, count: size)
    while chosen.count < min(count, size) {
      var winner = -1
      var highest = -Double.infinity
      worth.withUnsafeBufferPointer { worth in
        for candidate in 0..<size where !isChosen[candidate] {
          let row = candidate * worldCount
          var sum = 0.0
          for world in 0..<worldCount { sum += max(worth[row + world], best[world]) }
          if sum > highest {
            highest = sum
            winner = candidate
          }
        }
      }
      isChosen[winner] = true
      chosen.append(winner)
      for world in 0..<worldCount {
        best[world] = max(best[world], worth[winner * worldCount + world])
      }
    }
    return chosen
  }

  /// `candidates x worlds`, row after row.
  private func worths(_ beliefs: CandidateBeliefs, using generator: inout SeededGenerator)
    -> [Double]
  {
    let size = beliefs.feasibility.count
    let modelCount = beliefs.predictions.count
    let factor = jitteredFactor(beliefs.covariance)
    var values = [Double](repeating: 0, count: size * worldCount)
    for world in 0..<worldCount {
      var weights = (0..<modelCount).map { _ in exponential(using: &generator) }
      let total = weights.reduce(0, +)
      weights = weights.map { $0 / total }
      let noise = (0..<size).map { _ in generator.normal() }
      let error = factor?.color(noise) ?? [Double](repeating: 0, count: size)
      var drawn = [Double](repeating: 0, count: size)
      for candidate in 0..<size {
        var value = errorScale * error[candidate]
        for model in 0..<modelCount {
          value += weights[model] * beliefs.predictions[model][candidate]
        }
        drawn[candidate] = value
      }
      let reach = max(0.05, beliefs.incumbent - (drawn.min() ?? 0))
      for candidate in 0..<size {
        let works = generator.unitInterval() < beliefs.feasibility[candidate]
        let gain = (beliefs.incumbent - drawn[candidate]) / reach
        values[candidate * worldCount + world] = works ? min(1, max(-1, gain)) : -1
      }
    }
    return values
  }

  private func exponential(using generator: inout SeededGenerator) -> Double {
    -logarithm(max(generator.unitInterval(), 0x1p-60))
  }

  /// A factor of the covariance with a jitter of 1e-5 of the mean variance; `nil` without any uncertainty.
  private func jitteredFactor(_ covariance: Matrix) -> Cholesky? {
    let diagonal = covariance.diagonal
    let mean = diagonal.reduce(0, +) / Double(max(1, diagonal.count))
    guard mean > 0 else { return nil }
    var padded = covariance
    for index in diagonal.indices { padded[index, index] += 1e-5 * mean + 1e-9 }
    return try? Cholesky(
      factoring: padded, jitter: .escalating(from: 1e-8 * mean, to: 1e-2 * mean))
  }
}
