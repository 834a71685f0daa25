import Study

extension LogAssessment {
  /// Rows a parameter that a model of the objective should have: the usual rule of ten observations a variable.
  static let rowsPerParameter = 10
  /// Rows of a kind below which nothing is said about it.
  static let fewRows = 10

  /// What follows from the figures, in plain words.
  func conclusions(_ catalog: LogCatalog) -> [Verdict] {
    var verdicts: [Verdict] = []
    func say(_ isYes: Bool, _ question: String, _ because: String) {
      verdicts.append(Verdict(isYes: isYes, question: question, because: because))
    }
    guard rowCount > 0 else {
      say(false, "answer anything", "it has no rows for this question")
      return verdicts
    }
    judgeObjective(say)
    judgeFeasibility(say)
    judgeCoverage(say)
    for answer in limits { judge(answer, say) }
    judgeWorkloads(catalog, say)
    judgeNoise(say)
    return verdicts
  }

  private typealias Say = (Bool, String, String) -> Void

  private func judgeObjective(_ say: Say) {
    guard let objective else {
      say(false, "say which design is better", "no metric has a direction")
      return
    }
    let question = "rank designs by \(objective.metric)"
    let needed = Self.rowsPerParameter * parameters.count
    if feasibleCount == 0 {
      say(false, question, "no row is feasible")
    } else if distribution.distinctCount < 2 {
      say(false, question, "all feasible rows have the same value")
    } else if feasibleCount < needed {
      say(
        false, question,
        "it has \(feasibleCount) feasible rows for \(parameters.count) parameters, \(needed) would "
          + "be ten a parameter")
    } else {
      say(
        true, question,
        "it has \(feasibleCount) feasible rows for \(parameters.count) parameters and "
          + "\(distribution.distinctCount)\(distribution.distinctCount == 1_000 ? " or more" : "") "
          + "different values")
    }
    if distribution.outlierCount > 0 {
      say(
        false, "trust the extremes of \(objective.metric) unseen",
        "\(distribution.outlierCount) values are far out (three interquartile ranges)")
    }
  }

  private func judgeFeasibility(_ say: Say) {
    let infeasible = rowCount - feasibleCount - failedCount
    let question = "tell feasible designs from infeasible ones"
    if infeasible == 0 {
      say(false, question, "every row is feasible")
    } else if infeasible < Self.fewRows || feasibleCount < Self.fewRows {
      say(false, question, "it has \(feasibleCount) feasible and \(infeasible) infeasible rows")
    } else {
      say(true, question, "it has \(feasibleCount) feasible and \(infeasible) infeasible rows")
    }
  }

  private func judgeCoverage(_ say: Say) {
    let unseen = levelTotal - levelsSeen
    if unseen > 0 {
      say(
        false, "speak of \(unseen) of \(levelTotal) parameter levels",
        "no row has them: anything there is extrapolation")
    } else if levelTotal > 0 {
      say(true, "speak of every parameter level", "each of the \(levelTotal) levels has rows")
    }
    if pairTotal > 0, pairsSeen < pairTotal {
      say(
        2 * pairsSeen >= pairTotal, "see how parameters act together",
        "\(pairsSeen) of \(pairTotal) pairs of levels have rows")
    }
    for name in constants where parameters.contains(where: { $0.name == name }) {
      say(false, "tell the effect of \(name)", "it never changes")
    }
    for dependency in dependencies {
      say(false, "tell apart columns that move together", dependency)
    }
  }

  private func judge(_ answer: LimitAnswer, _ say: Say) {
    let question = "find designs with \(answer.limit)"
    if answer.knownCount == 0 {
      say(false, question, "no row has a value of \(answer.limit.metric)")
    } else if answer.allowedCount == 0 {
      let best = answer.best.map { plainText(of: $0) } ?? "unknown"
      say(false, question, "no row respects it, the nearest value is \(best)")
    } else {
      say(
        answer.allowedCount >= Self.fewRows, question,
        "\(answer.allowedCount) of \(answer.knownCount) rows respect it")
    }
  }

  private func judgeWorkloads(_ catalog: LogCatalog, _ say: Say) {
    let question = "propose designs for a workload it has not seen"
    if contextCount == 0 {
      say(false, question, "its rows name no workload")
    } else if catalog.features.isEmpty {
      say(false, question, "its \(contextCount) workloads have no features to compare by")
    } else if contextCount < 5 {
      say(false, question, "it has \(contextCount) workloads, too few to learn what features do")
    } else {
      say(
        true, question,
        "it has \(contextCount) workloads with \(catalog.features.count) features each")
    }
    for workload in workloads {
      if workload.rowCount > 0 {
        say(true, "speak of workload \(workload.name)", "it has \(workload.rowCount) rows of it")
      } else if let nearest = workload.nearest.first {
        let typical = workload.typicalDistance ?? 0
        say(
          nearest.distance <= 2 * typical, "speak of workload \(workload.name)",
          "the nearest logged one, \(nearest.name), is \(hundredths(nearest.distance)) standard "
            + "deviations away; logged ones are typically \(hundredths(typical)) apart")
      } else {
        say(
          false, "speak of workload \(workload.name)",
          "it has no rows and no features to compare by")
      }
    }
  }

  private func judgeNoise(_ say: Say) {
    if repeats.contradictionCount > 0 {
      say(
        false, "be taken as one truth a design",
        "\(repeats.contradictionCount) designs have different results in different rows")
    }
    switch repeats.relativeNoise {
    case 0:
      say(true, "resolve small differences", "all repeats of a design agree to the last digit")
    case let noise?:
      say(
        false, "resolve differences below \(hundredths(200 * noise)) %",
        "repeats differ by \(hundredths(100 * noise)) % (standard deviation, "
          + "\(repeats.degreesOfFreedom) degrees of freedom)")
    case nil:
      say(false, "tell noise from effect", "no feasible design was measured twice")
    }
  }

  private func hundredths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return plainText(of: value) }
    return plainText(of: (value * 100).rounded() / 100)
  }
}
