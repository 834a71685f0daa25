import Foundation
import Testing

/// `dovetail log` as a user runs it.
@Suite(.serialized)
struct LogCommandTests {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-logs-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, _ name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    return "\(folder)/\(name)"
  }

  /// A small log whose designs are a = 1...64 and b = x or y.
  private func smallLog(_ name: String = "s.sqlite") throws -> String {
    let rows = (1...64).map { "\($0),\($0 % 2 == 0 ? "x" : "y"),\(100 - $0)" }
    let table = try write("a,b,latency\n" + rows.joined(separator: "\n") + "\n", "s.csv")
    let log = "\(folder)/\(name)"
    let made = try DovetailProcess.run([
      "log", "import", table, "--params", "a,b", "--minimize", "latency", "--out", log,
    ])
    try #require(made.code == 0, "\(made.errors)")
    return log
  }

  private static func line(_ index: Int, id: String) -> String {
    "{\"design\":{\"a\":\(index % 64 + 1),\"b\":\"x\"},\"metrics\":{\"latency\":\(index)},\"id\":\"\(id)\"}"
  }

  @Test func goldens() throws {
    defer { remove() }
    let log = "\(folder)/c.sqlite"
    let made = try DovetailProcess.run([
      "log", "import", "Logs/gpu-convolution", "--out", log, "--quiet",
    ])
    #expect(made.code == 0)
    try compareGolden(made.output, "log-import")
    let shown = try DovetailProcess.run(["log", "show", log, "--best", "3"])
    try compareGolden(shown.output.replacing(folder, with: "FOLDER"), "log-show")
    let assessed = try DovetailProcess.run([
      "log", "assess", log, "--limit", "time_ms<=1.5", "--quiet", "--out", "\(folder)/tables",
    ])
    try compareGolden(assessed.output, "log-assess")
    let levels = try String(contentsOfFile: "\(folder)/tables/levels.csv", encoding: .utf8)
    #expect(
      levels.hasPrefix("parameter,level,rows,feasible,share_low,share_high\nblock_size_x,16,"))
    for command in ["show", "assess"] {
      let json = try DovetailProcess.run(["log", command, log, "--json"])
      let value = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      #expect(value?["rows"] as? Int == 7_008)
    }
  }

  private func compareGolden(_ text: String, _ name: String) throws {
    let file = DovetailProcess.root.appendingPathComponent(
      "Tests/CommandLineTests/Goldens/\(name).txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil {
      try Data(text.utf8).write(to: file)
    }
    #expect(text == (try String(contentsOf: file, encoding: .utf8)))
  }

  @Test func appendAnswersEachLine() throws {
    defer { remove() }
    let log = try smallLog()
    let input = """
      \(Self.line(3, id: "n1"))
      {"design":{"a":1,"b":"z"},"metrics":{"latency":1}}
      {"design":{"a":1},"metrics":{"latency":1}}
      {"design":{"a":1,"b":"x"},"metrics":{"latncy":1}}
      {"design":{"a":1,"b":"x"}}
      {"design":{"a":1,"b":"x","c":3},"metrics":{"latency":1}}
      {"design":{"a":1,"b":"x"},"infeasible":"does not compile","seconds":2.5,"evaluator":"sim"}
      {"design":{"a":1,"b":"x"},"failed":"timeout: 60 s"}
      {"design":{"a":1,"b":"x"},"metrics":{"latency":1},"colour":1}
      {"design":{"a":true,"b":"x"},"metrics":{"latency":1}}
      nonsense
      """
    let result = try DovetailProcess.run(["log", "append", log], input: input + "\n")
    #expect(result.code == 2)
    #expect(
      result.output == """
        {"line":1,"row":65}
        {"line":2,"error":"design: parameter \\"b\\": got z, expected one of x, y"}
        {"line":3,"error":"design: parameter \\"b\\": got no value, expected one of x, y"}
        {"line":4,"error":"unknown metric \\"latncy\\"; known: latency"}
        {"line":5,"error":"got no metric \\"latency\\", expected it, \\"infeasible\\" or \\"failed\\""}
        {"line":6,"error":"design: unknown parameter \\"c\\"; known: a, b"}
        {"line":7,"row":66}
        {"line":8,"row":67}
        {"line":9,"error":"unknown member \\"colour\\"; known: design, metrics, infeasible, failed, \
        workload, features, space, id, split, seed, seconds, designer, evaluator, version"}
        {"line":10,"error":"design: parameter \\"a\\": got true, expected \(Self.levels)"}
        {"line":11,"error":"got no JSON object, expected one with \\"design\\" and \\"metrics\\""}

        """)
    #expect(
      result.errors
        == "error: -: 8 lines were refused, 3 appended\nhint: their answers have an \"error\" member\n"
    )
    let shown = try DovetailProcess.run(["log", "show", log])
    #expect(shown.output.hasPrefix("\(log): 67 rows, 65 feasible, 1 infeasible, 1 failed\n"))
  }

  private static let levels =
    "one of " + (1...18).map(String.init).joined(separator: ", ") + ", ... (64 values)"

  /// Kills the appending process at moments spread over its life; `DOVETAIL_KILLS` sets how often, 200 in the
  /// acceptance run.
  @Test func killingLosesNothingAcknowledged() throws {
    defer { remove() }
    let log = try smallLog()
    let kills = Int(ProcessInfo.processInfo.environment["DOVETAIL_KILLS"] ?? "") ?? 20
    var acknowledged: Set<Int> = []
    var state: UInt64 = 11
    for round in 0..<kills {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = ["log", "append", log]
      let input = Pipe()
      let output = try write("", "out\(round)")
      process.standardInput = input
      process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
      process.standardError = FileHandle.nullDevice
      try process.run()
      let descriptor = input.fileHandleForWriting.fileDescriptor
      signal(SIGPIPE, SIG_IGN)
      // A thread feeds lines one by one while the process lives.
      let feeder = Thread {
        var index = 0
        while true {
          let bytes = Array((Self.line(index, id: "r\(round)-\(index)") + "\n").utf8)
          if Glibc.write(descriptor, bytes, bytes.count) != bytes.count { return }
          index += 1
          usleep(700)
        }
      }
      feeder.start()
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Every fifth one dies at any moment of its start, the others after their first answer, on machines of any speed.
      var waited = 0
      while round % 5 != 0, waited < 20_000,
        (try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int ?? 0) == 0
      {
        usleep(1_000)
        waited += 1
      }
      usleep(useconds_t((state >> 33) % 60_000))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try? input.fileHandleForWriting.close()
      let answers = try String(contentsOfFile: output, encoding: .utf8)
      for answer in answers.split(separator: "\n") where answer.hasSuffix("}") {
        guard let row = answer.split(separator: ":").last?.dropLast(), let number = Int(row) else {
          continue
        }
        #expect(acknowledged.insert(number).inserted, "row \(number) acknowledged twice")
      }
    }
    let exported = try DovetailProcess.run([
      "log", "export", log, "--out", "\(folder)/all.csv", "--quiet",
    ])
    #expect(exported.code == 0, "\(exported.errors)")
    let rows = try String(contentsOfFile: "\(folder)/all.csv", encoding: .utf8).split(
      separator: "\n")
    #expect(acknowledged.count > kills)
    #expect(rows.count - 1 - 64 >= acknowledged.count)
    #expect((acknowledged.max() ?? 0) <= rows.count - 1)
  }

  @Test func twoProcessesAppendAtOnce() throws {
    defer { remove() }
    let log = try smallLog()
    let processes = try (0..<2).map { number in
      let lines = (0..<200).map { Self.line($0, id: "p\(number)-\($0)") }
      let input = try write(lines.joined(separator: "\n") + "\n", "in\(number)")
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = ["log", "append", log, input]
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      return process
    }
    // A third one feeds line by line meanwhile, a transaction each.
    for index in 0..<5 {
      let result = try DovetailProcess.run(
        ["log", "append", log], input: Self.line(index, id: "q\(index)") + "\n")
      #expect(result.code == 0, "\(result.errors)")
    }
    for process in processes {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    let shown = try DovetailProcess.run(["log", "show", log])
    #expect(shown.output.hasPrefix("\(log): 469 rows"), "\(shown.output)")
  }

  private func shell(_ script: String) throws -> DovetailProcess.Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = DovetailProcess.root
    let error = try write("", "stderr")
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: error))
    try process.run()
    process.waitUntilExit()
    return DovetailProcess.Result(
      output: "", errors: try String(contentsOfFile: error, encoding: .utf8),
      code: process.terminationStatus)
  }

  /// A limit on the size of files stands for a full disk: writes fail in the same place.
  @Test func fullDisksAreClearErrors() throws {
    defer { remove() }
    let log = try smallLog()
    let program = DovetailProcess.executable.path
    let lines = (0..<5_000).map { Self.line($0, id: "some longer name of a design \($0)") }
    let input = try write(lines.joined(separator: "\n") + "\n", "in")
    let full = try shell("ulimit -f 400; trap '' XFSZ; exec \(program) log append \(log) \(input)")
    #expect(full.code == 2)
    #expect(
      full.errors
        == "error: \(log): the disk, a quota or a file size limit is full; what was acknowledged is kept\n"
        + "hint: make room and run again\n")
    let shown = try DovetailProcess.run(["log", "show", log])
    #expect(shown.code == 0 && shown.output.contains("rows"))
    let importing = try shell(
      "ulimit -f 20; trap '' XFSZ; exec \(program) log import Logs/gpu-convolution --out \(folder)/f.sqlite"
    )
    #expect(importing.code == 2)
    #expect(importing.errors.hasPrefix("error: \(folder)/f.sqlite: the disk, a quota"))
    let exporting = try shell(
      "ulimit -f 1; trap '' XFSZ; exec \(program) log export \(try smallLog("r.sqlite")) "
        + "--out \(folder)/e.csv")
    #expect(exporting.code == 2)
    #expect(exporting.errors == "error: \(folder)/e.csv: cannot be written: File too large\n")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!left.contains { $0.hasPrefix("f.sqlite") || $0.hasPrefix("e.csv") })
  }

  /// As root, who may write everywhere, the program is run as nobody.
  @Test func writeProtectedLogsAreReadAndNotWritten() throws {
    defer {
      chmod(folder, 0o755)
      remove()
    }
    let log = try smallLog()
    chmod(log, 0o444)
    chmod(folder, 0o555)
    let program = DovetailProcess.executable.path
    let prefix =
      getuid() == 0 ? "exec setpriv --reuid=65534 --regid=65534 --clear-groups " : "exec "
    let probe = try shell("\(prefix)test -x \(program)")
    guard probe.code == 0 else { return }
    let read = try shell("\(prefix)\(program) log show \(log)")
    #expect(read.code == 0, "\(read.errors)")
    let append = try shell("echo '{}' | \(prefix)\(program) log append \(log)")
    #expect(append.code == 2)
    #expect(
      append.errors
        == "error: \(log): cannot be written: the file or its folder is read-only\n"
        + "hint: copy the log to a folder you may write to\n")
    let made = try shell(
      "\(prefix)\(program) log import Logs/gpu-convolution --out \(folder)/new.sqlite --quiet")
    #expect(made.code == 2)
    #expect(made.errors.contains("new.sqlite: cannot be written"), "\(made.errors)")
  }

  @Test(
    arguments: [
      (
        ["show", "nowhere.sqlite"],
        "nowhere.sqlite: no such log\nhint: dovetail log import makes one"
      ),
      (
        ["show", "LOG", "--workload", "net"],
        "LOG: unknown workload \"net\"\nhint: known: none"
      ),
      (
        ["show", "LOG", "--limit", "latncy<=3"],
        "LOG: unknown metric \"latncy\"\nhint: did you mean \"latency\"? known: latency"
      ),
      (
        ["assess", "LOG", "--limit", "latency=3"],
        "--limit: got \"latency=3\", expected a limit such as area_mm2<=27\n"
          + "hint: write METRIC<=NUMBER or METRIC>=NUMBER"
      ),
      (
        ["assess", "LOG", "--feature", "C"],
        "--feature: got \"C\", expected a name and a number, such as C=64"
      ),
      (
        ["assess", "LOG", "--feature", "C=1"], "LOG: unknown feature \"C\"\nhint: known: none"
      ),
      (
        ["show", "LOG", "--rows", "9-3"],
        "--rows: got \"9-3\", expected the first and the last number, such as 1-1000"
      ),
      (["show", "LOG", "--best=-1"], "--best: got -1, expected 0 to 10,000"),
      (
        ["show", "LOG", "--space", "designz"],
        "LOG: unknown space \"designz\"\nhint: did you mean \"designs\"? known: designs"
      ),
      (
        ["import", "LOG", "--params", "a", "--params-except", "b", "--out", "x"],
        "--params and --params-except are both there, expected one of them"
      ),
      (
        ["import", "nowhere.csv", "--out", "x"],
        "nowhere.csv: cannot be read: No such file or directory"
      ),
      (
        ["import", "LOG", "--kind", "a=odd", "--out", "x"],
        "--kind: got \"a=odd\", expected a column and its kind, such as order=permutation\n"
          + "hint: known kinds: integer, levels, real, categorical, permutation, boolean"
      ),
      (["append", "LOG", "nowhere.jsonl"], "nowhere.jsonl: No such file or directory"),
    ] as [([String], String)])
  func unhappyPaths(_ arguments: [String], _ message: String) throws {
    defer { remove() }
    let log = try smallLog()
    let result = try DovetailProcess.run(
      ["log"] + arguments.map { $0 == "LOG" ? log : $0 })
    #expect(result.code == 2)
    #expect(result.errors == "error: " + message.replacing("LOG", with: log) + "\n")
    #expect(result.output.isEmpty)
  }
}
