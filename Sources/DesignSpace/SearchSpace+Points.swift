extension SearchSpace {
  /// The point with the given values, one for each parameter in order.
  ///
  /// Values of parameters that turn out inactive are ignored, so that designs that differ in nothing that matters
  /// are equal.
  /// - Parameter values: `nil` for what is not given.
  /// - Throws: `DesignSpaceError` for the first active parameter without a value or with one it cannot take.
  public func point(_ values: [ParameterValue?]) throws(DesignSpaceError) -> Point {
    precondition(values.count == parameters.count, "a design has one value per parameter")
    var coordinates: [Double] = []
    coordinates.reserveCapacity(parameters.count)
    for (index, parameter) in parameters.enumerated() {
      guard isActive(index, in: coordinates) else {
        coordinates.append(Point.inactive)
        continue
      }
      guard let value = values[index] else {
        throw .missingValue(parameter: parameter.name, expected: parameter.expectation)
      }
      guard let coordinate = parameter.coordinate(of: value) else {
        throw .wrongValue(
          parameter: parameter.name, got: "\(value)", expected: parameter.expectation)
      }
      coordinates.append(coordinate)
    }
    return Point(checked: coordinates)
  }

  /// The point with the given values by name.
  ///
  /// - Throws: `DesignSpaceError` for a name that no parameter has, and as `point(_:)` for lists.
  public func point(_ values: [String: ParameterValue]) throws(DesignSpaceError) -> Point {
    for name in values.keys.sorted() where indices[name] == nil {
      throw .unknownParameter(name: name, known: parameters.map(\.name))
    }
    return try point(parameters.map { values[$0.name] })
  }

  /// The point with the given coordinates; those of inactive parameters are ignored.
  ///
  /// - Returns: `nil` when a coordinate of an active parameter is outside its domain.
  public func point(coordinates: [Double]) -> Point? {
    precondition(coordinates.count == parameters.count, "a point has one coordinate per parameter")
    var result: [Double] = []
    result.reserveCapacity(coordinates.count)
    for (index, coordinate) in coordinates.enumerated() {
      guard isActive(index, in: result) else {
        result.append(Point.inactive)
        continue
      }
      if case .reals(let range, _) = parameters[index].domain {
        guard range.contains(coordinate) else { return nil }
      } else {
        guard let count = parameters[index].valueCount, coordinate >= 0,
          coordinate < Double(count), coordinate == coordinate.rounded()
        else { return nil }
      }
      result.append(coordinate + 0)
    }
    return Point(checked: result)
  }

  /// Whether a point could have been made by this space: right coordinates, right parameters active.
  public func contains(_ point: Point) -> Bool {
    point.coordinates.count == parameters.count
      && self.point(coordinates: point.coordinates) == point
  }

  /// The value of one parameter; `nil` when it is inactive.
  public func value(of parameter: Int, at point: Point) -> ParameterValue? {
    guard point.isActive(parameter) else { return nil }
    return parameters[parameter].value(at: point.coordinates[parameter])
  }

  /// The values of all parameters in order; `nil` where a parameter is inactive.
  public func values(of point: Point) -> [ParameterValue?] {
    parameters.indices.map { value(of: $0, at: point) }
  }

  /// The design as text: `pe_x = 4, mode = tiled`, inactive parameters left out.
  public func description(of point: Point) -> String {
    parameters.indices.compactMap { index in
      value(of: index, at: point).map { "\(parameters[index].name) = \($0)" }
    }.joined(separator: ", ")
  }
}
