import LinearAlgebra

/// The posterior of all observations.
struct ExactState: Sendable {
  let rows: Covariance.Rows
  /// Of the covariance of observations.
  let factor: Cholesky
  /// The inverse covariance times the targets.
  let weights: [Double]

  init(_ covariance: Covariance, _ observations: Observations) {
    rows = covariance.prepare(observations.points)
    var matrix = covariance.between(rows, rows)
    matrix.addDiagonal(covariance.parameters.noise, observations.variances)
    factor = Self.factor(matrix)
    weights = factor.solve(observations.targets)
  }

  private init(rows: Covariance.Rows, factor: Cholesky, targets: [Double]) {
    self.rows = rows
    self.factor = factor
    weights = factor.solve(targets)
  }

  static func factor(_ matrix: Matrix) -> Cholesky {
    do {
      return try Cholesky(factoring: matrix, jitter: .untilFactored)
    } catch {
      preconditionFailure("a covariance of checked observations has finite elements: \(error)")
    }
  }

  func logMarginalLikelihood(_ targets: [Double]) -> Double {
    -0.5 * innerProduct(targets, weights) - 0.5 * factor.logDeterminant
      - Double(targets.count) * SpecialFunctions.halfLogTwoPi
  }

  func appending(
    _ more: Observations, to old: Observations, _ all: Observations, _ covariance: Covariance
  ) -> ExactState {
    let added = covariance.prepare(more.points)
    var corner = covariance.between(added, added)
    corner.addDiagonal(covariance.parameters.noise, more.variances)
    let cross = covariance.between(added, rows)
    guard let extended = try? factor.appending(cross: cross, corner: corner) else {
      return ExactState(covariance, all)
    }
    return ExactState(
      rows: covariance.prepare(all.points), factor: extended, targets: all.targets)
  }
}

extension Matrix {
  /// Adds a number, and one more per row, to the diagonal.
  mutating func addDiagonal(_ value: Double, _ more: [Double]) {
    for (index, own) in more.enumerated() { self[index, index] += value + own }
  }
}
