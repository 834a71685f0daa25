public import Execution
public import LinearAlgebra

/// The mean of many trees, each grown on rows and columns drawn at random.
///
/// With targets 0 and 1 the prediction is the estimated probability of 1: splits by squared error are then those by
/// the Gini index. `Options.extraTrees` draws thresholds instead and grows every tree on all rows.
///
/// - SeeAlso: Breiman 2001, "Random Forests"; Geurts, Ernst, Wehenkel 2006, "Extremely randomized trees".
public struct RandomForest: Sendable {
  /// How a forest is grown.
  public struct Options: Hashable, Sendable {
    /// The number of trees.
    public var treeCount = 200
    /// The share of columns looked at for each split, at least one column; a third is Breiman's choice.
    public var columnShare = 1.0 / 3
    /// Most splits from the root to a leaf.
    public var depthLimit = 64
    /// Fewest rows of a leaf.
    public var leafRowCount = 1
    /// Whether each tree sees as many rows, drawn with replacement; otherwise all trees see all rows.
    public var drawsRows = true
    /// Whether one threshold per column is drawn instead of the best one searched.
    public var drawsThresholds = false
    /// Threads that grow trees; the result does not depend on it.
    public var threadCount = 1

    /// Breiman's forest.
    public init() {}

    /// Extremely randomized trees.
    public static var extraTrees: Options {
      var options = Options()
      options.drawsRows = false
      options.drawsThresholds = true
      options.columnShare = 1
      return options
    }
  }

  /// The trees, in the order of their seeds.
  public let trees: [RegressionTree]
  /// For each training row, the mean of the trees that did not see it; `nil` where all did.
  ///
  /// Empty when read from a file.
  public let outOfBagPredictions: [Double?]
  /// The mean squared error of those predictions; `nil` without any.
  public let outOfBagError: Double?

  /// Grows a forest.
  ///
  /// - Throws: `RegressionError` without rows or for numbers that are not finite; `CancellationError` when the
  ///   surrounding task is cancelled.
  /// - Complexity: O(*trees x n d'* log *n*) for *d'* columns looked at per split.
  public init(
    points: Matrix, targets: [Double], options: Options = Options(), seed: Seed
  ) throws {
    precondition(options.treeCount >= 1, "a forest has a tree")
    try checkTrainingData(points, targets)
    let growth = ForestGrowth(points, targets, options, seed)
    var grown = [ForestGrowth.Grown?](repeating: nil, count: options.treeCount)
    if options.threadCount <= 1 {
      for index in grown.indices { grown[index] = growth.tree(index) }
    } else {
      try concurrentJobs(count: grown.count, threadCount: options.threadCount, job: growth.tree) {
        grown[$0] = $1
      }
    }
    // Sums run in the order of trees, whichever ended first.
    let ordered = grown.compactMap { $0 }
    trees = ordered.map(\.tree)
    var sums = [Double](repeating: 0, count: targets.count)
    var counts = [Int](repeating: 0, count: targets.count)
    for entry in ordered {
      for (row, value) in zip(entry.unseenRows, entry.unseenValues) {
        sums[Int(row)] += value
        counts[Int(row)] += 1
      }
    }
    outOfBagPredictions = sums.indices.map {
      counts[$0] > 0 ? sums[$0] / Double(counts[$0]) : nil
    }
    let errors = zip(outOfBagPredictions, targets).compactMap { prediction, target in
      prediction.map { ($0 - target) * ($0 - target) }
    }
    outOfBagError = errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
  }

  /// A forest of trees that were grown before.
  init(trees: [RegressionTree]) {
    self.trees = trees
    outOfBagPredictions = []
    outOfBagError = nil
  }

  /// The mean of all trees at `m x d` points.
  ///
  /// - Complexity: O(*m x trees x depth*).
  public func predictions(at points: Matrix) -> [Double] {
    var sums = [Double](repeating: 0, count: points.rowCount)
    for tree in trees { tree.addPredictions(at: points, times: 1, to: &sums) }
    return sums.map { $0 / Double(trees.count) }
  }

  /// The prediction of every tree: `m x treeCount`; its spread tells where trees disagree.
  ///
  /// - Complexity: O(*m x trees x depth*).
  public func treePredictions(at points: Matrix) -> Matrix {
    Matrix(rows: trees.map { $0.predictions(at: points) }).transposed()
  }
}

/// What the trees of a forest share.
private struct ForestGrowth: Sendable {
  let points: Matrix
  let gradients: [Double]
  let center: Double
  let options: RandomForest.Options
  let seed: Seed
  let columns: BinnedColumns

  struct Grown: Sendable {
    var tree: RegressionTree
    var unseenRows: [Int32]
    var unseenValues: [Double]
  }

  init(_ points: Matrix, _ targets: [Double], _ options: RandomForest.Options, _ seed: Seed) {
    self.points = points
    self.options = options
    self.seed = seed
    let center = targets.reduce(0) { $0 + $1 / Double(targets.count) }
    self.center = center
    gradients = targets.map { center - $0 }
    columns = BinnedColumns(points)
  }

  @Sendable func tree(_ index: Int) -> Grown {
    var generator = seed.child("tree", index).generator()
    let count = gradients.count
    var rows = (0..<Int32(count)).map { $0 }
    var unseen: [Int32] = []
    if options.drawsRows {
      var isSeen = [Bool](repeating: false, count: count)
      for place in rows.indices {
        rows[place] = Int32(generator.index(below: count))
        isSeen[Int(rows[place])] = true
      }
      rows.sort()
      unseen = (0..<Int32(count)).filter { !isSeen[Int($0)] }
    }
    var growth = TreeGrower.Options()
    growth.depthLimit = options.depthLimit
    growth.leafWeight = Double(max(1, options.leafRowCount))
    growth.drawsThresholds = options.drawsThresholds
    let share = max(1, Int((options.columnShare * Double(columns.columnCount)).rounded()))
    growth.columnsPerSplit = share
    var tree = TreeGrower(columns: columns, options: growth).grow(
      rows: &rows, gradients: gradients, hessians: nil, among: Array(0..<columns.columnCount),
      using: &generator)
    tree.shiftLeaves(by: center)
    let values = tree.predictions(at: points.rows(unseen.map { Int($0) }))
    return Grown(tree: tree, unseenRows: unseen, unseenValues: values)
  }
}
