import Execution

/// Why metrics, objectives and limits make no problem.
public enum StudyError: Error, Hashable, Sendable {
  /// Nothing is measured.
  case noMetrics
  /// A metric name that is empty or stands twice.
  case duplicateMetric(String)
  /// Nothing is to be made better.
  case noObjectives
  /// One metric with two objectives.
  case duplicateObjective(String)
  /// An objective or limit on a metric that is not measured.
  case unknownMetric(String, usedBy: String, known: [String])
  /// A text that is no limit such as `area <= 27`.
  case malformedLimit(String)
}

extension StudyError: CustomStringConvertible {
  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String {
    switch self {
    case .noMetrics: "metrics: got none, expected at least one"
    case .duplicateMetric(""): "metrics: got an empty name, expected a name"
    case .duplicateMetric(let name): "metrics: got \"\(name)\" twice, expected distinct names"
    case .noObjectives: "objectives: got none, expected at least one"
    case .duplicateObjective(let name):
      "objectives: got two on \"\(name)\", expected at most one a metric"
    case .unknownMetric(let name, let user, let known):
      "\(user): unknown metric \"\(name)\"\nhint: \(suggestion(for: name, among: known))"
    case .malformedLimit(let text):
      "limit: got \"\(text)\", expected a metric, <= or >=, and a number, such as area_mm2<=27"
    }
  }
}
