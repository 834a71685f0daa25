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
  private let forest: RandomForest

  /// - Returns: `nil` when growing fails, as it does when the surrounding task is cancelled.
  init?(_ features: DesignFeatures, points: [Point], labels: [Bool]) {
    self.features = features
    var options = RandomForest.Options()
    options.treeCount = 60
    options.columnShare = 0.2
    options.leafRowCount = 1
    guard
      let forest = try? RandomForest(
        points: Self.columns(features, points), targets: labels.map { $0 ? 1 : 0 },
        options: options, seed: Seed(0).child("failure forest", points.count))
    else { return nil }
    self.forest = forest
  }

  /// Probabilities of success, held away from 0 and 1 by a share of one in 100.
  func probabilities(at points: [Point]) -> [Double] {
    forest.predictions(at: Self.columns(features, points)).map { 0.005 + 0.99 * $0 }
  }

  private static func columns(_ features: DesignFeatures, _ points: [Point]) -> Matrix {
    let own = features.matrix(points)
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
