/// The values that nodes of one graph, branch or function body can refer to.
struct ONNXScope {
  /// Versions of the operator sets in force.
  let version: [String: Int]
  private(set) var values: [String: TensorFacts] = [:]
  /// Shapes that the file declares.
  var declared: [String: ONNXValueInfo] = [:]
  /// Inputs of a function that the call leaves out.
  var omitted: Set<String> = []
  /// The graph around a branch.
  private let outer: [ONNXScope]

  init(version: [String: Int], outer: ONNXScope? = nil) {
    self.version = version
    self.outer = outer.map { [$0] } ?? []
  }

  func lookUp(_ name: String) -> TensorFacts? {
    values[name] ?? outer.first?.lookUp(name)
  }

  mutating func define(_ name: String, _ facts: TensorFacts, by node: String) throws(ONNXError) {
    guard values.updateValue(facts, forKey: name) == nil else {
      throw .inconsistent(node: node, value: name, rule: .definedTwice)
    }
  }

  /// The nodes in an order in which every value is defined before it is used.
  ///
  /// Files keep such an order by the standard; where one does not, nodes move as little as possible. Names that
  /// nothing defines are left for the caller to report.
  /// - Complexity: O(*inputs*), and a queue only where the order is wrong.
  func sorted(_ nodes: [ONNXNode]) throws(ONNXError) -> [ONNXNode] {
    let nodes = omitted.isEmpty ? nodes : nodes.map { $0.omitting(omitted) }
    var producer: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.outputs where !name.isEmpty {
        guard producer.updateValue(index, forKey: name) == nil else {
          throw .inconsistent(node: node.title, value: name, rule: .definedTwice)
        }
      }
    }
    let needs = nodes.map { node in
      node.allInputs.compactMap { values[$0] == nil ? producer[$0] : nil }
    }
    if needs.indices.allSatisfy({ index in needs[index].allSatisfy { $0 < index } }) {
      return nodes
    }
    var users: [[Int]] = Array(repeating: [], count: nodes.count)
    var open = needs.map(\.count)
    for (index, list) in needs.enumerated() {
      for need in list { users[need].append(index) }
    }
    var ready = MinimumQueue(needs.indices.filter { open[$0] == 0 })
    var order: [ONNXNode] = []
    while let index = ready.popFirst() {
      order.append(nodes[index])
      for user in users[index] {
        open[user] -= 1
        if open[user] == 0 { ready.insert(user) }
      }
    }
    guard order.count == nodes.count else {
      let stuck = open.firstIndex { $0 > 0 } ?? 0
      let name = nodes[stuck].allInputs.first { producer[$0].map { open[$0] > 0 } ?? false }
      throw .inconsistent(node: nodes[stuck].title, value: name ?? "", rule: .cycle)
    }
    return order
  }
}

/// A heap of positions, smallest first.
private struct MinimumQueue {
  private var heap: [Int] = []

  init(_ ascending: [Int]) { heap = ascending }

  mutating func insert(_ value: Int) {
    heap.append(value)
    var child = heap.count - 1
    while child > 0, heap[(child - 1) / 2] > heap[child] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child] < heap[smallest] { smallest = child }
      }
      guard smallest != parent else { return first }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}

extension ONNXNode {
  /// The inputs of the node and the names that its branches use.
  fileprivate var allInputs: [String] {
    var names = inputs.filter { !$0.isEmpty }
    for attribute in attributes {
      if case .graph(let graph) = attribute.value { names += graph.nodes.flatMap(\.allInputs) }
    }
    return names
  }

  /// The node of a function body with the names of omitted inputs left empty.
  fileprivate func omitting(_ names: Set<String>) -> ONNXNode {
    var copy = self
    copy.inputs = inputs.map { names.contains($0) ? "" : $0 }
    return copy
  }

  /// The node of a function body with attributes taken from the calling node, or else from the defaults.
  func resolvingReferences(to caller: ONNXNode, _ defaults: [ONNXAttribute]) -> ONNXNode {
    var copy = self
    copy.attributes = attributes.compactMap { attribute in
      var attribute = attribute
      switch attribute.value {
      case .reference(let name):
        guard
          let value = caller.attribute(name) ?? defaults.first(where: { $0.name == name })?.value
        else { return nil }
        attribute.value = value
      case .graph(var graph):
        graph.nodes = graph.nodes.map { $0.resolvingReferences(to: caller, defaults) }
        attribute.value = .graph(graph)
      default: break
      }
      return attribute
    }
    return copy
  }
}
