/// A piece of an expression with its column, from 1.
struct Token: Equatable {
  enum Kind: Equatable {
    case number(Double)
    case name(String)
    case text(String)
    case mark(String)
    case end
  }

  var kind: Kind
  var column: Int

  /// The token as a message calls it.
  var title: String {
    switch kind {
    case .number(let value): readableNumber(value)
    case .name(let name): "\"\(name.prefix(60))\""
    case .text(let text): "text \"\(text.prefix(60))\""
    case .mark(let mark): "\"\(mark)\""
    case .end: "the end"
    }
  }
}

/// Cuts the text of an expression into tokens.
struct ExpressionLexer {
  static let largestLength = 10_000

  private static let marks: Set<String> = [
    "(", ")", "{", "}", ",", "+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "==", "!=",
  ]
  /// What people of other languages write, and what to write here.
  private static let foreign: [(mark: String, hint: String)] = [
    ("&&", "write \"and\""), ("||", "write \"or\""), ("&", "write \"and\""),
    ("|", "write \"or\", or \"a divides b\" for divisibility"),
    ("!", "write \"not\""), ("=", "write \"==\" to compare"), ("^", "write \"**\" for powers"),
    ("≤", "write \"<=\""), ("≥", "write \">=\""), ("≠", "write \"!=\""), ("×", "write \"*\""),
    ("[", "write lists in braces: x in {1, 2}"), ("]", "write lists in braces: x in {1, 2}"),
  ]

  let text: String
  private let characters: [Character]
  private var position = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  /// All tokens, the last one `.end`.
  mutating func tokens() throws(ExpressionError) -> [Token] {
    guard characters.count <= Self.largestLength else {
      throw ExpressionError(
        String(text.prefix(60)), at: 1,
        "got \(characters.count) characters, expected at most \(Self.largestLength)")
    }
    var tokens: [Token] = []
    while let token = try next() { tokens.append(token) }
    tokens.append(Token(kind: .end, column: characters.count + 1))
    return tokens
  }

  private mutating func next() throws(ExpressionError) -> Token? {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
    guard position < characters.count else { return nil }
    let start = position
    let first = characters[start]
    if Self.isDigit(first) || (first == "." && peek(1).map(Self.isDigit) ?? false) {
      return Token(kind: .number(try number()), column: start + 1)
    }
    if Self.isLetter(first) {
      while position < characters.count,
        Self.isLetter(characters[position]) || Self.isDigit(characters[position])
      { position += 1 }
      return Token(kind: .name(String(characters[start..<position])), column: start + 1)
    }
    if first == "\"" || first == "'" {
      return Token(kind: .text(try quoted(by: first)), column: start + 1)
    }
    for length in [2, 1] where start + length <= characters.count {
      let mark = String(characters[start..<(start + length)])
      if Self.marks.contains(mark) {
        position += length
        return Token(kind: .mark(mark), column: start + 1)
      }
      if let known = Self.foreign.first(where: { $0.mark == mark }) {
        throw ExpressionError(text, at: start + 1, "unknown mark \"\(mark)\"", hint: known.hint)
      }
    }
    let isControl = first.unicodeScalars.contains { $0.properties.generalCategory == .control }
    throw ExpressionError(
      text, at: start + 1,
      isControl ? "got a control character" : "unknown mark \"\(String(first).prefix(8))\"")
  }

  private mutating func number() throws(ExpressionError) -> Double {
    let start = position
    skipDigits()
    if peek(0) == "." {
      position += 1
      skipDigits()
    }
    if peek(0) == "e" || peek(0) == "E" {
      let sign = peek(1) == "+" || peek(1) == "-" ? 2 : 1
      if peek(sign).map(Self.isDigit) ?? false {
        position += sign
        skipDigits()
      }
    }
    if let after = peek(0), Self.isLetter(after) || after == "." {
      throw ExpressionError(
        text, at: position + 1, "got \"\(after)\" after a number, expected an operator")
    }
    guard let value = Double(String(characters[start..<position])), value.isFinite else {
      throw ExpressionError(text, at: start + 1, "got a number above 1.8e308, expected less")
    }
    return value
  }

  private mutating func quoted(by quote: Character) throws(ExpressionError) -> String {
    let start = position
    position += 1
    while position < characters.count, characters[position] != quote { position += 1 }
    guard position < characters.count else {
      throw ExpressionError(text, at: start + 1, "got a text without its closing \(quote)")
    }
    position += 1
    return String(characters[(start + 1)..<(position - 1)])
  }

  private mutating func skipDigits() {
    while let character = peek(0), Self.isDigit(character) { position += 1 }
  }

  private func peek(_ offset: Int) -> Character? {
    position + offset < characters.count ? characters[position + offset] : nil
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isWholeNumber
  }

  private static func isLetter(_ character: Character) -> Bool {
    character.isASCII && character.isLetter || character == "_"
  }
}
