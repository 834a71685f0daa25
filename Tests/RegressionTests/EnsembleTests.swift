import Execution
import LinearAlgebra
import Regression
import Testing

@Suite struct EnsembleTests {
  static func forestOptions(_ change: (inout RandomForest.Options) -> Void)
    -> RandomForest.Options
  {
    var options = RandomForest.Options()
    options.treeCount = 40
    change(&options)
    return options
  }

  /// Noise is 1 of a variance of about 24: no predictor explains more than 0.96.
  @Test func forestsPredictFriedman() throws {
    for seed in 0..<2 {
      let (points, targets) = friedman(400, 8, seed)
      let fresh = friedman(400, 8, seed + 100)
      let forest = try RandomForest(
        points: points, targets: targets, options: Self.forestOptions { _ in }, seed: Seed(1))
      #expect(explainedShare(forest.predictions(at: fresh.points), fresh.targets) > 0.72)
      var extra = RandomForest.Options.extraTrees
      extra.treeCount = 40
      let random = try RandomForest(
        points: points, targets: targets, options: extra, seed: Seed(1))
      #expect(random.outOfBagError == nil)
      #expect(explainedShare(random.predictions(at: fresh.points), fresh.targets) > 0.75)
    }
  }

  @Test func boostingPredictsFriedman() throws {
    var options = GradientBoostedTrees.Options()
    options.roundCount = 150
    options.depthLimit = 3
    for seed in 0..<2 {
      let (points, targets) = friedman(400, 8, seed)
      let fresh = friedman(400, 8, seed + 100)
      let model = try GradientBoostedTrees(
        points: points, targets: targets, options: options, seed: Seed(1))
      #expect(explainedShare(model.predictions(at: fresh.points), fresh.targets) > 0.82)
      let ridge = try RidgeRegression(points: points, targets: targets)
      #expect(explainedShare(ridge.predictions(at: fresh.points), fresh.targets) > 0.80)
    }
  }

  @Test func outOfBagErrorIsHonest() throws {
    let (points, targets) = friedman(500, 6, 3)
    let fresh = friedman(1000, 6, 4)
    let forest = try RandomForest(
      points: points, targets: targets, options: Self.forestOptions { $0.treeCount = 100 },
      seed: Seed(2))
    #expect(forest.outOfBagPredictions.allSatisfy { $0 != nil })
    let predictions = forest.predictions(at: fresh.points)
    let errors = zip(predictions, fresh.targets).map { ($0 - $1) * ($0 - $1) }
    let error = errors.reduce(0, +) / 1000
    let ratio = (forest.outOfBagError ?? 0) / error
    // Fewer trees vote out of bag, and both are means of 500 and 1000 squares: within a fifth.
    #expect(ratio > 0.8 && ratio < 1.25)
  }

  @Test func threadsDoNotChangeForests() throws {
    let (points, targets) = friedman(120, 5, 5)
    let one = try RandomForest(
      points: points, targets: targets, options: Self.forestOptions { _ in }, seed: Seed(3))
    let four = try RandomForest(
      points: points, targets: targets, options: Self.forestOptions { $0.threadCount = 4 },
      seed: Seed(3))
    #expect(one.trees == four.trees)
    #expect(one.outOfBagPredictions == four.outOfBagPredictions)
    let other = try RandomForest(
      points: points, targets: targets, options: Self.forestOptions { _ in }, seed: Seed(4))
    #expect(one.trees != other.trees)
    let longer = try RandomForest(
      points: points, targets: targets, options: Self.forestOptions { $0.treeCount = 41 },
      seed: Seed(3))
    #expect(Array(longer.trees.prefix(40)) == one.trees)
  }

  @Test func forestIsTheMeanOfItsTrees() throws {
    let (points, targets) = friedman(80, 5, 6)
    let forest = try RandomForest(
      points: points, targets: targets, options: Self.forestOptions { _ in }, seed: Seed(3))
    let all = forest.treePredictions(at: points)
    #expect(all.rowCount == 80 && all.columnCount == 40)
    let means = (0..<80).map { all.row($0).reduce(0, +) / 40 }
    #expect(distance(forest.predictions(at: points), means) < 1e-13)
  }

  @Test func probabilitiesStayInRange() throws {
    let (points, values) = friedman(300, 5, 7)
    let labels = values.map { $0 > 14 ? 1.0 : 0.0 }
    let fresh = friedman(300, 5, 8)
    let forest = try RandomForest(
      points: points, targets: labels, options: Self.forestOptions { _ in }, seed: Seed(1))
    var options = GradientBoostedTrees.Options()
    options.loss = .logistic
    options.roundCount = 60
    let boosted = try GradientBoostedTrees(
      points: points, targets: labels, options: options, seed: Seed(1))
    for predictions in [
      forest.predictions(at: fresh.points), boosted.predictions(at: fresh.points),
    ] {
      #expect(predictions.allSatisfy { $0 >= 0 && $0 <= 1 })
      let hits = zip(predictions, fresh.targets).count { ($0 > 0.5) == ($1 > 14) }
      // Each class is about half of the rows.
      #expect(hits > 225)
    }
    let allFeasible = try GradientBoostedTrees(
      points: points, targets: labels.map { _ in 1 }, options: options, seed: Seed(1))
    #expect(allFeasible.predictions(at: fresh.points).allSatisfy { $0 > 0.95 && $0 < 1 })
  }

  @Test func boostingStopsEarly() throws {
    let (points, targets) = friedman(200, 5, 9)
    var options = GradientBoostedTrees.Options()
    options.roundCount = 2000
    options.learningRate = 0.3
    options.earlyStop = GradientBoostedTrees.EarlyStop()
    let model = try GradientBoostedTrees(
      points: points, targets: targets, options: options, seed: Seed(1))
    #expect(model.trees.count < 300)
    let fresh = friedman(300, 5, 10)
    #expect(explainedShare(model.predictions(at: fresh.points), fresh.targets) > 0.7)
    let one = try GradientBoostedTrees(
      points: points.rows(0..<1), targets: [4], options: options, seed: Seed(1))
    #expect(one.predictions(at: points.rows(0..<1)) == [4])
  }

  @Test func subsamplingIsSeeded() throws {
    let (points, targets) = friedman(200, 6, 11)
    var options = GradientBoostedTrees.Options()
    options.roundCount = 80
    options.rowShare = 0.5
    options.columnShare = 0.5
    let first = try GradientBoostedTrees(
      points: points, targets: targets, options: options, seed: Seed(1))
    let again = try GradientBoostedTrees(
      points: points, targets: targets, options: options, seed: Seed(1))
    let other = try GradientBoostedTrees(
      points: points, targets: targets, options: options, seed: Seed(2))
    #expect(first.trees == again.trees)
    #expect(first.trees != other.trees)
    let fresh = friedman(300, 6, 12)
    #expect(explainedShare(first.predictions(at: fresh.points), fresh.targets) > 0.7)
  }
}
