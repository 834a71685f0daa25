import Foundation
import GaussianProcesses
import LinearAlgebra

/// Which designs of a batch are worth exploring: those that may be better than the best is at worst.
///
/// Differs from the paper: the least upper bound is that of the feasible designs measured, and designs outside lose ten times what
/// they miss instead of being left out, so that every design has a score.
/// - SeeAlso: Contal et al. 2013, "Parallel Gaussian Process Optimization with Upper Confidence Bound and Pure Exploration",
///   algorithm 1; Song et al. 2024, "The Vizier Gaussian Process Bandit Algorithm", section 4.2 (penalty recalled).
struct PureExploration: Sendable {
  /// Deviations of the bounds.
  static let weight = 1.8
  /// What a deviation outside costs.
  static let penalty = 10.0

  /// The cost as it is known without the outstanding designs.
  private let model: HeadModel
  /// The least upper bound.
  private let threshold: Double

  /// - Parameter rows: Features of the feasible designs measured.
  /// - Returns: `nil` without any.
  init?(_ model: HeadModel, at rows: Matrix, _ readings: [Double?]?) {
    let prediction = model.prediction(at: rows, readings: readings)
    let bounds = zip(prediction.mean, prediction.variance).map {
      $0 + Self.weight * $1.squareRoot()
    }
    guard let threshold = bounds.min() else { return nil }
    self.model = model
    self.threshold = threshold
  }

  /// Adds the logarithms of the deviations that the outstanding designs leave, less what designs outside lose.
  ///
  /// - Parameter variances: With the outstanding designs, in the order of the rows.
  func addLogValues(
    to scores: inout [Double], _ variances: [Double], at rows: Matrix, _ readings: [Double?]?
  ) {
    let plain = model.prediction(at: rows, readings: readings)
    for index in scores.indices {
      let lower = plain.mean[index] - Self.weight * plain.variance[index].squareRoot()
      scores[index] +=
        0.5 * log(variances[index]) - Self.penalty * max(0, lower - threshold)
    }
  }
}
