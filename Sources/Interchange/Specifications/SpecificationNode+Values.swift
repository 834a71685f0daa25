extension SpecificationNode {
  // MARK: Text

  /// A text: not empty, without control characters, at most 4096 bytes.
  public func text(expected: String = "a text") throws(SpecificationError) -> String {
    guard case .scalar(let text, let isPlain, _) = tree, !text.isEmpty,
      !(isPlain && ["~", "null", "Null", "NULL"].contains(text))
    else { throw wrong(expected: expected) }
    guard text.utf8.count <= 4_096 else {
      throw .wrongValue(
        at: place, got: "a text of \(text.utf8.count) bytes", expected: "at most 4096 bytes")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw wrong(expected: "a text without control characters on one line") }
    return text
  }

  /// A list of distinct texts.
  public func names(expected: String) throws(SpecificationError) -> [String] {
    var result: [String] = []
    for item in try items(expected: expected) {
      let name = try item.text(expected: "a name")
      guard !result.contains(name) else {
        throw .wrongValue(
          at: item.place, got: "\"\(shortened(name))\" twice", expected: "distinct names")
      }
      result.append(name)
    }
    return result
  }

  /// One of the raw values of an enumeration.
  public func choice<Choice: RawRepresentable & CaseIterable>(_ what: String, of type: Choice.Type)
    throws(SpecificationError) -> Choice where Choice.RawValue == String
  {
    let known = Choice.allCases.map(\.rawValue)
    let name = try text(expected: "one of \(known.joined(separator: ", "))")
    guard let value = Choice(rawValue: name) else {
      throw .unknownName(at: place, what: what, name: name, known: known)
    }
    return value
  }

  // MARK: Numbers

  /// A whole number in a range: decimal digits with an optional sign, no leading zeros.
  public func integer(in range: ClosedRange<Int>, _ unit: String = "") throws(SpecificationError)
    -> Int
  {
    let expected =
      "a whole number\(unit.isEmpty ? "" : " of \(unit)") in "
      + "\(range.lowerBound)...\(range.upperBound)"
    guard case .scalar(let text, true, _) = tree else { throw wrong(expected: expected) }
    guard let digits = Self.decimalDigits(text) else {
      throw wrong(expected: expected, hint: Self.notationHint(for: text))
    }
    guard digits.count == 1 || !digits.hasPrefix("0") else {
      throw wrong(
        expected: expected, hint: "remove the leading zero; some readers take it for octal")
    }
    guard let value = Int(text), range.contains(value) else { throw wrong(expected: expected) }
    return value
  }

  /// A finite number in a range, in decimal or scientific notation.
  public func number(in range: ClosedRange<Double>, _ unit: String = "") throws(SpecificationError)
    -> Double
  {
    let value = try finite(
      expected: "a number\(unit.isEmpty ? "" : " of \(unit)") in "
        + "\(compact(range.lowerBound))...\(compact(range.upperBound))")
    guard range.contains(value) else {
      throw wrong(
        expected: "a number\(unit.isEmpty ? "" : " of \(unit)") in "
          + "\(compact(range.lowerBound))...\(compact(range.upperBound))")
    }
    return value
  }

  /// A finite number above zero and at most `limit`.
  public func positiveNumber(upTo limit: Double, _ unit: String) throws(SpecificationError)
    -> Double
  {
    let expected = "a positive number of \(unit), at most \(compact(limit))"
    let value = try finite(expected: expected)
    guard value > 0, value <= limit else { throw wrong(expected: expected) }
    return value
  }

  /// Two whole numbers `[x, y]`.
  public func pair(in range: ClosedRange<Int>, _ what: String) throws(SpecificationError) -> (
    Int, Int
  ) {
    let expected = "two numbers of \(what) along X and Y, for example [2, 2]"
    let members = try items(expected: expected)
    guard members.count == 2 else {
      throw .wrongValue(at: place, got: "a list of \(members.count)", expected: expected)
    }
    return (try members[0].integer(in: range, what), try members[1].integer(in: range, what))
  }

  private func finite(expected: String) throws(SpecificationError) -> Double {
    guard case .scalar(let text, true, _) = tree else { throw wrong(expected: expected) }
    guard Self.isDecimalNumber(text) else {
      throw wrong(expected: expected, hint: Self.notationHint(for: text))
    }
    guard let value = Double(text), value.isFinite else { throw wrong(expected: expected) }
    return value
  }

  /// The digits of `[+-]digits`; `nil` for anything else.
  private static func decimalDigits(_ text: String) -> Substring? {
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    let isDecimal = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
    return isDecimal ? digits : nil
  }

  /// Whether the text is `[+-]digits[.digits][e[+-]digits]`.
  private static func isDecimalNumber(_ text: String) -> Bool {
    guard text.utf8.count <= 64 else { return false }
    let parts = text.split(
      maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "e" || $0 == "E" })
    if parts.count == 2, decimalDigits(String(parts[1])) == nil { return false }
    let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard decimalDigits(String(mantissa[0])) != nil else { return false }
    return mantissa.count == 1 || mantissa[1].utf8.allSatisfy { (48...57).contains($0) }
  }

  private static func notationHint(for text: String) -> String? {
    let lowered = text.lowercased()
    if lowered.hasPrefix("0x") || lowered.hasPrefix("0o") || lowered.hasPrefix("0b") {
      return "write the number in decimal"
    }
    if text.contains("_") { return "write the number without underscores" }
    return nil
  }
}

/// A number as it is written to files and messages: whole numbers without a fraction.
public func compact(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}
