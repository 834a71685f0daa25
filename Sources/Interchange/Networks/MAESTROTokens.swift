/// The words and marks of a MAESTRO file, without comments.
struct MAESTROTokens {
  struct Token: Hashable {
    var text: String
    var line: Int
  }

  let file: String
  private let tokens: [Token]
  private var position = 0
  private let lastLine: Int

  init(_ text: ForeignText) throws(SpecificationError) {
    file = text.file
    var tokens: [Token] = []
    for (index, line) in text.lines.enumerated() {
      var word = ""
      var previous: Character = " "
      for character in line {
        if character == "/", previous == "/" {
          word = ""
          break
        }
        previous = character
        let isWord =
          character.isLetter || character.isNumber || "_'-.".contains(character)
        if isWord {
          word.append(character)
          continue
        }
        if !word.isEmpty { tokens.append(Token(text: word, line: index + 1)) }
        word = ""
        if "{}:,;()".contains(character) {
          tokens.append(Token(text: String(character), line: index + 1))
        } else if !character.isWhitespace, character != "/" {
          throw .wrongValue(
            at: text.place(index + 1), got: "\"\(shortened(String(character)))\"",
            expected: "words, numbers and { } : , ; ( )")
        }
      }
      if !word.isEmpty { tokens.append(Token(text: word, line: index + 1)) }
    }
    self.tokens = tokens
    lastLine = max(1, text.lines.count)
  }

  var isAtEnd: Bool { position >= tokens.count }

  /// The next token without taking it.
  var peek: String? { isAtEnd ? nil : tokens[position].text }

  /// Line of the next token, or of the end.
  var line: Int { isAtEnd ? lastLine : tokens[position].line }

  func place(_ field: String = "") -> SpecificationPlace {
    SpecificationPlace(file: file, line: line, field: shortened(field))
  }

  /// Takes the next token.
  mutating func next(expected: String) throws(SpecificationError) -> Token {
    guard !isAtEnd else {
      throw .wrongValue(at: place(), got: "the end of the file", expected: expected)
    }
    position += 1
    return tokens[position - 1]
  }

  /// Takes one given token.
  mutating func take(_ text: String, in field: String = "") throws(SpecificationError) {
    guard peek == text else {
      throw .wrongValue(
        at: place(field), got: peek.map { "\"\(shortened($0))\"" } ?? "the end of the file",
        expected: "\"\(text)\"")
    }
    position += 1
  }

  /// Takes the token if it is next.
  mutating func takeIfNext(_ text: String) -> Bool {
    guard peek == text else { return false }
    position += 1
    return true
  }

  /// Skips a block in braces, the opening one included.
  mutating func skipBlock() throws(SpecificationError) {
    try take("{")
    var depth = 1
    while depth > 0 {
      switch try next(expected: "\"}\"").text {
      case "{": depth += 1
      case "}": depth -= 1
      default: continue
      }
    }
  }
}
