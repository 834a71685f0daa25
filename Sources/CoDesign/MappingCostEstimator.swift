public import Accelerator
public import CostModel
public import Workload

/// What an estimator says about a mapping.
public struct MappingCost: Hashable, Sendable {
  /// Energy in pJ.
  public var energy: Double
  /// Latency in cycles.
  public var cycles: Double

  /// Creates a cost.
  public init(energy: Double, cycles: Double) {
    self.energy = energy
    self.cycles = cycles
  }

  /// Energy times latency in pJ cycles.
  public var energyDelayProduct: Double { energy * cycles }
}

/// Tells what mappings cost: the embedded model, or a simulator somewhere else that takes its time and may break.
public protocol MappingCostEstimator: Sendable {
  /// The estimator of one layer on one machine; used on one thread.
  ///
  /// What it returns is `nil` for a mapping that cannot run; it throws `EvaluationFailure` when it broke, which says nothing
  /// about the mapping.
  /// - Parameters:
  ///   - layer: The layer.
  ///   - architecture: The machine.
  ///   - zeroShare: Share of zeros of the operand that gates work; `nil` takes the architecture's.
  func estimate(of layer: Layer, on architecture: Architecture, zeroShare: Double?) -> (Mapping)
    throws -> MappingCost?
}

/// The embedded cost model.
public struct EmbeddedEstimator: MappingCostEstimator {
  /// The terms of the model that are on.
  public let terms: CostTerms

  /// Creates an estimator.
  public init(terms: CostTerms = .countingOnly) {
    self.terms = terms
  }

  /// The model of one layer on one machine.
  public func estimate(of layer: Layer, on architecture: Architecture, zeroShare: Double?) -> (
    Mapping
  ) throws -> MappingCost? {
    let evaluator = MappingEvaluator(
      LoopNestCostModel(
        layer: layer, architecture: architecture, terms: terms, zeroShare: zeroShare))
    return { mapping in
      guard let totals = evaluator.totals(of: mapping), totals.verdict.isLegal else { return nil }
      return MappingCost(energy: totals.energy, cycles: Double(totals.cycles))
    }
  }
}
