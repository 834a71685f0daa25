import Foundation
import Testing

/// What the guide and the tutorials tell a reader to type.
@Suite struct GuideTests {
  private static let catalog = DovetailProcess.root.appendingPathComponent(
    "Sources/dovetail/Dovetail.docc")

  /// The files of the page on simulators are written, and its commands run.
  @Test func attachedSimulatorWorks() throws {
    let page = try String(
      contentsOf: Self.catalog.appendingPathComponent("AttachYourSimulator.md"), encoding: .utf8)
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    var commands: [String] = []
    var files = 0
    // Every second part between fences is a block; its first line is the language.
    for block in page.components(separatedBy: "```").enumerated().filter({ $0.offset % 2 == 1 }) {
      let lines = block.element.split(separator: "\n", omittingEmptySubsequences: false)
      let body = lines.dropFirst().joined(separator: "\n")
      guard lines[0].isEmpty else {
        let name = try #require(lines[1].split(separator: " ").last)
        try folder.write(body, to: String(name))
        files += 1
        continue
      }
      commands.append(body)
    }
    #expect(files == 4)
    #expect(commands.count == 3)
    for command in commands {
      let (code, errors) = try folder.run(command)
      #expect(code == 0, "\(command)\n\(errors.suffix(500))")
    }
    #expect(
      FileManager.default.fileExists(
        atPath: folder.url.appendingPathComponent("runs/mine/report.html").path))
    // Both languages give the same answers.
    let (code, errors) = try folder.run(
      """
      for rows in 4 8 16 32; do echo '{"id":'$rows',"design":{"rows":'$rows',"buffer_kib":64}}'; done >asked
      ./my-simulator <asked >c.txt && python3 my-simulator.py <asked >python.txt && python3 -c '
      import json
      c, python = [[json.loads(line) for line in open(name)] for name in ("c.txt", "python.txt")]
      assert c == python and len(c) == 4, (c, python)'
      """)
    #expect(code == 0, "\(errors)")
  }

  /// The commands of the tutorials, in their order, in one folder.
  @Test(.enabled(if: DovetailProcess.optimized != nil, "DOVETAIL_OPTIMIZED names no program"))
  func everyTutorialWorks() throws {
    let folder = try ExampleFolder(program: try #require(DovetailProcess.optimized))
    defer { folder.remove() }
    let pages = ["OfflineDesign", "ZeroShotDesign", "ConstraintSweep", "CoSearch"]
    var count = 0
    for page in pages {
      let text = try String(
        contentsOf: Self.catalog.appendingPathComponent("Tutorials/\(page).tutorial"),
        encoding: .utf8)
      for step in text.components(separatedBy: "file: \"").dropFirst() {
        let name = try #require(step.split(separator: "\"").first)
        let shown = try String(
          contentsOf: Self.catalog.appendingPathComponent("Resources/\(name)"), encoding: .utf8)
        var lines: [Substring] = []
        for line in shown.split(separator: "\n", omittingEmptySubsequences: false) {
          if lines.isEmpty, !line.hasPrefix("$ ") { break }
          lines.append(line)
          if !line.hasSuffix("\\") { break }
        }
        let command = lines.joined(separator: "\n").dropFirst(2)
        #expect(!command.isEmpty, "\(name) shows no command")
        let (code, errors) = try folder.run(String(command))
        #expect(code == 0, "\(command)\n\(errors.suffix(500))")
        count += 1
      }
    }
    #expect(count >= 12)
    for page in ["proposal", "zero-shot", "area", "dqn"] {
      #expect(
        FileManager.default.fileExists(
          atPath: folder.url.appendingPathComponent("runs/\(page)/report.html").path), "\(page)")
    }
  }
}
