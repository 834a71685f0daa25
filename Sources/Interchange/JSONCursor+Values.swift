import Foundation

extension JSONCursor {
  /// Reads an object, calling `body` for each member with the cursor at its value; `body` must consume it.
  @inline(__always)
  public mutating func object(
    _ body: (JSONKey, inout JSONCursor) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(UInt8(ascii: "{"))
    if peek() == UInt8(ascii: "}") {
      position &+= 1
      return
    }
    while true {
      guard peek() == UInt8(ascii: "\"") else {
        throw fail("got \(describeNext()), expected a key in quotes")
      }
      let range = try stringBytes()
      let key = JSONKey(start: base + range.lowerBound, count: range.count)
      try expect(UInt8(ascii: ":"))
      do { try body(key, &self) } catch { throw error.inside(key.text) }
      if peek() == UInt8(ascii: ",") {
        position &+= 1
        continue
      }
      try expect(UInt8(ascii: "}"))
      return
    }
  }

  /// Reads a list, calling `body` for each element with the cursor at it; `body` must consume it.
  @inline(__always)
  public mutating func list(
    _ body: (Int, inout JSONCursor) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(UInt8(ascii: "["))
    if peek() == UInt8(ascii: "]") {
      position &+= 1
      return
    }
    var index = 0
    while true {
      do { try body(index, &self) } catch { throw error.inside("[\(index)]") }
      index &+= 1
      if peek() == UInt8(ascii: ",") {
        position &+= 1
        continue
      }
      try expect(UInt8(ascii: "]"))
      return
    }
  }

  /// The raw bytes between the quotes of the next string; escapes are left as they are.
  @inline(__always)
  mutating func stringBytes() throws(JSONError) -> Range<Int> {
    try expect(UInt8(ascii: "\""))
    let start = position
    while position < end {
      let byte = base[position]
      if byte == UInt8(ascii: "\"") {
        position &+= 1
        return start..<(position &- 1)
      }
      if byte == UInt8(ascii: "\\") { position &+= 1 }
      guard byte >= 0x20 else { throw fail("got a control character in a string, expected text") }
      position &+= 1
    }
    position = end
    throw fail("got the end of the text inside a string, expected a closing quote")
  }

  /// Reads a string.
  public mutating func string() throws(JSONError) -> String {
    guard peek() == UInt8(ascii: "\"") else {
      throw fail("got \(describeNext()), expected a string")
    }
    let quoted = position
    let range = try stringBytes()
    let bytes = UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    if !bytes.contains(UInt8(ascii: "\\")) { return String(decoding: bytes, as: UTF8.self) }
    let literal = Data(bytes: base + quoted, count: range.count + 2)
    let decoded = try? JSONSerialization.jsonObject(with: literal, options: .fragmentsAllowed)
    guard let text = decoded as? String else { throw fail("got a malformed escape in a string") }
    return text
  }

  /// Reads a number.
  public mutating func double() throws(JSONError) -> Double {
    let range = try numberBytes()
    if let whole = wholeNumber(range) { return Double(whole) }
    let text = String(
      decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
      as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw fail("got \(text), expected a number a Double can hold")
    }
    return value
  }

  /// Reads a whole number; `4` and `4.0` are the same.
  public mutating func integer() throws(JSONError) -> Int {
    let range = try numberBytes()
    if let whole = wholeNumber(range) { return whole }
    let text = String(
      decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
      as: UTF8.self)
    guard let value = Double(text), let exact = Int(exactly: value) else {
      throw fail("got \(text), expected a whole number of at most 2^63 - 1")
    }
    return exact
  }

  /// The digits as an integer, when there are only digits and they fit.
  @inline(__always)
  private func wholeNumber(_ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    let negative = base[index] == UInt8(ascii: "-")
    if negative { index &+= 1 }
    guard range.upperBound &- index <= 18 else { return nil }
    var value = 0
    while index < range.upperBound {
      let digit = Int(base[index]) &- 48
      guard digit >= 0, digit <= 9 else { return nil }
      value = value &* 10 &+ digit
      index &+= 1
    }
    return negative ? -value : value
  }

  /// The bytes of the next number, checked against JSON's grammar.
  private mutating func numberBytes() throws(JSONError) -> Range<Int> {
    let first = peek()
    guard position < end, first == UInt8(ascii: "-") || isDigit(first) else {
      throw fail("got \(describeNext()), expected a number")
    }
    let start = position
    if first == UInt8(ascii: "-") { position &+= 1 }
    let leading = position
    try digits()
    if base[leading] == UInt8(ascii: "0"), position > leading &+ 1 {
      throw fail("got a number with a leading zero, expected plain digits")
    }
    if position < end, base[position] == UInt8(ascii: ".") {
      position &+= 1
      try digits()
    }
    if position < end, base[position] | 0x20 == UInt8(ascii: "e") {
      position &+= 1
      if position < end, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-")
      {
        position &+= 1
      }
      try digits()
    }
    return start..<position
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while position < end, isDigit(base[position]) { position &+= 1 }
    guard position > start else { throw fail("got a number without digits, expected digits") }
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  /// Skips the next value whatever it is and returns its bytes' range.
  ///
  /// Brackets must match; what is inside is not checked further.
  public mutating func skip() throws(JSONError) -> Range<Int> {
    let first = peek()
    let start = position
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try skipNested()
    case UInt8(ascii: "\""):
      _ = try stringBytes()
    case UInt8(ascii: "t"), UInt8(ascii: "f"):
      _ = try bool()
    case UInt8(ascii: "n"):
      _ = try takeNull()
    default:
      _ = try numberBytes()
    }
    return start..<position
  }

  private mutating func skipNested() throws(JSONError) {
    var depth = 0
    var objects: UInt64 = 0
    while position < end {
      let byte = base[position]
      switch byte {
      case UInt8(ascii: "\""):
        _ = try stringBytes()
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth &+= 1
        guard depth < JSONCursor.deepestNesting else {
          throw fail("got nesting deeper than \(JSONCursor.deepestNesting), expected less")
        }
        objects = objects << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        let closesObject: UInt64 = byte == UInt8(ascii: "}") ? 1 : 0
        guard objects & 1 == closesObject else {
          throw fail("got \"\(Character(UnicodeScalar(byte)))\" that closes nothing")
        }
        objects >>= 1
        depth &-= 1
        if depth == 0 {
          position &+= 1
          return
        }
      default:
        break
      }
      position &+= 1
    }
    throw fail("got the end of the text inside a value, expected a closing bracket")
  }
}
