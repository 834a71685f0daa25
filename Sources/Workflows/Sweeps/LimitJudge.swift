import DesignSpace
import Study

/// Judges trials by the limits of one step of a sweep, whichever step they were made for.
struct LimitJudge {
  private let known: KnownLimits
  private let problem: Problem

  /// Takes the limits that move, and the problem without them.
  ///
  /// - Throws: `KnownLimits`' and `Problem`'s errors for limits on what nobody knows.
  init(_ limits: [MetricLimit], _ problem: Problem) throws {
    let known = try KnownLimits(
      limits.filter { problem.index(ofMetric: $0.metric) == nil }, over: problem.space.parameters)
    self.known = known
    self.problem = try Problem(
      name: problem.name, space: problem.space, metrics: problem.metrics,
      objectives: problem.objectives,
      limits: problem.limits + limits.filter { !known.limits.contains($0) })
  }

  /// All limits: those on metrics, then those that are known from a design alone.
  var limits: [MetricLimit] { problem.limits + known.limits }

  /// The quantity of a limit at a design with its metrics; `nil` where neither metrics nor these limits know it.
  func value(of quantity: String, at point: Point, _ metrics: [Double]) -> Double? {
    problem.index(ofMetric: quantity).map { metrics[$0] } ?? known.value(of: quantity, at: point)
  }

  /// The metrics of a trial that respects the limits; `nil` for others.
  func metrics(of trial: Trial) -> [Double]? {
    guard known.allows(trial.point), case .measured(let values) = problem.judging(trial.outcome)
    else { return nil }
    return values
  }

  /// The best first objective after each trial; NaN while none respects the limits.
  func bestSoFar(_ trials: [Trial]) -> [Double] {
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    var best = Double.nan
    return trials.map { trial in
      if let value = metrics(of: trial)?[place],
        best.isNaN || objective.isBetter(value, than: best)
      {
        best = value
      }
      return best
    }
  }
}
