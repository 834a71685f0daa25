import DesignSpace
import Interchange

/// A text with expressions in braces, such as `{glb_kib * 1024}` or `R<={ifelse(whole, 1, 16)}`.
struct TemplateText: Sendable {
  private enum Piece: Sendable {
    case text(String)
    case expression(NumericExpression)
    /// A parameter by itself, whose value may be a text.
    case parameter(Int)
  }

  private let pieces: [Piece]

  /// Reads a text.
  ///
  /// - Returns: `nil` when it has no brace.
  init?(_ text: String, at place: SpecificationPlace, over parameters: [Parameter])
    throws(SpecificationError)
  {
    guard text.contains("{") else { return nil }
    var pieces: [Piece] = []
    var plain = ""
    var inside = ""
    var depth = 0
    for character in text {
      switch character {
      case "{":
        if depth > 0 { inside.append(character) }
        depth += 1
      case "}" where depth > 0:
        depth -= 1
        if depth > 0 {
          inside.append(character)
          continue
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        pieces.append(try Self.piece(inside, at: place, over: parameters))
        inside = ""
      default:
        if depth > 0 { inside.append(character) } else { plain.append(character) }
      }
    }
    guard depth == 0 else {
      throw .malformed(
        at: place,
        problem: "got \"\(shortened(text))\" with a brace that is not closed, expected }",
        hint: nil)
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    self.pieces = pieces
  }

  private static func piece(
    _ text: String, at place: SpecificationPlace, over parameters: [Parameter]
  ) throws(SpecificationError) -> Piece {
    let name = text.filter { $0 != " " }
    if let index = parameters.firstIndex(where: { $0.name == name }) { return .parameter(index) }
    return .expression(try expression(text, at: place, over: parameters))
  }

  /// Reads an expression; errors name the place.
  static func expression(
    _ text: String, at place: SpecificationPlace, over parameters: [Parameter]
  ) throws(SpecificationError) -> NumericExpression {
    do {
      return try NumericExpression(text, over: parameters)
    } catch {
      throw .malformed(
        at: place,
        problem: "expression \"\(shortened(text))\", column \(error.column): \(error.message)",
        hint: error.hint)
    }
  }

  /// The text at a design.
  func text(at point: Point, of space: SearchSpace, place: SpecificationPlace)
    throws(SpecificationError) -> String
  {
    var result = ""
    for piece in pieces {
      switch piece {
      case .text(let text): result += text
      case .parameter(let index):
        guard let value = space.value(of: index, at: point) else {
          throw .rejected(
            at: place, reason: "\(space.parameters[index].name) is inactive, expected a value")
        }
        result += value.description
      case .expression(let expression):
        guard let value = expression.value(at: point) else {
          throw .rejected(
            at: place, reason: "\(shortened(expression.text)) is undefined, expected a number")
        }
        result += compact(value)
      }
    }
    return result
  }
}

/// All texts with expressions of a file, by what is written.
struct TemplateTexts: Sendable {
  private var texts: [String: TemplateText] = [:]
  private let space: SearchSpace

  init(of root: SpecificationNode, over space: SearchSpace) throws(SpecificationError) {
    self.space = space
    try read(root.tree, SpecificationPlace(file: root.file, line: 1))
  }

  private mutating func read(_ tree: SpecificationNode.Tree, _ place: SpecificationPlace)
    throws(SpecificationError)
  {
    var place = place
    place.line = tree.line
    switch tree {
    case .scalar(let text, _, _):
      guard texts[text] == nil else { return }
      texts[text] = try TemplateText(text, at: place, over: space.parameters)
    case .list(let items, _):
      let field = place.field
      for (index, item) in items.enumerated() {
        place.field = "\(field)[\(index)]"
        try read(item, place)
      }
    case .mapping(let entries, _, _):
      let field = place.field
      for entry in entries {
        place.field = field.isEmpty ? entry.key : "\(field).\(entry.key)"
        try read(entry.value, place)
      }
    }
  }

  /// The file at a design.
  func node(_ root: SpecificationNode, at point: Point) throws(SpecificationError)
    -> SpecificationNode
  {
    SpecificationNode(
      file: root.file, field: root.field,
      tree: try tree(
        root.tree, SpecificationPlace(file: root.file, line: 1, field: root.field), point))
  }

  private func tree(
    _ tree: SpecificationNode.Tree, _ place: SpecificationPlace, _ point: Point
  ) throws(SpecificationError) -> SpecificationNode.Tree {
    var place = place
    place.line = tree.line
    let field = place.field
    switch tree {
    case .scalar(let text, _, let line):
      guard let template = texts[text] else { return tree }
      return .scalar(
        text: try template.text(at: point, of: space, place: place), isPlain: true, line: line)
    case .list(let items, let line):
      var result: [SpecificationNode.Tree] = []
      for (index, item) in items.enumerated() {
        place.field = "\(field)[\(index)]"
        result.append(try self.tree(item, place, point))
      }
      return .list(result, line: line)
    case .mapping(let entries, let line, let tag):
      var result: [SpecificationNode.Entry] = []
      for entry in entries {
        place.field = field.isEmpty ? entry.key : "\(field).\(entry.key)"
        result.append(
          .init(key: entry.key, line: entry.line, value: try self.tree(entry.value, place, point)))
      }
      return .mapping(result, line: line, tag: tag)
    }
  }
}
