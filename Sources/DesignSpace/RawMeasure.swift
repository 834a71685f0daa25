/// How many raw designs (before constraints) hang below each value of a parameter.
///
/// A parameter and those whose conditions lead to it form a tree; the designs of a tree are counted by
/// multiplication over children and addition over values. A real parameter counts as one.
struct RawMeasure: Sendable {
  /// For each parameter, its designs with everything that depends on it.
  private(set) var totals: [DesignCount]
  /// For each parameter that others depend on, the designs by coordinate where that is not one.
  private(set) var special: [[Int: DesignCount]]
  private let parameters: [Parameter]

  init(_ space: SearchSpace) {
    parameters = space.parameters
    let count = space.parameters.count
    totals = [DesignCount](repeating: DesignCount(1), count: count)
    special = [[Int: DesignCount]](repeating: [:], count: count)
    for index in (0..<count).reversed() {
      let values = space.parameters[index].valueCount ?? 1
      var total = DesignCount(values - special[index].count)
      for (_, weight) in special[index] { total = total + weight }
      totals[index] = total
      guard let gate = space.gates[index] else { continue }
      for coordinate in gate.coordinates {
        let old = special[gate.parent][Int(coordinate)] ?? DesignCount(1)
        special[gate.parent][Int(coordinate)] = old * total
      }
    }
  }

  /// The designs below one value.
  func weight(of parameter: Int, _ coordinate: Double) -> DesignCount {
    guard !special[parameter].isEmpty else { return DesignCount(1) }
    return special[parameter][Int(coordinate)] ?? DesignCount(1)
  }

  /// Whether every value has the same number of designs below it.
  func isFlat(_ parameter: Int) -> Bool { special[parameter].isEmpty }
}
