import Foundation
import Testing

/// Earlier runs as knowledge and as answers, by the real program.
@Suite struct ExploreTransferTests {
  @Test func earlierTrialsAreToldFirstAndKept() throws {
    // Costs from 3 on are over the first study's limit: relabelled, they are what the second one needs.
    let first = try ExploreSample(designer: "random", budget: 40, extra: "limits: [t >= 20]")
    let second = try ExploreSample(
      designer: "bayesian", budget: 6, extra: "limits: [t >= 2]\ntransfer: [\(first.run)]")
    defer {
      first.remove()
      second.remove()
    }
    #expect(try first.explore().code == 0)
    let result = try DovetailProcess.run([
      "explore", second.study, "--out", second.run, "--no-what-if",
    ])
    #expect(result.code == 0, "\(result.errors)")
    let note = "transfer: \(first.run)/trials.sqlite: 40 of 40 trials used\n"
    #expect(result.errors.hasPrefix(note), "\(result.errors)")
    #expect(try second.text("run/dovetail.log").contains(note))
    // Nothing that is known is evaluated again.
    #expect(Set(first.calls).isDisjoint(with: second.calls) && second.calls.count == 6)
    let best = try second.text("run/tables/best.csv").split(separator: "\n")
    #expect(best.count == 7)
    // The source may go, the run goes on the same.
    let more = try DovetailProcess.run([
      "explore", "--resume", second.run, "--budget", "9", "--json", "--quiet",
    ])
    first.remove()
    let third = try ExploreSample(designer: "bayesian")
    defer { third.remove() }
    let again = try DovetailProcess.run([
      "explore", "--resume", second.run, "--budget", "9", "--json", "--quiet",
    ])
    #expect(more.code == 0 && again.output == more.output, "\(again.errors)")
    #expect(more.output.contains("\"transferred\":{\"trials\":40,\"best\":{\"design\":{"))
    unlink("\(second.run)/transferred.sqlite")
    let lost = try DovetailProcess.run(["explore", "--resume", second.run])
    #expect(lost.code == 2)
  }

  @Test func whatIsKnownAlreadyIsReported() throws {
    let first = try ExploreSample(designer: "random", budget: 100)
    let second = try ExploreSample(
      designer: "auto", budget: 5, extra: "transfer: [{log: \(first.run)}]")
    defer {
      first.remove()
      second.remove()
    }
    #expect(try first.explore().code == 0)
    let result = try DovetailProcess.run(["explore", second.study, "--out", second.run])
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output.contains(
        """
        0 evaluations, 0 feasible (0 %); ended early: there is no further legal design
        best, already known from 100 earlier trials: t 0
          a=3, b=5

        """), "\(result.output)")
    #expect(result.errors.contains(", the more so with 100 earlier trials\n"))
  }

  @Test func foreignLogsAreRefusedWithTheReason() throws {
    let other = try ExploreSample(budget: 3)
    let sample = try ExploreSample(extra: "transfer: [\(other.run)]")
    defer {
      other.remove()
      sample.remove()
    }
    func message(_ transfer: String) throws -> String {
      let text = try sample.text("study.yaml")
      let kept = text.split(separator: "\n").filter { !$0.hasPrefix("transfer") }
      try sample.write("study.yaml", kept.joined(separator: "\n") + "\ntransfer: [\(transfer)]\n")
      let result = try sample.explore()
      #expect(result.code == 2)
      return result.errors
    }
    #expect(try message("nowhere.sqlite").contains("\(sample.folder)/nowhere.sqlite: "))
    #expect(
      try message(sample.folder) == """
        error: \(sample.folder): got a folder without trials.sqlite, expected a log or a run folder
        hint: run folders are made by dovetail explore STUDY.yaml --out FOLDER

        """)
    let space = try other.text("space.yaml")
    try other.write("space.yaml", space.replacing("name: a", with: "name: c"))
    let script = try other.text("evaluator.sh")
    try other.write("evaluator.sh", script.replacing("\"a\\\"", with: "\"c\\\""))
    _ = try other.explore()
    #expect(
      try message(other.run) == """
        error: \(other.run)/trials.sqlite: the log has no parameter "a"
        hint: known: c, b

        """)
    #expect(!FileManager.default.fileExists(atPath: sample.run))
  }

  @Test func answersOfEarlierRunsAreNotAskedForAgain() throws {
    let first = try ExploreSample(
      designer: "random", budget: 60, evaluatorKeys: "  version: \"1\"")
    let second = try ExploreSample(
      designer: "random", budget: 30, extra: "parallel: 3\ncache: [\(first.run)]",
      evaluatorKeys: "  version: \"1\"")
    defer {
      first.remove()
      second.remove()
    }
    #expect(try first.explore().code == 0)
    let cached = try second.explore(["--seed", "8"])
    #expect(cached.code == 0, "\(cached.errors)")
    let hits = 30 - second.calls.count
    #expect(hits > 0 && Set(first.calls).isDisjoint(with: second.calls))
    #expect(cached.output.contains("answered from earlier runs: \(hits) evaluations\n"))
    // What is answered from memory is what the evaluator would say.
    let plain = try ExploreSample(designer: "random", budget: 30, extra: "parallel: 3")
    defer { plain.remove() }
    let whole = try plain.explore(["--seed", "8"])
    #expect(
      whole.output.split(separator: "\n").dropLast(2)
        == cached.output.split(separator: "\n").dropLast(3))
    // Another version is another program.
    let text = try second.text("study.yaml").replacing("\"1\"", with: "\"2\"")
    try second.write("study.yaml", text)
    let newer = try DovetailProcess.run([
      "explore", second.study, "--out", "\(second.folder)/other", "--seed", "8", "--quiet",
    ])
    #expect(newer.code == 0 && !newer.output.contains("answered from earlier runs"))
    let unnamed = text.split(separator: "\n").filter { !$0.contains("version") }
    try second.write("study.yaml", unnamed.joined(separator: "\n") + "\n")
    let refused = try second.explore()
    #expect(refused.code == 2)
    #expect(
      refused.errors == """
        error: \(second.study): cache: got a command without a version, expected one
        hint: add version: to the evaluator; answers of other versions are not taken

        """)
  }
}
