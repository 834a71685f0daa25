import Foundation
import Interchange
import Testing

@testable import Workflows

private func study(_ extra: String) throws -> StudyFile {
  let text =
    "name: s\nspace: s.yaml\nevaluator: {command: sim}\nminimize: t\nbudget: 3\n" + extra + "\n"
  return try StudyFile(parsing: Data(text.utf8), named: "s.yaml")
}

@Suite struct StudyFileTests {
  @Test func newKeysAreRead() throws {
    let file = try study(
      """
      parallel: 4
      transfer: [old.sqlite, {log: run, workload: resnet18}]
      cache: [run]
      stop: {expectedImprovement: 1e-3}
      """)
    #expect(file.parallel == 4 && file.expectedImprovement == 1e-3)
    #expect(
      file.transfer == [
        .init(path: "old.sqlite"), .init(path: "run", workload: "resnet18"),
      ])
    #expect(file.cache == [.init(path: "run")])
    let plain = try study("")
    #expect(plain.parallel == 1 && plain.transfer.isEmpty && plain.expectedImprovement == nil)
  }

  static let mistakes: [(text: String, message: String)] = [
    ("parallel: 0", "s.yaml:6: parallel: got 0, expected a whole number in 1...1000"),
    ("parallel: two", "s.yaml:6: parallel: got two, expected a whole number in 1...1000"),
    (
      "transfer: old.sqlite",
      "s.yaml:6: transfer: got old.sqlite, expected a list of logs or run folders"
    ),
    (
      "transfer: [{workload: w}]",
      "s.yaml:6: transfer[0]: key \"log\" is absent, expected a log or run folder"
    ),
    (
      "cache: [{logg: w}]",
      "s.yaml:6: cache[0]: unknown key \"logg\"\nhint: did you mean \"log\"? known keys: log, workload"
    ),
    (
      "stop: {expected: 1}",
      "s.yaml:6: stop: unknown key \"expected\"\nhint: known keys: expectedImprovement"
    ),
    (
      "stop: {}",
      "s.yaml:6: stop: key \"expectedImprovement\" is absent, expected a share, such as 1e-3"
    ),
    (
      "stop: {expectedImprovement: 0}",
      "s.yaml:6: stop.expectedImprovement: got 0, expected a number in 1e-12...1"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func mistakesAreNamedWithTheirPlace(index: Int) {
    #expect(
      problemText { _ = try study(Self.mistakes[index].text) } == Self.mistakes[index].message)
  }
}
