import Execution
import LinearAlgebra
import Regression
import Study

/// The chance that a design works: two classifiers of the verdict, and a regression of every metric that may be limited.
///
/// The verdict's probability is the mean of boosted trees (logistic loss) and extremely randomized trees. Limits are
/// those of the question, not of the training: a metric is regressed whether it broke a limit or not, and the chance that
/// it keeps one (`MetricModel`) bounds the probability.
struct FeasibilityModel: Sendable, Codable {
  /// The share of rows that work, where all or none do.
  var constant: Double?
  var boosted: GradientBoostedTrees?
  var forest: RandomForest?
  var metrics: [MetricModel] = []

  init(
    points: Matrix, log: LoggedDesigns, rows: [Int], groups: [Int], options: CommitteeOptions
  ) throws {
    let seed = options.seed.child("feasibility")
    let works = rows.map { log.works[$0] ? 1.0 : 0.0 }
    let share = works.reduce(0, +) / Double(max(1, works.count))
    if share == 0 || share == 1 {
      constant = share
    } else {
      var boosting = GradientBoostedTrees.Options()
      boosting.loss = .logistic
      boosting.roundCount = options.roundCount
      boosting.learningRate = 0.06
      // Curvatures of the logistic loss are at most a quarter: about five undecided rows.
      boosting.leafWeight = 1.25
      boosted = try GradientBoostedTrees(
        points: points, targets: works, options: boosting, seed: seed.child("boosted"))
      var growth = RandomForest.Options.extraTrees
      growth.treeCount = 300
      growth.columnShare = 0.7
      forest = try RandomForest(
        points: points, targets: works, options: growth, seed: seed.child("forest"))
    }
    metrics = try log.metrics.map { metric in
      try Task.checkCancellation()
      return try MetricModel(
        metric, points: points, rows: rows, groups: groups, options: options,
        seed: seed.child("metric \(metric.name)"))
    }
  }

  /// `n` probabilities in `[0.001, 1]` of working and keeping limits.
  ///
  /// A limit on a metric that was not learned keeps nothing from working; `learnedMetrics` tells.
  func probabilities(at points: Matrix, under limits: [MetricLimit]) -> [Double] {
    var result: [Double]
    if let constant {
      result = [Double](repeating: constant, count: points.rowCount)
    } else {
      let one = boosted?.predictions(at: points) ?? []
      let other = forest?.predictions(at: points) ?? []
      result = zip(one, other).map { 0.5 * ($0 + $1) }
    }
    for limit in limits {
      guard let model = metrics.first(where: { $0.name == limit.metric }) else { continue }
      for (row, chance) in model.chances(at: points, of: limit).enumerated() {
        result[row] = min(result[row], chance)
      }
    }
    return result.map { min(1, max(0.001, $0)) }
  }
}
