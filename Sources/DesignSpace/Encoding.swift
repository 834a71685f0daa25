/// Points of a space as rows of numbers in `[0, 1]`, and back.
///
/// Real parameters are one column along their scale. Permutations are one column per item: its position as a share of
/// the number of items, 1 for items left out. Categories and booleans are one column per value, of which one is 1 (one
/// column for booleans). Integers and levels are one column, the index as a share of all steps (`ordinal`), or one
/// column per value (`oneHot`, as PRIME has it). Conditional parameters have a last column that is 1 where they are
/// active, and zeros in all others where they are not.
public struct Encoding: Hashable, Sendable {
  /// What ordered countable parameters become.
  public enum Style: String, Hashable, Sendable, CaseIterable {
    /// One column per value.
    case oneHot
    /// One column.
    case ordinal
  }

  /// The space whose points are encoded.
  public let space: SearchSpace
  /// What ordered countable parameters become.
  public let style: Style
  /// Columns of one row.
  public let dimension: Int

  private let starts: [Int]

  /// Most columns a one-hot encoding may have.
  public static let largestDimension = 100_000

  /// Creates an encoding.
  ///
  /// - Throws: `DesignSpaceError.invalidDomain` for a parameter of more than 100,000 columns.
  public init(of space: SearchSpace, style: Style) throws(DesignSpaceError) {
    self.space = space
    self.style = style
    var starts: [Int] = []
    var next = 0
    for parameter in space.parameters {
      starts.append(next)
      let width = Self.width(of: parameter, style)
      guard width <= Self.largestDimension else {
        throw .invalidDomain(
          parameter: parameter.name, got: "\(width) columns of an encoding",
          expected: "at most \(Self.largestDimension)")
      }
      next += width
    }
    starts.append(next)
    self.starts = starts
    dimension = next
  }

  /// The columns of a parameter.
  public func columns(of parameter: Int) -> Range<Int> {
    starts[parameter]..<starts[parameter + 1]
  }

  /// The row of a point, `dimension` numbers.
  public func encode(_ point: Point) -> [Double] {
    var row = [Double](repeating: 0, count: dimension)
    row.withUnsafeMutableBufferPointer { write(point, to: $0) }
    return row
  }

  /// The rows of points, `n x dimension`, one after the other.
  public func encode(_ points: [Point]) -> [Double] {
    var rows = [Double](repeating: 0, count: points.count * dimension)
    rows.withUnsafeMutableBufferPointer { buffer in
      for (index, point) in points.enumerated() {
        write(
          point,
          to: UnsafeMutableBufferPointer(
            rebasing: buffer[(index * dimension)..<((index + 1) * dimension)]))
      }
    }
    return rows
  }

  /// The point whose row is nearest, parameter by parameter.
  ///
  /// The inverse of `encode`. Any finite numbers are accepted; the point may violate constraints, see
  /// `SearchSpace.repaired(_:)`.
  public func decode(_ row: [Double]) -> Point {
    precondition(row.count == dimension, "a row has one number per column")
    var coordinates: [Double] = []
    coordinates.reserveCapacity(space.parameters.count)
    for index in space.parameters.indices {
      let isActive = space.isActive(index, in: coordinates)
      coordinates.append(isActive ? decode(row[columns(of: index)], index) : Point.inactive)
    }
    return Point(checked: coordinates)
  }

  private static func width(of parameter: Parameter, _ style: Style) -> Int {
    let width: Int
    switch parameter.domain {
    case .integers, .levels: width = style == .oneHot ? parameter.valueCount ?? 1 : 1
    case .categories(let names): width = names.count
    case .reals, .boolean: width = 1
    case .permutations(let orders): width = orders.items.count
    }
    return width + (parameter.condition == nil ? 0 : 1)
  }

  private func write(_ point: Point, to row: UnsafeMutableBufferPointer<Double>) {
    for (index, parameter) in space.parameters.enumerated() where point.isActive(index) {
      let start = starts[index]
      let coordinate = point.coordinates[index]
      switch parameter.domain {
      case .integers, .levels:
        if style == .oneHot {
          row[start + Int(coordinate)] = 1
        } else {
          row[start] = coordinate / Double(max(1, (parameter.valueCount ?? 1) - 1))
        }
      case .categories: row[start + Int(coordinate)] = 1
      case .reals: row[start] = space.unit(coordinate, of: index)
      case .boolean: row[start] = coordinate
      case .permutations(let orders):
        let places = space.positions(orders.order(at: Int(coordinate)), orders.items.count)
        for (item, place) in places.enumerated() {
          row[start + item] = Double(place) / Double(orders.items.count)
        }
      }
      if parameter.condition != nil { row[starts[index + 1] - 1] = 1 }
    }
  }

  private func decode(_ columns: ArraySlice<Double>, _ index: Int) -> Double {
    let parameter = space.parameters[index]
    let values = parameter.condition == nil ? columns : columns.dropLast()
    let first = values.first ?? 0
    switch parameter.domain {
    case .integers, .levels:
      if style == .oneHot { return Double(Self.largest(values)) }
      let last = Double((parameter.valueCount ?? 1) - 1)
      return min(last, max(0, (first * last).rounded())) + 0
    case .categories: return Double(Self.largest(values))
    case .reals: return space.scaled(first, of: index)
    case .boolean: return first >= 0.5 ? 1 : 0
    case .permutations(let orders): return Double(nearestOrder(Array(values), orders))
    }
  }

  private static func largest(_ values: ArraySlice<Double>) -> Int {
    var best = values.startIndex
    for index in values.indices where values[index] > values[best] { best = index }
    return best - values.startIndex
  }

  private func nearestOrder(_ places: [Double], _ orders: Orders) -> Int {
    guard orders.listed != nil else {
      let order = places.indices.sorted { (places[$0], $0) < (places[$1], $1) }
      return orders.index(of: order) ?? 0
    }
    let count = Double(orders.items.count)
    var best = (distance: Double.infinity, index: 0)
    for index in 0..<orders.count {
      var distance = 0.0
      for (item, place) in space.positions(orders.order(at: index), orders.items.count)
        .enumerated()
      {
        let difference = Double(place) / count - places[item]
        distance += difference * difference
      }
      if distance < best.distance { best = (distance, index) }
    }
    return best.index
  }
}
