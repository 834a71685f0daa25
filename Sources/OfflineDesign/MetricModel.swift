import Execution
import LinearAlgebra
import Regression
import Study

/// A metric as a function of the design, to tell the chance that it keeps a limit that is only known later.
///
/// The logarithm of a positive metric, else the metric, is regressed by boosted trees; the error is taken to be normal
/// with 1.5 times the training error and at least 2 %.
struct MetricModel: Sendable, Codable {
  var name: String
  /// `nil` where fewer than 10 values, or a single one, are known.
  var trees: GradientBoostedTrees?
  /// The known values of a metric without trees, sorted.
  var known: [Double]
  /// Whether the logarithm is regressed.
  var isLogarithm: Bool
  /// 1.5 times the training error.
  var error: Double

  init(
    _ metric: LoggedDesigns.MeasuredMetric, points: Matrix, rows: [Int],
    options: CommitteeOptions, seed: Seed
  ) throws {
    name = metric.name
    let measured = rows.indices.filter { metric.values[rows[$0]].isFinite }
    let values = measured.map { metric.values[rows[$0]] }
    isLogarithm = values.allSatisfy { $0 > 0 }
    known = []
    error = 0
    guard measured.count >= 10, let first = values.first, values.contains(where: { $0 != first })
    else {
      known = values.count >= 10 ? [values[0]] : values.sorted()
      return
    }
    let targets = isLogarithm ? values.map(logarithm) : values
    let here = points.rows(measured)
    var boosting = GradientBoostedTrees.Options()
    boosting.roundCount = options.roundCount * 4 / 3
    boosting.learningRate = 0.1
    boosting.leafWeight = 5
    let trees = try GradientBoostedTrees(
      points: here, targets: targets, options: boosting, seed: seed)
    let errors = zip(targets, trees.predictions(at: here)).map { $0 - $1 }
    let variance = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    error = 1.5 * variance.squareRoot()
    self.trees = trees
  }

  /// `n` chances that a limit is kept, in `[0, 1]`.
  func chances(at points: Matrix, of limit: MetricLimit) -> [Double] {
    guard let trees else {
      let share =
        known.isEmpty ? 1 : Double(known.count { limit.allows($0) }) / Double(known.count)
      return [Double](repeating: share, count: points.rowCount)
    }
    let isUpper = limit.side == .atMost
    // A positive metric keeps no upper bound below zero, and every lower one.
    if isLogarithm, limit.bound <= 0 {
      return [Double](repeating: isUpper ? 0 : 1, count: points.rowCount)
    }
    let bound = isLogarithm ? logarithm(limit.bound) : limit.bound
    let deviation = error + 0.02 * (isLogarithm ? 1 : max(abs(limit.bound), 1e-12))
    return trees.predictions(at: points).map { value in
      SpecialFunctions.normalDistribution((isUpper ? bound - value : value - bound) / deviation)
    }
  }
}
