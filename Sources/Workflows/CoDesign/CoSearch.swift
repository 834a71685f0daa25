import Accelerator
import BayesianOptimization
import CoDesign
import CostModel
import DesignSpace
import Dispatch
import Distribution
import Execution
import Foundation
import Interchange
import MappingSearch
import Search
import SimulationLog
public import Study
import Workload

/// A co-design study under way: machines outside, mappings of every layer inside, in a run folder that can be gone on with.
///
/// The folder holds `resolved.yaml`, `trials.sqlite` (a row a machine, on disk before the next), `state` (what the inner
/// searches know as of the last machines), `evaluations.csv` (every answer of an external evaluator), `tables/*.csv`,
/// `mappings`, and `dovetail.log`. Killed at any moment it goes on with the same machines and mappings. Results do not depend
/// on the number of threads.
public struct CoSearch: Sendable {
  /// How far a search is.
  public struct Progress: Sendable {
    /// What is going on: `search`, `baseline` or `explanation`.
    public var phase: String
    /// Machines finished.
    public var machineCount: Int
    /// Machines in all.
    public var budget: Int
    /// Layers finished on the machine under way.
    public var layerCount: Int
    /// Layers on every machine.
    public var layerBudget: Int
    /// Lowest objective so far.
    public var best: Double?
    /// Expected seconds to the end of the phase.
    public var secondsLeft: Double?
  }

  /// The study.
  public let file: CoSearchFile
  /// The run folder.
  public let folder: String
  /// Threads that search layers.
  public let threadCount: Int
  /// The outer problem; its space has the limits on parameters as constraints.
  public let problem: Problem
  /// Limits on parameters and expressions over them.
  let known: KnownLimits
  /// Run folders of searches under tighter limits, whose machines and memories this one begins with.
  var earlier: [String] = []
  /// Whether suggestions beyond a limit on resources are answered without counting as machines.
  var skipsExceeding = false
  let template: ArchitectureTemplate
  let workloads: [ResolvedWorkload]
  let layers: CoSearchLayers
  let baseline: Point?
  var mapper: CoSearchMapper
  /// Rules of `baselineConstraints`, by distinct layer.
  let baselineRules: [MapSpaceConstraints]?

  /// Designs that are drawn to tell whether limits and layers are within reach.
  static let drawnCount = 200
  /// Trial numbers from here on in `evaluations.csv` are those of the baseline's seeds.
  static let baselineTrial = 1_000_000
  /// Evaluations of the heuristic mapper where results are explained or networks weighed.
  static let explainingEvaluations = 2_000

  /// Reads everything a study names and prepares its run folder.
  ///
  /// - Throws: `SpecificationError`, `NetworkFileError`, `LogError`, `CoSearchError`.
  public init(_ file: CoSearchFile, folder: String, threadCount: Int = 1) throws {
    try self.init(reading: file, folder: folder, threadCount: threadCount)
    try prepareFolder()
  }

  /// Reads everything a study names, without a run folder.
  init(reading file: CoSearchFile, folder: String = "", threadCount: Int = 1) throws {
    self.file = file
    self.folder = folder
    self.threadCount = threadCount
    template = try ArchitectureTemplate(readingFile: file.resolved(file.template))
    workloads = try file.workloads.map { try readWorkload(path: file.resolved($0)).workload }
    let names = workloads.map(\.network.name)
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw LogError.conflict(
        "\(file.path): workloads: got two networks called \"\(names[twice])\", expected distinct names",
        hint: nil)
    }
    layers = CoSearchLayers(workloads, factors: file.factors)
    known = try Self.known(file, template)
    problem = try Self.problem(file, template, known, names)
    baseline = try Self.baseline(file, template)
    let estimator: any MappingCostEstimator
    if let evaluator = file.evaluator {
      estimator = CommandEstimator(
        command: evaluator.command, timeoutSeconds: evaluator.timeoutSeconds,
        isPersistent: evaluator.isPersistent)
    } else {
      estimator = EmbeddedEstimator()
    }
    mapper = CoSearchMapper(
      file, estimator: estimator, layers: layers, threadCount: max(1, threadCount))
    var rules: [MapSpaceConstraints]?
    if let path = file.baselineConstraints {
      let shared = try ConstraintsFile(readingFile: file.resolved(path))
      var list: [MapSpaceConstraints] = []
      for job in layers.jobs {
        list.append(
          try shared.constraints(for: job.layer, in: workloads[0].network).constraints)
      }
      rules = list
    }
    baselineRules = rules
  }

  /// What limits of a co-search may be about.
  static func limitNames(_ template: ArchitectureTemplate) -> LimitNames {
    LimitNames(
      metrics: [], what: "resource or parameter",
      others: CoSearchResource.allCases.map(\.rawValue),
      parameters: template.space.parameters)
  }

  private static func known(_ file: CoSearchFile, _ template: ArchitectureTemplate) throws
    -> KnownLimits
  {
    let names = limitNames(template)
    for (index, limit) in file.limits.enumerated() {
      do {
        _ = try names.isKnown(limit)
      } catch let problem as LimitNames.Problem {
        // A sweep's own limits have no place in the study, and are checked by the sweep.
        guard file.limitPlaces.indices.contains(index) else {
          throw LogError.conflict("\(file.path): resources: \(problem.text)", hint: problem.hint)
        }
        throw SpecificationError.malformed(
          at: file.limitPlaces[index], problem: problem.text, hint: problem.hint)
      }
    }
    return try KnownLimits(file.limits, over: template.space.parameters)
  }

  private static func problem(
    _ file: CoSearchFile, _ template: ArchitectureTemplate, _ known: KnownLimits,
    _ names: [String]
  ) throws -> Problem {
    var metrics = [
      Metric("objective"), Metric("area_mm2", unit: "mm^2"), Metric("evaluations"),
    ]
    for name in names {
      metrics.append(Metric("energy_uj.\(name)", unit: "uJ"))
      metrics.append(Metric("cycles.\(name)"))
      metrics.append(Metric("layer_edp_sum.\(name)", unit: "uJ Mcycle"))
    }
    do {
      return try Problem(
        name: template.spaceName, space: known.constraining(template.space), metrics: metrics,
        objectives: [Objective(.minimize, "objective")])
    } catch {
      throw LogError.conflict("\(file.path): \(error)", hint: nil)
    }
  }

  private static func baseline(_ file: CoSearchFile, _ template: ArchitectureTemplate) throws
    -> Point?
  {
    guard let values = file.baseline else { return nil }
    let point: Point
    do {
      point = try template.space.point(values)
    } catch {
      throw LogError.conflict("\(file.path): baseline: \(error)", hint: nil)
    }
    if let violation = template.space.violations(of: point).first {
      throw LogError.conflict("\(file.path): baseline: \(violation)", hint: nil)
    }
    return point
  }

  // MARK: The folder

  /// The log of the run.
  public var logFile: String { "\(folder)/trials.sqlite" }

  private func prepareFolder() throws {
    let path = "\(folder)/resolved.yaml"
    var text = resolvedText
    if let executor = file.executor, executor.kind != .local {
      text += "executor: \(executor.flow)\n"
    }
    func core(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { !$0.hasPrefix("executor: ") }
    }
    if let known = try? String(contentsOfFile: path, encoding: .utf8) {
      guard core(known) == core(text) else {
        throw CoSearchError.folder(
          folder, problem: "the run is of another study",
          hint:
            "go on with it as it was: dovetail codesign --resume \(folder); or give another --out"
        )
      }
      return
    }
    if FileManager.default.fileExists(atPath: logFile) {
      throw CoSearchError.folder(
        folder,
        problem: "there is a log but no resolved.yaml, expected a run folder or an empty one",
        hint: "give another --out")
    }
    do {
      try makePrivateFolder(folder)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: "--out", got: folder, expected: "a folder that can be made and written to", hint: nil)
    }
  }

  func note(_ text: String) {
    let path = "\(folder)/dovetail.log"
    if !FileManager.default.fileExists(atPath: path) {
      try? Data().write(to: URL(fileURLWithPath: path))
    }
    guard let handle = FileHandle(forWritingAtPath: path) else { return }
    _ = try? handle.seekToEnd()
    try? handle.write(contentsOf: Data((text + "\n").utf8))
    try? handle.close()
  }

  // MARK: The search

  /// Searches from where the run folder ends, then compares with the baseline and explains.
  ///
  /// - Parameters:
  ///   - takesOver: Whether another process that works on the run, through an executor, is pushed aside.
  ///   - progress: Called as layers and machines end.
  ///   - message: Gets what an executor has to say, for people; called on any thread.
  /// - Throws: `CoSearchError`, `TrialLogError`, `SearchError`, `DesignSpaceError`, `CancellationError`, and with an executor
  ///   `ExecutorError`, `DistributionError`.
  public func run(
    takesOver: Bool = false, progress: (Progress) -> Void = { _ in },
    message: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> CoSearchFinding {
    try await withTasks(takesOver: takesOver, message: message) { try await $0.runHere(progress) }
  }

  private func runHere(_ progress: (Progress) -> Void) async throws -> CoSearchFinding {
    try checkReach()
    let answers = try file.evaluator.map { _ in try CoSearchAnswers(folder: folder) }
    let reference = try reference()
    let (trials, best) = try await search(answers, reference, progress)
    let comparison: BaselineResult?
    do {
      comparison = try baselineResult(answers, progress)
    } catch let failure as EvaluationFailure {
      throw CoSearchError.evaluatorBroke(
        folder: folder, failure: failure, count: mapper.software.options.failureLimit)
    }
    let finding = try self.finding(trials, best, comparison, progress)
    try writeTables(finding)
    return finding
  }

  /// What the run folder has so far, without the comparison with a baseline; `nil` before the first machine.
  ///
  /// Nothing in the folder changes.
  /// - Throws: `TrialLogError`, `CoSearchError.folder` for a state that is absent or cut short, `SearchError`.
  public func recorded() throws -> CoSearchFinding? {
    guard FileManager.default.fileExists(atPath: logFile) else { return nil }
    let trials = try TrialLog.open(file: logFile).trials(of: problem).trials
    guard !trials.isEmpty else { return nil }
    return try finding(trials, try state(after: trials.count).best, nil) { _ in }
  }

  private func state(after count: Int) throws -> CoSearchState {
    guard let state = CoSearchState.read(folder: folder, trial: count - 1),
      state.memories.count == layers.jobs.count
    else {
      throw CoSearchError.folder(
        folder, problem: "state/\(count - 1).json is absent or cut short",
        hint: "begin again with another --out")
    }
    return state
  }

  func search(
    _ answers: CoSearchAnswers?, _ reference: CoSearchCost?, _ progress: (Progress) -> Void
  ) async throws -> (trials: [Trial], best: CoSearchState.Best?) {
    let log =
      FileManager.default.fileExists(atPath: logFile)
      ? try TrialLog.open(file: logFile, access: .appending)
      : try TrialLog.create(file: logFile, catalog: LogCatalog(problem))
    let recorded = try log.trials(of: problem).trials.enumerated().map { index, trial in
      Trial(
        id: index, point: trial.point, context: trial.context, outcome: trial.outcome,
        origin: trial.origin)
    }
    let seed = Seed(file.seed)
    var state = CoSearchState(
      memories: layers.jobs.map { _ in LayerMemory() }, best: nil)
    let history = try self.history()
    if recorded.isEmpty { state.memories = earlierMemories() ?? state.memories }
    if !recorded.isEmpty { state = try self.state(after: recorded.count) }
    var designer = OuterDesigner(
      base: outerDesigner(seed), space: problem.space, isWithin: withinResources)
    var trialNumber = recorded.count
    // A copy: layers report while the state is being changed.
    var lowest = state.best?.objective
    let start = DispatchTime.now().uptimeNanoseconds
    func report(_ layerCount: Int) {
      let done = trialNumber - recorded.count
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      progress(
        Progress(
          phase: "search", machineCount: trialNumber, budget: file.budget.hardware,
          layerCount: layerCount, layerBudget: layers.jobs.count, best: lowest,
          secondsLeft: done > 0
            ? seconds / Double(done) * Double(file.budget.hardware - trialNumber) : nil))
    }
    let result = try await runSearch(
      of: problem, with: &designer,
      budget: SearchBudget(evaluationCount: file.budget.hardware), seed: seed.child("hardware"),
      origin: Trial.Origin(evaluator: "co-design \(template.name)", evaluatorVersion: "1"),
      history: history, recorded: recorded,
      evaluate: { point, _ in
        // The loop would take a failure for one machine's: here the evaluator itself is gone.
        do {
          return try evaluate(point, trialNumber, &state, answers, reference, report)
        } catch let failure as EvaluationFailure {
          throw CoSearchError.evaluatorBroke(
            folder: folder, failure: failure, count: mapper.software.options.failureLimit)
        }
      },
      record: { trial in
        try state.write(folder: folder, trial: trialNumber)
        _ = try log.append(trial, of: problem)
        note(
          "machine \(trialNumber + 1): \(problem.space.description(of: trial.point)): \(Self.text(trial.outcome))"
        )
        trialNumber += 1
        lowest = state.best?.objective
        report(0)
      })
    return (result.trials, try refined(result.trials, state.best, reference))
  }

  private static func text(_ outcome: Outcome) -> String {
    switch outcome {
    case .measured(let values): "objective \(values[0])"
    case .infeasible(let infeasibility): infeasibility.reason.description
    case .failed(let failure): failure.description
    }
  }

  private func evaluate(
    _ point: Point, _ trial: Int, _ state: inout CoSearchState, _ answers: CoSearchAnswers?,
    _ reference: CoSearchCost?, _ report: (Int) -> Void
  ) throws -> Outcome {
    let nothing = [Double?](repeating: nil, count: problem.metrics.count)
    let machine: CoSearchMachine
    do {
      machine = try CoSearchMachine(template, at: point, layers: layers)
    } catch CoSearchMachine.Refusal.unbuilt(let reason) {
      return .infeasible(Infeasibility(.hidden(reason), values: nothing))
    } catch CoSearchMachine.Refusal.layer(let job, let reason) {
      return .infeasible(
        Infeasibility(
          .hidden("layer \"\(layers.jobs[job].layer.name)\": \(reason)"), values: nothing)
      )
    }
    let area = CoSearchResource.area.amount(in: machine.architecture)
    var values = nothing
    values[1] = area
    values[2] = 0
    if let (resource, limit) = exceeded(by: machine.architecture) {
      return .infeasible(
        Infeasibility(.hidden("\(resource.rawValue) above \(compact(limit))"), values: values))
    }
    var mapper = mapper
    if file.method == .mapper { mapper.heuristicLimit = screeningEvaluations }
    let found = try mapper.searchAll(
      machine, memories: state.memories, seed: Seed(file.seed).child("machine", trial),
      trial: trial,
      answers: answers, onLayer: report)
    for (job, one) in found.enumerated() { state.memories[job].add(one.memory) }
    values[2] = Double(found.reduce(0) { $0 + $1.evaluationCount })
    if let job = found.indices.first(where: { found[$0].cost == nil }) {
      return .infeasible(
        Infeasibility(
          .hidden("layer \"\(layers.jobs[job].layer.name)\": no mapping that runs was found"),
          values: values))
    }
    let cost = CoSearchCost(layers, costs: found.compactMap(\.cost))
    let objective = cost.objective(file, reference: reference) * objectiveScale
    var measured = [objective, area, values[2] ?? 0]
    for network in cost.networks {
      measured += [network.energy * 1e-6, network.cycles, network.sumOfLayerEDPs * 1e-12]
    }
    if state.best.map({ objective < $0.objective }) ?? true {
      state.best = CoSearchState.Best(
        trial: trial, objective: objective, mappings: Self.sketches(found))
    }
    return .measured(measured)
  }

  static func sketches(_ found: [CoSearchMapper.Found]) -> [LayerMemory.Sketch] {
    found.compactMap { one in
      one.mapping.flatMap { mapping in
        one.cost.map { LayerMemory.Sketch(mapping, value: log($0.energyDelayProduct)) }
      }
    }
  }

  /// Products are in uJ Mcycle, shares of the baseline plain numbers.
  var objectiveScale: Double {
    workloads.count == 1 || file.across == .geometricMean ? 1e-12 : 1
  }

  /// The first limit a machine exceeds.
  func exceeded(by architecture: Architecture) -> (resource: CoSearchResource, limit: Double)? {
    file.resources.first { $0.resource.amount(in: architecture) > $0.limit }
  }

  private func outerDesigner(_ seed: Seed) -> any Designer {
    var options = HardwareDesigner.Options()
    options.warmUpCount = file.budget.hardwareWarmUp
    options.acquisition = file.acquisition
    let template = template
    let features = HardwareFeatures(template.space)
    // Limits on resources are known: what exceeds one has no features and is not a candidate.
    let resources = file.resources
    let values: @Sendable (Point) -> [Double]? = { point in
      guard let machine = try? template.machine(at: point) else { return nil }
      guard !resources.contains(where: { $0.resource.amount(in: machine.architecture) > $0.limit })
      else { return nil }
      return features.values(of: machine.architecture, at: point)
    }
    switch file.method {
    case .nested:
      options.surrogate = file.surrogate == .linear ? .linear : .forest
    case .mapper:
      var settings = BayesianDesigner.Options()
      settings.initialCount = file.budget.hardwareWarmUp
      return BayesianDesigner(problem, options: settings, seed: seed)
    case .random: return RandomDesigner(problem)
    case .unconstrained: options.learnsFeasibility = false
    case .relaxRound:
      options.learnsFeasibility = false
      options.isRelaxed = true
    case .boostedTrees:
      options.surrogate = .boostedTrees
      options.learnsFeasibility = false
    case .evolution: return EvolutionDesigner(problem)
    }
    return HardwareDesigner(
      problem, name: file.method.rawValue, options: options, features: values)
  }

  // MARK: What is within reach

  /// Draws designs and asks whether limits are met and layers run.
  func checkReach() throws {
    var generator = Seed(file.seed).child("reach").generator()
    var smallest = file.resources.map { _ in Double.infinity }
    var meetsAll = file.resources.isEmpty
    var open: [Int: String] = [:]
    for job in layers.jobs.indices { open[job] = "no design was built" }
    for _ in 0..<Self.drawnCount {
      if meetsAll, open.isEmpty { return }
      let point = try problem.space.sampler.sample(using: &generator)
      guard let built = try? template.machine(at: point) else { continue }
      let amounts = file.resources.map { $0.resource.amount(in: built.architecture) }
      for index in amounts.indices { smallest[index] = min(smallest[index], amounts[index]) }
      let isWithin = zip(amounts, file.resources).allSatisfy { $0 <= $1.limit }
      meetsAll = meetsAll || isWithin
      for job in layers.jobs.indices where open[job] != nil {
        let single = CoSearchLayers(job: layers.jobs[job])
        do {
          _ = try CoSearchMachine(template, at: point, layers: single)
          open[job] = nil
        } catch CoSearchMachine.Refusal.layer(_, let reason) {
          open[job] = reason
        } catch CoSearchMachine.Refusal.unbuilt(let reason) {
          open[job] = reason
        }
      }
    }
    for (index, entry) in file.resources.enumerated() where smallest[index] > entry.limit {
      throw CoSearchError.resourceOutOfReach(
        study: file.path, resource: entry.resource, limit: entry.limit, smallest: smallest[index],
        drawnCount: Self.drawnCount)
    }
    guard meetsAll else {
      throw CoSearchError.resourcesTogether(study: file.path, drawnCount: Self.drawnCount)
    }
    if let job = open.keys.min() {
      let network = layers.uses.firstIndex { $0.contains { $0.job == job } } ?? 0
      throw CoSearchError.layerRunsNowhere(
        layer: layers.jobs[job].layer.name, network: layers.names[network],
        drawnCount: Self.drawnCount, reason: open[job] ?? "")
    }
  }

  /// The baseline's cost by the heuristic mapper, of which several networks are shares.
  func reference() throws -> CoSearchCost? {
    guard workloads.count > 1, file.across != .geometricMean, let baseline else { return nil }
    let machine = try baselineMachine(baseline, rules: nil)
    return CoSearchCost(
      layers, costs: explainingCosts(machine).compactMap(\.?.cost))
  }
}
