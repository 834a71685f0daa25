public import DesignSpace
import Foundation
import Study

/// A model of the problem that costs next to nothing and can be asked about any design.
///
/// What it says is a prior, not a truth: `BayesianDesigner` learns by how much the evaluator differs from it, and follows it only
/// as far as it predicts what the evaluator said.
public struct CheapModel: Sendable {
  /// What the model says of a design.
  public struct Answer: Hashable, Sendable {
    /// In the order of the problem's metrics and in any unit; `nil` where it does not tell.
    public var values: [Double?]
    /// Whether it believes that the design works at all, limits aside.
    public var isFeasible: Bool

    /// Creates an answer.
    public init(values: [Double?], isFeasible: Bool = true) {
      self.values = values
      self.isFeasible = isFeasible
    }
  }

  /// Answers in the order of the designs, the same ones for the same design.
  public let answers: @Sendable ([Point]) -> [Answer]

  /// Creates a model.
  ///
  /// - Parameter answers: One answer a design, a function of the design alone. It is asked for the same designs many times
  ///   over and should remember.
  public init(_ answers: @escaping @Sendable ([Point]) -> [Answer]) { self.answers = answers }
}

/// What a cheap model says of designs, sorted by what is modeled.
struct CheapReadings: Sendable {
  /// By objective, then design: small is good.
  var costs: [[Double?]]
  /// By limit, then design.
  var limits: [[Double?]]
  /// By design.
  var isFeasible: [Bool]
}

/// Asks a cheap model in the terms of a problem.
struct CheapReader: Sendable {
  let model: CheapModel
  let problem: Problem

  func readings(of points: [Point]) -> CheapReadings {
    let answers = model.answers(points)
    func column(_ metric: String) -> [Double?] {
      let place = problem.index(ofMetric: metric)
      return answers.map { answer in
        guard let place, place < answer.values.count, let value = answer.values[place],
          value.isFinite
        else { return nil }
        return value
      }
    }
    return CheapReadings(
      costs: problem.objectives.map { objective in
        column(objective.metric).map { $0.map(objective.cost(of:)) }
      },
      limits: problem.limits.map { column($0.metric) },
      isFeasible: answers.map(\.isFeasible))
  }

  /// How promising designs are by the cheap model alone: limits it respects first, then the first cost.
  func promises(of points: [Point]) -> [Double] {
    let readings = readings(of: points)
    return points.indices.map { index in
      guard readings.isFeasible[index], let cost = readings.costs[0][index] else { return -1e9 }
      var score = cost > 0 ? -log(cost) : -cost
      for (place, limit) in problem.limits.enumerated() {
        guard let value = readings.limits[place][index], !limit.allows(value) else { continue }
        let excess = abs(value - limit.bound) / max(abs(limit.bound), .leastNormalMagnitude)
        score -= 1e3 * (1 + min(excess, 1e3))
      }
      return score
    }
  }
}
