import Execution
import Foundation
import Interchange

/// A condition on the cells of a row: `status != ok`, `area_mm2 > 30 or latency == inf`.
///
/// Comparisons `==`, `!=`, `<`, `<=`, `>`, `>=` of a column with a number or a word, joined by `and` and `or`; `and` binds
/// closer. Words may stand in quotes. A column with blanks or signs in its name stands in quotes, too.
struct RowCondition {
  enum Relation: String, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"
  }

  struct Comparison {
    var column: String
    var relation: Relation
    var word: String
    var number: Double?
  }

  /// Any of these lists whose comparisons all hold.
  let alternatives: [[Comparison]]

  /// The columns it looks at.
  var columns: [String] { alternatives.flatMap { $0.map(\.column) } }

  init(parsing text: String) throws {
    func fail(_ got: String, _ expected: String) -> LogError {
      .wrongValue(
        at: "--infeasible-when", got: got, expected: expected,
        hint: "for example 'status != ok' or 'latency > 1e9 or area == inf'")
    }
    var tokens = try Self.tokens(of: text)[...]
    var alternatives: [[Comparison]] = [[]]
    while true {
      guard tokens.count >= 3 else { throw fail("\"\(shortened(text))\"", "COLUMN RELATION VALUE") }
      let column = tokens.removeFirst()
      let sign = tokens.removeFirst()
      guard let relation = Relation(rawValue: sign.text), !sign.isQuoted else {
        throw fail("\"\(shortened(sign.text))\"", "one of == != <= >= < >")
      }
      let value = tokens.removeFirst()
      let comparison = Comparison(
        column: column.text, relation: relation, word: value.text,
        number: value.isQuoted ? nil : Double(value.text))
      if comparison.number == nil, relation != .equal, relation != .notEqual {
        throw fail("\"\(shortened(value.text))\" after \(relation.rawValue)", "a number")
      }
      alternatives[alternatives.count - 1].append(comparison)
      guard let joint = tokens.popFirst() else { break }
      switch joint.text.lowercased() {
      case "and", "&&": break
      case "or", "||": alternatives.append([])
      default: throw fail("\"\(shortened(joint.text))\"", "and or or")
      }
    }
    self.alternatives = alternatives
  }

  /// Whether the condition holds for a row, given where its columns are.
  func holds(for row: TableRow, at indices: [String: Int]) -> Bool {
    alternatives.contains { comparisons in
      comparisons.allSatisfy { comparison in
        guard let index = indices[comparison.column] else { return false }
        return Self.holds(comparison, row[index])
      }
    }
  }

  private static func holds(_ comparison: Comparison, _ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    var value: Double?
    switch CellValue(cell) {
    case .number(let number): value = number
    case .infinite: value = cell.first == UInt8(ascii: "-") ? -.infinity : .infinity
    case .missing, .text: break
    }
    guard let bound = comparison.number, let value else {
      let isSame = cell.elementsEqual(comparison.word.utf8)
      return comparison.relation == .equal
        ? isSame : comparison.relation == .notEqual && !isSame
    }
    switch comparison.relation {
    case .equal: return value == bound
    case .notEqual: return value != bound
    case .atMost: return value <= bound
    case .atLeast: return value >= bound
    case .below: return value < bound
    case .above: return value > bound
    }
  }

  private static func tokens(of text: String) throws -> [(text: String, isQuoted: Bool)] {
    var tokens: [(text: String, isQuoted: Bool)] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "'" || first == "\"" {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: first) else {
          throw LogError.wrongValue(
            at: "--infeasible-when", got: "a quote without an end", expected: "a closing quote",
            hint: nil)
        }
        tokens.append((String(rest[..<end]), true))
        rest = rest[rest.index(after: end)...]
      } else if let sign = ["==", "!=", "<=", ">=", "&&", "||", "<", ">"].first(
        where: rest.hasPrefix)
      {
        tokens.append((sign, false))
        rest = rest.dropFirst(sign.count)
      } else {
        let end = rest.firstIndex { $0.isWhitespace || "=!<>&|'\"".contains($0) } ?? rest.endIndex
        guard end > rest.startIndex else {
          throw LogError.wrongValue(
            at: "--infeasible-when", got: "\"\(rest.prefix(10))\"", expected: "a relation",
            hint: "write == for equality")
        }
        tokens.append((String(rest[..<end]), false))
        rest = rest[end...]
      }
    }
    return tokens
  }
}
