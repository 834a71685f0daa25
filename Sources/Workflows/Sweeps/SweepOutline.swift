import Foundation
import Reporting
import Study

/// A sweep as people read it, whoever answered: the limits that move, the best design of every step, what follows.
struct SweepOutline: Sendable {
  /// The best design of a step.
  struct Answer: Sendable {
    /// The objective.
    var value: Double
    /// Names and values of the active parameters.
    var design: [(name: String, value: String)]

    /// The design in a line.
    var label: String { design.map { "\($0.name)=\($0.value)" }.joined(separator: ", ") }
  }

  /// One combination of limits.
  struct Step: Sendable {
    /// The limits that move.
    var limits: [MetricLimit]
    /// In the order of the seeds; `nil` where there is no answer.
    var bySeed: [Answer?]
    /// The best of all seeds.
    var best: Answer?
  }

  /// The steps of a workload, tightest first; of two axes the second moves faster.
  struct Part: Sendable {
    /// Empty where there is one without a name.
    var workload: String
    /// The steps.
    var steps: [Step]
  }

  /// The file.
  var file: SweepFile
  /// What is made small or large.
  var objective: Objective
  /// Its unit.
  var unit: String
  /// The units of the axes.
  var axisUnits: [String]
  /// The workloads.
  var parts: [Part]
  /// Whether values are expected by a model rather than measured.
  var isPredicted = false

  /// `best` or `predicted`, for headings.
  var adjective: String { isPredicted ? "predicted" : "best" }

  /// What a step without an answer has.
  var nothing: String { isPredicted ? "no proposal" : "nothing feasible" }

  /// A prefix for names of charts and tables of a part.
  func named(_ place: Int) -> String { parts.count > 1 ? "w\(place + 1)" : "sweep" }

  /// A heading of a part.
  func title(_ text: String, _ place: Int) -> String {
    parts.count > 1 ? "\(text) for \(parts[place].workload)" : text
  }

  /// Limits in a line.
  func text(_ limits: [MetricLimit]) -> String {
    limits.map(\.description).joined(separator: ", ")
  }

  /// A value of the objective with its unit.
  func value(_ number: Double) -> String {
    Reporting.readableNumber(number) + (unit.isEmpty ? "" : " \(unit)")
  }

  /// How the limits move, in words.
  var movement: String {
    zip(file.sweep, axisUnits).map { axis, unit in
      let ends = [axis.values.min(), axis.values.max()].compactMap { $0 }
        .map(Reporting.readableNumber)
      return "\(axis.limit) (\(axis.side.rawValue)) moves from \(ends[0]) to \(ends[1])"
        + (unit.isEmpty ? "" : " \(unit)")
    }.joined(separator: " and ")
  }

  /// Median, worst and spread of the seeds of a step: `nil` for one seed, and where a seed has no answer.
  func spread(of step: Step) -> (median: Double, worst: Double, share: Double)? {
    let costs = step.bySeed.compactMap { $0.map { objective.cost(of: $0.value) } }.sorted()
    guard costs.count > 1, costs.count == step.bySeed.count else { return nil }
    let sign = objective.goal == .minimize ? 1.0 : -1.0
    let median = (costs[(costs.count - 1) / 2] + costs[costs.count / 2]) / 2
    let range = costs[costs.count - 1] - costs[0]
    return (
      sign * median, sign * costs[costs.count - 1], median == 0 ? 0 : range / abs(median)
    )
  }

  /// The step after which more budget brings least, for one axis: the point farthest below the chord of the curve.
  ///
  /// Satopää et al. 2011, "Finding a 'Kneedle' in a Haystack", on the points as they are, without smoothing.
  /// - Returns: `nil` for two axes, fewer than three steps with an answer, and curves without a bend.
  func knee(of place: Int) -> Int? {
    guard file.sweep.count == 1 else { return nil }
    let steps = parts[place].steps
    let known = steps.indices.filter { steps[$0].best != nil }
    guard let start = known.first, let end = known.last, known.count >= 3 else { return nil }
    func point(_ index: Int) -> (x: Double, y: Double) {
      (steps[index].limits[0].bound, objective.cost(of: steps[index].best?.value ?? 0))
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

  /// The answer in a sentence a workload.
  var answer: String {
    let sentences = parts.indices.map { place -> String in
      let part = parts[place]
      let name = part.workload.isEmpty ? "" : "\(part.workload): "
      let known = part.steps.filter { $0.best != nil }
      guard let tightest = known.first, let loosest = known.last, let low = tightest.best,
        let high = loosest.best
      else {
        return
          "\(name)\(isPredicted ? "no proposal" : "nothing is feasible") under any of the limits."
      }
      var text = name
      if let none = part.steps.first, none.best == nil {
        text +=
          "\(isPredicted ? "no proposal" : "nothing is feasible") under \(self.text(none.limits)); "
      }
      if tightest.limits == loosest.limits {
        return text + "\(value(low.value)) under \(self.text(tightest.limits))."
      }
      text +=
        "\(value(low.value)) under \(self.text(tightest.limits)), \(value(high.value)) under \(self.text(loosest.limits))"
      let ratio =
        low.value > 0 && high.value > 0
        ? max(low.value / high.value, high.value / low.value) : 1
      if low.value == high.value || (ratio > 1 && ratio <= 1.005) {
        text += " (no gain)"
      } else if ratio > 1 {
        text += " (\(Reporting.readableNumber((ratio * 100).rounded() / 100)) times)"
      }
      if let knee = knee(of: place), let best = part.steps[knee].best {
        text +=
          "; beyond \(self.text(part.steps[knee].limits)), with \(value(best.value)), more brings little"
      }
      return text + "."
    }
    let hasAny = parts.contains { $0.steps.contains { $0.best != nil } }
    return sentences.joined(separator: " ")
      + (isPredicted && hasAny ? " All values are predicted, not simulated." : "")
  }
}
