public import Execution
public import Search
public import Study

extension PortfolioDesigner {
  /// Trials between changes of settings of the standard adaptive portfolio.
  public static let standardAdaptationInterval = 20

  /// The portfolio of `BayesianDesigner`, `ModelBasedDesigner` and `EvolutionDesigner`.
  ///
  /// The first credits say that a model of few trials is worth most; they are outweighed after some tens of trials.
  /// - Parameters:
  ///   - isAdaptive: Whether settings change as trials come in.
  ///   - seed: Scrambles first designs, and draws changes of settings.
  public static func standard(_ problem: Problem, isAdaptive: Bool = false, seed: Seed = Seed(0))
    -> PortfolioDesigner
  {
    var options = Options()
    options.adaptationInterval = isAdaptive ? standardAdaptationInterval : nil
    return PortfolioDesigner(
      problem,
      members: [
        Member(BayesianDesigner(problem, seed: seed), credit: 0.8),
        Member(ModelBasedDesigner(problem, seed: seed), credit: 0.15),
        Member(EvolutionDesigner(problem), credit: 0.1),
      ], options: options, seed: seed)
  }
}

extension BayesianDesigner: AdaptiveDesigner {
  /// Changes what is looked for: expected improvement, or a confidence bound of 0.5 to 3 deviations.
  public mutating func adapt(using generator: inout SeededGenerator) {
    options.acquisition =
      generator.unitInterval() < 0.5
      ? .logExpectedImprovement
      : .lowerConfidenceBound(weight: 0.5 + 2.5 * generator.unitInterval())
  }
}

extension ModelBasedDesigner: AdaptiveDesigner {
  /// Changes the score that regressors need by up to 0.3, within 0 and 0.9.
  public mutating func adapt(using generator: inout SeededGenerator) {
    let step = 0.6 * generator.unitInterval() - 0.3
    options.scoreThreshold = min(0.9, max(0, options.scoreThreshold + step))
  }
}
