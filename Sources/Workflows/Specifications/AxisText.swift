import Interchange
import Workload

/// The written form of an operand's axis: a sum of dimensions, each with an optional coefficient.
enum AxisText {
  /// Reads `R + 4*P`, `P*4 + R` or `N`.
  static func axis(_ node: SpecificationNode, dimensions: [LoopDimension])
    throws(SpecificationError) -> Operand.Axis
  {
    let expected = "a sum of dimensions such as R + 4*P"
    let text = try node.text(expected: expected)
    var terms: [Operand.Term] = []
    for summand in text.split(separator: "+", omittingEmptySubsequences: false) {
      let factors = summand.split(separator: "*", omittingEmptySubsequences: false).map { factor in
        String(factor.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
      let name: String
      var coefficient = 1
      switch factors.count {
      case 1: name = factors[0]
      case 2:
        let isNameFirst = isDimensionName(factors[0])
        name = factors[isNameFirst ? 0 : 1]
        let digits = factors[isNameFirst ? 1 : 0]
        guard let value = Int(digits), digits.utf8.allSatisfy({ (48...57).contains($0) }),
          (1...Layer.largestBound).contains(value)
        else {
          throw .wrongValue(
            at: node.place, got: "coefficient \"\(shortened(digits))\"",
            expected: "a whole number in 1...\(Layer.largestBound)")
        }
        coefficient = value
      default: throw node.wrong(expected: expected)
      }
      guard isDimensionName(name) else { throw node.wrong(expected: expected) }
      guard let index = dimensions.firstIndex(where: { $0.name == name }) else {
        throw .unknownName(
          at: node.place, what: "dimension", name: name, known: dimensions.map(\.name))
      }
      terms.append(Operand.Term(dimension: index, coefficient: coefficient))
    }
    return Operand.Axis(terms: terms)
  }

  /// Writes an axis so that `axis` reads it back.
  static func text(of axis: Operand.Axis, dimensions: [LoopDimension]) -> String {
    axis.terms.map { term in
      let name = dimensions[term.dimension].name
      return term.coefficient == 1 ? name : "\(term.coefficient)*\(name)"
    }.joined(separator: " + ")
  }
}
