import Execution
import Foundation
import LinearAlgebra
import Regression
import Testing

/// `References/regression.json`, written by `Scripts/generate-model-references`.
struct RegressionReference: Decodable {
  struct Tree: Decodable {
    var depth: Int
    var leafRows: Int
    var fitted: [Double]
  }
  struct Ridge: Decodable {
    var penalty: Double
    var leaveOneOutError: Double
    var predictions: [Double]
  }
  struct Neighbors: Decodable {
    var rows: [Int]
    var distances: [Double]
    var predictions: [Double]
    var uniform: [Double]
  }
  var rowCount: Int
  var x: [Double]
  var y: [Double]
  var z: [Double]
  var labels: [Double]
  var trees: [Tree]
  var boosted: [Double]
  var probabilities: [Double]
  var ridge: Ridge
  var neighbors: Neighbors

  var points: Matrix { Matrix(rowCount: rowCount, columnCount: x.count / rowCount, values: x) }
  var queries: Matrix {
    let columnCount = x.count / rowCount
    return Matrix(rowCount: z.count / columnCount, columnCount: columnCount, values: z)
  }

  static func read() throws -> RegressionReference {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("References/regression.json")
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }
}

/// The largest difference of two lists over the larger of 1 and the largest element.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = b.reduce(1) { max($0, abs($1)) }
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
}

/// Friedman's first function with noise of variance 1, `count x dimension` points.
func friedman(_ count: Int, _ dimension: Int, _ seed: Int) -> (points: Matrix, targets: [Double]) {
  var generator = Seed(UInt64(seed)).child("friedman").generator()
  let values = (0..<(count * dimension)).map { _ in generator.unitInterval() }
  let x = Matrix(rowCount: count, columnCount: dimension, values: values)
  let targets = (0..<count).map { row in
    let wave = 10 * sin(Double.pi * x[row, 0] * x[row, 1])
    let square = 20 * (x[row, 2] - 0.5) * (x[row, 2] - 0.5)
    return wave + square + 10 * x[row, 3] + 5 * x[row, 4] + generator.normal()
  }
  return (x, targets)
}

/// The share of the variance of targets that predictions explain.
func explainedShare(_ predictions: [Double], _ targets: [Double]) -> Double {
  let mean = targets.reduce(0, +) / Double(targets.count)
  let total = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  let rest = zip(predictions, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return 1 - rest / total
}

@Suite struct RegressionReferenceTests {
  @Test func treesAgreeWithScikitLearn() throws {
    let reference = try RegressionReference.read()
    for entry in reference.trees {
      var options = RegressionTree.Options()
      options.depthLimit = entry.depth
      options.leafRowCount = entry.leafRows
      let tree = try RegressionTree(
        points: reference.points, targets: reference.y, options: options)
      #expect(tree.depth <= entry.depth)
      #expect(distance(tree.predictions(at: reference.points), entry.fitted) < 1e-12)
    }
  }

  @Test func boostedTreesAgreeWithScikitLearn() throws {
    let reference = try RegressionReference.read()
    var options = GradientBoostedTrees.Options()
    options.roundCount = 40
    options.learningRate = 0.2
    options.depthLimit = 3
    options.penalty = 0
    let model = try GradientBoostedTrees(
      points: reference.points, targets: reference.y, options: options, seed: Seed(1))
    #expect(distance(model.predictions(at: reference.points), reference.boosted) < 1e-11)
  }

  @Test func probabilitiesAgreeWithScikitLearn() throws {
    let reference = try RegressionReference.read()
    var options = GradientBoostedTrees.Options()
    options.loss = .logistic
    options.roundCount = 30
    options.learningRate = 0.2
    options.depthLimit = 3
    options.penalty = 0.7
    options.leafWeight = 1e-3
    let model = try GradientBoostedTrees(
      points: reference.points, targets: reference.labels, options: options, seed: Seed(1))
    // scikit-learn keeps gradients in single precision.
    let probabilities = model.predictions(at: reference.points)
    #expect(distance(probabilities, reference.probabilities) < 1e-5)
  }

  @Test func ridgeAgreesWithScikitLearn() throws {
    let reference = try RegressionReference.read()
    let model = try RidgeRegression(points: reference.points, targets: reference.y)
    #expect(abs(model.penalty / reference.ridge.penalty - 1) < 1e-12)
    #expect(abs(model.leaveOneOutError / reference.ridge.leaveOneOutError - 1) < 1e-10)
    let predictions = model.predictions(at: reference.queries)
    #expect(distance(predictions, reference.ridge.predictions) < 1e-11)
  }

  @Test func neighborsAgreeWithScikitLearn() throws {
    let reference = try RegressionReference.read()
    let model = try NearestNeighbors(points: reference.points, targets: reference.y)
    let found = model.neighborhoods(of: reference.queries, count: 5)
    #expect(found.flatMap(\.rows) == reference.neighbors.rows)
    #expect(distance(found.flatMap(\.distances), reference.neighbors.distances) < 1e-13)
    let weighted = model.predictions(at: reference.queries, count: 5)
    #expect(distance(weighted, reference.neighbors.predictions) < 1e-12)
    let uniform = model.predictions(at: reference.queries, count: 5, weighting: .uniform)
    #expect(distance(uniform, reference.neighbors.uniform) < 1e-12)
  }
}
