public import DesignSpace

/// Turns a design into an outcome: a cost model, a simulator of others, a surrogate.
public protocol Evaluator: Sendable {
  /// Name for the origin of trials.
  var name: String { get }
  /// Version for the origin of trials; results of different versions are not mixed up.
  var version: String { get }

  /// Evaluates one design.
  ///
  /// - Returns: Measured values, an infeasibility, or how the evaluator broke; see `Problem.outcome(values:)`.
  /// - Throws: Only what ends the search, such as `CancellationError`.
  func evaluate(_ point: Point, in context: Context) async throws -> Outcome
}
