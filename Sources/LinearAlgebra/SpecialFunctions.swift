import Foundation

/// Functions of the normal distribution that stay accurate far into its tails.
public enum SpecialFunctions {
  /// `log(2 pi) / 2`.
  public static let halfLogTwoPi = 0.918_938_533_204_672_741_78

  /// The logarithm of the standard normal density.
  public static func logNormalDensity(_ u: Double) -> Double { -0.5 * u * u - halfLogTwoPi }

  /// The standard normal distribution function, within 4 units of the last place above `u = -37`.
  public static func normalDistribution(_ u: Double) -> Double {
    0.5 * erfc(-u * 0.5.squareRoot())
  }

  /// The scaled complementary error function `exp(x^2) erfc(x)`; infinite below -26.7.
  ///
  /// Within 1e-15 of its value for `x > -1`, 1e-14 below. The direct form fails where `erfc` underflows, above 26;
  /// from 25 on the asymptotic series is exact to double precision. The rounding error of `x^2` is carried along.
  ///
  /// - SeeAlso: Abramowitz and Stegun 1964, formula 7.1.23.
  public static func scaledComplementaryError(_ x: Double) -> Double {
    if x < 25 {
      let square = x * x
      let rest = (-square).addingProduct(x, x)
      let complement = erfc(x)
      return exp(square) * (complement + complement * rest)
    }
    let t = 0.5 / (x * x)
    let series = 1 - t * (1 - 3 * t * (1 - 5 * t * (1 - 7 * t * (1 - 9 * t * (1 - 11 * t)))))
    return series / x * 0.564_189_583_547_756_286_95
  }

  /// The logarithm of the standard normal distribution function, within 1e-14 of its value for `u < 9`.
  ///
  /// Above, `u^2` units of the last place of a number below 1e-19 are lost. The direct form is `-inf` below `u = -38.5` and
  /// loses all digits above 8.
  public static func logNormalDistribution(_ u: Double) -> Double {
    if u > 0 { return log1p(-0.5 * erfc(u * 0.5.squareRoot())) }
    if u > -1 { return log(0.5 * erfc(-u * 0.5.squareRoot())) }
    return log(0.5 * scaledComplementaryError(-u * 0.5.squareRoot())) - 0.5 * u * u
  }

  /// `log(phi(u) + u Phi(u))`: the logarithm of expected improvement over standard deviation, where `u` is the mean
  /// improvement over standard deviation.
  ///
  /// Accurate for `u` in `[-1e100, 1e100]`; the direct form is zero below `u = -38.5` and loses half of its digits near
  /// -8. Below -25 the asymptotic series of Mills' ratio replaces the difference that cancels.
  ///
  /// - SeeAlso: Ament et al. 2023, "Unexpected Improvements to Expected Improvement", section 4.1 and appendix A.
  public static func logImprovement(_ u: Double) -> Double {
    if u > -1 { return log(exp(logNormalDensity(u)) + u * normalDistribution(u)) }
    let bracket: Double
    if u > -25 {
      // 1 - |u| times Mills' ratio; cancels u^2 units of the last place at most.
      bracket = -u * 1.253_314_137_315_500_251_21 * scaledComplementaryError(-u * 0.5.squareRoot())
      return logNormalDensity(u) + log1p(-bracket)
    }
    let t = 1 / (u * u)
    bracket = 1 - 3 * t * (1 - 5 * t * (1 - 7 * t * (1 - 9 * t * (1 - 11 * t * (1 - 13 * t)))))
    return logNormalDensity(u) - 2 * log(-u) + log(bracket)
  }

  /// The number below which a standard normal variable falls with probability `p`, within 1e-14.
  ///
  /// Three Halley steps on the logarithm of the distribution function, from a start within 4.5e-4.
  ///
  /// - Parameter p: In `0...1`; 0 and 1 give the infinities.
  /// - SeeAlso: Abramowitz and Stegun 1964, formula 26.2.23.
  public static func normalQuantile(_ p: Double) -> Double {
    precondition(p >= 0 && p <= 1, "a probability is in 0...1")
    if p == 0.5 { return 0 }
    if p > 0.5 { return -normalQuantile(1 - p) }
    if p == 0 { return -.infinity }
    let target = log(p)
    let t = (-2 * target).squareRoot()
    let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
    let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    var x = numerator / denominator - t
    for _ in 0..<3 {
      let value = logNormalDistribution(x)
      // f = log Phi - log p; f' is the inverse of Mills' ratio, f'' = -f' (x + f').
      let slope = exp(logNormalDensity(x) - value)
      let step = (value - target) / slope
      x -= step / (1 + 0.5 * step * (x + slope))
    }
    return x
  }
}
