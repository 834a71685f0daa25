import DesignSpace
import Execution
import Foundation
import SimulationLog
import Study
import Testing

@testable import Workflows

/// A problem of two numbers in `[0, 9]` with a cost and an area.
struct StudyProblem {
  let problem: Problem
  let folder: String

  init(limit: Double? = nil) throws {
    let space = try SearchSpace(parameters: [.integer("a", 0...9), .integer("b", 0...9)])
    problem = try Problem(
      name: "toy", space: space, metrics: [Metric("t"), Metric("area")],
      objectives: [Objective(.minimize, "t")],
      limits: limit.map { [MetricLimit("area", .atMost, $0)] } ?? [])
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-study-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  func point(_ a: Int, _ b: Int) throws -> Point {
    try problem.space.point([.number(Double(a)), .number(Double(b))])
  }

  /// A trial with cost and area, judged by the problem; without them it fails.
  func trial(
    _ id: Int, _ a: Int, _ b: Int, _ values: [Double]?, context: String = "",
    evaluator: String = "sim", version: String = "", seconds: Double? = nil
  ) throws -> Trial {
    let outcome =
      values.map { problem.outcome(values: $0) }
      ?? .failed(EvaluationFailure(.crash, "no licence"))
    return Trial(
      id: id, point: try point(a, b), context: context, outcome: outcome,
      origin: Trial.Origin(evaluator: evaluator, evaluatorVersion: version, seconds: seconds))
  }

  /// A log with trials.
  func log(_ name: String, _ trials: [Trial], features: [String: [Double]] = [:]) throws -> String {
    let file = "\(folder)/\(name)"
    var catalog = LogCatalog(problem)
    if !features.isEmpty { catalog.features = WorkloadFeatures.names }
    let log = try TrialLog.create(file: file, catalog: catalog)
    for trial in trials {
      try log.append(
        trial, of: problem,
        context: Context(id: trial.context, features: features[trial.context] ?? []))
    }
    return file
  }

  /// A study of the problem that reads nothing.
  func study(_ extra: String = "", budget: Int = 10) throws -> StudyFile {
    let text =
      "name: toy\nspace: s.yaml\nevaluator: {command: sim}\nminimize: t\nbudget: \(budget)\n"
      + extra
    return try StudyFile(parsing: Data(text.utf8), named: "\(folder)/study.yaml")
  }
}

/// The message of an error.
func problemText(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
