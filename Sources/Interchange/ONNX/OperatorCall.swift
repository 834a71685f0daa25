/// One node with what is known about its inputs; a rule fills in what follows for the outputs.
struct OperatorCall {
  let node: ONNXNode
  /// Version of the operator set the node belongs to.
  let version: Int
  /// `nil` for inputs that are omitted.
  let inputs: [TensorFacts?]
  var batchChange: BatchChange?
  /// In the order of the node's outputs; rules may leave the last ones out.
  var outputs: [TensorFacts] = []
  var rows: [LayerRow] = []

  init(node: ONNXNode, version: Int, inputs: [TensorFacts?]) {
    self.node = node
    self.version = version
    self.inputs = inputs
  }

  // MARK: Inputs

  func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  func facts(_ index: Int) throws(OperatorFailure) -> TensorFacts {
    guard index < inputs.count, let facts = inputs[index] else {
      throw .invalid("input \(index) is absent")
    }
    return facts
  }

  /// The shape of an input, whose sizes may be unknown but whose rank is known.
  func shape(_ index: Int) throws(OperatorFailure) -> [Extent] {
    let facts = try facts(index)
    guard let shape = facts.shape else { throw .blocked(facts.origins) }
    return shape
  }

  /// The shape of an input that must have a number of dimensions.
  func shape(_ index: Int, rank: ClosedRange<Int>) throws(OperatorFailure) -> [Extent] {
    let shape = try shape(index)
    guard rank.contains(shape.count) else {
      throw .invalid(
        "input \(index) has \(shape.count) dimensions, expected \(rank.lowerBound)"
          + (rank.count == 1
            ? "" : rank.upperBound == ONNXLimits.rank ? " or more" : " to \(rank.upperBound)"))
    }
    return shape
  }

  func type(_ index: Int) -> ONNXType {
    index < inputs.count ? inputs[index]?.type ?? .undefined : .undefined
  }

  func elements(_ index: Int) -> [Number]? { index < inputs.count ? inputs[index]?.elements : nil }

  /// Whole numbers that a rule needs in full; `nil` when the input is omitted.
  func integers(_ index: Int) throws(OperatorFailure) -> [Int]? {
    guard has(index) else { return nil }
    let facts = try facts(index)
    if let elements = facts.elements {
      let known = elements.compactMap(\.integer)
      if known.count == elements.count { return known }
      throw .blocked(elements.reduce(facts.allOrigins) { $0.union($1.origins) })
    }
    if facts.shape == [.known(0)] { return [] }
    let origins = facts.allOrigins
    if !origins.members.isEmpty { throw .blocked(origins) }
    throw .unsupported("input \(index) depends on data")
  }

  // MARK: Attributes

  func integer(_ name: String, _ standard: Int) -> Int {
    if case .integer(let value) = node.attribute(name) { return value }
    return standard
  }

  func text(_ name: String, _ standard: String) -> String {
    if case .text(let value) = node.attribute(name) { return value }
    return standard
  }

  func integers(_ name: String) -> [Int]? {
    if case .integers(let values) = node.attribute(name) { return values }
    return nil
  }

  /// Whole numbers that newer versions of an operator moved from an attribute to an input.
  func listed(_ name: String, orInput index: Int) throws(OperatorFailure) -> [Int]? {
    if let values = integers(name) { return values }
    return try integers(index)
  }

  func reals(_ name: String) -> [Double]? {
    if case .reals(let values) = node.attribute(name) { return values }
    return nil
  }

  /// A list of one number per spatial dimension, each in a range.
  func spatial(_ name: String, count: Int, default standard: Int, atLeast least: Int)
    throws(OperatorFailure) -> [Int]
  {
    guard let values = integers(name), !values.isEmpty else {
      return Array(repeating: standard, count: count)
    }
    guard values.count == count else {
      throw .invalid("\(name) has \(values.count) members, expected \(count)")
    }
    for value in values where value < least || value > ONNXLimits.attribute {
      throw .invalid("\(name) has \(value), expected \(least) to \(ONNXLimits.attribute)")
    }
    return values
  }

  /// A dimension counted from the end when negative.
  func axis(_ value: Int, rank: Int) throws(OperatorFailure) -> Int {
    guard value >= -rank, value < rank else {
      throw .invalid("axis \(value) is outside of \(rank) dimensions")
    }
    return value < 0 ? value + rank : value
  }

  /// Distinct dimensions, each counted from the end when negative.
  func axes(_ values: [Int], rank: Int) throws(OperatorFailure) -> [Int] {
    var result: [Int] = []
    for value in values {
      let axis = try axis(value, rank: rank)
      guard !result.contains(axis) else { throw .invalid("axis \(value) occurs twice") }
      result.append(axis)
    }
    return result
  }

  // MARK: Outputs

  /// Sets the next output.
  mutating func give(_ shape: [Extent], type: ONNXType, elements: [Number]? = nil)
    throws(OperatorFailure)
  {
    guard shape.count <= ONNXLimits.rank else {
      throw .invalid("the result has more than \(ONNXLimits.rank) dimensions")
    }
    for case .known(let size) in shape where !(0...ONNXLimits.extent).contains(size) {
      throw .invalid("the result has a dimension of \(size)")
    }
    outputs.append(TensorFacts(shape: shape, type: type, elements: elements))
  }

  /// Sizes that a layer needs in full.
  func known(_ extents: [Extent]) throws(OperatorFailure) -> [Int] {
    let sizes = extents.compactMap(\.size)
    guard sizes.count == extents.count else {
      throw .blocked(extents.reduce(Origins()) { $0.union($1.origins) })
    }
    return sizes
  }

  /// The size of a dimension, with a product checked against the largest extent.
  func product(_ extents: some Sequence<Extent>) throws(OperatorFailure) -> Extent {
    var sizes: [Int] = []
    var origins = Origins()
    var isKnown = true
    for extent in extents {
      switch extent {
      case .known(let size): sizes.append(size)
      case .unknown(let reasons):
        origins = origins.union(reasons)
        isKnown = false
      }
    }
    guard let product = checkedProduct(sizes), product <= ONNXLimits.extent else {
      throw .invalid("the product of \(LayerRow.shape(sizes)) is too large for a dimension")
    }
    return isKnown || product == 0 ? .known(product) : .unknown(origins)
  }

  /// Whether an operand is a constant of the model.
  func operand(_ index: Int) -> LayerRow.SecondOperand {
    index < inputs.count && inputs[index]?.isConstant == true ? .weight : .activation
  }

  func row(
    _ kind: LayerRow.Kind, outputChannels: Int, inputChannels: Int, output: [Int]
  ) -> LayerRow {
    LayerRow(
      name: node.title, operation: node.operation, kind: kind, outputChannels: outputChannels,
      inputChannels: inputChannels, output: output)
  }
}

/// The common size of two dimensions that are broadcast against each other; `nil` when there is none.
func broadcast(_ a: Extent, _ b: Extent) -> Extent? {
  switch (a, b) {
  case (.known(1), _): b
  case (_, .known(1)): a
  case (.known(let x), .known(let y)): x == y ? a : nil
  case (.known, .unknown): a
  case (.unknown, .known): b
  case (.unknown(let x), .unknown(let y)): .unknown(x.union(y))
  }
}

/// The common shape of shapes that are broadcast against each other, aligned at the last dimension.
func broadcast(_ shapes: [[Extent]]) throws(OperatorFailure) -> [Extent] {
  var result: [Extent] = []
  for shape in shapes {
    let rank = max(result.count, shape.count)
    var next: [Extent] = []
    for position in 0..<rank {
      let left = position + result.count - rank
      let right = position + shape.count - rank
      let a = left >= 0 ? result[left] : .known(1)
      let b = right >= 0 ? shape[right] : .known(1)
      guard let common = broadcast(a, b) else {
        throw .invalid("sizes \(a.size ?? 0) and \(b.size ?? 0) do not fit together")
      }
      next.append(common)
    }
    result = next
  }
  return result
}
