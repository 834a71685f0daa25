import Accelerator
public import CostModel
public import Execution
import Workload

/// A good mapping in milliseconds, without a proof.
///
/// Every start is the best of a few constructive draws, improved by simulated annealing (Kirkpatrick, Gelatt and Vecchi
/// 1983); the best start is annealed on. Moves shift a prime factor to another place, trade two factors or two loops of a
/// level, or change a keep set. Where networks cost energy, whose hops take most of the model's time, the starts leave them
/// out. A space with no more members than a quarter of the budget is listed instead. Perfect factors only. The budget is a
/// number of evaluations, so that results do not depend on the machine's speed.
public struct HeuristicMapper: Sendable {
  /// Evaluations of the cost model a layer may take, at least 1; about 600,000 a second and core.
  public var evaluationLimit = 10_000
  /// What is minimized.
  public var objective = MappingObjective.energyDelayProduct
  /// Where random numbers come from.
  public var seed = Seed(0)

  /// Most annealings to begin, at least 1; 1 is plain simulated annealing from the best of a few draws.
  public var startLimit = 16
  /// Asked now and then whether to end with the best so far.
  public var shouldStop: @Sendable () -> Bool = { false }

  // Measured on the shipped machines; temperatures are relative changes of the objective.
  private static let evaluationsPerStart = 250
  private static let shareOfStarts = 0.7
  private static let shareOfDraws = 0.1
  private static let hot = 0.3
  private static let warm = 0.04
  private static let cold = 0.003

  /// Creates a mapper with a budget of about 20 ms a layer.
  public init() {}

  /// The best mapping found in the whole space of the model's layer, with the architecture's own keep sets.
  ///
  /// - Returns: `nil` when nothing fits; `MappingInfeasibility` tells why.
  public func mapping(for model: LoopNestCostModel) -> MappedLayer? {
    guard let space = try? MapSpace(for: model) else { return nil }
    return mapping(for: model, in: space)
  }

  /// The best mapping found in a map space.
  ///
  /// - Precondition: The space is one of the model's layer and architecture.
  /// - Returns: `nil` when nothing fits, or when rules leave so little that no draw meets them.
  public func mapping(for model: LoopNestCostModel, in space: MapSpace) -> MappedLayer? {
    let state = MappingState(space)
    var sampler = ConstructiveSampler(state)
    if isSmall(state) {
      return MapSpaceEnumerator(space, model: model).best(for: objective)
    }
    let search = MappingDescent(state, model: model, objective: objective, seed: seed)
    let starts = max(
      1,
      min(
        startLimit, evaluationLimit / HeuristicMapper.evaluationsPerStart))
    search.shouldStop = shouldStop
    let pool = ImagePool(count: starts, size: state.imageSize)
    // Short annealings from the best of a few draws each, then long ones from the best of those.
    let short = Int(Double(evaluationLimit) * HeuristicMapper.shareOfStarts) / starts
    search.isRough = true
    for start in 0..<starts {
      // Every other start fills the array.
      sampler.prefersSpatial = start & 1 == 0
      let drawCount = max(1, Int(Double(short) * HeuristicMapper.shareOfDraws))
      for draw in 0..<drawCount {
        if draw & 63 == 63, shouldStop() { break }
        guard sampler.draw(using: &search.generator) > 0 else { return nil }
        pool.offer(search.evaluate(), at: start, state)
      }
      pool.load(start, into: state)
      pool.reset(
        search.anneal(
          from: pool.scores[start], evaluations: short - drawCount, hot: HeuristicMapper.hot,
          cold: HeuristicMapper.warm),
        at: start, state)
    }
    search.isRough = false
    for start in 0..<starts {
      pool.load(start, into: state)
      pool.reset(search.evaluate(), at: start, state)
    }
    let first = pool.ranking[0]
    pool.load(first, into: state)
    _ = search.anneal(
      from: pool.scores[first], evaluations: evaluationLimit - search.evaluationCount,
      hot: HeuristicMapper.warm, cold: HeuristicMapper.cold)
    search.restoreBest()
    guard let totals = search.bestTotals, let mapping = state.mapping() else { return nil }
    return MappedLayer(mapping: mapping, totals: totals, evaluationCount: search.evaluationCount)
  }
}

extension HeuristicMapper {
  /// Whether listing the space takes less than searching it.
  private func isSmall(_ state: MappingState) -> Bool {
    guard state.tokenCount <= 4, let lattice = DivisorLattice(state.space.layer) else {
      return false
    }
    let keepCount = (0..<state.levelCount).reduce(1.0) {
      $0 * Double(state.space.keepSets(level: $1).count)
    }
    let count = MapSpaceCount(state.space, lattice, ApproximateRing()).total() * keepCount
    return count <= Double(evaluationLimit / 4)
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
