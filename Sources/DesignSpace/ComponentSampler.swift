import Execution
import Foundation

/// Draws legal designs of one component; see `SamplingMethod.Kind` for the ways.
enum ComponentSampler: Sendable {
  case direct(Component)
  case counted(Component, DecisionDiagram)
  case listed(Component, order: [Int], rows: [[Double]])
  case rejection(Component, count: DesignCount?, share: SpaceSize.Share)
  case resampled(Component, order: [Int], share: SpaceSize.Share)

  /// Draws to find out whether rejection is fast enough, and to estimate the share otherwise.
  static let pilotDrawCount = 2_000
  /// Draws with bounds for the estimate of the share.
  static let weightedDrawCount = 1_000
  /// Legal pilot draws from which on rejection is used: one in a hundred.
  static let rejectionHitCount = 20
  /// Most legal designs that are kept as a list.
  static let largestListCount = 2_000_000

  init(
    _ component: Component, of space: SearchSpace, measure: RawMeasure, options: CountingOptions
  ) {
    guard !component.constraints.isEmpty else {
      self = .direct(component)
      return
    }
    if let diagram = DecisionDiagram(
      component, of: space, largestEdgeCount: options.largestDiagramEdgeCount)
    {
      self = .counted(component, diagram)
      return
    }
    let raw = Self.rawCount(of: component, in: space, measure)
    if let size = raw?.integer, size <= options.largestEnumeratedSize,
      let all = Enumeration(
        component, of: space, largestVisitCount: .max, largestListCount: Self.largestListCount)
    {
      if let rows = all.rows {
        self = .listed(component, order: all.order, rows: rows)
      } else {
        let share = Double(all.count) / Double(size)
        self = .rejection(
          component, count: DesignCount(all.count),
          share: .init(value: share, low: share, high: share, isExact: true))
      }
      return
    }
    // The pilot has a stream of its own: how a component is drawn from depends on nothing but the space.
    var generator = Seed(0).child("pilot", component.parameters[0]).generator()
    var coordinates = [Double](repeating: Point.inactive, count: space.parameters.count)
    var hits = 0
    for _ in 0..<Self.pilotDrawCount {
      Self.drawRaw(component, &coordinates, space, measure, &generator)
      if Self.isLegal(component, coordinates, space) { hits += 1 }
    }
    if hits >= Self.rejectionHitCount {
      self = .rejection(
        component, count: nil, share: Self.wilson(hits: hits, of: Self.pilotDrawCount))
      return
    }
    // Which order leads to legal designs most often cannot be told beforehand.
    var best: (hits: Int, order: [Int]) = (-1, component.parameters)
    for order in component.assignmentOrders(in: space) {
      var draws = WeightedDraws(component, of: space, measure: measure, order: order)
      var hits = 0
      for _ in 0..<(Self.weightedDrawCount / 10) where draws.draw(using: &generator) > 0 {
        hits += 1
      }
      if hits > best.hits { best = (hits, order) }
    }
    var draws = WeightedDraws(component, of: space, measure: measure, order: best.order)
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<Self.weightedDrawCount {
      let weight = draws.draw(using: &generator)
      sum += weight
      squares += weight * weight
    }
    let count = Double(Self.weightedDrawCount)
    let mean = sum / count
    let error = 1.96 * (max(0, squares / count - mean * mean) / count).squareRoot()
    self = .resampled(
      component, order: best.order,
      share: .init(
        value: mean, low: max(0, mean - error), high: min(1, mean + error), isExact: false))
  }

  /// The parameters and constraints drawn from.
  var component: Component {
    switch self {
    case .direct(let component), .counted(let component, _), .listed(let component, _, _),
      .rejection(let component, _, _), .resampled(let component, _, _):
      component
    }
  }

  /// The share of raw designs that is legal.
  func share(in space: SearchSpace, _ measure: RawMeasure) -> SpaceSize.Share {
    switch self {
    case .rejection(_, _, let share), .resampled(_, _, let share): return share
    case .direct, .counted, .listed:
      let value = count(in: space, measure).flatMap { legal in
        Self.rawCount(of: component, in: space, measure).map { legal.share(of: $0) }
      }
      return .init(value: value ?? 1, low: value ?? 1, high: value ?? 1, isExact: true)
    }
  }

  /// How many legal designs there are; `nil` when a parameter is real or they were not counted.
  func count(in space: SearchSpace, _ measure: RawMeasure) -> DesignCount? {
    switch self {
    case .direct(let component): Self.rawCount(of: component, in: space, measure)
    case .counted(_, let diagram): diagram.count
    case .listed(_, _, let rows): DesignCount(rows.count)
    case .rejection(_, let count, _): count
    case .resampled: nil
    }
  }

  /// Writes a legal design of the component.
  ///
  /// - Returns: Whether one was found; `false` is certain only for counted and listed components.
  func sample(
    into coordinates: inout [Double], of space: SearchSpace, _ measure: RawMeasure,
    using generator: inout SeededGenerator
  ) -> Bool {
    switch self {
    case .direct(let component):
      Self.drawRaw(component, &coordinates, space, measure, &generator)
      return true
    case .counted(_, let diagram):
      guard !diagram.count.isZero else { return false }
      diagram.sample(into: &coordinates, using: &generator)
      return true
    case .listed(_, let order, let rows):
      guard !rows.isEmpty else { return false }
      let row = rows[generator.index(below: rows.count)]
      for (parameter, coordinate) in zip(order, row) { coordinates[parameter] = coordinate }
      return true
    case .rejection(let component, _, _):
      for _ in 0..<1_000_000 {
        Self.drawRaw(component, &coordinates, space, measure, &generator)
        if Self.isLegal(component, coordinates, space) { return true }
      }
      return false
    case .resampled(let component, let order, let share):
      // Where the pilot found nothing, little more is tried: each draw would take as long in vain.
      let attempts = share.value > 0 ? 20_000 : Self.weightedDrawCount
      var draws = WeightedDraws(component, of: space, measure: measure, order: order)
      return Self.resample(component, &draws, attempts, &coordinates, &generator)
    }
  }

  /// One of `resampledCount` weighted draws, kept with a probability proportional to its weight.
  private static func resample(
    _ component: Component, _ draws: inout WeightedDraws, _ attemptCount: Int,
    _ coordinates: inout [Double],
    _ generator: inout SeededGenerator
  ) -> Bool {
    var sum = 0.0
    var found = 0
    for attempt in 0..<attemptCount {
      let weight = draws.draw(using: &generator)
      if weight > 0 {
        found += 1
        sum += weight
        if generator.unitInterval() * sum < weight {
          for parameter in component.parameters {
            coordinates[parameter] = draws.coordinates[parameter]
          }
        }
      }
      if found >= SpaceSampler.resampledCount || (found > 0 && attempt > 2_000) { break }
    }
    return found > 0
  }

  /// Writes a raw design of the component, uniform over raw designs.
  static func drawRaw(
    _ component: Component, _ coordinates: inout [Double], _ space: SearchSpace,
    _ measure: RawMeasure, _ generator: inout SeededGenerator
  ) {
    for parameter in component.parameters {
      guard space.isActive(parameter, in: coordinates) else {
        coordinates[parameter] = Point.inactive
        continue
      }
      guard let count = space.parameters[parameter].valueCount else {
        coordinates[parameter] = space.scaled(generator.unitInterval(), of: parameter)
        continue
      }
      guard !measure.isFlat(parameter) else {
        coordinates[parameter] = Double(generator.index(below: count))
        continue
      }
      coordinates[parameter] = Double(
        weightedValue(of: parameter, count, measure, &generator))
    }
  }

  /// A value of a parameter that others depend on, by the designs below it.
  private static func weightedValue(
    of parameter: Int, _ count: Int, _ measure: RawMeasure, _ generator: inout SeededGenerator
  ) -> Int {
    var rest = measure.totals[parameter].random(using: &generator)
    let special = measure.special[parameter].keys.sorted()
    for value in special {
      let weight = measure.weight(of: parameter, Double(value))
      if rest < weight { return value }
      rest = rest - weight
    }
    // The others count one each: the n-th value that is not special.
    var value = rest.integer ?? 0
    for taken in special where taken <= value { value += 1 }
    return value
  }

  static func isLegal(_ component: Component, _ coordinates: [Double], _ space: SearchSpace)
    -> Bool
  {
    component.constraints.allSatisfy { !space.constraints[$0].isViolated(at: coordinates) }
  }

  static func rawCount(of component: Component, in space: SearchSpace, _ measure: RawMeasure)
    -> DesignCount?
  {
    guard component.parameters.allSatisfy({ space.parameters[$0].valueCount != nil }) else {
      return nil
    }
    return component.parameters.filter { space.gates[$0] == nil }
      .reduce(DesignCount(1)) { $0 * measure.totals[$1] }
  }

  /// The 95 % interval of a share.
  ///
  /// - SeeAlso: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
  private static func wilson(hits: Int, of count: Int) -> SpaceSize.Share {
    let n = Double(count)
    let p = Double(hits) / n
    let z = 1.96
    let center = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return .init(
      value: p, low: max(0, center - half), high: min(1, center + half), isExact: false)
  }
}

/// How much work counting may take.
public struct CountingOptions: Hashable, Sendable {
  /// Values tried while a decision diagram is built, per group of tied parameters.
  ///
  /// Default: 2,000,000, of which every one costs a pass over the constraints it touches.
  public var largestDiagramEdgeCount = 2_000_000
  /// Raw designs of a group of tied parameters that are enumerated when its diagram gets too large.
  ///
  /// Default: 20,000,000.
  public var largestEnumeratedSize = 20_000_000

  /// Creates options with their defaults.
  public init() {}
}
