import Accelerator
import Workload

/// The factors of one directive: `C=8`, `C8`, `C=8,5` (imperfect) and `C=0` (the whole dimension).
struct TimeloopFactors {
  /// One loop per dimension of the layer, of factor 1 where nothing is written.
  private(set) var loops: [Loop]

  private static let expected = "factors such as C=8 or C=8,5"

  init(_ node: SpecificationNode?, layer: Layer) throws(SpecificationError) {
    loops = layer.dimensions.indices.map { Loop(dimension: $0, factor: 1) }
    guard let node, !node.isNull else { return }
    var seen: Set<Int> = []
    if node.scalarText != nil {
      try take(node, layer, &seen)
    } else {
      for item in try node.items(expected: Self.expected) { try take(item, layer, &seen) }
    }
  }

  /// Reads all factors of one text; separators are spaces and commas.
  private mutating func take(
    _ node: SpecificationNode, _ layer: Layer, _ seen: inout Set<Int>
  ) throws(SpecificationError) {
    var rest = Substring(try node.text(expected: Self.expected))
    while true {
      rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
      guard !rest.isEmpty else { return }
      let name = String(rest.prefix { $0.isLetter })
      rest = rest.dropFirst(name.count).drop { $0 == " " }
      if rest.first == "=" { rest = rest.dropFirst().drop { $0 == " " } }
      let (factor, digits) = try Self.number(&rest, node)
      var residual: Int?
      if rest.first == ",", rest.dropFirst().first?.isNumber ?? false {
        rest = rest.dropFirst()
        residual = try Self.number(&rest, node).value
      }
      guard !name.isEmpty, digits > 0,
        rest.isEmpty || rest.first == " " || rest.first == "," || rest.first == "\t"
      else { throw node.wrong(expected: Self.expected) }
      guard let index = layer.dimensionIndex(named: name) else {
        throw .unknownName(
          at: node.place, what: "dimension", name: name, known: layer.dimensions.map(\.name))
      }
      guard seen.insert(index).inserted else {
        throw .wrongValue(at: node.place, got: "two factors of \(name)", expected: "one")
      }
      loops[index] = Loop(
        dimension: index, factor: factor == 0 ? layer.dimensions[index].bound : factor,
        residual: residual)
    }
  }

  private static func number(_ rest: inout Substring, _ node: SpecificationNode)
    throws(SpecificationError) -> (value: Int, digits: Int)
  {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    guard !digits.isEmpty else { return (0, 0) }
    guard let value = Int(digits), value <= Layer.largestBound else {
      throw node.wrong(expected: "factors of at most \(Layer.largestBound)")
    }
    return (value, digits.count)
  }
}
