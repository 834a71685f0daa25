import Workload

/// The factors of a constraint: `C=8`, `C8`, `C=0` (the whole dimension), `C<=8` and `C>=2`.
struct TimeloopFactorBounds {
  static let expected = "factors such as C=8, C<=8 or C>=2"

  /// In the order of the text.
  private(set) var factors: [TimeloopConstraints.Factor] = []

  /// Reads one text; separators are spaces and commas.
  init(_ node: SpecificationNode) throws(SpecificationError) {
    var rest = Substring(try node.text(expected: Self.expected))
    while true {
      rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
      guard !rest.isEmpty else { return }
      let name = rest.prefix { $0.isLetter || $0 == "_" }
      rest = rest.dropFirst(name.count).drop { $0 == " " }
      var relation = TimeloopConstraints.Relation.exactly
      for candidate in [TimeloopConstraints.Relation.atMost, .atLeast, .exactly]
      where rest.hasPrefix(candidate.rawValue) {
        relation = candidate
        rest = rest.dropFirst(candidate.rawValue.count).drop { $0 == " " }
        break
      }
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      guard !name.isEmpty, !digits.isEmpty,
        rest.isEmpty || rest.first == " " || rest.first == "," || rest.first == "\t"
      else { throw node.wrong(expected: Self.expected) }
      guard let value = Int(digits), value <= Layer.largestBound else {
        throw node.wrong(expected: "factors of at most \(Layer.largestBound)")
      }
      guard value > 0 || relation == .exactly else {
        throw node.wrong(expected: "a bound of at least 1")
      }
      factors.append(
        TimeloopConstraints.Factor(
          dimension: String(name), relation: relation, value: value == 0 ? nil : value))
    }
  }
}
