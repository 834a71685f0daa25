public import Execution

extension SearchSpace {
  /// A random legal design that differs from one in a single parameter; what an evolution calls a mutation.
  ///
  /// The parameter is uniform over the active ones with more than one value. Ordered values go one step up or down half
  /// of the time and anywhere otherwise; real ones move by a normal step of `realStep` of the scale instead of one
  /// step; permutations swap two items; of categories every other one is as likely.
  /// - Returns: `nil` when the change is illegal.
  public func mutated(_ point: Point, using generator: inout SeededGenerator) -> Point? {
    let movable = parameters.indices.filter {
      point.isActive($0) && (parameters[$0].valueCount ?? 2) > 1
    }
    guard !movable.isEmpty else { return nil }
    let parameter = movable[generator.index(below: movable.count)]
    let coordinate = point.coordinates[parameter]
    let isLocal = generator.index(below: 2) == 0
    let target: Double
    switch (parameters[parameter].domain, isLocal) {
    case (.reals, true):
      let share = unit(coordinate, of: parameter) + Self.realStep * generator.normal()
      target = scaled(share, of: parameter)
    case (.reals, false): target = scaled(generator.unitInterval(), of: parameter)
    case (.integers, true), (.levels, true), (.permutations, _):
      let steps = steps(of: parameter, from: coordinate)
      guard !steps.isEmpty else { return nil }
      target = steps[generator.index(below: steps.count)]
    default:
      let other = generator.index(below: (parameters[parameter].valueCount ?? 2) - 1)
      target = Double(other) >= coordinate ? Double(other + 1) : Double(other)
    }
    guard target != coordinate else { return nil }
    return legalChange(parameter, of: point, to: target)
  }

  /// A design that has every parameter from one of two designs at random; it may violate constraints.
  ///
  /// A parameter that is active in the result but in neither parent gets a random value.
  public func crossed(_ a: Point, _ b: Point, using generator: inout SeededGenerator) -> Point {
    var coordinates: [Double] = []
    for index in parameters.indices {
      let isFirst = generator.index(below: 2) == 0
      guard isActive(index, in: coordinates) else {
        coordinates.append(Point.inactive)
        continue
      }
      let choices = isFirst ? [a, b] : [b, a]
      if let parent = choices.first(where: { $0.isActive(index) }) {
        coordinates.append(parent.coordinates[index])
      } else if let count = parameters[index].valueCount {
        coordinates.append(Double(generator.index(below: count)))
      } else {
        coordinates.append(scaled(generator.unitInterval(), of: index))
      }
    }
    return Point(checked: coordinates)
  }

  /// The position of a coordinate among the values of a parameter with an order, in `[0, 1]`.
  ///
  /// The index as a share of all steps, or a real number along its scale; 0 for other parameters.
  public func position(of coordinate: Double, parameter: Int) -> Double {
    switch parameters[parameter].domain {
    case .integers, .levels:
      coordinate / Double(max(1, (parameters[parameter].valueCount ?? 1) - 1))
    case .reals: unit(coordinate, of: parameter)
    case .categories, .boolean, .permutations: 0
    }
  }

  /// The coordinate nearest to a position; the inverse of `position(of:parameter:)` for parameters with an order.
  public func coordinate(atPosition position: Double, parameter: Int) -> Double {
    guard let count = parameters[parameter].valueCount else {
      return scaled(position, of: parameter)
    }
    return (min(1, max(0, position)) * Double(count - 1)).rounded()
  }
}

extension SearchSpace {
  /// The coordinates one step away from one; see `neighbors(of:)`, constraints aside.
  public func neighborCoordinates(of parameter: Int, from coordinate: Double) -> [Double] {
    steps(of: parameter, from: coordinate)
  }

  /// Coordinates in which every active parameter has one: those that are missing are drawn at random.
  public func completed(_ coordinates: [Double], using generator: inout SeededGenerator)
    -> [Double]
  {
    var result = coordinates
    for index in parameters.indices where result[index] == Point.inactive {
      guard isActive(index, in: result) else { continue }
      result[index] =
        parameters[index].valueCount.map { Double(generator.index(below: $0)) }
        ?? scaled(generator.unitInterval(), of: index)
    }
    return result
  }
}
