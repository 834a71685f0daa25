/// The range in which a share lies with 95 % confidence, given how often it was seen.
///
/// Reference: Wilson 1927, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22;
/// the score interval. Unlike the usual approximation it stays within 0 and 1 and has a width at 0 of *n*.
public struct WilsonInterval: Hashable, Sendable {
  /// Lower end, in `[0, 1]`.
  public let low: Double
  /// Upper end, in `[0, 1]`.
  public let high: Double

  /// The 97.5 % point of the normal distribution.
  static let quantile = 1.959_963_984_540_054

  /// The interval of `count` in `total`; everything from 0 to 1 for a total of 0.
  public init(count: Int, total: Int) {
    guard total > 0 else {
      low = 0
      high = 1
      return
    }
    let n = Double(total)
    let p = Double(count) / n
    let z2 = Self.quantile * Self.quantile
    let center = (p + z2 / (2 * n)) / (1 + z2 / n)
    let radius =
      Self.quantile / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
    // Rounding would leave 1e-17 where the interval ends at 0 or 1.
    low = count == 0 ? 0 : max(0, center - radius)
    high = count == total ? 1 : min(1, center + radius)
  }
}
