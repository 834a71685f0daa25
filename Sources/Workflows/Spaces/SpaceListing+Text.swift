import DesignSpace
import Interchange

extension SpaceListing {
  /// The listing for people.
  public var text: String {
    var text = "\(file.name): \(space.parameters.count) parameters"
    text += file.description.map { "\n\($0)\n\n" } ?? "\n\n"
    var table = TextTable(header: ["parameter", "type", "values", "active when"])
    for parameter in space.parameters {
      let condition = parameter.condition.map { condition in
        let values = condition.values.map(\.description)
        return "\(condition.parameter) = \(values.joined(separator: " | "))"
      }
      table.append([
        parameter.name, Self.type(of: parameter), Self.values(of: parameter), condition ?? "",
      ])
    }
    text += table.text
    if !space.constraints.isEmpty {
      text += "\nconstraints\n" + space.constraints.map { "  \($0.text)\n" }.joined()
    }
    text += "\ndesigns       \(Self.count(size.rawCount) ?? "not countable, a parameter is real")\n"
    if !space.constraints.isEmpty {
      text += "legal designs \(Self.count(size.legalCount) ?? legalEstimate)\n"
      text += "legal share   \(shareText)\n"
      let groups = methods.filter { $0.kind != .direct }
      for group in groups {
        text +=
          "              \(group.kind.rawValue)\(group.isExact ? "" : " (approximate)"): "
          + group.parameters.joined(separator: ", ") + "\n"
      }
    }
    if let emptiness { text += "\n\(emptiness)\n" }
    if !samples.isEmpty {
      text += "\nsamples, seed \(seed)\n"
      text += samples.map { "  \(space.description(of: $0))\n" }.joined()
    }
    return text
  }

  private var legalEstimate: String {
    guard let raw = size.rawCount else { return "not countable, a parameter is real" }
    let share = size.legalShare
    guard share.value > 0 else { return "not counted" }
    return "not counted, about \(readable(share.value * raw.approximation)) "
      + "(95 %: \(readable(share.low * raw.approximation)) to "
      + "\(readable(share.high * raw.approximation)))"
  }

  private var shareText: String {
    let share = size.legalShare
    guard !share.isExact else { return readable(share.value) }
    return
      "about \(readable(share.value)) (95 %: \(readable(share.low)) to \(readable(share.high)))"
  }

  private static func count(_ count: DesignCount?) -> String? {
    guard let count else { return nil }
    var digits = count.description
    var result = ""
    while digits.count > 3 {
      result = "," + digits.suffix(3) + result
      digits.removeLast(3)
    }
    let log = count.isZero ? "" : " (log10 \(fixed(count.log10, decimals: 2)))"
    return digits + result + log
  }

  static func type(of parameter: Parameter) -> String {
    switch parameter.domain {
    case .integers: "integer"
    case .levels: "levels"
    case .categories: "categorical"
    case .reals(_, let scale): scale == .log ? "real, log" : "real"
    case .boolean: "boolean"
    case .permutations: "permutation"
    }
  }

  private static func values(of parameter: Parameter) -> String {
    switch parameter.domain {
    case .integers(let range, let step):
      "\(range.lowerBound)...\(range.upperBound)" + (step == 1 ? "" : " by \(step)")
    case .levels(let levels): shortList(levels.map(compact))
    case .categories(let names): shortList(names)
    case .reals(let range, _): "\(compact(range.lowerBound))...\(compact(range.upperBound))"
    case .boolean: "false, true"
    case .permutations(let orders):
      orders.listed == nil
        ? "all \(orders.count) of \(orders.items.joined(separator: " "))"
        : shortList((0..<orders.count).map { orders.text(at: $0) })
    }
  }

  private static func shortList(_ names: [String]) -> String {
    guard names.count > 12 else { return names.joined(separator: ", ") }
    return names.prefix(4).joined(separator: ", ") + ", ..., \(names[names.count - 1]) "
      + "(\(names.count))"
  }
}
