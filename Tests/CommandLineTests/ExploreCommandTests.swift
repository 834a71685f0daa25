import Foundation
import Testing

/// Studies with an external evaluator, run by the real program.
@Suite struct ExploreCommandTests {
  @Test func findsTheBestDesignAndLeavesARunFolder() throws {
    let sample = try ExploreSample(budget: 60)
    defer { sample.remove() }
    let result = try DovetailProcess.run(["explore", sample.study, "--out", sample.run, "--quiet"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("60 evaluations"))
    #expect(result.output.hasSuffix("run folder: \(sample.run)\n"))
    for name in ["resolved.yaml", "trials.sqlite", "tables/best.csv"] {
      #expect(FileManager.default.fileExists(atPath: "\(sample.run)/\(name)"))
    }
    let table = try String(contentsOfFile: "\(sample.run)/tables/best.csv", encoding: .utf8)
    let lines = table.split(separator: "\n")
    #expect(lines.first == "workload,evaluation,best_t")
    #expect(lines.count == 61)
    // Of 100 designs 60 different ones were tried: the best of them is near the optimum at (3, 5).
    let last = Double(lines.last?.split(separator: ",").last ?? "") ?? .infinity
    #expect(last <= 2)
  }

  @Test func aKilledRunGoesOnWithTheSameDesigns() throws {
    let whole = try ExploreSample(budget: 40)
    let killed = try ExploreSample(budget: 40)
    defer {
      whole.remove()
      killed.remove()
    }
    let complete = try DovetailProcess.run([
      "explore", whole.study, "--out", whole.run, "--quiet", "--json",
    ])
    #expect(complete.code == 0)
    for round in 0..<3 {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = ["explore", killed.study, "--out", killed.run, "--quiet"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(60_000 + 70_000 * round))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let begun = FileManager.default.fileExists(atPath: "\(killed.run)/resolved.yaml")
    let resumed = try DovetailProcess.run(
      begun
        ? ["explore", "--resume", killed.run, "--quiet", "--json"]
        : ["explore", killed.study, "--out", killed.run, "--quiet", "--json"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == complete.output)
  }

  @Test func aLargerBudgetGoesOnAndAnotherStudyIsRefused() throws {
    let sample = try ExploreSample(budget: 5)
    defer { sample.remove() }
    _ = try DovetailProcess.run(["explore", sample.study, "--out", sample.run, "--quiet"])
    let more = try DovetailProcess.run([
      "explore", "--resume", sample.run, "--budget", "9", "--quiet",
    ])
    #expect(more.code == 0)
    #expect(more.output.contains("9 evaluations"))
    let other = try DovetailProcess.run([
      "explore", sample.study, "--out", sample.run, "--seed", "4", "--quiet",
    ])
    #expect(other.code == 2)
    #expect(
      other.errors == """
        error: \(sample.run): the run is of another study
        hint: go on with it as it was: dovetail explore --resume \(sample.run); or give another --out

        """)
  }

  @Test func nothingFeasibleIsExitCodeOne() throws {
    let sample = try ExploreSample(budget: 5, extra: "limits: [t <= -1]")
    defer { sample.remove() }
    let result = try DovetailProcess.run(["explore", sample.study, "--out", sample.run, "--quiet"])
    #expect(result.code == 1)
    #expect(result.output.contains("nothing feasible; minimize t has no answer"))
  }

  @Test func brokenStudiesAreNamedWithTheirPlace() throws {
    let sample = try ExploreSample(extra: "budgt: 3")
    defer { sample.remove() }
    let unknown = try DovetailProcess.run(["explore", sample.study])
    #expect(unknown.code == 2)
    #expect(unknown.errors.hasPrefix("error: \(sample.study):"))
    #expect(unknown.errors.contains("budgt"))
    #expect(unknown.errors.contains("budget"))
    let neither = try DovetailProcess.run(["explore"])
    #expect(neither.code == 2)
    #expect(
      neither.errors.contains("got neither a study nor --resume, expected one of them"))
    let absent = try DovetailProcess.run(["explore", "--resume", sample.folder])
    #expect(absent.code == 2)
    #expect(
      absent.errors == """
        error: --resume: \(sample.folder): no resolved.yaml, expected a run folder
        hint: run folders are made by dovetail explore STUDY.yaml --out FOLDER

        """)
  }
}
