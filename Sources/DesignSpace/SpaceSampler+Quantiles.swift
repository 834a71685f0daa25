extension SpaceSampler {
  /// The legal design at quantiles, one number in `[0, 1)` per parameter.
  ///
  /// Evenly spread numbers give evenly spread designs: every parameter takes the value at its quantile of the legal
  /// designs, given those before it. Groups of parameters whose legal designs are not counted take their raw values.
  /// - Returns: `nil` when a group that is not counted comes out illegal, or the space has no legal design.
  public func point(atQuantiles quantiles: [Double]) -> Point? {
    precondition(quantiles.count == space.parameters.count, "one quantile per parameter")
    var coordinates = [Double](repeating: Point.inactive, count: space.parameters.count)
    for part in parts {
      if case .counted(_, let diagram) = part {
        guard !diagram.count.isZero else { return nil }
        diagram.descend(quantiles, into: &coordinates)
        continue
      }
      for parameter in part.component.parameters
      where space.isActive(parameter, in: coordinates) {
        let quantile = quantiles[parameter]
        guard let count = space.parameters[parameter].valueCount else {
          coordinates[parameter] = space.scaled(quantile, of: parameter)
          continue
        }
        guard !measure.isFlat(parameter) else {
          coordinates[parameter] = Double(min(count - 1, Int(quantile * Double(count))))
          continue
        }
        var rest = quantile
        coordinates[parameter] = Double(count - 1)
        for value in 0..<count {
          rest -= measure.weight(of: parameter, Double(value))
            .share(of: measure.totals[parameter])
          if rest < 0 {
            coordinates[parameter] = Double(value)
            break
          }
        }
      }
      guard ComponentSampler.isLegal(part.component, coordinates, space) else { return nil }
    }
    return Point(checked: coordinates)
  }
}

extension DecisionDiagram {
  /// Writes the design at quantiles of the parameters; there is one.
  func descend(_ quantiles: [Double], into coordinates: inout [Double]) {
    var index = nodes.count - 1
    for parameter in order {
      let node = nodes[index]
      var rest = quantiles[parameter]
      var chosen = 0
      for value in 0..<node.edgeCount {
        let child = edges[node.firstEdge + value]
        guard child >= 0 else { continue }
        chosen = value
        rest -= nodes[Int(child)].total.share(of: node.total)
        if rest < 0 { break }
      }
      coordinates[parameter] = node.isInactive ? Point.inactive : Double(chosen)
      index = Int(edges[node.firstEdge + chosen])
    }
  }
}
