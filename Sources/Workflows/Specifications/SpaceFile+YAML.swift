import DesignSpace
import Interchange

extension SpaceFile {
  /// The file as YAML; reading it back gives equal parameters and constraints.
  public var yaml: String {
    var text = "name: \(YAMLText.scalar(name))\n"
    if let description { text += "description: \(YAMLText.scalar(description))\n" }
    if !sources.isEmpty {
      text += "sources:\n" + sources.map { "  - \(YAMLText.scalar($0))\n" }.joined()
    }
    text += "parameters:\n"
    for parameter in parameters {
      text += "  - \(YAMLText.flow(Self.pairs(of: parameter)) ?? "{}")\n"
    }
    if !constraints.isEmpty {
      text += "constraints:\n" + constraints.map { "  - \(YAMLText.scalar($0))\n" }.joined()
    }
    return text
  }

  private static func pairs(of parameter: Parameter) -> [(key: String, value: String?)] {
    var pairs: [(key: String, value: String?)] = [("name", YAMLText.scalar(parameter.name))]
    switch parameter.domain {
    case .integers(let range, let step):
      pairs += [
        ("type", "integer"), ("range", "[\(range.lowerBound), \(range.upperBound)]"),
        ("step", step == 1 ? nil : "\(step)"),
      ]
    case .levels(let levels):
      pairs += [("type", "levels"), ("values", "[\(numbers(levels))]")]
    case .categories(let names):
      pairs += [("type", "categorical"), ("values", YAMLText.list(names))]
    case .reals(let range, let scale):
      pairs += [
        ("type", "real"), ("range", "[\(numbers([range.lowerBound, range.upperBound]))]"),
        ("scale", scale == .linear ? nil : scale.rawValue),
      ]
    case .boolean: pairs.append(("type", "boolean"))
    case .permutations(let orders):
      pairs.append(("type", "permutation"))
      if orders.listed == nil {
        pairs.append(("items", YAMLText.list(orders.items)))
      } else {
        let texts = (0..<orders.count).map { orders.text(at: $0) }
        pairs.append(("values", YAMLText.list(texts)))
      }
    }
    if let condition = parameter.condition {
      let values = YAMLText.list(condition.values.map(\.description))
      pairs.append(("when", "{\(YAMLText.scalar(condition.parameter)): \(values)}"))
    }
    return pairs
  }

  private static func numbers(_ values: [Double]) -> String {
    values.map(compact).joined(separator: ", ")
  }
}
