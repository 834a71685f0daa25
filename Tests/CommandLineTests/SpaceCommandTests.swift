import Foundation
import Testing

@Suite struct SpaceCommandTests {
  @Test func aSpaceIsShown() throws {
    let result = try DovetailProcess.run([
      "space", "show", "Configs/spaces/gemmini-like.yaml", "--seed", "7",
    ])
    #expect(result.code == 0)
    try expectGolden(result.output, "space-gemmini.txt")
    let again = try DovetailProcess.run([
      "space", "show", "Configs/spaces/gemmini-like.yaml", "--seed", "7",
    ])
    #expect(again.output == result.output)
  }

  @Test func jsonHasCountsAsTexts() throws {
    let result = try DovetailProcess.run([
      "space", "show", "Configs/spaces/prime-edge.yaml", "--json", "--samples", "2",
    ])
    #expect(result.code == 0)
    let object =
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(object?["raw_count"] as? String == "452760000")
    #expect((object?["samples"] as? [[String: Any]])?.count == 2)
  }

  @Test func emptySpacesAndBadFilesHaveTheirExitCodes() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-space-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("empty.yaml")
    let text =
      "name: empty\nparameters:\n  - {name: n, type: integer, range: [1, 4]}\nconstraints: [n > 4]\n"
    try Data(text.utf8).write(to: file)
    let empty = try DovetailProcess.run(["space", "show", file.path])
    #expect(empty.code == 1)
    #expect(empty.output.contains("legal designs 0\n"))
    #expect(empty.output.contains("no legal design: nothing fulfills \"n > 4\"\n"))
    let bad = try DovetailProcess.run(["space", "show", "Configs/spaces/none.yaml"])
    #expect(bad.code == 2)
    #expect(
      bad.errors
        == "error: Configs/spaces/none.yaml:1: got no such file, expected a readable YAML file\n")
  }
}
