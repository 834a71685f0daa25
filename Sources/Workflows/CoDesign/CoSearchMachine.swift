import Accelerator
import CoDesign
import CostModel
import DesignSpace
import Execution
import Foundation
import Interchange
import MappingSearch
import Quantities
import Study
import Workload

/// A machine with the mapping spaces of all layers on it.
struct CoSearchMachine: Sendable {
  let point: Point
  /// Whether rules on top of those of the template hold.
  let isBound: Bool
  let architecture: Architecture
  /// By distinct layer.
  let spaces: [MapSpace]
  /// By distinct layer the spaces of rounder ones; empty with perfect factors.
  let roundedSpaces: [[MapSpace]]

  /// Why a design cannot be used.
  enum Refusal: Error {
    case unbuilt(String)
    case layer(Int, String)
  }

  /// Builds the machine of a design and finds a legal mapping of every layer.
  ///
  /// - Parameter rules: Rules on top of those of the template, by distinct layer.
  /// - Throws: `Refusal`.
  init(
    _ template: ArchitectureTemplate, at point: Point, layers: CoSearchLayers,
    rules: [MapSpaceConstraints]? = nil
  ) throws {
    let machine: ArchitectureTemplate.Machine
    do {
      machine = try template.machine(at: point)
    } catch {
      throw Refusal.unbuilt("cannot be built: \(Self.short(error))")
    }
    self.point = point
    isBound = rules != nil
    architecture = machine.architecture
    var spaces: [MapSpace] = []
    var roundedSpaces: [[MapSpace]] = []
    for (index, job) in layers.jobs.enumerated() {
      if let overflow = machine.overflow(of: job.layer) { throw Refusal.layer(index, overflow) }
      var constraints = machine.constraints(for: job.layer)
      if let rules { constraints.levels += rules[index].levels }
      let space: MapSpace
      do {
        space = try MapSpace(
          of: job.layer, on: architecture, constraints: constraints, terms: .countingOnly)
      } catch {
        throw Refusal.layer(index, "\(error)".split(separator: "\n").first.map(String.init) ?? "")
      }
      var generator = Seed(0).child("legal").generator()
      guard MappingWorkbench(space).draw(using: &generator) else {
        throw Refusal.layer(index, "no legal mapping was found")
      }
      spaces.append(space)
      roundedSpaces.append(
        layers.factors == .perfect
          ? [] : Self.roundedSpaces(of: job.layer, on: machine, rules: rules?[index]))
    }
    self.spaces = spaces
    self.roundedSpaces = roundedSpaces
  }

  /// The mapping spaces of rounder layers, where the machine has one.
  private static func roundedSpaces(
    of layer: Layer, on machine: ArchitectureTemplate.Machine, rules: MapSpaceConstraints?
  ) -> [MapSpace] {
    RoundedLayers.candidates(for: layer, on: machine.architecture).compactMap { rounded in
      guard machine.overflow(of: rounded) == nil else { return nil }
      var constraints = machine.constraints(for: rounded)
      if let rules { constraints.levels += rules.levels }
      return try? MapSpace(
        of: rounded, on: machine.architecture, constraints: constraints, terms: .countingOnly)
    }
  }

  /// An error without file and line, which are the same for all designs.
  private static func short(_ error: SpecificationError) -> String {
    let text = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
    let prefix = "\(error.place.file):\(error.place.line): "
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }
}

/// The search of every layer on one machine, on several threads.
struct CoSearchMapper: Sendable {
  let method: CoSearchFile.Method
  let software: SoftwareSearch
  let estimator: any MappingCostEstimator
  let layers: CoSearchLayers
  let threadCount: Int
  /// Evaluations of the heuristic mapper a layer.
  var heuristicLimit: Int
  /// Who searches layers in place of this process.
  var remote: DistributedLayers?
  /// Whether an external program costs mappings.
  let isExternal: Bool

  /// What came of one layer.
  struct Found: Sendable {
    var mapping: Mapping?
    var cost: MappingCost?
    var evaluationCount: Int
    var memory: LayerMemory
  }

  init(
    _ file: CoSearchFile, estimator: any MappingCostEstimator, layers: CoSearchLayers,
    threadCount: Int
  ) {
    method = file.method
    var options = SoftwareSearch.Options()
    options.trialCount = file.budget.software
    options.warmUpCount = file.budget.softwareWarmUp
    options.features = file.features
    options.surrogate = file.surrogate
    options.acquisition = file.acquisition
    options.method =
      switch file.method {
      case .nested, .mapper: .bayesian
      case .random: .random
      case .unconstrained: .unconstrained
      case .relaxRound: .relaxed
      case .boostedTrees: .boostedTrees
      case .evolution: .evolution
      }
    if file.method == .boostedTrees || file.method == .evolution { options.surrogate = .linear }
    software = SoftwareSearch(options)
    self.estimator = estimator
    self.layers = layers
    self.threadCount = threadCount
    heuristicLimit = file.budget.software
    isExternal = file.evaluator != nil
  }

  /// Searches one layer.
  func search(
    _ job: Int, in space: MapSpace, rounded: [MapSpace], memory: LayerMemory, seed: Seed,
    stop: StopFlag,
    recorded: [SoftwareSearch.Answer], record: (SoftwareSearch.Answer) throws -> Void
  ) throws -> Found {
    let layer = layers.jobs[job]
    if method == .mapper {
      return heuristic(
        layer, in: space, rounded: rounded, evaluationLimit: heuristicLimit, seed: seed)
    }
    let result = try software.run(
      in: space, memory: memory, seed: seed,
      estimate: estimator.estimate(
        of: layer.layer, on: space.architecture, zeroShare: layer.zeroShare),
      recorded: recorded
    ) { answer in
      if stop.isRaised { throw CancellationError() }
      try record(answer)
    }
    return Found(
      mapping: result.mapping, cost: result.cost, evaluationCount: result.evaluationCount,
      memory: result.memory)
  }

  /// The heuristic mapper on the embedded model; half of the evaluations for the layer itself where there are rounder ones.
  func heuristic(
    _ job: CoSearchLayers.Job, in space: MapSpace, rounded: [MapSpace], evaluationLimit: Int,
    seed: Seed
  ) -> Found {
    guard !rounded.isEmpty, evaluationLimit > 2 * rounded.count else {
      return heuristic(job, in: space, evaluationLimit: evaluationLimit, seed: seed)
    }
    let share = evaluationLimit / 2 / rounded.count
    var best = heuristic(
      job, in: space, evaluationLimit: evaluationLimit - share * rounded.count, seed: seed)
    for (number, other) in rounded.enumerated() {
      var rounder = job
      rounder.layer = other.layer
      let found = heuristic(
        rounder, in: other, evaluationLimit: share, seed: seed.child("rounded", number))
      best.evaluationCount += found.evaluationCount
      guard let mapping = found.mapping,
        let own = try? RoundedLayers.mapping(
          mapping, as: job.layer, on: space.architecture),
        case .legal(let cost) = model(of: job, on: space.architecture).cost(of: own)
      else { continue }
      let value = MappingCost(energy: cost.energy.picojoules, cycles: Double(cost.cycles.count))
      if let known = best.cost, known.energyDelayProduct <= value.energyDelayProduct { continue }
      best.mapping = own
      best.cost = value
    }
    return best
  }

  private func model(of job: CoSearchLayers.Job, on architecture: Architecture)
    -> LoopNestCostModel
  {
    LoopNestCostModel(
      layer: job.layer, architecture: architecture, terms: .countingOnly,
      zeroShare: job.zeroShare)
  }

  private func heuristic(
    _ job: CoSearchLayers.Job, in space: MapSpace, evaluationLimit: Int, seed: Seed
  ) -> Found {
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = evaluationLimit
    mapper.seed = seed
    let model = model(of: job, on: space.architecture)
    guard let mapped = mapper.mapping(for: model, in: space) else {
      return Found(mapping: nil, cost: nil, evaluationCount: evaluationLimit, memory: LayerMemory())
    }
    return Found(
      mapping: mapped.mapping,
      cost: MappingCost(energy: mapped.totals.energy, cycles: Double(mapped.totals.cycles)),
      evaluationCount: mapped.evaluationCount, memory: LayerMemory())
  }

  /// Searches every layer of a machine.
  ///
  /// - Parameters:
  ///   - answers: Where answers are kept; trial numbers name them.
  ///   - onLayer: Called on this thread as layers end.
  /// - Throws: `CancellationError`, `EvaluationFailure`.
  func searchAll(
    _ machine: CoSearchMachine, memories: [LayerMemory], seed: Seed, trial: Int,
    answers: CoSearchAnswers?, onLayer: (Int) -> Void = { _ in }
  ) throws -> [Found] {
    let stop = StopFlag()
    var found: [Found?] = Array(repeating: nil, count: layers.jobs.count)
    var failure: (any Error)?
    var count = 0
    let threads = remote == nil ? threadCount : layers.jobs.count
    try concurrentJobs(count: layers.jobs.count, threadCount: threads, stop: stop) {
      job -> Swift.Result<Found, any Error> in
      Swift.Result {
        if let remote {
          return try search(
            job, on: machine, memory: memories[job], seed: seed.child("layer", job), stop: stop,
            recordedCount: answers?.recorded(trial: trial, layer: job).count ?? 0, by: remote
          ) { answer in
            try answers?.append(answer, trial: trial, layer: job)
          }
        }
        return try search(
          job, in: machine.spaces[job], rounded: machine.roundedSpaces[job],
          memory: memories[job], seed: seed.child("layer", job), stop: stop,
          recorded: answers?.recorded(trial: trial, layer: job) ?? []
        ) { answer in
          try answers?.append(answer, trial: trial, layer: job)
        }
      }
    } receive: { job, result in
      switch result {
      case .success(let value): found[job] = value
      case .failure(let error):
        failure = failure ?? error
        stop.raise()
      }
      count += 1
      onLayer(count)
    }
    if let failure { throw failure }
    return found.compactMap { $0 }
  }
}
