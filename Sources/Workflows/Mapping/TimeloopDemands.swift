public import Accelerator
public import Interchange
public import MappingSearch
public import Workload

/// What the constraints in a Timeloop architecture file demand of mappings.
///
/// Every demand becomes a rule of the map space, or is refused by name. Permissions (remainders, overbooking) ask nothing:
/// a mapping without them obeys.
public struct TimeloopDemands: Sendable {
  /// The file, for messages.
  public let path: String
  /// The demands.
  public let constraints: TimeloopConstraints

  /// The demands in an architecture file; `nil` for files of ours, and where nothing is asked of loops or parallelism.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init?(readingFile path: String) throws(SpecificationError) {
    let bytes = try SpecificationNode.bytes(ofFile: path)
    let root = try? SpecificationNode(parsing: bytes, file: path, dialect: .foreign)
    guard let root, case .mapping = root.tree,
      root.optional("architecture") != nil || root.optional("arch") != nil
    else { return nil }
    let found = try TimeloopInput(parsing: [(path, bytes)]).constraints().value
    guard !found.loops.isEmpty || found.minimumParallelism != nil else { return nil }
    self.init(path: path, constraints: found)
  }

  /// Demands from elsewhere.
  public init(path: String, constraints: TimeloopConstraints) {
    self.path = path
    self.constraints = constraints
  }

  /// Adds the demands to rules for one layer.
  ///
  /// Dimensions the layer does not have are passed over, and so is an exact factor above the layer's bound, as Timeloop
  /// does: one file serves every layer.
  ///
  /// - Throws: `SpecificationError` naming a demand that no rule expresses.
  public func add(
    to rules: inout MapSpaceConstraints, for layer: Layer, on architecture: Architecture
  ) throws(SpecificationError) {
    for loops in constraints.loops {
      switch loops.nest {
      case .temporal(let level):
        try rules.levels.append(temporal(loops, level, layer, architecture))
      case .spatial(let level, _):
        try rules.levels.append(spatial(loops, level, layer, architecture))
      }
    }
    if let share = constraints.minimumParallelism, share > 0 {
      rules.smallestUtilization = max(rules.smallestUtilization ?? 0, share)
    }
  }

  private func temporal(
    _ loops: TimeloopConstraints.Loops, _ level: Int, _ layer: Layer, _ machine: Architecture
  ) throws(SpecificationError) -> MapSpaceConstraints.LevelRules {
    var rules = MapSpaceConstraints.LevelRules(level: .index(level))
    let names = layer.dimensions.map(\.name)
    rules.temporal = try factors(loops, layer, "temporal loops of \(machine.levels[level].name)")
    rules.innermostLoops = loops.innermost.filter(names.contains)
    rules.outermostLoops = loops.outermost.reversed().filter(names.contains)
    return rules
  }

  /// A fan-out along one axis; Timeloop's factors are over both axes together, and orders along an axis cost nothing here.
  private func spatial(
    _ loops: TimeloopConstraints.Loops, _ level: Int, _ layer: Layer, _ machine: Architecture
  ) throws(SpecificationError) -> MapSpaceConstraints.LevelRules {
    guard level >= 0 else {
      throw refused("spatial constraint above \(machine.levels[0].name)")
    }
    let place = "spatial loops below \(machine.levels[level].name)"
    let mesh = machine.fanOut(below: level)
    let count = constraints.loops.count {
      if case .spatial(level, _) = $0.nest { true } else { false }
    }
    guard count == 1, mesh.x == 1 || mesh.y == 1 else {
      throw refused("constraint on \(place), a fan-out of \(mesh.x) x \(mesh.y)")
    }
    guard loops.outermost.isEmpty, loops.innermost.count < 2 || loops.split != nil else {
      throw refused("permutation of \(place)")
    }
    var rules = MapSpaceConstraints.LevelRules(level: .index(level))
    let found = try factors(loops, layer, place)
    if mesh.y == 1 { rules.spatialX = found } else { rules.spatialY = found }
    return rules
  }

  private func factors(
    _ loops: TimeloopConstraints.Loops, _ layer: Layer, _ place: String
  ) throws(SpecificationError) -> [MapSpaceConstraints.DimensionRule] {
    var rules: [MapSpaceConstraints.DimensionRule] = []
    for dimension in layer.dimensions {
      let own = loops.factors.filter { $0.dimension == dimension.name }
      for factor in own {
        let value = factor.value ?? dimension.bound
        switch factor.relation {
        case .exactly where value <= dimension.bound:
          rules.append(.init(dimension.name, .exactly(value)))
        case .exactly: continue
        case .atMost: rules.append(.init(dimension.name, .atMost(value)))
        case .atLeast where value <= 1: continue
        case .atLeast where value == dimension.bound:
          rules.append(.init(dimension.name, .exactly(value)))
        case .atLeast:
          throw refused("\(dimension.name)>=\(value) in the \(place)")
        }
      }
      if let most = loops.defaultMaximum, !own.contains(where: { $0.relation != .atLeast }) {
        rules.append(.init(dimension.name, .atMost(most)))
      }
      if let least = loops.defaultMinimum, least > 1,
        !own.contains(where: { $0.relation != .atMost })
      {
        throw refused("default_min_factor \(least) of the \(place)")
      }
    }
    return rules
  }

  private func refused(_ demand: String) -> SpecificationError {
    .wrongValue(
      at: SpecificationPlace(file: path, line: 1), got: demand,
      expected: "constraints that map can apply",
      hint: "remove it from the file and give rules with --constraints instead")
  }
}
