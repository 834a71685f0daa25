import Foundation
import Interchange
import Testing

@testable import Workflows

@Suite struct StudyKindTests {
  private static let coDesign = "name: a\ntemplate: t.yaml\nworkloads: [w.yaml]\n"
  private static let sweep = "name: a\nstudy: s.yaml\nsweep: []\nbudget: 10\n"
  private static let study = "name: a\nminimize: m\nbudget: 10\n"

  private static func message(_ read: () throws -> Void) -> String {
    do {
      try read()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func filesOfOtherKindsNameTheCommandThatTakesThem() {
    func explore(_ text: String) -> String {
      Self.message { _ = try StudyFile(parsing: Data(text.utf8), named: "f.yaml") }
    }
    func sweep(_ text: String) -> String {
      Self.message { _ = try SweepFile(parsing: Data(text.utf8), named: "f.yaml") }
    }
    func codesign(_ text: String) -> String {
      Self.message { _ = try CoSearchFile(parsing: Data(text.utf8), named: "f.yaml") }
    }
    #expect(
      explore(Self.coDesign)
        == "f.yaml:1: got a co-design study, expected a study\nhint: dovetail codesign f.yaml")
    #expect(
      explore(Self.sweep) == "f.yaml:1: got a sweep, expected a study\nhint: dovetail sweep f.yaml")
    #expect(
      sweep(Self.coDesign)
        == "f.yaml:1: got a co-design study, expected a sweep\nhint: dovetail codesign f.yaml")
    #expect(
      sweep(Self.study) == "f.yaml:1: got a study, expected a sweep\nhint: dovetail explore f.yaml")
    #expect(
      codesign(Self.study)
        == "f.yaml:1: got a study, expected a co-design study\nhint: dovetail explore f.yaml")
    #expect(
      codesign(Self.sweep)
        == "f.yaml:1: got a sweep, expected a co-design study\nhint: dovetail sweep f.yaml")
  }

  @Test func aPathIsTheSameWhereverItIsNamedFrom() throws {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: folder) }
    for name in ["real/studies", "real/templates", "other"] {
      try manager.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    try Data().write(to: folder.appendingPathComponent("real/templates/t.yaml"))
    try manager.createSymbolicLink(
      at: folder.appendingPathComponent("other/Configs"),
      withDestinationURL: folder.appendingPathComponent("real"))
    let root = absolutePath(folder.path)
    let wanted = "\(root)/real/templates/t.yaml"
    for name in [
      "real/templates/t.yaml", "real/studies/../templates/t.yaml", "other/Configs/templates/t.yaml",
      "other/Configs/studies/../templates/./t.yaml",
    ] {
      #expect(absolutePath("\(folder.path)/\(name)") == wanted)
    }
    #expect(
      absolutePath("\(folder.path)/other/Configs/new/t.yaml") == "\(root)/real/new/t.yaml")
    #expect(absolutePath("/") == "/")
    #expect(absolutePath("/no-such-file") == "/no-such-file")
  }
}
