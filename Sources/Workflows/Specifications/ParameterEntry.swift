import DesignSpace
import Interchange

/// Reads one parameter of a space file.
///
/// | `type` | keys |
/// | --- | --- |
/// | `integer` | `range: [low, high]`, `step` (1) |
/// | `levels` | `values`: ascending numbers |
/// | `categorical` | `values`: texts |
/// | `real` | `range: [low, high]`, `scale`: `linear` (default) or `log` |
/// | `boolean` | none |
/// | `permutation` | `items`: texts, for all their orders, or `values`: a list of orders such as `KSRCQ` |
///
/// `when: {other: [values]}` makes a parameter active only where an earlier one has one of the values.
enum ParameterEntry {
  private enum Kind: String, CaseIterable {
    case integer, levels, categorical, real, boolean, permutation

    var keys: [String] {
      switch self {
      case .integer: ["range", "step"]
      case .levels, .categorical: ["values"]
      case .real: ["range", "scale"]
      case .boolean: []
      case .permutation: ["items", "values"]
      }
    }
  }

  static func parameter(_ node: SpecificationNode, after earlier: [Parameter])
    throws(SpecificationError) -> Parameter
  {
    let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
    let name = try node.required("name", expected: "a name").text(expected: "a name")
    let kind = try node.required("type", expected: "one of \(known)")
      .choice("type", of: Kind.self)
    try node.checkKeys(["name", "type", "when"] + kind.keys)
    guard !earlier.contains(where: { $0.name == name }) else {
      throw .wrongValue(
        at: node.nearestPlace(toField: "name"), got: "a second parameter \"\(shortened(name))\"",
        expected: "distinct names")
    }
    let made = try content(kind, name, node)
    let parameter: Parameter
    do {
      parameter = try made()
    } catch {
      throw rejected(error, at: node)
    }
    guard let condition = node.optional("when") else { return parameter }
    return try conditional(parameter, condition, earlier)
  }

  /// Reads the keys of a kind; what is returned makes the parameter of them.
  private static func content(_ kind: Kind, _ name: String, _ node: SpecificationNode)
    throws(SpecificationError) -> () throws(DesignSpaceError) -> Parameter
  {
    switch kind {
    case .integer:
      let (low, high) = try bounds(node) { (node) throws(SpecificationError) in
        try node.integer(in: -(1 << 52)...(1 << 52))
      }
      let step = try node.optional("step")?.integer(in: 1...(1 << 52)) ?? 1
      return { () throws(DesignSpaceError) in try .integer(name, low...high, step: step) }
    case .real:
      let (low, high) = try bounds(node) { (node) throws(SpecificationError) in
        try node.number(in: -1e300...1e300)
      }
      let scale =
        try node.optional("scale")?.choice("scale", of: Parameter.Scale.self) ?? .linear
      return { () throws(DesignSpaceError) in try .real(name, low...high, scale: scale) }
    case .levels:
      var levels: [Double] = []
      for item in try node.required("values", expected: "a list of ascending numbers")
        .items(expected: "a list of ascending numbers")
      {
        levels.append(try item.number(in: -1e300...1e300))
      }
      return { () throws(DesignSpaceError) in try .levels(name, levels) }
    case .categorical:
      let names = try texts(node, "values")
      return { () throws(DesignSpaceError) in try .categories(name, names) }
    case .boolean: return { () throws(DesignSpaceError) in try .boolean(name) }
    case .permutation:
      let hasValues = node.optional("values") != nil
      guard hasValues != (node.optional("items") != nil) else {
        throw .wrongValue(
          at: node.place, got: hasValues ? "items and values" : "neither items nor values",
          expected: "items, for all their orders, or values, a list of orders")
      }
      let names = try texts(node, hasValues ? "values" : "items")
      return { () throws(DesignSpaceError) in
        try hasValues ? .orders(name, names) : .permutation(name, of: names)
      }
    }
  }

  private static func texts(_ node: SpecificationNode, _ key: String) throws(SpecificationError)
    -> [String]
  {
    try node.required(key, expected: "a list of texts").names(expected: "a list of texts")
  }

  private static func bounds<Bound: Comparable>(
    _ node: SpecificationNode,
    _ read: (SpecificationNode) throws(SpecificationError) -> Bound
  ) throws(SpecificationError) -> (Bound, Bound) {
    let expected = "a range such as [1, 32]"
    let list = try node.required("range", expected: expected)
    let ends = try list.items(expected: expected)
    guard ends.count == 2 else {
      throw .wrongValue(at: list.place, got: "a list of \(ends.count)", expected: expected)
    }
    let low = try read(ends[0])
    let high = try read(ends[1])
    guard low <= high else {
      throw .wrongValue(
        at: list.place, got: "\(low) before \(high)", expected: "the lower end first")
    }
    return (low, high)
  }

  private static func conditional(
    _ parameter: Parameter, _ node: SpecificationNode, _ earlier: [Parameter]
  ) throws(SpecificationError) -> Parameter {
    let expected = "one parameter with the values that matter, such as {mode: [tiled]}"
    let pairs = try node.pairs(expected: expected)
    guard pairs.count == 1 else {
      throw .wrongValue(at: node.place, got: "\(pairs.count) parameters", expected: expected)
    }
    let (name, list) = pairs[0]
    guard let parent = earlier.first(where: { $0.name == name }) else {
      throw .unknownName(
        at: node.place, what: "earlier parameter", name: name, known: earlier.map(\.name))
    }
    var values: [ParameterValue] = []
    for item in try list.items(expected: "a list of values") {
      let text = try item.text(expected: parent.expectation)
      guard let value = parent.value(parsing: text) else {
        throw item.wrong(expected: parent.expectation)
      }
      values.append(value)
    }
    let result = parameter.active(when: name, isOneOf: values)
    do {
      _ = try SearchSpace(parameters: earlier + [result])
    } catch {
      throw rejected(error, at: node)
    }
    return result
  }

  private static func rejected(_ error: DesignSpaceError, at node: SpecificationNode)
    -> SpecificationError
  {
    switch error {
    case .invalidDomain(_, let got, let expected),
      .invalidCondition(_, let got, let expected):
      .wrongValue(at: node.place, got: got, expected: expected)
    default: .rejected(at: node.place, reason: error.problem)
    }
  }
}
