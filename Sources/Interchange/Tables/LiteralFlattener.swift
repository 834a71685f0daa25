import Foundation

/// Flattens JSON values, or what Python prints of its own, into named leaves: `{"a": {"b": [1, 2]}}` has the leaves
/// `a.b.0` and `a.b.1`.
///
/// Texts are unescaped, `null` and `None` become empty, truth values `true` and `false`. The words `NaN` and `Infinity`,
/// which Python writes into JSON, are kept as they are. Python mode also takes single quotes, tuples, `array(...)` and
/// dictionaries as `repr` shows them.
struct LiteralFlattener {
  /// What one leaf is called and where its text is.
  struct Leaf {
    var path: Range<Int>
    var text: Range<Int>
  }

  let allowsPython: Bool
  private(set) var leaves: [Leaf] = []
  /// Paths and texts of the leaves.
  let bytes = RowStorage<UInt8>()
  private let path = RowStorage<UInt8>()
  private var source = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var position = 0

  struct Failure: Error { var problem: String }

  init(allowsPython: Bool) {
    self.allowsPython = allowsPython
  }

  mutating func removeAll() {
    leaves.removeAll(keepingCapacity: true)
    bytes.removeAll()
  }

  /// Adds the leaves of one value under a path.
  mutating func append(_ text: UnsafeBufferPointer<UInt8>, under prefix: String = "")
    throws(Failure)
  {
    source = text
    position = 0
    path.removeAll()
    append(prefix, to: path)
    try value(depth: 0)
    guard peek() == nil else { throw Failure(problem: "text follows the value") }
  }

  /// Adds a text as it is.
  mutating func append(text: UnsafeBufferPointer<UInt8>, under name: String) {
    let start = bytes.count
    append(name, to: bytes)
    let begin = bytes.count
    bytes.append(text)
    leaves.append(Leaf(path: start..<begin, text: begin..<bytes.count))
  }

  private func append(_ text: String, to storage: RowStorage<UInt8>) {
    var text = text
    text.withUTF8 { storage.append($0) }
  }

  private mutating func peek() -> UInt8? {
    while position < source.count {
      let byte = source[position]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a else { return byte }
      position += 1
    }
    return nil
  }

  private mutating func value(depth: Int) throws(Failure) {
    guard depth < 32 else { throw Failure(problem: "nested deeper than 32") }
    switch peek() {
    case UInt8(ascii: "{"): try object(depth: depth)
    case UInt8(ascii: "["): try list(closing: UInt8(ascii: "]"), depth: depth)
    case UInt8(ascii: "(") where allowsPython: try list(closing: UInt8(ascii: ")"), depth: depth)
    case UInt8(ascii: "\""): try leaf(quote: UInt8(ascii: "\""))
    case UInt8(ascii: "'") where allowsPython: try leaf(quote: UInt8(ascii: "'"))
    case nil: throw Failure(problem: "the text ends where a value is expected")
    default: try word(depth: depth)
    }
  }

  private mutating func object(depth: Int) throws(Failure) {
    position += 1
    if peek() == UInt8(ascii: "}") {
      position += 1
      return
    }
    let outer = path.count
    while true {
      guard let quote = peek(),
        quote == UInt8(ascii: "\"") || (allowsPython && quote == UInt8(ascii: "'"))
      else { throw Failure(problem: "a key in quotes is missing") }
      if outer > 0 { path.append(UInt8(ascii: ".")) }
      try text(quote: quote, toPath: true)
      guard peek() == UInt8(ascii: ":") else { throw Failure(problem: "a key has no value") }
      position += 1
      try value(depth: depth + 1)
      path.truncate(to: outer)
      switch peek() {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return
      default: throw Failure(problem: "an object does not end")
      }
    }
  }

  private mutating func list(closing: UInt8, depth: Int) throws(Failure) {
    position += 1
    let outer = path.count
    var index = 0
    while true {
      if peek() == closing {
        position += 1
        return
      }
      if outer > 0 { path.append(UInt8(ascii: ".")) }
      append(String(index), to: path)
      try value(depth: depth + 1)
      path.truncate(to: outer)
      index += 1
      switch peek() {
      case UInt8(ascii: ","):
        position += 1
        if !allowsPython, peek() == closing { throw Failure(problem: "a list ends in a comma") }
      case closing: break
      case .some where allowsPython: break  // numpy prints elements with blanks between
      default: throw Failure(problem: "a list does not end")
      }
    }
  }

  private mutating func leaf(quote: UInt8) throws(Failure) {
    let name = bytes.count
    bytes.append(path)
    let start = bytes.count
    try text(quote: quote, toPath: false)
    leaves.append(Leaf(path: name..<start, text: start..<bytes.count))
  }

  /// A number or a word, checked no further than that it has no structure.
  private mutating func word(depth: Int) throws(Failure) {
    let start = position
    while position < source.count {
      let byte = source[position]
      let isWord =
        byte &- 48 < 10 || (byte | 0x20) &- 97 < 26 || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      guard isWord else { break }
      position += 1
    }
    let word = UnsafeBufferPointer(rebasing: source[start..<position])
    guard let first = word.first else {
      throw Failure(problem: "a value is missing")
    }
    if allowsPython, position < source.count, source[position] == UInt8(ascii: "(") {
      // array([1.5], dtype=float32) stands for its first argument.
      position += 1
      try value(depth: depth + 1)
      while let byte = peek(), byte != UInt8(ascii: ")") { position += 1 }
      guard peek() != nil else { throw Failure(problem: "an array does not end") }
      position += 1
      return
    }
    let isNumber =
      first &- 48 < 10 || first == UInt8(ascii: "-")
      || (allowsPython && (first == UInt8(ascii: "+") || first == UInt8(ascii: ".")))
    let name = bytes.count
    bytes.append(path)
    let begin = bytes.count
    if isNumber {
      bytes.append(word)
    } else {
      switch String(decoding: word, as: UTF8.self) {
      case "null", "None": break
      case "true", "True": append("true", to: bytes)
      case "false", "False": append("false", to: bytes)
      case "NaN", "Infinity", "nan", "inf": bytes.append(word)
      case let other: throw Failure(problem: "got the word \"\(shortened(other))\"")
      }
    }
    leaves.append(Leaf(path: name..<begin, text: begin..<bytes.count))
  }

  private mutating func text(quote: UInt8, toPath: Bool) throws(Failure) {
    position += 1
    let start = position
    while position < source.count {
      let byte = source[position]
      if byte == quote {
        (toPath ? path : bytes).append(UnsafeBufferPointer(rebasing: source[start..<position]))
        position += 1
        return
      }
      if byte == UInt8(ascii: "\\") {
        position = start
        let units = try escapedText(quote: quote)
        units.withUnsafeBufferPointer { (toPath ? path : bytes).append($0) }
        return
      }
      position += 1
    }
    throw Failure(problem: "a text in quotes does not end")
  }

  private mutating func escapedText(quote: UInt8) throws(Failure) -> [UInt8] {
    var units: [UInt8] = []
    while position < source.count {
      let byte = source[position]
      position += 1
      if byte == quote { return units }
      guard byte == UInt8(ascii: "\\") else {
        units.append(byte)
        continue
      }
      guard position < source.count else { break }
      let mark = source[position]
      position += 1
      switch mark {
      case UInt8(ascii: "n"): units.append(0x0a)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "r"): units.append(0x0d)
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0c)
      case UInt8(ascii: "u"): units += Array(String(try unicode()).utf8)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "'"):
        units.append(mark)
      default: throw Failure(problem: "a text has an unknown escape")
      }
    }
    throw Failure(problem: "a text in quotes does not end")
  }

  private mutating func unicode() throws(Failure) -> Character {
    let high = try hexadecimal()
    if (0xd800..<0xdc00).contains(high), position + 6 <= source.count,
      source[position] == UInt8(ascii: "\\"), source[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let low = try hexadecimal()
      if (0xdc00..<0xe000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
      {
        return Character(scalar)
      }
    }
    guard let scalar = Unicode.Scalar(high) else {
      throw Failure(problem: "a text has half a surrogate pair")
    }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard position + 4 <= source.count,
      let value = UInt32(
        String(decoding: source[position..<(position + 4)], as: UTF8.self), radix: 16)
    else { throw Failure(problem: "a text has a malformed escape") }
    position += 4
    return value
  }
}
