public import Accelerator
public import CostModel
import Dispatch
import Execution
import Interchange
import MappingSearch
import Quantities
public import Workload

/// The mappings a search found for the layers of a network, and what they cost.
///
/// Layers of one shape are mapped once. When the surrounding task is cancelled, what is finished is kept, and
/// the best so far of the layers under way.
public struct NetworkMapping: Sendable {
  /// How far a search is.
  public struct Status: Sendable {
    /// Distinct layers whose search has ended.
    public var finishedCount: Int
    /// Distinct layers.
    public var count: Int
    /// (Sum of energy) x (sum of latency) of the layers finished, occurrences counted, in pJ cycles; 0 at first.
    public var energyDelayProduct: Double
    /// Time to go, if the remaining layers take as long as the finished ones; `nil` until one is finished.
    public var secondsLeft: Double?

    /// Progress in words.
    public var text: String {
      var parts = ["\(finishedCount) of \(count) distinct layers mapped"]
      if energyDelayProduct > 0 {
        parts.append("best EDP so far \(readable(energyDelayProduct / 1e12)) uJ Mcycle")
      }
      if let secondsLeft { parts.append("\(Int(secondsLeft.rounded(.up))) s left") }
      return parts.joined(separator: ", ")
    }
  }

  /// The workload that was asked for.
  public let workload: ResolvedWorkload
  /// How mappings were searched for.
  public let options: MappingOptions
  /// What the found mappings cost; layers without one are `missing` there.
  public let evaluation: NetworkEvaluation
  /// For each entry of the network, how its search ended; `nil` when it was cancelled before.
  public let schedules: [LayerSchedule?]
  /// Whether the search was cancelled before its end; layers under way then have their best mapping and its gap.
  public let wasInterrupted: Bool
  /// For each entry of the network, the first entry of its shape.
  public let firstOfShape: [Int]

  /// Layers that were not mapped because the search was cancelled.
  public var unfinished: [String] {
    zip(workload.network.entries, schedules).filter { $0.1 == nil }.map(\.0.layer.name)
  }

  /// Sum over layers, occurrences counted, of each one's energy times its latency, in pJ cycles.
  public var sumOfLayerEDPs: Double {
    evaluation.layers.reduce(0) { sum, result in
      sum + Double(result.count) * (result.cost?.energyDelayProduct.picojouleCycles ?? 0)
    }
  }

  /// Layers whose search has ended.
  public var finishedCount: Int { schedules.count { $0 != nil } }

  /// Whether every layer whose search ended has a mapping.
  public var isFeasible: Bool { schedules.allSatisfy { $0 == nil || $0?.found != nil } }

  /// The found mappings as a file that `MappingFile` reads back to equal values; `nil` when there are none.
  public var mappingFile: String? {
    guard !evaluation.layers.isEmpty else { return nil }
    return mappingYAML(
      of: mappings, network: workload.network, architecture: evaluation.architecture)
  }

  private var mappings: [String: Mapping] {
    Dictionary(
      evaluation.layers.map { ($0.layer.name, $0.mapping) }, uniquingKeysWith: { first, _ in first }
    )
  }

  /// Maps every layer of a workload.
  ///
  /// - Parameters:
  ///   - workload: The workload.
  ///   - architecture: The machine.
  ///   - terms: Which terms of the model count.
  ///   - options: Its settings.
  ///   - constraints: What mappings must obey, checked for all layers before the first search.
  ///   - demands: What a foreign architecture file asks of mappings, on top.
  ///   - whole: The network whose names constraints may use, when the workload is a part of it.
  ///   - onProgress: Called on this thread several times a second.
  /// - Throws: `SpecificationError` for constraints that do not describe a space.
  public init(
    of workload: ResolvedWorkload, on architecture: Architecture, terms: CostTerms,
    options: MappingOptions, constraints: ConstraintsFile? = nil,
    demands: TimeloopDemands? = nil, whole: Network? = nil,
    onProgress: (Status) -> Void = { _ in }
  ) throws {
    let entries = workload.network.entries
    var jobs: [LayerJob] = []
    var numbers: [LayerShape: Int] = [:]
    var jobOfEntry: [Int] = []
    var firstEntries: [Int] = []
    for (index, (entry, zeroShare)) in zip(entries, workload.zeroShares).enumerated() {
      let shape = LayerShape(entry.layer, zeroShare: zeroShare)
      if let known = numbers[shape] {
        jobOfEntry.append(known)
        continue
      }
      let model = LoopNestCostModel(
        layer: entry.layer, architecture: architecture, terms: terms, zeroShare: zeroShare)
      let space = try mapSpace(
        for: model, in: whole ?? workload.network, constraints: constraints,
        freesKeepSets: options.freesKeepSets, demands: demands)
      numbers[shape] = jobs.count
      jobOfEntry.append(jobs.count)
      firstEntries.append(index)
      jobs.append(LayerJob(model: model, space: space))
    }
    let counts = jobs.indices.map { job in
      zip(entries, jobOfEntry).reduce(0) { $1.1 == job ? $0 + $1.0.count : $0 }
    }
    var results: [LayerSchedule?] = Array(repeating: nil, count: jobs.count)
    let stop = StopFlag()
    let mapper = LayerMapper(options: options, shouldStop: { stop.isRaised })
    let start = DispatchTime.now().uptimeNanoseconds
    var status = Status(finishedCount: 0, count: jobs.count, energyDelayProduct: 0)
    var (energy, cycles) = (0.0, 0.0)
    do {
      try concurrentJobs(count: jobs.count, threadCount: options.threadCount, stop: stop) {
        [jobs] number in
        mapper.schedule(for: jobs[number].model, in: jobs[number].space)
      } tick: {
        if status.finishedCount > 0 {
          let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
          let left = Double(jobs.count - status.finishedCount)
          status.secondsLeft = seconds / Double(status.finishedCount) * left
        }
        onProgress(status)
      } receive: { number, schedule in
        results[number] = schedule
        if let mapping = schedule.found?.mapping,
          case .legal(let cost) = jobs[number].model.cost(of: mapping)
        {
          energy += Double(counts[number]) * cost.energy.picojoules
          cycles += Double(counts[number]) * Double(cost.cycles.count)
        }
        status.finishedCount += 1
        status.energyDelayProduct = energy * cycles
      }
    } catch is CancellationError {
      // The layers without a result say so, those that were stopped have a gap.
    }
    wasInterrupted = stop.isRaised
    var mappings: [String: Mapping] = [:]
    for (entry, job) in zip(entries, jobOfEntry) {
      mappings[entry.layer.name] = results[job]?.found?.mapping
    }
    self.workload = workload
    self.options = options
    schedules = jobOfEntry.map { results[$0] }
    firstOfShape = jobOfEntry.map { firstEntries[$0] }
    evaluation = NetworkEvaluation(
      workload: workload, architecture: architecture, mappings: mappings, terms: terms)
  }
}

/// One distinct layer to be mapped.
private struct LayerJob: Sendable {
  var model: LoopNestCostModel
  var space: MapSpace
}

/// What a layer's cost depends on: everything but its name.
struct LayerShape: Hashable {
  var dimensions: [LoopDimension]
  var operands: [Operand]
  var zeroShare: Double?

  init(_ layer: Layer, zeroShare: Double?) {
    dimensions = layer.dimensions
    operands = layer.operands
    self.zeroShare = zeroShare
  }
}

/// The map space of a model's layer under the rules of a file, if there is one.
///
/// - Throws: `SpecificationError` for rules, `MapSpaceError` for a machine without any.
func mapSpace(
  for model: LoopNestCostModel, in network: Network, constraints file: ConstraintsFile?,
  freesKeepSets: Bool?, demands: TimeloopDemands? = nil
) throws -> MapSpace {
  if let demands {
    var rules = MapSpaceConstraints.none
    if let file { rules = try file.constraints(for: model.layer, in: network).constraints }
    if let freesKeepSets { rules.freesKeepSets = freesKeepSets }
    try demands.add(to: &rules, for: model.layer, on: model.architecture)
    do {
      return try MapSpace(
        of: model.layer, on: model.architecture, constraints: rules, terms: model.terms)
    } catch {
      throw SpecificationError.rejected(
        at: SpecificationPlace(file: demands.path, line: 1),
        reason: "constraints for layer \"\(shortened(model.layer.name))\": \(error)")
    }
  }
  guard var file else {
    var constraints = MapSpaceConstraints.none
    constraints.freesKeepSets = freesKeepSets ?? false
    return try MapSpace(for: model, constraints: constraints)
  }
  if let freesKeepSets { file.constraints.freesKeepSets = freesKeepSets }
  return try file.space(
    of: model.layer, in: network, on: model.architecture, terms: model.terms)
}
