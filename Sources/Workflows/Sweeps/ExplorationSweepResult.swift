import DesignSpace
import Foundation
import SimulationLog
import Study

/// What a sweep found, from its logs alone.
struct ExplorationSweepResult: Sendable {
  /// The best of a step.
  struct Best: Sendable {
    /// The objective.
    var value: Double
    /// The design with all its metrics.
    var design: Exploration.Design
    /// The seed and the step whose search found it.
    var seed: UInt64
    /// The step, from 0.
    var step: Int
  }

  /// A step on one workload.
  struct Entry: Sendable {
    /// The limits that move.
    var limits: [MetricLimit]
    /// Evaluations of the step's own searches, all seeds.
    var evaluationCount: Int
    /// Trials of the whole sweep that are feasible under the step's limits.
    var feasibleCount: Int
    /// The best of each seed's sweep, in the order of the seeds; `nil` where nothing is feasible.
    var bySeed: [Best?]
    /// The best of all.
    var best: Best?
    /// The best of each seed's random search, where there is one; `nil` where nothing is feasible.
    var randomBySeed: [Double?] = []
    /// The limit the best design is closest to, and by which share of the bound it stays away.
    var binding: (limit: MetricLimit, slack: Double)?
  }

  /// The workloads, one empty name for a command.
  var workloads: [String]
  /// For each workload the steps.
  var entries: [[Entry]]
  /// For each workload all trials of all seeds.
  var trials: [[Trial]]
  /// For each workload and seed the trials of all steps in order.
  let searches: [[[Trial]]]
  /// For each workload and seed the trials of the random search; no seeds without one.
  let randomSearches: [[[Trial]]]
  /// For each workload the study's baseline; empty without one, or before it was evaluated.
  let baselines: [BaselineDesign]
  /// For each workload the values of the limits that move at the baseline; `nil` where one is undefined or it does not run.
  let baselinePlaces: [[Double]?]
  /// The problem without the limits that move.
  let problem: Problem
  let sweep: ExplorationSweep
  /// An exploration, for units, values and schedules.
  let first: Exploration
  /// The limits that move and are known from a design alone, of the loosest step.
  let moving: KnownLimits

  /// Reads the logs of a sweep, as far as they are.
  ///
  /// - Throws: `TrialLogError`, `LogError`, `SpecificationError`.
  init(of sweep: ExplorationSweep) throws {
    self.sweep = sweep
    let place = try sweep.steps.indices.first { try !sweep.isEmpty($0) }
    guard let place else {
      throw DesignSpaceError.noLegalDesign(
        reason: "under any of the limits of \(sweep.file.path)")
    }
    let first = try sweep.exploration(ofStep: place, seed: sweep.file.seeds[0])
    self.first = first
    let moving = Set(sweep.file.sweep.map(\.limit))
    self.moving = try KnownLimits(
      (sweep.steps.last ?? []).filter { first.problem.index(ofMetric: $0.metric) == nil },
      over: first.problem.space.parameters)
    let problem = try Problem(
      name: first.problem.name, space: first.problem.space, metrics: first.problem.metrics,
      objectives: first.problem.objectives,
      limits: first.problem.limits.filter { !moving.contains($0.metric) })
    self.problem = problem
    workloads = first.contexts.map(\.id)
    // For each workload, seed and step the trials.
    var all: [[[[Trial]]]] = workloads.map { _ in [] }
    for seed in sweep.file.seeds {
      var steps: [[[Trial]]] = workloads.map { _ in [] }
      for index in sweep.steps.indices {
        let folder = sweep.folder.step(index, seed: seed)
        let isThere = FileManager.default.fileExists(atPath: "\(folder)/trials.sqlite")
        let own =
          isThere
          ? try sweep.exploration(ofStep: index, seed: seed).recordedTrials()
          : workloads.map { _ in [] }
        for place in workloads.indices { steps[place].append(own[place]) }
      }
      for place in workloads.indices { all[place].append(steps[place]) }
    }
    let baseline = try sweep.baseline()
    let baselines = baseline?.recordedBaseline() ?? []
    self.baselines = baselines
    let loosest = try LimitJudge(sweep.steps.last ?? [], problem)
    baselinePlaces = baselines.map { design in
      guard let point = baseline?.baseline, let metrics = design.metrics else { return nil }
      let values = sweep.file.sweep.compactMap { loosest.value(of: $0.limit, at: point, metrics) }
      return values.count == sweep.file.sweep.count ? values : nil
    }
    searches = all.map { $0.map { $0.flatMap { $0 } } }
    trials = searches.map { $0.flatMap { $0 } }
    let random = try Self.randomSearches(of: sweep, workloadCount: workloads.count)
    randomSearches = random
    entries = try workloads.indices.map { place in
      try sweep.steps.indices.map { index in
        try Self.entry(index, all[place], random: random[place], problem, sweep, first)
      }
    }
  }

  /// The trials of the random searches, per workload and seed; no seeds where one of them is missing.
  private static func randomSearches(of sweep: ExplorationSweep, workloadCount: Int) throws
    -> [[[Trial]]]
  {
    var all: [[[Trial]]] = Array(repeating: [], count: workloadCount)
    for seed in sweep.file.seeds {
      let folder = sweep.folder.randomSearch(seed: seed)
      guard FileManager.default.fileExists(atPath: "\(folder)/trials.sqlite") else {
        return Array(repeating: [], count: workloadCount)
      }
      for (place, trials) in try sweep.randomSearch(seed: seed).recordedTrials().enumerated() {
        all[place].append(trials)
      }
    }
    return all
  }

  private static func entry(
    _ index: Int, _ trials: [[[Trial]]], random: [[Trial]], _ problem: Problem,
    _ sweep: ExplorationSweep, _ exploration: Exploration
  ) throws -> Entry {
    let limits = sweep.steps[index]
    let judge = try LimitJudge(limits, problem)
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    var entry = Entry(
      limits: limits, evaluationCount: 0, feasibleCount: 0, bySeed: [], best: nil)
    entry.randomBySeed = random.map { trials in
      judge.bestSoFar(trials).last.flatMap { $0.isNaN ? nil : $0 }
    }
    for (seed, steps) in zip(sweep.file.seeds, trials) {
      entry.evaluationCount += steps[index].count
      var best: Best?
      for (number, own) in steps.enumerated() {
        for trial in own {
          guard let values = judge.metrics(of: trial) else { continue }
          entry.feasibleCount += 1
          if let known = best, !objective.isBetter(values[place], than: known.value) { continue }
          best = Best(
            value: values[place],
            design: Exploration.Design(
              values: exploration.values(of: trial.point), metrics: values, point: trial.point),
            seed: seed, step: number)
        }
      }
      entry.bySeed.append(best)
      if let best, entry.best.map({ objective.isBetter(best.value, than: $0.value) }) ?? true {
        entry.best = best
      }
    }
    if let best = entry.best {
      let fixed = exploration.known.limits.filter { fixed in
        !limits.contains { $0.metric == fixed.metric }
      }
      entry.binding = (judge.limits + fixed).compactMap { limit in
        let value =
          judge.value(of: limit.metric, at: best.design.point, best.design.metrics)
          ?? exploration.known.value(of: limit.metric, at: best.design.point)
        guard let value, limit.bound != 0 else { return nil }
        return (limit, abs(limit.bound - value) / abs(limit.bound))
      }.min { (a: (limit: MetricLimit, slack: Double), b) in a.slack < b.slack }
    }
    return entry
  }

  /// Whether there is a random search with as many evaluations for every seed.
  var isCompared: Bool { randomSearches.contains { !$0.isEmpty } }

  /// The best of all seeds' random searches under a step's limits; `nil` where nothing is feasible.
  func randomBest(_ entry: Entry) -> Double? {
    entry.randomBySeed.compactMap { $0 }.min {
      problem.objectives[0].isBetter($0, than: $1)
    }
  }

  /// The tightest step that the baseline keeps, and the baseline's objective.
  func baselineStep(_ place: Int) -> (index: Int, value: Double)? {
    guard place < baselines.count, let places = baselinePlaces[place],
      let metrics = baselines[place].metrics
    else { return nil }
    let index = entries[place].firstIndex { entry in
      zip(entry.limits, places).allSatisfy { limit, value in limit.allows(value) }
    }
    let metric = problem.index(ofMetric: problem.objectives[0].metric) ?? 0
    return index.map { ($0, metrics[metric]) }
  }

  /// The baseline beside the answer of the tightest step it keeps, in a sentence; `nil` without one.
  func baselineText(_ place: Int, _ outline: SweepOutline) -> String? {
    guard place < baselines.count else { return nil }
    let prefix = workloads.count > 1 ? "\(workloads[place]): " : ""
    let design = baselines[place]
    guard design.metrics != nil else {
      return "\(prefix)The baseline does not run: \(design.reason ?? "")."
    }
    guard let (index, value) = baselineStep(place) else {
      return "\(prefix)The baseline keeps none of the limits; \(design.text(problem, beside: nil))."
    }
    let limits = outline.text(entries[place][index].limits)
    var text =
      "\(prefix)The baseline has \(outline.value(value)); under \(limits), the tightest limits it keeps, "
    guard let best = entries[place][index].best else { return text + "nothing feasible was found." }
    text += "the best has \(outline.value(best.value))"
    if let gain = problem.objectives[0].gain(of: best.value, over: value) { text += ", \(gain)" }
    return text + "."
  }

  /// Whether any step has a feasible design.
  var isFeasible: Bool { entries.contains { $0.contains { $0.best != nil } } }

  /// Limits that hold in every step.
  var fixedLimits: [MetricLimit] {
    let moving = Set(sweep.file.sweep.map(\.limit))
    return problem.limits + first.known.limits.filter { !moving.contains($0.metric) }
  }

  /// The sweep as people read it.
  var outline: SweepOutline {
    func answer(_ best: Best?) -> SweepOutline.Answer? {
      best.map { SweepOutline.Answer(value: $0.value, design: $0.design.values) }
    }
    return SweepOutline(
      file: sweep.file, objective: problem.objectives[0],
      unit: first.unit(of: problem.objectives[0].metric),
      axisUnits: sweep.file.sweep.map { first.unit(of: $0.limit) },
      parts: zip(workloads, entries).map { workload, entries in
        SweepOutline.Part(
          workload: workload,
          steps: entries.map {
            SweepOutline.Step(
              limits: $0.limits, bySeed: $0.bySeed.map(answer), best: answer($0.best))
          })
      })
  }

  /// Text, JSON and report.
  ///
  /// - Parameter isInterrupted: Whether the sweep was; then nothing is explained that takes time.
  /// - Throws: `CancellationError`, `TrialLogError`.
  func findings(isInterrupted: Bool = false) async throws -> Sweep.Findings {
    var findings = Sweep.Findings(
      text: text, json: json, report: try await report(isExplained: !isInterrupted),
      isFeasible: isFeasible)
    findings.isInterrupted = isInterrupted
    return findings
  }
}
