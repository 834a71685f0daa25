public import Execution
public import LinearAlgebra

/// Independent predictions of a process at points.
public struct Prediction: Hashable, Sendable {
  /// The expected value at each point.
  public let mean: [Double]
  /// The variance at each point, above 0.
  public let variance: [Double]

  /// The square root of each variance.
  public var standardDeviation: [Double] { variance.map { $0.squareRoot() } }
}

/// Values of a process at several points together.
public struct JointPrediction: Sendable {
  /// The expected value at each of `m` points.
  public let mean: [Double]
  /// `m x m`, the covariances of the values.
  public let covariance: Matrix

  /// Draws the values at all points together, again and again.
  ///
  /// - Returns: `count x m`, one draw per row.
  /// - Complexity: O(*m*^3 + *count m*^2).
  public func samples(count: Int, using generator: inout SeededGenerator) -> Matrix {
    let factor = ExactState.factor(covariance)
    var rows: [Double] = []
    rows.reserveCapacity(count * mean.count)
    for _ in 0..<count {
      let normal = mean.map { _ in generator.normal() }
      rows += zip(mean, factor.color(normal)).map { $0 + $1 }
    }
    return Matrix(rowCount: count, columnCount: mean.count, values: rows)
  }
}

extension GaussianProcess {
  /// The mean and variance of the function (without noise) at points.
  ///
  /// Rounding may take a variance to 0 or below; it is held above `1e-12` of the prior variance.
  ///
  /// - Parameter points: `m x d`, finite.
  /// - Complexity: O(*m n*^2), or O(*m k*^2) with *k* inducing points; memory O(*n*) per row, 512 rows at a time.
  public func prediction(at points: Matrix) -> Prediction {
    var mean: [Double] = []
    var variance: [Double] = []
    let state = state
    for start in stride(from: 0, to: points.rowCount, by: 512) {
      let rows = covariance.prepare(points.rows(start..<min(start + 512, points.rowCount)))
      let prior = covariance.variances(rows)
      let (centers, explained) = projections(of: rows, state)
      mean += centers
      variance += zip(prior, explained).map { max($0 - $1, 1e-12 * $0) }
    }
    return Prediction(mean: mean, variance: variance)
  }

  /// The mean of the function at points, without its variance.
  ///
  /// - Complexity: O(*m n d*).
  public func mean(at points: Matrix) -> [Double] {
    var mean: [Double] = []
    let exact = meanOnly
    for start in stride(from: 0, to: points.rowCount, by: 512) {
      let rows = covariance.prepare(points.rows(start..<min(start + 512, points.rowCount)))
      if let exact {
        mean += covariance.between(rows, exact.rows).product(with: exact.weights)
        continue
      }
      switch state {
      case .exact(let state):
        mean += covariance.between(rows, state.rows).product(with: state.weights)
      case .inducing(let state):
        let cross = covariance.between(rows, state.inducing)
        mean += state.whitening.whiten(rows: cross).product(with: state.weights)
      }
    }
    return mean
  }

  /// The means and covariances of the function (without noise) at points.
  ///
  /// - Parameter points: `m x d`, finite.
  /// - Complexity: O(*m n*^2 + *m*^2 *n*).
  public func jointPrediction(at points: Matrix) -> JointPrediction {
    let rows = covariance.prepare(points)
    let prior = covariance.between(rows, rows)
    switch state {
    case .exact(let state):
      let cross = covariance.between(rows, state.rows)
      let whitened = state.factor.whiten(rows: cross)
      return JointPrediction(
        mean: cross.product(with: state.weights), covariance: prior - whitened.gram())
    case .inducing(let state):
      let features = state.whitening.whiten(rows: covariance.between(rows, state.inducing))
      let regained = state.factor.whiten(rows: features)
      return JointPrediction(
        mean: features.product(with: state.weights),
        covariance: prior - features.gram() + regained.gram())
    }
  }

  /// The mean at each row, and by how much the observations lower the variance there.
  private func projections(of rows: Covariance.Rows, _ state: PosteriorState) -> (
    [Double], [Double]
  ) {
    switch state {
    case .exact(let state):
      let cross = covariance.between(rows, state.rows)
      let whitened = state.factor.whiten(rows: cross)
      return (cross.product(with: state.weights), whitened.squaredRowNorms())
    case .inducing(let state):
      let features = state.whitening.whiten(rows: covariance.between(rows, state.inducing))
      let regained = state.factor.whiten(rows: features).squaredRowNorms()
      let explained = zip(features.squaredRowNorms(), regained).map { $0 - $1 }
      return (features.product(with: state.weights), explained)
    }
  }
}
