public import Execution
public import Study

/// A designer whose settings can be changed a little without losing what it knows.
public protocol AdaptiveDesigner: Designer {
  /// Changes the settings at random.
  mutating func adapt(using generator: inout SeededGenerator)
}

extension EvolutionDesigner: AdaptiveDesigner {
  /// Changes the sizes of population and tournament by up to half, and the share of crossovers by up to 0.2.
  public mutating func adapt(using generator: inout SeededGenerator) {
    var options = options
    options.populationCount = max(2, Self.scaled(options.populationCount, using: &generator))
    options.tournamentCount = max(1, Self.scaled(options.tournamentCount, using: &generator))
    let step = 0.4 * generator.unitInterval() - 0.2
    options.crossoverShare = min(1, max(0, options.crossoverShare + step))
    self.options = options
  }

  private static func scaled(_ count: Int, using generator: inout SeededGenerator) -> Int {
    Int((Double(count) * (0.5 + generator.unitInterval())).rounded())
  }
}

extension FireflyDesigner: AdaptiveDesigner {
  /// Changes gravity, perturbation and its penalty by up to half of what is left of them.
  public mutating func adapt(using generator: inout SeededGenerator) {
    var options = options
    options.gravity *= 0.5 + generator.unitInterval()
    options.perturbation = min(0.5, options.perturbation * (0.5 + generator.unitInterval()))
    options.perturbation = max(options.smallestPerturbation, options.perturbation)
    options.penalty = 1 - (1 - options.penalty) * (0.5 + generator.unitInterval())
    options.penalty = min(0.99, max(0.5, options.penalty))
    self.options = options
  }
}
