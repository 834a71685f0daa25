extension OperatorCall {
  // MARK: Shapes given by values

  /// A list of sizes that an input holds; its entries may be unknown, its length not.
  private func sizeList(_ index: Int) throws(OperatorFailure) -> [Number] {
    let facts = try facts(index)
    if let elements = facts.elements { return elements }
    let shape = try shape(index)
    guard shape.count == 1, let count = shape[0].size, count <= ONNXLimits.rank else {
      throw .blocked(facts.allOrigins)
    }
    return Array(repeating: .unknown(facts.allOrigins), count: count)
  }

  private func extent(_ number: Number) throws(OperatorFailure) -> Extent {
    switch number {
    case .integer(let size):
      guard (0...ONNXLimits.extent).contains(size) else { throw .invalid("got a size of \(size)") }
      return .known(size)
    case .real: throw .invalid("got a size that is not a whole number")
    case .unknown(let origins): return .unknown(origins)
    }
  }

  mutating func inferReshape() throws(OperatorFailure) {
    let input = try shape(0)
    var target =
      version < 5 ? (integers("shape") ?? []).map { Number.integer($0) } : try sizeList(1)
    if let change = batchChange, case .integer(let first)? = target.first,
      input.first == .known(change.new), first > 0, change.old > 0, first % change.old == 0
    {
      target[0] = .integer(first / change.old * change.new)
    }
    let copiesZeros = integer("allowzero", 0) == 0
    var result: [Extent] = []
    var open: Int?
    var rest = input
    for (position, number) in target.enumerated() {
      if number == .integer(0), copiesZeros {
        guard position < input.count else {
          throw .invalid("size 0 at \(position) copies a dimension the input does not have")
        }
        result.append(input[position])
        rest[position] = .known(1)
      } else if number == .integer(-1) {
        guard open == nil else { throw .invalid("two sizes are -1") }
        open = position
        result.append(.known(1))
      } else {
        result.append(try extent(number))
      }
    }
    let unknown = result.indices.filter { result[$0].size == nil && target[$0] != .integer(0) }
    if open == nil, unknown.count == 1, rest.allSatisfy({ $0.size != nil }) {
      open = unknown[0]
      result[unknown[0]] = .known(1)
    }
    if let open {
      let copied = result.indices.filter { target[$0] == .integer(0) && copiesZeros }
      let divisor = try product(
        result.indices.filter { !copied.contains($0) && $0 != open }.map { result[$0] })
      let dividend = try product(rest)
      switch (dividend, divisor) {
      case (.known(let total), .known(let part)):
        guard part > 0 ? total % part == 0 : total == 0 else {
          throw .invalid("\(total) elements cannot be divided into rows of \(part)")
        }
        result[open] = .known(part > 0 ? total / part : 0)
      default: result[open] = .unknown(dividend.origins.union(divisor.origins))
      }
    } else if case .known(let got) = try product(input),
      case .known(let expected) = try product(result),
      got != expected
    {
      throw .invalid("\(got) elements cannot become \(expected)")
    }
    try give(result, type: type(0), elements: elements(0))
  }

  mutating func inferExpand() throws(OperatorFailure) {
    var target: [Extent] = []
    for number in try sizeList(1) { target.append(try extent(number)) }
    let result = try broadcast([shape(0), target])
    try give(result, type: type(0), elements: broadcastElements(0, to: result))
  }

  mutating func inferTile() throws(OperatorFailure) {
    let input = try shape(0)
    let repeats = try sizeList(1)
    guard repeats.count == input.count else {
      throw .invalid("got \(repeats.count) repeats for \(input.count) dimensions")
    }
    var result: [Extent] = []
    for (size, number) in zip(input, repeats) {
      result.append(try product([size, extent(number)]))
    }
    try give(
      result, type: type(0),
      elements: rearrangedElements(to: result) { place, sizes in
        zip(place, sizes).map { $0 % $1 }
      })
  }

  mutating func inferConstantOfShape() throws(OperatorFailure) {
    var result: [Extent] = []
    for number in try sizeList(0) { result.append(try extent(number)) }
    var value = Number.real(0)
    var type = ONNXType.float
    if case .tensor(let tensor) = node.attribute("value") {
      type = tensor.type
      value = tensor.elements?.first ?? .unknown(Origins())
    }
    var elements: [Number]?
    if case .known(let count) = try product(result), count <= ONNXLimits.foldedElements {
      elements = Array(repeating: value, count: count)
    }
    try give(result, type: type, elements: elements)
  }

  // MARK: Dimensions moved, added and removed

  mutating func inferFlatten() throws(OperatorFailure) {
    let input = try shape(0)
    let wanted = integer("axis", 1)
    guard wanted >= -input.count, wanted <= input.count else {
      throw .invalid("axis \(wanted) is outside of \(input.count) dimensions")
    }
    let axis = wanted < 0 ? wanted + input.count : wanted
    try give(
      [product(input[..<axis]), product(input[axis...])], type: type(0), elements: elements(0))
  }

  mutating func inferTranspose() throws(OperatorFailure) {
    let input = try shape(0)
    let order = try axes(integers("perm") ?? Array(input.indices.reversed()), rank: input.count)
    guard order.count == input.count else {
      throw .invalid("perm has \(order.count) members, expected \(input.count)")
    }
    let result = order.map { input[$0] }
    try give(
      result, type: type(0),
      elements: rearrangedElements(to: result) { place, sizes in
        var source = sizes
        for (position, axis) in order.enumerated() { source[axis] = place[position] }
        return source
      })
  }

  mutating func inferSqueeze() throws(OperatorFailure) {
    let input = try shape(0)
    let removed: [Int]
    if let listed = try listed("axes", orInput: 1) {
      removed = try axes(listed, rank: input.count)
      for axis in removed where input[axis].size.map({ $0 != 1 }) ?? false {
        throw .invalid("axis \(axis) has size \(input[axis].size ?? 0), expected 1")
      }
    } else {
      guard input.allSatisfy({ $0.size != nil }) else {
        throw .blocked(input.reduce(Origins()) { $0.union($1.origins) })
      }
      removed = input.indices.filter { input[$0] == .known(1) }
    }
    let result = input.indices.filter { !removed.contains($0) }.map { input[$0] }
    try give(result, type: type(0), elements: elements(0))
  }

  mutating func inferUnsqueeze() throws(OperatorFailure) {
    let input = try shape(0)
    guard let listed = try listed("axes", orInput: 1) else { throw .invalid("axes are absent") }
    let rank = input.count + listed.count
    guard rank <= ONNXLimits.rank else { throw .invalid("\(rank) dimensions are too many") }
    let added = try axes(listed, rank: rank)
    var rest = input[...]
    var result: [Extent] = []
    for axis in 0..<rank {
      result.append(added.contains(axis) ? .known(1) : rest.popFirst() ?? .known(1))
    }
    try give(result, type: type(0), elements: elements(0))
  }

  mutating func inferDepthToSpace() throws(OperatorFailure) {
    var result = try shape(0, rank: 4...4)
    let block = integer("blocksize", 1)
    guard (1...ONNXLimits.attribute).contains(block) else {
      throw .invalid("blocksize is \(block)")
    }
    if node.operation == "DepthToSpace" {
      result[1] = try quotient(result[1], block * block)
      for axis in 2...3 { result[axis] = try product([result[axis], .known(block)]) }
    } else {
      result[1] = try product([result[1], .known(block * block)])
      for axis in 2...3 { result[axis] = try quotient(result[axis], block) }
    }
    try give(result, type: type(0))
  }

  private func quotient(_ extent: Extent, _ divisor: Int) throws(OperatorFailure) -> Extent {
    guard case .known(let size) = extent else { return extent }
    guard size % divisor == 0 else { throw .invalid("\(size) is not a multiple of \(divisor)") }
    return .known(size / divisor)
  }

  /// Folded elements of the first input in a new order.
  func rearrangedElements(
    of index: Int = 0, to result: [Extent], _ origin: ([Int], [Int]) -> [Int]?
  ) -> [Number]? {
    guard let elements = elements(index), let shape = inputs[index]?.shape,
      case let sizes = shape.compactMap(\.size), sizes.count == shape.count,
      case let target = result.compactMap(\.size), target.count == result.count
    else { return nil }
    return rearranged(elements, from: sizes, to: target) { origin($0, sizes) }
  }
}
