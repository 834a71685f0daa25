import Foundation
public import LinearAlgebra

/// Designs as numbers for regression: logarithms of sizes, one-hot categories, positions in loop orders.
///
/// Learned from the columns of a log, so that designs that are seen later are encoded the same way:
/// - numbers that span a factor of 8 or more, and are not negative, become base-2 logarithms (of one more than the
///   number where zero occurs), all numbers are standardized; buffer sizes and tile factors act as products;
/// - words that are orders of distinct letters (at least 13 different, nine in ten of them orders) become for each
///   letter its position from 0 to 1, outermost first, and whether it is innermost;
/// - other words become one-hot columns of the (at most 64) most frequent values.
/// A constant column gives no feature. A number that is absent is encoded as the mean, a word never seen as all zeros.
public struct FeatureEncoding: Hashable, Sendable, Codable {
  enum Feature: Hashable, Sendable, Codable {
    case number(isLogarithm: Bool, offset: Double, mean: Double, deviation: Double)
    case category(String)
    /// Of one letter.
    case position(String)
    /// Of one letter.
    case isInnermost(String)
  }

  struct Source: Hashable, Sendable, Codable {
    var column: Int
    var feature: Feature
  }

  let sources: [Source]
  /// The words seen, per parameter, sorted; empty for numbers.
  let words: [[String]]

  /// The number of features.
  public var featureCount: Int { sources.count }

  /// For each feature the parameter it is from; features of one parameter share a length scale.
  public var parameters: [Int] { sources.map(\.column) }

  /// Consecutive group numbers of the features, one group a parameter that varies.
  public var groups: [Int] {
    var result: [Int] = []
    var last: Int?
    var next = -1
    for source in sources {
      if source.column != last { next += 1 }
      last = source.column
      result.append(next)
    }
    return result
  }

  /// Learns the encoding of columns.
  ///
  /// - Complexity: O(*rows x parameters*) time.
  public init(fitting designs: DesignColumns) {
    var sources: [Source] = []
    var words: [[String]] = []
    for (column, values) in designs.columns.enumerated() {
      switch values {
      case .numbers(let numbers):
        let known = numbers.filter(\.isFinite)
        words.append([])
        guard let low = known.min(), let high = known.max() else { continue }
        if low < high { sources.append(Self.number(column, known, low, high)) }
      case .words(let texts):
        var counts: [String: Int] = [:]
        for text in texts where !text.isEmpty { counts[text, default: 0] += 1 }
        let distinct = counts.keys.sorted()
        words.append(distinct)
        guard counts.count + (texts.contains("") ? 1 : 0) > 1 else { continue }
        sources += Self.word(column, texts, distinct, counts)
      }
    }
    self.sources = sources
    self.words = words
  }

  private static func number(_ column: Int, _ known: [Double], _ low: Double, _ high: Double)
    -> Source
  {
    let isLogarithm = low >= 0 && high / max(low, 1) >= 8
    let offset = low > 0 ? 0.0 : 1.0
    let scaled = isLogarithm ? known.map { log2($0 + offset) } : known
    let mean = scaled.reduce(0, +) / Double(scaled.count)
    let variance = scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scaled.count)
    return Source(
      column: column,
      feature: .number(
        isLogarithm: isLogarithm, offset: offset, mean: mean,
        deviation: max(variance.squareRoot(), 1e-12)))
  }

  private static func word(
    _ column: Int, _ texts: [String], _ distinct: [String], _ counts: [String: Int]
  ) -> [Source] {
    let orders = distinct.filter(isOrder)
    guard distinct.count > 12, 10 * orders.count >= 9 * distinct.count else {
      let kept = distinct.sorted { (counts[$0] ?? 0, $1) > (counts[$1] ?? 0, $0) }.prefix(64)
      return kept.sorted().map { Source(column: column, feature: .category($0)) }
    }
    var result: [Source] = []
    for letter in Set(orders.joined()).sorted() {
      let positions = Set(distinct.map { position(of: letter, in: $0) })
      if positions.count > 1 {
        result.append(Source(column: column, feature: .position(String(letter))))
      }
      if Set(distinct.map { $0.last == letter }).count > 1 {
        result.append(Source(column: column, feature: .isInnermost(String(letter))))
      }
    }
    return result
  }

  /// Whether a word is an order: capital letters, none twice.
  private static func isOrder(_ word: String) -> Bool {
    !word.isEmpty && Set(word).count == word.count
      && word.unicodeScalars.allSatisfy { (65...90).contains($0.value) }
  }

  private static func position(of letter: Character, in order: String) -> Double {
    guard isOrder(order), let index = order.firstIndex(of: letter) else { return -1 }
    let place = order.distance(from: order.startIndex, to: index) + 1
    return 2 * Double(place) / Double(order.count) - 1
  }

  /// Encodes designs with the parameters the encoding was learned from.
  ///
  /// - Returns: `rows x featureCount`.
  /// - Complexity: O(*rows x features*).
  public func encode(_ designs: DesignColumns) -> Matrix {
    let count = designs.rowCount
    let width = featureCount
    var values = [Double](repeating: 0, count: count * width)
    for (place, source) in sources.enumerated() {
      switch (designs.columns[source.column], source.feature) {
      case (.numbers(let numbers), .number(let isLogarithm, let offset, let mean, let deviation)):
        for row in 0..<count {
          var number = numbers[row]
          if isLogarithm { number = log2(max(number, 0) + offset) }
          if !number.isFinite { number = mean }
          values[row * width + place] = (number - mean) / deviation
        }
      case (.words(let texts), .category(let word)):
        for row in 0..<count where texts[row] == word { values[row * width + place] = 1 }
      case (.words(let texts), .position(let name)):
        guard let letter = name.first else { continue }
        var known: [String: Double] = [:]
        for row in 0..<count {
          let value = known[texts[row]] ?? Self.position(of: letter, in: texts[row])
          known[texts[row]] = value
          values[row * width + place] = value
        }
      case (.words(let texts), .isInnermost(let letter)):
        for row in 0..<count where texts[row].last == letter.first && !texts[row].isEmpty {
          values[row * width + place] = Self.isOrder(texts[row]) ? 1 : 0
        }
      default:
        // A list of candidates whose column is of another kind than the log's says nothing about this feature.
        break
      }
    }
    return Matrix(rowCount: count, columnCount: width, values: values)
  }
}

/// The natural logarithm; NaN for what is not positive.
func logarithm(_ value: Double) -> Double { value > 0 ? log(value) : .nan }

extension FeatureEncoding {
  /// The distinct words among `texts` that the log has never seen for a parameter, sorted.
  ///
  /// Orders of letters are judged by their letters' positions, so they are never unseen.
  public func unseenWords(_ texts: [String], parameter: Int) -> [String] {
    let isOrdered = sources.contains { source in
      guard source.column == parameter else { return false }
      if case .category = source.feature { return false }
      return true
    }
    if isOrdered { return [] }
    let known = Set(words[parameter])
    return Set(texts).filter { !$0.isEmpty && !known.contains($0) }.sorted()
  }
}
