/// Correlations of many squared scaled distances at a time.
///
/// Four numbers go through every step together, so that no call of a library function stands between them; the bits
/// of a correlation do not depend on its place among others, nor on the machine.
typealias Lanes = SIMD4<Double>

extension Kernel.Shape {
  /// Correlations and their derivatives by the squared distance.
  @inline(__always)
  func withSlopes(_ squaredDistances: Lanes) -> (values: Lanes, slopes: Lanes) {
    switch self {
    case .matern52:
      let s = (5 * squaredDistances).squareRoot()
      let decay = Lanes.exponential(ofMinus: s)
      return ((1 + s + s * s * (1.0 / 3)) * decay, (-5.0 / 6) * (1 + s) * decay)
    case .squaredExponential:
      let values = Lanes.exponential(ofMinus: 0.5 * squaredDistances)
      return (values, -0.5 * values)
    }
  }

  /// Correlations.
  @inline(__always)
  func correlations(_ squaredDistances: Lanes) -> Lanes { withSlopes(squaredDistances).values }
}

extension Lanes {
  /// `exp(-x)` for `x >= 0`, within 2 units in the last place up to 708; beyond, where it would be below `4e-308`, that of 708.
  ///
  /// `x = k log(2) + r` with `|r| <= log(2) / 2`, where the series of 14 terms is exact to `5e-18`; `k` is found by adding a number
  /// whose last bit is worth 1, and becomes the exponent by a shift. `log(2)` is taken off in two parts, the first with 20 trailing
  /// zeros, so that `k` times it is exact (Cody and Waite 1980, "Software Manual for the Elementary Functions", chapter 6).
  @inline(__always)
  static func exponential(ofMinus x: Lanes) -> Lanes {
    let held = x.replacing(with: 708, where: x .> 708)
    let shifter = Lanes(repeating: 0x1.8p52)
    let shifted = shifter - held * 1.4426950408889634
    let k = shifted - shifter
    let high = -held - k * 0x1.62e42fee00000p-1
    let r = high - k * 0x1.a39ef35793c76p-33
    var series = Lanes(repeating: 1.0 / 6_227_020_800)
    series = series * r + 1.0 / 479_001_600
    series = series * r + 1.0 / 39_916_800
    series = series * r + 1.0 / 3_628_800
    series = series * r + 1.0 / 362_880
    series = series * r + 1.0 / 40_320
    series = series * r + 1.0 / 5_040
    series = series * r + 1.0 / 720
    series = series * r + 1.0 / 120
    series = series * r + 1.0 / 24
    series = series * r + 1.0 / 6
    series = series * r + 0.5
    series = series * r + 1
    series = series * r + 1
    let exponents = unsafeBitCast(shifted, to: SIMD4<UInt64>.self) &+ 1_023
    return series * unsafeBitCast(exponents &<< 52, to: Lanes.self)
  }

  /// Up to four numbers from an address on; lanes beyond `count` are 0.
  @inline(__always)
  static func load(_ start: UnsafePointer<Double>, _ count: Int) -> Lanes {
    if count >= 4 { return UnsafeRawPointer(start).loadUnaligned(as: Lanes.self) }
    var result = Lanes(repeating: 0)
    for lane in 0..<count { result[lane] = start[lane] }
    return result
  }

  /// Writes the first `count` lanes, at most four.
  @inline(__always)
  func store(_ start: UnsafeMutablePointer<Double>, _ count: Int) {
    if count >= 4 {
      UnsafeMutableRawPointer(start).storeBytes(of: self, as: Lanes.self)
    } else {
      for lane in 0..<count { start[lane] = self[lane] }
    }
  }

  /// The squared distance of a row of squared norm `norm` to others, from their squared norms and inner products; at least 0.
  ///
  /// Rounding leaves about `1e-16` of the squared norms in a distance that should be 0; both kernel shapes are smooth
  /// functions of the square, so the error stays of that size.
  @inline(__always)
  static func squaredDistances(_ norm: Double, _ norms: Lanes, _ products: Lanes) -> Lanes {
    let squares = norm + norms - 2 * products
    return squares.replacing(with: 0, where: squares .< 0)
  }
}
