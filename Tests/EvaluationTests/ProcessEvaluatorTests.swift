import DesignSpace
import Evaluation
import Foundation
import Study
import Testing

/// A problem of two parameters, two metrics and a limit; programs are shell scripts.
struct FakeSimulators {
  let problem: Problem
  let point: Point

  init() throws {
    let space = try SearchSpace(parameters: [.integer("x", 1...9), .categories("o", ["a b", "c"])])
    problem = try Problem(
      name: "fake", space: space, metrics: [Metric("time"), Metric("area")],
      objectives: [Objective(.minimize, "time")], limits: [MetricLimit("area", .atMost, 10)])
    point = try space.point(["x": 3, "o": "a b"])
  }

  /// Shell text that reads one line and sets `id`.
  static let readID = "read -r line || exit 0; id=${line#*:}; id=${id%%,*}; "

  func evaluator(
    _ script: String, persistent: Bool,
    _ change: (inout ProcessEvaluator.Options) -> Void = { _ in }
  ) -> ProcessEvaluator {
    var options = ProcessEvaluator.Options()
    options.isPersistent = persistent
    options.timeout = 20
    options.grace = 0.3
    options.retry = .never
    change(&options)
    return ProcessEvaluator(["/bin/sh", "-c", script], for: problem, options: options)
  }

  func outcome(
    _ script: String, persistent: Bool = false,
    _ change: (inout ProcessEvaluator.Options) -> Void = { _ in }
  ) async throws -> Outcome {
    try await evaluator(script, persistent: persistent, change).evaluate(point, in: .single)
  }
}

func failed(_ kind: EvaluationFailure.Kind, _ detail: String) -> Outcome {
  .failed(EvaluationFailure(kind, detail))
}

struct ProcessEvaluatorTests {
  let fake: FakeSimulators

  init() throws { fake = try FakeSimulators() }

  @Test func oneProcessAnEvaluationAnswers() async throws {
    let script =
      "read -r l; case $l in '{\"id\":1,\"design\":{\"x\":3,\"o\":\"a b\"},\"workload\":\"net\"}') "
      + "printf '{\"metrics\":{\"time\":1.5,\"area\":2}}';; *) exit 9;; esac"
    let evaluator = fake.evaluator(script, persistent: false)
    let outcome = try await evaluator.evaluate(fake.point, in: Context(id: "net"))
    #expect(outcome == .measured([1.5, 2]))
    #expect(evaluator.name == "sh")
  }

  @Test func aPersistentProcessAnswersManyDesigns() async throws {
    let script =
      "n=0; while :; do \(FakeSimulators.readID) n=$((n+1)); "
      + "echo; echo \"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"time\\\":$n,\\\"area\\\":11}}\"; done"
    let evaluator = fake.evaluator(script, persistent: true)
    for count in 1...3 {
      let outcome = try await evaluator.evaluate(fake.point, in: .single)
      let over = Infeasibility(.limit("area <= 10"), values: [Double(count), 11])
      #expect(outcome == .infeasible(over))
    }
    evaluator.shutDown()
    // The next one counts from 1 again.
    let outcome = try await evaluator.evaluate(fake.point, in: .single)
    #expect(outcome == .infeasible(Infeasibility(.limit("area <= 10"), values: [1, 11])))
  }

  static let failures: [(script: String, kind: EvaluationFailure.Kind, detail: String)] = [
    ("exit 3", .crash, "ended with exit status 3 without an answer"),
    ("exit 0", .crash, "ended with exit status 0 without an answer"),
    ("kill -SEGV $$", .crash, "ended with signal 11 (Segmentation fault) without an answer"),
    (
      "echo; echo 'no licence' >&2; exit 4", .crash,
      "ended with exit status 4 without an answer, standard error ends with \"no licence\""
    ),
    ("exec >&-; sleep 20", .crash, "closed its output without an answer"),
    ("exec <&-; exit 0", .crash, "ended with exit status 0 without an answer"),
    ("sleep 20 & exit 5", .crash, "ended with exit status 5 without an answer"),
  ]

  @Test(arguments: [true, false], failures.indices)
  func everyCrashIsAResult(isPersistent: Bool, index: Int) async throws {
    let (script, kind, detail) = Self.failures[index]
    let outcome = try await fake.outcome(script, persistent: isPersistent)
    #expect(outcome == failed(kind, detail))
  }

  @Test(arguments: [true, false])
  func aHangIsATimeout(isPersistent: Bool) async throws {
    for script in ["sleep 20", "trap '' TERM; sleep 20; sleep 20", "printf '{\"id\"'; sleep 20"] {
      let outcome = try await fake.outcome(script, persistent: isPersistent) { $0.timeout = 0.5 }
      #expect(outcome == failed(.timeout, "no answer in 0.5 seconds"))
    }
  }

  @Test func partialLinesAreCrashesOrGarbage() async throws {
    let persistent = try await fake.outcome("printf '{\"id\":1,\"metr'", persistent: true)
    #expect(
      persistent
        == failed(
          .crash, "ended with exit status 0 in the middle of an answer, \"{\"id\":1,\"metr\""))
    let single = try await fake.outcome("printf '{\"id\":1,\"metr'")
    #expect(single == failed(.garbage, "got \"{\"id\":1,\"metr\", expected a JSON object"))
    let late = try await fake.outcome("echo '{\"metrics\":{}}'; exit 2")
    #expect(late == failed(.crash, "ended with exit status 2 after it wrote \"{\"metrics\":{}}\""))
    let two = try await fake.outcome("echo a; echo b")
    #expect(two == failed(.garbage, "got 2 lines, the first \"a\", expected one answer"))
  }

  @Test func garbageIsNamed() async throws {
    let cases = [
      ("Simulator 3.1 ready", "got \"Simulator 3.1 ready\", expected a JSON object"),
      ("[1]", "got \"[1]\", expected a JSON object"),
      (
        "{\"id\":7,\"metrics\":{\"time\":1,\"area\":2}}", "got the answer to id 7, expected id 1"
      ),
      ("{\"metrics\":{\"time\":1,\"area\":2}}", "got an answer without id, expected id 1"),
      (
        "{\"id\":1,\"metrics\":{\"time\":NaN,\"area\":2}}",
        "metrics.time: got NaN, expected a finite number"
      ),
    ]
    for (line, detail) in cases {
      let outcome = try await fake.outcome("echo '\(line)'; cat >/dev/null", persistent: true)
      #expect(outcome == failed(.garbage, detail))
    }
  }

  @Test func gigabytesAreCutOff() async throws {
    let line = try await fake.outcome("cat /dev/zero") { $0.largestLine = 100_000 }
    #expect(
      line == failed(.garbage, "got a line of more than 100000 bytes, expected an answer"))
    let lines = try await fake.outcome("yes ''", persistent: true) { $0.largestOutput = 200_000 }
    #expect(lines == failed(.garbage, "got more than 200000 bytes, expected one answer"))
    let errors = try await fake.outcome("head -c 3000000 /dev/zero >&2; echo end >&2; exit 1")
    guard case .failed(let failure) = errors else { return #expect(Bool(false)) }
    #expect(failure.detail.utf8.count < 400)
  }

  @Test func closedInputAfterAnAnswerIsACrash() async throws {
    let script =
      "\(FakeSimulators.readID) exec <&-; "
      + "echo \"{\\\"id\\\":$id,\\\"infeasible\\\":\\\"no mapping\\\"}\"; sleep 0.6"
    let evaluator = fake.evaluator(script, persistent: true)
    let first = try await evaluator.evaluate(fake.point, in: .single)
    #expect(first == .infeasible(Infeasibility(.hidden("no mapping"))))
    let second = try await evaluator.evaluate(fake.point, in: .single)
    #expect(second == failed(.crash, "ended with exit status 0 without an answer"))
    let third = try await evaluator.evaluate(fake.point, in: .single)
    #expect(third == first)
  }

  @Test func aMissingCommandIsAResult() async throws {
    let evaluator = ProcessEvaluator(["no-such-simulator"], for: fake.problem)
    let outcome = try await evaluator.evaluate(fake.point, in: .single)
    let detail = "cannot start \"no-such-simulator\": No such file or directory, 2 attempts"
    #expect(outcome == failed(.crash, detail))
  }

  @Test func crashesAreTriedAgain() async throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-retry-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let script =
      "echo x >>\(file); test $(wc -l <\(file)) -ge 3 || exit 1; echo '{\"infeasible\":\"late\"}'"
    let retry = RetryPolicy(attemptCount: 3, pause: 0.01)
    let outcome = try await fake.outcome(script) { $0.retry = retry }
    #expect(outcome == .infeasible(Infeasibility(.hidden("late"))))
    let never = try await fake.outcome("exit 1") { $0.retry = retry }
    #expect(never == failed(.crash, "ended with exit status 1 without an answer, 3 attempts"))
  }

  @Test func noMoreProcessesRunThanAllowed() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-cap-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script =
      "touch \(folder)/$$; n=$(ls \(folder) | wc -l); sleep 0.05; rm \(folder)/$$; "
      + "echo \"{\\\"metrics\\\":{\\\"time\\\":$n,\\\"area\\\":1}}\""
    let evaluator = fake.evaluator(script, persistent: false) { $0.concurrentCount = 2 }
    let counts = try await withThrowingTaskGroup(of: Outcome.self) { group in
      for _ in 0..<8 {
        group.addTask { try await evaluator.evaluate(self.fake.point, in: .single) }
      }
      var counts: [Double] = []
      for try await outcome in group {
        if case .measured(let values) = outcome { counts.append(values[0]) }
      }
      return counts
    }
    #expect(counts.count == 8)
    #expect(counts.allSatisfy { $0 <= 2 })
  }

  @Test func cancellationEndsTheProgramAndThoseWhoWait() async throws {
    let evaluator = fake.evaluator("sleep 30000 & wait", persistent: false)
    let start = Date()
    let tasks = (0..<3).map { _ in
      Task { try await evaluator.evaluate(fake.point, in: .single) }
    }
    try await Task.sleep(for: .milliseconds(100))
    for task in tasks { task.cancel() }
    for task in tasks {
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    // The program alone would take eight hours.
    #expect(Date().timeIntervalSince(start) < 20_000)
  }

  @Test func helpersEndWithTheEvaluator() async throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-orphan-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    do {
      let script =
        "sleep 30 & echo $! >\(file); \(FakeSimulators.readID) "
        + "echo \"{\\\"id\\\":$id,\\\"infeasible\\\":\\\"\\\"}\"; wait"
      let evaluator = fake.evaluator(script, persistent: true)
      let outcome = try await evaluator.evaluate(fake.point, in: .single)
      #expect(outcome == .infeasible(Infeasibility(.hidden(""))))
    }
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let helper = try #require(pid_t(text.split(separator: "\n").first ?? ""))
    var isAlive = true
    for _ in 0..<300 where isAlive {
      // A helper nobody waits for stays as a zombie where there is no init.
      let status = try? String(contentsOfFile: "/proc/\(helper)/stat", encoding: .utf8)
      isAlive = status.map { !$0.contains(") Z ") } ?? false
      if isAlive { try await Task.sleep(for: .milliseconds(10)) }
    }
    #expect(!isAlive)
  }
}
