public import Study

/// What an evaluator answers, read from one JSON object.
///
/// Two forms are understood:
/// - `{"id":1,"metrics":{"latency":3.5,"area":20}}`, with `"infeasible":"reason"` or `"failed":"crash: reason"` beside or in
///   place of the metrics;
/// - `{"id":1,"objective":3.5,"constraints":[-2],"feasible":true,"status":"ok"}`: the objective is the metric of the first
///   objective, the constraints are the other metrics in order. The status `constraint` says measured and infeasible,
///   `failed` says infeasible for a reason nobody knows: data, not a failure of the evaluator.
///
/// `{"error":"..."}` is a failure of the evaluator. Optional in all: `seconds`, `evaluator`, `version`, `reason`.
public struct EvaluationAnswer: Hashable, Sendable {
  /// The design that was asked for, `nil` when the answer does not say.
  public var id: Int?
  /// What came of it, judged by the problem.
  public var outcome: Outcome
  /// How long it took, if it says.
  public var seconds: Double?
  /// Who answers, if it says.
  public var evaluator: String?
  /// The version of who answers, if it says.
  public var version: String?
  /// Whether the answer is the evaluator's report of an error of its own.
  public var isErrorReport: Bool

  /// Why a text is no answer; one line.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line.
    public let description: String

    /// Creates a problem.
    public init(description: String) { self.description = description }
  }

  /// Reads an answer.
  ///
  /// - Throws: `Problem` for anything but an object of the forms above, unknown names, and numbers that are not finite.
  public init(parsing line: [UInt8], for problem: Study.Problem) throws(Problem) {
    var reader = try AnswerReader(line, problem)
    self = try reader.answer()
  }

  init(id: Int?, outcome: Outcome, isErrorReport: Bool = false) {
    self.id = id
    self.outcome = outcome
    self.isErrorReport = isErrorReport
  }
}

extension EvaluationFailure {
  /// Reads `timeout: no answer in 5 seconds`; a text without a kind is a crash.
  public init(parsing text: String) {
    for kind in Kind.allCases where text.hasPrefix("\(kind.rawValue): ") {
      self.init(kind, String(text.dropFirst(kind.rawValue.count + 2)))
      return
    }
    self.init(.crash, text)
  }
}
