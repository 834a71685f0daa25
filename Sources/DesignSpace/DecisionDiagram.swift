import Execution

/// All legal designs of a component as a graph: from the root one edge per value of one parameter after the other.
///
/// Partial designs with equal sets of legal completions share a node, which is what makes counting feasible: the nodes
/// that a sum or product of eight parameters needs are its distinct partial values, not their combinations. Counts are
/// exact, sampling is exactly uniform, and the nearest legal design is a shortest path.
/// - SeeAlso: Srinivasan, Kam, Malik, Brayton 1990, "Algorithms for discrete function manipulation" (multi-valued
///   decision diagrams); Knuth, TAOCP 4A, section 7.1.4, for counting and sampling.
struct DecisionDiagram: Sendable {
  struct Node: Sendable {
    /// Where the edges begin; one per value, a single one when the parameter is inactive.
    var firstEdge: Int
    var edgeCount: Int
    var isInactive: Bool
    /// Legal designs below.
    var total: DesignCount
  }

  /// Parameters in the order of the steps.
  let order: [Int]
  /// Node 0 is the end; children come before their parents, the root last.
  private(set) var nodes: [Node]
  /// Indices of nodes; -1 where no legal design is.
  private(set) var edges: [Int32]

  /// Builds the diagram.
  ///
  /// - Parameter largestEdgeCount: How many values are tried at most.
  /// - Returns: `nil` when that is not enough, or a parameter is real.
  init?(_ component: Component, of space: SearchSpace, largestEdgeCount: Int) {
    var builder = Builder(
      assignment: PartialAssignment(component, of: space), budget: largestEdgeCount)
    order = builder.assignment.order
    guard order.allSatisfy({ space.parameters[$0].valueCount != nil }) else { return nil }
    guard let root = builder.node(step: 0) else { return nil }
    nodes = builder.nodes
    edges = builder.edges
    // A component without a legal design has a root all the same.
    if root < 0 {
      nodes.append(Node(firstEdge: 0, edgeCount: 0, isInactive: false, total: .zero))
    }
  }

  /// How many legal designs there are.
  var count: DesignCount { nodes[nodes.count - 1].total }

  /// Writes a uniform legal design; there is one.
  func sample(into coordinates: inout [Double], using generator: inout SeededGenerator) {
    var index = nodes.count - 1
    for parameter in order {
      let node = nodes[index]
      if node.isInactive {
        coordinates[parameter] = Point.inactive
        index = Int(edges[node.firstEdge])
        continue
      }
      var rest = node.total.random(using: &generator)
      for value in 0..<node.edgeCount {
        let child = edges[node.firstEdge + value]
        guard child >= 0 else { continue }
        if rest < nodes[Int(child)].total {
          coordinates[parameter] = Double(value)
          index = Int(child)
          break
        }
        rest = rest - nodes[Int(child)].total
      }
    }
  }

  /// Writes the legal design nearest to the coordinates that are there.
  ///
  /// - Complexity: O(*edges*).
  func moveToNearest(_ coordinates: inout [Double], in space: SearchSpace) {
    var best = [Double](repeating: .infinity, count: nodes.count)
    var choice = [Int](repeating: 0, count: nodes.count)
    best[0] = 0
    // The steps of nodes: found from the root down, edges lead one step on.
    var steps = [Int](repeating: order.count, count: nodes.count)
    for index in nodes.indices.reversed() where index > 0 {
      if index == nodes.count - 1 { steps[index] = 0 }
      for edge in nodes[index].firstEdge..<(nodes[index].firstEdge + nodes[index].edgeCount)
      where edges[edge] > 0 {
        steps[Int(edges[edge])] = steps[index] + 1
      }
    }
    for index in nodes.indices where index > 0 {
      let parameter = order[steps[index]]
      for value in 0..<nodes[index].edgeCount {
        let child = Int(edges[nodes[index].firstEdge + value])
        guard child >= 0 else { continue }
        let coordinate = nodes[index].isInactive ? Point.inactive : Double(value)
        let distance =
          best[child] + space.parameterDistance(parameter, coordinates[parameter], coordinate)
        if distance < best[index] {
          best[index] = distance
          choice[index] = value
        }
      }
    }
    var index = nodes.count - 1
    for parameter in order {
      coordinates[parameter] = nodes[index].isInactive ? Point.inactive : Double(choice[index])
      index = Int(edges[nodes[index].firstEdge + choice[index]])
    }
  }

  private struct Builder {
    var assignment: PartialAssignment
    var budget: Int
    var nodes = [Node(firstEdge: 0, edgeCount: 0, isInactive: false, total: DesignCount(1))]
    var edges: [Int32] = []
    var known: [[[UInt64]: Int32]]

    init(assignment: PartialAssignment, budget: Int) {
      self.assignment = assignment
      self.budget = budget
      known = assignment.order.map { _ in [:] }
    }

    /// The node of the current partial design; -1 when it has no legal completion, `nil` when the budget is spent.
    mutating func node(step: Int) -> Int32? {
      guard step < assignment.order.count else { return 0 }
      let key = assignment.key(step: step)
      if let node = known[step][key] { return node }
      let settled = assignment.settled
      let isActive = assignment.isActive(step: step)
      let count =
        isActive ? assignment.space.parameters[assignment.order[step]].valueCount ?? 0 : 1
      guard count <= budget else { return nil }
      budget -= count
      var children: [Int32] = []
      children.reserveCapacity(count)
      var total = DesignCount.zero
      for value in 0..<count {
        assignment.settled = settled
        let coordinate = isActive ? Double(value) : Point.inactive
        guard assignment.assign(coordinate, step: step) == .possible else {
          children.append(-1)
          continue
        }
        guard let child = node(step: step + 1) else { return nil }
        children.append(child)
        if child >= 0 { total = total + nodes[Int(child)].total }
      }
      assignment.settled = settled
      var result: Int32 = -1
      if !total.isZero {
        result = Int32(nodes.count)
        nodes.append(
          Node(
            firstEdge: edges.count, edgeCount: count, isInactive: !isActive, total: total))
        edges += children
      }
      known[step][key] = result
      return result
    }
  }
}
