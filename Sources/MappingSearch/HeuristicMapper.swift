import Accelerator
public import CostModel
public import Execution
import Workload

/// A good mapping in milliseconds, without a proof.
public struct HeuristicMapper: Sendable {
  /// Evaluations of the cost model a layer may take.
  public var evaluationLimit = 4_000
  /// What is minimized.
  public var objective = MappingObjective.energyDelayProduct
  /// Where random numbers come from.
  public var seed = Seed(0)
  public var hot = 0.3
  public var cold = 0.005
  public var chains = 1
  public var startShare = 0.1

  /// Creates a mapper.
  public init() {}

  /// The best mapping found in the model's whole map space.
  ///
  /// - Returns: `nil` when nothing fits.
  public func mapping(for model: LoopNestCostModel) -> MappedLayer? {
    guard let space = try? MapSpace(for: model) else { return nil }
    return mapping(for: model, in: space)
  }

  /// The best mapping found in a map space.
  ///
  /// - Returns: `nil` when nothing fits.
  public func mapping(for model: LoopNestCostModel, in space: MapSpace) -> MappedLayer? {
    let state = MappingState(space)
    let sampler = ConstructiveSampler(state)
    let search = MappingDescent(state, model: model, objective: objective, seed: seed)
    let image = UnsafeMutablePointer<Int>.allocate(capacity: max(state.imageSize, 1))
    image.initialize(repeating: 0, count: max(state.imageSize, 1))
    defer { image.deallocate() }
    let perChain = evaluationLimit / chains
    for _ in 0..<chains {
      var startScore = MappingScore.worst
      for _ in 0..<max(1, Int(Double(perChain) * startShare)) {
        guard sampler.draw(using: &search.generator) > 0 else { return nil }
        let score = search.evaluate()
        if score < startScore {
          startScore = score
          state.save(to: image)
        }
      }
      state.restore(from: image)
      search.anneal(
        from: startScore, evaluations: perChain - Int(Double(perChain) * startShare), hot: hot, cold: cold)
    }
    search.restoreBest()
    guard let totals = search.bestTotals, let mapping = state.mapping() else { return nil }
    return MappedLayer(mapping: mapping, totals: totals, evaluationCount: search.evaluationCount)
  }
}
