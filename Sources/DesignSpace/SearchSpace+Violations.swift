extension SearchSpace {
  /// Whether a design fulfills all constraints.
  public func isLegal(_ point: Point) -> Bool { isLegal(point.coordinates) }

  func isLegal(_ coordinates: [Double]) -> Bool {
    for constraint in constraints where constraint.isViolated(at: coordinates) { return false }
    return true
  }

  /// The constraints a design violates, in their order, each with its numbers and the smallest fix.
  ///
  /// - Complexity: a few hundred evaluations of the constraints for every parameter of a violated one.
  public func violations(of point: Point) -> [Violation] {
    constraints.filter { $0.isViolated(at: point.coordinates) }.map { constraint in
      let values = constraint.expression.values(at: point.coordinates)
      let sides = constraint.explanation.sides(values)
      return Violation(
        constraint: constraint.text, left: sides?.left, right: sides?.right,
        isUndefined: values.last?.isNaN ?? false,
        values: constraint.scope.compactMap { index in
          value(of: index, at: point).map { (parameters[index].name, $0) }
        },
        fix: fix(of: constraint, at: point))
    }
  }

  /// The smallest change of one parameter that makes a constraint hold and breaks no other.
  ///
  /// Small is few steps of the values' order as a share of all; changing a category is a whole one. Conditional
  /// parameters that a change wakes up get their first value.
  private func fix(of constraint: Constraint, at point: Point) -> Violation.Fix? {
    let broken = constraints.indices.filter { constraints[$0].isViolated(at: point.coordinates) }
    var best: (size: Double, isLegal: Bool, parameter: Int, point: Point)?
    for parameter in constraint.scope {
      for candidate in changes(of: parameter, at: point) {
        let size = parameterDistance(
          parameter, point.coordinates[parameter], candidate.coordinates[parameter])
        if let best, best.size < size { continue }
        guard !constraint.isViolated(at: candidate.coordinates) else { continue }
        let left = constraints.indices.filter {
          constraints[$0].isViolated(at: candidate.coordinates)
        }
        guard left.allSatisfy(broken.contains) else { continue }
        if let best, best.size == size, best.isLegal || !left.isEmpty { continue }
        best = (size, left.isEmpty, parameter, candidate)
      }
    }
    guard let best, let old = value(of: best.parameter, at: point),
      let new = value(of: best.parameter, at: best.point)
    else { return nil }
    return Violation.Fix(
      parameter: parameters[best.parameter].name, old: old, new: new, makesLegal: best.isLegal)
  }

  /// The designs that differ from one in a parameter: at most 4,096 values around it, a grid for real ones.
  private func changes(of parameter: Int, at point: Point) -> [Point] {
    let coordinate = point.coordinates[parameter]
    var coordinates: [Double]
    if let count = parameters[parameter].valueCount {
      let center = Int(coordinate)
      let low = max(0, min(center - 2_048, count - 4_096))
      coordinates = (low..<min(count, low + 4_096)).map(Double.init)
    } else {
      coordinates = (0...1_000).map { scaled(Double($0) / 1_000, of: parameter) }
    }
    coordinates.removeAll { $0 == coordinate }
    return coordinates.map { changing(parameter, of: point, to: $0) }
  }

  /// The design with another coordinate; parameters that wake up get their first value, others may fall asleep.
  func changing(_ parameter: Int, of point: Point, to coordinate: Double) -> Point {
    var result = point.coordinates
    result[parameter] = coordinate
    for index in (parameter + 1)..<max(parameter + 1, parameters.count) where gates[index] != nil {
      if !isActive(index, in: result) {
        result[index] = Point.inactive
      } else if result[index] == Point.inactive {
        result[index] = lowestCoordinate(of: index)
      }
    }
    return Point(checked: result)
  }

  func lowestCoordinate(of parameter: Int) -> Double {
    guard case .reals(let range, _) = parameters[parameter].domain else { return 0 }
    return range.lowerBound
  }
}
