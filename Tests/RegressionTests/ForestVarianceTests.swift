import Execution
import LinearAlgebra
import Testing

@testable import Regression

@Suite struct ForestVarianceTests {
  /// All combinations of values 0 to 3 in three columns.
  private let grid = Matrix(
    rows: (0..<64).map { row -> [Double] in
      let digits: [Int] = [row % 4, row / 4 % 4, row / 16]
      return digits.map(Double.init)
    })

  /// One tree that knows every row.
  private func forest(_ targets: (ArraySlice<Double>) -> Double) throws -> RandomForest {
    var options = RandomForest.Options()
    options.treeCount = 1
    options.drawsRows = false
    options.columnShare = 1
    let rows = (0..<grid.rowCount).map { row in
      targets((0..<3).map { grid[row, $0] }[...])
    }
    return try RandomForest(points: grid, targets: rows, options: options, seed: Seed(1))
  }

  /// Reference: variances of independent terms add; that of 3a is nine times that of b.
  @Test func sumsAreTakenApartExactly() throws {
    let variance = ForestVariance(of: try forest { 3 * $0[0] + $0[1] }, over: grid)
    for (share, expected) in zip(variance.mainShares, [0.9, 0.1, 0]) {
      #expect(abs(share - expected) < 1e-12)
    }
    #expect(variance.combinedShare < 1e-12)
  }

  /// Reference: X and Y are 1 or 3, with mean 2 and variance 1; XY has variance 5 * 5 - 16 = 9, of which 2^2 * 1 is due to
  /// each alone, and 1 to both.
  @Test func productsHaveACombination() throws {
    let variance = ForestVariance(
      of: try forest { row -> Double in
        let factors: [Double] = [row[0] < 2 ? 1 : 3, row[2] < 2 ? 1 : 3]
        return factors[0] * factors[1]
      }, over: grid)
    for (share, expected) in zip(variance.mainShares, [4.0 / 9, 0, 4.0 / 9]) {
      #expect(abs(share - expected) < 1e-12)
    }
    #expect(abs(variance.combinedShare - 1.0 / 9) < 1e-12)
  }

  /// Reference: with P(a = 1) = p, the variance of a is p (1 - p); b is fair, and f = a + b.
  @Test func rareValuesCountForLittle() throws {
    let sample = Matrix(
      rows: (0..<10).map { row -> [Double] in
        let cells: [Int] = [row == 0 ? 1 : 0, row % 2, 0]
        return cells.map(Double.init)
      })
    let variance = ForestVariance(
      of: try forest { min($0[0], 1) + min($0[1], 1) }, over: sample)
    let rare = 0.1 * 0.9
    let fair = 0.5 * 0.5
    #expect(abs(variance.mainShares[0] - rare / (rare + fair)) < 1e-12)
    #expect(abs(variance.mainShares[1] - fair / (rare + fair)) < 1e-12)
  }

  /// Reference: sums over the whole grid, by the predictions themselves.
  @Test func realForestsAgreeWithBruteForce() throws {
    var generator = Seed(3).generator()
    let targets = (0..<64).map { row -> Double in
      let product = grid[row, 0] * grid[row, 1]
      return product + 0.5 * grid[row, 2] + generator.unitInterval()
    }
    var options = RandomForest.Options()
    options.treeCount = 5
    let forest = try RandomForest(points: grid, targets: targets, options: options, seed: Seed(2))
    let variance = ForestVariance(of: forest, over: grid)
    var expected = [Double](repeating: 0, count: 3)
    for tree in forest.trees {
      let values = tree.predictions(at: grid)
      let mean = values.reduce(0, +) / 64
      let total = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 64
      for column in 0..<3 {
        for level in 0..<4 {
          let part = (0..<64).filter { grid[$0, column] == Double(level) }.map { values[$0] }
          let difference = part.reduce(0, +) / 16 - mean
          expected[column] += difference * difference / 4 / total / 5
        }
      }
    }
    for (share, value) in zip(variance.mainShares, expected) {
      #expect(abs(share - value) < 1e-10)
    }
  }

  @Test func constantForestsExplainNothing() throws {
    let variance = ForestVariance(of: try forest { _ in 4 }, over: grid)
    #expect(variance.mainShares == [0, 0, 0] && variance.combinedShare == 0)
  }
}
