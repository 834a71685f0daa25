import Foundation

/// What a node of an expression can be while some parameters are still open: a range, and whether undefined.
///
/// Safe for the arithmetic as it is carried out: additions and products of `Double` are monotone, rounding included;
/// library functions are widened by a few units of the last place.
struct Bounds: Equatable {
  static let whole = Bounds(
    low: -.greatestFiniteMagnitude, high: .greatestFiniteMagnitude, isMaybeUndefined: true)
  static let undefined = Bounds(low: .infinity, high: -.infinity, isMaybeUndefined: true)

  var low: Double
  var high: Double
  var isMaybeUndefined = false

  init(low: Double, high: Double, isMaybeUndefined: Bool = false) {
    self.low = low
    self.high = high
    self.isMaybeUndefined = isMaybeUndefined
  }

  /// The bounds of a value that is known.
  init(_ value: Double) {
    self = value.isNaN ? .undefined : Bounds(low: value, high: value)
  }

  /// Whether no defined value is possible.
  var isEmpty: Bool { low > high }
  /// Whether a truth value is `true` whatever the open parameters are.
  var isCertain: Bool { low == 1 && !isMaybeUndefined }
  /// Whether a truth value is never `true`.
  var isImpossible: Bool { isEmpty || high == 0 }

  private var isPoint: Bool { low == high && !isMaybeUndefined }

  static func of(_ operation: Expression.Operation, _ a: Bounds) -> Bounds {
    guard !a.isEmpty else { return .undefined }
    let isMaybe = a.isMaybeUndefined
    switch operation {
    case .negate: return Bounds(low: 0 - a.high, high: 0 - a.low, isMaybeUndefined: isMaybe)
    case .not: return Bounds(low: 1 - a.high, high: 1 - a.low, isMaybeUndefined: isMaybe)
    case .floor:
      return Bounds(
        low: a.low.rounded(.down), high: a.high.rounded(.down), isMaybeUndefined: isMaybe)
    case .ceil:
      return Bounds(low: a.low.rounded(.up), high: a.high.rounded(.up), isMaybeUndefined: isMaybe)
    case .magnitude:
      let low = a.low > 0 ? a.low : a.high < 0 ? -a.high : 0
      return Bounds(low: low, high: max(abs(a.low), abs(a.high)), isMaybeUndefined: isMaybe)
    case .log2:
      guard a.high > 0 else { return .undefined }
      let low = a.low > 0 ? Foundation.log2(a.low) : -1_100
      return Bounds(
        low: low, high: Foundation.log2(a.high), isMaybeUndefined: isMaybe || a.low <= 0
      )
      .widened
    case .exp:
      return Bounds(
        low: Foundation.exp(a.low), high: Foundation.exp(a.high), isMaybeUndefined: isMaybe
      ).widened.clamped
    default: preconditionFailure("no operation of one operand")
    }
  }

  static func of(_ operation: Expression.Operation, _ a: Bounds, _ b: Bounds) -> Bounds {
    switch operation {
    case .and: return conjunction(a, b)
    case .or: return negated(conjunction(negated(a), negated(b)))
    default: break
    }
    guard !a.isEmpty, !b.isEmpty else { return .undefined }
    if a.isPoint, b.isPoint { return Bounds(Expression.apply(operation, a.low, b.low)) }
    let isMaybe = a.isMaybeUndefined || b.isMaybeUndefined
    switch operation {
    case .add:
      return Bounds(low: a.low + b.low, high: a.high + b.high, isMaybeUndefined: isMaybe).clamped
    case .subtract:
      return Bounds(low: a.low - b.high, high: a.high - b.low, isMaybeUndefined: isMaybe).clamped
    case .multiply:
      return corners(
        a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high, isMaybe)
    case .divide:
      guard b.low > 0 || b.high < 0 else { return .whole }
      return corners(
        a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high, isMaybe)
    case .modulo:
      let isZero = b.low <= 0 && b.high >= 0
      let low = min(0, b.low)
      let high = max(0, b.high)
      return Bounds(low: low, high: high, isMaybeUndefined: isMaybe || isZero)
    case .power: return power(a, b, isMaybe)
    case .minimum:
      return Bounds(
        low: min(a.low, b.low), high: min(a.high, b.high), isMaybeUndefined: isMaybe)
    case .maximum:
      return Bounds(
        low: max(a.low, b.low), high: max(a.high, b.high), isMaybeUndefined: isMaybe)
    case .less: return truth(a.high < b.low, a.low >= b.high, isMaybe)
    case .lessOrEqual: return truth(a.high <= b.low, a.low > b.high, isMaybe)
    case .equal: return truth(false, a.high < b.low || b.high < a.low, isMaybe)
    case .unequal: return truth(a.high < b.low || b.high < a.low, false, isMaybe)
    case .divides: return truth(false, false, isMaybe)
    default: preconditionFailure("no operation of two operands")
    }
  }

  /// The bounds of `ifelse`.
  static func choosing(_ condition: Bounds, _ a: Bounds, _ b: Bounds) -> Bounds {
    guard !condition.isEmpty else { return .undefined }
    var result: Bounds
    if condition.low == 1 {
      result = a
    } else if condition.high == 0 {
      result = b
    } else if a.isEmpty || b.isEmpty {
      result = a.isEmpty ? b : a
      result.isMaybeUndefined = true
    } else {
      result = Bounds(
        low: min(a.low, b.low), high: max(a.high, b.high),
        isMaybeUndefined: a.isMaybeUndefined || b.isMaybeUndefined)
    }
    if condition.isMaybeUndefined { result.isMaybeUndefined = true }
    return result
  }

  private static func negated(_ a: Bounds) -> Bounds {
    a.isEmpty ? a : Bounds(low: 1 - a.high, high: 1 - a.low, isMaybeUndefined: a.isMaybeUndefined)
  }

  /// `and`: the second operand is looked at only where the first is true.
  private static func conjunction(_ a: Bounds, _ b: Bounds) -> Bounds {
    guard !a.isEmpty else { return .undefined }
    guard a.high == 1 else { return a }
    guard !b.isEmpty else {
      return a.low == 1 ? .undefined : Bounds(low: 0, high: 0, isMaybeUndefined: true)
    }
    return Bounds(
      low: min(a.low, b.low), high: b.high,
      isMaybeUndefined: a.isMaybeUndefined || b.isMaybeUndefined)
  }

  private static func truth(_ isTrue: Bool, _ isFalse: Bool, _ isMaybe: Bool) -> Bounds {
    Bounds(low: isTrue ? 1 : 0, high: isFalse ? 0 : 1, isMaybeUndefined: isMaybe)
  }

  private static func corners(
    _ p: Double, _ q: Double, _ r: Double, _ s: Double, _ isMaybe: Bool
  ) -> Bounds {
    Bounds(
      low: min(min(p, q), min(r, s)), high: max(max(p, q), max(r, s)), isMaybeUndefined: isMaybe
    ).clamped
  }

  /// Monotone in both operands for a positive base; for other bases only whole exponents from 0 are bounded.
  private static func power(_ a: Bounds, _ b: Bounds, _ isMaybe: Bool) -> Bounds {
    if a.low > 0 {
      return corners(
        pow(a.low, b.low), pow(a.low, b.high), pow(a.high, b.low), pow(a.high, b.high), isMaybe
      ).widened.clamped
    }
    guard b.isPoint, b.low >= 0, b.low == b.low.rounded() else { return .whole }
    let low = pow(a.low, b.low)
    let high = pow(a.high, b.low)
    let isAcrossZero = a.low <= 0 && a.high >= 0
    return Bounds(
      low: isAcrossZero ? min(0, min(low, high)) : min(low, high), high: max(low, high),
      isMaybeUndefined: isMaybe
    ).widened.clamped
  }

  private var widened: Bounds {
    guard !isEmpty else { return self }
    return Bounds(
      low: low - 8 * low.ulp, high: high + 8 * high.ulp, isMaybeUndefined: isMaybeUndefined)
  }

  /// Overflow is undefined.
  private var clamped: Bounds {
    let limit = Double.greatestFiniteMagnitude
    guard !(low >= -limit && high <= limit) else { return self }
    return Bounds(
      low: low.isNaN ? -limit : max(-limit, min(low, limit)),
      high: high.isNaN ? limit : min(limit, max(high, -limit)), isMaybeUndefined: true)
  }
}
