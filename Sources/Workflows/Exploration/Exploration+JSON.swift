import Study

extension Exploration.Finding {
  /// The finding as one JSON object on one line.
  public func json(of exploration: Exploration) -> String {
    let problem = exploration.problem
    var out = JSONText()
    out.raw("{\"workload\":")
    out.string(workload)
    out.raw(
      ",\"evaluations\":\(evaluationCount),\"feasible\":\(feasibleCount),\"failed\":\(failedCount),\"ending\":"
    )
    out.string(ending)
    out.raw(",\"best\":")
    if let best {
      out.raw("{\"evaluation\":\(best.evaluation),")
      write(best.design, problem, to: &out)
    } else {
      out.raw("null")
    }
    if transferCount > 0 {
      out.raw(",\"transferred\":{\"trials\":\(transferCount),\"best\":")
      if let bestTransferred {
        out.raw("{")
        write(bestTransferred, problem, to: &out)
      } else {
        out.raw("null")
      }
      out.raw("}")
    }
    if let baseline {
      out.raw(",\"baseline\":")
      baseline.write(problem, to: &out)
    }
    if let random {
      out.raw(
        ",\"random\":{\"evaluations\":\(random.evaluationCount),\"feasible\":\(random.feasibleCount),\"best\":"
      )
      if let best = random.best(of: random.evaluationCount) {
        out.number(best)
      } else {
        out.raw("null")
      }
      out.raw("}")
    }
    if let importance {
      out.raw(",\"importance\":{")
      var isFirst = true
      for (name, view) in [
        ("objective", importance.objective), ("feasibility", importance.feasibility),
      ] {
        guard let view else { continue }
        if !isFirst { out.raw(",") }
        isFirst = false
        out.string(name)
        out.raw(":")
        write(view, importance.parameters, to: &out)
      }
      out.raw("}")
    }
    if !changes.isEmpty {
      out.raw(",\"changes\":[")
      for (index, change) in changes.enumerated() {
        if index > 0 { out.raw(",") }
        write(change, problem, to: &out)
      }
      out.raw("]")
    }
    out.raw("}")
    return String(decoding: out.bytes, as: UTF8.self)
  }

  /// `"design":{...},"metrics":{...}}`.
  private func write(_ design: Exploration.Design, _ problem: Problem, to out: inout JSONText) {
    out.raw("\"design\":")
    out.design(design.values)
    out.raw(",")
    out.metrics(design.metrics, of: problem)
    out.raw("}")
  }

  private func write(
    _ view: ParameterImportance.View, _ names: [String], to out: inout JSONText
  ) {
    out.raw("{\"fit\":")
    out.number(view.fit)
    out.raw(",\"combinations\":")
    out.number(view.combinedShare)
    out.raw(",\"parameters\":{")
    for (index, name) in names.enumerated() {
      if index > 0 { out.raw(",") }
      out.string(name)
      out.raw(":")
      out.number(view.shares[index])
    }
    out.raw("}}")
  }

  private func write(_ change: DesignChange, _ problem: Problem, to out: inout JSONText) {
    out.raw("{\"parameter\":")
    out.string(change.parameter)
    out.raw(",\"from\":")
    out.string(change.from)
    out.raw(",\"to\":")
    out.string(change.to)
    for (name, value) in [
      ("expected", change.predicted), ("low", change.interval?.lowerBound),
      ("high", change.interval?.upperBound), ("works", change.feasibility),
    ] {
      guard let value, value.isFinite else { continue }
      out.raw(",\"\(name)\":")
      out.number(value)
    }
    switch change.outcome {
    case .measured(let values):
      out.raw(",")
      out.metrics(values, of: problem)
    case .infeasible(let infeasibility):
      out.raw(",\"infeasible\":")
      out.string(infeasibility.reason.description)
    case .failed(let failure):
      out.raw(",\"failed\":")
      out.string(failure.description)
    case nil: break
    }
    out.raw("}")
  }
}
