/// Evaluates names of dimensions such as `past_length + 1` or `2*batch` when all their symbols are bound.
///
/// Knows whole numbers, names, `+`, `-`, `*`, `/`, `//`, `%`, parentheses, and `floor`, `Max`, `Min` as exporters
/// write them; quotients are rounded down.
struct SymbolExpression {
  private let characters: [Character]
  private var position = 0
  private let bindings: [String: Int]
  private var depth = 0

  /// The value of an expression; `nil` when it has a free symbol or is none.
  static func value(of text: String, bindings: [String: Int]) -> Int? {
    guard text.utf8.count <= 400 else { return nil }
    var parser = SymbolExpression(characters: Array(text), bindings: bindings)
    guard let value = parser.sum() else { return nil }
    parser.skipSpace()
    return parser.position == parser.characters.count ? value : nil
  }

  /// The symbols of an expression; the whole text where it is none, as in `batch-size`.
  static func symbols(in text: String) -> [String] {
    guard text.contains(where: { "+*/(".contains($0) }) || text.contains(" - ") else {
      return [text]
    }
    var names: [String] = []
    for part in text.split(whereSeparator: { !isNamePart($0) }) {
      let name = String(part)
      guard Int(name) == nil, !["floor", "Max", "Min"].contains(name),
        !names.contains(name)
      else { continue }
      names.append(name)
    }
    return names
  }

  private init(characters: [Character], bindings: [String: Int]) {
    self.characters = characters
    self.bindings = bindings
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "."
      || character == ":"
  }

  private mutating func skipSpace() {
    while position < characters.count, characters[position] == " " { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard position < characters.count, characters[position] == character else { return false }
    position += 1
    return true
  }

  private mutating func sum() -> Int? {
    guard var value = product() else { return nil }
    while true {
      if take("+") {
        guard let next = product() else { return nil }
        let step = value.addingReportingOverflow(next)
        guard !step.overflow else { return nil }
        value = step.partialValue
      } else if take("-") {
        guard let next = product() else { return nil }
        let step = value.subtractingReportingOverflow(next)
        guard !step.overflow else { return nil }
        value = step.partialValue
      } else {
        return value
      }
    }
  }

  private mutating func product() -> Int? {
    guard var value = factor() else { return nil }
    while true {
      if take("*") {
        guard let next = factor() else { return nil }
        let step = value.multipliedReportingOverflow(by: next)
        guard !step.overflow else { return nil }
        value = step.partialValue
      } else if take("/") {
        _ = take("/")
        guard let next = factor(), next > 0 else { return nil }
        let quotient = value / next
        value = value % next < 0 ? quotient - 1 : quotient
      } else if take("%") {
        guard let next = factor(), next > 0, value >= 0 else { return nil }
        value %= next
      } else {
        return value
      }
    }
  }

  private mutating func factor() -> Int? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 50 else { return nil }
    if take("-") { return factor().flatMap { $0 == .min ? nil : -$0 } }
    if take("(") {
      guard let value = sum(), take(")") else { return nil }
      return value
    }
    skipSpace()
    let start = position
    while position < characters.count, Self.isNamePart(characters[position]) { position += 1 }
    let name = String(characters[start..<position])
    guard !name.isEmpty else { return nil }
    if let value = Int(name) { return value }
    if let value = bindings[name] { return value }
    guard ["floor", "Max", "Min"].contains(name), take("(") else { return nil }
    guard var value = sum() else { return nil }
    while take(",") {
      guard let next = sum() else { return nil }
      value = name == "Max" ? max(value, next) : min(value, next)
    }
    return take(")") ? value : nil
  }
}
