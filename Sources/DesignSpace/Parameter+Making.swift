extension Parameter {
  /// Largest magnitude of an integer, and most values of a parameter: whole numbers to here are exact.
  public static let largestInteger = 1 << 53

  /// Whole numbers of a range.
  ///
  /// - Parameters:
  ///   - name: Unique among its kind.
  ///   - range: Lowest and highest value.
  ///   - step: Distance of neighbors, from 1; the last value is the largest that steps reach.
  /// - Throws: `DesignSpaceError` for a bad name, step or magnitude above 2^53.
  public static func integer(_ name: String, _ range: ClosedRange<Int>, step: Int = 1)
    throws(DesignSpaceError) -> Parameter
  {
    guard step >= 1 else {
      throw .invalidDomain(parameter: name, got: "step \(step)", expected: "a step from 1")
    }
    guard range.lowerBound >= -largestInteger / 2, range.upperBound <= largestInteger / 2 else {
      throw .invalidDomain(
        parameter: name, got: "\(range.lowerBound)...\(range.upperBound)",
        expected: "whole numbers of a magnitude up to 2^52")
    }
    return try make(name, .integers(range, step: step))
  }

  /// Numbers, strictly ascending and finite.
  public static func levels(_ name: String, _ levels: [Double]) throws(DesignSpaceError)
    -> Parameter
  {
    guard !levels.isEmpty else {
      throw .invalidDomain(parameter: name, got: "no levels", expected: "at least one")
    }
    for (index, level) in levels.enumerated() {
      guard level.isFinite else {
        throw .invalidDomain(
          parameter: name, got: "level \(level)", expected: "finite numbers")
      }
      guard index == 0 || levels[index - 1] < level else {
        throw .invalidDomain(
          parameter: name,
          got: "level \(readableNumber(level)) after \(readableNumber(levels[index - 1]))",
          expected: "ascending numbers, each once")
      }
    }
    return try make(name, .levels(levels.map { $0 + 0 }))
  }

  /// Texts without an order, each once.
  public static func categories(_ name: String, _ names: [String]) throws(DesignSpaceError)
    -> Parameter
  {
    guard !names.isEmpty else {
      throw .invalidDomain(parameter: name, got: "no categories", expected: "at least one")
    }
    var seen: Set<String> = []
    for category in names {
      guard !category.isEmpty else {
        throw .invalidDomain(parameter: name, got: "an empty category", expected: "texts")
      }
      guard seen.insert(category).inserted else {
        throw .invalidDomain(
          parameter: name, got: "category \"\(category)\" twice", expected: "each category once")
      }
    }
    return try make(name, .categories(names))
  }

  /// Every number of a range.
  ///
  /// - Parameters:
  ///   - name: Unique among its kind.
  ///   - range: Lowest and highest value.
  ///   - scale: With `.log` the range is above zero, and equal ratios are equally likely.
  public static func real(_ name: String, _ range: ClosedRange<Double>, scale: Scale = .linear)
    throws(DesignSpaceError) -> Parameter
  {
    let text = "\(readableNumber(range.lowerBound))...\(readableNumber(range.upperBound))"
    guard range.lowerBound.isFinite, range.upperBound.isFinite,
      (range.upperBound - range.lowerBound).isFinite
    else {
      throw .invalidDomain(parameter: name, got: text, expected: "a range of finite width")
    }
    guard range.lowerBound < range.upperBound else {
      throw .invalidDomain(
        parameter: name, got: text, expected: "a lower bound below the upper bound")
    }
    guard scale == .linear || range.lowerBound > 0 else {
      throw .invalidDomain(
        parameter: name, got: "\(text) on a log scale", expected: "a range above zero")
    }
    return try make(
      name, .reals((range.lowerBound + 0)...(range.upperBound + 0), scale: scale))
  }

  /// `false` or `true`.
  public static func boolean(_ name: String) throws(DesignSpaceError) -> Parameter {
    try make(name, .boolean)
  }

  /// Every permutation of 2 to 18 items.
  public static func permutation(_ name: String, of items: [String]) throws(DesignSpaceError)
    -> Parameter
  {
    guard let orders = Orders(allOf: items) else {
      throw .invalidDomain(
        parameter: name, got: "items \(items.joined(separator: ", "))",
        expected: "2 to 18 distinct items without spaces or commas")
    }
    return try make(name, .permutations(orders))
  }

  /// The orders of a list, as logs write them: `KSRCQ`, or `K S R C Q`.
  public static func orders(_ name: String, _ texts: [String]) throws(DesignSpaceError)
    -> Parameter
  {
    guard let orders = Orders(listed: texts) else {
      throw .invalidDomain(
        parameter: name, got: "a list of \(texts.count) orders",
        expected: "at least one order, each once, none with an item twice, of at most 64 items")
    }
    return try make(name, .permutations(orders))
  }

  /// The same parameter, active only where another one has one of the values.
  public func active(when parameter: String, isOneOf values: [ParameterValue]) -> Parameter {
    Parameter(
      checkedName: name, domain: domain,
      condition: Condition(parameter: parameter, values: values))
  }

  private static func make(_ name: String, _ domain: Domain) throws(DesignSpaceError)
    -> Parameter
  {
    guard isName(name) else { throw .invalidName(name) }
    return Parameter(checkedName: name, domain: domain)
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 100 else {
      return false
    }
    return text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
  }
}
