import DesignSpace
import Evaluation
import Execution
import Study
import Synchronization
import Testing

struct EvaluationAnswerTests {
  let fake: FakeSimulators

  init() throws { fake = try FakeSimulators() }

  func answer(_ line: String) throws -> EvaluationAnswer {
    try EvaluationAnswer(parsing: Array(line.utf8), for: fake.problem)
  }

  func problem(_ line: String) -> String? {
    do {
      _ = try answer(line)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func bothFormsAreUnderstood() throws {
    let cases: [(String, Outcome)] = [
      ("{\"metrics\":{\"area\":2,\"time\":1}}", .measured([1, 2])),
      (
        "{\"infeasible\":\"no tile\",\"metrics\":{\"area\":3}}",
        .infeasible(Infeasibility(.hidden("no tile"), values: [nil, 3]))
      ),
      ("{\"failed\":\"timeout: 5 s\"}", failed(.timeout, "5 s")),
      ("{\"failed\":\"oops\"}", failed(.crash, "oops")),
      ("{\"error\":\"KeyError: 'x'\"}", failed(.crash, "it reports \"KeyError: 'x'\"")),
      (
        "{\"objective\": 0.5, \"constraints\": [-1.0], \"feasible\": true, \"status\": \"ok\"}",
        .measured([0.5, -1])
      ),
      (
        "{\"objective\": 0.5, \"constraints\": [12], \"feasible\": false, \"status\": \"constraint\"}",
        .infeasible(Infeasibility(.limit("area <= 10"), values: [0.5, 12]))
      ),
      (
        "{\"objective\": 0.5, \"constraints\": [2], \"feasible\": false, \"status\": \"constraint\"}",
        .infeasible(Infeasibility(.hidden("constraint"), values: [0.5, 2]))
      ),
      (
        "{\"objective\": null, \"constraints\": [3], \"feasible\": false, \"status\": \"failed\"}",
        .infeasible(Infeasibility(.hidden(""), values: [nil, 3]))
      ),
      (
        "{\"status\": \"failed\", \"reason\": \"wiring\"}",
        .infeasible(Infeasibility(.hidden("wiring")))
      ),
      (
        "{\"objective\":1,\"constraints\":[2],\"feasible\":false}",
        .infeasible(Infeasibility(.hidden("constraint"), values: [1, 2]))
      ),
    ]
    for (line, outcome) in cases { #expect(try answer(line).outcome == outcome) }
    let full = try answer(
      "{\"id\":12,\"metrics\":{\"area\":2,\"time\":1},\"seconds\":0.5,\"evaluator\":\"e\",\"version\":\"2\"}"
    )
    #expect(full.id == 12 && full.seconds == 0.5)
    #expect(full.evaluator == "e" && full.version == "2")
  }

  @Test func whatIsWrongIsNamed() {
    let cases = [
      ("", "got \"\", expected a JSON object"),
      (
        "{\"id\":1}",
        "got neither \"metrics\", \"infeasible\", \"failed\" nor \"status\", expected one of them"
      ),
      ("{\"id\":1.5}", "id: got 1.5, expected a whole number"),
      (
        "{\"metrics\":{\"time\":1}}",
        "got no value of \"area\", expected one, \"infeasible\" or \"failed\""
      ),
      ("{\"metrics\":{\"time\":true}}", "metrics.time: got true, expected a finite number"),
      ("{\"metrics\":{\"time\":\"3\"}}", "metrics.time: got \"3\", expected a finite number"),
      (
        "{\"metrics\":{\"time\":-Infinity}}",
        "metrics.time: got -Infinity, expected a finite number"
      ),
      ("{\"metrics\":3}", "metrics: got 3, expected an object of numbers"),
      (
        "{\"infeasible\":\"a\",\"failed\":\"b\"}",
        "got \"infeasible\" and \"failed\", expected one of them"
      ),
      ("{\"infeasible\":true}", "infeasible: got true, expected a text"),
      ("{\"objective\":1,\"constraints\":[]}", "constraints: got 0 values, expected 1 (area)"),
      (
        "{\"objective\":1,\"constraints\":[nan]}",
        "constraints[0]: got nan, expected a finite number"
      ),
      (
        "{\"status\":\"ok\",\"constraints\":[1]}",
        "got no value of \"time\", expected one, \"infeasible\" or \"failed\""
      ),
      ("{\"status\":\"fine\"}", "status: got \"fine\", expected ok, constraint or failed"),
      (
        "{\"status\":\"ok\",\"metrics\":{}}",
        "got \"metrics\" and a status or objective, expected one form of answer"
      ),
      (
        "{\"feasible\":1,\"objective\":1,\"constraints\":[1]}",
        "feasible: got 1, expected true or false"
      ),
      (
        "{\"metrics\":{\"time\":1,\"area\":1},\"seconds\":-1}",
        "seconds: got -1, expected a number from 0"
      ),
    ]
    for (line, message) in cases { #expect(problem(line) == message) }
    #expect(
      problem("{\"metrics\":{\"tine\":1}}")?.hasPrefix(
        "unknown metric \"tine\"; did you mean \"time\"?") == true)
    #expect(
      problem("{\"metric\":{}}")?.hasPrefix("unknown member \"metric\"; did you mean \"metrics\"?")
        == true)
  }

  @Test func damagedAnswersNeverTrap() {
    let whole = Array(
      "{\"id\":1,\"objective\":1e3,\"constraints\":[-2.5],\"feasible\":true,\"status\":\"ok\"}".utf8
    )
    var generator = Seed(5).generator()
    for _ in 0..<2_000 {
      var bytes = Array(whole.prefix(1 + generator.index(below: whole.count)))
      for _ in 0..<generator.index(below: 4) {
        bytes[generator.index(below: bytes.count)] = UInt8(generator.index(below: 256))
      }
      _ = try? EvaluationAnswer(parsing: bytes, for: fake.problem)
    }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: EvaluationAnswer.Problem.self) {
      try EvaluationAnswer(parsing: deep, for: fake.problem)
    }
  }

  /// Counts what it is asked; `x` above 5 fails.
  final class Counter: Evaluator {
    let name = "counter"
    let version = "2"
    let count = Mutex(0)

    func evaluate(_ point: Point, in context: Context) async throws -> Outcome {
      count.withLock { $0 += 1 }
      guard point.coordinates[0] < 5 else { return failed(.crash, "large") }
      return .measured([point.coordinates[0], 1])
    }
  }

  @Test func aCacheAsksOncePerDesignAndWorkload() async throws {
    let counter = Counter()
    let other = try fake.problem.space.point(["x": 1, "o": "c"])
    func trial(_ version: String) -> Trial {
      Trial(
        id: 0, point: other, outcome: .measured([7, 20]),
        origin: .init(evaluator: "counter", evaluatorVersion: version))
    }
    let cache = CachedEvaluator(counter, for: fake.problem, remembering: [trial("1"), trial("2")])
    // Remembered from version 2 only, and judged by the limit of this problem.
    let remembered = try await cache.evaluate(other, in: .single)
    #expect(remembered == .infeasible(Infeasibility(.limit("area <= 10"), values: [7, 20])))
    for _ in 0..<3 { _ = try await cache.evaluate(fake.point, in: .single) }
    _ = try await cache.evaluate(fake.point, in: Context(id: "net"))
    #expect(counter.count.withLock { $0 } == 2)
    #expect(cache.hitCount == 3)
    let large = try fake.problem.space.point(["x": 9, "o": "c"])
    for _ in 0..<2 { _ = try await cache.evaluate(large, in: .single) }
    #expect(counter.count.withLock { $0 } == 4)
    #expect(cache.name == "counter" && cache.version == "2")
  }
}
