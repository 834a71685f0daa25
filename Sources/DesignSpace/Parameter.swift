/// One choice of a design: a name, the values it may take, and when it matters at all.
///
/// Made by the static functions, which check the values:
/// `try Parameter.integer("pe_x", 1...32)`, `try Parameter.levels("bandwidth", [5, 10, 16])`.
public struct Parameter: Hashable, Sendable {
  /// How the values of a real parameter are spread.
  public enum Scale: String, Hashable, Sendable, CaseIterable {
    /// Equal differences are equal steps.
    case linear
    /// Equal ratios are equal steps; values are above zero.
    case log
  }

  /// The values a parameter may take.
  public enum Domain: Hashable, Sendable {
    /// `lowerBound`, `lowerBound + step`, ... up to `upperBound`.
    case integers(ClosedRange<Int>, step: Int)
    /// Numbers, strictly ascending.
    case levels([Double])
    /// Texts without an order.
    case categories([String])
    /// Every number in the range.
    case reals(ClosedRange<Double>, scale: Scale)
    /// `false`, then `true`.
    case boolean
    /// Orders of loops.
    case permutations(Orders)
  }

  /// A parameter is active only where another one has one of some values.
  public struct Condition: Hashable, Sendable {
    /// The other parameter, declared earlier; where it is inactive, this one is, too.
    public let parameter: String
    /// The values of the other parameter, at least one.
    public let values: [ParameterValue]
  }

  /// A letter or underscore, then letters, digits and underscores; at most 100 characters.
  public let name: String
  /// The values.
  public let domain: Domain
  /// When the parameter is active; `nil` for always.
  public let condition: Condition?

  init(checkedName name: String, domain: Domain, condition: Condition? = nil) {
    self.name = name
    self.domain = domain
    self.condition = condition
  }

  /// How many values there are; `nil` for real parameters.
  public var valueCount: Int? {
    switch domain {
    case .integers(let range, let step): (range.upperBound - range.lowerBound) / step + 1
    case .levels(let levels): levels.count
    case .categories(let names): names.count
    case .reals: nil
    case .boolean: 2
    case .permutations(let orders): orders.count
    }
  }

  /// Whether the values have an order in which neighbors are alike: integers, levels and real numbers.
  public var isOrdered: Bool {
    switch domain {
    case .integers, .levels, .reals: true
    case .categories, .boolean, .permutations: false
    }
  }

  /// The value at a coordinate: an index below `valueCount`, or the number itself for a real parameter.
  public func value(at coordinate: Double) -> ParameterValue {
    switch domain {
    case .integers(let range, let step):
      .number(Double(range.lowerBound) + coordinate * Double(step))
    case .levels(let levels): .number(levels[Int(coordinate)])
    case .categories(let names): .text(names[Int(coordinate)])
    case .reals: .number(coordinate)
    case .boolean: .truth(coordinate != 0)
    case .permutations(let orders): .text(orders.text(at: Int(coordinate)))
    }
  }

  /// The coordinate of a value; `nil` when the parameter cannot take it.
  ///
  /// Lenient where nothing is ambiguous: 0 and 1 are read as booleans, a number as the category of its text.
  /// - Complexity: O(*values*) for categories and listed orders, O(log *values*) for levels.
  public func coordinate(of value: ParameterValue) -> Double? {
    switch (domain, value) {
    case (.integers(let range, let step), .number(let number)):
      let offset = number - Double(range.lowerBound)
      let index = offset / Double(step)
      guard number >= Double(range.lowerBound), number <= Double(range.upperBound),
        index == index.rounded()
      else { return nil }
      return index
    case (.levels(let levels), .number(let number)):
      return firstIndex(in: levels, notBelow: number).flatMap {
        levels[$0] == number ? Double($0) : nil
      }
    case (.reals(let range, _), .number(let number)):
      return range.contains(number) ? number + 0 : nil
    case (.categories(let names), .text(let text)):
      return names.firstIndex(of: text).map(Double.init)
    case (.categories(let names), _):
      return names.firstIndex(of: value.description).map(Double.init)
    case (.boolean, .truth(let truth)): return truth ? 1 : 0
    case (.boolean, .number(let number)): return number == 0 ? 0 : number == 1 ? 1 : nil
    case (.permutations(let orders), .text(let text)):
      return orders.index(ofText: text).map(Double.init)
    case (.permutations(let orders), .number):
      return orders.index(ofText: value.description).map(Double.init)
    case (.integers, _), (.levels, _), (.reals, _), (.boolean, _), (.permutations, _): return nil
    }
  }

  /// The value a text stands for, as in a CSV file; `nil` when the parameter cannot take it.
  ///
  /// Booleans may be `true`, `false`, `1`, `0`, in any letter case.
  public func value(parsing text: String) -> ParameterValue? {
    let coordinate: Double?
    switch domain {
    case .integers, .levels, .reals:
      guard let number = Double(text), number.isFinite else { return nil }
      coordinate = self.coordinate(of: .number(number))
    case .boolean:
      switch text.lowercased() {
      case "true", "1": coordinate = 1
      case "false", "0": coordinate = 0
      default: coordinate = nil
      }
    case .categories, .permutations: coordinate = self.coordinate(of: .text(text))
    }
    return coordinate.map { value(at: $0) }
  }

  /// What the parameter accepts, for messages: `a whole number in 1...32`.
  public var expectation: String {
    switch domain {
    case .integers(let range, 1): "a whole number in \(range.lowerBound)...\(range.upperBound)"
    case .integers(let range, let step):
      "a whole number in \(range.lowerBound)...\(range.upperBound) in steps of \(step)"
    case .levels(let levels): "one of \(list(levels.map(readableNumber)))"
    case .categories(let names): "one of \(list(names))"
    case .reals(let range, _):
      "a number in \(readableNumber(range.lowerBound))...\(readableNumber(range.upperBound))"
    case .boolean: "true or false"
    case .permutations(let orders):
      orders.listed == nil
        ? "an order of \(orders.items.joined(separator: " "))"
        : "one of \(orders.count) orders of \(orders.items.joined(separator: " "))"
    }
  }

  private func list(_ names: [String]) -> String {
    names.count <= 20
      ? names.joined(separator: ", ")
      : names.prefix(18).joined(separator: ", ") + ", ... (\(names.count) values)"
  }
}

/// The first index of an ascending list whose number is at least `bound`.
func firstIndex(in numbers: [Double], notBelow bound: Double) -> Int? {
  var low = 0
  var high = numbers.count
  while low < high {
    let middle = (low + high) / 2
    if numbers[middle] < bound { low = middle + 1 } else { high = middle }
  }
  return low < numbers.count ? low : nil
}
