public import Accelerator
public import CostModel
public import Workload

/// Whether a layer can run on an architecture at all or under a given mapping; if not, what is missing and what helps.
public struct FeasibilityCheck: Sendable {
  /// A change that was applied and found to remove a violation.
  public struct Fix: Hashable, Sendable {
    /// What to change, in words.
    public var change: String
    /// Whether nothing else is wrong after the change.
    public var makesLegal: Bool
  }

  /// One reason and the smallest changes that remove it.
  public struct Finding: Hashable, Sendable {
    /// The reason.
    public var violation: Violation
    /// Verified changes, smallest first; empty when none of the tried ones helps.
    public var fixes: [Fix]
  }

  /// Name of the layer.
  public let layer: String
  /// Everything that is wrong; empty when the layer can run.
  public let findings: [Finding]

  /// Whether the layer can run.
  public var isFeasible: Bool { findings.isEmpty }

  /// Checks a mapping.
  public init(_ mapping: Mapping, of layer: Layer, on architecture: Architecture) {
    self.layer = layer.name
    let outcome = FeasibilityCheck.violations(mapping, layer, architecture)
    findings = outcome.map { violation in
      Finding(
        violation: violation,
        fixes: MappingFixes(mapping: mapping, layer: layer, architecture: architecture)
          .fixes(for: violation))
    }
  }

  /// Checks whether any mapping can run with the default keep sets.
  ///
  /// All loops at the outermost level make every inner tile a single element, the least any mapping needs, so this one
  /// mapping decides.
  public init(anyMappingOf layer: Layer, on architecture: Architecture) throws {
    var nests = architecture.levels.map { level in
      LoopNest(keeps: layer.operands.map { level.keptByDefault?.contains($0.name) ?? true })
    }
    nests[0].temporal = layer.dimensions.indices.map {
      Loop(dimension: $0, factor: layer.dimensions[$0].bound)
    }
    let mapping = try Mapping(nests: nests, for: layer, on: architecture)
    self.init(mapping, of: layer, on: architecture)
  }

  static func violations(
    _ mapping: Mapping, _ layer: Layer, _ architecture: Architecture
  ) -> [Violation] {
    let model = LoopNestCostModel(layer: layer, architecture: architecture, terms: .countingOnly)
    guard case .illegal(let violations) = model.cost(of: mapping) else { return [] }
    return violations
  }
}

/// Tries small changes of a mapping or its architecture and keeps those that remove a violation.
struct MappingFixes {
  let mapping: Mapping
  let layer: Layer
  let architecture: Architecture

  /// Verified changes, at most three: hardware first, then the least movement of a loop, then bypassing a tensor.
  func fixes(for violation: Violation) -> [FeasibilityCheck.Fix] {
    var fixes: [FeasibilityCheck.Fix] = []
    switch violation {
    case .capacity(let level, let need, _):
      fixes.append(contentsOf: [enlarge(level, to: need)].compactMap { $0 })
      fixes.append(contentsOf: [moveOut(of: level, violation)].compactMap { $0 })
      fixes.append(contentsOf: [bypass(at: level, violation)].compactMap { $0 })
    case .instances(let level, _, _), .expansionX(let level, _, _), .expansionY(let level, _, _):
      fixes.append(contentsOf: [foldSpatial(above: level, violation)].compactMap { $0 })
    }
    return fixes
  }

  private func enlarge(_ level: Int, to words: Int) -> FeasibilityCheck.Fix? {
    var levels = architecture.levels
    let capacity = Int((Double(words) * levels[level].multipleBuffering).rounded(.up))
    let old = levels[level].capacityWords
    levels[level].capacityWords = capacity
    guard
      let larger = try? Architecture(
        name: architecture.name, levels: levels, compute: architecture.compute,
        clock: architecture.clock, effects: architecture.effects)
    else { return nil }
    let left = FeasibilityCheck.violations(mapping, layer, larger)
    guard !left.contains(where: { isCapacity($0, of: level) }) else { return nil }
    return FeasibilityCheck.Fix(
      change: "raise the capacity of \(architecture.levels[level].name) from "
        + "\(grouped(old ?? 0)) to \(grouped(capacity)) words",
      makesLegal: left.isEmpty)
  }

  /// Moves the smallest factor from some loop at or inside a level to the level outside it.
  private func moveOut(of level: Int, _ violation: Violation) -> FeasibilityCheck.Fix? {
    guard mapping.isPerfect, level > 0 else { return nil }
    var best: (factor: Int, fix: FeasibilityCheck.Fix)?
    for source in level..<mapping.nests.count {
      for (index, loop) in mapping.nests[source].temporal.enumerated() {
        for factor in divisors(of: loop.factor) where factor < best?.factor ?? .max {
          var nests = mapping.nests
          nests[source].temporal[index] = Loop(
            dimension: loop.dimension, factor: loop.factor / factor)
          nests[level - 1].temporal.append(Loop(dimension: loop.dimension, factor: factor))
          guard let left = violations(of: nests), !left.contains(where: { isSame($0, violation) })
          else { continue }
          best = (
            factor,
            FeasibilityCheck.Fix(
              change: "move a factor \(factor) of \(layer.dimensions[loop.dimension].name) from "
                + "\(architecture.levels[source].name) out to \(architecture.levels[level - 1].name)",
              makesLegal: left.isEmpty)
          )
        }
      }
    }
    return best?.fix
  }

  /// Stops keeping the smallest tensor that frees enough, where another level outside keeps it.
  private func bypass(at level: Int, _ violation: Violation) -> FeasibilityCheck.Fix? {
    for t in layer.operands.indices where mapping.nests[level].keeps[t] {
      var nests = mapping.nests
      nests[level].keeps[t] = false
      guard let left = violations(of: nests), !left.contains(where: { isSame($0, violation) })
      else { continue }
      return FeasibilityCheck.Fix(
        change: "bypass \(layer.operands[t].name) at \(architecture.levels[level].name)",
        makesLegal: left.isEmpty)
    }
    return nil
  }

  /// Turns the smallest spatial factor outside a level into a temporal loop.
  private func foldSpatial(above level: Int, _ violation: Violation) -> FeasibilityCheck.Fix? {
    guard mapping.isPerfect else { return nil }
    var best: (factor: Int, fix: FeasibilityCheck.Fix)?
    for source in 0..<min(level, mapping.nests.count) {
      for axis in [\LoopNest.spatialX, \LoopNest.spatialY] {
        for (index, loop) in mapping.nests[source][keyPath: axis].enumerated() {
          for factor in divisors(of: loop.factor) where factor < best?.factor ?? .max {
            var nests = mapping.nests
            nests[source][keyPath: axis][index] = Loop(
              dimension: loop.dimension, factor: loop.factor / factor)
            nests[source].temporal.append(Loop(dimension: loop.dimension, factor: factor))
            guard let left = violations(of: nests), !left.contains(where: { isSame($0, violation) })
            else { continue }
            let name = layer.dimensions[loop.dimension].name
            best = (
              factor,
              FeasibilityCheck.Fix(
                change: "turn a factor \(factor) of the spatial loop over \(name) below "
                  + "\(architecture.levels[source].name) into a temporal loop",
                makesLegal: left.isEmpty)
            )
          }
        }
      }
    }
    return best?.fix
  }

  private func violations(of nests: [LoopNest]) -> [Violation]? {
    guard let changed = try? Mapping(nests: nests, for: layer, on: architecture) else { return nil }
    return FeasibilityCheck.violations(changed, layer, architecture)
  }

  /// Divisors above 1, increasing.
  private func divisors(of number: Int) -> [Int] {
    (2...max(2, number)).prefix(while: { $0 <= number }).filter { number % $0 == 0 }
  }

  private func isCapacity(_ violation: Violation, of level: Int) -> Bool {
    guard case .capacity(level, _, _) = violation else { return false }
    return true
  }

  /// Whether two violations concern the same limit of the same level.
  private func isSame(_ a: Violation, _ b: Violation) -> Bool {
    switch (a, b) {
    case (.capacity, .capacity): a.level == b.level
    case (.capacity, _), (_, .capacity): false
    default: a.level == b.level
    }
  }
}
