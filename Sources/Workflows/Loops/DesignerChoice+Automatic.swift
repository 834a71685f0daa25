import DesignSpace
import Study

extension DesignerChoice {
  /// What a choice is made from, besides the problem; nothing of it is measured, so that equal studies choose alike.
  struct Circumstances: Hashable, Sendable {
    /// Evaluations at most.
    var budget: Int
    /// Whether the evaluator is the embedded model, which takes fractions of a second.
    var isEmbedded: Bool
    /// Trials at hand from earlier studies.
    var transferCount = 0
    /// What an evaluation took in those, in seconds.
    var evaluationSeconds: Double?
  }

  /// Evaluations beyond which models cost more than they save, where an evaluation takes less than `slowSeconds`.
  static let modeledBudget = 2_000
  /// A suggestion of the Gaussian process takes up to a second with a thousand observations.
  static let slowSeconds = 10.0
  /// Parameters beyond which a Gaussian process has too many length scales to learn from some hundred trials.
  static let modeledParameterCount = 40

  /// A choice by size of the space, budget, the evaluator's time and what is known, with its reason.
  static func automatic(for problem: Problem, _ given: Circumstances) -> (
    choice: DesignerChoice, reason: String?
  ) {
    let parameters = problem.space.parameters
    let legal = problem.space.sampler.size.legalCount?.integer
    if let legal, legal <= given.budget {
      return (
        .random,
        legal == 1
          ? "since there is one legal design"
          : "since all \(grouped(legal)) legal designs fit into \(grouped(given.budget)) evaluations"
      )
    }
    if parameters.count > modeledParameterCount {
      return (
        .evolution, "since \(parameters.count) parameters are many for a Gaussian process"
      )
    }
    let isSlow = given.evaluationSeconds.map { $0 >= slowSeconds } ?? false
    if given.budget > modeledBudget, !isSlow {
      return (
        .evolution,
        "since \(grouped(given.budget)) evaluations "
          + (given.isEmbedded
            ? "of the embedded model are cheap enough to do without models"
            : "are more than models are worth, unless one takes \(Int(slowSeconds)) s")
      )
    }
    let realCount = parameters.count { $0.valueCount == nil }
    let size =
      realCount > 0
      ? "\(realCount) of \(parameters.count) parameters are real"
      : legal.map { "there are \(grouped($0)) legal designs" }
        ?? "\(parameters.count) parameters make too many designs to list"
    var reason =
      "since \(size) and \(grouped(given.budget)) evaluations are few: "
      + "models of cost, limits and failures pay"
    if given.transferCount > 0 {
      reason += ", the more so with \(grouped(given.transferCount)) earlier trials"
    }
    return (.bayesian, reason)
  }
}
