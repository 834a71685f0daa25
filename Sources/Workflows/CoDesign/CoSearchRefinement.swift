import CoDesign
import Execution
import Study

/// The second half of the budget of method `mapper`: machines are told apart by half of the evaluations each, then the best
/// few are mapped with what is left.
extension CoSearch {
  /// Most machines that are mapped again.
  static let refinedMachineCount = 5

  /// Evaluations a layer of a machine's first mapping.
  var screeningEvaluations: Int { max(1, (file.budget.software + 1) / 2) }

  /// The best machine after the best few were mapped with the rest of the budget; other methods have no such rest.
  ///
  /// It depends on the recorded machines only, so that a run that goes on finds the same.
  func refined(_ trials: [Trial], _ best: CoSearchState.Best?, _ reference: CoSearchCost?) throws
    -> CoSearchState.Best?
  {
    guard file.method == .mapper, var best else { return best }
    let ranked = trials.compactMap { trial -> (trial: Trial, cost: Double)? in
      problem.cost(of: trial.outcome).map { (trial, $0) }
    }.sorted { ($0.cost, $0.trial.id) < ($1.cost, $1.trial.id) }.prefix(Self.refinedMachineCount)
    let rest = (file.budget.software - screeningEvaluations) * file.budget.hardware
    var mapper = mapper
    mapper.heuristicLimit = rest / max(1, ranked.count)
    guard mapper.heuristicLimit > screeningEvaluations else { return best }
    for (trial, _) in ranked {
      let machine = try CoSearchMachine(template, at: trial.point, layers: layers)
      let found = try mapper.searchAll(
        machine, memories: layers.jobs.map { _ in .init() },
        seed: Seed(file.seed).child("refined", trial.id), trial: trial.id, answers: nil)
      let costs = found.compactMap(\.cost)
      guard costs.count == layers.jobs.count else { continue }
      let objective =
        CoSearchCost(layers, costs: costs).objective(file, reference: reference) * objectiveScale
      if objective < best.objective {
        best = CoSearchState.Best(
          trial: trial.id, objective: objective, mappings: Self.sketches(found))
      }
    }
    return best
  }

  /// Evaluations of the second half.
  func refiningEvaluations(_ trials: [Trial]) -> Int {
    guard file.method == .mapper else { return 0 }
    let count = min(
      Self.refinedMachineCount, trials.count { problem.cost(of: $0.outcome) != nil })
    let rest = (file.budget.software - screeningEvaluations) * file.budget.hardware
    guard count > 0, rest / count > screeningEvaluations else { return 0 }
    return rest / count * count * layers.jobs.count
  }
}
