import Accelerator
import CostModel

/// The combinations of keep sets a map space leaves free, the most promising first, each with a bound of all its mappings.
///
/// What an operand costs depends on which levels keep it, not on what they keep of others, but for the room these take. So
/// tables of bounds are made for each operand alone and for each choice of its levels, with all the room for itself; the
/// sum over the operands bounds a combination, for no mapping is better for each than the best for it alone. For layers
/// whose tables would take long, what an operand needs at least (`ClassInterests`) takes their place.
struct KeepSetBounds {
  /// One combination.
  struct Candidate {
    /// Keep sets as header bits, by level.
    var keeps: [UInt32]
    /// No mapping with these keep sets has a lower value.
    var bound: Double
  }

  /// Most combinations that are listed.
  static let combinationLimit = 1 << 16

  /// Pairs of nested shapes, over all levels and tables, up to which tables are made; a few seconds' work.
  static let pairLimit = 50_000_000.0

  /// Least bound first.
  private(set) var candidates: [Candidate]
  /// No mapping of a combination that is not listed has a lower value; infinite when all are listed.
  private(set) var boundOfOthers = Double.infinity
  /// Entries of the tables that were made.
  private(set) var entryCount = 0

  private let model: LoopNestCostModel
  private let rules: SpaceRules
  private let objective: SearchObjective
  private let shapeLimit: Int
  private let shouldStop: @Sendable () -> Bool
  private var makesTables = true
  /// pJ of an operand alone, by the levels that keep it.
  private var known: [Column: Double] = [:]

  /// The levels that keep an operand, one bit each.
  private struct Column: Hashable {
    var operand: Int
    var levels: UInt32
  }

  /// - Returns: `nil` when the layer has more than `shapeLimit` tile shapes.
  /// - Complexity: Tables for each operand and each choice of the levels that keep it.
  init?(
    _ model: LoopNestCostModel, _ rules: SpaceRules, objective: SearchObjective, shapeLimit: Int,
    pairLimit: Double = pairLimit, shouldStop: @escaping @Sendable () -> Bool
  ) {
    self.model = model
    self.rules = rules
    self.objective = objective
    self.shapeLimit = shapeLimit
    self.shouldStop = shouldStop
    let (combinations, areAll) = rules.keepSets(limit: KeepSetBounds.combinationLimit)
    candidates = combinations.map { Candidate(keeps: $0, bound: 0) }
    if !areAll { boundOfOthers = 0 }
    guard combinations.count > 1 else { return }
    guard let plan = SearchPlan(model, keeps: combinations[0], rules: rules, shapeLimit: shapeLimit)
    else { return nil }
    let columnCount = combinations[0].indices.reduce(Double(plan.operandCount)) { count, level in
      Set(combinations.map { $0[level] }).count > 1 ? 2 * count : count
    }
    makesTables =
      Double(plan.levelCount) * columnCount * KeepSetBounds.pairCount(plan) <= pairLimit
    let cycles = fewestCycles(plan)
    var energies: [Double] = []
    for keeps in combinations {
      var sum = 0.0
      for t in 0..<plan.operandCount {
        guard let energy = energy(of: t, keeps, plan) else { return nil }
        sum += energy
      }
      energies.append(sum)
    }
    // Tables that were left incomplete say nothing.
    guard !shouldStop() else { return }
    for (index, energy) in energies.enumerated() {
      candidates[index].bound = bound(energy, cycles, plan)
    }
    candidates =
      candidates.indices.sorted {
        (candidates[$0].bound, energies[$0], $0) < (candidates[$1].bound, energies[$1], $1)
      }.map { candidates[$0] }
  }

  /// Pairs of shapes one of which divides the other.
  private static func pairCount(_ plan: SearchPlan) -> Double {
    plan.shapes.divisors.reduce(1) { product, divisors in
      product
        * Double(
          divisors.reduce(0) { sum, outer in sum + divisors.count { outer % $0 == 0 } })
    }
  }

  /// A bound of the cycles whatever is kept.
  private func fewestCycles(_ plan: SearchPlan) -> Double {
    let units = plan.spatial.reduce(1) { $0 * Double($1.largestUsed) }
    return (plan.operations / units * (1 - 1e-9)).rounded(.up)
  }

  private func bound(_ energy: Double, _ cycles: Double, _ plan: SearchPlan) -> Double {
    let rates = plan.rates
    var leakage = 0.0
    for (level, rate) in zip(model.architecture.levels, rates.leakage) {
      leakage += rate * (rates.unusedInstancesLeak ? Double(level.mesh.count) : 1)
    }
    let latency = cycles + Double(rates.networkLatency)
    let sum =
      rates.fixedEnergy + energy + leakage * cycles * (1 - 1e-9) + rates.idlePerCycle * latency
    return objective.value(sum, latency) * (1 - 1e-9)
  }

  /// The least energy of an operand's transfers, in pJ, when its own levels are those of a combination; `nil` for lack of
  /// room for the shapes.
  private mutating func energy(of t: Int, _ keeps: [UInt32], _ any: SearchPlan) -> Double? {
    let bit = UInt32(1) << UInt32(24 + t)
    var levels: UInt32 = 0
    for (level, set) in keeps.enumerated() where set & bit != 0 { levels |= 1 << UInt32(level) }
    let column = Column(operand: t, levels: levels)
    if let energy = known[column] { return energy }
    guard makesTables else {
      let keepers = keeps.indices.filter { keeps[$0] & bit != 0 }
      let energy = ClassInterests.neededEnergy(of: t, keptBy: keepers, any) * (1 - 1e-9)
      known[column] = energy
      return energy
    }
    guard !shouldStop() else { return 0 }
    guard
      let plan = SearchPlan(
        model, keeps: keeps.map { $0 & bit }, rules: rules, shapeLimit: shapeLimit)
    else { return nil }
    let tables = CompletionBounds(
      plan, classes: BoundaryClasses(plan, laneCount: PromisingShapes.laneCount),
      rates: plan.rates.only(operand: t), shouldStop: shouldStop)
    entryCount += tables.entryCount
    guard tables.isComplete else { return 0 }
    let energy = tables.leastEnergy()
    known[column] = energy
    return energy
  }
}
