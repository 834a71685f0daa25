import Foundation

/// What a cell of a table says.
public enum CellValue: Hashable, Sendable {
  /// Nothing: an empty cell or a word for it (`NA`, `N/A`, `NaN`, `null`).
  case missing
  /// A finite number.
  case number(Double)
  /// A number too large to hold, or one written as infinity.
  case infinite
  /// Anything else.
  case text

  /// Reads a cell; blanks around it are ignored.
  ///
  /// Numbers are decimal, with an optional exponent; hexadecimal ones and digits in groups are texts.
  @inlinable
  public init(_ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.isEmpty {
      self = .missing
      return
    }
    // Up to 15 digits with a small power of ten are exact in one operation (Clinger 1990, "How to read floating point
    // numbers accurately", section 4).
    var mantissa = 0
    var digits = 0
    var fraction = 0
    var position = 0
    let isNegative = bytes[0] == 0x2d
    if isNegative || bytes[0] == 0x2b { position = 1 }
    while position < bytes.count {
      let digit = Int(bytes[position]) &- 48
      guard digit >= 0, digit <= 9 else { break }
      mantissa = mantissa &* 10 &+ digit
      digits += 1
      position += 1
    }
    if position < bytes.count, bytes[position] == 0x2e {
      position += 1
      while position < bytes.count {
        let digit = Int(bytes[position]) &- 48
        guard digit >= 0, digit <= 9 else { break }
        mantissa = mantissa &* 10 &+ digit
        digits += 1
        fraction += 1
        position += 1
      }
    }
    guard position == bytes.count, digits > 0, digits <= 15 else {
      self = CellValue.slow(bytes)
      return
    }
    var value = Double(mantissa)
    if fraction > 0 { value /= CellValue.powers[fraction] }
    self = .number(isNegative ? -value : value)
  }

  @usableFromInline static let powers: [Double] = (0...15).map { pow(10, Double($0)) }

  @usableFromInline
  static func slow(_ bytes: UnsafeBufferPointer<UInt8>) -> CellValue {
    guard bytes.count <= 400 else { return .text }
    // Most words begin as no number and no word for nothing or infinity does.
    if let first = bytes.first, (first | 0x20) &- 97 < 26, bytes.count > 1 {
      let second = bytes[1] | 0x20
      switch first | 0x20 {
      // nan, na, n/a, null
      case 0x6e: if second != 0x61, second != 0x2f, second != 0x75 { return .text }
      // inf, infinity
      case 0x69: if second != 0x6e { return .text }
      default: return .text
      }
    }
    if isNumeric(bytes) { return number(String(decoding: bytes, as: UTF8.self)) }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    switch text.lowercased() {
    case "", "na", "n/a", "#n/a", "nan", "null", "-nan": return .missing
    case "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity": return .infinite
    default: break
    }
    var trimmed = text
    return trimmed.withUTF8(isNumeric) ? number(text) : .text
  }

  /// Whether all bytes occur in numbers, and one is a digit.
  private static func isNumeric(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var hasDigit = false
    for byte in bytes {
      if byte &- 48 < 10 {
        hasDigit = true
      } else if byte != 0x2e, byte != 0x2d, byte != 0x2b, byte | 0x20 != 0x65 {
        return false
      }
    }
    return hasDigit
  }

  private static func number(_ text: String) -> CellValue {
    guard
      let value = Double(text.hasPrefix(".") || text.hasSuffix(".") ? padded(text) : text)
    else { return .text }
    return value.isFinite ? .number(value) : .infinite
  }

  private static func padded(_ text: String) -> String {
    (text.hasPrefix(".") ? "0" : "") + text + (text.hasSuffix(".") ? "0" : "")
  }

  /// Whether a text is a number with a decimal comma, such as `3,14`.
  public static func isDecimalComma(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count <= 40, bytes.filter({ $0 == 0x2c }).count == 1, bytes.last != 0x2c,
      bytes.first != 0x2c
    else { return false }
    return bytes.allSatisfy { $0 &- 48 < 10 || $0 == 0x2c || $0 == 0x2d || $0 | 0x20 == 0x65 }
  }

  /// The truth value a cell says: 1/0, true/false, yes/no, in any letter case; `nil` for anything else.
  public static func truth(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
    if bytes.count == 1, bytes[0] == 0x30 || bytes[0] == 0x31 { return bytes[0] == 0x31 }
    return switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "1", "1.0", "true", "yes", "y", "t": true
    case "0", "0.0", "false", "no", "n", "f": false
    default: nil
    }
  }
}
