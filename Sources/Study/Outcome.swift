/// What came of evaluating a design.
public enum Outcome: Hashable, Sendable {
  /// Finite values in the order of the problem's metrics, all limits respected.
  case measured([Double])
  /// The design cannot be built, does not compile or is over a limit: data to learn from.
  case infeasible(Infeasibility)
  /// The evaluator itself broke: nothing is known about the design, and nothing is learned from it.
  case failed(EvaluationFailure)
}

/// Why a design is infeasible, and what was measured all the same.
public struct Infeasibility: Hashable, Sendable {
  /// Who says so.
  public enum Reason: Hashable, Sendable {
    /// A known constraint of the space; the explanation.
    case constraint(String)
    /// The evaluator, whose rule nobody wrote down (no mapping, does not compile); its own words, may be empty.
    case hidden(String)
    /// A limit on a metric; the limit as text.
    case limit(String)
  }

  /// Who says so.
  public let reason: Reason
  /// Values in the order of the problem's metrics, `nil` where unknown; empty when nothing is known.
  ///
  /// A design over a limit is measured completely; a design that does not compile may still have an area.
  public let values: [Double?]

  /// Creates an infeasibility.
  public init(_ reason: Reason, values: [Double?] = []) {
    self.reason = reason
    self.values = values
  }
}

/// How an evaluator broke.
public struct EvaluationFailure: Error, Hashable, Sendable {
  /// The way to break.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// It ended without an answer.
    case crash
    /// It did not answer in time.
    case timeout
    /// Its answer makes no sense: no JSON, another design, not a number.
    case garbage
  }

  /// The way it broke.
  public let kind: Kind
  /// What was seen, for example `exit status 139`.
  public let detail: String

  /// Creates a failure.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
}

extension Infeasibility.Reason: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .constraint(let text): "constraint: \(text)"
    case .hidden(let text): text.isEmpty ? "hidden" : "hidden: \(text)"
    case .limit(let text): "limit: \(text)"
    }
  }
}

extension EvaluationFailure: CustomStringConvertible {
  /// `crash: exit status 139`.
  public var description: String { "\(kind.rawValue): \(detail)" }
}
