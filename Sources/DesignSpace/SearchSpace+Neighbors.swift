extension SearchSpace {
  /// The share of its range by which a real parameter moves to a neighbor.
  public static let realStep = 0.05

  /// The legal designs that differ from one in a single parameter by the smallest change there is.
  ///
  /// One step up or down of integers, levels and (by `realStep` of the scale) real numbers, every other category, the
  /// other boolean, every swap of two items of a permutation; of listed orders those one swap away, or else the nearest.
  /// Conditional parameters that wake up get their first values with which the design is legal.
  /// - Complexity: O(*neighbors x constraints*).
  public func neighbors(of point: Point) -> [Point] {
    parameters.indices.flatMap { neighbors(of: point, changing: $0) }
  }

  /// The neighbors of a design in one parameter; none when it is inactive.
  public func neighbors(of point: Point, changing parameter: Int) -> [Point] {
    guard point.isActive(parameter) else { return [] }
    return steps(of: parameter, from: point.coordinates[parameter]).compactMap {
      legalChange(parameter, of: point, to: $0)
    }
  }

  /// A legal design with another coordinate; `nil` when there is none with the other parameters as they are.
  func legalChange(_ parameter: Int, of point: Point, to coordinate: Double) -> Point? {
    let changed = changing(parameter, of: point, to: coordinate)
    if isLegal(changed) { return changed }
    let awakened = parameters.indices.filter {
      changed.isActive($0) && !point.isActive($0) && parameters[$0].valueCount != nil
    }
    guard !awakened.isEmpty else { return nil }
    // An odometer over the parameters that woke up, the last one fastest.
    var candidate = changed
    for _ in 0..<256 {
      var place = awakened.count - 1
      while place >= 0 {
        let index = awakened[place]
        let next = candidate.coordinates[index] + 1
        if candidate.isActive(index), next < Double(parameters[index].valueCount ?? 1) {
          candidate = changing(index, of: candidate, to: next)
          break
        }
        if candidate.isActive(index) { candidate = changing(index, of: candidate, to: 0) }
        place -= 1
      }
      guard place >= 0 else { return nil }
      if isLegal(candidate) { return candidate }
    }
    return nil
  }

  /// The coordinates one step away.
  func steps(of parameter: Int, from coordinate: Double) -> [Double] {
    switch parameters[parameter].domain {
    case .integers, .levels:
      let last = Double((parameters[parameter].valueCount ?? 1) - 1)
      return [coordinate - 1, coordinate + 1].filter { $0 >= 0 && $0 <= last }
    case .reals:
      let share = unit(coordinate, of: parameter)
      return [share - Self.realStep, share + Self.realStep]
        .map { scaled($0, of: parameter) }.filter { $0 != coordinate }
    case .categories(let names):
      return names.indices.map(Double.init).filter { $0 != coordinate }
    case .boolean: return [1 - coordinate]
    case .permutations(let orders): return Self.swaps(of: Int(coordinate), in: orders)
    }
  }

  private static func swaps(of index: Int, in orders: Orders) -> [Double] {
    let order = orders.order(at: index)
    var result: [Int] = []
    for i in order.indices {
      for j in 0..<i {
        var swapped = order
        swapped.swapAt(i, j)
        if let other = orders.index(of: swapped) { result.append(other) }
      }
    }
    if result.isEmpty, orders.count > 1 {
      // Orders in a list may have other items: the nearest by the places of items.
      let others = (0..<orders.count).filter { $0 != index }
      let distances = others.map { difference(order, orders.order(at: $0), orders.items.count) }
      let least = distances.min() ?? 0
      result = zip(others, distances).filter { $0.1 == least }.map(\.0)
    }
    return result.sorted().map(Double.init)
  }

  private static func difference(_ a: [Int], _ b: [Int], _ itemCount: Int) -> Int {
    var places = [Int](repeating: itemCount, count: itemCount)
    for (place, item) in a.enumerated() { places[item] = place }
    var other = [Int](repeating: itemCount, count: itemCount)
    for (place, item) in b.enumerated() { other[item] = place }
    return zip(places, other).reduce(0) { $0 + abs($1.0 - $1.1) }
  }
}
