import Accelerator
public import CostModel
import Workload

/// The best mapping of a layer, with a proof.
///
/// Best among all perfect factorizations, loop orders and spatial splits of a map space, by exactly the cost that
/// `LoopNestCostModel` gives with the same terms. Branch and bound over levels, from outside inwards: partial mappings are
/// costed by the cost kernel itself, what is left is bounded by tables (`CompletionBounds`), and of partial mappings with
/// equal completions only those survive that no other beats. Tile shapes no better mapping than the first can have are left out
/// beforehand (`PromisingShapes`).
///
/// Taken from others: tile shapes with dominated ones dropped level by level (Turbo-Charged Mapper, 2026), loop orders
/// reduced to what rests (Interstellar 2020, Sunstone 2022), bounds that add up over levels (as in CoSA's objective, 2021).
/// These four were not checked against their texts.
/// Ours: the share of deliveries as a coordinate of the bound, exactness under Timeloop's corner cases (restart credit,
/// ceilings, packing of hops), and the certificate.
public struct OptimalMapper: Sendable {
  /// What is minimized.
  public var objective = MappingObjective.energyDelayProduct
  /// Choices after which the search gives up and reports the gap that is left.
  public var nodeLimit = 100_000_000
  /// Partial mappings made at one boundary before these are followed to the end; bounds memory, not what is proven.
  public var stateLimit = 300_000
  /// Tile shapes a layer may have; the tables of bounds take up to 70 kB for each that fits a level.
  public var shapeLimit = 100_000
  /// Work after which no more combinations of keep sets are searched where a map space leaves them free: entries of tables
  /// and, `workOfNode` each, nodes.
  public var keepSetWorkLimit = 40_000_000

  /// A node takes the time of so many entries of tables.
  private static let workOfNode = 5

  /// Share of the cycles a port must be busy for before energy and traffic are bounded together.
  private static let limitingShare = 0.5

  /// A second search for a mapping to start from takes an evaluation for so many entries of tables, about a third of their time.
  private static let entriesPerEvaluation = 10
  /// Share of the value by which the bounds may be lower without such a search.
  private static let closeShare = 0.000_05

  /// Most evaluations of each search for a better mapping where a proof is not found, and nodes of the proof for each.
  private static let polishEvaluations = 2_000_000
  private static let nodesPerEvaluation = 10

  /// Asked now and then whether to give up; the best so far is then returned with the gap that is left.
  public var shouldStop: @Sendable () -> Bool = { false }

  /// Evaluations of the heuristic mapper that gives the first upper limit; 0 does without.
  public var startEvaluations = 2_000

  /// A mapping, what it costs and what is proven.
  public struct Result: Sendable {
    /// The mapping.
    public var mapped: MappedLayer
    /// The proof.
    public var certificate: OptimalCertificate
  }

  /// Creates a mapper for the energy-delay product.
  public init() {}

  /// The best mapping of the model's layer with the architecture's own keep sets and no constraint.
  ///
  /// - Returns: `nil` when nothing fits, or when the layer has more than `shapeLimit` tile shapes.
  public func mapping(for model: LoopNestCostModel) -> Result? {
    guard let space = try? MapSpace(for: model) else { return nil }
    return mapping(for: model, in: space)
  }

  /// The best mapping of a map space.
  ///
  /// - Returns: `nil` when nothing fits, or when the layer has more than `shapeLimit` tile shapes.
  /// - Complexity: Tables O(nested pairs of shapes x levels); the search depends on how tight the bounds are.
  public func mapping(for model: LoopNestCostModel, in space: MapSpace) -> Result? {
    let rules = SpaceRules(space)
    guard
      let keepSets = KeepSetBounds(
        model, rules, objective: SearchObjective(objective), shapeLimit: shapeLimit,
        shouldStop: shouldStop)
    else { return nil }
    var best: OptimalSearch.Best?
    var counts = OptimalCertificate.Counts()
    var lowerBound = Double.infinity
    var rootBound = Double.infinity
    counts.tableEntries = keepSets.entryCount
    counts.keepSets = keepSets.candidates.count
    var start = known(model, space, evaluations: startEvaluations)
    for candidate in keepSets.candidates {
      let keeps = candidate.keeps
      // No mapping with these keep sets, or with those that follow, is better than the known one.
      if counts.searchedKeepSets > 0, let value = (best ?? start)?.value,
        candidate.bound >= value * (1 - OptimalCertificate.tolerance)
      {
        lowerBound = min(lowerBound, value)
        break
      }
      let work = counts.tableEntries + OptimalMapper.workOfNode * counts.nodes
      if shouldStop() || counts.searchedKeepSets > 0 && work > keepSetWorkLimit {
        lowerBound = min(lowerBound, candidate.bound)
        break
      }
      counts.searchedKeepSets += 1
      guard
        let plan = SearchPlan(model, keeps: keeps, rules: rules, shapeLimit: shapeLimit)
      else { return nil }
      let classes = BoundaryClasses(
        plan, near: best ?? start, objective: SearchObjective(objective))
      let promising = promising(plan, near: best ?? start)
      counts.tableEntries += promising.entryCount
      counts.prunedShapes += promising.leftOutCount
      let tables = CompletionBounds(
        plan, classes: classes, promising: promising, rates: plan.rates, shouldStop: shouldStop)
      counts.tableEntries += tables.entryCount
      let priced = priced(tables, promising, best ?? start)
      guard tables.isComplete, priced?.tables.isComplete != false,
        priced?.traffic.isComplete != false
      else {
        lowerBound = 0
        break
      }
      if let priced {
        counts.tableEntries += priced.tables.entryCount + priced.traffic.entryCount
      }
      let bounds = ObjectiveBounds(
        plan, tables, priced: priced, objective: SearchObjective(objective))
      if let better = improved(best ?? start, bounds, rules, model, space, counts.tableEntries) {
        (best, start) = (best == nil ? nil : better, better)
      }
      let first = Descent(self, bounds, rules, known: best ?? start)
      counts = counts + first.search.counts
      // No mapping through the shapes left out is better than the known one.
      rootBound = min(rootBound, first.rootBound, (best ?? start)?.value ?? .infinity)
      lowerBound = min(lowerBound, first.lowerBound)
      guard var found = first.search.best, best == nil || found.value < best?.value ?? .infinity
      else { continue }
      if !shouldStop(), let second = secondary(below: found.value) {
        // Of equal values the one that is better otherwise: a second search among them.
        let search = Descent(
          self, ObjectiveBounds(plan, tables, priced: nil, objective: .other(second)), rules,
          known: nil
        ).search
        counts = counts + search.counts
        if let better = search.best {
          found.record = better.record
          found.totals = better.totals
        }
      }
      best = found
    }
    if let found = best, let better = polished(found, lowerBound, model, space, counts.nodes) {
      best = better
    }
    // Stopped before any search, the mapping to start from is the best.
    guard let best = best ?? (lowerBound < .infinity ? start : nil) else { return nil }
    lowerBound = min(lowerBound, keepSets.boundOfOthers)
    let architecture = model.architecture
    var batch = PackedMappings(
      levelCount: architecture.levels.count, loopCapacity: Mapping.largestLoopCount)
    batch.words = best.record
    guard let mapping = try? batch.mapping(at: 0, for: model.layer, on: architecture) else {
      return nil
    }
    var exclusions: [OptimalCertificate.Exclusion] = [
      .imperfectFactors, .borrowedFanOut, .splitLoops,
    ]
    if model.terms.linkTransfers { exclusions.append(.linkTransfers) }
    if space.constraints != .none { exclusions.append(.constraints) }
    return Result(
      mapped: MappedLayer(
        mapping: mapping, totals: best.totals, evaluationCount: counts.evaluations),
      certificate: OptimalCertificate(
        value: best.value, lowerBound: min(best.value, lowerBound), rootBound: rootBound,
        counts: counts, exclusions: exclusions))
  }

  /// The shapes that can be part of a mapping better than the known one.
  private func promising(_ plan: SearchPlan, near known: OptimalSearch.Best?) -> PromisingShapes {
    let objective = SearchObjective(objective)
    return PromisingShapes(
      plan,
      classes: BoundaryClasses(
        plan, near: known, objective: objective, laneCount: PromisingShapes.laneCount),
      objective: objective, below: known?.value ?? .infinity, shouldStop: shouldStop)
  }

  /// A better mapping to start from where the bounds leave room for one; `nil` where none is found.
  ///
  /// The search takes a time in proportion to what the tables took.
  private func improved(
    _ known: OptimalSearch.Best?, _ bounds: ObjectiveBounds, _ rules: SpaceRules,
    _ model: LoopNestCostModel, _ space: MapSpace, _ entryCount: Int
  ) -> OptimalSearch.Best? {
    let evaluations = entryCount / OptimalMapper.entriesPerEvaluation
    guard let known, evaluations > startEvaluations else { return nil }
    let root = OptimalSearch(bounds, rules: rules).rootBound()
    guard known.value > root * (1 + OptimalMapper.closeShare),
      let found = self.known(model, space, evaluations: evaluations), found.value < known.value
    else { return nil }
    return found
  }

  /// A better mapping where a search ended with a gap; `nil` where none is found.
  ///
  /// Plain annealing and the heuristic, each for a tenth of the time the search took.
  private func polished(
    _ found: OptimalSearch.Best, _ lowerBound: Double, _ model: LoopNestCostModel,
    _ space: MapSpace, _ nodeCount: Int
  ) -> OptimalSearch.Best? {
    let evaluations = min(
      nodeCount / OptimalMapper.nodesPerEvaluation, OptimalMapper.polishEvaluations)
    guard found.value * (1 - OptimalCertificate.tolerance) > lowerBound,
      evaluations > startEvaluations
    else { return nil }
    var best = found
    for starts in [1, HeuristicMapper().startLimit] where !shouldStop() {
      let other = known(model, space, evaluations: evaluations, starts: starts)
      if let other, other.value < best.value { best = other }
    }
    return best.value < found.value ? best : nil
  }

  /// A good mapping to start from, found without a proof.
  private func known(
    _ model: LoopNestCostModel, _ space: MapSpace, evaluations: Int,
    starts: Int = HeuristicMapper().startLimit
  ) -> OptimalSearch.Best? {
    var mapper = HeuristicMapper()
    mapper.objective = objective
    mapper.evaluationLimit = evaluations
    mapper.startLimit = starts
    mapper.shouldStop = shouldStop
    guard evaluations > 0, let found = mapper.mapping(for: model, in: space) else {
      return nil
    }
    var batch = PackedMappings(
      levelCount: model.architecture.levels.count, loopCapacity: Mapping.largestLoopCount)
    batch.append(found.mapping)
    return OptimalSearch.Best(
      value: objective.value(energy: found.totals.energy, cycles: Double(found.totals.cycles)),
      totals: found.totals, record: batch.words)
  }

  /// Tables of the traffic, and of energy with a price on it, of the port that limits a known mapping most, where one comes near to limiting it.
  ///
  /// The price is what the mapping pays for a cycle: along the border of energy and cycles its product is least there.
  private func priced(
    _ tables: CompletionBounds, _ promising: PromisingShapes, _ known: OptimalSearch.Best?
  ) -> ObjectiveBounds.Priced? {
    let plan = tables.plan
    guard case .energyDelayProduct = objective, let known, plan.levelCount > 1 else { return nil }
    let prefix = PrefixEvaluator(plan.model)
    known.record.withUnsafeBufferPointer { words in
      guard let address = words.baseAddress else { return }
      _ = prefix.evaluate(address, boundary: plan.levelCount - 1)
    }
    let levels = plan.model.architecture.levels
    // Traffic adds up over operands where there is one instance.
    let candidates = prefix.ports.indices.filter { levels[prefix.ports[$0].level].mesh.count == 1 }
    let cycles = Double(known.totals.cycles)
    guard let port = candidates.max(by: { prefix.portCycles[$0] < prefix.portCycles[$1] }),
      prefix.portCycles[port] > OptimalMapper.limitingShare * cycles, known.totals.energy > 0
    else { return nil }
    let price = known.totals.energy / cycles
    return ObjectiveBounds.Priced(
      tables, promising: promising, price: price, port: prefix.ports[port], shouldStop: shouldStop)
  }

  /// What decides among mappings of equal value, where that is a search of its own.
  private func secondary(below value: Double) -> ((Double, Double) -> Double)? {
    let limit = value * (1 + 1e-12)
    switch objective {
    case .energyDelayProduct, .custom: return nil
    case .energy: return { energy, cycles in energy <= limit ? cycles : .infinity }
    case .latency: return { energy, cycles in cycles <= limit ? energy : .infinity }
    }
  }
}

/// One objective on one set of tables: limits that grow until a mapping below the limit turns up, which keeps the search
/// small when the bounds are tight.
private struct Descent {
  /// Share of the bound the first limit lies above it at least.
  private static let leastExcess = 1e-6

  let search: OptimalSearch
  let rootBound: Double
  let lowerBound: Double

  init(
    _ mapper: OptimalMapper, _ bounds: ObjectiveBounds, _ rules: SpaceRules,
    known: OptimalSearch.Best?
  ) {
    search = OptimalSearch(bounds, rules: rules)
    search.nodeLimit = mapper.nodeLimit
    search.shouldStop = mapper.shouldStop
    search.stateLimit = mapper.stateLimit
    rootBound = search.rootBound()
    if let known { search.offer(known) }
    // The bounds are close more often than not; how far the known mapping lies above them says where to begin.
    var excess = 0.002
    if let known, rootBound > 0 {
      excess = min(excess, max(Descent.leastExcess, (known.value / rootBound - 1) / 1_000))
    }
    var proven = rootBound
    while rootBound < .infinity {
      var limit = rootBound > 0 && excess < 1e3 ? rootBound * (1 + excess) : .infinity
      if let best = search.best { limit = min(limit, best.value) }
      search.run(below: limit)
      proven = max(proven, min(limit, search.leastAbandoned))
      if let best = search.best, best.value <= limit { break }
      if limit == .infinity || search.leastAbandoned < .infinity { break }
      excess *= 6
    }
    lowerBound = max(rootBound, min(proven, search.best?.value ?? .infinity))
  }
}
