import Foundation
public import Study

/// The features of contexts as a network sees them: standardized over the contexts of the data, after a constant 1.
///
/// Features that are above zero everywhere and whose largest is more than ten times the smallest are logarithms.
/// The constant gives the network's map of the context, which has no bias, one; differs from PRIME.
public struct ContextTable: Hashable, Sendable {
  /// The contexts the table was fitted on, in the order of the rows.
  public let contexts: [Context]
  /// Columns of a row; 0 when there is one context without features.
  public let width: Int
  /// `contexts.count x width`.
  public let rows: [Float]
  private let isLog: [Bool]
  private let centers: [Double]
  private let deviations: [Double]

  /// Fits a table.
  ///
  /// Contexts without features get a column each, of which one is 1; such a table knows no other contexts.
  /// - Throws: `SurrogateError.data` for equal names, different numbers of features, or features that are not finite.
  public init(fitting contexts: [Context]) throws(SurrogateError) {
    let count = contexts.first?.features.count ?? 0
    var seen: Set<Context.ID> = []
    for context in contexts {
      guard seen.insert(context.id).inserted else {
        throw .data(
          what: "contexts", got: "\"\(context.id)\" twice", expected: "distinct names", hint: nil)
      }
      guard context.features.count == count else {
        throw .data(
          what: "context \"\(context.id)\"", got: "\(context.features.count) features",
          expected: "\(count), as context \"\(contexts[0].id)\" has", hint: nil)
      }
      if let bad = context.features.first(where: { !$0.isFinite }) {
        throw .data(
          what: "context \"\(context.id)\"", got: "feature \(bad)", expected: "finite numbers",
          hint: nil)
      }
    }
    self.contexts = contexts
    var isLog: [Bool] = []
    var centers: [Double] = []
    var deviations: [Double] = []
    for feature in 0..<count {
      let values = contexts.map { $0.features[feature] }
      let (least, most) = (values.min() ?? 0, values.max() ?? 0)
      isLog.append(least > 0 && most > 10 * least)
      let moved = least > 0 && most > 10 * least ? values.map { log($0) } : values
      let mean = moved.reduce(0) { $0 + $1 / Double(moved.count) }
      let variance = moved.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / Double(moved.count) }
      centers.append(mean)
      deviations.append(variance > 0 && variance.isFinite ? variance.squareRoot() : 1)
    }
    self.isLog = isLog
    self.centers = centers
    self.deviations = deviations
    if count == 0 {
      let isSingle = contexts.count <= 1
      width = isSingle ? 0 : contexts.count
      rows =
        isSingle
        ? []
        : contexts.indices.flatMap { row in contexts.indices.map { $0 == row ? Float(1) : 0 } }
    } else {
      width = count + 1
      var rows: [Float] = []
      for context in contexts {
        rows += Self.row(context.features, isLog, centers, deviations)
      }
      self.rows = rows
    }
  }

  /// The row of any context, also one the table was not fitted on.
  ///
  /// - Throws: `SurrogateError.data` for a context with another number of features, or of an unknown name where contexts
  ///   have none.
  public func row(of context: Context) throws(SurrogateError) -> [Float] {
    if centers.isEmpty {
      guard let index = contexts.firstIndex(where: { $0.id == context.id }) else {
        throw .data(
          what: "context \"\(context.id)\"", got: "a context that was not trained on",
          expected: "one of \(contexts.map(\.id).joined(separator: ", "))",
          hint: "a model of other contexts needs features of every context")
      }
      return Array(rows[(index * width)..<((index + 1) * width)])
    }
    guard context.features.count == centers.count else {
      throw .data(
        what: "context \"\(context.id)\"", got: "\(context.features.count) features",
        expected: "\(centers.count)", hint: nil)
    }
    return Self.row(context.features, isLog, centers, deviations)
  }

  private static func row(
    _ features: [Double], _ isLog: [Bool], _ centers: [Double], _ deviations: [Double]
  ) -> [Float] {
    [1]
      + features.indices.map { index in
        let feature = features[index]
        // Far outside what was seen, a feature says no more than "far outside".
        let moved = isLog[index] ? log(max(feature, .leastNormalMagnitude)) : feature
        return Float(min(max((moved - centers[index]) / deviations[index], -10), 10))
      }
  }
}
