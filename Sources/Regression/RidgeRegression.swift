import Foundation
public import LinearAlgebra

/// Least squares on polynomial features with a penalty chosen by leave-one-out error.
///
/// Features are standardized columns, of degree 2 also their squares and products, standardized again; the intercept is
/// not penalized. With the singular values `s` and left vectors `u` of the centered features, a row's leverage is
/// `1/n + sum u_i^2 s^2 / (s^2 + penalty)` and its leave-one-out residual `e_i / (1 - leverage_i)`, so that all
/// penalties cost one decomposition.
///
/// - SeeAlso: Hoerl and Kennard 1970, "Ridge Regression"; Golub, Heath, Wahba 1979, "Generalized Cross-Validation as a
///   Method for Choosing a Good Ridge Parameter", section 1 (PRESS).
public struct RidgeRegression: Sendable {
  /// What is fitted.
  public struct Options: Hashable, Sendable {
    /// 1 for columns alone, 2 with squares and products.
    public var degree = 2
    /// Penalties to choose from, each times the number of rows.
    public var penalties = (-12...4).map { pow(10, Double($0) / 2) }

    /// The default: degree 2, penalties `1e-6` to `1e2`.
    public init() {}
  }

  /// The penalty chosen, times the number of rows.
  public let penalty: Double
  /// For each training row, the prediction of the model fitted to all others with the same features and penalty.
  ///
  /// Empty when read from a file.
  public let leaveOneOutPredictions: [Double]
  /// Their mean squared error.
  public let leaveOneOutError: Double

  let columns: ColumnScaling
  let features: ColumnScaling
  let degree: Int
  let intercept: Double
  let coefficients: [Double]

  /// Fits the model.
  ///
  /// - Throws: `RegressionError` without rows or for numbers that are not finite; `LinearAlgebraError` when the singular
  ///   values do not converge.
  /// - Complexity: O(*n p* min(*n*, *p*)) for *p* features, `d (d + 3) / 2` of degree 2; with more than twice as many rows
  ///   as features their Gram matrix is decomposed, which loses singular values below `1e-7` of the largest.
  public init(points: Matrix, targets: [Double], options: Options = Options()) throws {
    precondition((1...2).contains(options.degree), "the degree is 1 or 2")
    precondition(!options.penalties.isEmpty, "there is a penalty to choose")
    try checkTrainingData(points, targets)
    degree = options.degree
    columns = ColumnScaling(points)
    let raw = Self.expand(columns.apply(points), options.degree)
    features = ColumnScaling(raw)
    let decomposition = try Directions(of: features.apply(raw))
    let squares = decomposition.left.squared()
    let count = Double(targets.count)
    let mean = targets.reduce(0) { $0 + $1 / count }
    let centered = targets.map { $0 - mean }
    let projected = decomposition.left.product(with: centered, transposed: true)
    var best = (penalty: 0.0, error: Double.infinity, predictions: targets)
    for penalty in options.penalties {
      precondition(penalty > 0, "a penalty is positive")
      let shrinkage = decomposition.values.map { $0 * $0 / ($0 * $0 + penalty * count) }
      let fitted = decomposition.left.product(with: zip(shrinkage, projected).map { $0 * $1 })
      let leverages = squares.product(with: shrinkage)
      var error = 0.0
      var predictions = targets
      for row in targets.indices {
        let leverage = 1 / count + leverages[row]
        // A row that alone decides its own fit says nothing: its residual counts as that of the mean.
        let rest = max(1 - leverage, 1e-10)
        let residual = count > 1 ? (centered[row] - fitted[row]) / rest : 0
        predictions[row] = targets[row] - residual
        error += residual * residual / count
      }
      if error < best.error { best = (penalty, error, predictions) }
    }
    penalty = best.penalty
    leaveOneOutPredictions = best.predictions
    leaveOneOutError = best.error
    intercept = mean
    coefficients = decomposition.coefficients(projected, penalty: best.penalty * count)
  }

  /// The fitted polynomial at `m x d` points.
  ///
  /// - Complexity: O(*m p*).
  public func predictions(at points: Matrix) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(points.rowCount)
    // In parts: features of a million points need no more memory than those of a few.
    for start in stride(from: 0, to: points.rowCount, by: 4096) {
      let part = points.rows(start..<min(start + 4096, points.rowCount))
      let expanded = features.apply(Self.expand(columns.apply(part), degree))
      result += expanded.product(with: coefficients).map { $0 + intercept }
    }
    return result
  }

  /// The columns, and of degree 2 all products of two columns after them.
  private static func expand(_ points: Matrix, _ degree: Int) -> Matrix {
    guard degree == 2 else { return points }
    let d = points.columnCount
    var values: [Double] = []
    values.reserveCapacity(points.rowCount * d * (d + 3) / 2)
    for row in 0..<points.rowCount {
      let x = Array(points.row(row))
      values += x
      for i in 0..<d {
        for j in i..<d { values.append(x[i] * x[j]) }
      }
    }
    return Matrix(
      rowCount: points.rowCount, columnCount: d * (d + 3) / 2, values: values)
  }
}

/// The mean and standard deviation of each column; constant columns become 0.
struct ColumnScaling: Sendable {
  let means: [Double]
  let factors: [Double]

  init(means: [Double], factors: [Double]) {
    self.means = means
    self.factors = factors
  }

  init(_ points: Matrix) {
    let count = Double(max(1, points.rowCount))
    var means: [Double] = []
    var factors: [Double] = []
    for index in 0..<points.columnCount {
      let values = points.column(index)
      let mean = values.reduce(0) { $0 + $1 / count }
      let largest = values.reduce(0) { max($0, abs($1 - mean)) }
      means.append(mean)
      // Rounding of the mean is no spread.
      guard largest > 1e-12 * abs(mean), largest > 0 else {
        factors.append(0)
        continue
      }
      let sum = values.reduce(0) { $0 + ($1 - mean) / largest * (($1 - mean) / largest) }
      factors.append(1 / largest / (sum / count).squareRoot())
    }
    self.means = means
    self.factors = factors
  }

  func apply(_ points: Matrix) -> Matrix {
    precondition(points.columnCount == means.count, "columns are those of the training rows")
    var result = points
    result.withUnsafeMutableValues { values in
      for index in values.indices {
        let column = index % means.count
        values[index] = (values[index] - means[column]) * factors[column]
      }
    }
    return result
  }
}

/// The directions of a matrix `Z` of features: `Z = left diag(values) right`.
private struct Directions {
  let left: Matrix
  let values: [Double]
  let right: Matrix

  init(of features: Matrix) throws(LinearAlgebraError) {
    guard features.rowCount > 2 * features.columnCount, features.columnCount > 0 else {
      let decomposition = try SingularValues(of: features)
      left = decomposition.left
      values = decomposition.values
      right = decomposition.right
      return
    }
    let eigen = try SymmetricEigen(of: features.gram(ofColumns: true))
    let largest = max(0, eigen.values.last ?? 0)
    let kept = eigen.values.indices.filter { eigen.values[$0] > 1e-14 * largest }
    values = kept.map { eigen.values[$0].squareRoot() }
    right = eigen.vectors.rows(kept)
    var scores = Matrix.product(features, right, transposingRight: true)
    let width = kept.count
    let inverse = values.map { 1 / $0 }
    scores.withUnsafeMutableValues { scores in
      for index in scores.indices { scores[index] *= inverse[index % width] }
    }
    left = scores
  }

  /// The coefficients of least penalized squares for targets with the given projections on `left`.
  func coefficients(_ projected: [Double], penalty: Double) -> [Double] {
    let tolerance = 1e-12 * (values.max() ?? 0)
    let shrunk = zip(values, projected).map { value, number in
      value > tolerance ? number * value / (value * value + penalty) : 0
    }
    return right.product(with: shrunk, transposed: true)
  }
}

extension Matrix {
  /// Every element squared.
  fileprivate func squared() -> Matrix {
    var result = self
    result.withUnsafeMutableValues { values in
      for index in values.indices { values[index] *= values[index] }
    }
    return result
  }
}
