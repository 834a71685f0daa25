import Foundation
import Testing

/// Evaluators that break, spaces without a choice, foreign files, by the real program.
@Suite struct ExploreRobustnessTests {
  static let designers = [
    "auto", "adaptive-portfolio", "bayesian", "evolution", "firefly", "halton", "model-based",
    "portfolio", "random",
  ]

  static let broken: [(answer: String, keys: String, reason: String)] = [
    ("exit 3", "", "crash: ended with exit status 3 without an answer, 2 attempts"),
    ("sleep 20", "  timeoutSeconds: 0.1", "timeout: no answer in 0.1 seconds"),
    ("echo no", "", "garbage: got \"no\", expected a JSON object"),
    (
      "echo \"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"t\\\":NaN}}\"", "",
      "garbage: metrics.t: got NaN, expected a finite number"
    ),
    (
      "echo \"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"t\\\":1e999}}\"", "",
      "garbage: "
    ),
  ]

  @Test(arguments: broken.indices)
  func brokenEvaluatorsEndTheSearchAndAreNamed(index: Int) throws {
    let (answer, keys, reason) = Self.broken[index]
    let sample = try ExploreSample(
      designer: "random", budget: 60, extra: "parallel: 10", evaluatorKeys: keys,
      answering: answer)
    defer { sample.remove() }
    let result = try sample.explore()
    #expect(result.code == 1, "\(result.errors)")
    #expect(
      result.output == """
        20 evaluations, 0 feasible (0 %), 20 failed; ended early: the evaluator failed too many times in a row
        nothing feasible; minimize t has no answer
        report: \(sample.run)/report.html
        run folder: \(sample.run)

        """)
    let log = try sample.text("run/dovetail.log")
    #expect(log.contains("evaluation 1: \(reason)"), "\(log.prefix(600))")
  }

  @Test func aMendedEvaluatorGoesOn() throws {
    let sample = try ExploreSample(designer: "random", budget: 40, answering: "exit 3")
    defer { sample.remove() }
    #expect(try sample.explore().code == 1)
    let script = try sample.text("evaluator.sh")
    try sample.write(
      "evaluator.sh", script.replacing("exit 3", with: ExploreSample.answering))
    let result = try sample.explore()
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("40 evaluations, "))
    #expect(result.output.contains(", 20 failed\nbest, at evaluation "))
  }

  @Test(arguments: Self.designers)
  func aSpaceOfOneDesignHasAnAnswer(designer: String) throws {
    let sample = try ExploreSample(
      designer: designer, budget: 5, extra: "parallel: 3", range: "[2, 2]")
    defer { sample.remove() }
    let result = try sample.explore()
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output == """
        1 evaluation, 1 feasible (100 %); ended early: there is no further legal design
        best, at evaluation 1: t 10.00
          a=2, b=2
        report: \(sample.run)/report.html
        run folder: \(sample.run)

        """)
  }

  @Test(arguments: Self.designers)
  func aStudyWithoutFeasibleDesignsSaysSo(designer: String) throws {
    let sample = try ExploreSample(
      designer: designer, budget: 14, extra: "limits: [t <= -1]\nbatch: 3")
    defer { sample.remove() }
    let result = try sample.explore()
    #expect(result.code == 1, "\(result.errors)")
    #expect(result.output.hasPrefix("14 evaluations, 0 feasible (0 %)\nnothing feasible; "))
    #expect(!result.output.contains("one change"))
  }

  @Test func aSearchThatPromisesNothingMoreEndsEarly() throws {
    let sample = try ExploreSample(
      designer: "bayesian", budget: 90, extra: "stop: {expectedImprovement: 0.01}",
      answering: """
        echo "{\\"id\\":$id,\\"metrics\\":{\\"t\\":$(( (a-3)*(a-3) + (b-5)*(b-5) + 10 ))}}"
        """)
    defer { sample.remove() }
    let result = try sample.explore()
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(
      lines[0].hasSuffix(
        "; ended early: the expected improvement stayed below the study's stop"), "\(lines[0])")
    let count = Int(lines[0].prefix { $0.isNumber }) ?? 0
    #expect((30...60).contains(count))
    #expect(lines[1].hasSuffix(": t 10.00") && lines[2] == "  a=3, b=5")
    // It has ended: going on with a larger budget finds the same end.
    let again = try sample.explore(["--budget", "95"])
    #expect(again.output == result.output && sample.calls.count == count)
  }

  @Test func emptyBudgetsAreRefused() throws {
    let sample = try ExploreSample(budget: 0)
    defer { sample.remove() }
    let file = try sample.explore()
    #expect(file.code == 2)
    #expect(
      file.errors
        == "error: \(sample.study):8: budget: got 0, expected a whole number in 1...1000000\n")
    let option = try sample.explore(["--budget", "0"])
    #expect(option.code == 2 && option.errors == "error: --budget: got 0, expected 1 to 1000000\n")
  }

  @Test func foreignAndHalfWrittenFoldersAreNamed() throws {
    let sample = try ExploreSample(budget: 5)
    defer { sample.remove() }
    #expect(try sample.explore().code == 0)
    // Another program's file in place of the log.
    let log = "\(sample.run)/trials.sqlite"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: log))
    for (text, message) in [
      ("", "error: \(log): got an empty file, expected a log"),
      ("hello, this is no database", "error: \(log): "),
    ] {
      for suffix in ["-wal", "-shm"] { unlink(log + suffix) }
      try sample.write("run/trials.sqlite", text)
      let result = try sample.explore()
      #expect(result.code == 2 && result.errors.hasPrefix(message), "\(result.errors)")
    }
    try bytes.write(to: URL(fileURLWithPath: log))
    // The space has changed since.
    let space = try sample.text("space.yaml")
    try sample.write("space.yaml", space.replacing("[0, 9]", with: "[0, 8]"))
    let changed = try sample.explore()
    #expect(changed.code == 2)
    #expect(
      changed.errors == """
        error: \(sample.run): the space changed since the run began
        hint: undo the change, or begin another run with --out; it may name this one under transfer

        """)
    try sample.write("space.yaml", space)
    // A log without its study.
    unlink("\(sample.run)/resolved.yaml")
    let orphan = try sample.explore()
    #expect(orphan.code == 2)
    #expect(
      orphan.errors == """
        error: \(sample.run): there is a log but no resolved.yaml, expected a run folder or an empty one
        hint: give another --out

        """)
    try sample.write("run/resolved.yaml", "name: \"toy")
    let broken = try DovetailProcess.run(["explore", "--resume", sample.run])
    #expect(broken.code == 2 && broken.errors.hasPrefix("error: \(sample.run)/resolved.yaml:"))
    let file = try DovetailProcess.run(["explore", sample.study, "--out", sample.study])
    #expect(
      file.errors.hasSuffix(
        "error: --out: got \(sample.study), expected a folder that can be made and written to\n"))
  }
}
