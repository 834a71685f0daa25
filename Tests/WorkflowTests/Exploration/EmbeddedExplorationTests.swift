import DesignSpace
import Foundation
import SimulationLog
import Study
import Testing

@testable import Workflows

/// Studies with the embedded cost model.
@Suite struct EmbeddedExplorationTests {
  private func folder() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-embedded-\(UUID().uuidString)").path
  }

  private func study(_ change: (inout StudyFile) -> Void = { _ in }) throws -> StudyFile {
    var study = try StudyFile(
      readingFile: Configs.root.appendingPathComponent("studies/gemmini-mlp.yaml").path)
    study.budget = 16
    study.parallel = 4
    study.designer = "evolution"
    change(&study)
    return study
  }

  /// What a run leaves behind, without times.
  private func traces(_ folder: String) throws -> [String] {
    let log = try TrialLog.open(file: "\(folder)/trials.sqlite")
    var rows: [String] = []
    try log.forEachTrial { row in
      rows.append("\(row.id) \(row.coordinates) \(row.metrics) \(row.verdict)")
      return true
    }
    let files = ["tables/best.csv", "tables/importance.csv", "tables/changes.csv", "resolved.yaml"]
    return try rows
      + files.map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
  }

  @Test func threadsDoNotMatterAndKillsNeither() async throws {
    var folders: [String] = []
    defer { for folder in folders { try? FileManager.default.removeItem(atPath: folder) } }
    var outputs: [[String]] = []
    for threads in [1, 2, 5] {
      let folder = folder()
      folders.append(folder)
      let exploration = try Exploration(study(), folder: folder, threadCount: threads)
      let result = try await exploration.run()
      outputs.append(
        try traces(folder) + result.findings.map { $0.text(of: exploration) }
          + result.findings.map { $0.json(of: exploration) })
    }
    #expect(outputs[0].count == 16 + 4 + 2)
    #expect(Set(outputs).count == 1)
    // Interrupted after some evaluations, and gone on with.
    let folder = folder()
    folders.append(folder)
    let task = Task {
      let exploration = try Exploration(study(), folder: folder, threadCount: 2)
      return try await exploration.run { state in
        if state.evaluationCount == 7 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    let partial = try await task.value
    #expect(partial.isInterrupted && partial.findings.count == 1)
    #expect(partial.findings[0].evaluationCount < 16)
    let exploration = try Exploration(study(), folder: folder, threadCount: 3)
    let result = try await exploration.run()
    let resumed =
      try traces(folder) + result.findings.map { $0.text(of: exploration) }
      + result.findings.map { $0.json(of: exploration) }
    #expect(resumed == outputs[0])
  }

  @Test func changesAreMeasuredAndNotCounted() async throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The best design is close to the limit, so that some changes break it.
    let study = try self.study {
      $0.limits = [MetricLimit("area_mm2", .atMost, 0.2)]
      $0.designer = "bayesian"
      $0.budget = 25
    }
    let exploration = try Exploration(study, folder: folder, threadCount: 2)
    let result = try await exploration.run()
    let finding = result.findings[0]
    #expect(finding.evaluationCount == 25 && !finding.changes.isEmpty)
    let best = try #require(finding.best)
    for change in finding.changes {
      let value = best.design.values.first { $0.name == change.parameter }?.value
      #expect(change.from == value && change.to != value)
      #expect(change.outcome != nil && (0...1).contains(change.feasibility))
    }
    // Reference: the evaluator itself.
    let evaluator = exploration.evaluator
    let neighbors = exploration.problem.space.neighbors(of: best.design.point)
    #expect(neighbors.count == finding.changes.count)
    var infeasibleCount = 0
    for (neighbor, change) in zip(neighbors, finding.changes) {
      let outcome = exploration.problem.judging(
        try await evaluator.evaluate(neighbor, in: exploration.contexts[0]))
      #expect(change.outcome == outcome)
      if case .infeasible = outcome { infeasibleCount += 1 }
    }
    #expect(infeasibleCount > 0)
  }

  @Test func trialsOfTheSameNetworkAreTakenFromARunOnTwo() async throws {
    let (first, second) = (folder(), folder())
    defer { for path in [first, second] { try? FileManager.default.removeItem(atPath: path) } }
    let two = try study {
      $0.workloads.append("../workloads/mlp-recommendation.yaml")
      $0.budget = 4
    }
    let findings = try await Exploration(two, folder: first).run(isAnalyzed: false).findings
    #expect(findings.map(\.workload) == ["mlp-mnist", "mlp-recommendation"])
    #expect(findings.allSatisfy { $0.evaluationCount == 4 })
    let one = try study {
      $0.transfer = [.init(path: first)]
      $0.cache = [.init(path: first)]
      $0.budget = 4
    }
    let exploration = try Exploration(one, folder: second)
    #expect(
      exploration.notes == [
        "cache: \(first)/trials.sqlite: 4 of 8 trials used, 4 of other workloads",
        "transfer: mlp-mnist: \(first)/trials.sqlite: 4 of 8 trials used, 4 of other workloads",
        "transfer: mlp-mnist: the best designs on mlp-recommendation are tried first",
      ])
    let result = try await exploration.run(isAnalyzed: false)
    let finding = result.findings[0]
    #expect(finding.transferCount == 4 && finding.evaluationCount == 4)
    // The designer knows them: they are not asked for again, so the cache has nothing to do.
    #expect(result.cachedCount == 0)
    // The same study without transfer asks for the same designs, which are all known.
    let cached = try study {
      $0.cache = [.init(path: first)]
      $0.budget = 4
    }
    let again = try await Exploration(cached, folder: "\(second)/again").run(isAnalyzed: false)
    #expect(again.cachedCount == 4)
    // As texts, since none is equal to none.
    let (before, after) = (findings[0].bestSoFar, again.findings[0].bestSoFar)
    #expect(after.map { $0.description } == before.map { $0.description })
  }

  @Test func anotherEvaluatorOrNetworkIsNotMixedIn() async throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await Exploration(study { $0.budget = 3 }, folder: folder).run(isAnalyzed: false)
    let log = try TrialLog.open(file: "\(folder)/trials.sqlite", access: .appending)
    #expect(try log.catalog().contexts.map(\.name) == ["mlp-mnist"])
    // A row of another version, as a changed template would leave.
    let exploration = try Exploration(study { $0.budget = 5 }, folder: folder)
    let point = try exploration.problem.space.point(
      coordinates: #require(try log.firstTrial()).coordinates)
    let foreign = Trial(
      id: 9, point: try #require(point), context: "mlp-mnist", outcome: .measured([1, 1, 1]),
      origin: Trial.Origin(evaluator: exploration.evaluator.name, evaluatorVersion: "older"))
    try log.append(foreign, of: exploration.problem, context: exploration.contexts[0])
    await #expect(
      throws: LogError.conflict(
        "\(folder): the evaluator, or its version, changed since the run began",
        hint:
          "undo the change, or begin another run with --out; it may name this one under transfer")
    ) { try await exploration.run() }
  }

  @Test(arguments: Configs.paths("sweeps"))
  func shippedSweepsResolveAndReadBack(path: String) async throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try SweepFile(readingFile: path)
    #expect(path.hasSuffix("/\(file.name).yaml"))
    #expect(file.combinations.count >= 4)
    if file.engine != .offline {
      #expect(file.shares.reduce(0, +) == file.budget)
      _ = try Sweep(file, folder: folder)
    } else {
      // Opening one would import a whole log.
      try SweepFolder(path: folder).prepare(file)
    }
    let again = try SweepFile(readingFile: "\(folder)/sweep.yaml")
    #expect(again.combinations == file.combinations && again.shares == file.shares)
    #expect(again.engine == file.engine && again.resolvedText == file.resolvedText)
    guard file.engine == .explore else { return }
    let recorded = try await Sweep(again, folder: folder).recorded()
    #expect(!recorded.isFeasible)
  }

  @Test(arguments: Configs.paths("studies").filter { !$0.contains("/codesign-") })
  func shippedStudiesResolveAndReadBack(path: String) throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try StudyFile(readingFile: path)
    #expect(path.hasSuffix("/\(file.name).yaml"))
    let exploration = try Exploration(file, folder: folder)
    #expect(!exploration.problem.metrics.isEmpty && exploration.designer.reason != nil)
    // The resolved study is one, and resolves to itself.
    let resolved = try StudyFile(readingFile: "\(folder)/resolved.yaml")
    let text = try String(contentsOfFile: "\(folder)/resolved.yaml", encoding: .utf8)
    let again = Exploration.resolvedText(
      resolved, folder: folder, problem: exploration.problem, choice: exploration.designer.choice,
      reason: exploration.designer.reason)
    #expect(again == text)
    _ = try Exploration(resolved, folder: folder)
  }

  @Test func everyFolderOfConfigsHasATest() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Configs.root.path)
      .filter { !$0.contains(".") }.sorted()
    // Each kind is resolved file by file: by this suite, ShippedConfigTests, SpaceFileTests, TemplateTests,
    // ConstraintsFileTests, RoundTripTests and, for sweeps, the tests of its command.
    let known = [
      "architectures", "constraints", "mappings", "spaces", "studies", "sweeps", "templates",
      "workloads",
    ]
    #expect(folders.filter { !known.contains($0) } == [])
  }
}

extension TrialLog {
  fileprivate func firstTrial() throws -> LoggedTrial? {
    var first: LoggedTrial?
    try forEachTrial {
      first = $0
      return false
    }
    return first
  }
}
