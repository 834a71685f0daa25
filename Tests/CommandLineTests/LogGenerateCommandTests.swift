import Foundation
import Testing

@Suite struct LogGenerateCommandTests {
  static func arguments(_ out: String, count: Int, _ more: String...) -> [String] {
    [
      "log", "generate", "--template", "Configs/templates/prime-edge.yaml", "--workload",
      "Configs/workloads/mlp-mnist.yaml", "--count", "\(count)", "--seed", "1", "--mappings", "30",
      "--out", out, "--quiet",
    ] + more
  }

  static func temporaryFile(_ name: String) -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-generate-\(UUID().uuidString)-\(name)").path
  }

  @Test func helpIsAsReviewed() throws {
    let result = try DovetailProcess.run(["log", "generate", "--help"])
    #expect(result.code == 0)
    try expectGolden(result.output, "log-generate-help.txt")
  }

  @Test func killedRunsContinueAsIfNothingHadHappened() throws {
    let killed = Self.temporaryFile("killed.sqlite")
    let whole = Self.temporaryFile("whole.sqlite")
    let tables = [killed, whole].map { "\($0).csv" }
    defer {
      for file in [killed, whole] + tables + tables.map({ "\($0).roles.yaml" }) {
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) }
      }
    }
    for round in 0..<3 {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = Self.arguments(killed, count: 10)
      process.currentDirectoryURL = DovetailProcess.root
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(150_000 + 90_000 * round))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try DovetailProcess.run(Self.arguments(killed, count: 10, "--json"))
    #expect(resumed.code == 0, "\(resumed.errors)")
    let complete = try DovetailProcess.run(
      Self.arguments(whole, count: 10, "--json", "--threads", "1"))
    #expect(complete.code == 0)
    for (log, table) in zip([killed, whole], tables) {
      let exported = try DovetailProcess.run([
        "log", "export", log, "--reproducible", "--out", table,
      ])
      #expect(exported.code == 0)
    }
    let contents = try tables.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(contents[0] == contents[1])
    #expect(contents[0].count > 1_000)
  }

  @Test func interruptedRunsKeepTheirRows() throws {
    let out = Self.temporaryFile("interrupted.sqlite")
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: out + end) }
    }
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = Self.arguments(out, count: 1_000_000)
    process.currentDirectoryURL = DovetailProcess.root
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // Rows are on the disk when the write-ahead log has grown.
    let deadline = Date().addingTimeInterval(20)
    while Date() < deadline {
      let size = (try? FileManager.default.attributesOfItem(atPath: out + "-wal")[.size]) as? Int
      if (size ?? 0) > 100_000 { break }
      usleep(20_000)
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let shown = try DovetailProcess.run(["log", "show", out, "--json"])
    #expect(shown.code == 0)
  }

  @Test func wrongOptionsAreExplained() throws {
    let out = Self.temporaryFile("none.sqlite")
    let zero = try DovetailProcess.run(Self.arguments(out, count: 0))
    #expect(zero.code == 2)
    #expect(zero.errors == "error: --count: got 0, expected 1 to 100000000\n")
    let absent = try DovetailProcess.run([
      "log", "generate", "--template", "Configs/templates/none.yaml", "--workload",
      "Configs/workloads/mlp-mnist.yaml", "--count", "1", "--out", out,
    ])
    #expect(absent.code == 2)
    #expect(
      absent.errors
        == "error: Configs/templates/none.yaml:1: got no such file, expected a readable YAML file\n"
    )
    #expect(!FileManager.default.fileExists(atPath: out))
    let few = try DovetailProcess.run(Self.arguments(out, count: 2, "--maximum-rows", "1"))
    try? FileManager.default.removeItem(atPath: out)
    #expect(few.code == 1)
    #expect(few.errors.contains("expected 2\nhint: raise --maximum-rows"))
  }
}
