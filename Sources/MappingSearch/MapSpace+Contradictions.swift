import Accelerator
import Workload

extension MapSpace {
  /// Refuses rules that leave nothing: a smallest set of them that cannot be obeyed together is named.
  func checkThatItIsNotEmpty(_ compiler: MapSpaceCompiler) throws(MapSpaceError) {
    guard restrictsLoops, isEmpty else { return }
    // Leave out one rule after the other; what cannot be left out takes part in the contradiction.
    var guilty = rules.filter { $0.effect.restrictsLoops }
    for rule in guilty.reversed() {
      let others = guilty.filter { $0.name != rule.name }
      if MapSpace(compiler, rules: others).isEmpty { guilty = others }
    }
    let utilizations = guilty.indices.filter { guilty[$0].units != nil }
    if let index = utilizations.last {
      let rule = guilty.remove(at: index)
      throw .unreachableUtilization(
        rule.name, best: bestUnits(rule, with: guilty, compiler) ?? 1, of: allUnits(rule),
        under: guilty.map(\.name),
        reachable: bestUnits(rule, with: rules.filter { $0.name != rule.name }, compiler))
    }
    throw .contradiction(
      guilty.map(\.name) + (guilty.count == 1 ? [counterpart(of: guilty[0])] : []),
      because: reason(guilty))
  }

  private func allUnits(_ rule: CompiledRule) -> Int {
    if case .utilization(let level, _) = rule.effect {
      return architecture.fanOut(below: level).count
    }
    return architecture.compute.mesh.count
  }

  /// The most units the rule's fan-out can use under other rules, by bisection; `nil` when they leave nothing.
  private func bestUnits(
    _ rule: CompiledRule, with others: [CompiledRule], _ compiler: MapSpaceCompiler
  ) -> Int? {
    let isReachable = { (units: Int) in
      var trial = rule
      trial.units = units
      return !MapSpace(compiler, rules: others + [trial]).isEmpty
    }
    var reachable = 1
    var unreachable = rule.units ?? 1
    guard isReachable(reachable) else { return nil }
    while unreachable - reachable > 1 {
      let middle = (reachable + unreachable) / 2
      if isReachable(middle) { reachable = middle } else { unreachable = middle }
    }
    return reachable
  }

  /// What a single impossible rule is against.
  private func counterpart(of rule: CompiledRule) -> MapSpaceRule {
    if case .factor(_, _, let dimension, _) = rule.effect {
      let name = layer.dimensions[dimension]
      return MapSpaceRule("layer \"\(layer.name)\": \(name.name) = \(name.bound)")
    }
    let mesh = architecture.compute.mesh
    return MapSpaceRule("architecture \"\(architecture.name)\": \(mesh.x) x \(mesh.y) MACs")
  }

  private func reason(_ guilty: [CompiledRule]) -> String {
    var dimensions: Set<Int> = []
    var product = 1
    var hasCeiling = false
    for rule in guilty {
      guard case .factor(_, _, let dimension, let factor) = rule.effect else {
        return "no split of the bounds obeys them together; loosen one of them"
      }
      dimensions.insert(dimension)
      switch factor {
      case .exactly(let value):
        product = product.multipliedReportingOverflow(by: value).partialValue
      case .atMost: hasCeiling = true
      }
    }
    guard dimensions.count == 1, let dimension = dimensions.first else {
      return "no split of the bounds obeys them together; loosen one of them"
    }
    let name = layer.dimensions[dimension].name
    let bound = layer.dimensions[dimension].bound
    return hasCeiling
      ? "no whole factors of \(name) = \(bound) obey them; loosen one of them"
      : "their product \(product) does not divide \(name) = \(bound)"
  }
}

extension CompiledRule {
  /// The units a rule about utilization asks for.
  fileprivate var units: Int? {
    get {
      switch effect {
      case .utilization(_, let units), .arrayUtilization(let units): units
      default: nil
      }
    }
    set {
      guard let newValue else { return }
      switch effect {
      case .utilization(let level, _): effect = .utilization(level: level, units: newValue)
      case .arrayUtilization: effect = .arrayUtilization(units: newValue)
      default: break
      }
    }
  }
}
