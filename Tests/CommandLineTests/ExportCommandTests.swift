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

  @Test func mistakesAreTold() throws {
    let missing = try DovetailProcess.run(
      ["export", "--timeloop", "unused"] + Self.machine.dropLast(2))
    #expect(missing.code == 2)
    #expect(
      missing.errors
        == "error: no --mapping, expected a file\nhint: Configs/mappings has examples\n")
    let file = try DovetailProcess.run(
      ["export", "--timeloop", "README.md/x"] + Self.machine + ["--layer", "CONV1"])
    #expect(file.code == 2)
    #expect(
      file.errors
        == "error: --timeloop: README.md/x cannot be written\n"
        + "hint: give a folder that exists or can be made\n")
  }
}
