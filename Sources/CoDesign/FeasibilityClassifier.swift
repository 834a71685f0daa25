import Foundation
import LinearAlgebra

/// A Gaussian-process classifier with a squared-exponential kernel: the probability that hardware can run all layers.
///
/// Logistic likelihood, Laplace's approximation; the length scale is the one of highest approximate evidence among five,
/// the amplitude is fixed.
///
/// - SeeAlso: Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", algorithms 3.1 and 3.2; the averaged
///   probability by MacKay 1992, "The Evidence Framework Applied to Classification Networks", equation 10.
public struct FeasibilityClassifier: Sendable {
  private let rows: [[Double]]
  private let means: [Double]
  private let scales: [Double]
  private let length: Double
  /// `n`: derivative of the log likelihood at the mode.
  private let gradient: [Double]
  /// `n`: square roots of the likelihood's curvature.
  private let roots: [Double]
  private let factor: Cholesky

  /// Variance of the latent function: probabilities from 0.02 to 0.98 lie within two deviations.
  static let amplitude = 4.0
  /// Length scales over the square root of the number of features.
  static let lengths = [0.25, 0.5, 1, 2, 4]

  /// Learns from labeled rows.
  ///
  /// - Returns: `nil` without rows of both labels: there is nothing to tell apart.
  /// - Complexity: O(*n*^3).
  public init?(rows: [[Double]], labels: [Bool]) {
    precondition(rows.count == labels.count, "one label a row")
    guard labels.contains(true), labels.contains(false) else { return nil }
    let dimension = rows[0].count
    let n = Double(rows.count)
    var means: [Double] = []
    var scales: [Double] = []
    for column in 0..<dimension {
      let mean = rows.reduce(0) { $0 + $1[column] } / n
      let variance = rows.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) } / n
      means.append(mean)
      scales.append(variance > 1e-18 ? 1 / variance.squareRoot() : 0)
    }
    let standardized = rows.map { row in
      row.indices.map { (row[$0] - means[$0]) * scales[$0] }
    }
    self.means = means
    self.scales = scales
    self.rows = standardized
    var best: (evidence: Double, length: Double, mode: Mode)?
    for share in Self.lengths {
      let length = share * Double(max(1, dimension)).squareRoot()
      guard let mode = Mode(standardized, labels, length: length) else { continue }
      if best.map({ mode.evidence > $0.evidence }) ?? true {
        best = (mode.evidence, length, mode)
      }
    }
    guard let best else { return nil }
    length = best.length
    gradient = best.mode.gradient
    roots = best.mode.roots
    factor = best.mode.factor
  }

  /// The probability that a row is feasible, in `0...1`.
  ///
  /// - Complexity: O(*n*^2).
  public func probability(at row: [Double]) -> Double {
    let z = row.indices.map { (row[$0] - means[$0]) * scales[$0] }
    let cross = rows.map { Self.kernel($0, z, length) }
    let mean = zip(cross, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    let whitened = factor.whiten(zip(cross, roots).map { $0 * $1 })
    let variance = max(0, Self.amplitude - whitened.reduce(0) { $0 + $1 * $1 })
    return 1 / (1 + exp(-mean / (1 + Double.pi * variance / 8).squareRoot()))
  }

  static func kernel(_ a: [Double], _ b: [Double], _ length: Double) -> Double {
    let square = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return amplitude * exp(-0.5 * square / (length * length))
  }

  /// The mode of the latent function.
  private struct Mode {
    var gradient: [Double]
    var roots: [Double]
    var factor: Cholesky
    var evidence: Double

    init?(_ rows: [[Double]], _ labels: [Bool], length: Double) {
      let n = rows.count
      let kernel = Matrix(
        rows: rows.map { a in rows.map { FeasibilityClassifier.kernel(a, $0, length) } })
      let y = labels.map { $0 ? 1.0 : -1.0 }
      var f = [Double](repeating: 0, count: n)
      var a = f
      var gradient = f
      var roots = f
      var factor: Cholesky?
      var before = -Double.infinity
      for _ in 0..<50 {
        let p = f.map { 1 / (1 + exp(-$0)) }
        gradient = zip(y, p).map { ($0 + 1) / 2 - $1 }
        roots = p.map { ($0 * (1 - $0)).squareRoot() }
        var b = Matrix(rowCount: n, columnCount: n)
        for i in 0..<n {
          for j in 0..<n {
            b[i, j] = roots[i] * kernel[i, j] * roots[j] + (i == j ? 1 : 0)
          }
        }
        guard let factored = try? Cholesky(factoring: b) else { return nil }
        factor = factored
        let right = (0..<n).map { roots[$0] * roots[$0] * f[$0] + gradient[$0] }
        let weighted = kernel.product(with: right)
        let solved = factored.solve(zip(roots, weighted).map { $0 * $1 })
        a = (0..<n).map { right[$0] - roots[$0] * solved[$0] }
        f = kernel.product(with: a)
        let likelihood = zip(y, f).reduce(0) { $0 - log1p(exp(-$1.0 * $1.1)) }
        let now = likelihood - 0.5 * zip(a, f).reduce(0) { $0 + $1.0 * $1.1 }
        if abs(now - before) < 1e-10 {
          before = now
          break
        }
        before = now
      }
      guard let factor, before.isFinite else { return nil }
      self.gradient = gradient
      self.roots = roots
      self.factor = factor
      evidence = before - 0.5 * factor.logDeterminant
    }
  }
}
