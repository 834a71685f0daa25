extension OperatorCall {
  /// Einsum: the shape of any equation, and a row where two operands are contracted over some label.
  mutating func inferEinsum() throws(OperatorFailure) {
    let equation = text("equation", "").filter { $0 != " " }
    let sides = equation.split(separator: "-", omittingEmptySubsequences: false)
    let terms = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
    guard sides.count <= 2, terms.count == inputs.count,
      sides.count == 1 || sides[1].hasPrefix(">")
    else {
      throw .invalid("equation \"\(equation.prefix(100))\" does not fit \(inputs.count) inputs")
    }
    var sizes: [String: Extent] = [:]
    var labels: [[String]] = []
    for (index, term) in terms.enumerated() {
      let shape = try shape(index)
      let names = try Self.labels(term, rank: shape.count)
      for (name, size) in zip(names, shape) {
        guard let common = broadcast(sizes[name] ?? .known(1), size) else {
          throw .invalid("label \(name) has two sizes")
        }
        sizes[name] = common
      }
      labels.append(names)
    }
    var result: [String]
    let rest = labels.flatMap { $0 }.filter { $0.hasPrefix(".") }
    let ellipsis = Array(Set(rest)).sorted { $0.count == $1.count ? $0 > $1 : $0.count > $1.count }
    if sides.count == 2 {
      result = try Self.labels(sides[1].dropFirst(), ellipsis: ellipsis)
    } else {
      let all = labels.flatMap { $0 }
      result =
        ellipsis
        + Array(Set(all)).filter { name in
          !name.hasPrefix(".") && all.count { $0 == name } == 1
        }.sorted()
    }
    for name in result where sizes[name] == nil {
      throw .invalid("label \(name) of the result is in no input")
    }
    let shape = result.compactMap { sizes[$0] }
    try give(shape, type: type(0))
    guard labels.count == 2 else {
      if labels.count > 2 {
        throw .unsupported("a product of \(labels.count) tensors is not counted")
      }
      return
    }
    let shared = Set(labels[0]).intersection(labels[1])
    let contracted = shared.filter { !result.contains($0) }.sorted()
    guard !contracted.isEmpty else { return }
    let batch = result.filter { shared.contains($0) }
    let extents = { (names: [String]) in names.map { sizes[$0] ?? .known(1) } }
    let isShared = batch.isEmpty
    try addProduct(
      given: self.shape(0), weights: self.shape(1), result: shape, batch: extents(batch),
      rows: product(extents(result.filter { labels[0].contains($0) && !shared.contains($0) })),
      columns: product(extents(result.filter { labels[1].contains($0) && !shared.contains($0) })),
      inner: product(extents(contracted)), isShared: isShared, operand: operand(1))
  }

  /// The labels of one operand; dimensions under an ellipsis are `.`, `..` and so on, counted from the last.
  private static func labels(_ term: Substring, rank: Int) throws(OperatorFailure) -> [String] {
    let letters = term.filter(\.isLetter).count
    guard rank >= letters, term.contains(".") || rank == letters else {
      throw .invalid("\"\(term.prefix(60))\" does not fit \(rank) dimensions")
    }
    let dots = (0..<(rank - letters)).map { String(repeating: ".", count: rank - letters - $0) }
    return try labels(term, ellipsis: dots)
  }

  private static func labels(_ term: Substring, ellipsis: [String]) throws(OperatorFailure)
    -> [String]
  {
    var names: [String] = []
    var rest = term
    while let character = rest.popFirst() {
      if character.isLetter {
        names.append(String(character))
      } else if character == ".", rest.hasPrefix("..") {
        rest = rest.dropFirst(2)
        names += ellipsis
      } else {
        throw .invalid("\"\(term.prefix(60))\" has a \"\(character)\"")
      }
    }
    return names
  }
}
