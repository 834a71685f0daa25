import DesignSpace
import Execution
import Foundation
import LinearAlgebra
import Regression

/// A random forest that tells the probability that a design does not fail for a hidden reason.
///
/// Rules of compilers and simulators are thresholds on sizes and on their products and quotients. Thresholds are what trees
/// find; to make those on products and quotients of two parameters single splits, the sums and differences of the
/// logarithms of their values are columns of their own.
struct FailureForest: Sendable {
  /// Parameters beyond which pairs are left out: columns grow with the square.
  static let largestPairedCount = 16

  private let features: DesignFeatures
  /// `nil` while all trials agree, and only other studies know of failures.
  private let forest: RandomForest?
  /// Studies of other workloads; what they say is a column.
  private let sources: SourceModels?
  /// A cheap model; whether it believes in a design is a column.
  private let cheap: CheapReader?

  /// - Returns: `nil` when neither the labels differ nor a source knows of failures, and when growing fails, as it does when the
  ///   surrounding task is cancelled.
  init?(
    _ features: DesignFeatures, points: [Point], labels: [Bool], sources: SourceModels? = nil,
    cheap: CheapReader? = nil
  ) {
    self.features = features
    self.cheap = cheap
    let isTold = sources?.probabilities(at: Array(points.prefix(1))) != nil
    self.sources = isTold ? sources : nil
    guard labels.contains(true), labels.contains(false) else {
      guard isTold else { return nil }
      forest = nil
      return
    }
    var options = RandomForest.Options()
    options.treeCount = 60
    options.columnShare = 0.2
    options.leafRowCount = 1
    guard
      let forest = try? RandomForest(
        points: Self.columns(features, self.sources, cheap, points),
        targets: labels.map { $0 ? 1 : 0 },
        options: options, seed: Seed(0).child("failure forest", points.count))
    else { return nil }
    self.forest = forest
  }

  /// Probabilities of success, held away from 0 and 1 by a share of one in 100; other studies alone are half believed.
  func probabilities(at points: [Point]) -> [Double] {
    guard let forest else {
      return (sources?.probabilities(at: points) ?? []).map { 0.5 + 0.5 * $0 }
    }
    return forest.predictions(at: Self.columns(features, sources, cheap, points)).map {
      0.005 + 0.99 * $0
    }
  }

  private static func columns(
    _ features: DesignFeatures, _ sources: SourceModels?, _ cheap: CheapReader?,
    _ points: [Point]
  ) -> Matrix {
    var own = features.matrix(points)
    let beliefs = cheap.map { $0.readings(of: points).isFeasible.map { $0 ? 1.0 : 0.0 } }
    for told in [sources?.probabilities(at: points), beliefs].compactMap({ $0 }) {
      let column = Matrix(rowCount: points.count, columnCount: 1, values: told)
      // As many copies as a third of the columns, so that a split is likely to see it.
      for _ in 0..<max(1, features.columnCount / 3) { own = own.appending(columns: column) }
    }
    let paired = features.numericParameters
    guard (2...largestPairedCount).contains(paired.count) else { return own }
    let pairCount = paired.count * (paired.count - 1)
    var pairs = Matrix(rowCount: points.count, columnCount: pairCount)
    pairs.withUnsafeMutableValues { values in
      for (row, point) in points.enumerated() {
        let logarithms = paired.map { features.logarithm(of: $0, at: point) }
        var place = row * pairCount
        for i in logarithms.indices {
          for j in 0..<i {
            values[place] = logarithms[i] + logarithms[j]
            values[place + 1] = logarithms[i] - logarithms[j]
            place += 2
          }
        }
      }
    }
    return own.appending(columns: pairs)
  }
}
