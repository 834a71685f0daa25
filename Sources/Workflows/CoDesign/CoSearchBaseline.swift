import Accelerator
import CoDesign
import DesignSpace
import Execution
import Foundation
import MappingSearch
import Workload

/// The baseline under the mapper of the proposal.
struct BaselineResult: Sendable {
  /// The machine with its mapping spaces.
  var machine: CoSearchMachine
  /// One search a layer, as the proposal's machine got; the median of all seeds by the network's product.
  var single: CoSearchCost
  /// The best of as many searches as the proposal had machines, layer by layer.
  var best: CoSearchCost
  /// By distinct layer, the mappings behind `best`.
  var mappings: [Mapping]
  /// The same as `best` under `baselineConstraints`.
  var constrained: CoSearchCost?
}

extension CoSearch {
  func baselineMachine(_ point: Point, rules: [MapSpaceConstraints]?) throws -> CoSearchMachine {
    do {
      return try CoSearchMachine(template, at: point, layers: layers, rules: rules)
    } catch CoSearchMachine.Refusal.unbuilt(let reason) {
      throw CoSearchError.baselineCannotRun(layer: layers.jobs[0].layer.name, reason: reason)
    } catch CoSearchMachine.Refusal.layer(let job, let reason) {
      throw CoSearchError.baselineCannotRun(layer: layers.jobs[job].layer.name, reason: reason)
    }
  }

  /// Maps the baseline with the proposal's whole budget: as many seeds as there were machines.
  ///
  /// - Throws: `CoSearchError`, `CancellationError`, `EvaluationFailure`.
  func baselineResult(_ answers: CoSearchAnswers?, _ progress: (Progress) -> Void) throws
    -> BaselineResult?
  {
    guard let baseline else { return nil }
    let machine = try baselineMachine(baseline, rules: nil)
    let searched = try manySearches(machine, answers, firstTrial: Self.baselineTrial, progress)
    var result = try combined(machine, searched)
    if let rules = baselineRules {
      let bound = try baselineMachine(baseline, rules: rules)
      let again = try manySearches(
        bound, answers, firstTrial: 2 * Self.baselineTrial, progress)
      result.constrained = try combined(bound, again).best
    }
    return result
  }

  /// By seed, then by layer.
  private func manySearches(
    _ machine: CoSearchMachine, _ answers: CoSearchAnswers?, firstTrial: Int,
    _ progress: (Progress) -> Void
  ) throws -> [[CoSearchMapper.Found]] {
    var result: [[CoSearchMapper.Found]] = []
    for number in 0..<file.budget.hardware {
      try Task.checkCancellation()
      result.append(
        try mapper.searchAll(
          machine, memories: layers.jobs.map { _ in LayerMemory() },
          seed: Seed(file.seed).child("baseline", number), trial: firstTrial + number,
          answers: answers))
      progress(
        Progress(
          phase: "baseline", machineCount: number + 1, budget: file.budget.hardware, layerCount: 0,
          layerBudget: layers.jobs.count))
    }
    return result
  }

  private func combined(_ machine: CoSearchMachine, _ searched: [[CoSearchMapper.Found]]) throws
    -> BaselineResult
  {
    var costs: [MappingCost] = []
    var mappings: [Mapping] = []
    for job in layers.jobs.indices {
      let all = searched.compactMap { list in
        list[job].cost.flatMap { cost in list[job].mapping.map { (cost, $0) } }
      }
      guard
        let best = all.min(by: { $0.0.energyDelayProduct < $1.0.energyDelayProduct })
      else {
        throw CoSearchError.baselineCannotRun(
          layer: layers.jobs[job].layer.name, reason: "no mapping that runs was found")
      }
      costs.append(best.0)
      mappings.append(best.1)
    }
    let singles = searched.compactMap { list -> CoSearchCost? in
      let costs = list.compactMap(\.cost)
      return costs.count == layers.jobs.count ? CoSearchCost(layers, costs: costs) : nil
    }.sorted { $0.objective(file, reference: nil) < $1.objective(file, reference: nil) }
    let best = CoSearchCost(layers, costs: costs)
    return BaselineResult(
      machine: machine, single: singles.isEmpty ? best : singles[singles.count / 2], best: best,
      mappings: mappings)
  }

  /// The heuristic mapper on every layer of a machine; `nil` where it found nothing.
  func explainingCosts(_ machine: CoSearchMachine) -> [CoSearchMapper.Found?] {
    layers.jobs.indices.map { job in
      let found = mapper.heuristic(
        layers.jobs[job], in: machine.spaces[job], rounded: machine.roundedSpaces[job],
        evaluationLimit: Self.explainingEvaluations, seed: Seed(file.seed).child("explain", job))
      return found.cost == nil ? nil : found
    }
  }
}
