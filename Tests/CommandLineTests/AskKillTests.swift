import Foundation
import Testing

/// `dovetail ask` and `dovetail tell` killed at any moment; `DOVETAIL_KILLS` sets how often, 200 in the acceptance run.
@Suite(.serialized) struct AskKillTests {
  private let folder: String
  private let log: String
  private static let kills = Int(ProcessInfo.processInfo.environment["DOVETAIL_KILLS"] ?? "") ?? 24

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-ask-kills-\(UUID().uuidString)").path
    log = "\(folder)/l.sqlite"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let space = """
      name: toy
      parameters:
        - {name: a, type: integer, range: [1, 1000]}
        - {name: b, type: categorical, values: [x, "y z"]}
      constraints: [a != 5]
      """
    try Data(space.utf8).write(to: URL(fileURLWithPath: "\(folder)/s.yaml"))
  }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Starts a command, kills it after some microseconds unless it has ended, and gives what it had printed.
  private func killed(_ arguments: [String], input: String = "", after wait: UInt64) throws
    -> String
  {
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = arguments
    let (source, output) = ("\(folder)/in", "\(folder)/out")
    try Data(input.utf8).write(to: URL(fileURLWithPath: source))
    try Data().write(to: URL(fileURLWithPath: output))
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = FileHandle.nullDevice
    try process.run()
    usleep(useconds_t(wait))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  private static func next(_ state: inout UInt64, below bound: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) % bound
  }

  /// Asks by id, each with the text of its design.
  private func asks(_ text: String) throws -> [(id: Int, line: String)] {
    try text.split(separator: "\n").filter { $0.hasSuffix("}}") }.map { line in
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      return (try #require(object["id"] as? Int), String(line))
    }
  }

  private func outstanding() throws -> [Int: String] {
    let open = try DovetailProcess.run(["ask", "--log", log, "--outstanding"])
    try #require(open.code == 0, "\(open.errors)")
    return Dictionary(
      uniqueKeysWithValues: try asks(open.output).map { ($0.id, $0.line) })
  }

  @Test(arguments: ["evolution", "firefly"])
  func killsLoseNoAskAndRepeatNone(designer: String) throws {
    defer { remove() }
    let first = [
      "ask", "--log", log, "--space", "\(folder)/s.yaml", "--minimize", "time", "--designer",
      designer, "--seed", "5", "-n", "2",
    ]
    // How long one takes here, so that moments are spread over its whole life.
    let start = Date()
    let begun = try DovetailProcess.run(first)
    var life = UInt64(max(4e3, Date().timeIntervalSince(start) * 1.3e6))
    #expect(begun.code == 0, "\(begun.errors)")
    var given = Dictionary(uniqueKeysWithValues: try asks(begun.output).map { ($0.id, $0.line) })
    var acknowledged: [Int: Int] = [:]
    var state: UInt64 = 3
    var round = 0
    while round < Self.kills / 2 || given.count <= 2 && round < 100 {
      round += 1
      // A machine that became busier lets nothing through in what was a whole life.
      if given.count <= 2 { life += life / 4 }
      let output = try killed(
        ["ask", "--log", log, "-n", "2"], after: Self.next(&state, below: life))
      for ask in try asks(output) {
        #expect(given[ask.id] == nil, "\(ask.line) is there already")
        given[ask.id] = ask.line
      }
      // What was given and not told is still open with the same design; what was not seen is found there, too.
      let open = try outstanding()
      for (id, line) in given where acknowledged[id] == nil && open[id] != nil {
        #expect(open[id] == line, "round \(round)")
      }
      given.merge(open) { known, _ in known }
      let results = open.keys.sorted().prefix(3).map { id in
        "{\"id\":\(id),\"metrics\":{\"time\":\(id * 7 % 13)}}\n"
      }
      let answers = try killed(
        ["tell", "--log", log], input: results.joined(), after: Self.next(&state, below: life))
      for answer in answers.split(separator: "\n") where answer.hasSuffix("}") {
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Int])
        let id = try #require(object["id"])
        #expect(acknowledged[id] == nil, "ask \(id) was acknowledged twice")
        acknowledged[id] = object["row"] ?? 0
      }
      let left = try outstanding()
      for id in acknowledged.keys { #expect(left[id] == nil, "ask \(id) was told") }
    }
    #expect(given.count > 2)
    // Ids count from 1 without a gap, no design stands under two of them.
    #expect(given.keys.sorted() == Array(1...given.count))
    let designs = given.values.map { line in String(line.drop { $0 != "," }) }
    #expect(Set(designs).count == designs.count)
    // The rest is told, and every ask has one row.
    let rest = try outstanding().keys.sorted().map { "{\"id\":\($0),\"metrics\":{\"time\":1}}\n" }
    let told = try DovetailProcess.run(["tell", "--log", log], input: rest.joined())
    #expect(told.code == 0, "\(told.errors)")
    let shown = try DovetailProcess.run(["log", "show", log])
    #expect(shown.output.contains(": \(given.count) rows, "), "\(shown.output)")
    // The record still replays: a further ask is answered.
    let further = try DovetailProcess.run(["ask", "--log", log])
    #expect(further.code == 0, "\(further.errors)")
  }
}
