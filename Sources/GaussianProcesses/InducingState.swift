import Foundation
import LinearAlgebra

/// The FITC posterior: targets depend on each other only through the function at inducing points.
///
/// With `F` the whitened covariances of rows and inducing points (`F F^T` approximates the covariance of rows) and
/// `D` the diagonal of what is missing plus noise: `A = I + F^T D^-1 F`, `beta = A^-1 F^T D^-1 y`. At a point with
/// whitened covariances `f` and variance `k` the mean is `f . beta`, the variance `k - f . f + f^T A^-1 f`.
struct InducingState: Sendable {
  let inducing: Covariance.Rows
  /// Of the covariance of inducing points.
  let whitening: Cholesky
  /// Of `A`.
  let factor: Cholesky
  let weights: [Double]
  let logMarginalLikelihood: Double

  /// `n x m`, and `D`: kept for leave-one-out predictions and new rows.
  let features: Matrix
  let noises: [Double]
  private let precision: Matrix
  private let moments: [Double]
  private let targets: [Double]

  init(_ covariance: Covariance, _ observations: Observations, count: Int) {
    let chosen = InducingPoints.chooseRows(count: count, of: observations.points, covariance)
    let inducing = covariance.prepare(observations.points.rows(chosen))
    var matrix = covariance.between(inducing, inducing)
    // A millionth part of the variance keeps near neighbors apart.
    let variances = covariance.variances(inducing)
    for row in chosen.indices { matrix[row, row] += 1e-8 * variances[row] }
    let whitening = ExactState.factor(matrix)
    let (features, noises) = Self.features(covariance, observations, inducing, whitening)
    self.init(
      inducing: inducing, whitening: whitening, features: features, noises: noises,
      targets: observations.targets, newRows: 0..<observations.count,
      precision: Matrix(diagonal: [Double](repeating: 1, count: chosen.count)),
      moments: [Double](repeating: 0, count: chosen.count))
  }

  private init(
    inducing: Covariance.Rows, whitening: Cholesky, features: Matrix, noises: [Double],
    targets: [Double], newRows: Range<Int>, precision: Matrix, moments: [Double]
  ) {
    self.inducing = inducing
    self.whitening = whitening
    self.features = features
    self.noises = noises
    self.targets = targets
    var scaled = features.rows(newRows)
    let columnCount = features.columnCount
    scaled.withUnsafeMutableValues { values in
      for (place, row) in newRows.enumerated() {
        let factor = 1 / noises[row].squareRoot()
        for column in 0..<columnCount { values[place * columnCount + column] *= factor }
      }
    }
    self.precision = precision + scaled.gram(ofColumns: true)
    let weighted = newRows.map { targets[$0] / noises[$0].squareRoot() }
    self.moments = zip(moments, scaled.product(with: weighted, transposed: true))
      .map { $0 + $1 }
    factor = ExactState.factor(self.precision)
    weights = factor.solve(self.moments)
    var sum = -factor.logDeterminant + innerProduct(self.moments, weights)
    for (target, noise) in zip(targets, noises) {
      sum -= target * target / noise + log(noise)
    }
    logMarginalLikelihood = 0.5 * sum - Double(targets.count) * SpecialFunctions.halfLogTwoPi
  }

  func appending(_ more: Observations, _ covariance: Covariance) -> InducingState {
    let (added, addedNoises) = Self.features(covariance, more, inducing, whitening)
    let count = targets.count
    return InducingState(
      inducing: inducing, whitening: whitening, features: features.appending(rows: added),
      noises: noises + addedNoises, targets: targets + more.targets,
      newRows: count..<(count + more.count), precision: precision, moments: moments)
  }

  private static func features(
    _ covariance: Covariance, _ observations: Observations, _ inducing: Covariance.Rows,
    _ whitening: Cholesky
  ) -> (Matrix, [Double]) {
    let rows = covariance.prepare(observations.points)
    let features = whitening.whiten(rows: covariance.between(rows, inducing))
    let variances = covariance.variances(rows)
    let explained = features.squaredRowNorms()
    let noises = variances.indices.map { row in
      max(0, variances[row] - explained[row]) + covariance.parameters.noise
        + observations.variances[row]
    }
    return (features, noises)
  }
}

extension Matrix {
  /// The squared norm of each row.
  func squaredRowNorms() -> [Double] {
    withUnsafeValues { values in
      (0..<rowCount).map { row in
        var sum = 0.0
        for place in (row * columnCount)..<((row + 1) * columnCount) {
          sum += values[place] * values[place]
        }
        return sum
      }
    }
  }
}
