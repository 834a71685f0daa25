import DesignSpace
import Foundation
import Interchange
public import SimulationLog
import Study

/// Adds evaluations to a log: one JSON object a line in, one answer a line out once the row is on the disk.
///
/// A line: `{"design": {"a": 1, "b": "x"}, "metrics": {"latency": 3.5}}`, or `"infeasible": "reason"` or
/// `"failed": "crash: reason"` in place of or beside the metrics; optional `workload`, `features` (for a new workload),
/// `space`, `id`, `split`, `seed`, `seconds`, `designer`, `evaluator`, `version`. An answer: `{"line":1,"row":17}`, or
/// `{"line":1,"error":"..."}`, after which the stream goes on.
public struct LogAppend {
  /// How many lines did what.
  public struct Summary: Hashable, Sendable {
    /// Lines that are now rows.
    public var appendedCount = 0
    /// Lines that were refused.
    public var refusedCount = 0
  }

  private let log: TrialLog

  /// Appends to a log opened for it.
  public init(to log: TrialLog) {
    self.log = log
  }

  /// Reads lines until the end; lines that arrive together are made durable together.
  ///
  /// - Parameters:
  ///   - descriptor: File descriptor to read.
  ///   - write: Takes the answers of lines that are on the disk.
  /// - Throws: `TrialLogError`, `BatchError`, `CancellationError`, what `write` throws.
  public func run(reading descriptor: Int32, write: (String) throws -> Void) throws -> Summary {
    var summary = Summary()
    var blocks = LineBlocks(descriptor: descriptor)
    var line = 0
    while let block = try blocks.next() {
      try Task.checkCancellation()
      var answers = ""
      try log.write { writer in
        for range in block.lineRanges {
          line += 1
          let text = block.bytes[range]
          guard text.contains(where: { $0 > 0x20 }) else { continue }
          do {
            let trial = try Self.trial(Data(text), writer: writer)
            answers += "{\"line\":\(line),\"row\":\(try writer.append(trial))}\n"
            summary.appendedCount += 1
          } catch let refusal as Refusal {
            var json = JSONText()
            json.string(refusal.problem)
            answers +=
              "{\"line\":\(line),\"error\":\(String(decoding: json.bytes, as: UTF8.self))}\n"
            summary.refusedCount += 1
          }
        }
      }
      try write(answers)
    }
    return summary
  }

  private struct Refusal: Error { var problem: String }

  private static let members = [
    "design", "metrics", "infeasible", "failed", "workload", "features", "space", "id", "split",
    "seed", "seconds", "designer", "evaluator", "version",
  ]

  private static func trial(_ line: Data, writer: TrialWriter) throws -> LoggedTrial {
    guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
      throw Refusal(problem: "got no JSON object, expected one with \"design\" and \"metrics\"")
    }
    for key in object.keys.sorted() where !members.contains(key) {
      throw Refusal(
        problem: "unknown member \"\(shortened(key))\"; "
          + suggestionText(for: key, among: members))
    }
    func text(_ key: String) throws -> String? {
      guard let value = object[key], !(value is NSNull) else { return nil }
      guard let text = value as? String else { throw Refusal(problem: "\(key): expected a text") }
      return text
    }
    func numbers(_ key: String) throws -> [String: Any] {
      guard let value = object[key], !(value is NSNull) else { return [:] }
      guard let map = value as? [String: Any] else {
        throw Refusal(problem: "\(key): expected an object")
      }
      return map
    }
    let catalog = writer.catalog
    let space = try spaceIndex(try text("space"), catalog)
    let point = try self.point(try numbers("design"), in: catalog.spaces[space])
    let metrics = try values(
      try numbers("metrics"), names: catalog.metrics.map(\.name), what: "metric")
    let verdict = try verdict(
      infeasible: try text("infeasible"), failed: try text("failed"), metrics, catalog)
    var trial = LoggedTrial(
      space: space, coordinates: point.coordinates, metrics: metrics, verdict: verdict)
    if let name = try text("workload") {
      let features = try values(
        try numbers("features"), names: catalog.features, what: "feature")
      trial.context = try writer.context(LogContext(name: name, features: features))
    } else if !catalog.contexts.isEmpty {
      throw Refusal(problem: "got no \"workload\", expected one: the log has workloads")
    }
    trial.label = try text("id")
    trial.split = try text("split")
    if let seed = object["seed"] as? NSNumber { trial.seed = seed.uint64Value }
    if let seconds = object["seconds"] as? Double, seconds.isFinite, seconds >= 0 {
      trial.seconds = seconds
    }
    trial.origin = LoggedTrial.Origin(
      designer: try text("designer"), evaluator: try text("evaluator"),
      version: try text("version"))
    return trial
  }

  private static func spaceIndex(_ name: String?, _ catalog: LogCatalog) throws -> Int {
    let names = catalog.spaces.map(\.name)
    guard let name else {
      guard names.count == 1 else {
        throw Refusal(
          problem: "got no \"space\", expected one of \(names.joined(separator: ", "))")
      }
      return 0
    }
    guard let index = names.firstIndex(of: name) else {
      throw Refusal(
        problem: "unknown space \"\(shortened(name))\"; " + suggestionText(for: name, among: names))
    }
    return index
  }

  private static func point(_ design: [String: Any], in space: LogSpace) throws -> Point {
    var values: [String: ParameterValue] = [:]
    let names = space.space.parameters.map(\.name)
    for (key, value) in design {
      let name = space.titles.firstIndex(of: key).map { names[$0] } ?? key
      guard names.contains(name) else {
        throw Refusal(
          problem: "design: unknown parameter \"\(shortened(key))\"; "
            + suggestionText(for: key, among: space.titles))
      }
      if let text = value as? String {
        values[name] = .text(text)
      } else if let number = value as? NSNumber {
        values[name] = isTruth(number) ? .truth(number.boolValue) : .number(number.doubleValue)
      } else {
        throw Refusal(
          problem: "design: \(shortened(key)): expected a number, a text or a truth value")
      }
    }
    do {
      return try space.space.point(values)
    } catch {
      throw Refusal(problem: "design: \(error.problem)")
    }
  }

  /// Whether a number came from `true` or `false`.
  private static func isTruth(_ number: NSNumber) -> Bool {
    // Foundation on Linux gives truth values the C type of a signed char and a value of 0 or 1; numbers of JSON are wider.
    String(cString: number.objCType) == "c"
  }

  private static func values(_ given: [String: Any], names: [String], what: String) throws
    -> [Double]
  {
    var values = [Double](repeating: .nan, count: names.count)
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let index = names.firstIndex(of: key) else {
        throw Refusal(
          problem: "unknown \(what) \"\(shortened(key))\"; "
            + suggestionText(for: key, among: names))
      }
      if value is NSNull { continue }
      guard let number = value as? NSNumber, number.doubleValue.isFinite else {
        throw Refusal(problem: "\(what) \"\(key)\": expected a finite number")
      }
      values[index] = number.doubleValue
    }
    return values
  }

  private static func verdict(
    infeasible: String?, failed: String?, _ metrics: [Double], _ catalog: LogCatalog
  ) throws -> LoggedTrial.Verdict {
    if let failed {
      guard infeasible == nil else {
        throw Refusal(problem: "got \"infeasible\" and \"failed\", expected one of them")
      }
      for kind in EvaluationFailure.Kind.allCases where failed.hasPrefix("\(kind.rawValue): ") {
        let detail = failed.dropFirst(kind.rawValue.count + 2)
        return .failed(EvaluationFailure(kind, String(detail)))
      }
      return .failed(EvaluationFailure(.crash, failed))
    }
    if let infeasible { return ReasonText.verdict(infeasible) }
    for objective in catalog.objectives {
      if let index = catalog.index(ofMetric: objective.metric), metrics[index].isNaN {
        throw Refusal(
          problem:
            "got no metric \"\(objective.metric)\", expected it, \"infeasible\" or \"failed\"")
      }
    }
    for limit in catalog.limits {
      if let index = catalog.index(ofMetric: limit.metric), !metrics[index].isNaN,
        !limit.allows(metrics[index])
      {
        return .infeasible(.limit(limit.description))
      }
    }
    return .feasible
  }

  private static func suggestionText(for name: String, among known: [String]) -> String {
    "known: \(known.prefix(40).joined(separator: ", "))"
  }
}
