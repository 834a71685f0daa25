public import DesignSpace
import Execution

/// A value that a fitted encoding has not seen.
public struct UnknownValue: Hashable, Sendable, CustomStringConvertible {
  /// Name of the parameter.
  public let parameter: String
  /// The value; `nil` for none where one is needed.
  public let value: ParameterValue?
  /// What was seen.
  public let expectation: String
  /// The most alike text among those seen, if there is one.
  public let nearest: String?

  /// `parameter "dataflow": got "systolic2", expected one of systolic, row; encoded as unknown`.
  public var description: String {
    let got = value.map { "\"\($0)\"" } ?? "no value"
    let hint = nearest.map { "\nhint: did you mean \"\($0)\"?" } ?? ""
    return "parameter \"\(parameter)\": got \(got), expected \(expectation); encoded as unknown"
      + hint
  }
}

extension InputEncoding {
  /// The row of a design given by values, which need not be designs of the space.
  ///
  /// A value that a parameter cannot take sets its "unknown" column, where there is one; numbers outside a range and
  /// between the values of an integer parameter are encoded as they are; anything else is zeros.
  /// - Parameter values: One a parameter, `nil` for inactive ones.
  /// - Returns: The row, and what was unknown, in the order of the parameters.
  public func row(of values: [ParameterValue?]) -> (row: [Float], unknown: [UnknownValue]) {
    precondition(values.count == blocks.count, "a design has one value per parameter")
    var row = [Float](repeating: 0, count: width)
    var unknown: [UnknownValue] = []
    row.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for (index, value) in values.enumerated() {
        let parameter = space.parameters[index]
        guard let value else {
          if parameter.condition == nil {
            unknown.append(unknownValue(index, nil))
            markUnknown(index, base)
          }
          continue
        }
        if let coordinate = parameter.coordinate(of: value) {
          write(coordinate, of: index, to: base)
        } else {
          unknown.append(unknownValue(index, value))
          markUnknown(index, base)
          if case .number(let scale) = blocks[index].kind, case .number(let number) = value,
            number.isFinite, scale.logCenter == nil || number > 0
          {
            scale.write(number, to: base + blocks[index].start)
          }
        }
      }
    }
    return (row, unknown)
  }

  /// Sets the columns of an active parameter to those of an unknown value.
  func markUnknown(_ index: Int, _ row: UnsafeMutablePointer<Float>) {
    let block = blocks[index]
    (row + block.start).update(repeating: 0, count: block.width)
    if block.hasActivity { row[block.start + block.width - 1] = 1 }
    guard block.hasUnknown else { return }
    row[block.start + block.width - (block.hasActivity ? 2 : 1)] = 1
  }

  private func unknownValue(_ index: Int, _ value: ParameterValue?) -> UnknownValue {
    let parameter = space.parameters[index]
    var nearest: String?
    if case .categories(let names) = parameter.domain, case .text(let text)? = value {
      nearest = nearestName(to: text, among: names)
    }
    return UnknownValue(
      parameter: parameter.name, value: value, expectation: parameter.expectation,
      nearest: nearest)
  }

  /// A space of the values that the columns of a log hold: numbers as levels, other values as categories, where there
  /// are at most `options.largestOneHot` different numbers; else the range of the numbers.
  ///
  /// Every parameter is always active; a log whose space is known is better encoded with it.
  /// - Parameters:
  ///   - names: One a column.
  ///   - columns: Values of every row, column by column; `nil` where a row has none, which is encoded as unknown.
  ///   - options: Its settings.
  /// - Throws: `SurrogateError.data` for columns without values, `DesignSpaceError` for names no parameter can have.
  public static func fitted(
    names: [String], columns: [[ParameterValue?]], options: Options = Options()
  ) throws -> InputEncoding {
    precondition(names.count == columns.count, "every column has a name")
    var parameters: [Parameter] = []
    for (name, column) in zip(names, columns) {
      var numbers: [Double] = []
      var texts: [String] = []
      for case let value? in column {
        if case .number(let number) = value { numbers.append(number) }
        texts.append(value.description)
      }
      guard !texts.isEmpty else {
        throw SurrogateError.data(
          what: "column \"\(name)\"", got: "no value in \(column.count) rows",
          expected: "at least one", hint: "leave the column out")
      }
      guard numbers.count == texts.count else {
        parameters.append(try .categories(name, Array(Set(texts)).sorted()))
        continue
      }
      let levels = Array(Set(numbers)).sorted()
      let isFew = levels.count <= options.largestOneHot
      parameters.append(
        isFew
          ? try .levels(name, levels) : try .real(name, levels[0]...levels[levels.count - 1]))
    }
    return try InputEncoding(
      of: try SearchSpace(parameters: parameters), options: options, hasUnknown: true)
  }
}
