import DesignSpace
import Foundation

/// How a parameter is written into the log: a small JSON object, `{"kind":"levels","levels":[1,2]}`.
struct ParameterDefinition: Codable {
  var kind: String
  var levels: [Double]?
  var minimum: Double?
  var maximum: Double?
  var step: Int?
  var scale: String?
  var words: [String]?
  var parent: String?
  var parentValues: [String]?

  init(_ parameter: Parameter) {
    kind = parameter.kindName
    switch parameter.domain {
    case .integers(let range, let step):
      minimum = Double(range.lowerBound)
      maximum = Double(range.upperBound)
      self.step = step
    case .levels(let levels): self.levels = levels
    case .categories(let words): self.words = words
    case .reals(let range, let scale):
      minimum = range.lowerBound
      maximum = range.upperBound
      self.scale = scale == .log ? "log" : "linear"
    case .boolean: break
    case .permutations(let orders):
      words =
        orders.listed == nil
        ? orders.items : (0..<orders.count).map { orders.text(at: $0) }
      // All permutations of the items, or the listed ones.
      scale = orders.listed == nil ? "all" : nil
    }
    if let condition = parameter.condition {
      parent = condition.parameter
      parentValues = condition.values.map(\.description)
    }
  }

  /// The parameter, `nil` when the object is not one this version writes.
  func parameter(named name: String, after earlier: [Parameter]) -> Parameter? {
    guard let parameter = try? unconditional(named: name) else { return nil }
    guard let parent else { return parameter }
    guard let other = earlier.first(where: { $0.name == parent }) else { return nil }
    let values = (parentValues ?? []).compactMap { other.value(parsing: $0) }
    return parameter.active(when: parent, isOneOf: values)
  }

  private func unconditional(named name: String) throws -> Parameter? {
    switch kind {
    case "integer":
      guard let low = minimum.flatMap({ Int(exactly: $0) }),
        let high = maximum.flatMap({ Int(exactly: $0) }), low <= high
      else { return nil }
      return try .integer(name, low...high, step: step ?? 1)
    case "levels": return try .levels(name, levels ?? [])
    case "categorical": return try .categories(name, words ?? [])
    case "real":
      guard let minimum, let maximum, minimum <= maximum else { return nil }
      return try .real(name, minimum...maximum, scale: scale == "log" ? .log : .linear)
    case "boolean": return try .boolean(name)
    case "permutation":
      return try scale == "all"
        ? .permutation(name, of: words ?? []) : .orders(name, words ?? [])
    default: return nil
    }
  }

  static func encode(_ parameter: Parameter) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(ParameterDefinition(parameter)), as: UTF8.self)
  }

  static func decode(_ text: String) -> ParameterDefinition? {
    try? JSONDecoder().decode(ParameterDefinition.self, from: Data(text.utf8))
  }
}
