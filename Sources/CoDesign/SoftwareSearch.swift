public import Accelerator
public import Execution
import Foundation
public import MappingSearch
public import Study

/// The search of one layer's mappings on one machine, in few evaluations, each of which may take seconds.
///
/// The published method: 30 random legal mappings, then again and again the one of 150 random legal mappings that a linear
/// Gaussian process of the logarithm of the energy-delay product finds most promising. Mappings are legal by construction.
/// The others are what it is compared with.
///
/// Differs from the paper: a third of the pool is drawn anew for a suggestion, the rest are candidates that were not chosen
/// yet, so that a suggestion takes a fraction of a millisecond.
///
/// - SeeAlso: Shi, Sakhuja, Hashemi, Swersky, Lin 2020, "Learned Hardware/Software Co-Design of Neural Accelerators", arXiv
///   2010.02075; numbers of candidates, warm-up and trials recalled, unverified.
public struct SoftwareSearch: Sendable {
  /// How mappings are proposed.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// Pools of legal mappings and a model of their cost.
    case bayesian
    /// Legal mappings as they are drawn.
    case random
    /// As `bayesian`, but of any factorization; what cannot run is learned as the worst.
    case unconstrained
    /// A model over relaxed factors and orders, rounded to whole ones; what cannot run is learned as the worst.
    case relaxed
    /// Boosted trees rank mutated and random mappings, measured in batches, in the manner of TVM.
    case boostedTrees
    /// Tournaments and mutations.
    case evolution
  }

  /// The model of cost behind `bayesian`.
  public enum Surrogate: String, Hashable, Sendable, CaseIterable {
    /// A Gaussian process with a linear kernel and noise.
    case linear
    /// A random forest; the spread of its trees is its deviation.
    case forest
  }

  /// The settings of a search.
  public struct Options: Hashable, Sendable {
    /// How mappings are proposed.
    public var method = Method.bayesian
    /// Evaluations of a layer on a machine, from 1.
    public var trialCount = 250
    /// Random mappings among them before the first model, from 2.
    public var warmUpCount = 30
    /// Legal mappings a suggestion is chosen from, from 1.
    public var poolCount = 150
    /// What is looked for in the pool.
    public var acquisition = Acquisition.lowerConfidenceBound(weight: 1)
    /// The model of cost.
    public var surrogate = Surrogate.linear
    /// What the model sees.
    public var features = MappingFeatures.Kind.utilization
    /// Whether slopes and best mappings of earlier hardware are used.
    public var startsWarm = true
    /// Failures of the estimator in a row after which the search gives up, from 1.
    public var failureLimit = 20

    /// The published settings (recalled).
    public init() {}
  }

  /// What was answered in one evaluation.
  public enum Answer: Hashable, Sendable {
    /// The mapping costs this.
    case measured(MappingCost)
    /// The mapping cannot run.
    case illegal
    /// The estimator broke.
    case failed(EvaluationFailure)
  }

  /// What a search found.
  public struct Result: Sendable {
    /// The best mapping; `nil` when none ran.
    public var mapping: Mapping?
    /// Its cost.
    public var cost: MappingCost?
    /// Evaluations, those included that failed or could not run.
    public var evaluationCount = 0
    /// Evaluations of mappings that could not run.
    public var illegalCount = 0
    /// Lowest energy-delay product after each evaluation, in pJ cycles; infinite while there is none.
    public var trace: [Double] = []
    /// What later searches of the layer may start from.
    public var memory = LayerMemory()
  }

  /// The settings.
  public let options: Options

  /// Creates a search.
  public init(_ options: Options = Options()) {
    precondition(options.trialCount >= 1 && options.poolCount >= 1, "counts from 1")
    precondition(options.warmUpCount >= 2, "a model needs two mappings")
    self.options = options
  }

  /// Searches the mappings of a space.
  ///
  /// - Parameters:
  ///   - space: What is searched.
  ///   - memory: What earlier machines taught of the layer.
  ///   - seed: Of every draw.
  ///   - estimate: Answers for one mapping.
  ///   - recorded: Answers of this same search before it was interrupted, in order; they are not asked for again.
  ///   - record: Gets every new answer before the next mapping is proposed.
  /// - Returns: The best mapping; `nil` inside when the space has no legal one.
  /// - Throws: `EvaluationFailure` after `failureLimit` failures in a row, `CancellationError`, and what `record` throws.
  public func run(
    in space: MapSpace, memory: LayerMemory = LayerMemory(), seed: Seed,
    estimate: (Mapping) throws -> MappingCost?, recorded: [Answer] = [],
    record: (Answer) throws -> Void = { _ in }
  ) throws -> Result {
    var session = SoftwareSession(space, options: options, memory: memory, seed: seed)
    var failuresInARow = 0
    while session.result.evaluationCount < options.trialCount {
      try Task.checkCancellation()
      guard let mapping = session.propose() else { break }
      let index = session.result.evaluationCount
      let answer: Answer
      if index < recorded.count {
        answer = recorded[index]
      } else if let mapping {
        do {
          answer = try estimate(mapping).map { .measured($0) } ?? .illegal
        } catch let failure as EvaluationFailure {
          answer = .failed(failure)
        }
        try record(answer)
      } else {
        answer = .illegal
        try record(answer)
      }
      session.observe(answer, mapping)
      guard case .failed(let failure) = answer else {
        failuresInARow = 0
        continue
      }
      failuresInARow += 1
      if failuresInARow >= options.failureLimit, index >= recorded.count { throw failure }
    }
    return session.finished()
  }
}

/// What searches of one layer on earlier hardware leave to later ones.
public struct LayerMemory: Hashable, Sendable, Codable {
  /// Best mappings that are kept.
  static let largestEliteCount = 4
  /// What earlier moments weigh each time a machine is added.
  static let discount = 0.7

  /// Loops of a mapping by level: temporal, along Y, along X; each loop as dimension, factor and, where it is another,
  /// residual; and keep sets.
  public struct Sketch: Hashable, Sendable, Codable {
    var nests: [[[[Int]]]]
    var keeps: [[Bool]]
    /// Logarithm of its energy-delay product on its machine; the lowest are kept.
    var value: Double
  }

  var moments: LinearGaussianModel.Moments?
  var elites: [Sketch] = []

  /// Nothing is known.
  public init() {}

  /// Adds what a search on another machine found.
  public mutating func add(_ other: LayerMemory) {
    if let new = other.moments {
      if let old = moments, old.cross.count == new.cross.count {
        moments = .merged(old, weight: Self.discount, new)
      } else {
        moments = new
      }
    }
    for sketch in other.elites where !elites.contains(where: { $0.nests == sketch.nests }) {
      elites.append(sketch)
    }
    elites = Array(
      elites.enumerated().sorted { ($0.element.value, $0.offset) < ($1.element.value, $1.offset) }
        .prefix(Self.largestEliteCount).map(\.element))
  }
}

extension LayerMemory.Sketch {
  /// Notes a mapping.
  ///
  /// - Parameters:
  ///   - mapping: The mapping.
  ///   - value: Logarithm of its energy-delay product.
  public init(_ mapping: Mapping, value: Double) {
    nests = mapping.nests.map { nest in
      [nest.temporal, nest.spatialY, nest.spatialX].map { loops in
        loops.map {
          $0.isPerfect ? [$0.dimension, $0.factor] : [$0.dimension, $0.factor, $0.residual]
        }
      }
    }
    keeps = mapping.nests.map(\.keeps)
    self.value = value
  }

  /// The mapping on another machine of as many levels; `nil` when it is none.
  public func mapping(in space: MapSpace) -> Mapping? {
    let list = zip(nests, keeps).map { kinds, keeps in
      let loops = kinds.map { loops in
        loops.map { loop in
          Loop(dimension: loop[0], factor: loop[1], residual: loop.count > 2 ? loop[2] : nil)
        }
      }
      return LoopNest(temporal: loops[0], spatialX: loops[2], spatialY: loops[1], keeps: keeps)
    }
    return try? Mapping(nests: list, for: space.layer, on: space.architecture)
  }
}
