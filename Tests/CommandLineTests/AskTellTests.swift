import Foundation
import Testing

/// `dovetail ask` and `dovetail tell` as a user's loop runs them.
struct AskTellTests {
  private let folder: String
  private let log: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-asks-\(UUID().uuidString)").path
    log = "\(folder)/l.sqlite"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let space = """
      name: toy
      parameters:
        - {name: a, type: integer, range: [1, 12]}
        - {name: b, type: categorical, values: [x, "y z"]}
      constraints: [a != 5]
      """
    try Data(space.utf8).write(to: URL(fileURLWithPath: "\(folder)/s.yaml"))
  }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func ask(_ arguments: [String] = [], log: String? = nil) throws -> DovetailProcess.Result
  {
    try DovetailProcess.run(["ask", "--log", log ?? self.log] + arguments)
  }

  private func first(_ arguments: [String], log: String? = nil) throws -> DovetailProcess.Result {
    try ask(
      ["--space", "\(folder)/s.yaml", "--minimize", "time:ms", "--limit", "area<=10"] + arguments,
      log: log)
  }

  private func tell(_ lines: [String], log: String? = nil) throws -> DovetailProcess.Result {
    try DovetailProcess.run(
      ["tell", "--log", log ?? self.log], input: lines.joined(separator: "\n") + "\n")
  }

  /// What the user's simulator says: the time is the first letter's code and `a`.
  private func results(_ asks: String) throws -> [String] {
    try asks.split(separator: "\n").map { line in
      let ask = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let design = try #require(ask["design"] as? [String: Any])
      let id = try #require(ask["id"] as? Int)
      let a = try #require(design["a"] as? Int)
      if a == 7 { return "{\"id\":\(id),\"infeasible\":\"no mapping\"}" }
      if a == 8 { return "{\"id\":\(id),\"failed\":\"timeout: 9 s\"}" }
      return "{\"id\":\(id),\"metrics\":{\"time\":\((a - 3) * (a - 3)),\"area\":\(a)}}"
    }
  }

  /// A limit on an expression over parameters is exact: every design within it is asked for, none beyond.
  @Test(arguments: ["evolution", "halton", "random"])
  func limitsOnParametersAreExact(designer: String) throws {
    defer { remove() }
    let asked = try ask([
      "--space", "\(folder)/s.yaml", "--minimize", "time", "--limit", "a * a + 1<=40", "--limit",
      "a>=2", "--limit", "area<=10", "--designer", designer, "-n", "40",
    ])
    #expect(asked.code == 0, "\(asked.errors)")
    let designs = try asked.output.split(separator: "\n").map { line in
      let ask = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let design = try #require(ask["design"] as? [String: Any])
      return "\(try #require(design["a"] as? Int)) \(try #require(design["b"] as? String))"
    }
    #expect(designs.sorted() == [2, 3, 4, 6].flatMap { ["\($0) x", "\($0) y z"] })
    // The log knows them, and what is measured.
    let told = try tell(["{\"id\":1,\"metrics\":{\"time\":1,\"area\":11}}"])
    #expect(told.code == 0, "\(told.errors)")
    let more = try ask()
    #expect(more.code == 1 && more.output.isEmpty)
    let wrong = try ask(
      ["--space", "\(folder)/s.yaml", "--minimize", "time", "--limit", "a * c<=40"],
      log: "\(folder)/other.sqlite")
    #expect(wrong.code == 2)
    #expect(
      wrong.errors
        == "error: --limit: constraint: column 5: unknown name \"c\"\n  a * c\n      ^\nhint: known: a, b\n"
    )
  }

  @Test(arguments: ["evolution", "firefly", "halton", "random"])
  func sameSeedAndSameTellsSameAsks(designer: String) throws {
    defer { remove() }
    var runs: [[String]] = []
    for file in ["\(folder)/1.sqlite", "\(folder)/2.sqlite"] {
      var asks: [String] = []
      for round in 0..<3 {
        let asked =
          try round == 0
          ? first(["--designer", designer, "--seed", "7", "-n", "3"], log: file)
          : ask(["-n", "3"], log: file)
        try #require(asked.code == 0, "\(asked.errors)")
        asks.append(asked.output)
        let told = try tell(try results(asked.output), log: file)
        #expect(told.code == 0, "\(told.errors)\(told.output)")
      }
      runs.append(asks)
    }
    #expect(runs[0] == runs[1])
    let lines = runs[0].joined().split(separator: "\n")
    #expect(lines.count == 9)
    #expect(!lines.contains { $0.contains("\"a\":5,") })
  }

  @Test func asksOverlapAndSurvive() throws {
    defer { remove() }
    let one = try first(["--designer", "random", "-n", "2"])
    let two = try ask(["-n", "2"])
    #expect(one.output.hasPrefix("{\"id\":1,\"design\":{\"a\":"))
    #expect(two.output.hasPrefix("{\"id\":3,\"design\":{\"a\":"))
    let open = try ask(["--outstanding"])
    #expect(open.output == one.output + two.output)
    // Told in another order than asked.
    let lines = try results(open.output)
    let told = try tell([lines[3], lines[0]])
    #expect(told.output == "{\"id\":4,\"row\":1}\n{\"id\":1,\"row\":2}\n")
    let left = try ask(["--outstanding"])
    #expect(left.output.split(separator: "\n").count == 2)
    // The whole space: 22 legal designs, none twice, though two are still open.
    let rest = try ask(["-n", "40"])
    let designs = (one.output + two.output + rest.output).split(separator: "\n").map { line in
      String(line.drop { $0 != "," })
    }
    #expect(Set(designs).count == designs.count)
    #expect((22...23).contains(designs.count))
    _ = try tell(try results(rest.output).filter { !$0.contains("failed") })
    let shown = try DovetailProcess.run(["log", "show", log])
    #expect(shown.output.contains("rows, "))
  }

  @Test func twoProcessesShareALog() throws {
    defer { remove() }
    let processes = try (0..<4).map { _ in
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = [
        "ask", "--log", log, "--space", "\(folder)/s.yaml", "--minimize", "time", "-n", "3",
      ]
      process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/null"))
      try process.run()
      return process
    }
    for process in processes {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    let open = try ask(["--outstanding"])
    let lines = open.output.split(separator: "\n")
    #expect(lines.count == 12)
    #expect(Set(lines.map { $0.drop { $0 != "," } }).count == 12)
  }

  @Test func whatIsWrongIsTold() throws {
    defer { remove() }
    let asked = try first(["--designer", "random", "-n", "3"])
    #expect(asked.code == 0)
    let told = try tell([
      "{\"id\":1,\"metrics\":{\"time\":4,\"area\":2},\"evaluator\":\"mine\"}",
      "{\"id\":1,\"metrics\":{\"time\":4,\"area\":2}}",
      "{\"id\":9,\"infeasible\":\"x\"}",
      "{\"infeasible\":\"x\"}",
      "{\"id\":2,\"metrics\":{\"tine\":4,\"area\":2}}",
      "{\"id\":2,\"metrics\":{\"time\":NaN,\"area\":2}}",
      "what",
      "{\"id\":2,\"infeasible\":\"no mapping\"}",
      "{\"id\":3,\"failed\":\"exit status 139\"}",
      "{\"id\":3,\"failed\":\"again\"}",
    ])
    #expect(told.code == 2)
    #expect(
      told.output == """
        {"id":1,"row":1}
        {"line":2,"error":"id 1: it was told already (row 1), expected one of the outstanding 2, 3"}
        {"line":3,"error":"id 9: it was never asked, expected one of the outstanding 2, 3"}
        {"line":4,"error":"got no id, expected one of the outstanding 2, 3"}
        {"line":5,"error":"unknown metric \\"tine\\"; did you mean \\"time\\"? known: time, area"}
        {"line":6,"error":"metrics.time: got NaN, expected a finite number"}
        {"line":7,"error":"got \\"what\\", expected a JSON object"}
        {"id":2,"row":2}
        {"id":3,"row":3}
        {"line":10,"error":"id 3: it was told already (row 3), expected nothing: nothing is outstanding"}

        """)
    #expect(
      told.errors == "error: -: 7 results were refused, 3 told\n"
        + "hint: their answers have an \"error\" member\n")
    let shown = try DovetailProcess.run(["log", "show", log])
    #expect(shown.output.contains("3 rows, 1 feasible, 1 infeasible, 1 failed"))
  }

  @Test func beginningsAreChecked() throws {
    defer { remove() }
    let cases: [([String], String)] = [
      (
        [],
        "error: \(log): no such log\n"
          + "hint: begin a search: dovetail ask --log FILE --space FILE --minimize METRIC\n"
      ),
      (
        ["--minimize", "time"],
        "error: ask: got options of a first ask without --space\n"
          + "hint: add --space to begin a search, or leave them out to go on with one\n"
      ),
      (
        ["--space", "\(folder)/s.yaml"],
        "error: ask: got no objective, expected at least one\n"
          + "hint: add --minimize METRIC or --maximize METRIC\n"
      ),
      (
        ["--space", "\(folder)/s.yaml", "--minimize", "t", "--designer", "fire"],
        "error: designer: got \"fire\", expected one of adaptive-portfolio, bayesian, evolution, firefly, "
          + "halton, model-based, portfolio, random\n"
          + "hint: did you mean \"firefly\"? known: adaptive-portfolio, bayesian, evolution, firefly, "
          + "halton, model-based, portfolio, random\n"
      ),
      (
        ["--space", "\(folder)/s.yaml", "--minimize", "t", "--limit", "area"],
        "error: limit: got \"area\", expected a metric, <= or >=, and a number, such as area_mm2<=27\n"
      ),
    ]
    for (arguments, message) in cases {
      let result = try ask(arguments)
      #expect(result.code == 2)
      #expect(result.errors == message)
    }
    let begun = try first(["--designer", "random"])
    #expect(begun.code == 0)
    let changed = try first(["--designer", "random", "--seed", "3"])
    #expect(changed.code == 2)
    #expect(
      changed.errors == "error: \(log): the search was begun with seed 0, got 3\n"
        + "hint: leave out the options to go on with it, or give a new --log\n")
    let table = "\(folder)/t.csv"
    try Data("a,time\n1,2\n2,3\n".utf8).write(to: URL(fileURLWithPath: table))
    let imported = "\(folder)/i.sqlite"
    let made = try DovetailProcess.run([
      "log", "import", table, "--params", "a", "--minimize", "time", "--out", imported, "--quiet",
    ])
    #expect(made.code == 0)
    let without = try ask(log: imported)
    #expect(
      without.errors == "error: \(imported): the log has no search to go on with\n"
        + "hint: begin one in a new log: dovetail ask --log FILE --space FILE --minimize METRIC\n")
  }
}
