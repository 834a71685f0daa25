import BayesianOptimization
import DesignSpace
import Execution
import Foundation
import Search
import Study

/// Earlier studies for the search benchmark, played by evolution on problems of the same service.
///
/// Problems are named `family_workload_limit`, as in `accel_mobile_22`; the metric with the limit is what is used less the limit, so
/// that of another study is moved by the difference of the limits.
struct SearchTransfer {
  /// What is transferred.
  enum Kind: String {
    /// Nothing: the same designer, cold.
    case none
    /// Fifty evaluations at each of the other limits of the workload.
    case limits
    /// A hundred evaluations at the same limit of the other workload.
    case workload
    /// The same with costs turned over: what was bad looks good.
    case misleading
  }

  static let limits = [14, 18, 22, 27, 32, 40]
  static let workloads = ["mobile", "unet"]

  let kind: Kind
  let service: String

  func studies(for name: String, problem: Problem, seed: Int) throws -> TransferredStudies {
    let parts = name.split(separator: "_").map(String.init)
    guard parts.count == 3, let limit = Int(parts[2]) else { return TransferredStudies([]) }
    switch kind {
    case .none: return TransferredStudies([])
    case .limits:
      return TransferredStudies(
        try Self.limits.filter { $0 != limit }.map { other in
          try source(
            "\(parts[0])_\(parts[1])_\(other)", count: 50, shift: Double(other - limit), problem,
            seed: seed, isSameWorkload: true)
        })
    case .workload, .misleading:
      let other = Self.workloads.first { $0 != parts[1] } ?? parts[1]
      return TransferredStudies([
        try source(
          "\(parts[0])_\(other)_\(limit)", count: 100, shift: 0, problem, seed: seed,
          isSameWorkload: false)
      ])
    }
  }

  private func source(
    _ name: String, count: Int, shift: Double, _ problem: Problem, seed: Int, isSameWorkload: Bool
  ) throws -> TransferredStudies.Source {
    let played = try SearchService.problem(name, of: service)
    var designer = EvolutionDesigner(played.problem)
    var trials: [Trial] = []
    for id in 0..<count {
      var generator = Seed(UInt64(seed)).child("source \(name)", id).generator()
      guard let point = try designer.suggest(count: 1, using: &generator).first else { break }
      let outcome = try played.evaluate(point)
      designer.observe([
        Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: name))
      ])
      trials.append(
        Trial(
          id: id, point: point, outcome: moved(outcome, by: shift, problem),
          origin: .init(evaluator: name)))
    }
    return TransferredStudies.Source(name: name, trials: trials, isSameWorkload: isSameWorkload)
  }

  private func moved(_ outcome: Outcome, by shift: Double, _ problem: Problem) -> Outcome {
    func value(_ index: Int, _ value: Double) -> Double {
      if index > 0 { return value + shift }
      return kind == .misleading ? 1 / value : value
    }
    switch outcome {
    case .measured(let values):
      return problem.outcome(values: values.enumerated().map { value($0.offset, $0.element) })
    case .infeasible(let infeasibility):
      let values = infeasibility.values.enumerated().map { index, known in
        known.map { value(index, $0) }
      }
      let complete = values.compactMap { $0 }
      return complete.count == problem.metrics.count
        ? problem.outcome(values: complete)
        : .infeasible(Infeasibility(infeasibility.reason, values: values))
    case .failed: return outcome
    }
  }
}
