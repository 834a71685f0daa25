import Accelerator
import CostModel

/// What a certified search minimizes; never falls when energy or cycles grow.
enum SearchObjective {
  case energyDelayProduct
  case energy
  case cycles
  case other((_ energy: Double, _ cycles: Double) -> Double)

  init(_ objective: MappingObjective) {
    switch objective {
    case .energyDelayProduct: self = .energyDelayProduct
    case .energy: self = .energy
    case .latency: self = .cycles
    case .custom(let function): self = .other(function)
    }
  }

  @inline(__always)
  func value(_ energy: Double, _ cycles: Double) -> Double {
    switch self {
    case .energyDelayProduct: energy * cycles
    case .energy: energy
    case .cycles: cycles
    case .other(let function): function(energy, cycles)
    }
  }

  /// The most energy with which a value is not above a limit; infinite where that is not known.
  func mostEnergy(_ limit: Double, _ cycles: Double) -> Double {
    switch self {
    case .energyDelayProduct: limit / cycles
    case .energy: limit
    case .cycles: cycles > limit ? 0 : .infinity
    case .other: .infinity
    }
  }
}

/// Lower bounds of the objective over all completions of a partial mapping.
///
/// Every lane of the tables gives a least energy and a least number of cycles. Where a bandwidth binds, energy and cycles
/// are tied together by two more sets of tables: of the cycles of one port, and of energy plus a price times these cycles,
/// for what is saved in one must be spent in the other. All completions of a lane lie above the three lines, and the product
/// of energy and cycles, concave along a line, is least at one of the two ends of the slanted border.
final class ObjectiveBounds {
  /// What the levels outside a boundary have decided.
  struct Decided {
    var energy = 0.0
    /// Least cycles so far.
    var cycles = 0.0
    /// Leakage of the levels outside the boundary, in pJ per cycle.
    var leakage = 0.0
    /// Cycles of the priced port so far.
    var traffic = 0.0
    /// Instances that are used at the boundary.
    var used = 1.0
    /// Class of sharing at the boundary.
    var sharing = 0
  }

  /// Bounds that know of the cycles of a port.
  struct Priced {
    /// Energy plus a price times the cycles.
    let tables: CompletionBounds
    /// The cycles.
    let traffic: CompletionBounds
    /// pJ per cycle.
    let price: Double
    let port: TrafficPort
    /// The last boundary that needs the port; inside it energy alone is left.
    let lastBoundary: Int

    /// - Parameter energies: Tables without a price, of which what is inside the last boundary is used, too.
    init(
      _ energies: CompletionBounds, promising: PromisingShapes? = nil, price: Double,
      port: TrafficPort, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) {
      let plan = energies.plan
      let boundary = Priced.lastBoundary(of: port, plan)
      let table = { (rates: CostRates, isFree: Bool) in
        CompletionBounds(
          plan, classes: energies.classes, promising: promising, rates: rates, boundsCycles: false,
          borrowed: CompletionBounds.Borrowed(
            tables: energies, boundary: boundary, isFree: isFree),
          shouldStop: shouldStop)
      }
      tables = table(plan.rates.priced(price, at: port), false)
      traffic = table(plan.rates.cycles(of: port), true)
      lastBoundary = boundary
      self.price = price
      self.port = port
    }

    /// The innermost boundary that is filled through a port or served by its level; the MACs' is `levelCount`.
    private static func lastBoundary(of port: TrafficPort, _ plan: SearchPlan) -> Int {
      (1...plan.levelCount).last { boundary in
        boundary == port.level
          || (0..<plan.operandCount).contains { t in
            (boundary == plan.levelCount || plan.keeps[t][boundary])
              && plan.home(of: t, outside: boundary) == port.level
          }
      } ?? 1
    }
  }

  let plan: SearchPlan
  let classes: BoundaryClasses
  let tables: CompletionBounds
  let priced: Priced?
  let objective: SearchObjective
  private let optionCount: Int
  private let energies: UnsafeMutablePointer<Float>
  private let pricedEnergies: UnsafeMutablePointer<Float>
  private let portCycles: UnsafeMutablePointer<Float>
  private let leakage: LeakageFloor
  /// Cycles of traffic no mapping avoids.
  private let fewestCycles: Double

  init(
    _ plan: SearchPlan, _ tables: CompletionBounds, priced: Priced?, objective: SearchObjective
  ) {
    self.plan = plan
    self.tables = tables
    classes = tables.classes
    self.objective = objective
    if case .energyDelayProduct = objective { self.priced = priced } else { self.priced = nil }
    optionCount = plan.options.sets.count
    energies = .allocate(capacity: 3 * BoundaryClasses.largestUnitCount)
    energies.initialize(repeating: 0, count: 3 * BoundaryClasses.largestUnitCount)
    pricedEnergies = energies + BoundaryClasses.largestUnitCount
    portCycles = pricedEnergies + BoundaryClasses.largestUnitCount
    leakage = LeakageFloor(plan, tables.classes)
    fewestCycles = ClassInterests.fewestCycles(plan).traffic
  }

  deinit {
    energies.deallocate()
  }

  /// The least objective when the tile of a level with its fan-out has shape `z`.
  ///
  /// - Parameter limit: The search for it ends below this value.
  @inline(__always)
  func coarse(
    _ level: Int, _ z: Int, _ shares: UnsafePointer<Float>, _ decided: Decided, limit: Double
  ) -> Double {
    var least = Double.infinity
    let sharing = decided.sharing
    let priced = priced(at: level &+ 1)
    for option in 0..<optionCount {
      let share = shares[option]
      let cycles = Double(tables.stepCycles(below: level, z, option: option, share: share))
      guard cycles < .infinity,
        let energies = tables.step(below: level, z, option: option, share: share, sharing: sharing)
      else { continue }
      let columns = Columns(
        energies: energies,
        priced: priced?.tables.step(
          below: level, z, option: option, share: share, sharing: sharing),
        traffic: priced?.traffic.step(
          below: level, z, option: option, share: share, sharing: sharing))
      least = min(
        least,
        best(level, decided, cycles: max(decided.cycles, cycles), (0, 0, 0), columns, limit))
      if least < limit { return least }
    }
    return least
  }

  /// Leakage of the levels outside the boundary below a level, when that of those outside the level is known.
  @inline(__always)
  func leakage(below level: Int, _ outer: Double, used: Double) -> Double {
    plan.rates.unusedInstancesLeak ? 0 : outer + plan.rates.leakage[level] * used
  }

  /// Prepares bounds of one split of the fan-out below a level.
  ///
  /// - Parameter sharing: At the boundary of the level.
  @inline(__always)
  func prepare(
    _ level: Int, _ z: Int, _ choice: Int, _ child: Int, _ sharing: UnsafePointer<Double>
  ) {
    tables.prepare(level, z, choice, child, sharing: sharing)
    guard let priced = priced(at: level &+ 1) else { return }
    priced.tables.prepare(level, z, choice, child, sharing: sharing)
    priced.traffic.prepare(level, z, choice, child, sharing: sharing)
  }

  /// The least objective over all orders, for the split that was prepared; `decided` holds what is outside the level, but
  /// units and sharing with the split.
  ///
  /// - Parameter limit: The search for it ends below this value.
  @inline(__always)
  func fine(
    _ level: Int, _ child: Int, _ shares: UnsafePointer<Float>, _ decided: Decided,
    inside: Double, limit: Double
  ) -> Double {
    let boundary = level &+ 1
    let sharing = decided.sharing
    let priced = priced(at: boundary)
    var least = Double.infinity
    for option in 0..<optionCount {
      let share = shares[option]
      guard
        let energies = tables.rest(
          inside: boundary, child, option: option, share: share, sharing: sharing)
      else { continue }
      let step = tables.step(level, option: option, share: share)
      let columns = Columns(
        energies: energies,
        priced: priced?.tables.rest(
          inside: boundary, child, option: option, share: share, sharing: sharing),
        traffic: priced?.traffic.rest(
          inside: boundary, child, option: option, share: share, sharing: sharing))
      let added = (
        Double(step.energy),
        Double(priced?.tables.step(level, option: option, share: share).energy ?? 0),
        Double(priced?.traffic.step(level, option: option, share: share).energy ?? 0)
      )
      least = min(
        least,
        best(
          boundary, decided, cycles: max(decided.cycles, inside, Double(step.cycles)), added,
          columns, limit))
      if least < limit { return least }
    }
    return least
  }

  /// Looks up what lies inside the boundary below the split, for every operand's share of the deliveries.
  @inline(__always)
  func look(_ boundary: Int, _ child: Int, _ shares: UnsafePointer<Double>, _ decided: Decided) {
    let sharing = decided.sharing
    tables.rest(inside: boundary, child, shares: shares, sharing: sharing, energies)
    guard let priced = priced(at: boundary) else { return }
    priced.tables.rest(inside: boundary, child, shares: shares, sharing: sharing, pricedEnergies)
    priced.traffic.rest(inside: boundary, child, shares: shares, sharing: sharing, portCycles)
  }

  /// The least objective for the prepared split and the shares of the last call of `look`.
  @inline(__always)
  func exact(
    _ boundary: Int, _ shares: UnsafePointer<Double>, _ decided: Decided, inside: Double
  ) -> Double {
    let priced = priced(at: boundary)
    let added = (
      Double(tables.step(shares)), Double(priced?.tables.step(shares) ?? 0),
      Double(priced?.traffic.step(shares) ?? 0)
    )
    return best(
      boundary, decided, cycles: max(decided.cycles, inside), added, looked(boundary), -.infinity)
  }

  /// The least objective when everything outside the boundary of the last call of `look` is decided.
  @inline(__always)
  func rest(_ boundary: Int, _ decided: Decided, inside: Double) -> Double {
    best(
      boundary, decided, cycles: max(decided.cycles, inside), (0, 0, 0), looked(boundary),
      -.infinity)
  }

  /// What the last call of `look` found.
  @inline(__always)
  private func looked(_ boundary: Int) -> Columns {
    let isPriced = priced(at: boundary) != nil
    return Columns(
      energies: CompletionBounds.Column(energies),
      priced: isPriced ? CompletionBounds.Column(pricedEnergies) : nil,
      traffic: isPriced ? CompletionBounds.Column(portCycles) : nil)
  }

  /// The priced tables where a boundary, or one inside it, needs the port.
  @inline(__always)
  private func priced(at boundary: Int) -> Priced? {
    guard let priced, boundary <= priced.lastBoundary else { return nil }
    return priced
  }

  private struct Columns {
    var energies: CompletionBounds.Column
    var priced: CompletionBounds.Column?
    var traffic: CompletionBounds.Column?
  }

  /// The least objective over all classes of parallelism, from columns of the tables and what is added to them.
  @inline(__always)
  private func best(
    _ boundary: Int, _ decided: Decided, cycles: Double, _ added: (Double, Double, Double),
    _ columns: Columns, _ limit: Double
  ) -> Double {
    var least = Double.infinity
    let edges = classes.edges[boundary]
    let leaks = leakage.inside(boundary)
    for k in 0..<classes.unitCount[boundary] {
      let table = Double(columns.energies[k])
      guard table < .infinity else { continue }
      let leakage = self.leakage.fixed + decided.leakage + decided.used * leaks[k]
      var slowest = whole(max(cycles, fewestCycles, plan.operations / (decided.used * edges[k])))
      // Single precision rounds by less than this.
      let energy = decided.energy + added.0 + table - abs(table) * 1e-6
      var bound = value(energy, leakage, slowest)
      guard bound < least else { continue }
      if bound >= limit, limit > -.infinity {
        least = bound
        continue
      }
      if let priced, let sums = columns.priced, let traffic = columns.traffic {
        let third = Double(traffic[k])
        // Nothing promising has this parallelism.
        guard sums[k] < .infinity, third < .infinity else { continue }
        slowest = max(slowest, whole(decided.traffic + added.2 + third - abs(third) * 1e-6))
        let second = Double(sums[k])
        let sum = decided.energy + added.1 + second - abs(second) * 1e-6
        let start = sum - priced.price * max(0, slowest - decided.traffic)
        bound = value(max(energy, start), leakage, slowest)
        if start > energy {
          let end = decided.traffic + (sum - energy) / priced.price
          bound = min(bound, value(energy, leakage, max(slowest, end)))
        }
      }
      least = min(least, bound)
      if least < limit { return least }
    }
    return least
  }

  /// Cycles are counted whole; what is a rounding error above a whole number is that number.
  @inline(__always)
  private func whole(_ cycles: Double) -> Double { (cycles * (1 - 1e-9)).rounded(.up) }

  @inline(__always)
  private func value(_ energy: Double, _ leakage: Double, _ slowest: Double) -> Double {
    let cycles = slowest + Double(plan.rates.networkLatency)
    return objective.value(
      plan.rates.fixedEnergy + energy + leakage * slowest + plan.rates.idlePerCycle * cycles, cycles
    )
  }
}
