import BayesianOptimization
import DesignSpace
import Evaluation
import Execution
public import Study

/// One change of the best design by the smallest step there is: what is expected of it, and what came of it.
public struct DesignChange: Sendable {
  /// The parameter that changes.
  public var parameter: String
  /// Its value in the best design.
  public var from: String
  /// Its other value.
  public var to: String
  /// The first objective that models expect; `nil` while they know too little.
  public var predicted: Double?
  /// The interval that holds it with 80 %.
  public var interval: ClosedRange<Double>?
  /// The probability that the design is feasible.
  public var feasibility: Double
  /// What was measured, in the search or afterwards; `nil` for a design that was not evaluated.
  public var outcome: Outcome?

  /// Most changed designs that are evaluated for the purpose.
  static let evaluatedCount = 64
}

extension Exploration {
  /// Adds importance and changes of the best design.
  ///
  /// - Parameter source: Who evaluates changed designs; `nil` for this process.
  /// - Throws: `CancellationError`, `DesignSpaceError`.
  func analyze(
    _ finding: inout Finding, _ trials: [Trial], _ context: Context, history: [Trial],
    by source: (any Evaluator)? = nil
  ) async throws {
    let seed = Seed(study.seed).child(context.id).child("analysis")
    finding.importance = try ParameterImportance(history + trials, of: problem, seed: seed)
    guard let best = finding.best?.design.point ?? finding.bestTransferred?.point else { return }
    var predictor = StudyPredictor(problem)
    predictor.observe(history + trials)
    var designs: [Point] = []
    for (index, parameter) in problem.space.parameters.enumerated() {
      let neighbors = problem.space.neighbors(of: best, changing: index)
      for neighbor in neighbors {
        designs.append(neighbor)
        finding.changes.append(
          DesignChange(
            parameter: parameter.name, from: text(index, best), to: text(index, neighbor),
            feasibility: 0))
      }
    }
    for (place, forecast) in predictor.forecasts(of: designs).enumerated() {
      finding.changes[place].predicted = forecast.value
      finding.changes[place].interval = forecast.interval
      finding.changes[place].feasibility = forecast.feasibility
    }
    let cache = CachedEvaluator(
      source ?? evaluator, for: problem, remembering: history + trials)
    for (place, design) in designs.enumerated() {
      finding.changes[place].outcome = cache.remembered(design, in: context)
    }
    guard isEmbedded else { return }
    let unknown = designs.indices.filter { finding.changes[$0].outcome == nil }
      .prefix(DesignChange.evaluatedCount)
    let outcomes = try await outcomes(of: unknown.map { designs[$0] }, context, by: cache)
    for (place, outcome) in zip(unknown, outcomes) { finding.changes[place].outcome = outcome }
  }

  private func text(_ parameter: Int, _ point: Point) -> String {
    problem.space.value(of: parameter, at: point)?.description ?? ""
  }

  /// Evaluates designs, several at a time; outcomes are in the order of designs.
  private func outcomes(
    of designs: [Point], _ context: Context, by evaluator: CachedEvaluator
  ) async throws -> [Outcome] {
    return try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      var results: [Int: Outcome] = [:]
      for (place, design) in designs.enumerated() {
        if place >= processorCount, let (done, outcome) = try await group.next() {
          results[done] = outcome
        }
        group.addTask { (place, try await evaluator.evaluate(design, in: context)) }
      }
      for try await (done, outcome) in group { results[done] = outcome }
      return designs.indices.compactMap { results[$0] }
    }
  }
}
