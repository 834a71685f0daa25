public import Search

/// Where the negatives of a training step come from: designs the current model believes to be good.
public enum NegativeMining: Hashable, Sendable {
  /// None; the conservative term is zero.
  case none
  /// A swarm of designs that follows the model from step to step.
  case firefly(SwarmOptions)
  /// Designs of the batch, moved along the gradient of the model.
  case gradient(GradientOptions)

  /// A firefly swarm as negative sampler.
  public struct SwarmOptions: Hashable, Sendable {
    /// Designs in the swarm, all of which are negatives; not published.
    public var count = 64
    /// Moves of every design in a training step (PRIME: 2).
    public var moveCount = 2
    /// Forces and perturbations.
    public var forces = FireflyDesigner.Options()

    /// Creates the defaults.
    public init() {}
  }

  /// Moves along the gradient.
  public struct GradientOptions: Hashable, Sendable {
    /// Designs of the batch that are moved, all of which are negatives.
    public var count = 64
    /// Moves of every design in a training step; each changes one parameter.
    public var moveCount = 4
    /// How undecided a move is, in units of the standardized cost; 0 always takes the best one.
    public var temperature = 0.1

    /// Creates the defaults.
    public init() {}
  }

  /// Negatives of a step.
  var count: Int {
    switch self {
    case .none: 0
    case .firefly(let options): options.count
    case .gradient(let options): options.count
    }
  }

  func validated() throws(SurrogateError) -> NegativeMining {
    let moves: Int
    switch self {
    case .none: return self
    case .firefly(let options): moves = options.moveCount
    case .gradient(let options):
      moves = options.moveCount
      guard options.temperature >= 0, options.temperature <= 1e6 else {
        throw .option(
          name: "temperature of moves", got: "\(options.temperature)",
          expected: "a number in 0...1e6")
      }
    }
    guard (2...100_000).contains(count) else {
      throw .option(name: "count of negatives", got: "\(count)", expected: "a number in 2...100000")
    }
    guard (0...10_000).contains(moves) else {
      throw .option(
        name: "moves of negatives", got: "\(moves)", expected: "a number in 0...10000")
    }
    return self
  }
}
