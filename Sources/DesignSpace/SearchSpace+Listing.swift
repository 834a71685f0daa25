extension SearchSpace {
  /// All legal designs, when they are counted and at most `limit`; in an order of their coordinates.
  ///
  /// - Complexity: O(*designs*) values tried where constraints are loose; the work of counting otherwise.
  public func legalPoints(atMost limit: Int) -> [Point]? {
    guard let count = sampler.size.legalCount?.integer, count <= limit else { return nil }
    let whole = Component(
      parameters: Array(parameters.indices), constraints: Array(constraints.indices))
    guard
      let all = Enumeration(
        whole, of: self, largestVisitCount: 20_000_000, largestListCount: limit),
      let rows = all.rows
    else { return nil }
    return rows.map { row in
      var coordinates = [Double](repeating: Point.inactive, count: parameters.count)
      for (parameter, coordinate) in zip(all.order, row) { coordinates[parameter] = coordinate }
      return Point(checked: coordinates)
    }
  }
}
