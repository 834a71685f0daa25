/// Functions of the model and branches, imported in place.
extension ONNXInterpreter {
  mutating func inline(
    _ function: ONNXFunction, at node: ONNXNode, _ inputs: [TensorFacts?], in scope: ONNXScope,
    depth: Int
  ) throws(ONNXError) -> [TensorFacts] {
    var inner = ONNXScope(
      version: scope.version.merging(function.operatorSets) { _, new in new })
    for (position, name) in function.inputs.enumerated() {
      let facts = position < inputs.count ? inputs[position] : nil
      guard let facts else {
        inner.omitted.insert(name)
        continue
      }
      try inner.define(name, facts, by: node.name)
    }
    let nodes = function.nodes.map { $0.resolvingReferences(to: node, function.defaults) }
    try run(nodes, in: &inner, prefix: node.name, depth: depth + 1)
    var results: [TensorFacts] = []
    for name in function.outputs {
      guard let facts = inner.lookUp(name) else {
        throw .inconsistent(node: node.name, value: name, rule: .undefined)
      }
      results.append(facts)
    }
    return results
  }

  mutating func branch(
    of node: ONNXNode, condition: TensorFacts?, in scope: ONNXScope, depth: Int
  ) throws(ONNXError) -> [TensorFacts] {
    guard let choice = condition?.elements?.first?.integer,
      case .graph(let body) = node.attribute(choice != 0 ? "then_branch" : "else_branch")
    else {
      let origin = addWarning(
        node: node.name, operation: "If",
        problem:
          "which branch runs depends on data; \(Self.productCount(in: node)) products inside are left out"
      )
      return node.outputs.map { _ in .unknown(Origins([origin])) }
    }
    var inner = ONNXScope(version: scope.version, outer: scope)
    for tensor in body.initializers {
      try inner.define(tensor.name, TensorFacts(tensor), by: node.name)
      countParameters(of: tensor)
    }
    try run(body.nodes, in: &inner, prefix: node.name, depth: depth + 1)
    var results: [TensorFacts] = []
    for output in body.outputs {
      guard let facts = inner.lookUp(output.name) else {
        throw .inconsistent(node: node.name, value: output.name, rule: .undefined)
      }
      results.append(facts)
    }
    return results
  }

  /// How many nodes in the branches or the body of a node would give rows.
  static func productCount(in node: ONNXNode) -> Int {
    node.attributes.reduce(0) { sum, attribute in
      guard case .graph(let graph) = attribute.value else { return sum }
      return graph.nodes.reduce(sum) { sum, inner in
        let entry = ONNXOperator.find(domain: inner.domain, name: inner.operation)
        return sum + (entry?.treatment == .layer ? 1 : 0) + productCount(in: inner)
      }
    }
  }
}
