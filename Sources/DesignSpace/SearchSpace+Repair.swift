import Execution

extension SearchSpace {
  /// A legal design near one that may violate constraints.
  ///
  /// Parameters that constraints do not touch stay. Where the legal designs of a group of tied parameters are counted
  /// or listed (`sampler.methods`) the result is the nearest one by `distance(_:_:)`; otherwise fixes of single
  /// parameters are followed, and if they lead nowhere the nearest of 64 random legal designs is taken, which are not
  /// uniform where drawing is expensive.
  /// - Returns: `nil` when no legal design is found.
  /// - Complexity: O(*edges of the diagram*) for counted groups.
  public func repaired(_ point: Point) -> Point? {
    guard !isLegal(point) else { return point }
    var coordinates = point.coordinates
    for part in sampler.parts {
      let component = part.component
      guard !ComponentSampler.isLegal(component, coordinates, self) else { continue }
      switch part {
      case .direct: break
      case .counted(_, let diagram):
        guard !diagram.count.isZero else { return nil }
        diagram.moveToNearest(&coordinates, in: self)
      case .listed(_, let order, let rows):
        guard
          let row = rows.min(by: {
            distance(order, $0, coordinates) < distance(order, $1, coordinates)
          })
        else { return nil }
        for (parameter, coordinate) in zip(order, row) { coordinates[parameter] = coordinate }
      case .rejection, .resampled:
        guard let moved = followingFixes(part, Point(checked: coordinates)) else { return nil }
        coordinates = moved.coordinates
      }
    }
    return Point(checked: coordinates)
  }

  private func distance(_ order: [Int], _ row: [Double], _ coordinates: [Double]) -> Double {
    zip(order, row).reduce(0) { $0 + parameterDistance($1.0, coordinates[$1.0], $1.1) }
  }

  private func followingFixes(_ part: ComponentSampler, _ start: Point) -> Point? {
    let component = part.component
    var point = start
    for _ in 0..<(2 * component.constraints.count) {
      guard
        let fix = violations(of: point).lazy.compactMap(\.fix).first(where: { fix in
          index(of: fix.parameter).map(component.parameters.contains) ?? false
        }), let parameter = index(of: fix.parameter),
        let coordinate = parameters[parameter].coordinate(of: fix.new)
      else { break }
      point = changing(parameter, of: point, to: coordinate)
      if ComponentSampler.isLegal(component, point.coordinates, self) { return point }
    }
    // A stream of its own: the same design is always repaired in the same way.
    var generator = Seed(0).child("repair", component.parameters[0]).generator()
    var best: (distance: Double, point: Point)?
    func offer(_ drawn: [Double]) {
      var coordinates = start.coordinates
      for parameter in component.parameters { coordinates[parameter] = drawn[parameter] }
      let candidate = Point(checked: coordinates)
      let distance = distance(start, candidate)
      if best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
    }
    if case .resampled(_, let order, _) = part {
      // Weights do not matter for the nearest one: a uniform design would take as many draws as all of these.
      var draws = WeightedDraws(component, of: self, measure: sampler.measure, order: order)
      var found = 0
      for _ in 0..<Self.repairAttemptCount where found < SpaceSampler.resampledCount {
        guard draws.draw(using: &generator) > 0 else { continue }
        found += 1
        offer(draws.coordinates)
      }
    } else {
      for _ in 0..<SpaceSampler.resampledCount {
        guard let drawn = try? sampler.sample(using: &generator) else { break }
        offer(drawn.coordinates)
      }
    }
    return best?.point
  }

  /// Most draws with bounds for one repair.
  private static let repairAttemptCount = 2_000
}
