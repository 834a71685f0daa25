/// Why a text is not the JSON that was expected.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Path of the field, for example `arch.levels[2].mesh_x`; empty for the whole text.
  public var field: String
  /// Byte offset in the text.
  public var offset: Int
  /// What was got and expected.
  public var problem: String

  /// Creates an error.
  public init(field: String = "", offset: Int = 0, problem: String) {
    self.field = field
    self.offset = offset
    self.problem = problem
  }

  /// Field, problem and column.
  public var description: String {
    (field.isEmpty ? "" : "\(field): ") + problem + " (byte \(offset + 1))"
  }

  /// The same error inside an enclosing field.
  public func inside(_ outer: String) -> JSONError {
    var error = self
    error.field =
      field.isEmpty ? outer : field.hasPrefix("[") ? outer + field : "\(outer).\(field)"
    return error
  }
}

/// Reads one JSON text front to back without building a tree.
///
/// Records of a few kilobytes pass at tens of thousands per second, which a decoder that allocates per value does not
/// reach; values nobody asks for are skipped by a scan. The text must outlive the cursor.
public struct JSONCursor {
  /// Deepest nesting that is accepted.
  public static let deepestNesting = 64

  let base: UnsafePointer<UInt8>
  let end: Int
  var position: Int

  /// Starts at the beginning of a text.
  public init(_ text: UnsafeBufferPointer<UInt8>) {
    // An empty buffer may have no base; nothing is read from the stand-in.
    base = text.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    end = text.baseAddress == nil ? 0 : text.count
    position = 0
  }

  /// Byte offset of the next unread byte.
  public var offset: Int { position }

  func fail(_ problem: String) -> JSONError {
    JSONError(offset: min(position, end), problem: problem)
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < end {
      let byte = base[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      position &+= 1
    }
  }

  /// The next significant byte, 0 at the end.
  @inline(__always)
  mutating func peek() -> UInt8 {
    skipSpace()
    return position < end ? base[position] : 0
  }

  @inline(__always)
  mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard peek() == byte, position < end else {
      throw fail("got \(describeNext()), expected \"\(Character(UnicodeScalar(byte)))\"")
    }
    position &+= 1
  }

  /// What stands next, for messages.
  mutating func describeNext() -> String {
    switch peek() {
    case 0 where position >= end: "the end of the text"
    case UInt8(ascii: "{"): "an object"
    case UInt8(ascii: "["): "a list"
    case UInt8(ascii: "\""): "a string"
    case UInt8(ascii: "t"), UInt8(ascii: "f"): "a truth value"
    case UInt8(ascii: "n"): "null"
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
    case let byte where byte > 0x20 && byte < 0x7f: "\"\(Character(UnicodeScalar(byte)))\""
    case let byte: "byte \(byte)"
    }
  }

  /// Checks that nothing but white space follows.
  public mutating func expectEnd() throws(JSONError) {
    _ = peek()
    guard position >= end else {
      throw fail("got \(describeNext()) after the value, expected the end")
    }
  }

  /// Whether the next value is `null`, which is then consumed.
  public mutating func takeNull() throws(JSONError) -> Bool {
    guard peek() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  private mutating func literal(_ text: StaticString) throws(JSONError) {
    let count = text.utf8CodeUnitCount
    guard position + count <= end else { throw fail("got a cut-off word, expected \(text)") }
    for index in 0..<count where base[position + index] != text.utf8Start[index] {
      throw fail("got an unknown word, expected \(text)")
    }
    position += count
  }

  /// Reads a truth value.
  public mutating func bool() throws(JSONError) -> Bool {
    switch peek() {
    case UInt8(ascii: "t"):
      try literal("true")
      return true
    case UInt8(ascii: "f"):
      try literal("false")
      return false
    default:
      throw fail("got \(describeNext()), expected true or false")
    }
  }
}

/// The bytes of an object's key, compared without making a string.
public struct JSONKey {
  let start: UnsafePointer<UInt8>
  let count: Int

  /// Whether the key is the given word.
  @inline(__always)
  public func `is`(_ word: StaticString) -> Bool {
    guard word.utf8CodeUnitCount == count else { return false }
    for index in 0..<count where start[index] != word.utf8Start[index] { return false }
    return true
  }

  /// The key as text.
  public var text: String {
    String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
