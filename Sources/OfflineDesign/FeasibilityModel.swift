import Execution
import LinearAlgebra
import Regression
import Study

/// The chance that a design works: two classifiers of the verdict, and a regression of every limited metric.
///
/// The verdict's probability is the mean of boosted trees (logistic loss) and extremely randomized trees. A metric that
/// was measured also where it broke its limit tells by how much, so its logarithm is regressed and the chance that it
/// keeps the limit, with a normal error of 1.5 times the training error and at least 2 %, bounds the probability.
struct FeasibilityModel: Sendable {
  struct LimitModel: Sendable {
    var trees: GradientBoostedTrees
    var bound: Double
    var isUpper: Bool
    var deviation: Double
    var isLogarithm: Bool
  }

  /// The share of rows that work, where all or none do.
  var constant: Double?
  var boosted: GradientBoostedTrees?
  var forest: RandomForest?
  var limits: [LimitModel] = []

  init(
    points: Matrix, log: LoggedDesigns, rows: [Int], options: CommitteeOptions
  ) throws {
    let seed = options.seed.child("feasibility")
    let works = rows.map { log.isFeasible[$0] ? 1.0 : 0.0 }
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
    for (index, metric) in log.limited.enumerated() {
      let known = rows.indices.filter { log.limited[index].values[rows[$0]].isFinite }
      let values = known.map { metric.values[rows[$0]] }
      let isLogarithm = metric.limit.bound > 0 && values.allSatisfy { $0 > 0 }
      guard known.count >= 10, Set(values).count > 1 else { continue }
      let targets = isLogarithm ? values.map(logarithm) : values
      let here = points.rows(known)
      var boosting = GradientBoostedTrees.Options()
      boosting.roundCount = options.roundCount * 4 / 3
      boosting.learningRate = 0.1
      boosting.leafWeight = 5
      let trees = try GradientBoostedTrees(
        points: here, targets: targets, options: boosting, seed: seed.child("limit", index))
      let errors = zip(targets, trees.predictions(at: here)).map { $0 - $1 }
      let variance = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
      let scale = isLogarithm ? 1 : max(abs(metric.limit.bound), 1e-12)
      limits.append(
        LimitModel(
          trees: trees,
          bound: isLogarithm ? logarithm(metric.limit.bound) : metric.limit.bound,
          isUpper: metric.limit.side == .atMost,
          deviation: 1.5 * variance.squareRoot() + 0.02 * scale, isLogarithm: isLogarithm))
    }
  }

  /// `n` probabilities in `[0.001, 1]`.
  func probabilities(at points: Matrix) -> [Double] {
    var result: [Double]
    if let constant {
      result = [Double](repeating: constant, count: points.rowCount)
    } else {
      let one = boosted?.predictions(at: points) ?? []
      let other = forest?.predictions(at: points) ?? []
      result = zip(one, other).map { 0.5 * ($0 + $1) }
    }
    for model in limits {
      for (row, value) in model.trees.predictions(at: points).enumerated() {
        let slack = model.isUpper ? model.bound - value : value - model.bound
        result[row] = min(
          result[row], SpecialFunctions.normalDistribution(slack / model.deviation))
      }
    }
    return result.map { min(1, max(0.001, $0)) }
  }
}
