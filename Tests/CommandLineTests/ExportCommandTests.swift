import Foundation
import Testing

@Suite struct ExportCommandTests {
  static let machine = [
    "--architecture", "Configs/architectures/eyeriss-168.yaml", "--workload",
    "Configs/workloads/alexnet.yaml", "--mapping", "Configs/mappings/eyeriss-168-alexnet.yaml",
  ]

  @Test func oneLayerGoesIntoTheFolderAndSeveralIntoFoldersOfTheirOwn() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-export-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = folder.appendingPathComponent("one").path
    let result = try DovetailProcess.run(
      ["export", "--timeloop", one, "--layer", "CONV2"] + Self.machine)
    #expect(result.code == 0)
    #expect(result.output == "CONV2: \(one)/timeloop-model.yaml\n")
    #expect(result.errors.contains("note: the clock is left out\n"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: one).sorted() == [
        "architecture.yaml", "mapping.yaml", "problem.yaml", "tables.yaml", "timeloop-model.yaml",
      ])
    let all = folder.appendingPathComponent("all").path
    let several = try DovetailProcess.run(["export", "--timeloop", all] + Self.machine)
    #expect(several.code == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: all).sorted() == [
        "CONV1", "CONV2", "CONV3", "CONV4", "CONV5",
      ])
  }

  @Test func withoutAMappingTheGreedyOneIsWritten() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-export-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try DovetailProcess.run([
      "export", "--timeloop", folder.path, "--timeloop-version", "0.3", "--architecture",
      "Configs/architectures/simple-3-level.yaml", "--workload", "Configs/workloads/dqn.yaml",
      "--layer", "conv3",
    ])
    #expect(result.code == 0)
    #expect(result.output == "conv3: \(folder.path)/timeloop-model.yaml\n")
    #expect(result.errors.hasPrefix("note: mappings by greedy descent on EDP, not optimal\n"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names == ["timeloop-model.yaml"])
    let text = try String(
      contentsOf: folder.appendingPathComponent("timeloop-model.yaml"), encoding: .utf8)
    #expect(text.contains("    data-spaces:\n"))
    #expect(text.contains("        read-write: true\n"))
    #expect(!text.contains("0.4"))
  }

  @Test func recordsGetAFolderEach() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-export-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let record = BatchTests.good
    let file = folder.appendingPathComponent("records.jsonl")
    try Data((record + "\n\n").utf8).write(to: file)
    let out = folder.appendingPathComponent("out").path
    let result = try DovetailProcess.run(["export", "--timeloop", out, "--batch", file.path])
    #expect(result.code == 0)
    #expect(result.output.hasSuffix("/timeloop-model.yaml\n"))
    try Data((record + "\n" + record + "\n{").utf8).write(to: file)
    let twice = try DovetailProcess.run(["export", "--timeloop", out, "--batch", file.path])
    #expect(twice.code == 2)
    #expect(twice.errors.hasSuffix("twice, expected distinct ids\n"))
    try Data("{".utf8).write(to: file)
    let broken = try DovetailProcess.run(["export", "--timeloop", out, "--batch", file.path])
    #expect(broken.code == 2)
    #expect(broken.errors.hasPrefix("error: \(file.path):1: "))
  }

  @Test func mistakesAreTold() throws {
    let version = try DovetailProcess.run(
      ["export", "--timeloop", "unused", "--timeloop-version", "0.5"] + Self.machine)
    #expect(version.code == 2)
    #expect(
      version.errors
        == "error: --timeloop-version: unknown version \"0.5\"\nhint: known versions: 0.3, 0.4\n")
    let both = try DovetailProcess.run(
      ["export", "--timeloop", "unused", "--batch", "-"] + Self.machine)
    #expect(both.code == 2)
    #expect(
      both.errors == "error: --architecture cannot be used with --batch: records carry everything\n"
    )
    let file = try DovetailProcess.run(
      ["export", "--timeloop", "README.md/x"] + Self.machine + ["--layer", "CONV1"])
    #expect(file.code == 2)
    #expect(
      file.errors
        == "error: --timeloop: README.md/x cannot be written\n"
        + "hint: give a folder that exists or can be made\n")
  }
}
