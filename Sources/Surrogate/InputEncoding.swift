public import DesignSpace
import Foundation

/// Designs as rows of numbers for a network, one block of columns a parameter.
///
/// - Integers, levels, categories and booleans with up to `Options.largestOneHot` values are one column per value, of
///   which one is 1, as PRIME has it; with `Options.addsValues` ordered ones have their standardized value as well.
/// - Real parameters and integers with more values are their standardized value, and its logarithm when all are above
///   zero. Standardized means uniform over the range: mean 0, deviation 1.
/// - Permutations are the place of every item as a share of their number, 1 for items left out.
/// - Conditional parameters have a last column that is 1 where they are active, and zeros where they are not.
/// - An encoding fitted on a log has an "unknown" column for parameters with one-hot columns, see `row(of:)`.
public struct InputEncoding: Hashable, Sendable {
  /// What columns there are.
  public struct Options: Hashable, Sendable {
    /// Most values of a parameter with a column for each; categories always have them.
    public var largestOneHot = 64
    /// Whether ordered one-hot parameters have columns of their value, too; not in PRIME.
    public var addsValues = false

    /// Creates PRIME's encoding.
    public init() {}
  }

  enum Kind: Hashable, Sendable {
    case oneHot(count: Int, value: Standardized?)
    case number(Standardized)
    case order(Orders)
  }

  /// A number and its logarithm, both with mean 0 and deviation 1 over a range.
  struct Standardized: Hashable, Sendable {
    let center: Double
    let deviation: Double
    /// `nil` unless all values are above zero.
    let logCenter: Double?
    let logDeviation: Double

    var width: Int { logCenter == nil ? 1 : 2 }

    init(_ low: Double, _ high: Double) {
      center = low / 2 + high / 2
      deviation = high > low ? (high - low) / 12.0.squareRoot() : 1
      logCenter = low > 0 ? (log(low) + log(high)) / 2 : nil
      logDeviation = low > 0 && high > low ? (log(high) - log(low)) / 12.0.squareRoot() : 1
    }

    func write(_ value: Double, to columns: UnsafeMutablePointer<Float>) {
      columns[0] = Float((value - center) / deviation)
      if let logCenter { columns[1] = Float((log(value) - logCenter) / logDeviation) }
    }
  }

  struct Block: Hashable, Sendable {
    var kind: Kind
    var start: Int
    var width: Int
    var hasUnknown: Bool
    var hasActivity: Bool

    var columns: Range<Int> { start..<(start + width) }
  }

  /// The space whose designs are encoded.
  public let space: SearchSpace
  /// Columns of a row.
  public let width: Int
  let blocks: [Block]

  /// Most columns of an encoding.
  public static let largestWidth = 100_000

  /// Whether there are columns for unknown values.
  var hasUnknown: Bool { blocks.contains { $0.hasUnknown } }

  /// Columns of every parameter, for `NetworkArchitecture.blockWidths`.
  public var blockWidths: [Int] { blocks.map(\.width) }

  /// Creates an encoding of the designs of a space.
  ///
  /// - Parameters:
  ///   - space: What is searched.
  ///   - options: Its settings.
  ///   - hasUnknown: Whether values outside the space can be encoded, see `row(of:)`.
  /// - Throws: `SurrogateError.data` when there would be more than 100,000 columns.
  public init(of space: SearchSpace, options: Options = Options(), hasUnknown: Bool = false)
    throws(SurrogateError)
  {
    var blocks: [Block] = []
    var start = 0
    for parameter in space.parameters {
      let kind = Self.kind(of: parameter, options)
      let isOneHot: Bool
      var width: Int
      switch kind {
      case .oneHot(let count, let value):
        isOneHot = true
        width = count + (value?.width ?? 0)
      case .number(let value): (isOneHot, width) = (false, value.width)
      case .order(let orders): (isOneHot, width) = (false, orders.items.count)
      }
      let hasActivity = parameter.condition != nil
      width += (isOneHot && hasUnknown ? 1 : 0) + (hasActivity ? 1 : 0)
      guard start + width <= Self.largestWidth else {
        throw .data(
          what: "parameter \"\(parameter.name)\"", got: "\(width) columns of an encoding",
          expected: "at most \(Self.largestWidth) with the parameters before it",
          hint: "leave out a category that names rows instead of designs")
      }
      blocks.append(
        Block(
          kind: kind, start: start, width: width, hasUnknown: isOneHot && hasUnknown,
          hasActivity: hasActivity))
      start += width
    }
    self.space = space
    self.blocks = blocks
    width = start
  }

  private static func kind(of parameter: Parameter, _ options: Options) -> Kind {
    switch parameter.domain {
    case .categories(let names): return .oneHot(count: names.count, value: nil)
    case .boolean: return .oneHot(count: 2, value: nil)
    case .permutations(let orders): return .order(orders)
    case .reals(let range, _):
      return .number(Standardized(range.lowerBound, range.upperBound))
    case .integers, .levels:
      let count = parameter.valueCount ?? 1
      let value = Standardized(
        number(parameter, 0), number(parameter, Double(count - 1)))
      guard count <= options.largestOneHot else { return .number(value) }
      return .oneHot(count: count, value: options.addsValues ? value : nil)
    }
  }

  static func number(_ parameter: Parameter, _ coordinate: Double) -> Double {
    guard case .number(let number) = parameter.value(at: coordinate) else { return coordinate }
    return number
  }

  /// The row of a design.
  public func row(of point: Point) -> [Float] {
    var row = [Float](repeating: 0, count: width)
    row.withUnsafeMutableBufferPointer { row in
      if let base = row.baseAddress { write(point.coordinates, to: base) }
    }
    return row
  }

  /// The rows of designs, `n x width`, one after the other.
  public func rows(of points: [Point]) -> [Float] {
    var rows = [Float](repeating: 0, count: points.count * width)
    rows.withUnsafeMutableBufferPointer { rows in
      guard let base = rows.baseAddress else { return }
      for (index, point) in points.enumerated() {
        write(point.coordinates, to: base + index * width)
      }
    }
    return rows
  }

  /// Writes all columns of a design.
  func write(_ coordinates: [Double], to row: UnsafeMutablePointer<Float>) {
    for index in blocks.indices { write(coordinates[index], of: index, to: row) }
  }

  /// Writes the columns of one parameter; inactive ones have a coordinate of negative infinity.
  func write(_ coordinate: Double, of parameter: Int, to row: UnsafeMutablePointer<Float>) {
    let block = blocks[parameter]
    let columns = row + block.start
    columns.update(repeating: 0, count: block.width)
    guard coordinate.isFinite else { return }
    if block.hasActivity { columns[block.width - 1] = 1 }
    switch block.kind {
    case .oneHot(let count, let value):
      columns[Int(coordinate)] = 1
      value?.write(
        Self.number(space.parameters[parameter], coordinate), to: columns + count)
    case .number(let value):
      value.write(Self.number(space.parameters[parameter], coordinate), to: columns)
    case .order(let orders):
      let share = 1 / Float(orders.items.count)
      columns.update(repeating: 1, count: orders.items.count)
      for (place, item) in orders.order(at: Int(coordinate)).enumerated() {
        columns[item] = Float(place) * share
      }
    }
  }
}
