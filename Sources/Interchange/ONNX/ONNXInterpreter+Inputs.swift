/// What is known before the first node: sizes of graph inputs, bound or free, and the batch.
extension ONNXInterpreter {
  mutating func countParameters(of tensor: ONNXTensor) {
    guard tensor.type.canBeParameter, !tensor.dimensions.isEmpty else { return }
    let sum = parameterCount.addingReportingOverflow(tensor.elementCount)
    parameterCount = sum.overflow ? .max : sum.partialValue
  }

  private var graphInputs: [ONNXValueInfo] {
    let names = Set(model.graph.initializers.map(\.name))
    return model.graph.inputs.filter { !names.contains($0.name) }
  }

  func checkBindings() throws(ONNXError) {
    var known: [String] = []
    for input in graphInputs {
      for (position, dimension) in (input.dimensions ?? []).enumerated() {
        switch dimension {
        case .symbol(let name): known += SymbolExpression.symbols(in: name)
        case .anonymous: known.append("\(input.name)[\(position)]")
        case .size: break
        }
      }
    }
    var distinct: [String] = []
    for name in known where !distinct.contains(name) { distinct.append(name) }
    for name in options.dimensions.keys.sorted() where !distinct.contains(name) {
      throw .unknownSymbol(name: name, known: distinct)
    }
    let sizes = options.dimensions.sorted { $0.key < $1.key }
    for (name, size) in sizes where !(0...ONNXLimits.extent).contains(size) {
      throw .sizeOutOfRange(name: name, got: size)
    }
    if let batch = options.batch, !(0...ONNXLimits.extent).contains(batch) {
      throw .sizeOutOfRange(name: "batch", got: batch)
    }
  }

  /// Gives the first dimension of the first input a new size, and with it every first dimension that was equal.
  mutating func applyBatch() {
    guard let batch = options.batch else { return }
    switch graphInputs.first?.dimensions?.first {
    case .symbol(let name)?: bindings[name] = batch
    case .size(let size)? where size != batch: batchChange = BatchChange(old: size, new: batch)
    default: break
    }
  }

  mutating func facts(of input: ONNXValueInfo) -> TensorFacts {
    guard let dimensions = input.dimensions else {
      let origin = addWarning(
        node: input.name, operation: "graph input", problem: "it has no shape", isQuiet: true)
      return .unknown(Origins([origin]))
    }
    var shape: [Extent] = []
    for (position, dimension) in dimensions.enumerated() {
      if position == 0, let batch = options.batch,
        dimension == .anonymous || dimension == batchChange.map({ .size($0.old) })
      {
        shape.append(.known(batch))
      } else {
        shape.append(extent(dimension, fallback: "\(input.name)[\(position)]"))
      }
    }
    return TensorFacts(shape: shape, type: input.type)
  }

  mutating func extent(_ dimension: ONNXValueInfo.Dimension, fallback: String) -> Extent {
    let name: String
    switch dimension {
    case .size(let size): return .known(size)
    case .symbol(let symbol): name = symbol
    case .anonymous: name = fallback
    }
    let value = bindings[name] ?? SymbolExpression.value(of: name, bindings: bindings)
    if let value, (0...ONNXLimits.extent).contains(value) { return .known(value) }
    let parts =
      dimension == .anonymous
      ? [] : SymbolExpression.symbols(in: name).filter { bindings[$0] == nil }
    let names = parts.isEmpty ? [name] : parts
    return .unknown(Origins(names.map { symbol($0) }))
  }

  mutating func symbol(_ name: String) -> Int {
    if let origin = symbolOrigins[name] { return origin }
    origins.append(.symbol(name))
    symbolOrigins[name] = origins.count - 1
    return origins.count - 1
  }
}
