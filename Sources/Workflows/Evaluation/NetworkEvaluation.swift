public import Accelerator
public import CostModel
public import MappingSearch
public import Quantities
public import Workload

/// What a network costs under given mappings.
public struct NetworkEvaluation: Sendable {
  /// One layer with its mapping and what came out.
  public struct LayerResult: Sendable {
    /// The layer.
    public var layer: Layer
    /// Occurrences in the network.
    public var count: Int
    /// The schedule.
    public var mapping: Mapping
    /// Share of zeros in the gating operand, where known.
    public var zeroShare: Double?
    /// The cost, or why the mapping cannot run.
    public var outcome: MappingOutcome

    /// The cost when the mapping is legal.
    public var cost: LayerCost? {
      guard case .legal(let cost) = outcome else { return nil }
      return cost
    }
  }

  /// Name of the network.
  public let network: String
  /// The machine.
  public let architecture: Architecture
  /// Terms that are on.
  public let terms: CostTerms
  /// One entry per layer that was asked for.
  public let layers: [LayerResult]

  /// Evaluates every layer under its mapping.
  ///
  /// - Parameters:
  ///   - workload: Layers and zero shares.
  ///   - architecture: The machine.
  ///   - mappings: One per layer name; layers without one are left out and named in `missing`.
  ///   - terms: Which terms of the model count.
  public init(
    workload: ResolvedWorkload, architecture: Architecture, mappings: [String: Mapping],
    terms: CostTerms
  ) {
    network = workload.network.name
    self.architecture = architecture
    self.terms = terms
    var layers: [LayerResult] = []
    var missing: [String] = []
    for (entry, zeroShare) in zip(workload.network.entries, workload.zeroShares) {
      guard let mapping = mappings[entry.layer.name] else {
        missing.append(entry.layer.name)
        continue
      }
      let model = LoopNestCostModel(
        layer: entry.layer, architecture: architecture, terms: terms, zeroShare: zeroShare)
      layers.append(
        LayerResult(
          layer: entry.layer, count: entry.count, mapping: mapping, zeroShare: zeroShare,
          outcome: model.cost(of: mapping)))
    }
    self.layers = layers
    self.missing = missing
  }

  /// Layers whose mapping was searched for here because none was given.
  public private(set) var heuristicallyMapped: [String] = []

  /// Evaluates every layer under a mapping that `HeuristicMapper` finds: legal, good, not proven optimal.
  ///
  /// - Parameters:
  ///   - workload: The workload.
  ///   - architecture: The machine.
  ///   - terms: Which terms of the model count.
  ///   - mapper: Makes the mappings.
  ///   - onLayer: Called with each layer's name before it is mapped.
  /// - Throws: `CancellationError`.
  public init(
    mapping workload: ResolvedWorkload, architecture: Architecture, terms: CostTerms,
    mapper: HeuristicMapper = HeuristicMapper(), onLayer: (String) -> Void = { _ in }
  ) throws {
    var mappings: [String: Mapping] = [:]
    // Layers of one shape get one mapping.
    var known: [LayerShape: Mapping?] = [:]
    for (entry, zeroShare) in zip(workload.network.entries, workload.zeroShares) {
      try Task.checkCancellation()
      onLayer(entry.layer.name)
      let shape = LayerShape(entry.layer, zeroShare: zeroShare)
      let mapping =
        known[shape]
        ?? mapper.mapping(
          for: LoopNestCostModel(
            layer: entry.layer, architecture: architecture, terms: terms, zeroShare: zeroShare))?
        .mapping
      known[shape] = .some(mapping)
      mappings[entry.layer.name] = mapping
    }
    self.init(
      workload: workload, architecture: architecture, mappings: mappings, terms: terms)
    heuristicallyMapped = mappings.keys.sorted()
  }

  /// Layers of the network that have no mapping.
  public let missing: [String]

  /// Whether every mapping can run.
  public var isLegal: Bool { layers.allSatisfy { $0.cost != nil } }

  /// Energy of all legal layers, occurrences counted.
  public var energy: Energy {
    layers.reduce(.zero) { $0 + Double($1.count) * ($1.cost?.energy ?? .zero) }
  }

  /// Cycles of all legal layers, one after the other, occurrences counted; at most `Int.max`.
  ///
  /// A throughput bound: published Eyeriss latencies are 4 to 20 % longer.
  public var cycles: Cycles {
    Cycles(
      layers.reduce(0) { sum, result in
        let (product, tooLong) = result.count.multipliedReportingOverflow(
          by: result.cost?.cycles.count ?? 0)
        let (next, overflow) = sum.addingReportingOverflow(product)
        return tooLong || overflow ? .max : next
      })
  }

  /// Energy of a layer without off-chip memories and their networks.
  public func onChipEnergy(of cost: LayerCost) -> Energy {
    var energy = cost.energy.picojoules
    for (index, level) in architecture.levels.enumerated() where level.kind == .dram {
      energy -= cost.levels[index].energy.picojoules + cost.networks[index].energy.picojoules
    }
    return Energy(picojoules: energy)
  }

  /// Energy of all legal layers without off-chip memories and their networks.
  public var onChipEnergy: Energy {
    layers.reduce(.zero) { sum, result in
      sum + Double(result.count) * (result.cost.map(onChipEnergy(of:)) ?? .zero)
    }
  }

  /// Multiply-accumulates of all legal layers.
  public var macCount: Double {
    layers.reduce(0) { $0 + Double($1.count) * Double($1.cost?.macCount ?? 0) }
  }

  /// (Sum of energy) x (sum of latency).
  public var energyDelayProduct: EnergyDelayProduct { EnergyDelayProduct(energy, cycles) }

  /// The terms by name with what they are set to, for every report.
  public var termDescriptions: [String] {
    let effects = architecture.effects
    var lines = ["counting rules 1 to 13 (Timeloop's)"]
    lines.append(terms.networks ? "network energy and latency" : "no network energy and latency")
    lines.append(terms.linkTransfers ? "link transfers on" : "link transfers off")
    if terms.switchingFactor, effects.switchingFactor != 1 {
      lines.append("switching x \(readable(effects.switchingFactor))")
    }
    if terms.idleEnergy, effects.idleEnergyPerCycle > 0 {
      lines.append(
        "idle \(readable(effects.idleEnergyPerCycle)) pJ per PE and cycle, clock gating "
          + percent(effects.clockGating))
    }
    if terms.unusedLeakage, architecture.levels.contains(where: { $0.leakagePerCycle > 0 }) {
      lines.append("unused instances leak, too")
    }
    if terms.zeroGating, let gating = effects.zeroGating {
      lines.append(
        "zero \(gating.operand) gate MACs and \(gating.gatedOperands.joined(separator: ", "))")
    }
    return lines
  }
}
