/// Coordinates of a component assigned one after the other, with what the constraints say so far.
///
/// After every assignment each constraint is certain, impossible or open, by interval arithmetic over the parameters
/// that are still open.
struct PartialAssignment {
  enum Verdict {
    case impossible
    case possible
  }

  let space: SearchSpace
  /// The parameters in the order of their assignment.
  let order: [Int]
  private(set) var coordinates: [Double]
  /// Whether the constraints (in the order of the component) hold whatever comes.
  private(set) var isSettled: [Bool]

  private let expressions: [Expression]
  private let scopes: [[Int]]
  /// For each node of each constraint the step at which its value is known; -1 for constants.
  private let steps: [[Int]]
  /// For each step the constraints with the parameter in their scope.
  private let touched: [[Int]]
  /// For each constraint and step, whether a parameter of a later step may turn out inactive.
  private let mayFallAsleep: [[Bool]]
  private let ranges: [Bounds]
  private var values: [[Double]]
  private var bounds: [[Bounds]]
  /// For each step, the nodes that later nodes still need, as (constraint, node).
  private let frontier: [[(constraint: Int, node: Int)]]
  /// For each step, the conditional parameters still open whose condition is decided.
  private let awaited: [[Int]]

  init(_ component: Component, of space: SearchSpace, order: [Int]? = nil) {
    self.space = space
    let order = order ?? component.assignmentOrder(in: space)
    self.order = order
    coordinates = [Double](repeating: Point.inactive, count: space.parameters.count)
    isSettled = component.constraints.map { _ in false }
    expressions = component.constraints.map { space.constraints[$0].expression }
    scopes = component.constraints.map { space.constraints[$0].scope }
    var stepOf = [Int](repeating: -1, count: space.parameters.count)
    for (step, parameter) in order.enumerated() { stepOf[parameter] = step }
    steps = expressions.map { Self.steps(of: $0, stepOf) }
    touched = order.map { parameter in
      component.constraints.indices.filter {
        space.constraints[component.constraints[$0]].scope.contains(parameter)
      }
    }
    mayFallAsleep = scopes.map { scope in
      order.indices.map { step in
        scope.contains { space.gates[$0] != nil && stepOf[$0] > step }
      }
    }
    ranges = space.parameters.indices.map { Self.range(of: space.parameters[$0]) }
    values = expressions.map { [Double](repeating: 0, count: $0.nodes.count) }
    bounds = expressions.map { [Bounds](repeating: .whole, count: $0.nodes.count) }
    frontier = Self.frontier(steps: steps, expressions: expressions, count: order.count)
    awaited = (0...order.count).map { step in
      order.filter { parameter in
        guard let gate = space.gates[parameter] else { return false }
        return stepOf[parameter] >= step && stepOf[gate.parent] < step
      }
    }
    for index in expressions.indices {
      for (node, step) in steps[index].enumerated() where step == -1 {
        values[index][node] = Expression.value(
          of: expressions[index].nodes[node], values[index], coordinates)
      }
    }
  }

  /// Whether the parameter of a step is active.
  func isActive(step: Int) -> Bool { space.isActive(order[step], in: coordinates) }

  /// Assigns the parameter of a step, given all earlier steps.
  ///
  /// - Returns: Whether a legal completion may exist; settled constraints are updated, see `settled`.
  mutating func assign(_ coordinate: Double, step: Int) -> Verdict {
    coordinates[order[step]] = coordinate
    for index in touched[step] where !isSettled[index] {
      guard coordinate != Point.inactive else {
        isSettled[index] = true
        continue
      }
      for node in expressions[index].nodes.indices where steps[index][node] == step {
        values[index][node] = Expression.value(
          of: expressions[index].nodes[node], values[index], coordinates)
      }
      let root = outlook(of: index, after: step)
      if root.isCertain {
        isSettled[index] = true
      } else if root.isImpossible, !mayFallAsleep[index][step] {
        return .impossible
      }
    }
    return .possible
  }

  /// Whether a block of coordinates of a step (in the order of its values) may contain a legal completion.
  mutating func mayHold(_ low: Double, _ high: Double, step: Int) -> Bool {
    let parameter = order[step]
    for index in touched[step] where !isSettled[index] && !mayFallAsleep[index][step] {
      let root = outlook(of: index, after: step - 1, block: (parameter, low, high))
      if root.isImpossible { return false }
    }
    return true
  }

  /// Which constraints are settled; to be put back before the next value of an earlier step.
  var settled: [Bool] {
    get { isSettled }
    set { isSettled = newValue }
  }

  /// Whether nothing is left to check.
  var isFree: Bool { isSettled.allSatisfy { $0 } }

  /// What the steps from `step` on depend on; equal keys have equal sets of legal completions.
  func key(step: Int) -> [UInt64] {
    var key: [UInt64] = []
    key.reserveCapacity(frontier[step].count + 2)
    var bits: UInt64 = 0
    for (index, isSettled) in isSettled.enumerated() {
      bits = bits << 1 | (isSettled ? 1 : 0)
      if index % 64 == 63 {
        key.append(bits)
        bits = 0
      }
    }
    key.append(bits)
    for (constraint, node) in frontier[step] {
      key.append(isSettled[constraint] ? 0 : values[constraint][node].bitPattern)
    }
    for parameter in awaited[step] { key.append(isAwake(parameter) ? 1 : 0) }
    return key
  }

  private func isAwake(_ parameter: Int) -> Bool { space.isActive(parameter, in: coordinates) }

  private mutating func outlook(
    of index: Int, after step: Int, block: (parameter: Int, low: Double, high: Double)? = nil
  ) -> Bounds {
    let nodes = expressions[index].nodes
    for node in nodes.indices {
      if steps[index][node] <= step {
        bounds[index][node] = Bounds(values[index][node])
        continue
      }
      let item = nodes[node]
      switch item.operation {
      case .constant: bounds[index][node] = Bounds(item.constant)
      case .linear, .table:
        if let block, block.parameter == item.a {
          bounds[index][node] = Self.bounds(of: item, block.low, block.high)
        } else if item.operation == .linear, item.scale == 1, item.constant == 0 {
          bounds[index][node] = Bounds(low: ranges[item.a].low, high: ranges[item.a].high)
        } else {
          bounds[index][node] = Self.bounds(of: item, ranges[item.a].low, ranges[item.a].high)
        }
      case .choose:
        bounds[index][node] = .choosing(
          bounds[index][item.a], bounds[index][item.b], bounds[index][item.c])
      case .negate, .not, .floor, .ceil, .magnitude, .log2, .exp:
        bounds[index][node] = .of(item.operation, bounds[index][item.a])
      default:
        bounds[index][node] = .of(item.operation, bounds[index][item.a], bounds[index][item.b])
      }
    }
    return bounds[index].last ?? .whole
  }

  /// The values of a parameter node between two coordinates.
  private static func bounds(of node: Expression.Node, _ low: Double, _ high: Double) -> Bounds {
    if node.operation == .linear {
      return Bounds(low: node.scale * low + node.constant, high: node.scale * high + node.constant)
    }
    let slice = node.table[Int(low)...Int(high)]
    return Bounds(low: slice.min() ?? 0, high: slice.max() ?? 0)
  }

  private static func range(of parameter: Parameter) -> Bounds {
    if case .reals(let range, _) = parameter.domain {
      return Bounds(low: range.lowerBound, high: range.upperBound)
    }
    return Bounds(low: 0, high: Double((parameter.valueCount ?? 1) - 1))
  }

  static func steps(of expression: Expression, _ stepOf: [Int]) -> [Int] {
    var steps: [Int] = []
    for node in expression.nodes {
      switch node.operation {
      case .constant: steps.append(-1)
      case .linear, .table: steps.append(stepOf[node.a])
      case .choose: steps.append(max(steps[node.a], steps[node.b], steps[node.c]))
      case .negate, .not, .floor, .ceil, .magnitude, .log2, .exp: steps.append(steps[node.a])
      default: steps.append(max(steps[node.a], steps[node.b]))
      }
    }
    return steps
  }

  static func frontier(steps: [[Int]], expressions: [Expression], count: Int)
    -> [[(constraint: Int, node: Int)]]
  {
    var frontier = [[(constraint: Int, node: Int)]](repeating: [], count: count + 1)
    for (constraint, expression) in expressions.enumerated() {
      // The last step at which a node's value is read by another node.
      var needed = [Int](repeating: -1, count: expression.nodes.count)
      for (index, node) in expression.nodes.enumerated() {
        let operands: [Int]
        switch node.operation {
        case .constant, .linear, .table: operands = []
        case .choose: operands = [node.a, node.b, node.c]
        case .negate, .not, .floor, .ceil, .magnitude, .log2, .exp: operands = [node.a]
        default: operands = [node.a, node.b]
        }
        for operand in operands {
          needed[operand] = max(needed[operand], steps[constraint][index])
        }
      }
      for node in expression.nodes.indices where steps[constraint][node] >= 0 {
        let known = steps[constraint][node]
        for step in stride(from: known + 1, through: max(known, needed[node]), by: 1) {
          frontier[step].append((constraint, node))
        }
      }
    }
    return frontier
  }
}
