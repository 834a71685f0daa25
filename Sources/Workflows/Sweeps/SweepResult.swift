import Foundation
import SimulationLog
public import Study

/// What a sweep found, from its logs alone.
public struct SweepResult: Sendable {
  /// The best of a step.
  public struct Best: Sendable {
    /// The objective.
    public var value: Double
    /// The design with all its metrics.
    public var design: Exploration.Design
    /// The seed and the step whose search found it.
    public var seed: UInt64
    /// The step, from 0.
    public var step: Int
  }

  /// A step on one workload.
  public struct Entry: Sendable {
    /// The limits that move.
    public var limits: [MetricLimit]
    /// Evaluations of the step's own searches, all seeds.
    public var evaluationCount: Int
    /// Trials of the whole sweep that are feasible under the step's limits.
    public var feasibleCount: Int
    /// The best of each seed's sweep, in the order of the seeds; `nil` where nothing is feasible.
    public var bySeed: [Best?]
    /// The best of all.
    public var best: Best?
    /// The limit the best design is closest to, and by which share of the bound it stays away.
    public var binding: (limit: MetricLimit, slack: Double)?
  }

  /// The workloads, one empty name for a command.
  public var workloads: [String]
  /// For each workload the steps.
  public var entries: [[Entry]]
  /// For each workload all trials of all seeds.
  var trials: [[Trial]]
  /// The problem without the limits that move.
  let problem: Problem
  let sweep: Sweep
  /// The explorations, for their schedules.
  let first: Exploration
  /// Whether the user interrupted.
  public internal(set) var isInterrupted = false

  /// Reads the logs of a sweep, as far as they are.
  ///
  /// - Throws: `TrialLogError`, `LogError`, `SpecificationError`.
  public init(of sweep: Sweep) throws {
    self.sweep = sweep
    let first = try sweep.exploration(ofStep: 0, seed: sweep.file.seeds[0])
    self.first = first
    let moving = Set(sweep.file.sweep.map(\.limit))
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
        let folder = sweep.folder(ofStep: index, seed: seed)
        let isThere = FileManager.default.fileExists(atPath: "\(folder)/trials.sqlite")
        let own =
          isThere
          ? try sweep.exploration(ofStep: index, seed: seed).recordedTrials()
          : workloads.map { _ in [] }
        for place in workloads.indices { steps[place].append(own[place]) }
      }
      for place in workloads.indices { all[place].append(steps[place]) }
    }
    trials = all.map { $0.flatMap { $0.flatMap { $0 } } }
    entries = try workloads.indices.map { place in
      try sweep.steps.indices.map { index in
        try Self.entry(index, all[place], problem, sweep, first)
      }
    }
  }

  private static func entry(
    _ index: Int, _ trials: [[[Trial]]], _ problem: Problem, _ sweep: Sweep,
    _ exploration: Exploration
  ) throws -> Entry {
    let step = sweep.steps[index]
    let judged = try Problem(
      name: problem.name, space: problem.space, metrics: problem.metrics,
      objectives: problem.objectives, limits: problem.limits + step.limits)
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    var entry = Entry(
      limits: step.limits, evaluationCount: 0, feasibleCount: 0, bySeed: [], best: nil)
    for (seed, steps) in zip(sweep.file.seeds, trials) {
      entry.evaluationCount += steps[index].count
      var best: Best?
      for (number, own) in steps.enumerated() {
        for trial in own {
          guard case .measured(let values) = judged.judging(trial.outcome) else { continue }
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
      entry.binding = judged.limits.compactMap { limit -> (limit: MetricLimit, slack: Double)? in
        guard let metric = problem.index(ofMetric: limit.metric), limit.bound != 0 else {
          return nil
        }
        return (limit, abs(limit.bound - best.design.metrics[metric]) / abs(limit.bound))
      }.min { $0.slack < $1.slack }
    }
    return entry
  }

  /// Whether any step has a feasible design.
  public var isFeasible: Bool { entries.contains { $0.contains { $0.best != nil } } }

  /// The step after which more budget brings least, for one axis: the point farthest below the chord of the curve.
  ///
  /// Satopää et al. 2011, "Finding a 'Kneedle' in a Haystack", on the points as they are, without smoothing.
  /// - Returns: `nil` for two axes, fewer than three feasible steps, and curves without a bend.
  public func knee(ofWorkload place: Int) -> Int? {
    guard sweep.file.sweep.count == 1 else { return nil }
    let objective = problem.objectives[0]
    let known = entries[place].indices.filter { entries[place][$0].best != nil }
    guard let start = known.first, let end = known.last, known.count >= 3 else { return nil }
    func point(_ index: Int) -> (x: Double, y: Double) {
      (
        entries[place][index].limits[0].bound,
        objective.cost(of: entries[place][index].best?.value ?? 0)
      )
    }
    let (a, b) = (point(start), point(end))
    guard a.y > b.y, a.x != b.x else { return nil }
    let gains = known.map { index -> (index: Int, gain: Double) in
      let p = point(index)
      return (index, (a.y - p.y) / (a.y - b.y) - (p.x - a.x) / (b.x - a.x))
    }
    guard let best = gains.max(by: { $0.gain < $1.gain }), best.gain > 0.05 else { return nil }
    return best.index
  }
}
