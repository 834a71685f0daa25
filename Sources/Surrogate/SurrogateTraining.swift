public import Execution
public import Study

/// A training that can stop at any step, be written to a file, and go on.
///
/// It is a value: the same data, options, architecture and seed give the same weights on the same kind of processor,
/// however often it was interrupted. Every step draws from a stream of its own, so a step number is all there is to
/// remember of the random numbers.
public struct SurrogateTraining: Sendable {
  /// A comparison on the held-out rows.
  public struct Validation: Hashable, Sendable, Codable {
    /// Steps done.
    public let step: Int
    /// Mean rank correlation over the contexts.
    public let score: Double
    /// Parts of the last step's loss.
    public let parts: ConservativeLoss.Parts
  }

  /// The weights that ranked best so far.
  struct Best: Hashable, Sendable {
    var step: Int
    var score: Double
    var weights: [Float]
  }

  /// Everything that changes from step to step.
  struct State: Hashable, Sendable {
    var step = 0
    var weights: [Float]
    var first: [Float]
    var second: [Float]
    var swarm: NegativeSwarm?
    var best: Best?
    var history: [Validation] = []
  }

  /// What is learned from.
  public let data: SurrogateData
  /// How; `stepCount` may be raised to train on.
  public var options: TrainingOptions
  /// Where random numbers come from.
  public let seed: Seed
  /// Rows whose cost is learned.
  public let trainingRows: [Int]
  /// Feasible rows that weights are compared on.
  public let heldOutRows: [Int]
  /// Rows that are known not to work or to be over a limit.
  public let infeasibleRows: [Int]
  let plan: NetworkPlan
  var state: State

  /// Begins a training.
  ///
  /// - Parameters:
  ///   - data: What is learned from.
  ///   - architecture: Its blocks must be those of the data's encoding, its context width that of the data's contexts.
  ///   - options: Its settings.
  ///   - seed: Of every draw.
  ///   - limits: In place of the problem's; rows over a limit join the infeasible ones.
  ///   - start: A network to begin with instead of random weights, for example one trained under other limits.
  /// - Throws: `SurrogateError` for sizes that do not fit, options outside their range, and data without feasible
  ///   rows; `DesignSpaceError.noLegalDesign` when negatives are mined in a space without designs.
  public init(
    _ data: SurrogateData, architecture: NetworkArchitecture, options: TrainingOptions,
    seed: Seed, limits: [MetricLimit]? = nil, from start: SurrogateNetwork? = nil
  ) throws {
    let plan = try SurrogateNetwork.plan(architecture)
    guard architecture.blockWidths == data.encoding.blockWidths else {
      throw SurrogateError.architecture(
        size: "widths of blocks", got: "\(architecture.blockWidths)",
        expected: "\(data.encoding.blockWidths), those of the data")
    }
    guard architecture.contextWidth == data.contexts.width else {
      throw SurrogateError.architecture(
        size: "context width", got: "\(architecture.contextWidth)",
        expected: "\(data.contexts.width), that of the data")
    }
    if let start, start.architecture != architecture {
      throw SurrogateError.architecture(
        size: "network to begin with", got: "another architecture", expected: "the same")
    }
    self.options = try options.validated()
    self.data = data
    self.seed = seed
    self.plan = plan
    let pools = try data.pools(under: limits)
    guard !pools.feasible.isEmpty else {
      throw SurrogateError.data(
        what: "training", got: "no feasible design of \(data.rowCount)", expected: "at least one",
        hint: "loosen the limits, or log more simulations")
    }
    infeasibleRows = pools.infeasible
    (trainingRows, heldOutRows) = try options.holdOut.split(
      pools.feasible, targets: data.targets, contexts: data.contextIndices,
      seed: seed.child("hold out"))
    let weights = start?.weights ?? plan.layout.initialWeights(seed.child("weights"))
    let zeros = [Float](repeating: 0, count: weights.count)
    state = State(weights: weights, first: zeros, second: zeros)
    if case .firefly(let swarm) = options.mining, options.loss.negativeWeight > 0 {
      var generator = seed.child("swarm").generator()
      state.swarm = try NegativeSwarm(
        swarm, space: data.problem.space, contextCount: data.contexts.contexts.count,
        using: &generator)
    }
  }

  /// Steps done.
  public var step: Int { state.step }

  /// Whether there is nothing left to do: all steps done, or patience at an end.
  public var isFinished: Bool {
    if state.step >= options.stepCount { return true }
    guard let patience = options.patience, let best = state.best else { return false }
    return state.history.filter { $0.step > best.step }.count >= patience
  }

  /// The comparisons so far.
  public var validations: [Validation] { state.history }

  /// The network with the weights that ranked the held-out rows best, or with the current ones without such rows.
  public var network: SurrogateNetwork {
    SurrogateNetwork(plan, weights: state.best?.weights ?? state.weights)
  }

  /// The network with the current weights.
  public var latestNetwork: SurrogateNetwork { SurrogateNetwork(plan, weights: state.weights) }

  /// Trains on until a number of steps is done, or nothing is left to do.
  ///
  /// - Parameters:
  ///   - bound: Steps, counted from the begin; `nil` for all of them.
  ///   - report: Called after every comparison.
  /// - Throws: `CancellationError` when the surrounding task is cancelled; what was done stays.
  public mutating func run(
    until bound: Int? = nil, report: (Validation) -> Void = { _ in }
  ) throws {
    let end = min(bound ?? options.stepCount, options.stepCount)
    guard state.step < end, !isFinished else { return }
    let loop = TrainingLoop(self)
    defer { loop.save(to: &state) }
    while state.step < end, !isFinished {
      if state.step % 16 == 0 { try Task.checkCancellation() }
      let parts = loop.step(number: state.step, swarm: &state.swarm)
      state.step += 1
      let isComparison =
        state.step % options.validationInterval == 0 || state.step == options.stepCount
      guard isComparison, !heldOutRows.isEmpty else { continue }
      let score = loop.score(heldOutRows)
      let validation = Validation(step: state.step, score: score, parts: parts)
      state.history.append(validation)
      if state.best.map({ score > $0.score }) ?? true {
        state.best = Best(step: state.step, score: score, weights: loop.buffers.weights.array)
      }
      report(validation)
    }
  }
}
