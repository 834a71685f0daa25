import Accelerator
import Workload

extension RandomProblems {
  /// Where a loop stands: temporal, Y or X of a level.
  private struct Place: Comparable {
    var level: Int
    var kind: Int

    static func < (a: Self, b: Self) -> Bool { (a.level, a.kind) < (b.level, b.kind) }
  }

  /// Loops that cover the layer, or `nil` when they are too many iterations or instances.
  mutating func drawNests(of layer: Layer, levelCount: Int) -> [LoopNest]? {
    let spatialShare =
      switch emphasis {
      case .none: 0.35
      case .sliding: 0.12
      case .sharing: 0.7
      }
    var iterations = 1
    var instances = 1
    var placed: [(place: Place, order: Int, loop: Loop)] = []
    for (d, dimension) in layer.dimensions.enumerated() {
      let fewest = dimension.bound > 1 ? 1 : 0
      let count = dimension.bound == 1 && generator.chance(0.9) ? 0 : generator.pick(fewest...4)
      var places = (0..<count).map { _ in
        let isSpatial = generator.chance(spatialShare)
        return Place(
          level: generator.pick(0...levelCount - 1), kind: isSpatial ? generator.pick(1...2) : 0)
      }
      places.sort()
      let loops =
        raggedness == .none || generator.chance(0.3)
        ? perfectLoops(d, dimension.bound, places.count)
        : raggedLoops(d, dimension.bound, places.count)
      // Loops of one dimension at one place keep their order: shuffle, then deal them out in turn.
      var orders = (0..<places.count).map { _ in generator.pick(0...1_000) }
      var from = 0
      while from < places.count {
        let to = places[from...].firstIndex { $0 > places[from] } ?? places.count
        orders[from..<to].sort()
        from = to
      }
      for (index, loop) in loops.enumerated() {
        iterations *= loop.factor
        if places[index].kind > 0 { instances *= loop.factor }
        placed.append((places[index], orders[index], loop))
      }
    }
    guard iterations <= largestIterations, instances <= 64 else { return nil }
    placed.sort {
      ($0.place, $0.order, $0.loop.dimension) < ($1.place, $1.order, $1.loop.dimension)
    }
    let share = emphasis == .sharing ? 0.3 : generator.chance(0.5) ? 0.6 : 0.85
    return (0..<levelCount).map { level in
      let loops = { (kind: Int) in
        placed.filter { $0.place == Place(level: level, kind: kind) }.map(\.loop)
      }
      return LoopNest(
        temporal: loops(0), spatialX: loops(2), spatialY: loops(1),
        keeps: layer.operands.map { _ in generator.chance(level == 0 ? 0.9 : share) })
    }
  }

  /// Factors whose product is the bound.
  private mutating func perfectLoops(_ d: Int, _ bound: Int, _ count: Int) -> [Loop] {
    var rest = bound
    var factors: [Int] = []
    for index in 0..<count {
      let divisors = (1...rest).filter { rest % $0 == 0 }
      let factor = index == count - 1 ? rest : divisors[generator.pick(0...divisors.count - 1)]
      factors.append(factor)
      rest /= factor
    }
    factors.shuffle(using: &generator)
    return factors.map { Loop(dimension: d, factor: $0) }
  }

  /// Any inner factors; the residuals are the digits of the last index in that mixed radix, plus 1.
  private mutating func raggedLoops(_ d: Int, _ bound: Int, _ count: Int) -> [Loop] {
    var rest = bound - 1
    var loops: [Loop] = []
    for index in 0..<count {
      let isOutermost = index == count - 1
      let factor =
        isOutermost
        ? rest + 1 + (generator.chance(0.2) ? generator.pick(0...2) : 0)
        : generator.pick(1...(generator.chance(0.5) ? 3 : 5))
      loops.append(Loop(dimension: d, factor: factor, residual: rest % factor + 1))
      rest /= factor
    }
    return loops.reversed()
  }
}
