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
  public var middle = 0.04
  public var cold = 0.003
  public var startDivisor = 500
  public var finalistDivisor = 4
  public var shortShare = 0.5
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
    let starts = max(1, min(16, evaluationLimit / startDivisor))
    let pool = ImagePool(count: starts, size: state.imageSize)
    // Short annealings from the best of a few draws each, then long ones from the best of those.
    let short = Int(Double(evaluationLimit) * shortShare) / starts
    for start in 0..<starts {
      let drawCount = max(1, Int(Double(short) * startShare))
      for _ in 0..<drawCount {
        guard sampler.draw(using: &search.generator) > 0 else { return nil }
        pool.offer(search.evaluate(), at: start, state)
      }
      pool.load(start, into: state)
      pool.reset(
        search.anneal(
          from: pool.scores[start], evaluations: short - drawCount, hot: hot, cold: middle),
        at: start, state)
    }
    let ranking = pool.ranking
    let finalists = max(1, starts / finalistDivisor)
    for index in 0..<finalists {
      let rest = evaluationLimit - search.evaluationCount
      pool.load(ranking[index], into: state)
      _ = search.anneal(
        from: pool.scores[ranking[index]], evaluations: rest / (finalists - index), hot: middle,
        cold: cold)
    }
    search.restoreBest()
    guard let totals = search.bestTotals, let mapping = state.mapping() else { return nil }
    return MappedLayer(mapping: mapping, totals: totals, evaluationCount: search.evaluationCount)
  }
}

/// Saved states of one search with their scores.
private final class ImagePool {
  private(set) var scores: [MappingScore]
  private let size: Int
  private let words: UnsafeMutablePointer<Int>

  init(count: Int, size: Int) {
    self.size = size
    scores = Array(repeating: .worst, count: count)
    words = .allocate(capacity: max(count * size, 1))
    words.initialize(repeating: 0, count: max(count * size, 1))
  }

  deinit { words.deallocate() }

  /// Positions from the best score to the worst.
  var ranking: [Int] {
    scores.indices.sorted { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
  }

  func offer(_ score: MappingScore, at index: Int, _ state: MappingState) {
    if score < scores[index] { reset(score, at: index, state) }
  }

  func reset(_ score: MappingScore, at index: Int, _ state: MappingState) {
    scores[index] = score
    state.save(to: words + index * size)
  }

  func load(_ index: Int, into state: MappingState) { state.restore(from: words + index * size) }
}
