import Execution

/// Random designs of a component, drawn value by value among those that bounds do not rule out, with their weights.
///
/// The weight is one over the probability of the draw, relative to the raw space: the mean weight over all draws,
/// counting failed ones as zero, is the share of legal designs without bias.
/// - SeeAlso: Knuth 1975, "Estimating the efficiency of backtrack programs", section 3.
struct WeightedDraws {
  /// Blocks a real parameter or a long list of values is divided into.
  static let blockCount = 64

  private var assignment: PartialAssignment
  private let measure: RawMeasure

  init(_ component: Component, of space: SearchSpace, measure: RawMeasure) {
    assignment = PartialAssignment(component, of: space)
    self.measure = measure
  }

  /// One draw: its weight, 0 when it led nowhere; the design is then in `coordinates`.
  mutating func draw(using generator: inout SeededGenerator) -> Double {
    let space = assignment.space
    let settled = assignment.settled
    defer { assignment.settled = settled }
    var weight = 1.0
    for step in assignment.order.indices {
      guard assignment.isActive(step: step) else {
        guard assignment.assign(Point.inactive, step: step) == .possible else { return 0 }
        continue
      }
      let parameter = assignment.order[step]
      let before = assignment.settled
      var candidates: [(low: Double, high: Double, share: Double)] = []
      var sum = 0.0
      for block in Self.blocks(of: parameter, in: space, measure) {
        if block.low == block.high {
          let verdict = assignment.assign(block.low, step: step)
          assignment.settled = before
          guard verdict == .possible else { continue }
        } else {
          guard assignment.mayHold(block.low, block.high, step: step) else { continue }
        }
        candidates.append(block)
        sum += block.share
      }
      guard !candidates.isEmpty else { return 0 }
      weight *= sum
      var rest = generator.unitInterval() * sum
      var chosen = candidates[candidates.count - 1]
      for candidate in candidates {
        rest -= candidate.share
        if rest < 0 {
          chosen = candidate
          break
        }
      }
      let coordinate = Self.coordinate(in: chosen, of: parameter, space, &generator)
      guard assignment.assign(coordinate, step: step) == .possible else { return 0 }
    }
    return weight
  }

  /// The coordinates after a draw; only those of the component mean something.
  var coordinates: [Double] { assignment.coordinates }
  /// The parameters of the component.
  var order: [Int] { assignment.order }

  private static func coordinate(
    in block: (low: Double, high: Double, share: Double), of parameter: Int, _ space: SearchSpace,
    _ generator: inout SeededGenerator
  ) -> Double {
    guard block.low < block.high else { return block.low }
    if space.parameters[parameter].valueCount != nil {
      return block.low + Double(generator.index(below: Int(block.high - block.low) + 1))
    }
    let low = space.unit(block.low, of: parameter)
    let high = space.unit(block.high, of: parameter)
    let value = space.scaled(low + generator.unitInterval() * (high - low), of: parameter)
    return min(block.high, max(block.low, value))
  }

  /// The values of a parameter as blocks with their share of the raw designs.
  private static func blocks(of parameter: Int, in space: SearchSpace, _ measure: RawMeasure)
    -> [(low: Double, high: Double, share: Double)]
  {
    guard let count = space.parameters[parameter].valueCount else {
      return (0..<blockCount).map { block in
        (
          space.scaled(Double(block) / Double(blockCount), of: parameter),
          space.scaled(Double(block + 1) / Double(blockCount), of: parameter),
          1 / Double(blockCount)
        )
      }
    }
    let total = measure.totals[parameter]
    if count <= blockCount || !measure.isFlat(parameter) {
      return (0..<count).map { value in
        (
          Double(value), Double(value),
          measure.weight(of: parameter, Double(value)).share(of: total)
        )
      }
    }
    return (0..<blockCount).map { block in
      let low = count / blockCount * block + min(block, count % blockCount)
      let high = count / blockCount * (block + 1) + min(block + 1, count % blockCount) - 1
      return (Double(low), Double(high), Double(high - low + 1) / Double(count))
    }
  }
}
