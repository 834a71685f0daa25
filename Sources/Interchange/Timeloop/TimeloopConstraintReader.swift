import Workload

/// Reads constraints, from nodes of a v0.4 tree and from lists of targets.
struct TimeloopConstraintReader {
  let hierarchy: TimeloopHierarchy
  /// The layer whose names the constraints use, when the files have one.
  let layer: Layer?
  private(set) var constraints = TimeloopConstraints()
  private(set) var warnings: [FileWarning] = []

  /// Keys that say where a constraint belongs.
  private static let structure: Set<String> = ["type", "target", "name", "version", "attributes"]
  /// Keys about reuse in hardware, which is fixed here.
  private static let reuse: Set<String> = [
    "no_reuse", "no_temporal_reuse", "no_link_transfer", "no_multicast_no_reduction",
    "rmw_first_update", "no_coalesce",
  ]
  static let kinds = [
    "bypass", "dataspace", "datatype", "max_overbooked_proportion", "parallelism", "spatial",
    "temporal", "utilization",
  ]

  init(hierarchy: TimeloopHierarchy, layer: Layer?) {
    self.hierarchy = hierarchy
    self.layer = layer
  }

  // MARK: Walking

  /// Takes everything in the order of the files.
  mutating func run() throws(SpecificationError) -> Imported<TimeloopConstraints> {
    for entry in hierarchy.constraintNodes {
      try take(entry.node, kind: entry.kind, target: entry.target)
    }
    return Imported(constraints, warnings: warnings)
  }

  private mutating func take(_ node: SpecificationNode, kind: String, target: String)
    throws(SpecificationError)
  {
    // Old files put the values one level deeper.
    let values = node.member("attributes") ?? node
    switch kind {
    case "temporal":
      guard let level = hierarchy.level(target) else {
        // A fan-out stores nothing, so its temporal factors can only be 1.
        guard hierarchy.fanOuts[target] != nil else { throw unknownTarget(node, target) }
        return
      }
      try takeLoops(values, .temporal(level: level))
    case "spatial":
      guard let place = hierarchy.fanOut(target) else { throw unknownTarget(node, target) }
      try takeLoops(values, .spatial(level: place.level, rank: place.rank))
    case "bypass", "bypassing", "dataspace", "datatype":
      guard let level = hierarchy.level(target) else {
        guard hierarchy.fanOuts[target] != nil else { throw unknownTarget(node, target) }
        return
      }
      try takeStorage(values, level: level)
    case "utilization", "parallelism":
      try takeParallelism(node, values, target: target)
    case "max_overbooked_proportion":
      guard let level = hierarchy.level(target) else { throw unknownTarget(node, target) }
      try takeOverbooking(node, level: level)
    default:
      throw .unknownName(
        at: node.member("type")?.place ?? node.place, what: "constraint", name: kind,
        known: Self.kinds)
    }
  }

  private func unknownTarget(_ node: SpecificationNode, _ target: String) -> SpecificationError {
    .unknownName(
      at: node.member("target")?.place ?? node.place, what: "target", name: target,
      known: hierarchy.levels.map(\.name))
  }

  // MARK: Loops

  private mutating func takeLoops(_ node: SpecificationNode, _ nest: TimeloopConstraints.Nest)
    throws(SpecificationError)
  {
    let index =
      constraints.loops.firstIndex { $0.nest == nest }
      ?? {
        constraints.loops.append(TimeloopConstraints.Loops(nest: nest))
        return constraints.loops.count - 1
      }()
    var loops = constraints.loops[index]
    var isSpatial = false
    if case .spatial = nest { isSpatial = true }
    for (written, value) in try node.pairs(expected: "constraints on loops") {
      let key = written.replacing("-", with: "_")
      switch key {
      case "factors", "factors_only":
        try takeFactors(value, into: &loops)
      case "default_max_factor":
        loops.defaultMaximum = try single(value, loops.defaultMaximum, in: 1...Layer.largestBound)
      case "default_min_factor":
        loops.defaultMinimum = try single(value, loops.defaultMinimum, in: 1...Layer.largestBound)
      case "remainders":
        loops.remainders = try single(value, loops.remainders, in: 0...Layer.largestBound)
      case "split" where isSpatial:
        loops.split = try single(value, loops.split, in: 0...(1 << 20))
      case "permutation":
        if value.isNull || value.isEmptyCollection { continue }
        guard loops.innermost.isEmpty, loops.outermost.isEmpty else {
          throw .wrongValue(
            at: value.place, got: "a second permutation of the same loops", expected: "one")
        }
        (loops.innermost, loops.outermost) = try permutation(value)
      default:
        noteUnused(key, value)
      }
    }
    constraints.loops[index] = loops
    if loops.isEmpty { constraints.loops.remove(at: index) }
  }

  /// A number that may be said once; the same number again is no contradiction.
  private func single(_ node: SpecificationNode, _ known: Int?, in range: ClosedRange<Int>)
    throws(SpecificationError) -> Int
  {
    let value = try node.count(in: range)
    if let known, known != value {
      throw .wrongValue(at: node.place, got: "\(value) after \(known)", expected: "one value")
    }
    return value
  }

  private func takeFactors(
    _ node: SpecificationNode, into loops: inout TimeloopConstraints.Loops
  ) throws(SpecificationError) {
    if node.isNull { return }
    var items = [node]
    if node.scalarText == nil {
      items = try node.items(expected: TimeloopFactorBounds.expected)
    }
    for item in items {
      for factor in try TimeloopFactorBounds(item).factors {
        try checkDimension(factor.dimension, item)
        if let earlier = loops.factors.first(where: {
          $0.dimension == factor.dimension && $0.relation == factor.relation
        }) {
          guard earlier == factor else {
            throw .wrongValue(
              at: item.place, got: "two factors of \(factor.dimension)", expected: "one")
          }
          continue
        }
        loops.factors.append(factor)
        try checkBounds(of: factor.dimension, in: loops, item)
      }
    }
  }

  /// Whether lower bound, exact value and upper bound leave anything.
  private func checkBounds(
    of dimension: String, in loops: TimeloopConstraints.Loops, _ node: SpecificationNode
  ) throws(SpecificationError) {
    func value(_ relation: TimeloopConstraints.Relation) -> Int? {
      loops.factors.first { $0.dimension == dimension && $0.relation == relation }?.value
    }
    let low = max(value(.atLeast) ?? 1, value(.exactly) ?? 1)
    let high = min(value(.atMost) ?? .max, value(.exactly) ?? .max)
    guard low > high else { return }
    throw .wrongValue(
      at: node.place, got: "a factor of \(dimension) of at least \(low) and at most \(high)",
      expected: "bounds that leave a factor")
  }

  private func permutation(_ node: SpecificationNode) throws(SpecificationError)
    -> (innermost: [String], outermost: [String])
  {
    var names: [(String, SpecificationNode)] = []
    if let text = node.scalarText {
      names = text.filter { !$0.isWhitespace && $0 != "," }.map { (String($0), node) }
    } else {
      for item in try node.items(expected: "dimensions, innermost first") {
        names.append((try item.text(expected: "a dimension"), item))
      }
    }
    var parts: [[String]] = [[], []]
    var isOutermost = false
    for (name, place) in names {
      if name == "_" {
        isOutermost = true
        continue
      }
      try checkDimension(name, place)
      guard !parts.joined().contains(name) else {
        throw .wrongValue(
          at: place.place, got: "dimension \(shortened(name)) twice",
          expected: "each dimension once")
      }
      parts[isOutermost ? 1 : 0].append(name)
    }
    return (parts[0], parts[1])
  }

  private func checkDimension(_ name: String, _ node: SpecificationNode)
    throws(SpecificationError)
  {
    guard let layer, layer.dimensionIndex(named: name) == nil else { return }
    throw .unknownName(
      at: node.place, what: "dimension", name: name, known: layer.dimensions.map(\.name))
  }

  // MARK: Tensors

  private mutating func takeStorage(_ node: SpecificationNode, level: Int)
    throws(SpecificationError)
  {
    let index = constraints.storage.firstIndex { $0.level == level }
    var storage = index.map { constraints.storage[$0] } ?? TimeloopConstraints.Storage(level: level)
    for (written, value) in try node.pairs(expected: "keep and bypass") {
      let key = written.replacing("-", with: "_")
      guard key == "keep" || key == "bypass" else {
        noteUnused(key, value)
        continue
      }
      if value.isNull { continue }
      for name in try value.names(expected: "a list of tensors") {
        if let layer, layer.operandIndex(named: name) == nil {
          throw .unknownName(
            at: value.place, what: "tensor", name: name, known: layer.operands.map(\.name))
        }
        guard !(key == "keep" ? storage.bypass : storage.keep).contains(name) else {
          throw .wrongValue(
            at: value.place, got: "\(shortened(name)) both kept and bypassed", expected: "one")
        }
        if key == "keep" {
          if !storage.keep.contains(name) { storage.keep.append(name) }
        } else if !storage.bypass.contains(name) {
          storage.bypass.append(name)
        }
      }
    }
    if let index {
      constraints.storage[index] = storage
    } else if storage != TimeloopConstraints.Storage(level: level) {
      constraints.storage.append(storage)
    }
  }

  // MARK: Numbers

  private mutating func takeParallelism(
    _ node: SpecificationNode, _ values: SpecificationNode, target: String
  ) throws(SpecificationError) {
    guard let level = hierarchy.level(target) else { throw unknownTarget(node, target) }
    guard level == hierarchy.levels.count - 1 else {
      throw .wrongValue(
        at: node.member("target")?.place ?? node.place,
        got: "the parallelism of \(shortened(target))",
        expected: "that of the innermost level, \(hierarchy.levels.last?.name ?? "")")
    }
    let minimum = try values.required("min", expected: "a share of the MAC units in 0...1")
    guard constraints.minimumParallelism == nil else {
      throw .wrongValue(at: minimum.place, got: "a second parallelism", expected: "one")
    }
    constraints.minimumParallelism = try minimum.amount(in: 0...1)
    for (key, value) in try values.pairs(expected: "a minimum") where key != "min" {
      noteUnused(key.replacing("-", with: "_"), value)
    }
  }

  private mutating func takeOverbooking(_ node: SpecificationNode, level: Int)
    throws(SpecificationError)
  {
    let value = try node.required("proportion", expected: "a share of tiles in 0...1")
    guard !constraints.overbooking.contains(where: { $0.level == level }) else {
      throw .wrongValue(at: value.place, got: "a second proportion of a level", expected: "one")
    }
    let proportion = try value.amount(in: 0...1)
    for (key, value) in try node.pairs(expected: "a proportion") where key != "proportion" {
      noteUnused(key.replacing("-", with: "_"), value)
    }
    guard proportion > 0 else { return }
    constraints.overbooking.append(
      TimeloopConstraints.Overbooking(level: level, proportion: proportion))
  }

  private mutating func noteUnused(_ key: String, _ value: SpecificationNode) {
    if Self.structure.contains(key) || value.isNull || value.isEmptyCollection { return }
    let problem =
      Self.reuse.contains(key)
      ? "reuse in hardware cannot be constrained, left out" : "no counterpart, left out"
    warnings.append(FileWarning(at: value.place, problem))
  }
}
