extension OperatorCall {
  // MARK: Constants and shapes as values

  mutating func inferConstant() throws(OperatorFailure) {
    for attribute in node.attributes {
      switch (attribute.name, attribute.value) {
      case ("value", .tensor(let tensor)):
        outputs.append(TensorFacts(tensor))
      case ("value_int", .integer(let value)):
        try give([], type: .int64, elements: [.integer(value)])
      case ("value_float", .real(let value)):
        try give([], type: .float, elements: [.real(value)])
      case ("value_ints", .integers(let values)):
        try give([.known(values.count)], type: .int64, elements: values.map { .integer($0) })
      case ("value_floats", .reals(let values)):
        try give([.known(values.count)], type: .float, elements: values.map { .real($0) })
      case ("value_string", _): try give([], type: ONNXType(code: 8))
      default: continue
      }
      return
    }
    throw .unsupported("its value is of a kind that is not read")
  }

  mutating func inferShape() throws(OperatorFailure) {
    let input = try shape(0)
    let bound = { (value: Int) in
      Swift.min(Swift.max(value < 0 ? value.clamped + input.count : value, 0), input.count)
    }
    let start = bound(integer("start", 0))
    let end = bound(integer("end", input.count))
    let part = start < end ? Array(input[start..<end]) : []
    try give([.known(part.count)], type: .int64, elements: part.map { Number($0) })
  }

  mutating func inferSize() throws(OperatorFailure) {
    try give([], type: .int64, elements: [Number(product(shape(0)))])
  }

  mutating func inferRange() throws(OperatorFailure) {
    guard let start = elements(0)?.first, let limit = elements(1)?.first,
      let step = elements(2)?.first
    else {
      return try give([.unknown(dataOrigins([0, 1, 2]))], type: type(0))
    }
    guard let from = start.real, let to = limit.real, let by = step.real else {
      let origins = start.origins.union(limit.origins).union(step.origins)
      return try give([.unknown(origins)], type: type(0))
    }
    guard by != 0 else { throw .invalid("the step is 0") }
    let exact = ((to - from) / by).rounded(.up)
    guard exact <= Double(ONNXLimits.extent) else { throw .invalid("it has \(exact) elements") }
    let count = Int(max(0, exact))
    var elements: [Number]?
    if count <= ONNXLimits.foldedElements {
      elements = (0..<count).map { .add(start, .multiply(.integer($0), step)) }
    }
    try give([.known(count)], type: type(0), elements: elements)
  }

  private func dataOrigins(_ indices: [Int]) -> Origins {
    indices.reduce(Origins()) { sum, index in
      index < inputs.count ? sum.union(inputs[index]?.allOrigins ?? Origins()) : sum
    }
  }

  // MARK: Reductions

  /// Reductions over the axes of an attribute or, from version 18 (sums: 13), of the second input.
  mutating func inferReduction(_ fold: ((Number, Number) -> Number)? = nil)
    throws(OperatorFailure)
  {
    let input = try shape(0)
    let listed = try listed("axes", orInput: 1)
    if (listed ?? []).isEmpty, integer("noop_with_empty_axes", 0) != 0 {
      return outputs.append(try facts(0))
    }
    let all = listed.map(\.isEmpty) ?? true
    let reduced = try axes(all ? Array(input.indices) : listed ?? [], rank: input.count)
    let keeps = integer("keepdims", 1) != 0
    var result: [Extent] = []
    for axis in input.indices {
      if !reduced.contains(axis) {
        result.append(input[axis])
      } else if keeps {
        result.append(.known(1))
      }
    }
    var elements: [Number]?
    if let fold, let values = self.elements(0), reduced.count == input.count,
      let first = values.first
    {
      elements = [values.dropFirst().reduce(first, fold)]
    }
    try give(result, type: type(0), elements: elements)
  }

  mutating func inferArgument() throws(OperatorFailure) {
    var result = try shape(0, rank: 1...ONNXLimits.rank)
    let axis = try axis(integer("axis", 0), rank: result.count)
    if integer("keepdims", 1) != 0 { result[axis] = .known(1) } else { result.remove(at: axis) }
    try give(result, type: .int64)
  }

  mutating func inferTopK() throws(OperatorFailure) {
    var result = try shape(0, rank: 1...ONNXLimits.rank)
    let axis = try axis(integer("axis", -1), rank: result.count)
    let count = version < 10 ? Number.integer(integer("k", 1)) : elements(1)?.first
    switch count {
    case .integer(let count)?: result[axis] = .known(count)
    case .unknown(let origins)?: result[axis] = .unknown(origins)
    default: throw .unsupported("k depends on data")
    }
    try give(result, type: type(0))
    try give(result, type: .int64)
  }

  mutating func inferOneHot() throws(OperatorFailure) {
    var result = try shape(0)
    let axis = try axis(integer("axis", -1), rank: result.count + 1)
    switch elements(1)?.first {
    case .integer(let depth)?: result.insert(.known(depth), at: axis)
    case .real(let depth)? where depth >= 0 && depth < 1e12:
      result.insert(.known(Int(depth)), at: axis)
    case .unknown(let origins)?: result.insert(.unknown(origins), at: axis)
    default: throw .unsupported("depth depends on data")
    }
    try give(result, type: type(2))
  }

  mutating func inferNonZero() throws(OperatorFailure) {
    let input = try shape(0)
    guard let values = elements(0)?.map(\.real), !values.contains(nil),
      case let sizes = input.compactMap(\.size), sizes.count == input.count
    else {
      throw .unsupported("the number of elements that are not zero depends on data")
    }
    let found = values.indices.filter { values[$0] != 0 }
    var elements: [Number] = []
    for axis in sizes.indices {
      let inner = checkedProduct(sizes[(axis + 1)...]) ?? 1
      elements += found.map { .integer($0 / max(inner, 1) % max(sizes[axis], 1)) }
    }
    try give([.known(sizes.count), .known(found.count)], type: .int64, elements: elements)
  }

  mutating func inferCumulativeSum() throws(OperatorFailure) {
    let input = try shape(0)
    var elements = elements(0)
    if let values = elements, input.count == 1, integer("exclusive", 0) == 0,
      integer("reverse", 0) == 0
    {
      var sum = Number.integer(0)
      elements = values.map {
        sum = .add(sum, $0)
        return sum
      }
    } else {
      elements = nil
    }
    try give(input, type: type(0), elements: elements)
  }

  /// Results whose number of elements no shape tells.
  func dependOnData() throws(OperatorFailure) {
    throw .unsupported("the shape of its result depends on data")
  }

  /// Random and window operators with a shape as attribute.
  mutating func inferGivenShape() throws(OperatorFailure) {
    guard let shape = integers("shape") else { throw .invalid("shape is absent") }
    try give(shape.map { .known($0) }, type: ONNXType(code: integer("dtype", 1)))
  }

  // MARK: Sequences

  mutating func inferSplitToSequence() throws(OperatorFailure) {
    var part = try shape(0, rank: 1...ONNXLimits.rank)
    let axis = try axis(integer("axis", 0), rank: part.count)
    guard let total = part[axis].size else { throw .blocked(part[axis].origins) }
    let sizes: [Int]
    if !has(1) {
      sizes = Array(repeating: 1, count: min(total, ONNXLimits.foldedElements))
    } else {
      let listed = try integers(1) ?? []
      if try shape(1).isEmpty, let size = listed.first, size > 0 {
        guard total / size < ONNXLimits.foldedElements else {
          throw .unsupported("it has too many parts")
        }
        sizes = stride(from: 0, to: total, by: size).map { min(size, total - $0) }
      } else {
        sizes = listed
      }
    }
    var sequence = TensorFacts(shape: nil, type: type(0))
    var members: [TensorFacts] = []
    for size in sizes {
      guard (0...ONNXLimits.extent).contains(size) else {
        throw .invalid("a part has size \(size)")
      }
      part[axis] = .known(size)
      var result = part
      if !has(1), integer("keepdims", 1) == 0 { result.remove(at: axis) }
      members.append(TensorFacts(shape: result, type: type(0)))
    }
    sequence.members = members
    outputs.append(sequence)
  }

  mutating func inferSequenceConstruct() throws(OperatorFailure) {
    var sequence = TensorFacts(shape: nil, type: type(0))
    sequence.members = inputs.compactMap { $0 }
    outputs.append(sequence)
  }

  mutating func inferSequenceAt() throws(OperatorFailure) {
    let sequence = try facts(0)
    guard let members = sequence.members else { throw .blocked(sequence.origins) }
    guard let position = try integers(1)?.first else { throw .invalid("position is absent") }
    let index = position < 0 ? position.clamped + members.count : position
    guard members.indices.contains(index) else {
      throw .invalid("position \(position) is outside of \(members.count) members")
    }
    outputs.append(members[index])
  }

  mutating func inferConcatFromSequence() throws(OperatorFailure) {
    let sequence = try facts(0)
    guard let members = sequence.members else { throw .blocked(sequence.origins) }
    guard integer("new_axis", 0) == 0 else { throw .unsupported("new_axis is not covered") }
    var inner = OperatorCall(node: node, version: version, inputs: members)
    try inner.inferConcat()
    outputs += inner.outputs
  }
}
