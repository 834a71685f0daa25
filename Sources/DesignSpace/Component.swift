import Foundation

/// Parameters of a space that constraints or conditions tie together, with all that ties them.
///
/// Components are independent: the designs of a space are all combinations of the designs of its components.
struct Component: Hashable, Sendable {
  /// Indices of parameters, ascending.
  var parameters: [Int]
  /// Indices of constraints, ascending.
  var constraints: [Int]

  /// The components of a space, by their first parameter.
  static func all(of space: SearchSpace) -> [Component] {
    var roots = Array(space.parameters.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while roots[index] != index { index = roots[index] }
      return index
    }
    func join(_ a: Int, _ b: Int) {
      let (x, y) = (root(a), root(b))
      roots[max(x, y)] = min(x, y)
    }
    for (index, gate) in space.gates.enumerated() {
      if let gate { join(index, gate.parent) }
    }
    for constraint in space.constraints {
      for index in constraint.scope.dropFirst() { join(constraint.scope[0], index) }
    }
    var components: [Component] = []
    var places: [Int: Int] = [:]
    for index in space.parameters.indices {
      let root = root(index)
      if let place = places[root] {
        components[place].parameters.append(index)
      } else {
        places[root] = components.count
        components.append(Component(parameters: [index], constraints: []))
      }
    }
    for (index, constraint) in space.constraints.enumerated() {
      if let place = places[root(constraint.scope[0])] {
        components[place].constraints.append(index)
      }
    }
    return components
  }

  /// Orders worth trying to assign the parameters in, conditions before what they switch: as declared, as the
  /// constraints read them, and greedily.
  func assignmentOrders(in space: SearchSpace) -> [[Int]] {
    let read = constraints.flatMap { constraint in
      space.constraints[constraint].expression.nodes.filter(\.isParameter).map(\.a)
    }
    var order: [Int] = []
    func place(_ index: Int) {
      guard !order.contains(index) else { return }
      if let gate = space.gates[index] { place(gate.parent) }
      order.append(index)
    }
    for index in read + parameters { place(index) }
    return [parameters, order, greedyOrder(in: space)]
  }

  /// The order in which the fewest values of parts of constraints have to be remembered between steps.
  func assignmentOrder(in space: SearchSpace) -> [Int] {
    assignmentOrders(in: space).min { width(of: $0, in: space) < width(of: $1, in: space) }
      ?? parameters
  }

  /// An estimate of the nodes of a diagram: over all steps, exponential in the values that are remembered.
  private func width(of order: [Int], in space: SearchSpace) -> Double {
    var stepOf = [Int](repeating: -1, count: space.parameters.count)
    for (step, parameter) in order.enumerated() { stepOf[parameter] = step }
    let expressions = constraints.map { space.constraints[$0].expression }
    let frontier = PartialAssignment.frontier(
      steps: expressions.map { PartialAssignment.steps(of: $0, stepOf) },
      expressions: expressions, count: order.count)
    return frontier.reduce(0) { $0 + pow(8, Double($1.count)) }
  }

  /// Next comes the parameter that leaves the fewest constraints half assigned, then the one with the fewest values,
  /// then the first.
  private func greedyOrder(in space: SearchSpace) -> [Int] {
    var left = parameters
    var order: [Int] = []
    let scopes = constraints.map { space.constraints[$0].scope }
    while !left.isEmpty {
      var best: (open: Int, values: Int, index: Int)?
      for index in left {
        if let gate = space.gates[index], !order.contains(gate.parent) { continue }
        let open = scopes.count { scope in
          scope.contains { $0 == index || order.contains($0) }
            && !scope.allSatisfy { $0 == index || order.contains($0) }
        }
        let values = space.parameters[index].valueCount ?? Int.max
        if let best, (best.open, best.values) <= (open, values) { continue }
        best = (open, values, index)
      }
      guard let best else { break }
      order.append(best.index)
      left.removeAll { $0 == best.index }
    }
    return order
  }
}
