import Foundation

/// A Gaussian process with a linear kernel on standardized features plus noise, in the form of its weights.
///
/// Legend: `n` observations, `d` features, `z` standardized features. The prior is `weights ~ N(0, noise/penalty I)`, a flat
/// one for the mean; the posterior has precision `A = Z'Z + penalty I` over the noise. Only sums are kept, so an
/// observation costs O(*d*^2), a fit O(*d*^3) and a prediction O(*d*^2), whatever `n` is: the dense form costs O(*n*^3).
/// The penalty is the one of highest evidence among five, the noise its estimate.
///
/// - SeeAlso: Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", section 2.1 (equation 2.11 and the
///   equivalence of both forms); Bishop 2006, "Pattern Recognition and Machine Learning", equation 3.86 (evidence).
public struct LinearGaussianModel: Sendable {
  /// Sums over observations, centered on their means: what one search leaves to the next.
  public struct Moments: Hashable, Sendable, Codable {
    /// Observations, discounted ones by their weight.
    public var count: Double
    /// `d x d`: sums of products of centered features.
    public var features: [Double]
    /// `d`: sums of products of centered features and targets.
    public var cross: [Double]
    /// Sum of squares of centered targets.
    public var targets: Double

    /// No observations.
    public init(dimension: Int) {
      count = 0
      features = Array(repeating: 0, count: dimension * dimension)
      cross = Array(repeating: 0, count: dimension)
      targets = 0
    }

    /// The sums of both, the first ones weighted.
    public static func merged(_ old: Moments, weight: Double, _ new: Moments) -> Moments {
      var result = new
      result.count += weight * old.count
      for index in result.features.indices {
        result.features[index] += weight * old.features[index]
      }
      for index in result.cross.indices { result.cross[index] += weight * old.cross[index] }
      result.targets += weight * old.targets
      return result
    }
  }

  /// Number of features.
  public let dimension: Int
  /// Number of own observations.
  public private(set) var count = 0
  private let prior: Moments
  /// First observation: sums are taken from it, so that large offsets cost no digits.
  private var origin: [Double]
  private var sums: [Double]
  private var products: [Double]
  private var cross: [Double]
  private var targetOrigin = 0.0
  private var targetSum = 0.0
  private var targetSquares = 0.0

  /// Penalties the evidence chooses from.
  static let penalties = [0.01, 0.1, 1, 10, 100]

  /// Creates a model without observations of its own.
  ///
  /// - Parameters:
  ///   - dimension: How many coordinates a point has.
  ///   - prior: Moments of earlier searches whose slopes hold here, too; their offset does not matter.
  public init(dimension: Int, prior: Moments? = nil) {
    precondition(prior.map { $0.cross.count == dimension } ?? true, "the prior has other features")
    self.dimension = dimension
    self.prior = prior ?? Moments(dimension: dimension)
    origin = Array(repeating: 0, count: dimension)
    sums = origin
    cross = origin
    products = Array(repeating: 0, count: dimension * dimension)
  }

  /// Learns a target.
  ///
  /// - Complexity: O(*d*^2).
  public mutating func observe(_ features: [Double], target: Double) {
    precondition(features.count == dimension, "one number a feature")
    if count == 0 {
      origin = features
      targetOrigin = target
    }
    count += 1
    let y = target - targetOrigin
    targetSum += y
    targetSquares += y * y
    for i in 0..<dimension {
      let x = features[i] - origin[i]
      sums[i] += x
      cross[i] += x * y
      for j in 0...i { products[i * dimension + j] += x * (features[j] - origin[j]) }
    }
  }

  /// The centered sums of its own observations.
  public var moments: Moments {
    var result = Moments(dimension: dimension)
    guard count > 0 else { return result }
    let n = Double(count)
    result.count = n
    result.targets = max(0, targetSquares - targetSum * targetSum / n)
    for i in 0..<dimension {
      result.cross[i] = cross[i] - sums[i] * targetSum / n
      for j in 0...i {
        let value = products[i * dimension + j] - sums[i] * sums[j] / n
        result.features[i * dimension + j] = value
        result.features[j * dimension + i] = value
      }
    }
    return result
  }

  /// The posterior.
  ///
  /// - Precondition: There is an observation.
  /// - Complexity: O(*d*^3), with *d* the features that vary.
  public func fitted() -> Fit {
    precondition(count > 0, "a fit needs an observation")
    let total = Moments.merged(prior, weight: 1, moments)
    let n = Double(count)
    let means = (0..<dimension).map { origin[$0] + sums[$0] / n }
    var scales = [Double](repeating: 0, count: dimension)
    var active: [Int] = []
    for i in 0..<dimension {
      let variance = total.features[i * dimension + i] / total.count
      if variance > 1e-18 * max(1, means[i] * means[i]) {
        scales[i] = 1 / variance.squareRoot()
        active.append(i)
      }
    }
    let size = active.count
    var gram = [Double](repeating: 0, count: size * size)
    var right = [Double](repeating: 0, count: size)
    for (a, i) in active.enumerated() {
      right[a] = total.cross[i] * scales[i]
      for (b, j) in active.enumerated() {
        gram[a * size + b] = total.features[i * dimension + j] * scales[i] * scales[j]
      }
    }
    // A target that never varies still has some noise, so that predictions keep a deviation.
    let squares = total.targets + 1e-9
    var best: (evidence: Double, factor: SmallCholesky, weights: [Double], noise: Double)?
    for penalty in Self.penalties {
      var matrix = gram
      for a in 0..<size { matrix[a * size + a] += penalty }
      guard let factor = SmallCholesky(matrix, size: size) else { continue }
      let weights = factor.solve(right)
      let explained = zip(right, weights).reduce(0) { $0 + $1.0 * $1.1 }
      let rest = max(squares - explained, 1e-12 * squares)
      let evidence =
        -0.5 * factor.logDeterminant + 0.5 * Double(size) * log(penalty)
        - 0.5 * total.count * log(rest)
      if best.map({ evidence > $0.evidence }) ?? true {
        best = (evidence, factor, weights, rest / total.count)
      }
    }
    return Fit(
      means: active.map { means[$0] }, scales: active.map { scales[$0] }, active: active,
      weights: best?.weights ?? [], offset: targetOrigin + targetSum / n,
      noise: best?.noise ?? squares / total.count, factor: best?.factor, count: n)
  }

  /// A posterior: the mean of targets and how sure it is.
  public struct Fit: Sendable {
    let means: [Double]
    let scales: [Double]
    let active: [Int]
    let weights: [Double]
    let offset: Double
    /// Variance of the noise.
    public let noise: Double
    let factor: SmallCholesky?
    let count: Double

    /// Mean and standard deviation of the function without noise.
    ///
    /// - Complexity: O(*d*^2).
    public func prediction(at features: [Double]) -> (mean: Double, deviation: Double) {
      var mean = offset
      var z = [Double](repeating: 0, count: active.count)
      for (a, i) in active.enumerated() {
        z[a] = (features[i] - means[a]) * scales[a]
        mean += z[a] * weights[a]
      }
      let spread = factor.map { $0.whitenedSquare(&z) } ?? 0
      return (mean, (noise * (1 / count + spread)).squareRoot())
    }
  }
}

/// The Cholesky factor of a small matrix in plain code: below 30 rows calls into LAPACK cost more than they save.
struct SmallCholesky: Sendable {
  private let lower: [Double]
  private let size: Int

  /// - Returns: `nil` when the matrix is not positive definite.
  init?(_ matrix: [Double], size: Int) {
    var l = matrix
    for i in 0..<size {
      for j in 0...i {
        var sum = l[i * size + j]
        for k in 0..<j { sum -= l[i * size + k] * l[j * size + k] }
        if i == j {
          guard sum > 0, sum.isFinite else { return nil }
          l[i * size + i] = sum.squareRoot()
        } else {
          l[i * size + j] = sum / l[j * size + j]
        }
      }
    }
    lower = l
    self.size = size
  }

  var logDeterminant: Double {
    (0..<size).reduce(0) { $0 + 2 * log(lower[$1 * size + $1]) }
  }

  func solve(_ right: [Double]) -> [Double] {
    var x = right
    for i in 0..<size {
      for k in 0..<i { x[i] -= lower[i * size + k] * x[k] }
      x[i] /= lower[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in (i + 1)..<max(size, i + 1) { x[i] -= lower[k * size + i] * x[k] }
      x[i] /= lower[i * size + i]
    }
    return x
  }

  /// `v' inverse(matrix) v`; `v` is overwritten.
  func whitenedSquare(_ v: inout [Double]) -> Double {
    var total = 0.0
    lower.withUnsafeBufferPointer { l in
      for i in 0..<size {
        var sum = v[i]
        let row = i * size
        for k in 0..<i { sum -= l[row + k] * v[k] }
        sum /= l[row + i]
        v[i] = sum
        total += sum * sum
      }
    }
    return total
  }
}
