/// One field of a message of the protocol buffer wire format.
struct WireField {
  /// How the value is stored.
  enum Kind: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
  }

  let number: Int
  let kind: Kind
  /// The number, for all kinds but `bytes`.
  let value: UInt64
  /// Where the content is, for `bytes`.
  let content: Range<Int>
  /// Where the field begins.
  let offset: Int
}

/// Walks the fields of one message without copying; every length is checked against the message.
struct WireReader {
  private let bytes: UnsafeRawBufferPointer
  private let end: Int
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range outside bytes")
    self.bytes = bytes
    self.position = range.lowerBound
    self.end = range.upperBound
  }

  /// The next field; `nil` at the end of the message.
  mutating func next() throws(ONNXError) -> WireField? {
    guard position < end else { return nil }
    let start = position
    let tag = try varint()
    guard let number = Int(exactly: tag >> 3), (1...536_870_911).contains(number) else {
      throw problem("got field number \(tag >> 3), expected 1 to 536870911", at: start)
    }
    guard let kind = WireField.Kind(rawValue: UInt8(tag & 7)) else {
      throw problem("got wire type \(tag & 7) in field \(number), expected 0, 1, 2 or 5", at: start)
    }
    var value: UInt64 = 0
    var content = position..<position
    switch kind {
    case .varint: value = try varint()
    case .fixed32: value = try fixed(byteCount: 4)
    case .fixed64: value = try fixed(byteCount: 8)
    case .bytes:
      let length = try varint()
      guard length <= UInt64(end - position) else {
        throw problem(
          "field \(number) has \(length) bytes, but \(end - position) are left in the message",
          at: start)
      }
      content = position..<(position + Int(length))
      position = content.upperBound
    }
    return WireField(number: number, kind: kind, value: value, content: content, offset: start)
  }

  /// A number of up to 10 bytes, 7 bits each, lowest first.
  mutating func varint() throws(ONNXError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw problem("the message ends inside a number", at: start) }
      let byte = bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw problem("got a number of more than 64 bits", at: start)
  }

  /// A little-endian number of `byteCount` bytes.
  mutating func fixed(byteCount: Int) throws(ONNXError) -> UInt64 {
    guard end - position >= byteCount else {
      throw problem("the message ends inside a number", at: position)
    }
    var value: UInt64 = 0
    for index in 0..<byteCount { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += byteCount
    return value
  }

  private func problem(_ text: String, at offset: Int) -> ONNXError {
    .malformed(offset: offset, field: "", problem: text)
  }
}
