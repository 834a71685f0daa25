import DesignSpace
import Study
import Testing

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch { return "\(error)" }
}

private func makeProblem(limits: [MetricLimit]) throws -> Problem {
  try Problem(
    name: "test", space: try SearchSpace(parameters: [.integer("n", 1...4)]),
    metrics: [Metric("latency", unit: "ms"), Metric("area", unit: "mm2")],
    objectives: [Objective(.minimize, "latency")], limits: limits)
}

@Suite struct ProblemTests {
  @Test func outcomesAreJudgedByTheLimits() throws {
    let problem = try makeProblem(limits: [MetricLimit(parsing: "area<= 27")])
    #expect(problem.outcome(values: [3, 27]) == .measured([3, 27]))
    let over = problem.outcome(values: [3, 28])
    #expect(over == .infeasible(Infeasibility(.limit("area <= 27"), values: [3, 28])))
    #expect(problem.cost(of: over) == nil)
    #expect(problem.cost(of: .measured([3, 1])) == 3)
    // Another limit judges the same outcomes again.
    let loose = try makeProblem(limits: [MetricLimit("area", .atMost, 30)])
    #expect(loose.judging(over) == .measured([3, 28]))
    #expect(problem.judging(.measured([3, 28])) == over)
    let hidden = Outcome.infeasible(Infeasibility(.hidden("no mapping"), values: [nil, 12]))
    #expect(loose.judging(hidden) == hidden)
  }

  @Test func whatIsNoFiniteNumberIsAFailure() throws {
    let problem = try makeProblem(limits: [])
    #expect(
      problem.outcome(values: [.nan, 1])
        == .failed(EvaluationFailure(.garbage, "latency: got nan, expected a finite number")))
    #expect(
      problem.judging(.measured([1, .infinity]))
        == .failed(EvaluationFailure(.garbage, "area: got inf, expected a finite number")))
    #expect(
      problem.outcome(values: [1])
        == .failed(EvaluationFailure(.garbage, "got 1 values, expected 2")))
    #expect(
      "\(EvaluationFailure(.crash, "exit status 139"))" == "crash: exit status 139")
  }

  @Test func problemsAreChecked() throws {
    let space = try SearchSpace(parameters: [.boolean("b")])
    let make = { (metrics: [Metric], objectives: [Objective], limits: [MetricLimit]) in
      message {
        _ = try Problem(
          name: "p", space: space, metrics: metrics, objectives: objectives, limits: limits)
      }
    }
    let energy = Metric("energy", unit: "pJ")
    #expect(make([], [], []) == "metrics: got none, expected at least one")
    #expect(make([Metric("")], [], []) == "metrics: got an empty name, expected a name")
    #expect(
      make([energy, energy], [], []) == "metrics: got \"energy\" twice, expected distinct names")
    #expect(make([energy], [], []) == "objectives: got none, expected at least one")
    #expect(
      make([energy], [Objective(.minimize, "enery")], []) == """
        objective: unknown metric "enery"
        hint: did you mean "energy"? known: energy
        """)
    let twice = [Objective(.minimize, "energy"), Objective(.maximize, "energy")]
    #expect(
      make([energy], twice, [])
        == "objectives: got two on \"energy\", expected at most one a metric")
    #expect(
      make([energy], [Objective(.minimize, "energy")], [MetricLimit("area", .atMost, 1)]) == """
        limit: unknown metric "area"
        hint: known: energy
        """)
  }

  @Test func limitsAreReadFromText() throws {
    #expect(try MetricLimit(parsing: "area_mm2<=27") == MetricLimit("area_mm2", .atMost, 27))
    #expect(try MetricLimit(parsing: " a b >= -1.5e3 ") == MetricLimit("a b", .atLeast, -1_500))
    for text in ["area", "area<27", "<=2", "area<=", "area<=x", "area<=nan", "area<=1<=2"] {
      #expect(
        message { _ = try MetricLimit(parsing: text) }
          == "limit: got \"\(text)\", expected a metric, <= or >=, and a number, such as "
          + "area_mm2<=27")
    }
    #expect("\(MetricLimit("area", .atMost, 27))" == "area <= 27")
    #expect(MetricLimit("a", .atLeast, 2).allows(2) && !MetricLimit("a", .atLeast, 2).allows(1))
  }

  @Test func objectivesHaveADirection() {
    let objective = Objective(.maximize, "throughput")
    #expect(objective.isBetter(2, than: 1) && objective.cost(of: 2) == -2)
    #expect(!objective.isBetter(.nan, than: 1) && !objective.isBetter(1, than: .nan))
  }
}
