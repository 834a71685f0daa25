import Execution
import Foundation
import Study

/// A random search with as many evaluations as a study: what the designer has to beat.
public struct RandomComparison: Sendable {
  /// Evaluations.
  public var evaluationCount: Int
  /// Feasible ones among them.
  public var feasibleCount: Int
  /// Best objective after each evaluation; NaN while nothing was feasible.
  public var bestSoFar: [Double]

  /// The best objective of the first evaluations; `nil` when none of them is feasible.
  ///
  /// - Parameter count: At least 0; with more than there are, all count.
  public func best(of count: Int) -> Double? {
    bestSoFar.prefix(count).last.flatMap { $0.isNaN ? nil : $0 }
  }

  /// Designs that are outstanding at a time when the embedded model evaluates them: nothing is learned from any.
  static let outstandingCount = 64
}

extension Exploration {
  /// Whether a random search is made beside the study unless the user says otherwise: evaluations of the embedded model
  /// cost milliseconds, those of a command may cost hours.
  public var isComparedByDefault: Bool { isEmbedded && designer.choice != .random }

  /// The run folder of the random search, inside that of the study.
  var comparisonFolder: String { "\(folder)/random" }

  /// The random search, a run of its own: the same space, evaluator, limits, budget and seed, and nothing known before.
  func comparison() throws -> Exploration {
    try Exploration(
      study.searchedAtRandom(isEmbedded: isEmbedded), folder: comparisonFolder,
      threadCount: isEmbedded ? processorCount : threadCount)
  }

  /// Searches at random with the budget of the study, from where an earlier call ended, and adds what came of it.
  ///
  /// Cancellation ends the search, and what was found until then is added.
  /// - Parameters:
  ///   - result: What came of the study.
  ///   - takesOver: Whether another process that works on it, through an executor, is pushed aside.
  ///   - message: Gets what an executor has to say, for people; called on any thread.
  ///   - progress: Called after every evaluation.
  /// - Throws: As `run`.
  public func compareWithRandom(
    _ result: inout Result, takesOver: Bool = false,
    message: @escaping @Sendable (String) -> Void = { _ in },
    progress: (Progress) -> Void = { _ in }
  ) async throws {
    guard !result.isInterrupted else { return }
    let random = try await comparison().run(
      isAnalyzed: false, takesOver: takesOver, progress: progress, message: message)
    result.isInterrupted = random.isInterrupted
    for place in result.findings.indices {
      let own = random.findings.first { $0.workload == result.findings[place].workload }
      result.findings[place].random = own?.comparison
      if let line = result.findings[place].comparisonText(problem) { journal.note(line) }
    }
  }

  /// The random searches in the run folder, in the order of the workloads; `nil` where there is none.
  ///
  /// - Throws: `TrialLogError`, `LogError`.
  func recordedComparison() throws -> [RandomComparison?] {
    guard FileManager.default.fileExists(atPath: "\(comparisonFolder)/trials.sqlite") else {
      return contexts.map { _ in nil }
    }
    let random = try comparison()
    return try zip(contexts, random.recordedTrials()).map { context, trials in
      trials.isEmpty
        ? nil : random.finding(trials, history: [], context, ending: "so far").comparison
    }
  }
}

extension StudyFile {
  /// The study as a random search that knows nothing before.
  func searchedAtRandom(isEmbedded: Bool) -> StudyFile {
    var study = self
    study.designer = DesignerChoice.random.rawValue
    study.transfer = []
    study.cache = []
    study.expectedImprovement = nil
    (study.baseline, study.prior) = (nil, nil)
    if isEmbedded {
      study.batch = 1
      study.parallel = RandomComparison.outstandingCount
    }
    return study
  }
}

extension Exploration.Finding {
  /// The finding of a random search as others see it.
  var comparison: RandomComparison {
    RandomComparison(
      evaluationCount: evaluationCount, feasibleCount: feasibleCount, bestSoFar: bestSoFar)
  }

  /// What random search found with as many evaluations, in a line; `nil` when there was none.
  func comparisonText(_ problem: Problem) -> String? {
    guard let random else { return nil }
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    let count = min(evaluationCount, random.evaluationCount)
    let title = "random search with \(grouped(count)) evaluations"
    guard let value = random.best(of: count) else { return "\(title): nothing feasible" }
    let text = "\(title): \(objective.metric) \(readable(value))"
    guard let best = best?.design.metrics[place] else { return text }
    if value == best { return "\(text), the same" }
    guard best != 0 else { return text }
    let share = (objective.cost(of: value) - objective.cost(of: best)) / abs(best)
    return "\(text), \(percent(abs(share))) \(share > 0 ? "worse" : "better")"
  }
}
