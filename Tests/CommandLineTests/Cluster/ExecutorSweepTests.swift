import Foundation
import Testing

/// Sweeps of co-searches whose layers are mapped by processes of this machine.
@Suite struct ExecutorSweepTests {
  private static func toy(_ extra: String = "") throws -> CoSearchSweepCommandTests.Toy {
    try .init(
      "sweep: [{limit: pes, values: [4, 64]}]\nbudget: 4",
      extra: extra)
  }

  private static func expectEqualTables(_ toy: CoSearchSweepCommandTests.Toy, _ run: String) throws
  {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(toy.folder)/whole/tables")
    #expect(!names.isEmpty)
    for name in names.sorted() {
      #expect(try toy.text("\(run)/tables/\(name)") == toy.text("whole/tables/\(name)"), "\(name)")
    }
    for step in 1...2 {
      let file = "seed-1/step-0\(step).json"
      #expect(try toy.text("\(run)/\(file)") == toy.text("whole/\(file)"), "\(file)")
      #expect(
        FileManager.default.fileExists(
          atPath: "\(toy.folder)/\(run)/seed-1/step-0\(step)/cluster/batch-000001/manifest.jsonl"))
    }
  }

  /// The driver is killed in a first step, between steps and in a later one; the result is that of one process.
  @Test func aKilledSweepGoesOnToTheResultOfOneProcess() throws {
    let toy = try Self.toy("baseline: {columns: 4, rows: 4, words: 16, buffer: 1024}")
    let whole = try toy.answer(["--json", "--threads", "1"], out: "whole")
    #expect(whole.code == 0, "\(whole.errors)")
    for sign in ["step-01/state/1.json", "step-01.json", "step-02/state/0.json"] {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments =
        ["sweep", "\(toy.folder)/sweep.yaml", "--out", "\(toy.folder)/run", "--quiet"]
        + ExecutorCommandTests.processes
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      let file = "\(toy.folder)/run/seed-1/\(sign)"
      while !FileManager.default.fileExists(atPath: file), process.isRunning { usleep(1_000) }
      #expect(process.isRunning, "\(sign)")
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try DovetailProcess.run(
      ["sweep", "--resume", "\(toy.folder)/run", "--quiet", "--json"]
        + ExecutorCommandTests.processes)
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == whole.output)
    try Self.expectEqualTables(toy, "run")
    // The baseline's searches are tasks, too.
    #expect(
      FileManager.default.fileExists(
        atPath: "\(toy.folder)/run/baseline/cluster/batch-000001/manifest.jsonl"))
  }

  @Test func theStudysExecutorIsUsedAndMayBeOverruled() throws {
    let toy = try Self.toy("executor: {kind: processes, processors: 2}")
    let whole = try toy.answer(["--json", "--executor", "local"], out: "whole")
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(!FileManager.default.fileExists(atPath: "\(toy.folder)/whole/seed-1/step-01/cluster"))
    let result = try toy.answer(out: "run")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == whole.output)
    try Self.expectEqualTables(toy, "run")
  }

  /// Another driver on a step refuses the sweep, with the step's folder.
  @Test func aSecondDriverIsRefused() throws {
    let toy = try Self.toy()
    let folder = "\(toy.folder)/run/seed-1/step-01/cluster"
    let first = try toy.answer(["--executor", "local"])
    #expect(first.code == 0, "\(first.errors)")
    try FileManager.default.removeItem(atPath: "\(toy.folder)/run/seed-1/step-01.json")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    chmod(folder, 0o700)
    let time = Date().timeIntervalSince1970
    try toy.write(
      "{\"host\":\"elsewhere\",\"mark\":1,\"process\":7,\"time\":\(time)}",
      "run/seed-1/step-01/cluster/lease.json")
    let refused = try toy.answer(ExecutorCommandTests.processes)
    #expect(refused.code == 2)
    #expect(
      refused.errors.contains("step-01/cluster: got a run that process 7 on elsewhere works on"),
      "\(refused.errors)")
    let taken = try toy.answer(ExecutorCommandTests.processes + ["--take-over", "--json"])
    #expect(taken.code == 0, "\(taken.errors)")
    #expect(taken.output.contains("\"pes <= 4\""))
  }
}
