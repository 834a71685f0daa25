import BayesianOptimization
import DesignSpace
import Execution
import Search
import Study

/// The designers by the names users know.
///
/// A new one is a case here, a line in `designer(for:seed:)`, and a reason in `automatic(for:_:)` if it is ever the best choice.
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
