/// Loops over floats that the products do not cover, eight numbers at a time.
///
/// Sums keep eight partial sums in a fixed order, so that results do not depend on alignment or machine.
enum Loops {
  typealias Vector = SIMD8<Float>

  @inline(__always)
  static func load(_ base: UnsafePointer<Float>, _ index: Int) -> Vector {
    UnsafeRawPointer(base + index).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  static func store(_ value: Vector, _ base: UnsafeMutablePointer<Float>, _ index: Int) {
    UnsafeMutableRawPointer(base + index).storeBytes(of: value, as: Vector.self)
  }

  /// The sum of products of two vectors.
  @inline(__always)
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sums = Vector.zero
    var index = 0
    while index + 8 <= count {
      sums += load(a, index) * load(b, index)
      index += 8
    }
    var total = sum(sums)
    while index < count {
      total += a[index] * b[index]
      index += 1
    }
    return total
  }

  /// The sum of eight numbers, in pairs.
  @inline(__always)
  static func sum(_ v: Vector) -> Float {
    let four = v.lowHalf + v.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// `target += factor * source`.
  @inline(__always)
  static func add(
    _ source: UnsafePointer<Float>, times factor: Float, to target: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    let factors = Vector(repeating: factor)
    var index = 0
    while index + 8 <= count {
      store(load(target, index) + factors * load(source, index), target, index)
      index += 8
    }
    while index < count {
      target[index] += factor * source[index]
      index += 1
    }
  }

  /// `target += source`.
  @inline(__always)
  static func add(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var index = 0
    while index + 8 <= count {
      store(load(target, index) + load(source, index), target, index)
      index += 8
    }
    while index < count {
      target[index] += source[index]
      index += 1
    }
  }

  /// `e^x` for eight numbers, relative error below 3e-7; below -87 the result is that of -87, about 1.6e-38.
  ///
  /// `x = k ln 2 + r` with `|r| <= ln 2 / 2`; the Taylor polynomial of degree 7 has an error below 6e-9 there. Rounding
  /// to `k` by adding 1.5 x 2^23 keeps to instructions every x86-64 has. `x` must be below 88.
  @inline(__always)
  static func exponential(_ x: Vector) -> Vector {
    let clamped = x.replacing(with: -87, where: x .< -87)
    let magic = Vector(repeating: 12_582_912)
    let k = (clamped * 1.442_695_04 + magic) - magic
    // ln 2 in two parts, the first with few digits so that k times it is exact.
    let r = (clamped - k * 0.693_359_375) + k * 2.121_944_4e-4
    var p = Vector(repeating: 1.0 / 5_040)
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    let exponents = SIMD8<Int32>(truncatingIfNeeded: SIMD8<Int32>(clampingRounded: k))
    let scale = Vector(bitPattern: (exponents &+ 127) &<< 23)
    return p * scale
  }
}

extension SIMD8<Int32> {
  /// Whole numbers held as floats, of a magnitude below 2^22.
  @inline(__always)
  fileprivate init(clampingRounded value: SIMD8<Float>) {
    // The low bits of value + 1.5 x 2^23 are the whole number.
    let shifted = value + 12_582_912
    self = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
  }
}

extension SIMD8<Float> {
  @inline(__always)
  fileprivate init(bitPattern: SIMD8<Int32>) {
    self = unsafeBitCast(bitPattern, to: SIMD8<Float>.self)
  }
}
