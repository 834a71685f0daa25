import Foundation

/// How the values of the objective of feasible designs are spread.
public struct ObjectiveDistribution: Hashable, Sendable {
  /// Number of values.
  public let count: Int
  /// Smallest, 5 %, 25 %, 50 %, 75 %, 95 %, largest; empty without values.
  public let quantiles: [Double]
  /// Values equal to zero.
  public let zeroCount: Int
  /// Values below zero.
  public let negativeCount: Int
  /// Values more than three interquartile ranges outside the quartiles, in logarithms where all are positive
  /// (Tukey 1977, "Exploratory Data Analysis", section 2D: "far out").
  public let outlierCount: Int
  /// Number of different values, counted up to 1,000.
  public let distinctCount: Int

  /// The levels of `quantiles`.
  public static let levels = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]

  /// Summarizes values; NaN must not be among them.
  ///
  /// Quantiles are interpolated between order statistics (definition 7 of Hyndman and Fan 1996, "Sample quantiles in
  /// statistical packages").
  /// - Complexity: O(*n* log *n*).
  public init(_ values: [Double]) {
    let sorted = values.sorted()
    count = sorted.count
    quantiles = sorted.isEmpty ? [] : Self.levels.map { Self.quantile($0, of: sorted) }
    zeroCount = sorted.count { $0 == 0 }
    negativeCount = sorted.count { $0 < 0 }
    var distinct = sorted.isEmpty ? 0 : 1
    for index in sorted.indices.dropFirst() where sorted[index] != sorted[index - 1] {
      distinct += 1
      if distinct == 1_000 { break }
    }
    distinctCount = distinct
    guard let lowest = sorted.first else {
      outlierCount = 0
      return
    }
    let scaled = lowest > 0 ? sorted.map { Foundation.log($0) } : sorted
    let lower = Self.quantile(0.25, of: scaled)
    let upper = Self.quantile(0.75, of: scaled)
    let reach = 3 * (upper - lower)
    outlierCount = reach > 0 ? scaled.count { $0 < lower - reach || $0 > upper + reach } : 0
  }

  /// Largest over smallest, `nil` unless all values are positive.
  public var dynamicRange: Double? {
    guard let low = quantiles.first, let high = quantiles.last, low > 0 else { return nil }
    return high / low
  }

  static func quantile(_ level: Double, of sorted: [Double]) -> Double {
    let position = level * Double(sorted.count - 1)
    let below = Int(position)
    let fraction = position - Double(below)
    guard fraction > 0 else { return sorted[below] }
    return sorted[below] + fraction * (sorted[below + 1] - sorted[below])
  }
}
