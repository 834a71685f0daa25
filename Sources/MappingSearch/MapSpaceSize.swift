import Foundation

/// The exact number of members of a map space.
public struct MapSpaceSize: Hashable, Sendable {
  /// The number in decimal digits.
  public let digits: String

  /// The number as a logarithm to base 10; `-infinity` for an empty space.
  public var log10: Double {
    // Seventeen leading digits are more than a Double holds.
    let head = Double(digits.prefix(17)) ?? 0
    return Foundation.log10(head) + Double(max(0, digits.count - 17))
  }

  /// Reconstructs a number below the product of the moduli from its remainders (Garner's algorithm).
  init(remainders: [UInt64], moduli: [UInt64]) {
    var mixed: [UInt64] = []
    for (index, modulus) in moduli.enumerated() {
      let ring = ModularRing(modulus: modulus)
      // Value of the digits so far, and the weight of the next one.
      var value: UInt64 = 0
      var weight: UInt64 = 1
      for (digit, earlier) in zip(mixed, moduli) {
        value = ring.sum(value, ring.product(weight, digit % modulus))
        weight = ring.product(weight, earlier % modulus)
      }
      let difference = (remainders[index] + modulus - value) % modulus
      mixed.append(ring.product(difference, ring.inverse(of: weight)))
    }
    // Limbs of nine decimal digits, the lowest first.
    var limbs: [UInt64] = [0]
    for (digit, modulus) in zip(mixed, moduli).reversed() {
      var carry = UInt128(digit)
      for index in limbs.indices {
        carry += UInt128(limbs[index]) * UInt128(modulus)
        limbs[index] = UInt64(carry % 1_000_000_000)
        carry /= 1_000_000_000
      }
      while carry > 0 {
        limbs.append(UInt64(carry % 1_000_000_000))
        carry /= 1_000_000_000
      }
    }
    while limbs.count > 1, limbs.last == 0 { limbs.removeLast() }
    var text = String(limbs[limbs.count - 1])
    for limb in limbs.dropLast().reversed() {
      let part = String(limb)
      text += String(repeating: "0", count: 9 - part.count) + part
    }
    digits = text
  }
}

/// Numbers a count can be made in: approximately to learn its size, then exactly by remainders.
protocol CountRing {
  associatedtype Value
  func number(_ value: Int) -> Value
  func sum(_ a: Value, _ b: Value) -> Value
  func product(_ a: Value, _ b: Value) -> Value
}

struct ApproximateRing: CountRing {
  @inline(__always) func number(_ value: Int) -> Double { Double(value) }
  @inline(__always) func sum(_ a: Double, _ b: Double) -> Double { a + b }
  @inline(__always) func product(_ a: Double, _ b: Double) -> Double { a * b }
}

/// Remainders of a prime below 2^61.
struct ModularRing: CountRing {
  var modulus: UInt64

  @inline(__always) func number(_ value: Int) -> UInt64 { UInt64(value) % modulus }

  @inline(__always) func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let sum = a &+ b
    return sum >= modulus ? sum &- modulus : sum
  }

  @inline(__always) func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
    if a <= 1 || b <= 1 { return a &* b }
    return modulus.dividingFullWidth(a.multipliedFullWidth(by: b)).remainder
  }

  /// The inverse of a number that is not a multiple of the modulus (Fermat).
  func inverse(of value: UInt64) -> UInt64 {
    var result: UInt64 = 1
    var power = value
    var exponent = modulus - 2
    while exponent > 0 {
      if exponent & 1 == 1 { result = product(result, power) }
      power = product(power, power)
      exponent >>= 1
    }
    return result
  }

  /// Enough primes just below 2^61 for numbers below `2^bits`.
  static func moduli(forBits bits: Double) -> [UInt64] {
    var found: [UInt64] = []
    var candidate: UInt64 = (1 << 61) - 1
    while Double(found.count) * 60.9 < bits {
      if ModularRing(modulus: candidate).looksPrime { found.append(candidate) }
      candidate -= 2
    }
    return found
  }

  /// The Miller-Rabin test with the bases that decide every number below 2^64.
  ///
  /// Source: Sinclair's seven bases as listed by Forisek and Jancina 2015, "Fast primality testing for integers that
  /// fit into a machine word" (recalled).
  private var looksPrime: Bool {
    let shift = (modulus - 1).trailingZeroBitCount
    for base: UInt64 in [2, 325, 9_375, 28_178, 450_775, 9_780_504, 1_795_265_022] {
      var power: UInt64 = 1
      var square = base % modulus
      var exponent = (modulus - 1) >> UInt64(shift)
      while exponent > 0 {
        if exponent & 1 == 1 { power = product(power, square) }
        square = product(square, square)
        exponent >>= 1
      }
      if power == 1 || power == modulus - 1 { continue }
      var isWitness = true
      for _ in 1..<shift {
        power = product(power, power)
        if power == modulus - 1 {
          isWitness = false
          break
        }
      }
      if isWitness { return false }
    }
    return true
  }
}
