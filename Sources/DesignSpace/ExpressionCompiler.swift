import Execution

/// Checks the types of an expression over the parameters of a space and turns it into a program.
struct ExpressionCompiler {
  /// What a part of an expression is.
  enum ValueType {
    case number
    case truth
    /// A categorical parameter.
    case category(Int)
    /// A permutation parameter.
    case order(Int)
    /// A text in quotes; it has no node until it is compared with something.
    case literal(String)

    var title: String {
      switch self {
      case .number: "a number"
      case .truth: "a truth value"
      case .category, .literal: "a text"
      case .order: "an order"
      }
    }
  }

  struct Part {
    var node: Int
    var type: ValueType
    var column: Int
  }

  let text: String
  let parameters: [Parameter]
  private var expression = Expression(nodes: [])
  private var textNumbers: [String: Int] = [:]

  init(text: String, parameters: [Parameter]) {
    self.text = text
    self.parameters = parameters
  }

  /// The program and how to explain that it is not true.
  static func compile(_ text: String, over parameters: [Parameter]) throws(ExpressionError)
    -> (expression: Expression, explanation: Explanation)
  {
    let syntax = try ExpressionParser.parse(text)
    var compiler = ExpressionCompiler(text: text, parameters: parameters)
    let (part, explanation) = try compiler.root(syntax)
    guard case .truth = part.type else {
      throw ExpressionError(
        text, at: part.column, "got \(part.type.title), expected a condition",
        hint: "compare it with something, for example <= 256")
    }
    guard !compiler.expression.scope.isEmpty else {
      throw ExpressionError(text, at: 1, "got a condition on no parameter, expected at least one")
    }
    return (compiler.expression, explanation)
  }

  /// The program of a number or a truth value.
  static func compileNumber(_ text: String, over parameters: [Parameter])
    throws(ExpressionError) -> Expression
  {
    let syntax = try ExpressionParser.parse(text)
    var compiler = ExpressionCompiler(text: text, parameters: parameters)
    let part = try compiler.compile(syntax)
    switch part.type {
    case .number, .truth: break
    case .category, .order, .literal:
      throw ExpressionError(
        text, at: part.column, "got \(part.type.title), expected a number",
        hint: "choose between numbers, for example ifelse(mode == \"fast\", 2, 1)")
    }
    // The value of a program is that of its last node.
    if part.node != compiler.expression.nodes.count - 1 {
      let node = compiler.expression.nodes[part.node]
      compiler.expression.nodes.append(node)
    }
    return compiler.expression
  }

  // MARK: Conditions, with their explanation

  private mutating func root(_ syntax: Syntax) throws(ExpressionError) -> (Part, Explanation) {
    switch syntax.kind {
    case .binary("and", let a, let b):
      let (left, first) = try root(a)
      let (right, second) = try root(b)
      try check(left, isTruthFor: "and")
      try check(right, isTruthFor: "and")
      let part = emit(.and, left, right, .truth, syntax.column)
      return (part, .all(first, second))
    case .call("ifelse", let arguments) where arguments.count == 3:
      let condition = try compile(arguments[0])
      try check(condition, isTruthFor: "ifelse")
      let (first, firstExplanation) = try root(arguments[1])
      let (second, secondExplanation) = try root(arguments[2])
      let part = try choice(condition, first, second, syntax.column)
      return (part, .choice(condition.node, firstExplanation, secondExplanation))
    case .comparison(let operands, let operators) where operators.count == 1:
      let part = try compile(syntax)
      let comparison = expression.nodes[part.node]
      let isNumeric: Bool
      switch try? probe(operands[0]) {
      case .number: isNumeric = true
      default: isNumeric = false
      }
      guard isNumeric else { return (part, .condition(part.node)) }
      let isSwapped = operators[0].operation == ">" || operators[0].operation == ">="
      return (
        part,
        .comparison(
          part.node, left: isSwapped ? comparison.b : comparison.a,
          right: isSwapped ? comparison.a : comparison.b)
      )
    default:
      let part = try compile(syntax)
      return (part, .condition(part.node))
    }
  }

  /// The type of a part that compiled before, without keeping its nodes.
  private func probe(_ syntax: Syntax) throws(ExpressionError) -> ValueType {
    var copy = self
    return try copy.compile(syntax).type
  }

  // MARK: Parts

  private mutating func compile(_ syntax: Syntax) throws(ExpressionError) -> Part {
    switch syntax.kind {
    case .number(let value): return constant(value, .number, syntax.column)
    case .text(let value): return Part(node: -1, type: .literal(value), column: syntax.column)
    case .name("true"): return constant(1, .truth, syntax.column)
    case .name("false"): return constant(0, .truth, syntax.column)
    case .name(let name): return try parameter(name, syntax.column)
    case .unary("not", let operand):
      let part = try compile(operand)
      try check(part, isTruthFor: "not")
      return emit(.not, part, nil, .truth, syntax.column)
    case .unary(let mark, let operand):
      let part = try compile(operand)
      try check(part, isNumberFor: mark)
      return mark == "+" ? part : emit(.negate, part, nil, .number, syntax.column)
    case .binary(let mark, let a, let b): return try binary(mark, a, b, syntax.column)
    case .comparison(let operands, let operators):
      return try comparison(operands, operators, syntax.column)
    case .membership(let operand, let members, let isNegated):
      let part = try compile(operand)
      var result: Part?
      for member in members {
        let equality = try equality("==", part, try compile(member), member.column)
        result = result.map { emit(.or, $0, equality, .truth, syntax.column) } ?? equality
      }
      let found = result ?? part
      return isNegated ? emit(.not, found, nil, .truth, syntax.column) : found
    case .call(let name, let arguments): return try call(name, arguments, syntax.column)
    }
  }

  private mutating func parameter(_ name: String, _ column: Int) throws(ExpressionError) -> Part {
    guard let index = parameters.firstIndex(where: { $0.name == name }) else {
      let known = parameters.map(\.name)
      if ExpressionParser.functions[name] != nil {
        throw ExpressionError(
          text, at: column, "got function \"\(name)\" without arguments, expected \"(\"")
      }
      throw ExpressionError(
        text, at: column, "unknown name \"\(name.prefix(60))\"",
        hint: suggestion(for: name, among: known))
    }
    var node = Expression.Node(operation: .linear, a: index)
    let type: ValueType
    switch parameters[index].domain {
    case .integers(let range, let step):
      node.scale = Double(step)
      node.constant = Double(range.lowerBound)
      type = .number
    case .levels(let levels):
      node.operation = .table
      node.table = levels
      type = .number
    case .reals: type = .number
    case .boolean: type = .truth
    case .categories(let names):
      node.operation = .table
      node.table = names.map { Double(number(ofText: $0)) }
      type = .category(index)
    case .permutations: type = .order(index)
    }
    return emit(node, type, column)
  }

  private mutating func binary(_ mark: String, _ a: Syntax, _ b: Syntax, _ column: Int)
    throws(ExpressionError) -> Part
  {
    let left = try compile(a)
    let right = try compile(b)
    if mark == "and" || mark == "or" {
      try check(left, isTruthFor: mark)
      try check(right, isTruthFor: mark)
      return emit(mark == "and" ? .and : .or, left, right, .truth, column)
    }
    try check(left, isNumberFor: mark)
    try check(right, isNumberFor: mark)
    let operations: [String: Expression.Operation] = [
      "+": .add, "-": .subtract, "*": .multiply, "/": .divide, "%": .modulo, "**": .power,
    ]
    return emit(operations[mark] ?? .add, left, right, .number, column)
  }

  private mutating func comparison(
    _ operands: [Syntax], _ operators: [(operation: String, column: Int)], _ column: Int
  ) throws(ExpressionError) -> Part {
    var parts: [Part] = []
    for operand in operands { parts.append(try compile(operand)) }
    var result: Part?
    for (index, (mark, place)) in operators.enumerated() {
      let left = parts[index]
      let right = parts[index + 1]
      let link: Part
      if mark == "==" || mark == "!=" {
        link = try equality(mark, left, right, right.column)
      } else {
        try check(left, isNumberFor: mark)
        try check(right, isNumberFor: mark)
        switch mark {
        case "<": link = emit(.less, left, right, .truth, place)
        case "<=": link = emit(.lessOrEqual, left, right, .truth, place)
        case ">": link = emit(.less, right, left, .truth, place)
        case ">=": link = emit(.lessOrEqual, right, left, .truth, place)
        default: link = emit(.divides, left, right, .truth, place)
        }
      }
      result = result.map { emit(.and, $0, link, .truth, column) } ?? link
    }
    return result ?? parts[0]
  }

  private mutating func equality(_ mark: String, _ a: Part, _ b: Part, _ column: Int)
    throws(ExpressionError) -> Part
  {
    let operation: Expression.Operation = mark == "==" ? .equal : .unequal
    switch (a.type, b.type) {
    case (.number, .number), (.truth, .truth), (.category, .category):
      return emit(operation, a, b, .truth, column)
    case (.order(let i), .order(let j)) where parameters[i].domain == parameters[j].domain:
      return emit(operation, a, b, .truth, column)
    case (.category(let index), .literal(let value)), (.order(let index), .literal(let value)):
      return emit(operation, a, try literal(value, of: index, b.column), .truth, column)
    case (.literal(let value), .category(let index)), (.literal(let value), .order(let index)):
      return emit(operation, try literal(value, of: index, a.column), b, .truth, column)
    case (.literal, .literal):
      throw ExpressionError(text, at: column, "got two texts, expected a parameter on one side")
    default:
      throw ExpressionError(
        text, at: column,
        "got \(b.type.title) beside \(a.type.title), expected values of one kind")
    }
  }

  /// A text in quotes as a value of a parameter.
  private mutating func literal(_ value: String, of index: Int, _ column: Int)
    throws(ExpressionError) -> Part
  {
    let parameter = parameters[index]
    guard let coordinate = parameter.coordinate(of: .text(value)) else {
      var hint: String?
      if case .categories(let names) = parameter.domain {
        hint = suggestion(for: value, among: names)
      }
      throw ExpressionError(
        text, at: column,
        "got \"\(value.prefix(60))\", which \"\(parameter.name)\" never is, "
          + "expected \(parameter.expectation)", hint: hint)
    }
    switch parameter.domain {
    case .categories: return constant(Double(number(ofText: value)), .number, column)
    default: return constant(coordinate, .number, column)
    }
  }

  private mutating func call(_ name: String, _ arguments: [Syntax], _ column: Int)
    throws(ExpressionError) -> Part
  {
    guard let range = ExpressionParser.functions[name] else {
      throw ExpressionError(
        text, at: column, "unknown function \"\(name.prefix(60))\"",
        hint: suggestion(for: name, among: ExpressionParser.functions.keys.sorted()))
    }
    guard range.contains(arguments.count) else {
      let expected =
        range.count == 1
        ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw ExpressionError(
        text, at: column, "got \(arguments.count) arguments of \(name), expected \(expected)")
    }
    var parts: [Part] = []
    for argument in arguments { parts.append(try compile(argument)) }
    if name == "ifelse" {
      try check(parts[0], isTruthFor: name)
      return try choice(parts[0], parts[1], parts[2], column)
    }
    for part in parts { try check(part, isNumberFor: name) }
    switch name {
    case "min", "max":
      var result = parts[0]
      for part in parts.dropFirst() {
        result = emit(name == "min" ? .minimum : .maximum, result, part, .number, column)
      }
      return result
    case "floor": return emit(.floor, parts[0], nil, .number, column)
    case "ceil": return emit(.ceil, parts[0], nil, .number, column)
    case "abs": return emit(.magnitude, parts[0], nil, .number, column)
    case "log2": return emit(.log2, parts[0], nil, .number, column)
    default: return emit(.exp, parts[0], nil, .number, column)
    }
  }

  private mutating func choice(_ condition: Part, _ a: Part, _ b: Part, _ column: Int)
    throws(ExpressionError) -> Part
  {
    switch (a.type, b.type) {
    case (.number, .number), (.truth, .truth): break
    default:
      throw ExpressionError(
        text, at: b.column,
        "got \(b.type.title) beside \(a.type.title) in ifelse, expected two numbers or two "
          + "conditions")
    }
    var node = Expression.Node(operation: .choose, a: condition.node, b: a.node)
    node.c = b.node
    return emit(node, a.type, column)
  }

  // MARK: Checks and nodes

  private func check(_ part: Part, isNumberFor user: String) throws(ExpressionError) {
    if case .number = part.type { return }
    var hint: String?
    if case .truth = part.type { hint = "write ifelse(condition, 1, 0) to count with it" }
    throw ExpressionError(
      text, at: part.column, "got \(part.type.title) for \"\(user)\", expected a number",
      hint: hint)
  }

  private func check(_ part: Part, isTruthFor user: String) throws(ExpressionError) {
    if case .truth = part.type { return }
    throw ExpressionError(
      text, at: part.column, "got \(part.type.title) for \"\(user)\", expected a condition")
  }

  private mutating func number(ofText text: String) -> Int {
    if let number = textNumbers[text] { return number }
    textNumbers[text] = textNumbers.count
    return textNumbers.count - 1
  }

  private mutating func constant(_ value: Double, _ type: ValueType, _ column: Int) -> Part {
    emit(Expression.Node(operation: .constant, constant: value), type, column)
  }

  private mutating func emit(
    _ operation: Expression.Operation, _ a: Part, _ b: Part?, _ type: ValueType, _ column: Int
  ) -> Part {
    emit(Expression.Node(operation: operation, a: a.node, b: b?.node ?? 0), type, column)
  }

  private mutating func emit(_ node: Expression.Node, _ type: ValueType, _ column: Int) -> Part {
    expression.nodes.append(node)
    return Part(node: expression.nodes.count - 1, type: type, column: column)
  }
}
