extension Problem {
  /// The outcome of an evaluation that gave values.
  ///
  /// - Parameter values: In the order of the metrics, in their units.
  /// - Returns: `failed` for a wrong count or a value that is no finite number, `infeasible` with the first limit that
  ///   is not respected, otherwise `measured`.
  public func outcome(values: [Double]) -> Outcome {
    guard values.count == metrics.count else {
      return .failed(
        EvaluationFailure(.garbage, "got \(values.count) values, expected \(metrics.count)"))
    }
    for (metric, value) in zip(metrics, values) where !value.isFinite {
      return .failed(
        EvaluationFailure(.garbage, "\(metric.name): got \(value), expected a finite number"))
    }
    for limit in limits {
      guard let index = index(ofMetric: limit.metric), !limit.allows(values[index]) else {
        continue
      }
      return .infeasible(Infeasibility(.limit(limit.description), values: values))
    }
    return .measured(values)
  }

  /// The outcome under the limits of this problem, whatever the limits were when it was recorded.
  ///
  /// Everything measured is judged again; hidden failures and known constraints stay what they are.
  public func judging(_ outcome: Outcome) -> Outcome {
    switch outcome {
    case .measured(let values): self.outcome(values: values)
    case .infeasible(let infeasibility):
      if case .limit = infeasibility.reason, infeasibility.values.count == metrics.count,
        !infeasibility.values.contains(nil)
      {
        self.outcome(values: infeasibility.values.compactMap { $0 })
      } else {
        outcome
      }
    case .failed: outcome
    }
  }

  /// The value of the first objective as something to minimize; `nil` unless the outcome is measured.
  public func cost(of outcome: Outcome) -> Double? {
    guard case .measured(let values) = outcome, let index = index(ofMetric: objectives[0].metric)
    else { return nil }
    return objectives[0].cost(of: values[index])
  }

  /// The values of all objectives as something to minimize, in the order of the objectives.
  ///
  /// - Parameter values: In the order of the metrics.
  public func costs(of values: [Double]) -> [Double] {
    objectives.compactMap { objective in
      index(ofMetric: objective.metric).map { objective.cost(of: values[$0]) }
    }
  }
}
