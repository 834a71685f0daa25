import CoDesign
import Study

extension CoSearch {
  /// Searches from where the run folder ends, without a baseline and without explaining: for comparisons of methods.
  ///
  /// - Returns: After each machine, evaluations so far and the lowest objective; NaN while nothing was feasible.
  /// - Throws: As `run`.
  public func trace(progress: (Progress) -> Void = { _ in }) async throws -> [(
    evaluations: Int, best: Double
  )] {
    let answers = try file.evaluator.map { _ in try CoSearchAnswers(folder: folder) }
    let (trials, best) = try await search(answers, try reference(), progress)
    return trace(of: trials, best)
  }

  /// The baseline's objective under the study's mapper: one search a layer (the median), the best of as many as there are
  /// machines, and the latter under the study's constraints; `nil` without a baseline or constraints.
  ///
  /// - Throws: As `run`.
  public func baselineObjectives() throws -> (once: Double, best: Double, constrained: Double?)? {
    guard let result = try baselineResult(nil, { _ in }) else { return nil }
    let reference = try reference()
    func objective(_ cost: CoSearchCost) -> Double {
      cost.objective(file, reference: reference) * objectiveScale
    }
    return (objective(result.single), objective(result.best), result.constrained.map(objective))
  }

  /// The lower bound of the objective for machines with the baseline's MACs and DRAM; `nil` without a baseline.
  ///
  /// - Throws: As `run`.
  public func boundObjective() throws -> Double? {
    guard let baseline else { return nil }
    let machine = try baselineMachine(baseline, rules: nil)
    let costs = layers.jobs.map { job in
      EDPLowerBound(for: job.layer, on: machine.architecture)
    }
    return CoSearchCost(
      layers, costs: costs.map { MappingCost(energy: $0.energy, cycles: $0.cycles) }
    ).objective(file, reference: try reference()) * objectiveScale
  }

  /// One entry a machine; the last one has what mapping the best few again came to.
  func trace(of trials: [Trial], _ best: CoSearchState.Best?) -> [(
    evaluations: Int, best: Double
  )] {
    var evaluations = 0
    var lowest = Double.nan
    var trace = trials.map { trial -> (evaluations: Int, best: Double) in
      switch trial.outcome {
      case .measured(let values):
        evaluations += Int(values[2])
        if !(values[0] >= lowest) { lowest = values[0] }
      case .infeasible(let infeasibility):
        if infeasibility.values.count > 2 { evaluations += Int(infeasibility.values[2] ?? 0) }
      case .failed: break
      }
      return (evaluations, lowest)
    }
    if let best, !trace.isEmpty {
      trace[trace.count - 1] = (evaluations + refiningEvaluations(trials), best.objective)
    }
    return trace
  }
}
