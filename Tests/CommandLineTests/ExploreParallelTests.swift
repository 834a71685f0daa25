import Foundation
import Testing

/// Several evaluations at once, kills and interruptions, by the real program.
@Suite struct ExploreParallelTests {
  /// Waits a little, longer for some designs, and notes how many run at once.
  private static let slow = """
    mkdir -p running; touch running/$id.$$; ls running | wc -l >>together
    sleep 0.0$(( (a * 7 + b * 3) % 5 + 1 ))
    rm running/$id.$$
    """

  private func mostTogether(_ sample: ExploreSample) throws -> Int {
    try sample.text("together").split(separator: "\n")
      .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }.max() ?? 0
  }

  @Test func severalProcessesFindTheSameAtAnyNumber() throws {
    var outputs: Set<String> = []
    for threads in [1, 2, 4] {
      let sample = try ExploreSample(budget: 24, extra: "parallel: 4", script: Self.slow)
      defer { sample.remove() }
      let result = try sample.explore(["--json", "--threads", "\(threads)"])
      #expect(result.code == 0, "\(result.errors)")
      outputs.insert(result.output)
      #expect(Set(sample.calls).count == 24 && sample.calls.count == 24)
      let together = try mostTogether(sample)
      #expect(together <= threads && (threads == 1 || together > 1))
    }
    #expect(outputs.count == 1)
  }

  @Test func aRunKilledWithSeveralUnderWayGoesOnTheSame() throws {
    let whole = try ExploreSample(budget: 24, extra: "parallel: 4", script: Self.slow)
    let killed = try ExploreSample(budget: 24, extra: "parallel: 4", script: Self.slow)
    defer {
      whole.remove()
      killed.remove()
    }
    let complete = try whole.explore(["--json"])
    #expect(complete.code == 0, "\(complete.errors)")
    for round in 0..<4 {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = ["explore", killed.study, "--out", killed.run, "--quiet"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      // However slow the machine is, something is under way when the signal comes.
      let done = killed.calls.count
      try process.run()
      while killed.calls.count == done, process.isRunning { usleep(5_000) }
      usleep(UInt32(40_000 * round))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let before = killed.calls.count
    let resumed = try killed.explore(["--json"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == complete.output)
    // What was on the disk was not asked for again: only the four under way may be lost in each kill.
    #expect(killed.calls.count <= 24 + 4 * 4 && before > 0)
    for table in ["best", "importance", "changes"] {
      let same =
        try whole.text("run/tables/\(table).csv") == killed.text("run/tables/\(table).csv")
      #expect(same, "\(table)")
    }
  }

  @Test func interruptionsEndCleanlyAndGoOnTheSame() throws {
    let whole = try ExploreSample(budget: 16, extra: "parallel: 2", script: Self.slow)
    let sample = try ExploreSample(budget: 16, extra: "parallel: 2", script: Self.slow)
    defer {
      whole.remove()
      sample.remove()
    }
    let complete = try whole.explore(["--json"])
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = DovetailProcess.executable
    process.arguments = ["explore", sample.study, "--out", sample.run, "--quiet"]
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let deadline = Date(timeIntervalSinceNow: 20)
    while sample.calls.count < 4, Date() < deadline { usleep(5_000) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.contains("; interrupted\n"), "\(text)")
    #expect(text.hasSuffix("run folder: \(sample.run)\n"))
    let told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(
      told == """
        go on with: dovetail explore --resume \(sample.run)
        interrupted; what was finished is kept

        """)
    #expect(try sample.text("run/dovetail.log").contains("; interrupted\n"))
    #expect(try sample.text("run/tables/best.csv").hasPrefix("workload,evaluation,best_t\n,1,"))
    let resumed = try DovetailProcess.run([
      "explore", "--resume", sample.run, "--quiet", "--json",
    ])
    #expect(resumed.output == complete.output && resumed.code == 0)
  }

  @Test func anotherWindowIsAnotherRun() throws {
    let sample = try ExploreSample(budget: 4)
    defer { sample.remove() }
    let first = try sample.explore(["--parallel", "2"])
    #expect(first.code == 0)
    let other = try sample.explore(["--parallel", "3"])
    #expect(other.code == 2 && other.errors.contains("the run is of another study"))
    let wrong = try sample.explore(["--threads", "0"])
    #expect(wrong.code == 2)
    #expect(wrong.errors == "error: --threads: got 0, expected 1 to 1024\n")
  }
}
