import Execution

/// Random designs of a component, drawn value by value among those that bounds do not rule out, with their weights.
///
/// The weight is one over the probability of the draw, relative to the raw space: the mean weight over all draws,
/// counting failed ones as zero, is the share of legal designs without bias. A real parameter, or one of many values, is
/// narrowed down block by block.
/// - SeeAlso: Knuth 1975, "Estimating the efficiency of backtrack programs", section 3.
struct WeightedDraws {
  /// Blocks of every narrowing.
  private static let blockCount = 16
  /// Narrowings of a real parameter: 16^4 blocks.
  private static let realDepth = 4
  /// Values that are tried one by one.
  private static let largestDirectCount = 64

  private struct Block {
    var low: Double
    var high: Double
    /// Its share of what was narrowed down.
    var share: Double
  }

  private var assignment: PartialAssignment
  private let measure: RawMeasure

  init(_ component: Component, of space: SearchSpace, measure: RawMeasure, order: [Int]) {
    assignment = PartialAssignment(component, of: space, order: order)
    self.measure = measure
  }

  /// The coordinates after a draw; only those of the component mean something.
  var coordinates: [Double] { assignment.coordinates }

  /// One draw: its weight, 0 when it led nowhere; the design is then in `coordinates`.
  mutating func draw(using generator: inout SeededGenerator) -> Double {
    let settled = assignment.settled
    defer { assignment.settled = settled }
    var weight = 1.0
    for step in assignment.order.indices {
      guard assignment.isActive(step: step) else {
        guard assignment.assign(Point.inactive, step: step) == .possible else { return 0 }
        continue
      }
      guard let coordinate = coordinate(step: step, weight: &weight, &generator),
        assignment.assign(coordinate, step: step) == .possible
      else { return 0 }
    }
    return weight
  }

  /// A coordinate that bounds do not rule out; `nil` when there is none.
  private mutating func coordinate(
    step: Int, weight: inout Double, _ generator: inout SeededGenerator
  ) -> Double? {
    let space = assignment.space
    let parameter = assignment.order[step]
    if let count = space.parameters[parameter].valueCount {
      guard count > Self.largestDirectCount, measure.isFlat(parameter) else {
        let total = measure.totals[parameter]
        let values = (0..<count).map { value in
          let share = measure.weight(of: parameter, Double(value)).share(of: total)
          return Block(low: Double(value), high: Double(value), share: share)
        }
        return choose(among: values, step: step, weight: &weight, &generator)?.low
      }
      var block = Block(low: 0, high: Double(count - 1), share: 1)
      while block.low < block.high {
        let parts = Self.parts(of: block)
        guard let part = choose(among: parts, step: step, weight: &weight, &generator) else {
          return nil
        }
        block = part
      }
      return block.low
    }
    var low = 0.0
    var width = 1.0
    for _ in 0..<Self.realDepth {
      width /= Double(Self.blockCount)
      let parts = (0..<Self.blockCount).map { part in
        Block(
          low: space.scaled(low + Double(part) * width, of: parameter),
          high: space.scaled(low + Double(part + 1) * width, of: parameter),
          share: 1 / Double(Self.blockCount))
      }
      guard let part = choose(among: parts, step: step, weight: &weight, &generator) else {
        return nil
      }
      low = space.unit(part.low, of: parameter)
    }
    return space.scaled(low + generator.unitInterval() * width, of: parameter)
  }

  /// One of the blocks that may hold a legal design, by their shares.
  private mutating func choose(
    among blocks: [Block], step: Int, weight: inout Double, _ generator: inout SeededGenerator
  ) -> Block? {
    let settled = assignment.settled
    var candidates: [Block] = []
    var sum = 0.0
    for block in blocks {
      if block.low == block.high {
        let verdict = assignment.assign(block.low, step: step)
        assignment.settled = settled
        guard verdict == .possible else { continue }
      } else {
        guard assignment.mayHold(block.low, block.high, step: step) else { continue }
      }
      candidates.append(block)
      sum += block.share
    }
    weight *= sum
    var rest = generator.unitInterval() * sum
    for candidate in candidates {
      rest -= candidate.share
      if rest < 0 { return candidate }
    }
    return candidates.last
  }

  private static func parts(of block: Block) -> [Block] {
    let count = Int(block.high - block.low) + 1
    let partCount = min(blockCount, count)
    return (0..<partCount).map { part in
      let first = count * part / partCount
      let last = count * (part + 1) / partCount - 1
      return Block(
        low: block.low + Double(first), high: block.low + Double(last),
        share: Double(last - first + 1) / Double(count))
    }
  }
}
