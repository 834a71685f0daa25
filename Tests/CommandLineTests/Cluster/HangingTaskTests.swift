import Foundation
import Testing

/// Tasks that run and finish nothing: ended, handed out again, and given up after the last attempt.
@Suite struct HangingTaskTests {
  /// A sleep that no other program has, so that what is left of it is found.
  private struct Hang {
    let seconds = Int.random(in: 1_000_000...9_999_999)

    var processes: [Int32] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.compactMap { Int32($0) }.filter { id in
        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else {
          return false
        }
        return String(decoding: data, as: UTF8.self) == "sleep\0\(seconds)\0"
      }
    }
  }

  private static func run(
    _ sample: ExploreSample, _ more: String = "", attempts: Int = 5, kind: String = "processes"
  ) throws -> DovetailProcess.Result {
    try sample.write(
      "executor.yaml",
      "kind: \(kind)\nattempts: \(attempts)\nbackoffSeconds: 0\nsilenceSeconds: 3\n\(more)")
    return try DovetailProcess.run([
      "explore", sample.study, "--out", sample.run, "--executor-file",
      "\(sample.folder)/executor.yaml",
    ])
  }

  private static func events(_ sample: ExploreSample) throws -> [String] {
    let cluster = "\(sample.run)/cluster"
    return try FileManager.default.contentsOfDirectory(atPath: cluster).sorted().flatMap { name in
      let text = try? String(contentsOfFile: "\(cluster)/\(name)/events.jsonl", encoding: .utf8)
      return (text ?? "").split(separator: "\n").map(String.init)
    }
  }

  /// - Parameter hanging: What the evaluator does once.
  private static func expectTheSameAsAlone(
    kind: String = "processes", hanging: (Hang) -> String
  ) throws {
    let hang = Hang()
    let sample = try ExecutorCommandTests.sample(
      script: "if [ -e armed ] && mkdir hung 2>/dev/null; then \(hanging(hang)); fi")
    defer { sample.remove() }
    let alone = "\(sample.folder)/alone"
    _ = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    try sample.write("armed", "")
    let result = try run(sample, kind: kind)
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.errors.contains(", attempt 1 of 5: no evaluation finished in 3 s"), "\(result.errors)")
    #expect(
      try ExecutorCommandTests.table("\(sample.run)/trials.sqlite")
        == ExecutorCommandTests.table("\(alone)/trials.sqlite"))
    let lost = try events(sample).filter { $0.contains("\"lost\"") }
    #expect(!lost.isEmpty && lost[0].contains("no evaluation finished in 3 s"), "\(lost)")
    #expect(hang.processes == [])
  }

  @Test func anEvaluationThatHangsOnceIsAskedAgain() throws {
    try Self.expectTheSameAsAlone { "sleep \($0.seconds)" }
  }

  /// Its worker is found by the name of its checkpoint.
  @Test(.enabled(if: ExecutorCommandTests.hasParallel)) func aTaskOfParallelIsEnded() throws {
    try Self.expectTheSameAsAlone(kind: "parallel") { "sleep \($0.seconds)" }
  }

  /// A worker that is stopped shows no sign of life at all, and hears nothing until it is woken.
  @Test func aWorkerThatIsStoppedIsEnded() throws {
    try Self.expectTheSameAsAlone { "kill -STOP $PPID; sleep \($0.seconds)" }
  }

  /// Two of twelve designs always hang, in shards with others: only they are failures.
  @Test func designsThatAlwaysHangFailAlone() throws {
    let hang = Hang()
    let sample = try ExecutorCommandTests.sample(
      budget: 12, script: "[ \"$((a % 6))\" != 3 ] || sleep \(hang.seconds)",
      extra: "batch: 12\nparallel: 12")
    defer { sample.remove() }
    let result = try Self.run(sample, "shardSize: 6\ntasksAtOnce: 6\n", attempts: 2)
    #expect(result.code == 0, "\(result.errors)")
    let rows = try ExecutorCommandTests.table("\(sample.run)/trials.sqlite").split(separator: "\n")
    #expect(rows.count == 13)
    let failed = rows.filter { $0.contains("crash") }
    let hanging = Set(
      sample.calls.filter { call in
        Int(call.split(separator: " ")[0]).map { $0 % 6 == 3 } ?? false
      })
    #expect(!hanging.isEmpty)
    #expect(failed.count == hanging.count, "\(failed)")
    #expect(
      failed.allSatisfy { $0.contains("no result in 2 attempts, no evaluation finished in 3 s") },
      "\(failed)")
    #expect(hang.processes == [])
  }
}
