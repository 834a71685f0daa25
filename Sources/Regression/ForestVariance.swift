public import LinearAlgebra

/// How much of what a forest predicts each column explains on its own: the main effects of functional ANOVA.
///
/// The variance is that of the predictions over designs whose columns are drawn independently of each other, each as
/// often as it stands in a sample. Per tree the sums over its leaves are exact; shares are means over trees.
///
/// - SeeAlso: Hutter, Hoos, Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter Importance",
///   section 3.2 and algorithm 2. Differs from the paper: leaves are weighted by the sample, not by volume.
public struct ForestVariance: Hashable, Sendable {
  /// For each column the share of the variance that its main effect explains, in `[0, 1]`.
  public let mainShares: [Double]
  /// The share that only combinations of columns explain, in `[0, 1]`; 0 for a constant forest.
  public let combinedShare: Double

  /// Takes a forest apart.
  ///
  /// - Parameters:
  ///   - forest: The trained forest.
  ///   - sample: `m x d`, at least one row: how often the values of each column are.
  /// - Complexity: O(*trees* x (*leaves x d* + *m d*)) and O(*m d* log *m*) for sorting.
  public init(of forest: RandomForest, over sample: Matrix) {
    precondition(sample.rowCount >= 1, "shares of a column need a sample")
    let columns = (0..<sample.columnCount).map { column in
      ColumnShares((0..<sample.rowCount).map { sample[$0, column] })
    }
    var sums = [Double](repeating: 0, count: columns.count)
    var treeCount = 0.0
    for tree in forest.trees {
      var walk = TreeWalk(columns)
      walk.visit(0, of: tree, probability: 1)
      guard let shares = walk.mainShares else { continue }
      treeCount += 1
      for (column, share) in shares.enumerated() { sums[column] += share }
    }
    mainShares = sums.map { treeCount > 0 ? $0 / treeCount : 0 }
    combinedShare = treeCount > 0 ? min(1, max(0, 1 - mainShares.reduce(0, +))) : 0
  }
}

/// The distinct values of a column, ascending, and how often each is.
private struct ColumnShares {
  let values: [Double]
  let shares: [Double]
  /// The share of values before an index; one entry more than values.
  let before: [Double]

  init(_ sample: [Double]) {
    var values: [Double] = []
    var counts: [Int] = []
    for value in sample.sorted() {
      if values.last == value {
        counts[counts.count - 1] += 1
      } else {
        values.append(value)
        counts.append(1)
      }
    }
    self.values = values
    shares = counts.map { Double($0) / Double(sample.count) }
    var total = 0
    before =
      [0]
      + counts.map { count in
        total += count
        return Double(total) / Double(sample.count)
      }
  }

  /// How many values are at most a threshold.
  func count(atMost threshold: Double) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] <= threshold { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The sums over the leaves of one tree.
private struct TreeWalk {
  private let columns: [ColumnShares]
  /// Indices of the values that reach the node, per column.
  private var ranges: [Range<Int>]
  /// Differences of the marginal means from value to value.
  private var steps: [[Double]]
  private var mean = 0.0
  private var square = 0.0

  init(_ columns: [ColumnShares]) {
    self.columns = columns
    ranges = columns.map { 0..<$0.values.count }
    steps = columns.map { [Double](repeating: 0, count: $0.values.count + 1) }
  }

  private func share(_ range: Range<Int>, of column: Int) -> Double {
    columns[column].before[range.upperBound] - columns[column].before[range.lowerBound]
  }

  mutating func visit(_ index: Int, of tree: RegressionTree, probability: Double) {
    let node = tree.nodes[index]
    guard node.column >= 0 else { return add(node.number, probability) }
    let column = Int(node.column)
    let whole = ranges[column]
    let cut = min(
      whole.upperBound, max(whole.lowerBound, columns[column].count(atMost: node.number)))
    let all = share(whole, of: column)
    let halves = [whole.lowerBound..<cut, cut..<whole.upperBound]
    for (side, half) in halves.enumerated() where !half.isEmpty {
      ranges[column] = half
      visit(
        Int(node.left) + side, of: tree,
        probability: probability * share(half, of: column) / all)
    }
    ranges[column] = whole
  }

  private mutating func add(_ value: Double, _ probability: Double) {
    mean += value * probability
    square += value * value * probability
    for column in columns.indices {
      let range = ranges[column]
      // Given a value of the column, the leaf is that much more likely.
      let given = value * probability / share(range, of: column)
      steps[column][range.lowerBound] += given
      steps[column][range.upperBound] -= given
    }
  }

  /// The shares of the variance; `nil` for a tree that predicts the same everywhere.
  var mainShares: [Double]? {
    let variance = square - mean * mean
    guard variance > 1e-12 * square else { return nil }
    return columns.indices.map { column in
      var marginal = 0.0
      var sum = 0.0
      for (index, share) in columns[column].shares.enumerated() {
        marginal += steps[column][index]
        sum += share * (marginal - mean) * (marginal - mean)
      }
      return min(1, sum / variance)
    }
  }
}
