/// Why something about a tensor is not known: positions in the importer's list of origins.
struct Origins: Hashable, Sendable {
  private(set) var members: [Int] = []

  init(_ members: [Int] = []) { self.members = members }

  /// Both sets; more than 16 reasons are not kept.
  func union(_ other: Origins) -> Origins {
    if other.members.isEmpty || self == other { return self }
    if members.isEmpty { return other }
    return Origins(Array(Set(members).union(other.members).sorted().prefix(16)))
  }
}

/// The size of one dimension of a tensor.
enum Extent: Hashable, Sendable {
  /// In `0...ONNXLimits.extent`.
  case known(Int)
  case unknown(Origins)

  var size: Int? { if case .known(let size) = self { size } else { nil } }

  var origins: Origins { if case .unknown(let origins) = self { origins } else { Origins() } }
}

/// One element of a folded tensor.
enum Number: Hashable, Sendable {
  /// Also truth values, as 0 and 1.
  case integer(Int)
  case real(Double)
  case unknown(Origins)

  init(_ extent: Extent) {
    switch extent {
    case .known(let size): self = .integer(size)
    case .unknown(let origins): self = .unknown(origins)
    }
  }

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  var real: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    case .unknown: nil
    }
  }

  var origins: Origins { if case .unknown(let origins) = self { origins } else { Origins() } }

  /// A result of two numbers; whole numbers stay whole, an overflow is unknown.
  static func combine(
    _ a: Number, _ b: Number, _ whole: (Int, Int) -> Int?, _ real: (Double, Double) -> Double?
  ) -> Number {
    if case .integer(let x) = a, case .integer(let y) = b {
      return whole(x, y).map { .integer($0) } ?? .unknown(Origins())
    }
    guard let x = a.real, let y = b.real, let value = real(x, y) else {
      return .unknown(a.origins.union(b.origins))
    }
    return .real(value)
  }

  static func add(_ a: Number, _ b: Number) -> Number {
    combine(a, b, { checked($0.addingReportingOverflow($1)) }, { $0 + $1 })
  }

  static func subtract(_ a: Number, _ b: Number) -> Number {
    combine(a, b, { checked($0.subtractingReportingOverflow($1)) }, { $0 - $1 })
  }

  /// The product; zero times anything is zero.
  static func multiply(_ a: Number, _ b: Number) -> Number {
    if a == .integer(0) || b == .integer(0) { return .integer(0) }
    return combine(a, b, { checked($0.multipliedReportingOverflow(by: $1)) }, { $0 * $1 })
  }

  /// The quotient; that of whole numbers is cut toward zero.
  static func divide(_ a: Number, _ b: Number) -> Number {
    combine(a, b, { $1 == 0 ? nil : checked($0.dividedReportingOverflow(by: $1)) }, { $0 / $1 })
  }

  /// The remainder with the sign of the divisor.
  static func modulo(_ a: Number, _ b: Number) -> Number {
    combine(
      a, b,
      { x, y in
        guard y != 0, let rest = checked(x.remainderReportingOverflow(dividingBy: y)) else {
          return nil
        }
        return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest
      }, { $0.truncatingRemainder(dividingBy: $1) })
  }

  static func compare(
    _ a: Number, _ b: Number, _ whole: (Int, Int) -> Bool, _ real: (Double, Double) -> Bool
  ) -> Number {
    if case .integer(let x) = a, case .integer(let y) = b { return .integer(whole(x, y) ? 1 : 0) }
    guard let x = a.real, let y = b.real else { return .unknown(a.origins.union(b.origins)) }
    return .integer(real(x, y) ? 1 : 0)
  }

  /// The number as an element of another type; what does not fit is unknown.
  func converted(to type: ONNXType) -> Number {
    switch self {
    case .unknown: return self
    case .integer(let value):
      if type.isReal { return .real(Double(value)) }
      return type == .bool ? .integer(value == 0 ? 0 : 1) : self
    case .real(let value):
      if type.isReal { return self }
      if type == .bool { return .integer(value == 0 ? 0 : 1) }
      guard type.isInteger, let whole = Int(exactly: value.rounded(.towardZero)) else {
        return .unknown(Origins())
      }
      return .integer(whole)
    }
  }

  private static func checked(_ result: (partialValue: Int, overflow: Bool)) -> Int? {
    result.overflow ? nil : result.partialValue
  }
}

/// The product of sizes; `nil` when it exceeds 2^63 - 1 before a factor of zero is met.
func checkedProduct(_ factors: some Sequence<Int>) -> Int? {
  var product = 1
  var overflow = false
  for factor in factors {
    if factor == 0 { return 0 }
    let step = product.multipliedReportingOverflow(by: factor)
    overflow = overflow || step.overflow
    product = step.overflow ? 1 : step.partialValue
  }
  return overflow ? nil : product
}
