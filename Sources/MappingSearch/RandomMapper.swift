public import CostModel
import Dispatch
public import Execution

/// The best of a number of random legal mappings: the baseline of searches.
///
/// Draws are made in blocks with a random stream each, so that the result does not depend on the number of threads.
public struct RandomMapper: Sendable {
  /// Mappings to draw, at least 1.
  public var drawCount = 10_000
  /// What is minimized.
  public var objective = MappingObjective.energyDelayProduct
  /// Where random numbers come from.
  public var seed = Seed(0)
  /// Threads to draw on, at least 1.
  public var threadCount = 1

  /// Asked now and then whether to end with the best so far.
  public var shouldStop: @Sendable () -> Bool = { false }

  private static let blockSize = 1_024

  /// Creates a mapper.
  public init() {}

  /// The best mapping drawn; of equal ones the first.
  ///
  /// - Precondition: The space is one of the model's layer and architecture.
  /// - Returns: `nil` when nothing fits, or when rules leave so little that no draw meets them.
  public func mapping(for model: LoopNestCostModel, in space: MapSpace) -> MappedLayer? {
    let blockCount = (drawCount + RandomMapper.blockSize - 1) / RandomMapper.blockSize
    let threads = max(1, min(threadCount, blockCount))
    let results = UnsafeMutablePointer<Block?>.allocate(capacity: max(blockCount, 1))
    results.initialize(repeating: nil, count: max(blockCount, 1))
    defer {
      results.deinitialize(count: max(blockCount, 1))
      results.deallocate()
    }
    // Every block writes its own slot.
    nonisolated(unsafe) let slots = results
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for block in stride(from: thread, to: blockCount, by: threads) {
        if block > 0, shouldStop() { break }
        let count = min(RandomMapper.blockSize, drawCount - block * RandomMapper.blockSize)
        slots[block] = draw(block, count, model, space)
      }
    }
    var best: Block?
    var drawn = 0
    for block in 0..<blockCount {
      guard let candidate = results[block] else { continue }
      drawn += candidate.layer.evaluationCount
      if best.map({ candidate.score < $0.score }) ?? true { best = candidate }
    }
    guard var layer = best?.layer else { return nil }
    layer.evaluationCount = drawn
    return layer
  }

  private struct Block {
    var score: MappingScore
    var layer: MappedLayer
  }

  private func draw(_ block: Int, _ count: Int, _ model: LoopNestCostModel, _ space: MapSpace)
    -> Block?
  {
    let state = MappingState(space)
    let sampler = ConstructiveSampler(state)
    let search = MappingDescent(
      state, model: model, objective: objective, seed: seed.child("block", block))
    for _ in 0..<count {
      guard sampler.draw(using: &search.generator) > 0 else { return nil }
      _ = search.evaluate()
    }
    search.restoreBest()
    guard let totals = search.bestTotals, let mapping = state.mapping() else { return nil }
    return Block(
      score: search.bestScore,
      layer: MappedLayer(mapping: mapping, totals: totals, evaluationCount: count))
  }
}
