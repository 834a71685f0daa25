import DesignSpace
import Execution
import Foundation
import GRDB
import Search
import SimulationLog
import Study
import Testing

struct StudyBridgeTests {
  static func problem(bound: Double = 12) throws -> Problem {
    let space = try SearchSpace(
      parameters: [.integer("x", 1...16), .levels("y", [1, 2, 4, 8]), .real("z", 0...1)],
      constraints: ["x * y <= 64", "y divides x"])
    return try Problem(
      name: "toy", space: space, metrics: [Metric("time", unit: "ms"), Metric("area")],
      objectives: [Objective(.minimize, "time")], limits: [MetricLimit("area", .atMost, bound)])
  }

  /// Every kind of outcome: `x` of 13 does not compile, 14 crashes, areas above the bound are over the limit.
  static func outcome(_ point: Point, _ problem: Problem) throws -> Outcome {
    guard case .number(let x)? = problem.space.value(of: 0, at: point),
      case .number(let z)? = problem.space.value(of: 2, at: point)
    else { return .failed(EvaluationFailure(.garbage, "no number")) }
    if x == 13 { return .infeasible(Infeasibility(.hidden("no mapping"), values: [nil, 3])) }
    if x == 14 { return .failed(EvaluationFailure(.crash, "exit status 139")) }
    return problem.outcome(values: [(x - 7) * (x - 7) + z, x])
  }

  @Test func aSearchWritesItsTrialsAndGoesOnFromThem() async throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    let problem = try Self.problem()
    let origin = Trial.Origin(evaluator: "toy", evaluatorVersion: "1", seed: .max, seconds: 0.25)
    func search(_ recorded: [Trial], _ count: Int, _ log: TrialLog?) async throws -> [Trial] {
      var designer = EvolutionDesigner(problem)
      return try await runSearch(
        of: problem, with: &designer, budget: SearchBudget(evaluationCount: count), seed: Seed(4),
        context: Context(id: "net", features: [2]), origin: origin, recorded: recorded,
        evaluate: { point, _ in try Self.outcome(point, problem) },
        record: { try log?.append($0, of: problem, context: Context(id: "net", features: [2])) }
      ).trials
    }
    let whole = try await search([], 60, nil)
    var catalog = LogCatalog(problem)
    catalog.features = ["macs"]
    let log = try TrialLog.create(file: sample.file, catalog: catalog)
    let first = try await search([], 25, log)
    let (back, dropped) = try log.trials(of: problem)
    #expect(back == first && dropped.isEmpty)
    let rest = try await search(back, 60, log)
    #expect(rest == whole)
    let reopened = try TrialLog.open(file: sample.file)
    #expect(try reopened.trials(of: problem).trials == whole)
    let read = try reopened.catalog()
    #expect(read == catalog.with(LogContext(name: "net", features: [2])))
    #expect(try read.problem() == problem)
    #expect(read.spaces[0].space.constraints.map(\.text) == ["x * y <= 64", "y divides x"])
  }

  @Test func rowsAreMatchedByNameAndJudgedAgain() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    let wide = try SearchSpace(parameters: [
      .real("z", 0...10), .integer("x", 1...99), .levels("y", [1, 2, 4, 8, 16]),
    ])
    var catalog = LogCatalog()
    catalog.spaces = [
      LogSpace(name: "w", space: wide),
      LogSpace(name: "v", space: try SearchSpace(parameters: [.boolean("b")])),
    ]
    catalog.metrics = [Metric("area"), Metric("power"), Metric("time")]
    catalog.objectives = [Objective(.minimize, "time")]
    let log = try TrialLog.create(file: sample.file, catalog: catalog)
    let over = LoggedTrial.Verdict.infeasible(.limit("area <= 5"))
    let rows: [([Double], [Double], LoggedTrial.Verdict)] = [
      ([0.5, 3, 2], [6, 1, 9], over),  // x = 4, y = 4: feasible under the bound of 12
      ([0.5, 3, 2], [20, .nan, 9], .feasible),  // over the bound now
      ([0.5, 3, 2], [.nan, 1, 9], .feasible),
      ([0.5, 98, 2], [6, 1, 9], .feasible),  // x = 99
      ([5, 3, 2], [6, 1, 9], .feasible),  // z = 5
      ([0.5, 3, 2], [.nan, 1, .nan], .infeasible(.hidden("hm"))),
    ]
    for (coordinates, metrics, verdict) in rows {
      try log.append(
        LoggedTrial(space: 0, coordinates: coordinates, metrics: metrics, verdict: verdict))
    }
    try log.append(
      LoggedTrial(space: 1, coordinates: [1], metrics: [1, 1, 1], verdict: .feasible))
    let problem = try Self.problem()
    let (trials, dropped) = try log.trials(of: problem)
    let point = try problem.space.point(["x": 4, "y": 4, "z": 0.5])
    #expect(trials.map(\.point) == [point, point, point])
    #expect(trials.map(\.id) == [0, 1, 5])
    #expect(
      trials.map(\.outcome) == [
        .measured([9, 6]),
        .infeasible(Infeasibility(.limit("area <= 12"), values: [9, 20])),
        .infeasible(Infeasibility(.hidden("hm"))),
      ])
    #expect(
      dropped.map { "\($0.count) \($0.reason)" } == [
        "2 a design that is not in the problem's space", "1 a metric of the problem is missing",
        "1 another space",
      ])
    // Replayed into a designer: known designs are not suggested again.
    var designer = RandomDesigner(problem)
    designer.observe(trials)
    let error = #expect(throws: TrialLogError.self) {
      try log.append(trials[0], of: problem)
    }
    #expect(
      error?.description
        == "\(sample.file): the log has no space or metrics of \"toy\"\nhint: known: w, v")
  }

  @Test func aLogOfSomethingElseIsRefused() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    let log = try TrialLog.create(file: sample.file, catalog: try SampleLog.catalog())
    let error = #expect(throws: TrialLogError.self) { try log.trials(of: try Self.problem()) }
    #expect(
      error?.description
        == "\(sample.file): the log has no metric \"time\"\nhint: known: latency, area")
  }

  @Test func logsOfTheFirstSchemaAreReadAndBroughtUpToDate() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    do {
      let log = try TrialLog.create(
        file: sample.file, catalog: try SampleLog.catalog(), access: .filling)
      try log.append(SampleLog.trial([0, 1, 2], [3, 1]))
      try log.finish()
      let queue = try DatabaseQueue(path: sample.file)
      try queue.write { database in
        try database.execute(
          sql: """
            DROP TABLE constraints; DROP TABLE asks; DROP TABLE requests; DROP TABLE searches;
            PRAGMA user_version = 1
            """)
      }
      try queue.close()
    }
    let before = try TrialLog.open(file: sample.file)
    #expect(try before.catalog() == SampleLog.catalog())
    #expect(try before.trialCount() == 1)
    let log = try TrialLog.open(file: sample.file, access: .appending)
    try log.write { writer in
      #expect(try writer.searchSetup() == nil)
      try writer.begin(SearchSetup(designer: "random", seed: .max))
      #expect(try writer.searchSetup() == SearchSetup(designer: "random", seed: .max))
    }
    try log.append(SampleLog.trial([0, 1, 2], [3, 1]))
    #expect(try log.trialCount() == 2)
  }
}

extension LogCatalog {
  fileprivate func with(_ context: LogContext) -> LogCatalog {
    var catalog = self
    catalog.contexts.append(context)
    return catalog
  }
}
