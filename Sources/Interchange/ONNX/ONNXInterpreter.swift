/// Walks the nodes of a model with what is known about each value, and collects the rows of its products.
struct ONNXInterpreter {
  /// Where knowledge ends.
  enum Origin {
    /// A dimension of a graph input that nothing binds.
    case symbol(String)
    /// A node without a result; the position is that of its warning.
    case warning(Int)
  }

  let model: ONNXModel
  let options: ImportedNetwork.Options
  var rows: [LayerRow] = []
  var outputs: [ImportedNetwork.Output] = []
  var parameterCount = 0
  var warnings: [ImportWarning] = []
  /// Positions of warnings that are told only if they leave a layer out.
  var quietWarnings: Set<Int> = []
  var origins: [Origin] = []
  var symbolOrigins: [String: Int] = [:]
  /// Free symbols that layers need, in order of the graph, and the first such layer.
  var neededSymbols: [String] = []
  var firstNeedyLayer = ""
  var batchChange: BatchChange?
  var executedNodes = 0
  private var foldedElements = 0
  let functions: [String: Int]
  var bindings: [String: Int]

  init(model: ONNXModel, options: ImportedNetwork.Options) {
    self.model = model
    self.options = options
    bindings = options.dimensions
    functions = Dictionary(
      model.functions.enumerated().map {
        (Self.key($1.domain, $1.name, $1.overload), $0)
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func key(_ domain: String, _ name: String, _ overload: String) -> String {
    "\(domain)\u{0}\(name)\u{0}\(overload)"
  }

  /// Warnings that a user should read.
  var reportedWarnings: [ImportWarning] {
    warnings.indices.filter { !quietWarnings.contains($0) || !warnings[$0].blockedLayers.isEmpty }
      .map { warnings[$0] }
  }

  // MARK: The graph

  mutating func run() throws(ONNXError) {
    try checkBindings()
    applyBatch()
    var scope = ONNXScope(version: model.operatorSets)
    for tensor in model.graph.initializers {
      try scope.define(tensor.name, TensorFacts(tensor), by: tensor.name)
      countParameters(of: tensor)
    }
    for input in model.graph.inputs where scope.values[input.name] == nil {
      try scope.define(input.name, facts(of: input), by: input.name)
    }
    for info in model.graph.valueInfos + model.graph.outputs where batchChange == nil {
      scope.declared[info.name] = info
    }
    try run(model.graph.nodes, in: &scope, prefix: "", depth: 0)
    outputs = model.graph.outputs.map { output in
      let shape = scope.lookUp(output.name)?.shape
      return ImportedNetwork.Output(name: output.name, dimensions: shape?.map(\.size))
    }
    guard neededSymbols.isEmpty else {
      let order = neededSymbols.sorted { (symbolOrigins[$0] ?? 0) < (symbolOrigins[$1] ?? 0) }
      throw .freeSymbols(names: order, layer: firstNeedyLayer)
    }
  }

  // MARK: Nodes

  mutating func run(
    _ nodes: [ONNXNode], in scope: inout ONNXScope, prefix: String, depth: Int
  ) throws(ONNXError) {
    guard depth < ONNXLimits.nesting else {
      throw .inconsistent(node: prefix, value: "a function or branch", rule: .nestedTooDeep)
    }
    for node in try scope.sorted(nodes) {
      if node.operation == "Constant", case .tensor(let tensor)? = node.attribute("value"),
        tensor.elementCount > 1
      {
        countParameters(of: tensor)
      }
      executedNodes += 1
      guard executedNodes <= ONNXLimits.executedNodes else {
        throw .inconsistent(node: prefix, value: "inlining its functions", rule: .tooManyNodes)
      }
      var named = node
      named.name = prefix.isEmpty ? node.title : "\(prefix)/\(node.title)"
      var inputs: [TensorFacts?] = []
      for name in node.inputs {
        guard !name.isEmpty else {
          inputs.append(nil)
          continue
        }
        guard let facts = scope.lookUp(name) else {
          throw .inconsistent(node: named.name, value: name, rule: .undefined)
        }
        inputs.append(facts)
      }
      let results = try results(of: named, inputs, in: scope, depth: depth)
      for (position, name) in node.outputs.enumerated() where !name.isEmpty {
        var facts = position < results.count ? results[position] : .unknown(Origins())
        complete(&facts, from: scope.declared[name])
        try scope.define(name, facts, by: named.name)
      }
    }
  }

  /// Fills in what the file declares where inference knows nothing.
  private mutating func complete(_ facts: inout TensorFacts, from info: ONNXValueInfo?) {
    guard let info, let dimensions = info.dimensions else { return }
    guard let shape = facts.shape else {
      facts.shape = dimensions.map { dimension in
        declaredSize(dimension).map { .known($0) } ?? .unknown(facts.origins)
      }
      return
    }
    guard shape.count == dimensions.count else { return }
    facts.shape = zip(shape, dimensions).map { known, dimension in
      guard known.size == nil else { return known }
      return declaredSize(dimension).map { .known($0) } ?? known
    }
  }

  /// A declared size; what the file calls by a symbol only counts when the symbol is bound.
  func declaredSize(_ dimension: ONNXValueInfo.Dimension) -> Int? {
    switch dimension {
    case .size(let size): return size
    case .anonymous: return nil
    case .symbol(let name):
      let value = bindings[name] ?? SymbolExpression.value(of: name, bindings: bindings)
      return value.flatMap { (0...ONNXLimits.extent).contains($0) ? $0 : nil }
    }
  }

  private mutating func results(
    of node: ONNXNode, _ inputs: [TensorFacts?], in scope: ONNXScope, depth: Int
  ) throws(ONNXError) -> [TensorFacts] {
    if let index = functions[Self.key(node.domain, node.operation, node.overload)] {
      return try inline(model.functions[index], at: node, inputs, in: scope, depth: depth)
    }
    if node.domain.isEmpty, node.operation == "If" {
      return try branch(of: node, condition: inputs.first ?? nil, in: scope, depth: depth)
    }
    var call = OperatorCall(
      node: node, version: scope.version[node.domain] ?? scope.version[""] ?? 1, inputs: inputs)
    call.batchChange = batchChange
    let entry = ONNXOperator.find(domain: node.domain, name: node.operation)
    do throws(OperatorFailure) {
      guard let rule = entry?.rule else {
        throw OperatorFailure.unsupported(Self.reason(entry, node))
      }
      try rule(&call)
    } catch {
      return try recover(call, from: error, isLayer: entry?.treatment == .layer)
    }
    for row in call.rows where row.kind == .volumetric {
      addWarning(
        node: row.name, operation: row.operation,
        problem:
          "a convolution over \(row.kernel.count) dimensions is counted but cannot be a layer")
    }
    rows += call.rows
    return finished(call)
  }

  private static func reason(_ entry: ONNXOperator?, _ node: ONNXNode) -> String {
    guard let entry else {
      let name = node.domain.isEmpty ? node.operation : "\(node.domain).\(node.operation)"
      return "operator \(shortenedName(name)) is not known"
    }
    let inside = productCount(in: node)
    return "operator \(entry.name) is not covered: \(entry.note)"
      + (inside > 0 ? "; \(inside) products inside are left out" : "")
  }

  /// The outputs of a rule, marked as constants when they follow from constants.
  private mutating func finished(_ call: OperatorCall) -> [TensorFacts] {
    let isRandom = call.node.operation.hasPrefix("Random") || call.node.operation == "Bernoulli"
    let isConstant =
      !isRandom && call.inputs.allSatisfy { $0?.isConstant ?? true }
      && (!call.inputs.isEmpty || call.node.operation == "Constant")
    var results: [TensorFacts] = []
    for var facts in call.outputs {
      facts.isConstant = isConstant
      foldedElements += (facts.elements?.count ?? 0) + (facts.members?.count ?? 0)
      if foldedElements > ONNXLimits.allFoldedElements {
        facts.elements = nil
        facts.members = nil
      }
      results.append(facts)
    }
    return results
  }

  /// Keeps what a rule found out before it failed, and notes why the rest is unknown.
  private mutating func recover(
    _ call: OperatorCall, from failure: OperatorFailure, isLayer: Bool
  ) throws(ONNXError) -> [TensorFacts] {
    var reasons = Origins()
    let node = call.node
    switch failure {
    case .overflow(let quantity): throw .countOverflow(layer: node.name, quantity: quantity)
    case .blocked(let origins):
      reasons = origins
      if origins.members.isEmpty {
        reasons = Origins([
          addWarning(
            node: node.name, operation: node.operation, problem: "an input has no known shape",
            isQuiet: true)
        ])
      }
    case .unsupported(let problem), .invalid(let problem):
      reasons = Origins([
        addWarning(node: node.name, operation: node.operation, problem: problem, isQuiet: false)
      ])
    }
    if isLayer { leaveOut(node.name, because: reasons) }
    var results = finished(call)
    while results.count < node.outputs.count { results.append(.unknown(reasons)) }
    return results
  }

  private mutating func leaveOut(_ layer: String, because reasons: Origins) {
    for origin in reasons.members where origins.indices.contains(origin) {
      switch origins[origin] {
      case .symbol(let name):
        if neededSymbols.isEmpty { firstNeedyLayer = layer }
        if !neededSymbols.contains(name) { neededSymbols.append(name) }
      case .warning(let index):
        if warnings[index].blockedLayers.last != layer {
          warnings[index].blockedLayers.append(layer)
        }
      }
    }
  }

  /// Adds a warning and the origin for what depends on it.
  @discardableResult
  mutating func addWarning(
    node: String, operation: String, problem: String, isQuiet: Bool = false
  ) -> Int {
    warnings.append(
      ImportWarning(
        node: shortenedName(node), operation: shortenedName(operation), problem: problem,
        blockedLayers: []))
    if isQuiet { quietWarnings.insert(warnings.count - 1) }
    origins.append(.warning(warnings.count - 1))
    return origins.count - 1
  }
}

/// A name as it may stand in a message: at most 200 characters, no control characters.
func shortenedName(_ name: String) -> String {
  var result = ""
  for (count, scalar) in name.unicodeScalars.enumerated() {
    guard count < 200 else { return result + "..." }
    result.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
  }
  return result
}
