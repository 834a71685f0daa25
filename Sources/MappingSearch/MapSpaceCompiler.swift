import Accelerator
import CostModel
import Workload

/// Resolves the names of constraints and refuses rules that are wrong by themselves or two by two.
struct MapSpaceCompiler {
  typealias Rules = MapSpaceConstraints.LevelRules

  let layer: Layer
  let architecture: Architecture
  let constraints: MapSpaceConstraints
  let terms: CostTerms
  private(set) var rules: [CompiledRule] = []

  var levelCount: Int { architecture.levels.count }
  var dimensionCount: Int { layer.dimensions.count }

  init(
    _ layer: Layer, _ architecture: Architecture, _ constraints: MapSpaceConstraints,
    _ terms: CostTerms
  ) throws(MapSpaceError) {
    self.layer = layer
    self.architecture = architecture
    self.constraints = constraints
    self.terms = terms
    for (index, level) in constraints.levels.enumerated() {
      try add(level, field: "levels[\(index)]")
    }
    if let share = constraints.smallestUtilization {
      let name = MapSpaceRule(
        "minimum utilization \(share) of the MAC array", field: "minimumUtilization")
      let units = try units(share, of: architecture.compute.mesh.count, name)
      rules.append(CompiledRule(name: name, effect: .arrayUtilization(units: units)))
    }
    try checkPairs()
  }

  private mutating func add(_ rules: Rules, field: String) throws(MapSpaceError) {
    let level = try index(of: rules.level, field: field)
    let title = "level \"\(architecture.levels[level].name)\""
    for (key, place, list) in [
      ("temporal", CompiledRule.Place.temporal, rules.temporal), ("spatialX", .x, rules.spatialX),
      ("spatialY", .y, rules.spatialY),
    ] {
      for (position, item) in list.enumerated() {
        try add(item, place, level, "\(title): \(key)", "\(field).\(key)[\(position)]")
      }
    }
    for (key, place, names) in [
      ("allowedX", CompiledRule.Place.x, rules.allowedX), ("allowedY", .y, rules.allowedY),
    ] {
      guard let names else { continue }
      let name = MapSpaceRule(
        "\(title): \(key) [\(names.joined(separator: ", "))]", field: "\(field).\(key)")
      var bits: UInt32 = 0
      for dimension in names { bits |= 1 << UInt32(try index(ofDimension: dimension, in: name)) }
      self.rules.append(
        CompiledRule(name: name, effect: .allowed(place, level: level, dimensions: bits)))
    }
    for (key, names) in [
      ("innermost", rules.innermostLoops), ("outermost", rules.outermostLoops),
    ] where !names.isEmpty {
      let name = MapSpaceRule(
        "\(title): \(key) [\(names.joined(separator: ", "))]", field: "\(field).\(key)")
      var order: [Int] = []
      for dimension in names {
        let index = try index(ofDimension: dimension, in: name)
        guard !order.contains(index) else {
          throw .contradiction(
            [name], because: "dimension \(dimension) stands in the order twice; name it once")
        }
        order.append(index)
      }
      self.rules.append(
        CompiledRule(
          name: name,
          effect: key == "innermost"
            ? .innermost(level: level, order) : .outermost(level: level, order)))
    }
    try addLimits(rules, level, title, field)
    for item in rules.tensors {
      let name = MapSpaceRule(
        "\(title): \(item.keeping.rawValue) \(item.tensor)",
        field: "\(field).\(item.keeping.rawValue)")
      guard let tensor = layer.operandIndex(named: item.tensor) else {
        throw .unknownName(
          in: name, what: "tensor", name: item.tensor, known: layer.operands.map(\.name))
      }
      guard level > 0 || item.keeping == .keep else {
        throw .outermostBypasses(name, tensor: item.tensor)
      }
      self.rules.append(
        CompiledRule(
          name: name, effect: .tensor(level: level, tensor: tensor, item.keeping)))
    }
  }

  private mutating func addLimits(
    _ rules: Rules, _ level: Int, _ title: String, _ field: String
  ) throws(MapSpaceError) {
    let limits: [(String, Int?, (Int) -> CompiledRule.Effect)] = [
      ("x", rules.largestX, { .largestX(level: level, $0) }),
      ("y", rules.largestY, { .largestY(level: level, $0) }),
      ("total", rules.largestFanOut, { .largestTotal(level: level, $0) }),
    ]
    for (key, limit, effect) in limits {
      guard let limit else { continue }
      let name = MapSpaceRule(
        "\(title): maximum fan-out \(key) \(limit)", field: "\(field).maximumFanOut.\(key)")
      guard limit >= 1 else {
        throw .outOfRange(name, got: "\(limit)", expected: "a whole number of at least 1")
      }
      self.rules.append(CompiledRule(name: name, effect: effect(limit)))
    }
    if let share = rules.smallestUtilization {
      let name = MapSpaceRule(
        "\(title): minimum utilization \(share) of the fan-out",
        field: "\(field).minimumUtilization")
      let units = try units(share, of: architecture.fanOut(below: level).count, name)
      self.rules.append(
        CompiledRule(name: name, effect: .utilization(level: level, units: units)))
    }
  }

  private mutating func add(
    _ item: MapSpaceConstraints.DimensionRule, _ place: CompiledRule.Place, _ level: Int,
    _ title: String, _ field: String
  ) throws(MapSpaceError) {
    let (sign, factor) =
      switch item.rule {
      case .exactly(let factor): ("=", factor)
      case .atMost(let factor): ("<=", factor)
      }
    let name = MapSpaceRule("\(title) \(item.dimension) \(sign) \(factor)", field: field)
    let dimension = try index(ofDimension: item.dimension, in: name)
    guard factor >= 1 else {
      throw .outOfRange(name, got: "\(factor)", expected: "a whole number of at least 1")
    }
    let bound = layer.dimensions[dimension].bound
    if case .exactly = item.rule, bound % factor != 0 {
      throw .contradiction(
        [name, MapSpaceRule("layer \"\(layer.name)\": \(item.dimension) = \(bound)")],
        because: "\(factor) does not divide \(bound); near it are "
          + MapSpaceCompiler.neighbors(of: factor, dividing: bound))
    }
    rules.append(
      CompiledRule(
        name: name,
        effect: .factor(place, level: level, dimension: dimension, item.rule)))
  }

  /// The divisors of `bound` next to `factor`.
  private static func neighbors(of factor: Int, dividing bound: Int) -> String {
    let all = allDivisors(of: bound)
    let below = all.last { $0 < factor }
    let above = all.first { $0 > factor }
    return [below, above].compactMap { $0.map(String.init) }.joined(separator: " and ")
  }

  private func units(_ share: Double, of count: Int, _ name: MapSpaceRule) throws(MapSpaceError)
    -> Int
  {
    guard share > 0, share <= 1 else {
      throw .outOfRange(name, got: "\(share)", expected: "a share above 0 and at most 1")
    }
    // A share such as 0.3 of 10 must not ask for 4 because 0.3 * 10 is a little more than 3.
    return max(1, Int((share * Double(count) - 1e-9).rounded(.up)))
  }

  private func index(of reference: MapSpaceConstraints.LevelReference, field: String)
    throws(MapSpaceError) -> Int
  {
    let names = architecture.levels.map(\.name)
    switch reference {
    case .index(let index):
      guard names.indices.contains(index) else {
        throw .outOfRange(
          MapSpaceRule(field, field: "\(field).level"), got: "level \(index)",
          expected: "0 to \(names.count - 1): \(names.joined(separator: ", "))")
      }
      return index
    case .name(let name):
      guard let index = architecture.levelIndex(named: name) else {
        throw .unknownName(
          in: MapSpaceRule(field, field: "\(field).level"), what: "level", name: name, known: names)
      }
      return index
    }
  }

  private func index(ofDimension name: String, in rule: MapSpaceRule) throws(MapSpaceError) -> Int {
    guard let index = layer.dimensionIndex(named: name) else {
      throw .unknownName(
        in: rule, what: "dimension", name: name, known: layer.dimensions.map(\.name))
    }
    return index
  }

  // MARK: Two rules against each other

  private func checkPairs() throws(MapSpaceError) {
    for (position, second) in rules.enumerated() {
      for first in rules[..<position] {
        if let reason = conflict(first.effect, second.effect) {
          throw .contradiction([first.name, second.name], because: reason)
        }
      }
    }
    for rule in rules {
      guard case .factor(let place, let level, _, .exactly(let factor)) = rule.effect,
        place != .temporal
      else { continue }
      let inner =
        level + 1 < levelCount ? architecture.levels[level + 1].mesh : architecture.compute.mesh
      let have = place == .x ? inner.x : inner.y
      if factor > have {
        let axis = place == .x ? "X" : "Y"
        throw .contradiction(
          [
            rule.name, MapSpaceRule("architecture \"\(architecture.name)\": \(have) along \(axis)"),
          ],
          because: "the level inside has \(have) instances along \(axis) on the whole chip")
      }
    }
  }

  private func conflict(_ first: CompiledRule.Effect, _ second: CompiledRule.Effect) -> String? {
    switch (first, second) {
    case (.factor(let p, let l, let d, let a), .factor(let q, let m, let e, let b))
    where p == q && l == m && d == e:
      switch (a, b) {
      case (.exactly(let x), .exactly(let y)) where x != y:
        return "one factor cannot be \(x) and \(y)"
      case (.exactly(let x), .atMost(let y)) where x > y,
        (.atMost(let y), .exactly(let x)) where x > y:
        return "\(x) is more than \(y)"
      default: return nil
      }
    case (.factor(let p, let l, let d, .exactly(let x)), .allowed(let q, let m, let bits)),
      (.allowed(let q, let m, let bits), .factor(let p, let l, let d, .exactly(let x))):
      guard p == q, l == m, x > 1, bits >> UInt32(d) & 1 == 0 else { return nil }
      return "add \(layer.dimensions[d].name) to the allowed dimensions or drop the factor"
    case (.tensor(let l, let t, let a), .tensor(let m, let u, let b))
    where l == m && t == u && a != b:
      return "keep one of them"
    case (.innermost(let l, let a), .innermost(let m, let b)) where l == m && a != b,
      (.outermost(let l, let a), .outermost(let m, let b)) where l == m && a != b:
      return "a level has one order; keep one of them"
    case (.innermost(let l, let a), .outermost(let m, let b)) where l == m,
      (.outermost(let l, let b), .innermost(let m, let a)) where l == m:
      guard let both = a.first(where: { b.contains($0) }) else { return nil }
      return "dimension \(layer.dimensions[both].name) cannot be at both ends; name it once"
    default: return nil
    }
  }
}
