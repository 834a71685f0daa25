import BayesianOptimization
import DesignSpace
import Execution
import Search
import Study

/// The designers by the names users know.
///
/// A new one is a case here, a line in `designer(for:seed:)`, and a reason in `automatic(for:_:)` if it is ever the best choice.
public enum DesignerChoice: String, CaseIterable, Sendable {
  /// Bandits, models and evolution by turns, whose settings change.
  case adaptivePortfolio = "adaptive-portfolio"
  /// A Gaussian-process bandit with models of limits and hidden failures.
  case bayesian
  /// Regularized evolution.
  case evolution
  /// The firefly swarm.
  case firefly
  /// A scrambled Halton sequence.
  case halton
  /// An ensemble of cross-validated regressors.
  case modelBased = "model-based"
  /// Bandits, models and evolution by turns, by what each has found.
  case portfolio
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
  ///
  /// - Parameters:
  ///   - problem: What is searched.
  ///   - seed: Of its draws.
  ///   - others: Studies of other workloads: their best designs are tried first, and `bayesian` follows their trends where they
  ///     predict the trials better.
  ///   - cheap: A prior that `bayesian` follows as far as it predicts the trials; of no use to others.
  func designer(
    for problem: Problem, seed: Seed, after others: TransferredStudies = TransferredStudies([]),
    cheap: CheapModel? = nil
  ) -> any Designer {
    func warm(_ designer: some Designer) -> any Designer {
      let elites = others.elites(for: problem)
      guard !elites.isEmpty else { return designer }
      return WarmStartDesigner(designer, of: problem, startingWith: elites)
    }
    return switch self {
    case .adaptivePortfolio:
      warm(PortfolioDesigner.standard(problem, isAdaptive: true, seed: seed))
    case .bayesian: BayesianDesigner(problem, transfer: others, cheap: cheap, seed: seed)
    case .evolution: warm(EvolutionDesigner(problem))
    case .firefly: warm(FireflyDesigner(problem))
    case .halton: warm(QuasiRandomDesigner(problem, seed: seed))
    case .modelBased: warm(ModelBasedDesigner(problem, seed: seed))
    case .portfolio: warm(PortfolioDesigner.standard(problem, seed: seed))
    case .random: warm(RandomDesigner(problem))
    }
  }
}
