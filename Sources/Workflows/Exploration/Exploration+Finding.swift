import DesignSpace
import Foundation
import Study

extension Exploration {
  /// A design with what is known of it.
  public struct Design: Sendable {
    /// Names and values of the active parameters.
    public var values: [(name: String, value: String)]
    /// In the order of the problem's metrics.
    public var metrics: [Double]

    let point: Point
  }

  /// What came of the search for one workload.
  public struct Finding: Sendable {
    /// The workload, empty for a command.
    public var workload: String
    /// Evaluations, earlier ones of a resumed run included.
    public var evaluationCount = 0
    /// Feasible ones among them.
    public var feasibleCount = 0
    /// Evaluations the evaluator failed in.
    public var failedCount = 0
    /// The best design, with the number of its evaluation from 1; `nil` when nothing was feasible.
    public var best: (evaluation: Int, design: Design)?
    /// Trials of earlier logs that the search began with.
    public var transferCount = 0
    /// The best design among those.
    public var bestTransferred: Design?
    /// Suggestions that could have followed a trend of other workloads, and those that did; `nil` for designers without.
    public var trendCounts: (offered: Int, used: Int)?
    /// Why infeasible designs were, most frequent first.
    public var reasons: [(reason: String, count: Int)] = []
    /// Best objective after each evaluation; NaN while nothing was feasible.
    public var bestSoFar: [Double] = []
    /// Why it ended: `budget`, `exhausted`, `converged`, `failures` or `interrupted`.
    public var ending: String
    /// Which parameters matter; `nil` when too little is known.
    public var importance: ParameterImportance?
    /// What one change of the best design does.
    public var changes: [DesignChange] = []
    /// The design answers are compared with; `nil` without one.
    var baseline: BaselineDesign?
    /// A random search with the same budget; `nil` when there was none.
    public var random: RandomComparison?

    /// Whether the user ended it.
    public var isInterrupted: Bool { ending == Self.interrupted }

    static let interrupted = "interrupted"
  }

  /// The value of the first objective; `nil` unless the trial is feasible.
  func objective(_ trial: Trial) -> Double? {
    problem.cost(of: problem.judging(trial.outcome)).map { problem.objectives[0].cost(of: $0) }
  }

  /// The design of a feasible trial.
  func design(_ trial: Trial) -> Design? {
    guard case .measured(let metrics) = problem.judging(trial.outcome) else { return nil }
    return Design(values: values(of: trial.point), metrics: metrics, point: trial.point)
  }

  /// Names and values of the active parameters.
  func values(of point: Point) -> [(name: String, value: String)] {
    zip(problem.space.parameters, problem.space.values(of: point)).compactMap { parameter, value in
      value.map { (name: parameter.name, value: $0.description) }
    }
  }

  /// The finding of trials in order.
  func finding(_ trials: [Trial], history: [Trial], _ context: Context, ending: String) -> Finding {
    var finding = Finding(workload: context.id, ending: ending)
    finding.evaluationCount = trials.count
    finding.transferCount = history.count
    var reasons: [String: Int] = [:]
    var best: Trial?
    for trial in trials {
      switch problem.judging(trial.outcome) {
      case .measured: finding.feasibleCount += 1
      case .infeasible(let infeasibility):
        reasons[infeasibility.reason.description, default: 0] += 1
      case .failed: finding.failedCount += 1
      }
      best = better(best, trial)
      finding.bestSoFar.append(best.flatMap(objective) ?? .nan)
    }
    if let best, let place = trials.firstIndex(where: { $0.id == best.id }) {
      finding.best = design(best).map { (place + 1, $0) }
    }
    finding.bestTransferred = history.reduce(nil, better).flatMap(design)
    finding.reasons = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      (reason: $0.key, count: $0.value)
    }
    return finding
  }

  private func better(_ best: Trial?, _ trial: Trial) -> Trial? {
    guard let value = objective(trial) else { return best }
    guard let known = best.flatMap(objective) else { return trial }
    return problem.objectives[0].isBetter(value, than: known) ? trial : best
  }
}
