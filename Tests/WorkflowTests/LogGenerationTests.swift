import DesignSpace
import Execution
import Foundation
import SimulationLog
import Study
import Testing
import Workflows
import Workload

@Suite struct LogGenerationTests {
  static func generation(
    count: Int, threads: Int, seed: UInt64 = 5, rowLimit: Int? = nil
  ) throws -> LogGeneration {
    let layers = [
      try Layer.matrixProduct(name: "a", rows: 8, columns: 64, inner: 300),
      try Layer.matrixProduct(name: "b", rows: 1, columns: 16, inner: 1_500),
    ]
    let workloads = ["first", "second"].map { name in
      ResolvedWorkload(
        network: Network(name: name, entries: layers.map { .init(layer: $0) }),
        zeroShares: [nil, nil])
    }
    return try LogGeneration(
      template: TemplateTests.template("prime-edge"), workloads: workloads, feasibleCount: count,
      rowLimit: rowLimit, seed: Seed(seed), threadCount: threads, evaluationLimit: 40)
  }

  static func temporaryFile() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-generate-\(UUID().uuidString).sqlite").path
  }

  static func rows(_ file: String) throws -> [LoggedTrial] {
    var rows: [LoggedTrial] = []
    try TrialLog.open(file: file).forEachTrial { trial in
      var trial = trial
      trial.seconds = nil
      // Not-a-number is not equal to itself.
      trial.metrics = trial.metrics.map { $0.isNaN ? -1 : $0 }
      rows.append(trial)
      return true
    }
    return rows
  }

  @Test func rowsDoNotDependOnThreads() async throws {
    let files = (0..<2).map { _ in Self.temporaryFile() }
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    for (file, threads) in zip(files, [1, 3]) {
      let summary = try await Self.generation(count: 6, threads: threads).run(out: file)
      #expect(summary.isComplete)
      for workload in summary.workloads {
        #expect(workload.feasibleCount == 6)
        let explained = workload.reasons.reduce(0) { $0 + $1.count }
        #expect(explained == workload.rowCount - 6)
      }
    }
    let rows = try Self.rows(files[0])
    let feasible = rows.count(where: \.isFeasible)
    #expect(feasible == 12)
    #expect(rows == (try Self.rows(files[1])))
  }

  @Test func aRunThatEndedEarlyIsContinued() async throws {
    let files = (0..<2).map { _ in Self.temporaryFile() }
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    // As after a kill: the second workload has not begun.
    _ = try await Self.generation(count: 4, threads: 2, rowLimit: 3).run(out: files[0])
    let before = try Self.rows(files[0])
    let first = before.filter { $0.context == 0 }
    let summary = try await Self.generation(count: 4, threads: 2).run(out: files[0])
    #expect(summary.workloads[0].resumedCount == first.count)
    _ = try await Self.generation(count: 4, threads: 1).run(out: files[1])
    for context in 0..<2 {
      let continued = try Self.rows(files[0]).filter { $0.context == context }
      let whole = try Self.rows(files[1]).filter { $0.context == context }
      #expect(continued.map(\.coordinates) == whole.map(\.coordinates))
      #expect(continued.map(\.metrics) == whole.map(\.metrics))
      #expect(continued.map(\.verdict) == whole.map(\.verdict))
    }
  }

  @Test func aLogOfAnotherSeedIsRefused() async throws {
    let file = Self.temporaryFile()
    defer { try? FileManager.default.removeItem(atPath: file) }
    _ = try await Self.generation(count: 1, threads: 1).run(out: file)
    await #expect {
      _ = try await Self.generation(count: 2, threads: 1, seed: 6).run(out: file)
    } throws: { error in
      "\(error)"
        == "\(file): this log is of another run: row 1 is of another seed, template or budget\n"
        + "hint: give another --out, or the template, seed and budget it was made with"
    }
  }

  @Test func cancellationKeepsRows() async throws {
    let file = Self.temporaryFile()
    defer { try? FileManager.default.removeItem(atPath: file) }
    let generation = try Self.generation(count: 100_000, threads: 2)
    let task = Task { try await generation.run(out: file) }
    while (try? TrialLog.open(file: file).trialCount()) ?? 0 < 3 {
      try await Task.sleep(for: .milliseconds(20))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(try TrialLog.open(file: file).trialCount() >= 3)
  }
}
