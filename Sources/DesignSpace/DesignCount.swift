import Execution
import Foundation

/// A whole number from 0 without an upper limit: how many designs there are.
public struct DesignCount: Hashable, Sendable {
  /// Digits in base 2^64, the lowest first, without leading zeros; numbers below 2^64 have no `rest`.
  private var low: UInt64
  private var rest: [UInt64]

  /// Creates a count.
  public init(_ value: Int) {
    precondition(value >= 0, "a count is not negative")
    low = UInt64(value)
    rest = []
  }

  private init(digits: [UInt64]) {
    var digits = digits
    while let last = digits.last, last == 0 { digits.removeLast() }
    low = digits.first ?? 0
    rest = digits.count > 1 ? Array(digits[1...]) : []
  }

  private var digits: [UInt64] { [low] + rest }

  /// Nothing.
  public static let zero = DesignCount(0)

  /// Whether it is zero.
  public var isZero: Bool { low == 0 && rest.isEmpty }

  /// The number as an `Int`; `nil` above `Int.max`.
  public var integer: Int? { rest.isEmpty ? Int(exactly: low) : nil }

  /// The number as a `Double`, rounded; infinite above 1.8e308.
  public var approximation: Double {
    digits.reversed().reduce(0) { $0 * 0x1p64 + Double($1) }
  }

  /// The logarithm to base 10; negative infinity for zero.
  public var log10: Double {
    guard !rest.isEmpty else { return Foundation.log10(Double(low)) }
    let top = digits.suffix(3).reversed().reduce(0.0) { $0 * 0x1p64 + Double($1) }
    return Foundation.log10(top)
      + Double(digits.count - min(3, digits.count)) * 64 * Foundation.log10(2)
  }

  /// The sum.
  public static func + (a: DesignCount, b: DesignCount) -> DesignCount {
    if a.rest.isEmpty, b.rest.isEmpty {
      let (sum, isOver) = a.low.addingReportingOverflow(b.low)
      return isOver ? DesignCount(digits: [sum, 1]) : DesignCount(digits: [sum])
    }
    let x = a.digits
    let y = b.digits
    var result: [UInt64] = []
    var carry: UInt64 = 0
    for index in 0..<max(x.count, y.count) {
      let (first, over) = (index < x.count ? x[index] : 0).addingReportingOverflow(
        index < y.count ? y[index] : 0)
      let (second, overAgain) = first.addingReportingOverflow(carry)
      result.append(second)
      carry = (over ? 1 : 0) + (overAgain ? 1 : 0)
    }
    result.append(carry)
    return DesignCount(digits: result)
  }

  /// The product.
  ///
  /// - Complexity: O(*digits of a* x *digits of b*).
  public static func * (a: DesignCount, b: DesignCount) -> DesignCount {
    let x = a.digits
    let y = b.digits
    var result = [UInt64](repeating: 0, count: x.count + y.count)
    for i in x.indices {
      var carry: UInt64 = 0
      for j in y.indices {
        let (high, low) = x[i].multipliedFullWidth(by: y[j])
        let (first, over) = result[i + j].addingReportingOverflow(low)
        let (second, overAgain) = first.addingReportingOverflow(carry)
        result[i + j] = second
        carry = high + (over ? 1 : 0) + (overAgain ? 1 : 0)
      }
      result[i + y.count] = carry
    }
    return DesignCount(digits: result)
  }

  /// The difference; `b` is not larger.
  static func - (a: DesignCount, b: DesignCount) -> DesignCount {
    let x = a.digits
    let y = b.digits
    var result: [UInt64] = []
    var borrow: UInt64 = 0
    for index in x.indices {
      let (first, under) = x[index].subtractingReportingOverflow(index < y.count ? y[index] : 0)
      let (second, underAgain) = first.subtractingReportingOverflow(borrow)
      result.append(second)
      borrow = (under ? 1 : 0) + (underAgain ? 1 : 0)
    }
    precondition(borrow == 0, "a count is not negative")
    return DesignCount(digits: result)
  }

  /// A uniform count below this one, which is not zero.
  func random(using generator: inout SeededGenerator) -> DesignCount {
    if rest.isEmpty {
      return DesignCount(digits: [generator.next().multipliedFullWidth(by: low).high])
    }
    let top = digits[digits.count - 1]
    let mask = UInt64.max >> UInt64(top.leadingZeroBitCount)
    while true {
      var drawn = digits.map { _ in generator.next() }
      drawn[drawn.count - 1] &= mask
      let candidate = DesignCount(digits: drawn)
      if candidate < self { return candidate }
    }
  }

  /// This count as a share of another, which is not zero.
  public func share(of whole: DesignCount) -> Double {
    let other = whole.approximation
    if other.isFinite { return approximation / other }
    return isZero ? 0 : pow(10, log10 - whole.log10)
  }
}

extension DesignCount: Comparable {
  /// Whether `a` is smaller.
  public static func < (a: DesignCount, b: DesignCount) -> Bool {
    guard a.rest.count == b.rest.count else { return a.rest.count < b.rest.count }
    for index in a.rest.indices.reversed() where a.rest[index] != b.rest[index] {
      return a.rest[index] < b.rest[index]
    }
    return a.low < b.low
  }
}

extension DesignCount: CustomStringConvertible {
  /// All decimal digits.
  public var description: String {
    guard !rest.isEmpty else { return String(low) }
    // Nineteen decimal digits at a time.
    let block: UInt64 = 10_000_000_000_000_000_000
    var left = digits
    var blocks: [String] = []
    while !left.isEmpty {
      var remainder: UInt64 = 0
      for index in left.indices.reversed() {
        (left[index], remainder) = block.dividingFullWidth((remainder, left[index]))
      }
      while let last = left.last, last == 0 { left.removeLast() }
      blocks.append(String(remainder))
    }
    let lower = blocks.dropLast().reversed().map { text in
      String(repeating: "0", count: 19 - text.count) + text
    }
    return (blocks.last ?? "0") + lower.joined()
  }
}
