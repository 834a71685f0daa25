import Accelerator
import CostModel
import Workload

/// Tries changes of a space in which nothing fits; keeps those after which a mapping is found.
struct MappingRepairs {
  typealias Fix = MappingInfeasibility.Fix

  let space: MapSpace
  let terms: CostTerms

  /// The least loosening of one rule: a smaller fixed factor, a higher limit, or at last none.
  func looserRules() -> [Fix] {
    guard let compiler = compiler(space.architecture) else { return [] }
    var fixes: [Fix] = []
    for (index, rule) in space.rules.enumerated() where rule.effect.restrictsLoops {
      for (change, effect) in weaker(rule) {
        var rules = space.rules
        if let effect { rules[index].effect = effect } else { rules.remove(at: index) }
        let changed = MapSpace(compiler, rules: rules)
        guard let mapping = MappingInfeasibility.witness(in: changed) else { continue }
        fixes.append(
          Fix(
            change: "\(change) (\(rule.name.text))", architecture: space.architecture,
            space: changed, mapping: mapping))
        break
      }
    }
    return fixes
  }

  private func weaker(_ rule: CompiledRule) -> [(String, CompiledRule.Effect?)] {
    var options: [(String, CompiledRule.Effect?)] = []
    switch rule.effect {
    case .factor(let place, let level, let dimension, .exactly(let value)):
      for smaller in allDivisors(of: value).reversed() where smaller < value {
        options.append(
          (
            "lower the fixed factor from \(value) to \(smaller)",
            .factor(place, level: level, dimension: dimension, .exactly(smaller))
          ))
      }
    case .factor(let place, let level, let dimension, .atMost(let value)):
      for larger in allDivisors(of: space.layer.dimensions[dimension].bound) where larger > value {
        options.append(
          (
            "raise the limit from \(value) to \(larger)",
            .factor(place, level: level, dimension: dimension, .atMost(larger))
          ))
      }
    case .utilization(let level, let units):
      for fewer in halvings(of: units) {
        options.append(
          ("ask for \(fewer) units instead of \(units)", .utilization(level: level, units: fewer)))
      }
    case .arrayUtilization(let units):
      for fewer in halvings(of: units) {
        options.append(
          ("ask for \(fewer) units instead of \(units)", .arrayUtilization(units: fewer)))
      }
    default: break
    }
    options.append(("drop the rule", nil))
    return options
  }

  private func halvings(of number: Int) -> [Int] {
    Array(sequence(first: number / 2) { $0 > 1 ? $0 / 2 : nil }.prefix { $0 >= 1 })
  }

  /// Capacities raised to what the smallest tiles need, all in one change.
  func largerMemories(_ needs: [(level: Int, need: Int)]) -> [Fix] {
    var levels = space.architecture.levels
    var changes: [String] = []
    for (level, need) in needs {
      let capacity = Int((Double(need) * levels[level].multipleBuffering).rounded(.up))
      changes.append(
        "the capacity of \(levels[level].name) from \(levels[level].capacityWords ?? 0) to "
          + "\(capacity) words")
      levels[level].capacityWords = capacity
    }
    return fix("raise " + changes.joined(separator: " and "), levels).map { [$0] } ?? []
  }

  /// The least capacity of one level that makes room for what the rules force.
  func growingMemories() -> [Fix] {
    var fixes: [Fix] = []
    for (index, level) in space.architecture.levels.enumerated() {
      guard let capacity = level.capacityWords else { continue }
      let attempt = { (words: Int) -> Fix? in
        var levels = self.space.architecture.levels
        levels[index].capacityWords = words
        return self.fix(
          "raise the capacity of \(level.name) from \(capacity) to \(words) words", levels)
      }
      var low = capacity
      var high = capacity
      var found: Fix?
      while found == nil, high < 1 << 36 {
        low = high
        high *= 2
        found = attempt(high)
      }
      guard found != nil else { continue }
      while high - low > 1 {
        let middle = low + (high - low) / 2
        if let better = attempt(middle) {
          (high, found) = (middle, better)
        } else {
          low = middle
        }
      }
      if let found { fixes.append(found) }
    }
    return fixes
  }

  /// Bypassing one tensor at a level.
  func bypasses(at level: Int) -> [Fix] {
    guard level > 0, let compiler = compiler(space.architecture) else { return [] }
    let kept = space.keepSets(level: level)
    return space.layer.operands.enumerated().compactMap { tensor, operand in
      guard kept.allSatisfy({ $0 >> UInt32(24 + tensor) & 1 == 1 }) else { return nil }
      var rules = space.rules.filter {
        if case .tensor(level, tensor, _) = $0.effect { return false }
        return true
      }
      rules.append(
        CompiledRule(
          name: MapSpaceRule("bypass"), effect: .tensor(level: level, tensor: tensor, .bypass)))
      let changed = MapSpace(compiler, rules: rules)
      return MappingInfeasibility.witness(in: changed).map {
        Fix(
          change: "bypass \(operand.name) at \(space.architecture.levels[level].name)",
          architecture: space.architecture, space: changed, mapping: $0)
      }
    }
  }

  private func fix(_ change: String, _ levels: [MemoryLevel]) -> Fix? {
    let old = space.architecture
    guard
      let architecture = try? Architecture(
        name: old.name, levels: levels, compute: old.compute, clock: old.clock,
        effects: old.effects), let compiler = compiler(architecture)
    else { return nil }
    let changed = MapSpace(compiler, rules: space.rules)
    return MappingInfeasibility.witness(in: changed).map {
      Fix(change: change, architecture: architecture, space: changed, mapping: $0)
    }
  }

  private func compiler(_ architecture: Architecture) -> MapSpaceCompiler? {
    try? MapSpaceCompiler(space.layer, architecture, space.constraints, terms)
  }
}
