import Foundation
import LinearAlgebra

/// How raw targets become numbers that suit the priors of a process.
public enum OutputWarping: Hashable, Sendable, CaseIterable {
  /// Mean to 0, standard deviation to 1.
  case standardize
  /// The natural logarithm, then standardized; for positive targets that span orders of magnitude.
  case log
  /// Normal quantiles of the ranks, linear between them: outliers keep their place, not their size.
  case rankNormal

  /// Learns the transformation from targets.
  ///
  /// - Throws: `GaussianProcessError` for targets that are not finite, beyond `1e100` or, for `log`, not positive.
  public func fitted(to targets: [Double]) throws(GaussianProcessError) -> FittedWarping {
    for (row, value) in targets.enumerated() {
      guard abs(value) <= Observations.largest else {
        throw .invalidNumber(row: row, column: nil, got: "\(value)")
      }
      guard self != .log || value > 0 else { throw .notPositive(row: row, got: "\(value)") }
    }
    return FittedWarping(self, targets)
  }
}

/// A strictly increasing transformation of targets, and its inverse.
public struct FittedWarping: Hashable, Sendable {
  /// The kind of transformation.
  public let warping: OutputWarping
  private var center = 0.0
  private var scale = 1.0
  /// Distinct targets ascending and what they become; empty except for ranks.
  private var knots: [Double] = []
  private var quantiles: [Double] = []

  fileprivate init(_ warping: OutputWarping, _ targets: [Double]) {
    self.warping = warping
    switch warping {
    case .standardize: standardize(targets)
    case .log: standardize(targets.map { Foundation.log($0) })
    case .rankNormal: rank(targets)
    }
  }

  /// What a raw value becomes.
  ///
  /// Beyond the ranked targets the last segments go on; of `log` the value must be positive.
  public func warped(_ value: Double) -> Double {
    switch warping {
    case .standardize: (value - center) / scale
    case .log: (Foundation.log(value) - center) / scale
    case .rankNormal: Self.interpolate(value, knots, quantiles, lone: 1)
    }
  }

  /// What raw values become.
  public func warped(_ values: [Double]) -> [Double] { values.map { warped($0) } }

  /// The raw value that becomes a number.
  public func unwarped(_ number: Double) -> Double {
    switch warping {
    case .standardize: number * scale + center
    case .log: exp(number * scale + center)
    case .rankNormal: Self.interpolate(number, quantiles, knots, lone: 1)
    }
  }

  /// Constant targets keep scale 1; sums are made of ratios to the largest, so that none overflows.
  private mutating func standardize(_ values: [Double]) {
    guard !values.isEmpty else { return }
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + $1 / count }
    let largest = values.reduce(0) { max($0, abs($1 - mean)) }
    center = mean
    guard largest > 1e-12 * abs(mean), largest > 0 else { return }
    let sum = values.reduce(0) { $0 + ($1 - mean) / largest * (($1 - mean) / largest) }
    scale = largest * (sum / max(1, count - 1)).squareRoot()
  }

  /// Equal targets share the mean of their ranks; the quantile of rank `r` of `n` is that of `(r - 3/8) / (n + 1/4)`.
  ///
  /// - SeeAlso: Blom 1958, "Statistical Estimates and Transformed Beta-Variables".
  private mutating func rank(_ targets: [Double]) {
    let sorted = targets.sorted()
    let count = Double(sorted.count)
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count && sorted[end] == sorted[start] { end += 1 }
      let rank = 0.5 * Double(start + 1 + end)
      knots.append(sorted[start])
      quantiles.append(SpecialFunctions.normalQuantile((rank - 0.375) / (count + 0.25)))
      start = end
    }
  }

  private static func interpolate(
    _ value: Double, _ from: [Double], _ to: [Double], lone slope: Double
  ) -> Double {
    guard from.count > 1 else {
      return from.isEmpty ? value : to[0] + slope * (value - from[0])
    }
    var low = 0
    var high = from.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if from[middle] <= value { low = middle } else { high = middle }
    }
    let share = (value - from[low]) / (from[high] - from[low])
    return share == 1 ? to[high] : to[low] + share * (to[high] - to[low])
  }
}
