public import DesignSpace
import Execution
public import Study

/// Limits on what a design has by itself: parameters and expressions over them, such as `pe_x * pe_y <= 256`.
///
/// They are exact before anything is evaluated. A search has them as constraints of its space, so that no design beyond them
/// is ever proposed; a log's rows beyond them are left out. A limit on a parameter that is inactive in a design holds there.
public struct KnownLimits: Hashable, Sendable {
  /// The limits; `metric` of each is the expression.
  public let limits: [MetricLimit]
  /// A space of these constraints alone.
  private let space: SearchSpace
  private let expressions: [NumericExpression]

  /// Reads limits over parameters.
  ///
  /// - Throws: `ExpressionError` for what is no number over these parameters.
  public init(_ limits: [MetricLimit], over parameters: [Parameter]) throws {
    self.limits = limits
    expressions = try limits.map { try NumericExpression($0.metric, over: parameters) }
    space = try Self.space(of: limits, over: parameters)
  }

  private static func space(of limits: [MetricLimit], over parameters: [Parameter]) throws
    -> SearchSpace
  {
    let result = Result { () throws(DesignSpaceError) in
      try SearchSpace(parameters: parameters, constraints: limits.map(Self.constraint))
    }
    // A limit is no constraint of a file: its own words are enough.
    if case .failure(.invalidConstraint(let error)) = result { throw error }
    return try result.get()
  }

  /// Takes apart limits on what is measured, and those on the design alone; a plain name that is no parameter is measured.
  ///
  /// - Parameters:
  ///   - limits: All limits.
  ///   - parameters: Those of the space.
  ///   - metrics: Names that are measured, whatever parameters are called.
  ///   - place: Where the limits are from, for messages.
  /// - Throws: `LogError.conflict` for an expression that cannot be read.
  public static func sorting(
    _ limits: [MetricLimit], over parameters: [Parameter], metrics: [String], at place: String
  ) throws -> (measured: [MetricLimit], known: KnownLimits) {
    var names = LimitNames(metrics: metrics, parameters: parameters)
    names.isOpen = true
    return try names.sorted(limits, at: place)
  }

  /// Whether there are none.
  public var isEmpty: Bool { limits.isEmpty }

  /// Whether a design respects all of them.
  public func allows(_ point: Point) -> Bool { space.isLegal(point) }

  /// The quantity of a limit at a design; `nil` where it is undefined or not the quantity of one of these limits.
  public func value(of quantity: String, at point: Point) -> Double? {
    limits.firstIndex { $0.metric == quantity }.flatMap { expressions[$0].value(at: point) }
  }

  /// The designs of a space that respect the limits.
  ///
  /// - Throws: `DesignSpaceError`, which reading the limits has ruled out for the space's own parameters.
  public func constraining(_ other: SearchSpace) throws -> SearchSpace {
    guard !isEmpty else { return other }
    return try SearchSpace(
      parameters: other.parameters,
      constraints: other.constraints.map(\.text) + limits.map(Self.constraint))
  }

  /// A limit as a constraint; words such as `and` bind looser than a comparison.
  private static func constraint(_ limit: MetricLimit) -> String {
    let words = limit.metric.split { !$0.isLetter }
    guard words.contains(where: { ["and", "or", "not", "in", "divides"].contains($0) }) else {
      return limit.description
    }
    let bound = MetricLimit("", limit.side, limit.bound).description
    return "(\(limit.metric))\(bound)"
  }
}

/// The names a limit may have, and what each is about.
struct LimitNames {
  /// Why a limit is about nothing.
  struct Problem: Error {
    /// What is wrong, without a place.
    var text: String
    var hint: String?
  }

  /// Metrics that are measured or logged.
  var metrics: [String]
  /// What a name is, for messages.
  var what = "metric or parameter"
  /// Further names that the caller knows how to treat, for hints.
  var others: [String] = []
  /// Whether any plain name may be a metric, since nobody listed them.
  var isOpen = false
  var parameters: [Parameter]

  /// Whether a limit is about the design alone: it is no metric, and can be read over the parameters.
  ///
  /// - Throws: `Problem` for a name nobody knows, and an expression that cannot be read.
  func isKnown(_ limit: MetricLimit) throws -> Bool {
    if metrics.contains(limit.metric) { return false }
    do {
      _ = try KnownLimits([limit], over: parameters)
      return true
    } catch let error as ExpressionError {
      let isPlain = limit.metric.allSatisfy { $0.isLetter || $0.isNumber || "_.".contains($0) }
      let isParameter = parameters.contains { $0.name == limit.metric }
      guard isPlain, !isParameter else {
        throw Problem(text: error.problem, hint: error.hint)
      }
      if isOpen { return false }
      let known = metrics + others + parameters.map(\.name)
      throw Problem(
        text: "unknown \(what) \"\(limit.metric)\"",
        hint: suggestion(for: limit.metric, among: known))
    }
  }

  /// Limits on metrics, and those on the design alone.
  ///
  /// - Throws: `LogError.conflict` that begins with the place.
  func sorted(_ limits: [MetricLimit], at place: String) throws -> (
    measured: [MetricLimit], known: KnownLimits
  ) {
    var measured: [MetricLimit] = []
    var known: [MetricLimit] = []
    for limit in limits {
      do {
        if try isKnown(limit) { known.append(limit) } else { measured.append(limit) }
      } catch let problem as Problem {
        throw LogError.conflict("\(place): \(problem.text)", hint: problem.hint)
      }
    }
    return (measured, try KnownLimits(known, over: parameters))
  }
}
