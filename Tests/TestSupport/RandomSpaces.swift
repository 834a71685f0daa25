public import DesignSpace

/// Small random spaces of every kind of parameter, with conditions and constraints, and all their designs.
public struct RandomSpaces {
  private var random: SplitMix64
  private var parameters: [Parameter] = []

  /// Creates a source; equal seeds give equal spaces.
  public init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// The next space.
  ///
  /// - Parameters:
  ///   - hasReals: Whether real parameters may occur.
  ///   - constraintCount: Most constraints.
  public mutating func next(hasReals: Bool = false, constraintCount: Int = 3) throws
    -> SearchSpace
  {
    parameters = []
    for index in 0..<random.pick(2...5) {
      var parameter = try makeParameter("p\(index)", random.pick(0...(hasReals ? 6 : 5)))
      let parents = parameters.filter { $0.valueCount != nil }
      if !parents.isEmpty, random.chance(0.3) {
        let parent = parents[random.pick(0...(parents.count - 1))]
        let count = parent.valueCount ?? 1
        let values = (0..<count).filter { _ in random.chance(0.5) }
        let chosen = (values.isEmpty ? [0] : values).map { parent.value(at: Double($0)) }
        parameter = parameter.active(when: parent.name, isOneOf: chosen)
      }
      parameters.append(parameter)
    }
    var constraints: [String] = []
    for _ in 0..<random.pick(0...constraintCount) {
      if let text = condition() { constraints.append(text) }
    }
    return try SearchSpace(parameters: parameters, constraints: constraints)
  }

  private mutating func makeParameter(_ name: String, _ kind: Int) throws -> Parameter {
    switch kind {
    case 0:
      let low = random.pick(-2...2)
      return try .integer(name, low...(low + random.pick(0...5)), step: random.pick(1...2))
    case 1: return try .levels(name, Array([1, 2, 4, 8, 16].prefix(random.pick(1...5))))
    case 2:
      return try .categories(name, Array(["red", "green", "blue"].prefix(random.pick(1...3))))
    case 3: return try .boolean(name)
    case 4: return try .permutation(name, of: ["K", "C", "R"])
    case 5: return try .orders(name, ["KC", "CK", "RKC", "K", "CRK"])
    default:
      return try .real(name, 0.5...4, scale: random.chance(0.5) ? .log : .linear)
    }
  }

  private mutating func condition() -> String? {
    let numbers = parameters.filter { $0.isOrdered }.map(\.name)
    let categories = parameters.filter { if case .categories = $0.domain { true } else { false } }
    let booleans = parameters.filter { $0.domain == .boolean }.map(\.name)
    if let name = categories.first?.name, random.chance(0.3) {
      let left = random.chance(0.5) ? "\(name) == \"red\"" : "\(name) not in {\"red\"}"
      guard let number = numbers.last else { return left }
      return "\(left) or \(number) \(["<", ">="][random.pick(0...1)]) \(random.pick(0...6))"
    }
    if let name = booleans.last, let number = numbers.first, random.chance(0.4) {
      return "ifelse(\(name), \(number) <= \(random.pick(0...5)), \(number) % 2 == 0)"
    }
    guard !numbers.isEmpty else { return nil }
    let a = numbers[random.pick(0...(numbers.count - 1))]
    let b = numbers[random.pick(0...(numbers.count - 1))]
    let bound = random.pick(0...12)
    return [
      "\(a) * \(b) <= \(bound)", "\(a) + \(b) > \(bound) - 4", "\(a) divides \(b)",
      "max(\(a), \(b)) ** 2 <= \(bound * 4)", "\(bound) / (\(a) - 1) < \(b) + 3",
      "log2(\(a)) + \(numbers.joined(separator: " + ")) < \(bound + 2)",
      "abs(\(a) - \(b)) in {0, 1, 2} and \(a) != \(bound)",
    ][random.pick(0...6)]
  }
}

/// All designs of a space without real parameters, legal or not, in lexicographic order of their coordinates.
public func allPoints(of space: SearchSpace) -> [Point] {
  var points: Set<Point> = []
  var result: [Point] = []
  var coordinates = space.parameters.map { _ in 0.0 }
  while true {
    if let point = space.point(coordinates: coordinates), points.insert(point).inserted {
      result.append(point)
    }
    var place = coordinates.count - 1
    while place >= 0 {
      coordinates[place] += 1
      if coordinates[place] < Double(space.parameters[place].valueCount ?? 1) { break }
      coordinates[place] = 0
      place -= 1
    }
    guard place >= 0 else { return result }
  }
}

/// The statistic of Pearson's test that counts are draws from a uniform distribution.
///
/// Its expectation is `counts.count - 1`, its variance twice that.
public func chiSquare(_ counts: [Int]) -> Double {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
}
