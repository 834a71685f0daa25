import DesignSpace
import Foundation
import SimulationLog

/// What a column was found to be, and why.
struct InferredParameter {
  var parameter: Parameter
  /// For people: `7 different whole numbers, 2 to 128`.
  var explanation: String
}

/// Finds what kind of parameter a column is.
struct KindInference {
  let file: String

  /// - Parameters:
  ///   - name: A legal parameter name.
  ///   - title: The column's name, for messages.
  ///   - declared: What somebody stated about it.
  func infer(
    _ name: String, title: String, from survey: ColumnSurvey, declared: LogRoles.DeclaredParameter?
  ) throws -> InferredParameter {
    if survey.decimalCommaCount > 0, survey.decimalCommaCount * 2 > survey.textCount,
      declared?.kind == nil
    {
      throw LogError.wrongColumn(
        file: file, column: title, got: "\"\(survey.decimalCommaSample)\"",
        expected: "numbers with a decimal point",
        hint:
          "decimal commas are not read, they cannot be told from lists; rewrite the file with points"
      )
    }
    guard survey.numberCount + survey.textCount > 0 else {
      throw LogError.wrongColumn(
        file: file, column: title, got: "no value in any row", expected: "values of a parameter",
        hint: "leave it out: --params-except '\(title)'")
    }
    if let declared, declared.values != nil || declared.range != nil {
      return try stated(name, title: title, declared, survey)
    }
    let kind = declared?.kind ?? likelyKind(survey)
    let how = declared?.kind == nil ? "" : ", as stated"
    do {
      switch kind {
      case "levels": return try levels(name, title, survey, how)
      case "integer": return try integer(name, title, survey, how)
      case "real": return try real(name, title, survey, how)
      case "boolean":
        return InferredParameter(
          parameter: try .boolean(name), explanation: "false or true" + how)
      case "permutation":
        let texts = try allTexts(survey, title)
        return InferredParameter(
          parameter: try .orders(name, texts),
          explanation: "\(texts.count) different orders of the same items" + how)
      default: return try categories(name, title, survey, how)
      }
    } catch let error as DesignSpaceError {
      throw LogError.wrongColumn(
        file: file, column: title, got: "values that are no \(kind) parameter",
        expected: "such values", hint: error.problem)
    }
  }

  private func likelyKind(_ survey: ColumnSurvey) -> String {
    guard survey.textCount == 0 else {
      if let texts = survey.texts?.texts, survey.numberCount == 0 {
        if texts.allSatisfy({ ["true", "false", "yes", "no"].contains($0.lowercased()) }) {
          return "boolean"
        }
        if isOrders(texts) { return "permutation" }
      }
      return "categorical"
    }
    if let numbers = survey.numbers, numbers.count <= ColumnSurvey.mostLevels { return "levels" }
    return survey.isWhole ? "integer" : "real"
  }

  /// Whether all texts are orders of the same three or more single characters.
  private func isOrders(_ texts: [String]) -> Bool {
    guard texts.count >= 2, let first = texts.first, first.count >= 3 else { return false }
    let items = Set(first)
    return texts.allSatisfy { $0.count == items.count && Set($0) == items }
  }

  private func stated(
    _ name: String, title: String, _ declared: LogRoles.DeclaredParameter, _ survey: ColumnSurvey
  ) throws -> InferredParameter {
    do {
      if let range = declared.range {
        return InferredParameter(
          parameter: try .integer(name, range.minimum...range.maximum, step: range.step),
          explanation: "whole numbers \(range.minimum) to \(range.maximum), as stated")
      }
      let values = declared.values ?? []
      if declared.kind == "categorical" {
        return InferredParameter(
          parameter: try .categories(name, values), explanation: "\(values.count) words, as stated")
      }
      if declared.kind == "permutation" {
        return InferredParameter(
          parameter: try .orders(name, values), explanation: "\(values.count) orders, as stated")
      }
      let levels = values.compactMap { Double($0) }.sorted()
      guard levels.count == values.count else {
        throw LogError.wrongColumn(
          file: file, column: title, got: "stated values that are no numbers",
          expected: "numbers", hint: nil)
      }
      return InferredParameter(
        parameter: try .levels(name, levels), explanation: "\(levels.count) numbers, as stated")
    } catch let error as DesignSpaceError {
      throw LogError.wrongColumn(
        file: file, column: title, got: "stated values that make no parameter",
        expected: "distinct values", hint: error.problem)
    }
  }

  private func levels(_ name: String, _ title: String, _ survey: ColumnSurvey, _ how: String) throws
    -> InferredParameter
  {
    guard survey.textCount == 0, let numbers = survey.numbers else {
      throw wrong(
        title, survey, got: "more than \(ColumnSurvey.mostNumbers) different numbers",
        kind: "levels")
    }
    let levels = numbers.sorted()
    let what = survey.isWhole ? "whole numbers" : "numbers"
    return InferredParameter(
      parameter: try .levels(name, levels),
      explanation: levels.count == 1
        ? "always \(plainText(of: levels[0]))\(how)"
        : "\(levels.count) different \(what), \(plainText(of: survey.minimum)) to "
          + plainText(of: survey.maximum) + how)
  }

  private func integer(_ name: String, _ title: String, _ survey: ColumnSurvey, _ how: String)
    throws
    -> InferredParameter
  {
    guard survey.textCount == 0, survey.isWhole else {
      throw wrong(title, survey, got: "numbers with a fraction", kind: "integer")
    }
    let step = survey.commonStep
    let range = Int(survey.minimum)...Int(survey.maximum)
    return InferredParameter(
      parameter: try .integer(name, range, step: step),
      explanation: "whole numbers \(range.lowerBound) to \(range.upperBound)"
        + (step > 1 ? " in steps of \(step)" : "") + how)
  }

  private func real(_ name: String, _ title: String, _ survey: ColumnSurvey, _ how: String) throws
    -> InferredParameter
  {
    guard survey.textCount == 0 else { throw wrong(title, survey, got: "words", kind: "real") }
    guard survey.minimum < survey.maximum else { return try levels(name, title, survey, how) }
    // Three decades are more than a linear scale shows.
    let isLogarithmic = survey.minimum > 0 && survey.maximum / survey.minimum >= 1_000
    return InferredParameter(
      parameter: try .real(
        name, survey.minimum...survey.maximum, scale: isLogarithmic ? .log : .linear),
      explanation: "numbers \(plainText(of: survey.minimum)) to \(plainText(of: survey.maximum))"
        + (isLogarithmic ? ", three decades or more: log scale" : "") + how)
  }

  private func categories(_ name: String, _ title: String, _ survey: ColumnSurvey, _ how: String)
    throws -> InferredParameter
  {
    let texts = try allTexts(survey, title)
    var explanation = "\(texts.count) different words\(how)"
    if survey.numberCount > 0, survey.textCount > 0, let text = survey.firstText {
      explanation =
        "\(texts.count) different words: numbers and words such as \"\(text.text)\" (line \(text.line))"
    }
    return InferredParameter(parameter: try .categories(name, texts), explanation: explanation)
  }

  /// All different cells, sorted.
  private func allTexts(_ survey: ColumnSurvey, _ title: String) throws -> [String] {
    guard let texts = survey.texts else {
      throw wrong(
        title, survey, got: "more than \(ColumnSurvey.mostTexts) different texts",
        kind: "categorical")
    }
    if texts.count > 0 { return texts.texts.sorted() }
    return (survey.numbers?.sorted() ?? []).map { plainText(of: $0) }
  }

  private func wrong(_ title: String, _ survey: ColumnSurvey, got: String, kind: String) -> LogError
  {
    let text = survey.firstText.map { "\"\($0.text)\" in line \($0.line)" }
    return .wrongColumn(
      file: file, column: title, got: survey.textCount > 0 ? text ?? got : got,
      expected: "a \(kind) parameter",
      hint: "state another kind: --kind '\(title)=categorical', or leave it out: "
        + "--params-except '\(title)'")
  }

  /// A legal parameter name for a column.
  static func parameterName(for title: String, taken: Set<String>) -> String {
    var name = ""
    for scalar in title.unicodeScalars {
      let isLegal =
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        || scalar == "_"
      name.unicodeScalars.append(isLegal ? scalar : "_")
    }
    if name.isEmpty || ("0"..."9").contains(name.prefix(1)) { name = "_" + name }
    name = String(name.prefix(90))
    var unique = name
    var count = 2
    while taken.contains(unique) {
      unique = "\(name)_\(count)"
      count += 1
    }
    return unique
  }
}
