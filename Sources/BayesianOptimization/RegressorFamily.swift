import Execution
import GaussianProcesses
import LinearAlgebra
import Regression

/// Regressors of different kinds, of which those that predict held-out targets well enough are averaged.
///
/// Every kind is judged by predictions for rows it was not fitted to: leave-one-out in closed form for ridge regression
/// and the Gaussian process, out-of-bag for the forest, five folds for boosted trees. The share of the targets' variance that
/// these explain is the score. Kinds above the threshold are members; when there is none, the best one alone is.
///
/// - SeeAlso: Yazdanbakhsh et al. 2021, "Apollo", arXiv 2102.01723; Angermueller et al. 2020, arXiv 2006.03227 (an ensemble
///   of the regressors whose cross-validated score is above a threshold; recalled).
struct RegressorFamily: Sendable {
  /// The kinds of regressors.
  enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Ridge regression on columns.
    case linear
    /// Ridge regression on columns, squares and products.
    case quadratic
    case forest
    case boosted
    case process
  }

  /// A fitted regressor.
  private enum Regressor: Sendable {
    case ridge(RidgeRegression)
    case forest(RandomForest)
    case boosted(GradientBoostedTrees)
    case process(GaussianProcess)
  }

  private struct Member: Sendable {
    var regressor: Regressor
    /// Mean squared error of predictions for held-out rows.
    var error: Double
  }

  /// Columns beyond which products are left out: they grow with the square.
  static let largestQuadraticWidth = 24
  /// Most rows that kernel parameters are fitted to.
  static let fittedRowLimit = 150

  /// The members, in the order of all kinds.
  let kinds: [Kind]
  private let members: [Member]

  /// Scores all kinds, or fits those given.
  ///
  /// - Parameters:
  ///   - targets: About mean 0 and variance 1, as warps give them.
  ///   - threshold: Share of variance to explain, at most 1.
  ///   - kinds: What to fit; `nil` compares all kinds.
  /// - Returns: `nil` with fewer than two rows, or when fitting is cancelled.
  init?(
    points: Matrix, targets: [Double], kernel: Kernel, threshold: Double, kinds: [Kind]? = nil,
    seed: Seed
  ) {
    guard targets.count >= 2 else { return nil }
    // Too few rows to tell kinds apart: the process has the sanest prior.
    let tried = targets.count < 8 ? [.process] : kinds ?? Kind.allCases
    let count = Double(targets.count)
    let mean = targets.reduce(0) { $0 + $1 / count }
    let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }
    var fitted: [(kind: Kind, member: Member)] = []
    for kind in tried {
      guard let member = Self.fit(kind, points, targets, kernel, seed.child(kind.rawValue)) else {
        continue
      }
      fitted.append((kind, member))
    }
    let good = fitted.filter { $0.member.error <= (1 - threshold) * variance }
    if good.isEmpty {
      let best = fitted.enumerated().min {
        ($0.element.member.error, $0.offset) < ($1.element.member.error, $1.offset)
      }
      guard let best else { return nil }
      fitted = [best.element]
    } else {
      fitted = good
    }
    self.kinds = fitted.map(\.kind)
    members = fitted.map(\.member)
  }

  /// The mean of the members, and a variance: that of a typical member's error, and their disagreement.
  ///
  /// - Complexity: O(*m*) predictions of every member.
  func prediction(at points: Matrix) -> (mean: [Double], variance: [Double]) {
    let share = 1 / Double(members.count)
    var mean = [Double](repeating: 0, count: points.rowCount)
    var squares = mean
    var variance = mean
    for member in members {
      var own = [Double](repeating: member.error, count: points.rowCount)
      let values: [Double]
      switch member.regressor {
      case .ridge(let ridge): values = ridge.predictions(at: points)
      case .forest(let forest): values = forest.predictions(at: points)
      case .boosted(let trees): values = trees.predictions(at: points)
      case .process(let process):
        let prediction = process.prediction(at: points)
        values = prediction.mean
        own = prediction.variance
      }
      for index in values.indices {
        mean[index] += share * values[index]
        squares[index] += share * values[index] * values[index]
        variance[index] += share * own[index]
      }
    }
    for index in mean.indices {
      variance[index] += max(0, squares[index] - mean[index] * mean[index])
      variance[index] = max(variance[index], 1e-9)
    }
    return (mean, variance)
  }

  private static func fit(
    _ kind: Kind, _ points: Matrix, _ targets: [Double], _ kernel: Kernel, _ seed: Seed
  ) -> Member? {
    switch kind {
    case .linear, .quadratic:
      var options = RidgeRegression.Options()
      options.degree = kind == .linear ? 1 : 2
      guard kind == .linear || points.columnCount <= largestQuadraticWidth,
        let ridge = try? RidgeRegression(points: points, targets: targets, options: options)
      else { return nil }
      return Member(regressor: .ridge(ridge), error: ridge.leaveOneOutError)
    case .forest:
      var options = RandomForest.Options()
      options.treeCount = 60
      guard
        let forest = try? RandomForest(
          points: points, targets: targets, options: options, seed: seed),
        let error = forest.outOfBagError
      else { return nil }
      return Member(regressor: .forest(forest), error: error)
    case .boosted: return fitBoosted(points, targets, seed)
    case .process:
      guard let observations = try? Observations(points: points, targets: targets) else {
        return nil
      }
      var options = FitOptions()
      options.rowLimit = fittedRowLimit
      options.startCount = 1
      let process = GaussianProcess.fitted(
        to: observations, kernel: kernel, options: options, seed: seed)
      let held = process.leaveOneOut().mean
      let error = zip(held, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return Member(regressor: .process(process), error: error / Double(targets.count))
    }
  }

  private static func fitBoosted(_ points: Matrix, _ targets: [Double], _ seed: Seed) -> Member? {
    var options = GradientBoostedTrees.Options()
    options.roundCount = 80
    options.depthLimit = 3
    func grown(_ rows: [Int], _ seed: Seed) -> GradientBoostedTrees? {
      try? GradientBoostedTrees(
        points: points.rows(rows), targets: rows.map { targets[$0] }, options: options, seed: seed)
    }
    let foldCount = 5
    var error = 0.0
    for fold in 0..<foldCount {
      let held = targets.indices.filter { $0 % foldCount == fold }
      let shown = targets.indices.filter { $0 % foldCount != fold }
      guard let trees = grown(shown, seed.child("fold", fold)) else { return nil }
      let predicted = trees.predictions(at: points.rows(held))
      for (row, value) in zip(held, predicted) {
        error += (targets[row] - value) * (targets[row] - value)
      }
    }
    guard let trees = grown(Array(targets.indices), seed) else { return nil }
    return Member(regressor: .boosted(trees), error: error / Double(targets.count))
  }
}
