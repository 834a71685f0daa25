public import Accelerator
public import CostModel
public import Execution
import Workload

/// A legal mapping by repeated steepest descent: quick and decent, not optimal.
///
/// A descent starts with every loop at the outermost level, or with a random legal mapping, and moves one prime factor at
/// a time to whatever place lowers the energy-delay product most, until nothing does; in between it tries to hold another
/// tensor still at each level. The best of all descents counts. Perfect factors only, so a large prime bound stays in one
/// piece. Loops are unrolled only where there is a fan-out, and over no more instances than it has along X and Y; legality
/// alone (rule 13) would let a narrow fan-out borrow from a wide one outside. Of equal moves the first in a fixed order is
/// taken.
public struct GreedyMapper: Sendable {
  /// Descents from random mappings, after the one from the outermost level.
  public var restartCount = 24
  /// Where the random mappings come from.
  public var seed = Seed(0)

  /// A mapping with what it costs.
  public struct Result: Sendable {
    /// The mapping.
    public var mapping: Mapping
    /// Its energy and cycles.
    public var totals: MappingTotals
    /// Mappings that were evaluated.
    public var evaluationCount: Int
  }

  /// Creates a mapper with 24 restarts, about 0.1 s for a convolution on five levels.
  public init() {}

  /// A mapping of the model's layer with the architecture's own keep sets.
  ///
  /// - Returns: `nil` when no mapping fits, or when the outermost level does not keep every tensor.
  /// - Complexity: O(moves x dimensions x places^2) evaluations a descent, some ten thousand for a convolution.
  public func mapping(for model: LoopNestCostModel) -> Result? {
    var best: Result?
    var evaluationCount = 0
    for restart in 0...restartCount {
      var descent = GreedyDescent(model)
      if restart > 0 {
        var generator = seed.child("restart", restart).generator()
        descent.scatter(using: &generator)
      }
      guard let result = descent.run() else { return nil }
      evaluationCount += result.evaluationCount
      if result.totals.energyDelayProduct < best?.totals.energyDelayProduct ?? .infinity {
        best = result
      }
    }
    best?.evaluationCount = evaluationCount
    return best
  }
}

/// Where the factors of every dimension are, and in which order loops run.
private struct GreedyDescent {
  /// The kinds of places a level has, in the order of the packed form.
  private enum Place: Int, CaseIterable {
    case temporal, spatialY, spatialX
  }

  private let model: LoopNestCostModel
  private let evaluator: MappingEvaluator
  private let levelCount: Int
  private let dimensionCount: Int
  private let keeps: [UInt32]
  /// By level: the grid of the fan-out below.
  private let fanOuts: [Mesh]
  /// Dimensions from the outermost to the innermost, one order for each tensor that may be held still.
  private let orders: [[Int]]
  /// `level x place x dimension`: factors.
  private var factors: [Int]
  /// By level: index into `orders`.
  private var order: [Int]
  private var record: [UInt32]
  private var evaluationCount = 0

  init(_ model: LoopNestCostModel) {
    self.model = model
    evaluator = MappingEvaluator(model)
    let layer = model.layer
    let architecture = model.architecture
    levelCount = architecture.levels.count
    fanOuts = architecture.levels.indices.map { architecture.fanOut(below: $0) }
    dimensionCount = layer.dimensions.count
    keeps = model.architecture.levels.map { level in
      layer.operands.enumerated().reduce(UInt32(0)) { bits, operand in
        let isKept = level.keptByDefault?.contains(operand.element.name) ?? true
        return isKept ? bits | 1 << UInt32(24 + operand.offset) : bits
      }
    }
    orders = layer.operands.map { operand in
      let all = Array(layer.dimensions.indices)
      // Loops the tensor does not depend on go inside: while they run it stays.
      return all.filter { operand.isIndexed(by: $0) } + all.filter { !operand.isIndexed(by: $0) }
    }
    factors = Array(
      repeating: 1, count: levelCount * Place.allCases.count * layer.dimensions.count)
    order = Array(repeating: 0, count: levelCount)
    record = Array(repeating: 0, count: levelCount + Mapping.largestLoopCount)
    for (dimension, bound) in layer.dimensions.map(\.bound).enumerated() {
      factors[dimension] = bound
    }
  }

  mutating func run() -> GreedyMapper.Result? {
    guard keeps[0].nonzeroBitCount == model.layer.operands.count, var best = cost() else {
      return nil
    }
    while true {
      var improved = false
      if let step = bestMove(below: best) {
        apply(step)
        best = step.totals
        improved = true
      }
      if let step = bestOrder(below: best) {
        order[step.level] = step.order
        best = step.totals
        improved = true
      }
      guard improved else { break }
    }
    _ = cost()
    var batch = PackedMappings(levelCount: levelCount, loopCapacity: Mapping.largestLoopCount)
    batch.words = record
    guard let mapping = try? batch.mapping(at: 0, for: model.layer, on: model.architecture) else {
      return nil
    }
    return GreedyMapper.Result(mapping: mapping, totals: best, evaluationCount: evaluationCount)
  }

  /// Moves every prime factor to a random place, as long as the mapping stays legal, and draws random orders.
  mutating func scatter(using generator: inout SeededGenerator) {
    let placeCount = levelCount * Place.allCases.count
    for level in 0..<levelCount { order[level] = generator.index(below: orders.count) }
    guard cost() != nil else { return }
    for dimension in 0..<dimensionCount {
      var rest = factors[dimension]
      while let prime = primeFactors(of: rest).first {
        rest /= prime
        let target = generator.index(below: placeCount) * dimensionCount + dimension
        factors[dimension] /= prime
        factors[target] *= prime
        if cost() == nil {
          factors[target] /= prime
          factors[dimension] *= prime
        }
      }
    }
  }

  private struct Move {
    var source: Int
    var target: Int
    var factor: Int
    var totals: MappingTotals
  }

  /// The factor whose move lowers the energy-delay product most.
  private mutating func bestMove(below limit: MappingTotals) -> Move? {
    var best: Move?
    let places = levelCount * Place.allCases.count
    for dimension in 0..<dimensionCount {
      for source in 0..<places {
        let from = source * dimensionCount + dimension
        for prime in primeFactors(of: factors[from]) {
          for target in 0..<places where target != source {
            var move = Move(
              source: from, target: target * dimensionCount + dimension, factor: prime,
              totals: limit)
            apply(move)
            if let totals = cost(),
              totals.energyDelayProduct < (best?.totals ?? limit).energyDelayProduct
            {
              move.totals = totals
              best = move
            }
            factors[move.target] /= prime
            factors[move.source] *= prime
          }
        }
      }
    }
    return best
  }

  private mutating func apply(_ move: Move) {
    factors[move.source] /= move.factor
    factors[move.target] *= move.factor
  }

  /// The level and tensor to hold still there that lower the energy-delay product most.
  private mutating func bestOrder(below limit: MappingTotals) -> (
    level: Int, order: Int, totals: MappingTotals
  )? {
    var best: (level: Int, order: Int, totals: MappingTotals)?
    for level in 0..<levelCount {
      let old = order[level]
      for candidate in orders.indices where candidate != old {
        order[level] = candidate
        if let totals = cost(),
          totals.energyDelayProduct < (best?.totals ?? limit).energyDelayProduct
        {
          best = (level, candidate, totals)
        }
      }
      order[level] = old
    }
    return best
  }

  /// Distinct primes of a number, increasing.
  private func primeFactors(of number: Int) -> [Int] {
    var rest = number
    var primes: [Int] = []
    var candidate = 2
    while candidate * candidate <= rest {
      if rest % candidate == 0 {
        primes.append(candidate)
        while rest % candidate == 0 { rest /= candidate }
      }
      candidate += 1
    }
    return rest > 1 ? primes + [rest] : primes
  }

  /// Energy and cycles of the present state; `nil` when it is not legal or has too many loops.
  private mutating func cost() -> MappingTotals? {
    var next = levelCount
    for level in 0..<levelCount {
      var header = keeps[level]
      for place in Place.allCases {
        let base = (level * Place.allCases.count + place.rawValue) * dimensionCount
        var room =
          switch place {
          case .temporal: Int.max
          case .spatialX: fanOuts[level].x
          case .spatialY: fanOuts[level].y
          }
        for dimension in orders[order[level]] where factors[base + dimension] > 1 {
          room /= factors[base + dimension]
          guard next < record.count, room > 0 else { return nil }
          record[next] = UInt32(factors[base + dimension]) << 4 | UInt32(dimension)
          next += 1
        }
        header |= UInt32(next - levelCount) << UInt32(8 * place.rawValue)
      }
      record[level] = header
    }
    evaluationCount += 1
    let totals = record.withUnsafeBufferPointer { words in
      words.baseAddress.map { evaluator.totals(of: $0) }
    }
    guard let totals, totals.verdict.isLegal else { return nil }
    return totals
  }
}
