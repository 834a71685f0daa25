import Foundation

/// How a parameter's kind is written into the log: a small JSON object, `{"levels": [1, 2]}`.
struct ParameterDefinition: Codable {
  var kind: String
  var levels: [Double]?
  var minimum: Double?
  var maximum: Double?
  var isLogarithmic: Bool?
  var words: [String]?
  var items: [String]?

  init(_ kind: LogParameter.Kind, name: String) {
    self.kind = name
    switch kind {
    case .integer(let range):
      minimum = Double(range.lowerBound)
      maximum = Double(range.upperBound)
    case .levels(let levels): self.levels = levels
    case .real(let range, let isLogarithmic):
      minimum = range.lowerBound
      maximum = range.upperBound
      self.isLogarithmic = isLogarithmic
    case .categories(let words): self.words = words
    case .permutation(let items, let orders):
      self.items = items
      words = orders
    case .boolean: break
    }
  }

  /// The kind, `nil` when the object is not one this version writes.
  var value: LogParameter.Kind? {
    switch kind {
    case "integer":
      guard let minimum, let maximum, let low = Int(exactly: minimum),
        let high = Int(exactly: maximum), low <= high
      else { return nil }
      return .integer(low...high)
    case "levels": return levels.map { .levels($0) }
    case "real":
      guard let minimum, let maximum, minimum <= maximum else { return nil }
      return .real(minimum...maximum, isLogarithmic: isLogarithmic ?? false)
    case "categorical": return words.map { .categories($0) }
    case "permutation":
      guard let items, let words else { return nil }
      return .permutation(items: items, orders: words)
    case "boolean": return .boolean
    default: return nil
    }
  }

  static func encode(_ parameter: LogParameter) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(
      ParameterDefinition(parameter.kind, name: parameter.kindName))
    return String(decoding: data, as: UTF8.self)
  }

  static func decode(_ text: String) -> LogParameter.Kind? {
    (try? JSONDecoder().decode(ParameterDefinition.self, from: Data(text.utf8)))?.value
  }
}
