import DesignSpace
import Evaluation
import Foundation
import Study

/// A design that answers are compared with, such as today's machine, as the evaluator of the study sees it.
///
/// It may lie beyond limits, and does not count against the budget.
struct BaselineDesign: Codable, Hashable, Sendable {
  /// The workload, empty for a command.
  var workload: String
  /// Names of the active parameters.
  var names: [String]
  /// Their values.
  var values: [String]
  /// In the order of the problem's metrics; `nil` when it does not run.
  var metrics: [Double]?
  /// Why it does not run.
  var reason: String?

  /// The design in a line.
  var label: String { zip(names, values).map { "\($0)=\($1)" }.joined(separator: ", ") }

  /// What an evaluator said.
  init(_ outcome: Outcome, workload: String, values: [(name: String, value: String)]) {
    self.workload = workload
    names = values.map(\.name)
    self.values = values.map(\.value)
    switch outcome {
    case .measured(let values): metrics = values
    case .infeasible(let infeasibility):
      let known = infeasibility.values.compactMap { $0 }
      // Beyond a limit it is measured all the same.
      if case .limit = infeasibility.reason, known.count == infeasibility.values.count {
        metrics = known
      } else {
        reason = infeasibility.reason.description
      }
    case .failed(let failure): reason = failure.description
    }
    if let metrics, !metrics.allSatisfy(\.isFinite) {
      self.metrics = nil
      reason = "a metric is not finite"
    }
  }
}

extension Exploration {
  /// Where the baseline's metrics are kept.
  private var baselineFile: String { "\(folder)/baseline.json" }

  /// The point of the study's baseline; it has to be a design of the space, but may lie beyond limits.
  ///
  /// - Throws: `LogError.conflict` for an unknown parameter, a value it cannot take, and what the space rules out.
  static func baseline(_ study: StudyFile, in space: SearchSpace) throws -> Point? {
    guard let values = study.baseline else { return nil }
    do {
      let point = try space.point(values)
      if let violation = space.violations(of: point).first {
        throw LogError.conflict("\(study.path): baseline: \(violation)", hint: nil)
      }
      return point
    } catch let error as DesignSpaceError {
      throw LogError.conflict("\(study.path): baseline: \(error)", hint: nil)
    }
  }

  /// The baseline on every workload, evaluated once and kept in the run folder; empty without one.
  ///
  /// - Parameter evaluator: The study's, or an executor in its place.
  /// - Throws: `LogError` for a folder that cannot be written to, `CancellationError`.
  func measuredBaseline(by evaluator: any Evaluator) async throws -> [BaselineDesign] {
    guard let baseline else { return [] }
    if let known = recordedBaseline() { return known }
    var designs: [BaselineDesign] = []
    for context in contexts {
      designs.append(
        BaselineDesign(
          try await evaluator.evaluate(baseline, in: context), workload: context.id,
          values: values(of: baseline)))
    }
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try encoder.encode(designs).write(
        to: URL(fileURLWithPath: baselineFile), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: baselineFile, got: "\(error.localizedDescription)",
        expected: "a file that can be written", hint: nil)
    }
    return designs
  }

  /// Evaluates the baseline and nothing else, and ends the evaluator.
  ///
  /// - Parameters:
  ///   - takesOver: Whether another process that works on it, through an executor, is pushed aside.
  ///   - message: Gets what an executor has to say, for people.
  /// - Throws: As `measuredBaseline`, and with an executor `ExecutorError`, `DistributionError`.
  func measureBaselineAlone(takesOver: Bool, message: @escaping @Sendable (String) -> Void)
    async throws
  {
    if recordedBaseline() != nil { return }
    defer { (evaluator as? ProcessEvaluator)?.shutDown() }
    let distributed = try distributedEvaluator(takesOver: takesOver, note: message)
    defer { distributed?.end(isInterrupted: recordedBaseline() == nil) }
    _ = try await measuredBaseline(by: distributed ?? evaluator)
  }

  /// The baseline as it was evaluated; `nil` when it was not, or is another one now.
  func recordedBaseline() -> [BaselineDesign]? {
    guard let baseline, let data = FileManager.default.contents(atPath: baselineFile),
      let designs = try? JSONDecoder().decode([BaselineDesign].self, from: data)
    else { return nil }
    let now = values(of: baseline)
    let isSame =
      designs.map(\.workload) == contexts.map(\.id)
      && designs.allSatisfy { $0.names == now.map(\.name) && $0.values == now.map(\.value) }
    return isSame ? designs : nil
  }
}

extension BaselineDesign {
  /// The baseline beside an answer, in a line.
  ///
  /// - Parameter best: The answer's objective, `nil` where there is none.
  func text(_ problem: Problem, beside best: Double?) -> String {
    guard let metrics else { return "baseline: does not run, \(reason ?? "")" }
    let objective = problem.objectives[0]
    let place = problem.index(ofMetric: objective.metric) ?? 0
    let all = zip(problem.metrics, metrics).map { metric, value in
      "\(metric.name) \(readable(value))\(metric.unit.isEmpty ? "" : " \(metric.unit)")"
    }
    var text = "baseline: \(all.joined(separator: ", "))"
    if let best, let ratio = objective.gain(of: best, over: metrics[place]) {
      text += "; the best is \(ratio)"
    }
    return text
  }
}

extension Objective {
  /// How much better a value is than another one, in words; `nil` where a ratio says nothing.
  func gain(of value: Double, over other: Double) -> String? {
    guard value > 0, other > 0 else { return nil }
    let ratio = goal == .minimize ? other / value : value / other
    if ratio == 1 { return "as good" }
    return ratio > 1
      ? "\(readable(ratio, digits: 3)) times better"
      : "\(readable(1 / ratio, digits: 3)) times worse"
  }
}

extension BaselineDesign {
  /// `{"design":{...},"metrics":{...}}`, or with `"infeasible"`.
  func write(_ problem: Problem, to out: inout JSONText) {
    out.raw("{\"design\":")
    out.design(zip(names, values).map { ($0, $1) })
    if let metrics {
      out.raw(",")
      out.metrics(metrics, of: problem)
    } else {
      out.raw(",\"infeasible\":")
      out.string(reason ?? "")
    }
    out.raw("}")
  }
}
