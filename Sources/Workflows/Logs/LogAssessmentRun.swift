import Foundation
public import SimulationLog

/// Assesses a log: one space, or each of them.
public enum LogAssessmentRun {
  /// - Parameters:
  ///   - log: The log.
  ///   - question: Spaces, limits and rows as for other commands; workloads may be ones the log has not seen.
  ///   - features: Features of the workload asked about, by name; for a workload the log has not seen.
  ///   - progress: Told how far it is.
  /// - Throws: `LogError` for unknown names, `TrialLogError`, `CancellationError`.
  public static func run(
    on log: TrialLog, question: LogQuestion, features: [(name: String, value: Double)] = [],
    progress: (String) -> Void = { _ in }
  ) throws -> [LogAssessment] {
    let catalog = try log.catalog()
    var known = question
    var new: [LogContext] = []
    let names = catalog.contexts.map(\.name)
    known.workloads = question.workloads.filter(names.contains)
    var values = [Double](repeating: .nan, count: catalog.features.count)
    for (name, value) in features {
      guard let index = catalog.features.firstIndex(of: name) else {
        throw LogError.unknownName(
          what: "feature", name: name, file: log.file, known: catalog.features)
      }
      values[index] = value
    }
    for name in question.workloads where !names.contains(name) {
      guard !features.isEmpty else {
        throw LogError.unknownName(
          what: "workload", name: name, file: log.file, known: Array(names.prefix(100)))
      }
      new.append(LogContext(name: name, features: values))
    }
    if question.workloads.isEmpty, !features.isEmpty {
      new.append(LogContext(name: "asked for", features: values))
    }
    let filter = try known.filter(for: catalog, file: log.file)
    let spaces = filter.space.map { [$0] } ?? Array(catalog.spaces.indices)
    return try spaces.compactMap { space in
      var own = filter
      own.space = space
      let assessment = try LogAssessment(of: log, filter: own, newWorkloads: new) { count in
        try Task.checkCancellation()
        progress("\(catalog.spaces[space].name): \(count) rows")
      }
      return spaces.count > 1 && assessment.rowCount == 0 ? nil : assessment
    }
  }
}
