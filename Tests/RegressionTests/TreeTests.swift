import Execution
import LinearAlgebra
import Regression
import Testing

@Suite struct TreeTests {
  /// The least sum of squared errors of two groups over all columns and thresholds, by trying each.
  static func bestSplitError(_ points: Matrix, _ targets: [Double], leafRows: Int) -> Double {
    func error(_ rows: [Int]) -> Double {
      let mean = rows.reduce(0) { $0 + targets[$1] } / Double(rows.count)
      return rows.reduce(0) { $0 + (targets[$1] - mean) * (targets[$1] - mean) }
    }
    var best = error(Array(targets.indices))
    for column in 0..<points.columnCount {
      for threshold in points.column(column) {
        let left = targets.indices.filter { points[$0, column] <= threshold }
        let right = targets.indices.filter { points[$0, column] > threshold }
        guard left.count >= leafRows, right.count >= leafRows else { continue }
        best = min(best, error(left) + error(right))
      }
    }
    return best
  }

  /// Few values per column, so that equal ones are the rule; both ways of finding splits are taken.
  @Test(arguments: 0..<60)
  func splitsAreTheBest(seed: Int) throws {
    var generator = Seed(UInt64(seed)).generator()
    let n = 2 + seed
    let levels = seed % 2 == 0 ? 5 : 1000
    let values = (0..<(3 * n)).map { _ in Double(generator.index(below: levels)) }
    let points = Matrix(rowCount: n, columnCount: 3, values: values)
    let targets = (0..<n).map { points[$0, 1] / Double(levels) + generator.normal() }
    var options = RegressionTree.Options()
    options.depthLimit = 1
    options.leafRowCount = 1 + seed % 4
    let tree = try RegressionTree(points: points, targets: targets, options: options)
    let predictions = tree.predictions(at: points)
    let error = zip(predictions, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let expected = Self.bestSplitError(points, targets, leafRows: options.leafRowCount)
    #expect(abs(error - expected) < 1e-9 * max(1, expected))
  }

  @Test(arguments: 0..<20)
  func fullTreesRememberDistinctRows(seed: Int) throws {
    let (points, targets) = friedman(20 + seed * 9, 5, seed)
    let tree = try RegressionTree(points: points, targets: targets)
    #expect(tree.leafCount == targets.count)
    #expect(distance(tree.predictions(at: points), targets) < 1e-12)
  }

  @Test func leavesOfConstantTargetsStayWhole() throws {
    let (points, _) = friedman(50, 5, 1)
    let constant = [Double](repeating: 0.1, count: 50)
    let tree = try RegressionTree(points: points, targets: constant)
    #expect(tree.leafCount == 1)
    #expect(abs(tree.predictions(at: points)[7] - 0.1) < 1e-15)
    let same = Matrix(rowCount: 4, columnCount: 2, repeating: 3)
    let mean = try RegressionTree(points: same, targets: [1, 2, 3, 6])
    #expect(mean.predictions(at: same.rows(0..<1)) == [3])
    let none = try RegressionTree(
      points: Matrix(rowCount: 2, columnCount: 0), targets: [1, 3])
    #expect(none.predictions(at: Matrix(rowCount: 1, columnCount: 0)) == [2])
  }

  /// With 3,000 distinct values a column is cut at 255 places; a step is still found within a bin.
  @Test func manyValuesAreBinned() throws {
    let count = 3000
    let points = Matrix(
      rowCount: count, columnCount: 1, values: (0..<count).map { Double($0) / Double(count) })
    let targets = points.values.map { $0 > 0.37 ? 1.0 : 0.0 }
    var options = RegressionTree.Options()
    options.depthLimit = 1
    let tree = try RegressionTree(points: points, targets: targets, options: options)
    let ends = tree.predictions(at: Matrix(rows: [[0.37 - 1.0 / 256], [0.37 + 1.0 / 256]]))
    #expect(ends[0] < 0.02 && ends[1] > 0.98)
  }

  @Test func extremeCoordinatesSplit() throws {
    let points = Matrix(rows: [[-1e100], [1e100], [1], [1 + Double.ulpOfOne], [1e-300], [0]])
    let targets: [Double] = [0, 1, 2, 3, 4, 5]
    let tree = try RegressionTree(points: points, targets: targets)
    #expect(distance(tree.predictions(at: points), targets) < 1e-14)
  }
}
