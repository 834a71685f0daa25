import Foundation
import Testing

/// A study on a real Slurm, with everything ended that can end.
@Suite(.serialized) struct SlurmTests {
  /// - Parameter pause: Seconds an evaluation takes while there is a file `slow`.
  private static func sample(budget: Int, pause: Double, extra: String = "") throws -> ExploreSample
  {
    try ExploreSample(
      designer: "evolution", budget: budget, extra: extra, evaluatorKeys: "  version: \"1\"",
      script: "[ ! -e slow ] || sleep \(pause)", answering: ExploreSample.answeringWidely,
      range: "[0, 99]")
  }

  /// The log as a table, in its order, without times.
  private static func table(_ folder: String) throws -> String {
    let file = "\(folder).csv"
    let result = try DovetailProcess.run([
      "log", "export", "\(folder)/trials.sqlite", "--reproducible", "--out", file,
    ])
    #expect(result.code == 0, "\(result.errors)")
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  private static func tables(_ folder: String) throws -> [String] {
    try ["best", "importance", "changes"].map {
      try String(contentsOfFile: "\(folder)/tables/\($0).csv", encoding: .utf8)
    }
  }

  private static func wait(_ seconds: Double, until isDone: () throws -> Bool) async throws -> Bool
  {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
      if try isDone() { return true }
      try await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  private static func recordedCount(_ folder: String) -> Int {
    let text = try? String(contentsOfFile: "\(folder)/dovetail.log", encoding: .utf8)
    return (text ?? "").split(separator: "\n").count { $0.contains(" evaluation ") }
  }

  /// Waits for a driver that should succeed.
  private static func end(_ driver: Process, within seconds: Double, _ sample: ExploreSample)
    async throws
  {
    let hasEnded = try await wait(seconds) { !driver.isRunning }
    if !hasEnded { kill(driver.processIdentifier, SIGKILL) }
    driver.waitUntilExit()
    let jobs = "\((try? sample.text("said"))?.suffix(1_500) ?? "")"
    #expect(hasEnded, "\(jobs)")
    #expect(driver.terminationStatus == 0, "\(jobs)")
  }

  private static let settings = """
    kind: slurm
    partition: long
    time: "00:10:00"
    shardSize: 5
    pollSeconds: 0.3
    graceSeconds: 1
    backoffSeconds: 0.5
    attempts: 8
    """

  @Test(.enabled(if: SlurmCluster.isAvailable, "no slurm-wlm and munge, or not root"))
  func everyEvaluationIsThereExactlyOnce() async throws {
    let extra = "batch: 20\nparallel: 100"
    let sample = try Self.sample(budget: 300, pause: 0.1, extra: extra)
    defer { sample.remove() }
    try sample.write("slurm.yaml", Self.settings + "\ndirectives: [--no-requeue]\n")
    // The same study on this machine, one evaluation after the other.
    let alone = "\(sample.folder)/alone"
    let single = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    #expect(single.code == 0, "\(single.errors)")
    try sample.write("slow", "")

    let cluster = try SlurmCluster()
    defer { cluster.end() }
    let said = "\(sample.folder)/said"
    let first = ["explore", sample.study, "--out", sample.run]
    let executor = ["--executor-file", "\(sample.folder)/slurm.yaml"]
    var driver = try cluster.begin(first + executor, errors: said)
    // A node and its tasks.
    #expect(try await Self.wait(20) { Self.recordedCount(sample.run) >= 20 })
    #expect(try await Self.wait(10) { try !cluster.runningTasks().isEmpty })
    try cluster.kill("n1")
    // The driver; tasks go on without it.
    try await Task.sleep(for: .seconds(1))
    kill(driver.processIdentifier, SIGKILL)
    driver.waitUntilExit()
    #expect(driver.terminationReason == .uncaughtSignal)
    let before = Self.recordedCount(sample.run)
    #expect(before < 300)
    // The controller, before a new driver has come.
    try cluster.kill("slurmctld")
    driver = try cluster.begin(["explore", "--resume", sample.run], errors: said)
    try await Task.sleep(for: .seconds(2))
    try cluster.start("slurmctld")
    // The other node loses what it runs, too; the first one is mended.
    _ = try await Self.wait(20) { Self.recordedCount(sample.run) >= min(290, before + 40) }
    try cluster.start("n1")
    try cluster.kill("n2")
    try cluster.start("n2")
    // A quiet machine needs half a minute; a scheduler that lost both nodes takes its time on a busy one.
    try await Self.end(driver, within: 300, sample)

    let table = try Self.table(sample.run)
    let rows = table.split(separator: "\n").dropFirst()
    #expect(rows.count == 300)
    #expect(Set(rows).count == 300)
    #expect(table == (try Self.table(alone)))
    #expect(try Self.tables(sample.run) == Self.tables(alone))
    // Both nodes had work.
    let seen = try DovetailProcess.run(["watch", sample.run, "--once"]).output
    #expect(seen.contains("\n  n1 ") && seen.contains("\n  n2 "), "\(seen)")
    #expect(seen.contains("300 of 300"))
  }

  @Test(.enabled(if: SlurmCluster.isAvailable, "no slurm-wlm and munge, or not root"))
  func aRequeuedTaskGoesOnFromItsCheckpoint() async throws {
    let sample = try Self.sample(
      budget: 20, pause: 0.4, extra: "batch: 20\nparallel: 20")
    defer { sample.remove() }
    try sample.write("slow", "")
    try sample.write("slurm.yaml", Self.settings.replacing("shardSize: 5", with: "shardSize: 20"))
    let cluster = try SlurmCluster()
    defer { cluster.end() }
    let driver = try cluster.begin(
      [
        "explore", sample.study, "--out", sample.run, "--executor-file",
        "\(sample.folder)/slurm.yaml",
      ], errors: "\(sample.folder)/said")
    #expect(try await Self.wait(15) { sample.calls.count >= 4 })
    let task = try #require(try cluster.runningTasks().first)
    let job = try cluster.run(["squeue", "--noheader", "--format=%A", "--states=RUNNING"]).said
      .split(separator: "\n").first.map(String.init)
    try cluster.run(["scontrol", "requeue", try #require(job)])
    // Slurm keeps a requeued task for two minutes, unless told otherwise.
    _ = try await Self.wait(60) {
      try cluster.run(["scontrol", "update", "JobId=\(task)", "StartTime=now"])
      return !driver.isRunning
    }
    try await Self.end(driver, within: 5, sample)
    #expect(try Self.table(sample.run).split(separator: "\n").count == 21)
    // One at most was under way when the signal came.
    #expect((20...21).contains(sample.calls.count), "\(sample.calls.count)")
  }

  /// One evaluation hangs, once: its task is cancelled, the others of the array are left alone, and it is asked again.
  @Test(.enabled(if: SlurmCluster.isAvailable, "no slurm-wlm and munge, or not root"))
  func aTaskThatHangsIsCancelled() async throws {
    let sample = try ExploreSample(
      budget: 12, extra: "batch: 12\nparallel: 12", evaluatorKeys: "  version: \"1\"",
      script: "if mkdir hung 2>/dev/null; then sleep 5000; fi",
      answering: ExploreSample.answeringWidely, range: "[0, 99]")
    defer { sample.remove() }
    try sample.write("slurm.yaml", Self.settings + "\nsilenceSeconds: 5\n")
    let cluster = try SlurmCluster()
    defer { cluster.end() }
    let said = "\(sample.folder)/said"
    let driver = try cluster.begin(
      [
        "explore", sample.study, "--out", sample.run, "--executor-file",
        "\(sample.folder)/slurm.yaml",
      ], errors: said)
    try await Self.end(driver, within: 60, sample)
    #expect(try Self.table(sample.run).split(separator: "\n").count == 13)
    #expect(sample.calls.count == 13, "\(sample.calls.count)")
    let messages = try sample.text("said")
    #expect(messages.contains(", attempt 1 of 8: no evaluation finished in 5 s"), "\(messages)")
    #expect(try await Self.wait(20) { try cluster.runningTasks().isEmpty })
  }
}
