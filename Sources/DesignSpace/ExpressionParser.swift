/// A node of an expression as it is written.
struct Syntax {
  indirect enum Kind {
    case number(Double)
    case text(String)
    case name(String)
    case unary(String, Syntax)
    case binary(String, Syntax, Syntax)
    /// `a < b <= c`: operands, and the operators between them with their columns.
    case comparison([Syntax], [(operation: String, column: Int)])
    case membership(Syntax, [Syntax], isNegated: Bool)
    case call(String, [Syntax])
  }

  var kind: Kind
  /// Column of the operator of unary and binary nodes, otherwise of the first character.
  var column: Int
}

/// Reads expressions; precedence and associativity are those of Python.
///
/// From loose to tight: `or`, `and`, `not`, comparisons with `in` and `divides`, `+ -`, `* / %`, unary `-`, `**`.
struct ExpressionParser {
  static let largestDepth = 100
  static let functions: [String: ClosedRange<Int>] = [
    "ifelse": 3...3, "min": 2...64, "max": 2...64, "floor": 1...1, "ceil": 1...1, "abs": 1...1,
    "log2": 1...1, "exp": 1...1,
  ]
  static let words = ["and", "or", "not", "in", "divides", "true", "false"]

  private let text: String
  private let tokens: [Token]
  private var position = 0
  private var depth = 0

  static func parse(_ text: String) throws(ExpressionError) -> Syntax {
    var lexer = ExpressionLexer(text)
    var parser = ExpressionParser(text: text, tokens: try lexer.tokens())
    let root = try parser.disjunction()
    guard parser.current.kind == .end else {
      throw parser.error(expected: "an operator or the end")
    }
    return root
  }

  private init(text: String, tokens: [Token]) {
    self.text = text
    self.tokens = tokens
  }

  private var current: Token { tokens[position] }

  private func error(expected: String) -> ExpressionError {
    ExpressionError(text, at: current.column, "got \(current.title), expected \(expected)")
  }

  private mutating func take(mark: String) -> Bool {
    guard current.kind == .mark(mark) else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard current.kind == .name(word) else { return false }
    position += 1
    return true
  }

  private mutating func enter() throws(ExpressionError) {
    depth += 1
    guard depth <= Self.largestDepth else {
      throw ExpressionError(
        text, at: current.column, "got more than \(Self.largestDepth) nested parts, expected fewer")
    }
  }

  private mutating func disjunction() throws(ExpressionError) -> Syntax {
    try enter()
    defer { depth -= 1 }
    var left = try conjunction()
    while true {
      let column = current.column
      guard take(word: "or") else { return left }
      left = Syntax(kind: .binary("or", left, try conjunction()), column: column)
    }
  }

  private mutating func conjunction() throws(ExpressionError) -> Syntax {
    var left = try negation()
    while true {
      let column = current.column
      guard take(word: "and") else { return left }
      left = Syntax(kind: .binary("and", left, try negation()), column: column)
    }
  }

  private mutating func negation() throws(ExpressionError) -> Syntax {
    let column = current.column
    guard take(word: "not") else { return try comparison() }
    try enter()
    defer { depth -= 1 }
    return Syntax(kind: .unary("not", try negation()), column: column)
  }

  private mutating func comparison() throws(ExpressionError) -> Syntax {
    var operands = [try sum()]
    var operators: [(operation: String, column: Int)] = []
    while true {
      let token = current
      switch token.kind {
      case .mark(let mark) where ["<", "<=", ">", ">=", "==", "!="].contains(mark):
        position += 1
        operators.append((mark, token.column))
        operands.append(try sum())
      case .name("divides"):
        position += 1
        operators.append(("divides", token.column))
        operands.append(try sum())
      case .name("in"), .name("not"):
        guard operators.isEmpty else {
          throw error(expected: "\"in\" only outside a chain of comparisons, use parentheses")
        }
        let isNegated = take(word: "not")
        guard take(word: "in") else { throw error(expected: "\"in\" after \"not\"") }
        return Syntax(
          kind: .membership(operands[0], try members(), isNegated: isNegated),
          column: token.column)
      default:
        guard !operators.isEmpty else { return operands[0] }
        return Syntax(kind: .comparison(operands, operators), column: operators[0].column)
      }
    }
  }

  private mutating func members() throws(ExpressionError) -> [Syntax] {
    guard take(mark: "{") else { throw error(expected: "\"{\" and values, such as {1, 2}") }
    var members = [try sum()]
    while take(mark: ",") { members.append(try sum()) }
    guard take(mark: "}") else { throw error(expected: "\",\" or \"}\"") }
    return members
  }

  private mutating func sum() throws(ExpressionError) -> Syntax {
    var left = try product()
    while case .mark(let mark) = current.kind, mark == "+" || mark == "-" {
      let column = current.column
      position += 1
      left = Syntax(kind: .binary(mark, left, try product()), column: column)
    }
    return left
  }

  private mutating func product() throws(ExpressionError) -> Syntax {
    var left = try signed()
    while case .mark(let mark) = current.kind, ["*", "/", "%"].contains(mark) {
      let column = current.column
      position += 1
      left = Syntax(kind: .binary(mark, left, try signed()), column: column)
    }
    return left
  }

  private mutating func signed() throws(ExpressionError) -> Syntax {
    let column = current.column
    guard case .mark(let mark) = current.kind, mark == "-" || mark == "+" else {
      return try power()
    }
    position += 1
    try enter()
    defer { depth -= 1 }
    return Syntax(kind: .unary(mark, try signed()), column: column)
  }

  private mutating func power() throws(ExpressionError) -> Syntax {
    let base = try primary()
    let column = current.column
    guard take(mark: "**") else { return base }
    try enter()
    defer { depth -= 1 }
    return Syntax(kind: .binary("**", base, try signed()), column: column)
  }

  private mutating func primary() throws(ExpressionError) -> Syntax {
    let token = current
    switch token.kind {
    case .number(let value):
      position += 1
      return Syntax(kind: .number(value), column: token.column)
    case .text(let value):
      position += 1
      return Syntax(kind: .text(value), column: token.column)
    case .mark("("):
      position += 1
      let inner = try disjunction()
      guard take(mark: ")") else { throw error(expected: "an operator or \")\"") }
      return inner
    case .name(let name) where !Self.words.contains(name) || name == "true" || name == "false":
      position += 1
      guard current.kind == .mark("(") else {
        return Syntax(kind: .name(name), column: token.column)
      }
      return Syntax(kind: .call(name, try arguments()), column: token.column)
    case .name, .mark, .end:
      throw error(expected: "a parameter, a number, a text or \"(\"")
    }
  }

  private mutating func arguments() throws(ExpressionError) -> [Syntax] {
    position += 1
    var arguments: [Syntax] = []
    guard !take(mark: ")") else { return arguments }
    repeat { arguments.append(try disjunction()) } while take(mark: ",")
    guard take(mark: ")") else { throw error(expected: "\",\" or \")\"") }
    return arguments
  }
}
