public import Execution
import Foundation
public import LinearAlgebra

/// A sum of small trees, each fitted to what those before it left over.
///
/// Newton steps on binned columns; trees are grown to a depth limit and scaled by the learning rate.
///
/// - SeeAlso: Friedman 2001, "Greedy function approximation: a gradient boosting machine"; Chen and Guestrin 2016,
///   "XGBoost: A Scalable Tree Boosting System", sections 2 and 3.3.
public struct GradientBoostedTrees: Sendable {
  /// What is minimized.
  public enum Loss: Hashable, Sendable {
    /// Half the squared error; predictions are means.
    case squared
    /// The negative log likelihood of targets in `0...1`; predictions are probabilities.
    case logistic
  }

  /// When boosting ends before the last round.
  public struct EarlyStop: Hashable, Sendable {
    /// The share of rows kept aside to watch the loss.
    public var heldOutShare = 0.2
    /// Rounds without a new lowest loss after which boosting ends.
    public var patience = 20

    /// The default: a fifth of the rows, twenty rounds.
    public init() {}
  }

  /// How trees are boosted.
  public struct Options: Hashable, Sendable {
    /// What is minimized.
    public var loss = Loss.squared
    /// The most rounds, a tree each.
    public var roundCount = 300
    /// What each tree is multiplied by.
    public var learningRate = 0.1
    /// Most splits from the root to a leaf.
    public var depthLimit = 6
    /// The smallest sum of second derivatives of a leaf; with squared loss its fewest rows.
    public var leafWeight = 1.0
    /// The penalty on squared leaf values; 1 as in XGBoost.
    public var penalty = 1.0
    /// The share of rows each tree sees, drawn without replacement.
    public var rowShare = 1.0
    /// The share of columns each tree sees.
    public var columnShare = 1.0
    /// When to end early, keeping the trees up to the lowest loss; `nil` is never.
    public var earlyStop: EarlyStop?

    /// The default options.
    public init() {}
  }

  /// What is minimized.
  public let loss: Loss
  /// The trees, already scaled, in the order they were grown.
  public let trees: [RegressionTree]
  /// The score before the first tree: the mean, or the logit of the mean.
  public let base: Double

  /// Boosts trees.
  ///
  /// - Throws: `RegressionError` without rows, for numbers that are not finite, or for targets outside `0...1` with
  ///   logistic loss; `CancellationError` when the surrounding task is cancelled.
  /// - Complexity: O(*rounds x n d x depth*).
  public init(
    points: Matrix, targets: [Double], options: Options = Options(), seed: Seed
  ) throws {
    precondition(options.leafWeight > 0, "a leaf has a positive weight")
    precondition(options.rowShare > 0 && options.columnShare > 0, "trees see something")
    try checkTrainingData(points, targets)
    if options.loss == .logistic {
      for (row, value) in targets.enumerated() where !(0...1).contains(value) {
        throw RegressionError.invalidLabel(row: row, got: "\(value)")
      }
    }
    loss = options.loss
    var boosting = Boosting(points, targets, options, seed)
    base = boosting.base
    var best = (count: 0, loss: Double.infinity)
    for round in 0..<options.roundCount {
      try Task.checkCancellation()
      boosting.add(round)
      guard let stop = options.earlyStop, !boosting.heldOut.isEmpty else { continue }
      let loss = boosting.heldOutLoss()
      if loss < best.loss { best = (round + 1, loss) }
      if round + 1 - best.count >= stop.patience { break }
    }
    let isCut = options.earlyStop != nil && best.count > 0
    trees = isCut ? Array(boosting.trees.prefix(best.count)) : boosting.trees
  }

  /// The sum of the trees at `m x d` points: the mean, or the logit of the probability.
  ///
  /// - Complexity: O(*m x trees x depth*).
  public func scores(at points: Matrix) -> [Double] {
    var sums = [Double](repeating: base, count: points.rowCount)
    for tree in trees { tree.addPredictions(at: points, times: 1, to: &sums) }
    return sums
  }

  /// The mean, or with logistic loss the probability, at `m x d` points.
  public func predictions(at points: Matrix) -> [Double] {
    let scores = scores(at: points)
    return loss == .squared ? scores : scores.map { logisticFunction($0) }
  }
}

/// `1 / (1 + exp(-x))` without overflow.
func logisticFunction(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}

/// The state of boosting between rounds.
private struct Boosting {
  let points: Matrix
  let targets: [Double]
  let options: GradientBoostedTrees.Options
  let seed: Seed
  let columns: BinnedColumns
  let base: Double
  /// Rows kept aside, and the others.
  let heldOut: [Int32]
  let training: [Int32]
  var scores: [Double]
  var trees: [RegressionTree] = []

  init(
    _ points: Matrix, _ targets: [Double], _ options: GradientBoostedTrees.Options, _ seed: Seed
  ) {
    self.points = points
    self.targets = targets
    self.options = options
    self.seed = seed
    columns = BinnedColumns(points)
    let share = options.earlyStop?.heldOutShare ?? 0
    let heldOutCount = min(targets.count - 1, Int(share * Double(targets.count)))
    var generator = seed.child("held out").generator()
    let order = Self.draw(targets.count, of: targets.count, &generator)
    heldOut = order.prefix(heldOutCount).sorted()
    training = order.dropFirst(heldOutCount).sorted()
    let count = Double(training.count)
    var mean = 0.0
    for row in training { mean += targets[Int(row)] / count }
    switch options.loss {
    case .squared: base = mean
    case .logistic:
      // All of one class: as sure as if half a row had been of the other.
      let least = 0.5 / (count + 1)
      let probability = min(max(mean, least), 1 - least)
      base = log(probability / (1 - probability))
    }
    scores = [Double](repeating: base, count: targets.count)
  }

  /// `count` of the first `total` numbers, in random order.
  private static func draw(
    _ count: Int, of total: Int, _ generator: inout SeededGenerator
  ) -> [Int32] {
    var numbers = (0..<Int32(total)).map { $0 }
    for place in 0..<count {
      numbers.swapAt(place, place + generator.index(below: total - place))
    }
    return Array(numbers.prefix(count))
  }

  mutating func add(_ round: Int) {
    var generator = seed.child("round", round).generator()
    var rows = training
    if options.rowShare < 1 {
      let count = max(1, Int((options.rowShare * Double(training.count)).rounded()))
      rows = Self.draw(count, of: training.count, &generator).map { training[Int($0)] }.sorted()
    }
    var among = Array(0..<columns.columnCount)
    if options.columnShare < 1 && !among.isEmpty {
      let count = max(1, Int((options.columnShare * Double(among.count)).rounded()))
      among = Self.draw(count, of: among.count, &generator).map { Int($0) }.sorted()
    }
    var gradients = zip(scores, targets).map { $0 - $1 }
    var hessians: [Double]?
    if options.loss == .logistic {
      let probabilities = scores.map { logisticFunction($0) }
      gradients = zip(probabilities, targets).map { $0 - $1 }
      hessians = probabilities.map { $0 * (1 - $0) }
    }
    var growth = TreeGrower.Options()
    growth.depthLimit = options.depthLimit
    growth.leafWeight = options.leafWeight
    growth.penalty = options.penalty
    var tree = TreeGrower(columns: columns, options: growth).grow(
      rows: &rows, gradients: gradients, hessians: hessians, among: among, using: &generator)
    tree.scaleLeaves(by: options.learningRate)
    tree.addPredictions(at: points, times: 1, to: &scores)
    trees.append(tree)
  }

  func heldOutLoss() -> Double {
    heldOut.reduce(0.0) { sum, row in
      let (score, target) = (scores[Int(row)], targets[Int(row)])
      switch options.loss {
      case .squared: return sum + (score - target) * (score - target)
      case .logistic:
        // log(1 + exp(score)) - target * score without overflow.
        return sum + max(score, 0) + log1p(exp(-abs(score))) - target * score
      }
    }
  }
}
