import BayesianOptimization
import DesignSpace
import Execution
import Search
import Study

/// The designers by the names users know.
public enum DesignerChoice: String, CaseIterable, Sendable {
  /// A Gaussian-process bandit with models of limits and hidden failures.
  case bayesian
  /// Regularized evolution.
  case evolution
  /// The firefly swarm.
  case firefly
  /// A scrambled Halton sequence.
  case halton
  /// Uniform draws.
  case random

  /// All names, for messages.
  public static var names: [String] { allCases.map(\.rawValue) }

  /// Reads a name.
  ///
  /// - Throws: `LogError.wrongValue` with the nearest known name.
  public init(parsing name: String) throws(LogError) {
    guard let choice = DesignerChoice(rawValue: name) else {
      throw .wrongValue(
        at: "designer", got: "\"\(name)\"",
        expected: "one of \(Self.names.joined(separator: ", "))",
        hint: suggestion(for: name, among: Self.names))
    }
    self = choice
  }

  /// A choice by space and budget, with its reason.
  static func automatic(for problem: Problem, budget: Int) -> (
    choice: DesignerChoice, reason: String?
  ) {
    let parameterCount = problem.space.parameters.count
    if budget > 2_000 {
      return (.evolution, "since \(budget) evaluations are cheap enough to do without models")
    }
    if parameterCount > 40 {
      return (.evolution, "since \(parameterCount) parameters are many for a Gaussian process")
    }
    return (
      .bayesian, "since \(budget) evaluations are few: models of cost, limits and failures pay"
    )
  }

  /// A designer that knows nothing yet.
  func designer(for problem: Problem, seed: Seed) -> any Designer {
    switch self {
    case .bayesian: BayesianDesigner(problem, seed: seed)
    case .evolution: EvolutionDesigner(problem)
    case .firefly: FireflyDesigner(problem)
    case .halton: QuasiRandomDesigner(problem, seed: seed)
    case .random: RandomDesigner(problem)
    }
  }
}
