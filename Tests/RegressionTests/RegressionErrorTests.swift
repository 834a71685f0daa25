import Execution
import LinearAlgebra
import Regression
import Testing

@Suite struct RegressionErrorTests {
  static let models: [@Sendable (Matrix, [Double]) throws -> Void] = [
    { _ = try RegressionTree(points: $0, targets: $1) },
    { _ = try RandomForest(points: $0, targets: $1, seed: Seed(1)) },
    { _ = try GradientBoostedTrees(points: $0, targets: $1, seed: Seed(1)) },
    { _ = try RidgeRegression(points: $0, targets: $1) },
    { _ = try NearestNeighbors(points: $0, targets: $1) },
  ]

  @Test func badNumbersAreNamed() {
    for model in Self.models {
      #expect(throws: RegressionError.noRows) { try model(Matrix(rowCount: 0, columnCount: 2), []) }
      #expect(throws: RegressionError.invalidNumber(row: 1, column: 1, got: "nan")) {
        try model(Matrix(rows: [[0, 1], [2, .nan]]), [0, 1])
      }
      #expect(throws: RegressionError.invalidNumber(row: 0, column: nil, got: "-inf")) {
        try model(Matrix(rows: [[0, 1], [2, 3]]), [-.infinity, 1])
      }
    }
    var options = GradientBoostedTrees.Options()
    options.loss = .logistic
    #expect(throws: RegressionError.invalidLabel(row: 1, got: "2.0")) {
      _ = try GradientBoostedTrees(
        points: Matrix(rows: [[0], [1]]), targets: [0, 2], options: options, seed: Seed(1))
    }
  }

  @Test func messagesAreComplete() {
    #expect(
      RegressionError.noRows.description
        == "training data: got no rows, expected at least one")
    #expect(
      RegressionError.invalidNumber(row: 1, column: 2, got: "nan").description
        == "row 1, column 2: got nan, expected a number within -1e100...1e100")
    #expect(
      RegressionError.invalidNumber(row: 1, column: nil, got: "inf").description
        == "target of row 1: got inf, expected a number within -1e100...1e100")
    #expect(
      RegressionError.invalidLabel(row: 1, got: "2.0").description
        == "target of row 1: got 2.0, expected a probability within 0...1")
  }

  /// One row, constant targets, columns without spread, outliers: every model answers with finite numbers.
  @Test func hardDataAreAnswered() throws {
    let cases: [(Matrix, [Double])] = [
      (Matrix(rows: [[1, 2]]), [3]),
      (Matrix(rows: [[1, 2], [1, 2], [1, 2]]), [3, 4, 5]),
      (Matrix(rows: [[1, 0], [2, 0], [3, 0], [4, 0]]), [5, 5, 5, 5]),
      (Matrix(rows: [[1, 0], [2, 1e100], [3, -1e100], [4, 0]]), [1e100, -1e100, 0, 1]),
      (Matrix(rows: [[0, 0], [1e-300, 1], [2e-300, 0]]), [0, 1e12, 0]),
    ]
    for (points, targets) in cases {
      let predictions = [
        try RegressionTree(points: points, targets: targets).predictions(at: points),
        try RandomForest(points: points, targets: targets, seed: Seed(1)).predictions(at: points),
        try GradientBoostedTrees(points: points, targets: targets, seed: Seed(1))
          .predictions(at: points),
        try RidgeRegression(points: points, targets: targets).predictions(at: points),
        try NearestNeighbors(points: points, targets: targets).predictions(at: points, count: 2),
      ]
      for values in predictions {
        #expect(values.count == targets.count)
        #expect(values.allSatisfy { $0.isFinite })
      }
    }
  }

  @Test func neighborTiesGoByRow() throws {
    let points = Matrix(rows: [[1], [0], [0], [-1], [1]])
    let model = try NearestNeighbors(points: points, targets: [1, 2, 4, 8, 16])
    let found = model.neighborhoods(of: Matrix(rows: [[0]]), count: 4)[0]
    #expect(found.rows == [1, 2, 0, 3])
    #expect(found.distances == [0, 0, 1, 1])
    #expect(model.predictions(at: Matrix(rows: [[0]]), count: 4) == [3])
    #expect(model.neighborhoods(of: Matrix(rows: [[0]]), count: 9)[0].rows.count == 5)
  }

  /// Leave-one-out predictions of the closed form are those of models fitted without the row, features unchanged:
  /// with degree 1 and columns that keep mean and spread this is checked by refitting.
  @Test func ridgeLeaveOneOutEqualsRefitting() throws {
    let (points, targets) = friedman(25, 5, 2)
    var options = RidgeRegression.Options()
    options.degree = 1
    options.penalties = [0.1]
    let model = try RidgeRegression(points: points, targets: targets, options: options)
    let count = targets.count
    let scaled = Self.standardized(points)
    for row in 0..<3 {
      // Minimizes squares of the other rows plus the penalty, intercept free.
      let others = (0..<count).filter { $0 != row }
      let ones = Matrix(rowCount: count, columnCount: 1, repeating: 1)
      let design = scaled.appending(columns: ones).rows(others)
      var normal = design.gram(ofColumns: true)
      for column in 0..<5 { normal[column, column] += 0.1 * Double(count) }
      let right = design.product(with: others.map { targets[$0] }, transposed: true)
      let weights = try Cholesky(factoring: normal).solve(right)
      let own = Array(scaled.row(row)) + [1]
      let expected = innerProduct(own, weights)
      #expect(abs(model.leaveOneOutPredictions[row] - expected) < 1e-10)
    }
  }

  static func standardized(_ points: Matrix) -> Matrix {
    var result = points
    for column in 0..<points.columnCount {
      let values = points.column(column)
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let spread = (squares / Double(values.count)).squareRoot()
      for row in values.indices { result[row, column] = (values[row] - mean) / spread }
    }
    return result
  }
}
