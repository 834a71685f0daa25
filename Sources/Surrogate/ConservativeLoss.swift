import Foundation

/// What a conservative surrogate is trained to do besides predicting well.
///
/// Costs are minimized here, so PRIME's signs are reversed: the loss is
/// `mean (f(x) - y)^2 - negativeWeight mean f(negatives) - infeasibleWeight mean f(infeasible)`, which raises the
/// predicted cost of designs the model believes in without data, and of designs known not to work. With contexts every
/// mean is taken a context, then over the contexts.
///
/// Targets are standardized. A weight of PRIME's release, which works in milliseconds, is this weight times the
/// deviation of the latencies in milliseconds.
/// - SeeAlso: Kumar et al. 2022 (PRIME), equations 2 and 3, and its release, from which clips and weights are.
public struct ConservativeLoss: Hashable, Sendable, Codable {
  /// Weight of the negatives, PRIME's alpha; the release's demonstration has 0.1 a millisecond, its trainer 1.
  ///
  /// On the shipped log of PRIME's template (perceptron, 600 steps of rate 1e-3, weights of both terms alike) the rank
  /// correlation on random held-out rows is 0.837 with 0, 0.837 with 0.0017, 0.834 with 0.01; 0.1 costs much of it.
  public var negativeWeight: Float = 0.01
  /// Weight of the infeasible designs, PRIME's beta; the release's demonstration has 0.05, its trainer 1, its class 0.01.
  public var infeasibleWeight: Float = 0.01
  /// Weight of the mean over pairs of `log(1 + exp(-sign(y_i - y_j) (f_i - f_j)))`; the release has 0 by default.
  ///
  /// Differs from the release, where predictions and targets change places, so that the term has no gradient.
  public var rankingWeight: Float = 0
  /// Predictions of negatives beyond this are left alone, below and above.
  ///
  /// The release has +-4000 ms. Of its nine applications the middle one has a mean of 662 ms; the deviation is not
  /// published and taken to be equal to the mean, as of an exponential distribution: (4000 - 662) / 662 = 5,
  /// (-4000 - 662) / 662 = -7.
  public var lowestNegative: Float = -7
  /// See `lowestNegative`.
  public var highestNegative: Float = 5
  /// The mean prediction of infeasible designs is not pushed above this; 1000 ms in the release, by the same conversion.
  ///
  /// The release's bounds on the other side and on the mean of the negatives are never reached.
  public var highestInfeasibleMean: Float = 0.5

  /// Creates the default weights.
  public init() {}

  /// Plain regression.
  public static var regression: ConservativeLoss {
    var loss = ConservativeLoss()
    loss.negativeWeight = 0
    loss.infeasibleWeight = 0
    return loss
  }

  /// The parts of a loss, before their weights.
  public struct Parts: Hashable, Sendable, Codable {
    /// Mean squared error over feasible designs.
    public var squaredError = 0.0
    /// Mean prediction of negatives, clipped.
    public var negativeMean = 0.0
    /// Mean prediction of infeasible designs, clipped.
    public var infeasibleMean = 0.0
    /// Mean over pairs.
    public var ranking = 0.0
    /// The sum with weights.
    public var total = 0.0

    /// Creates parts of zero.
    public init() {}
  }

  func validated() throws(SurrogateError) -> ConservativeLoss {
    for (name, weight) in [
      ("weight of negatives", negativeWeight), ("weight of infeasible designs", infeasibleWeight),
      ("weight of ranking", rankingWeight),
    ] where !(weight >= 0 && weight <= 1e6) {
      throw .option(name: name, got: "\(weight)", expected: "a number in 0...1e6")
    }
    guard lowestNegative < highestNegative, highestInfeasibleMean.isFinite else {
      throw .option(
        name: "clips", got: "\(lowestNegative), \(highestNegative), \(highestInfeasibleMean)",
        expected: "finite numbers, the lowest below the highest")
    }
    return self
  }
}

/// The rows of one training batch: feasible ones, infeasible ones, negatives, in this order.
struct BatchRows {
  var feasibleCount: Int
  var infeasibleCount: Int
  var negativeCount: Int
  var count: Int { feasibleCount + infeasibleCount + negativeCount }

  var feasible: Range<Int> { 0..<feasibleCount }
  var infeasible: Range<Int> { feasibleCount..<(feasibleCount + infeasibleCount) }
  var negatives: Range<Int> { (feasibleCount + infeasibleCount)..<count }
}

/// Computes a loss and its gradient by prediction; keeps room for means of contexts.
struct LossEvaluation {
  let loss: ConservativeLoss
  private var counts: [Int]
  private var sums: [Double]

  init(_ loss: ConservativeLoss, contextCount: Int) {
    self.loss = loss
    counts = [Int](repeating: 0, count: max(1, contextCount))
    sums = counts.map { _ in 0 }
  }

  /// - Parameters:
  ///   - targets: One a feasible row.
  ///   - contexts: One a row; 0 without contexts.
  ///   - gradients: Written, one a row.
  mutating func evaluate(
    _ rows: BatchRows, predictions: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    contexts: UnsafePointer<Int32>, gradients: UnsafeMutablePointer<Float>
  ) -> ConservativeLoss.Parts {
    var parts = ConservativeLoss.Parts()
    var groups = count(rows.feasible, contexts)
    for row in rows.feasible {
      let share = weight(of: Int(contexts[row]), groups)
      let error = Double(predictions[row]) - Double(targets[row])
      parts.squaredError += share * error * error
      gradients[row] = Float(2 * share * error)
    }
    if loss.rankingWeight > 0 {
      parts.ranking = rank(rows.feasible, predictions, targets, contexts, gradients, groups)
    }
    groups = count(rows.infeasible, contexts)
    accumulate(rows.infeasible, predictions, contexts)
    for context in counts.indices where counts[context] > 0 {
      let mean = min(sums[context] / Double(counts[context]), Double(loss.highestInfeasibleMean))
      parts.infeasibleMean += mean / Double(groups)
    }
    for row in rows.infeasible {
      let context = Int(contexts[row])
      let isClipped = sums[context] >= Double(loss.highestInfeasibleMean) * Double(counts[context])
      gradients[row] =
        isClipped ? 0 : -loss.infeasibleWeight * Float(weight(of: context, groups))
    }
    groups = count(rows.negatives, contexts)
    for row in rows.negatives {
      let share = weight(of: Int(contexts[row]), groups)
      let value = min(max(predictions[row], loss.lowestNegative), loss.highestNegative)
      parts.negativeMean += share * Double(value)
      gradients[row] = value == predictions[row] ? -loss.negativeWeight * Float(share) : 0
    }
    parts.total =
      parts.squaredError + Double(loss.rankingWeight) * parts.ranking
      - Double(loss.negativeWeight) * parts.negativeMean
      - Double(loss.infeasibleWeight) * parts.infeasibleMean
    return parts
  }

  /// Counts rows by context; returns the number of contexts that occur.
  private mutating func count(_ rows: Range<Int>, _ contexts: UnsafePointer<Int32>) -> Int {
    for index in counts.indices { counts[index] = 0 }
    for row in rows { counts[Int(contexts[row])] += 1 }
    return counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
  }

  private func weight(of context: Int, _ groups: Int) -> Double {
    1 / (Double(counts[context]) * Double(groups))
  }

  private mutating func accumulate(
    _ rows: Range<Int>, _ predictions: UnsafePointer<Float>, _ contexts: UnsafePointer<Int32>
  ) {
    for index in sums.indices { sums[index] = 0 }
    for row in rows { sums[Int(contexts[row])] += Double(predictions[row]) }
  }

  /// All ordered pairs of a context, a row with itself included, as the release has it; ties add log 2 and no gradient.
  private func rank(
    _ rows: Range<Int>, _ predictions: UnsafePointer<Float>, _ targets: UnsafePointer<Float>,
    _ contexts: UnsafePointer<Int32>, _ gradients: UnsafeMutablePointer<Float>, _ groups: Int
  ) -> Double {
    var total = 0.0
    for i in rows {
      let size = Double(counts[Int(contexts[i])])
      let share = 1 / (size * size * Double(groups))
      for j in rows.lowerBound...i where contexts[i] == contexts[j] {
        guard targets[i] != targets[j] else {
          total += share * (i == j ? 1 : 2) * log(2)
          continue
        }
        let sign: Double = targets[i] > targets[j] ? 1 : -1
        let margin = sign * (Double(predictions[i]) - Double(predictions[j]))
        // log(1 + e^-m) without overflow, and its derivative -1 / (1 + e^m).
        total += 2 * share * (max(0, -margin) + log1p(exp(-abs(margin))))
        let slope = -2 * share * sign * Double(loss.rankingWeight) / (1 + exp(min(margin, 700)))
        gradients[i] += Float(slope)
        gradients[j] -= Float(slope)
      }
    }
    return total
  }
}
