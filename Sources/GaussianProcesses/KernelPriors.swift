import Foundation

/// A variable whose logarithm is normal.
public struct LogNormalPrior: Hashable, Sendable {
  /// The mean of the logarithm; `exp` of it is the median.
  public var location: Double
  /// The standard deviation of the logarithm.
  public var scale: Double

  /// Creates a prior.
  public init(location: Double, scale: Double) {
    precondition(scale > 0, "a standard deviation is positive")
    self.location = location
    self.scale = scale
  }

  /// The logarithm of the density at `exp(logarithm)` without its constant, and its derivative by the logarithm.
  func logDensity(atLogarithm logarithm: Double) -> (value: Double, slope: Double) {
    let z = (logarithm - location) / scale
    return (-logarithm - 0.5 * z * z, -1 - z / scale)
  }

  /// The logarithm of the number of highest density.
  var modeLogarithm: Double { location - scale * scale }
}

/// What is believed of length scales and variances before any observation, and the ranges they are searched in.
///
/// The defaults suit coordinates in `[0, 1]` and targets of mean 0 and variance 1. Length scales grow with the square
/// root of the number of groups, so that correlation between random points does not vanish in many dimensions. Length
/// and noise priors are the defaults of BoTorch 0.18; those of the other variances are wide and our own choice.
///
/// - SeeAlso: Hvarfner, Hellsten, Nardi 2024, "Vanilla Bayesian Optimization Performs Great in High Dimensions",
///   section 4.
public struct KernelPriors: Hashable, Sendable {
  /// Of each design length scale; `nil` is `LogNormal(sqrt(2) + ln(groups) / 2, sqrt(3))`.
  public var length: LogNormalPrior?
  /// Of each context length scale; `nil` is the same with the context's number of groups.
  public var contextLength: LogNormalPrior?
  /// Of `a`.
  public var amplitude = LogNormalPrior(location: 0, scale: 1.5)
  /// Of `v`.
  public var linear = LogNormalPrior(location: -1, scale: 2)
  /// Of `c`.
  public var constant = LogNormalPrior(location: -1, scale: 2)
  /// Of `o`.
  public var contextOffset = LogNormalPrior(location: -1, scale: 2)
  /// Of the noise variance.
  public var noise = LogNormalPrior(location: -4, scale: 1)
  /// Where length scales are searched.
  public var lengthRange = 1e-2...1e4
  /// Where `a`, `v`, `c` and `o` are searched.
  public var varianceRange = 1e-6...1e4
  /// Where the noise variance is searched.
  public var noiseRange = 1e-6...1e2

  /// The default priors.
  public init() {}

  /// `LogNormal(sqrt(2) + ln(d) / 2, sqrt(3))`.
  static func length(dimension: Int) -> LogNormalPrior {
    LogNormalPrior(
      location: 2.0.squareRoot() + 0.5 * log(Double(max(1, dimension))), scale: 3.0.squareRoot())
  }

  /// One prior and one range of the logarithm per parameter, in the order of `KernelParameters.logarithms(for:)`.
  func list(for kernel: Kernel) -> [(prior: LogNormalPrior, range: ClosedRange<Double>)] {
    let lengths = logarithmic(lengthRange)
    let variances = logarithmic(varianceRange)
    let ofDesign = length ?? Self.length(dimension: kernel.design.groupCount)
    var result = [(prior: LogNormalPrior, range: ClosedRange<Double>)](
      repeating: (ofDesign, lengths), count: kernel.design.groupCount)
    if let context = kernel.context {
      let prior = contextLength ?? Self.length(dimension: context.groupCount)
      for _ in 0..<context.groupCount { result.append((prior, lengths)) }
    }
    result.append((amplitude, variances))
    if kernel.hasLinear { result.append((linear, variances)) }
    if kernel.hasConstant { result.append((constant, variances)) }
    if kernel.hasContextOffset { result.append((contextOffset, variances)) }
    result.append((noise, logarithmic(noiseRange)))
    return result
  }

  private func logarithmic(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    precondition(range.lowerBound > 0, "lengths and variances are positive")
    return log(range.lowerBound)...log(range.upperBound)
  }
}
