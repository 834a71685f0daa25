import CostModel
import Execution

/// A value to minimize with what decides between equals.
struct MappingScore: Comparable {
  var value: Double
  var tie: Double

  static let worst = MappingScore(value: .infinity, tie: .infinity)

  @inline(__always)
  static func < (a: MappingScore, b: MappingScore) -> Bool {
    a.value < b.value || (a.value == b.value && a.tie < b.tie)
  }
}

/// Local search over the mappings of one layer: simulated annealing, then descent, on one state in place.
///
/// Moves: a prime factor goes to another place; two factors of different dimensions trade places; two temporal loops of a
/// level trade places; a level's keep set changes. A move is undone when it is refused; nothing is allocated.
final class MappingDescent {
  let state: MappingState
  let objective: MappingObjective
  private(set) var evaluationCount = 0
  var generator: SeededGenerator
  private let evaluator: MappingEvaluator
  /// The cost model without networks, whose hops take most of the time; `nil` where they cost nothing.
  private let roughEvaluator: MappingEvaluator?
  /// Asked now and then whether annealing should end.
  var shouldStop: @Sendable () -> Bool = { false }
  /// Whether costs are rough for now; a best mapping is not remembered then.
  var isRough = false
  /// Places whose order matters.
  private let orderedPlaces: [Int]
  private let spatialLevels: [Bool]
  private let freeLevels: [Int]
  private let places: Int
  private let best: UnsafeMutablePointer<Int>
  private(set) var bestScore = MappingScore.worst
  private(set) var bestTotals: MappingTotals?

  init(_ state: MappingState, model: LoopNestCostModel, objective: MappingObjective, seed: Seed) {
    self.state = state
    self.objective = objective
    generator = seed.generator()
    evaluator = MappingEvaluator(model)
    if (0..<state.levelCount).contains(where: { state.space.ordersSpatialLoops(level: $0) }) {
      var terms = model.terms
      terms.networks = false
      roughEvaluator = MappingEvaluator(model.with(terms))
    } else {
      roughEvaluator = nil
    }
    places = state.placeCount
    orderedPlaces = (0..<state.placeCount).filter { place in
      state.freeEnds[place] - state.freeStarts[place] > 1
        && (place % 3 == 0
          ? place / 3 < state.levelCount - 1 : state.space.ordersSpatialLoops(level: place / 3))
    }
    spatialLevels = (0..<state.placeCount).map { place in
      place % 3 != 0
    }
    freeLevels = (0..<state.levelCount).filter { state.space.keepSets(level: $0).count > 1 }
    best = .allocate(capacity: max(state.imageSize, 1))
    best.initialize(repeating: 0, count: max(state.imageSize, 1))
  }

  deinit { best.deallocate() }

  /// Cost of the present state, which is remembered when it is the best.
  @inline(__always)
  func evaluate() -> MappingScore {
    guard state.write() else { return .worst }
    evaluationCount &+= 1
    let usesRough = isRough && roughEvaluator != nil
    let totals = (usesRough ? roughEvaluator ?? evaluator : evaluator).totals(of: state.record)
    guard totals.verdict.isLegal else { return .worst }
    let cycles = Double(totals.cycles)
    let score = MappingScore(
      value: objective.value(energy: totals.energy, cycles: cycles),
      tie: objective.tieBreaker(energy: totals.energy, cycles: cycles))
    if !usesRough, score < bestScore {
      bestScore = score
      bestTotals = totals
      state.save(to: best)
    }
    return score
  }

  func restoreBest() { state.restore(from: best) }

  // MARK: Annealing

  /// Anneals from the present state for a number of evaluations.
  ///
  /// - Returns: The score of the last state.
  func anneal(from start: MappingScore, evaluations: Int, hot: Double, cold: Double) -> MappingScore
  {
    guard state.tokenCount > 0 else { return start }
    var current = start
    let first = evaluationCount
    let end = evaluationCount + evaluations
    var proposals = 0
    let ratio = cold / hot
    var temperature = hot
    while evaluationCount < end, proposals < 30 * evaluations {
      proposals += 1
      if proposals & 15 == 0 {
        let share = Double(evaluationCount - first) / Double(evaluations)
        temperature = hot * power(ratio, share)
        if proposals & 255 == 0, shouldStop() { break }
      }
      guard let move = propose() else { continue }
      let score = evaluate()
      let change = (score.value - current.value) / current.value
      let accepts =
        score.value <= current.value
        || (score.value < .infinity && uniform() < exponential(-change / temperature))
      if accepts { current = score } else { undo(move) }
    }
    return current
  }

  private func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  // MARK: Moves

  /// What was changed.
  enum Move {
    case shift(Int, from: Int)
    case trade(Int, Int)
    case order(place: Int, Int, Int)
    case keep(level: Int, UInt32)
  }

  /// Changes the state at random.
  ///
  /// - Returns: `nil` when the change was not legal; the state is then as before.
  @inline(__always)
  func propose() -> Move? {
    let dice = generator.next() & 15
    if dice < 7 { return shiftToken() }
    if dice < 11 { return tradeTokens() }
    if dice < 12, !freeLevels.isEmpty { return changeKeep() }
    return tradeLoops()
  }

  func undo(_ move: Move) {
    switch move {
    case .shift(let token, let source): relocate(token, to: source)
    case .trade(let a, let b):
      let place = state.tokenPlaces[a]
      relocate(a, to: state.tokenPlaces[b])
      relocate(b, to: place)
    case .order(let place, let a, let b):
      let order = state.orders + place * state.activeCount
      (order[a], order[b]) = (order[b], order[a])
    case .keep(let level, let set): state.keeps[level] = set
    }
  }

  @inline(__always)
  private func relocate(_ token: Int, to place: Int) {
    state.shift(
      state.tokenDimensions[token], by: state.tokenPrimes[token], from: state.tokenPlaces[token],
      to: place)
    state.tokenPlaces[token] = place
  }

  @inline(__always)
  private func isLegal(_ token: Int, after source: Int) -> Bool {
    let d = state.tokenDimensions[token]
    let place = state.tokenPlaces[token]
    guard state.isInLimits(d, at: place) else { return false }
    if spatialLevels[place], !state.fitsMeshes() { return false }
    if spatialLevels[source], !state.usesEnough() { return false }
    return true
  }

  @inline(__always)
  private func shiftToken() -> Move? {
    let token = generator.index(below: state.tokenCount)
    let source = state.tokenPlaces[token]
    var target = generator.index(below: places - 1)
    if target >= source { target += 1 }
    let slot = target &* state.activeCount &+ state.tokenDimensions[token]
    guard state.factors[slot] &* state.tokenPrimes[token] <= state.highs[slot] else { return nil }
    relocate(token, to: target)
    if isLegal(token, after: source),
      state.fits(levels: (source / 3 + 1)..<max(target / 3, source / 3) + 1)
    {
      return .shift(token, from: source)
    }
    relocate(token, to: source)
    return nil
  }

  @inline(__always)
  private func tradeTokens() -> Move? {
    let a = generator.index(below: state.tokenCount)
    let b = generator.index(below: state.tokenCount)
    let first = state.tokenPlaces[a]
    let second = state.tokenPlaces[b]
    guard first != second,
      state.tokenDimensions[a] != state.tokenDimensions[b]
        || state.tokenPrimes[a] != state.tokenPrimes[b]
    else { return nil }
    relocate(a, to: second)
    relocate(b, to: first)
    let outer = min(first, second) / 3
    let inner = max(first, second) / 3
    if isLegal(a, after: first), isLegal(b, after: second),
      state.fits(levels: outer + 1..<inner + 1)
    {
      return .trade(a, b)
    }
    relocate(a, to: first)
    relocate(b, to: second)
    return nil
  }

  @inline(__always)
  private func tradeLoops() -> Move? {
    guard !orderedPlaces.isEmpty else { return nil }
    let place = orderedPlaces[generator.index(below: orderedPlaces.count)]
    let mask = state.present[place]
    guard mask & (mask &- 1) != 0 else { return nil }
    let order = state.orders + place &* state.activeCount
    let start = state.freeStarts[place]
    let count = state.freeEnds[place] - start
    let a = start + generator.index(below: count)
    let b = start + generator.index(below: count)
    guard a != b, mask >> UInt32(order[a]) & 1 == 1, mask >> UInt32(order[b]) & 1 == 1 else {
      return nil
    }
    (order[a], order[b]) = (order[b], order[a])
    return .order(place: place, a, b)
  }

  private func changeKeep() -> Move? {
    let level = freeLevels[generator.index(below: freeLevels.count)]
    let sets = state.space.keepSets(level: level)
    let old = state.keeps[level]
    state.keeps[level] = sets[generator.index(below: sets.count)]
    if state.keeps[level] != old, state.fits(levels: level..<level + 1) {
      return .keep(level: level, old)
    }
    state.keeps[level] = old
    return nil
  }
}
