import Execution
import GaussianProcesses
import LinearAlgebra
import Regression
import Study

/// A metric as a function of the design, to tell the chance that it keeps a limit that is only known later.
///
/// The logarithm of a positive metric, else the metric, is regressed by boosted trees, or by a polynomial with a Gaussian
/// process of what it leaves, whichever is closer on a fifth of the rows that it was not shown. The error is taken to be
/// normal with the deviation seen there, and at least 1 %: good designs lie at the limit, where an error that was measured
/// on shown rows makes every second one break it.
struct MetricModel: Sendable, Codable {
  var name: String
  /// `nil` where fewer than 10 values, or a single one, are known.
  var model: Regressor?
  /// The known values of a metric without a model, sorted.
  var known: [Double]
  /// Whether the logarithm is regressed.
  var isLogarithm: Bool
  /// The standard deviation of the error on rows that were not shown, in the unit of what is regressed.
  var error: Double

  /// One of the two kinds of models.
  struct Regressor: Sendable, Codable {
    var trees: GradientBoostedTrees?
    var ridge: RidgeRegression?
    var process: ScaledProcess?

    /// `n` predictions.
    func predictions(at points: Matrix) -> [Double] {
      if let trees { return trees.predictions(at: points) }
      let smooth = ridge?.predictions(at: points) ?? [Double](repeating: 0, count: points.rowCount)
      guard let process else { return smooth }
      return zip(smooth, process.means(at: points)).map { $0 + $1 }
    }
  }

  /// - Parameters:
  ///   - points: Encoded designs of all rows of the log.
  ///   - rows: The rows to learn from.
  ///   - groups: Length scales of the columns.
  init(
    _ metric: LoggedDesigns.MeasuredMetric, points: Matrix, rows: [Int], groups: [Int],
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
    var order = Array(targets.indices)
    var generator = seed.child("shown").generator()
    order.shuffle(using: &generator)
    let hidden = order.prefix(max(2, targets.count / 5)).sorted()
    let shown = order.dropFirst(max(2, targets.count / 5)).sorted()
    var best = (error: Double.infinity, isSmooth: false)
    // A polynomial of many columns has thousands of terms.
    for isSmooth in points.columnCount <= 40 ? [false, true] : [false] {
      let model = try Self.regressor(
        here.rows(shown), shown.map { targets[$0] }, groups, isSmooth: isSmooth, options, seed)
      let errors = zip(hidden, model.predictions(at: here.rows(hidden)))
        .map { targets[$0] - $1 }
      let error = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
      if error < best.error { best = (error, isSmooth) }
    }
    error = best.error
    model = try Self.regressor(here, targets, groups, isSmooth: best.isSmooth, options, seed)
  }

  private static func regressor(
    _ points: Matrix, _ targets: [Double], _ groups: [Int], isSmooth: Bool,
    _ options: CommitteeOptions, _ seed: Seed
  ) throws -> Regressor {
    guard isSmooth else {
      var boosting = GradientBoostedTrees.Options()
      boosting.roundCount = options.roundCount * 4 / 3
      boosting.learningRate = 0.1
      boosting.leafWeight = 5
      return Regressor(
        trees: try GradientBoostedTrees(
          points: points, targets: targets, options: boosting, seed: seed))
    }
    let fitted = chosenRows(targets.count, limit: 20_000, seed: seed.child("ridge"))
    let ridge = try RidgeRegression(
      points: points.rows(fitted), targets: fitted.map { targets[$0] })
    let left = zip(targets, ridge.predictions(at: points)).map { $0 - $1 }
    var small = options
    // Half the rows of other processes: a metric is asked about along with the objective, and is smoother.
    small.processRowLimit = options.processRowLimit / 2
    let process = ScaledProcess(
      points: points, targets: left, groups: groups, hasLinear: false, options: small,
      seed: seed.child("process"))
    return Regressor(ridge: ridge, process: process)
  }

  /// `n` chances that a limit is kept, in `[0, 1]`.
  func chances(at points: Matrix, of limit: MetricLimit) -> [Double] {
    guard let model else {
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
    let deviation = error + 0.01 * (isLogarithm ? 1 : max(abs(limit.bound), 1e-12))
    return model.predictions(at: points).map { value in
      SpecialFunctions.normalDistribution((isUpper ? bound - value : value - bound) / deviation)
    }
  }

  /// Whether designs of that many columns can be judged.
  func accepts(_ columnCount: Int) -> Bool {
    (model?.trees?.leastColumnCount ?? 0) <= columnCount
      && (model?.ridge?.columnCount ?? columnCount) == columnCount
      && (model?.process?.process.kernel.columnCount ?? columnCount) == columnCount
  }
}
