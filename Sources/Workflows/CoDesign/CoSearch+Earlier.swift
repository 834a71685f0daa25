import Accelerator
import CoDesign
import CostModel
import DesignSpace
import Execution
import Foundation
import MappingSearch
import Quantities
import SimulationLog
import Study
import Workload

extension CoSearch {
  /// Whether a design is within the limits on resources, where a search asks before it evaluates.
  var withinResources: (@Sendable (Point) -> Bool)? {
    guard skipsExceeding, !file.resources.isEmpty else { return nil }
    let resources = file.resources
    let template = template
    return { point in
      // What cannot be built is for the evaluation to say.
      guard let machine = try? template.machine(at: point) else { return true }
      return resources.allSatisfy { $0.resource.amount(in: machine.architecture) <= $0.limit }
    }
  }

  /// The machines of earlier searches, as trials of this one: those that ran, and those that cannot run whatever the limits.
  ///
  /// - Throws: `TrialLogError`.
  func history() throws -> [Trial] {
    let isWithin = withinResources
    var known: Set<Point> = []
    var trials: [Trial] = []
    for folder in earlier {
      let file = "\(folder)/trials.sqlite"
      guard FileManager.default.fileExists(atPath: file) else { continue }
      for trial in try TrialLog.open(file: file).trials(of: problem).trials {
        if case .failed = trial.outcome { continue }
        guard problem.space.isLegal(trial.point), isWithin?(trial.point) ?? true,
          known.insert(trial.point).inserted
        else { continue }
        trials.append(trial)
      }
    }
    return EarlierTrials.numbered(trials)
  }

  /// What the inner searches of the last earlier run know.
  func earlierMemories() -> [LayerMemory]? {
    for folder in earlier.reversed() {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/state")) ?? []
      let last = names.compactMap { Int($0.prefix { $0 != "." }) }.max()
      guard let last, let state = CoSearchState.read(folder: folder, trial: last),
        state.memories.count == layers.jobs.count
      else { continue }
      return state.memories
    }
    return nil
  }

  /// One machine with what its networks cost.
  struct Machine: Sendable {
    var point: Point
    var objective: Double
    var networks: [CoSearchCost.NetworkCost]
    /// By distinct layer, of a machine whose mappings were kept; otherwise empty.
    var schedules: [KeptSchedule] = []
  }

  /// Searches from where the run folder ends, without a baseline and without explaining.
  ///
  /// - Returns: The machines that run all layers, in order; the best one after the best few were mapped with the rest of the
  ///   budget; machines tried, and evaluations of mappings.
  /// - Throws: As `run`.
  func searched(progress: (Progress) -> Void) async throws -> (
    machines: [Machine], best: Machine?, machineCount: Int, evaluationCount: Int,
    reasons: [String: Int]
  ) {
    try checkReach()
    let answers = try file.evaluator.map { _ in try CoSearchAnswers(folder: folder) }
    let (trials, best) = try await search(answers, try reference(), progress)
    var reasons: [String: Int] = [:]
    let machines = trials.compactMap { trial -> Machine? in
      if case .infeasible(let infeasibility) = trial.outcome {
        reasons[infeasibility.reason.description, default: 0] += 1
      }
      guard case .measured(let values) = trial.outcome else { return nil }
      return Machine(
        point: trial.point, objective: values[0],
        networks: layers.names.indices.map { index in
          CoSearchCost.NetworkCost(
            energy: values[3 + 3 * index] * 1e6, cycles: values[4 + 3 * index],
            sumOfLayerEDPs: values[5 + 3 * index] * 1e12)
        })
    }
    var chosen: Machine?
    if let best, best.trial < trials.count {
      let point = trials[best.trial].point
      let known = explained(best, at: point)
      chosen = Machine(
        point: point, objective: best.objective,
        networks: known?.cost.networks
          ?? machines.first { $0.point == point }?.networks ?? [],
        schedules: known?.schedules ?? [])
    }
    return (
      machines, chosen, trials.count, trace(of: trials, best).last?.evaluations ?? 0, reasons
    )
  }

  /// What mappings that were kept cost by the embedded model; `nil` for an external evaluator's.
  private func explained(_ best: CoSearchState.Best, at point: Point) -> (
    cost: CoSearchCost, schedules: [KeptSchedule]
  )? {
    guard file.evaluator == nil, best.mappings.count == layers.jobs.count,
      let machine = try? CoSearchMachine(template, at: point, layers: layers)
    else { return nil }
    var costs: [MappingCost] = []
    var schedules: [KeptSchedule] = []
    for job in layers.jobs.indices {
      let layer = layers.jobs[job].layer
      guard let mapping = best.mappings[job].mapping(in: machine.spaces[job]),
        case .legal(let cost) = model(job, machine.architecture).cost(of: mapping)
      else { return nil }
      costs.append(
        MappingCost(energy: cost.energy.picojoules, cycles: Double(cost.cycles.count)))
      schedules.append(
        KeptSchedule(
          layer: layer.name, levels: cost.levels.map(\.name),
          energies: cost.levels.map(\.energy.picojoules),
          networks: cost.networks.reduce(0) { $0 + $1.energy.picojoules },
          compute: cost.computeEnergy.picojoules, cycles: Double(cost.cycles.count),
          units: cost.usedUnits.x * cost.usedUnits.y,
          nest: loopNestText(of: mapping, layer: layer, on: machine.architecture)))
    }
    return (CoSearchCost(layers, costs: costs), schedules)
  }
}
