import Foundation
import TestSupport
import Testing

/// Limits that move, answered from a log alone, by the real program.
@Suite struct OfflineSweepCommandTests {
  /// A folder with a log of ten arrays and six buffers on two networks, a model of it, and a sweep.
  ///
  /// `t = size / pe + 3 buffer`, `area = pe / 50 + buffer / 10`; arrays of 512 do not work; a third of the designs was left out.
  private final class Toy {
    let folder: String

    init(networks: [String] = ["a", "b"], isTrained: Bool = true) throws {
      folder =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("dovetail-offline-sweep-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      var table = "workload,size,pe,buffer,t,area,ok\n"
      for (net, size) in zip(networks, [4000.0, 9000.0]) {
        for (i, pe) in Self.arrays.enumerated() {
          for (j, buffer) in Self.buffers.enumerated() where (i + j) % 3 != 1 {
            let works = pe < 512
            let quoted = "\"\(net.replacing("\"", with: "\"\""))\""
            table += "\(quoted),\(size),\(pe),\(buffer),"
            table += works ? "\(Self.cost(size, pe, buffer))" : ""
            table += ",\(Self.area(pe, buffer)),\(works ? 1 : 0)\n"
          }
        }
      }
      try write(table, "toy.csv")
      let imported = try DovetailProcess.run([
        "log", "import", "\(folder)/toy.csv", "--params", "pe,buffer", "--minimize", "t",
        "--metric", "area", "--workload", "workload", "--context-features", "size", "--feasible",
        "ok", "--out", log, "--quiet",
      ])
      #expect(imported.code == 0, "\(imported.errors)")
      guard isTrained else { return }
      let trained = try DovetailProcess.run([
        "offline", "train", log, "-o", model, "--quiet", "--threads", "1", "--members",
        "ridge,forest,pooled-ridge",
      ])
      #expect(trained.code == 0, "\(trained.errors)")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let arrays = [8, 12, 16, 24, 32, 48, 64, 96, 128, 512]
    static let buffers = [1, 2, 4, 8, 16, 32]
    var log: String { "\(folder)/toy.sqlite" }
    var model: String { "\(folder)/toy.model" }
    var run: String { "\(folder)/run" }

    static func cost(_ size: Double, _ pe: Int, _ buffer: Int) -> Double {
      size / Double(pe) + 3 * Double(buffer)
    }

    static func area(_ pe: Int, _ buffer: Int) -> Double {
      Double(pe) / 50 + Double(buffer) / 10
    }

    /// The least cost of a logged design that works.
    static func bestLogged(_ size: Double, _ keeps: (Int, Int) -> Bool) -> Double? {
      var best: Double?
      for (i, pe) in arrays.enumerated() where pe < 512 {
        for (j, buffer) in buffers.enumerated() where (i + j) % 3 != 1 && keeps(pe, buffer) {
          let cost = cost(size, pe, buffer)
          best = min(best ?? cost, cost)
        }
      }
      return best
    }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    func sweep(_ text: String, source: String = "model: toy.model") throws {
      try write("name: toy sweep\nengine: offline\n\(source)\n\(text)\n", "sweep.yaml")
    }

    func answer(_ more: [String] = ["--json"], out: String = "run") throws
      -> DovetailProcess.Result
    {
      try DovetailProcess.run(
        ["sweep", "\(folder)/sweep.yaml", "--out", "\(folder)/\(out)", "--quiet"] + more)
    }
  }

  private struct Line: Decodable {
    struct Predicted: Decodable {
      var value: Double
      var low: Double
      var high: Double
      var feasibility: Double
      var novelty: Int
      var seed: Int
      var step: Int
      var design: [String: Double]
    }
    struct Logged: Decodable {
      var value: Double
      var design: [String: Double]
    }
    var workload: String
    var limits: [String]
    var simulated: Bool
    var predicted: Predicted?
    var bestLogged: Logged?
    var reason: String?
  }

  private static func lines(_ output: String) throws -> [Line] {
    try output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  /// Two networks, four areas: monotone, within the limits, the best logged designs are those of the table.
  @Test func oneModelAnswersEveryLimitWithoutASimulation() throws {
    let toy = try Toy()
    try toy.sweep(
      "sweep: [{limit: area, values: [4, 0.2, 2, 1.2]}]\nproposals: 3\nseeds: [1, 2]")
    let result = try toy.answer()
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    try JSONResultTests.check("dovetail sweep with engine offline", result.output)
    #expect(lines.map(\.workload) == ["a", "a", "a", "a", "b", "b", "b", "b"])
    #expect(lines.allSatisfy { !$0.simulated })
    for (place, size) in [4000.0, 9000.0].enumerated() {
      let own = Array(lines[(4 * place)..<(4 * place + 4)])
      #expect(
        own.map(\.limits) == [["area <= 0.2"], ["area <= 1.2"], ["area <= 2"], ["area <= 4"]])
      #expect(own[0].predicted == nil)
      #expect(own[0].reason == "none of 80 rows is feasible under the limits")
      for (line, area) in zip(own, [0.2, 1.2, 2, 4]) {
        let logged = Toy.bestLogged(size) { Toy.area($0, $1) <= area }
        #expect(line.bestLogged?.value == logged)
      }
      let predicted = own.dropFirst().compactMap(\.predicted)
      #expect(predicted.count == 3)
      for (one, area) in zip(predicted, [1.2, 2, 4]) {
        #expect(one.low <= one.value && one.value <= one.high && one.feasibility >= 0.5)
        #expect(one.novelty >= 1)
        let pe = try #require(one.design["pe"])
        let buffer = try #require(one.design["buffer"])
        // What a model takes for likely may be a little beyond.
        #expect(Toy.area(Int(pe), Int(buffer)) <= 1.1 * area)
      }
      #expect(zip(predicted, predicted.dropFirst()).allSatisfy { $0.value >= $1.value })
    }
    // The page and the text say what the lines say, and that nothing was simulated.
    let text = try DovetailProcess.run(["sweep", "--resume", toy.run, "--quiet"])
    #expect(text.code == 0, "\(text.errors)")
    try expectGolden(text.output.replacing(toy.folder, with: "FOLDER"), "sweep-offline.txt")
    #expect(text.output.hasPrefix("predicted from 80 logged rows, nothing simulated\na\n"))
    #expect(
      text.output.contains(
        "no proposal under area <= 0.2: none of 80 rows is feasible under the limits; loosen area <= 0.2\n"
      ))
    #expect(text.output.contains(" All values are predicted, not simulated.\nreport: "))
    let table = try toy.text("run/tables/w1-steps.csv").split(whereSeparator: \.isNewline)
    #expect(
      table[0].hasPrefix("area <=,predicted t,median of seeds,worst seed,spread of seeds (%)"))
    #expect(table[1].hasPrefix("0.2,no proposal,no proposal,no proposal,,"))
    for (row, line) in zip(table.dropFirst(2), lines[1..<4]) {
      let value = try #require(Double(row.split(separator: ",")[1]))
      #expect(value == line.predicted?.value)
    }
  }

  /// The same answer from a folder that was killed, on any number of threads, and from the log without the model.
  @Test func aKilledSweepGoesOnTheSame() throws {
    let toy = try Toy()
    try toy.sweep(
      "sweep: [{limit: area, from: 0.6, to: 4, count: 5}]\nworkloads: [b]\nproposals: 2")
    let whole = try toy.answer(["--json", "--threads", "2"], out: "whole")
    #expect(whole.code == 0, "\(whole.errors)")
    for round in 1...3 {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = [
        "sweep", "\(toy.folder)/sweep.yaml", "--out", toy.run, "--quiet", "--threads", "1",
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      let step = "\(toy.run)/seed-1/step-0\(round).json"
      while !FileManager.default.fileExists(atPath: step), process.isRunning { usleep(2_000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try DovetailProcess.run(["sweep", "--resume", toy.run, "--quiet", "--json"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == whole.output)
    for name in ["sweep-steps.csv", "sweep-proposals.csv"] {
      #expect(try toy.text("run/tables/\(name)") == toy.text("whole/tables/\(name)"))
    }
    // The page comes from the folder alone.
    let page = try toy.text("run/report.html")
    try FileManager.default.removeItem(atPath: toy.model)
    try FileManager.default.removeItem(atPath: "\(toy.run)/report.html")
    let again = try DovetailProcess.run(["report", toy.run, "--quiet"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(try toy.text("run/report.html") == page)
  }

  /// A folder of tables is imported into the run folder and learned from once; its log says the same.
  @Test func aFolderOfTablesIsImportedAndLearnedFrom() throws {
    let toy = try Toy(isTrained: false)
    try FileManager.default.createDirectory(
      atPath: "\(toy.folder)/tables", withIntermediateDirectories: true)
    try toy.write(try toy.text("toy.csv"), "tables/toy.csv")
    try toy.write(
      """
      params: [pe, buffer]
      minimize: [t]
      metrics: [area]
      workload: workload
      context-features: [size]
      feasible: ok

      """, "tables/toy.csv.roles.yaml")
    let question = "sweep: [{limit: area, values: [1.2, 4]}]\nworkloads: [a]\nproposals: 2"
    try toy.sweep(question, source: "log: tables")
    let folder = try toy.answer()
    #expect(folder.code == 0, "\(folder.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(toy.run)/log.sqlite"))
    #expect(FileManager.default.fileExists(atPath: "\(toy.run)/seed-1/model"))
    try toy.sweep(question, source: "log: toy.sqlite")
    let log = try toy.answer(out: "other")
    #expect(log.output == folder.output)
    let again = try DovetailProcess.run(["sweep", "--resume", toy.run, "--quiet", "--json"])
    #expect(again.output == folder.output)
    // Half a step is not taken for a whole one.
    let step = "\(toy.run)/seed-1/step-02.json"
    try Data("{\"answers\":[".utf8).write(to: URL(fileURLWithPath: step))
    let damaged = try DovetailProcess.run(["sweep", "--resume", toy.run, "--quiet"])
    #expect(damaged.code == 2)
    #expect(
      damaged.errors
        == "error: \(step): this is not what a step found, or half of it\n"
        + "hint: remove it and go on with dovetail sweep --resume \(toy.run)\n")
    try FileManager.default.removeItem(atPath: step)
    let mended = try DovetailProcess.run(["sweep", "--resume", toy.run, "--quiet", "--json"])
    #expect(mended.output == folder.output)
    try FileManager.default.removeItem(atPath: "\(toy.run)/seed-1")
    let nothing = try DovetailProcess.run(["report", toy.run, "--quiet"])
    #expect(nothing.code == 2)
    #expect(
      nothing.errors
        == "error: \(toy.run): no step is answered yet\n"
        + "hint: go on with it: dovetail sweep --resume \(toy.run)\n")
  }

  /// PRIME's network knows one limit only; a budget buys nothing here.
  @Test func whatCannotAnswerIsRefused() throws {
    let toy = try Toy(isTrained: false)
    let trained = try DovetailProcess.run([
      "offline", "train", toy.log, "-o", toy.model, "--quiet", "--model-kind", "prime", "--steps",
      "20",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    let limited = try DovetailProcess.run([
      "offline", "propose", "--model", toy.model, "--workload", "a", "--limit", "pe<=64", "--quiet",
    ])
    #expect(limited.code == 2)
    #expect(
      limited.errors
        == "error: --limit: got pe <= 64, expected limits on metrics: PRIME's network proposes from the whole space\n"
        + "hint: ask a committee, which offline train makes without --model-kind prime\n")
    try toy.sweep("sweep: [{limit: area, values: [1, 2]}]")
    let prime = try toy.answer([])
    #expect(prime.code == 2)
    #expect(
      prime.errors
        == "error: \(toy.folder)/sweep.yaml:3: model: got PRIME's network, expected a committee\n"
        + "hint: PRIME's network learns one limit as infeasible designs; train a committee, which answers any\n"
    )
    let budget = try toy.answer(["--budget", "3"])
    #expect(budget.code == 2)
    #expect(
      budget.errors
        == "error: --budget: got 3, expected none with engine: offline, which evaluates nothing\n")
  }

  /// A limit on a parameter and one on an expression are exact; two make a grid that is monotone both ways.
  @Test func limitsOnParametersAreExact() throws {
    let toy = try Toy()
    try toy.sweep(
      """
      sweep:
        - {limit: pe * buffer, values: [100, 400, 2000]}
        - {limit: buffer, values: [2, 8]}
      workloads: [a]
      limits: [area <= 3]
      """)
    let result = try toy.answer()
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    #expect(lines.count == 6 && lines[0].limits == ["pe * buffer <= 100", "buffer <= 2"])
    let records = try (1...6).map { try toy.text("run/seed-1/step-0\($0).json") }
    for (index, (product, buffer)) in [100, 400, 2000].flatMap({ p in [2, 8].map { (p, $0) } })
      .enumerated()
    {
      let object = try JSONSerialization.jsonObject(with: Data(records[index].utf8))
      let answers = try #require((object as? [String: Any])?["answers"] as? [[String: Any]])
      for proposal in try #require(answers[0]["proposals"] as? [[String: Any]]) {
        let values = try #require(proposal["values"] as? [String]).compactMap(Int.init)
        #expect(values[0] * values[1] <= product && values[1] <= buffer)
      }
      #expect(
        lines[index].bestLogged?.value
          == Toy.bestLogged(4000) {
            $0 * $1 <= product && $1 <= buffer && Toy.area($0, $1) <= 3
          })
    }
    func value(_ i: Int, _ j: Int) -> Double { lines[2 * i + j].predicted?.value ?? .infinity }
    for i in 0..<3 {
      for j in 0..<2 {
        if i > 0 { #expect(value(i, j) <= value(i - 1, j)) }
        if j > 0 { #expect(value(i, j) <= value(i, j - 1)) }
      }
    }
    let grid = try toy.text("run/tables/sweep-grid.csv").split(whereSeparator: \.isNewline)
    #expect(grid.first == "pe * buffer <=,buffer <= 2,buffer <= 8")
    #expect(grid.count == 4)
  }

  @Test func nothingToSayHasItsCodeAndReasons() throws {
    let toy = try Toy()
    try toy.sweep(
      """
      sweep: [{limit: area, values: [0.01, 0.02]}]
      workloads: [a]
      """)
    let none = try toy.answer([])
    #expect(none.code == 1)
    #expect(
      none.output.contains(
        "no proposal under area <= 0.01: none of 80 rows is feasible under the limits; loosen area <= 0.01\n"
      ))
    #expect(none.output.contains("\na: no proposal under any of the limits.\n"))
    try toy.sweep("sweep: [{limit: pe, values: [1, 2]}]\nworkloads: [a]")
    let empty = try toy.answer([], out: "empty")
    #expect(empty.code == 1)
    #expect(
      empty.output.contains(
        "no proposal under pe <= 1: none of 0 rows is feasible; loosen pe <= 1\n"))
  }

  @Test(.enabled(if: Browser.isWanted)) func theReportIsDrawn() throws {
    let toy = try Toy(networks: ["<b>\"α\"</b> & Söhne", "второй 网络"])
    try toy.sweep("sweep: [{limit: area, values: [0.8, 1.2, 2, 4]}]\nseeds: [1, 2]")
    let result = try toy.answer([])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("<b>\"α\"</b> & Söhne\n"))
    let page = try toy.text("run/report.html")
    #expect(!page.contains("<b>\"α\"</b>") && page.contains("второй 网络"))
    let look = try Browser.look(at: page, width: 400)
    #expect(look.errors == [] && look.overflow <= 0)
    #expect(look.charts.map(\.name) == ["chart-w1-curve", "chart-w2-curve"])
    for chart in look.charts { #expect(chart.marks == chart.stated && chart.tooltip) }
    #expect(look.text.contains("predicted, not simulated"))
  }

  private static let wrong: [(source: String, sweep: String, message: String)] = [
    (
      "engine: offlin\nmodel: toy.model", "sweep: [{limit: area, values: [1, 2]}]",
      "sweep.yaml:2: engine: unknown engine \"offlin\"\nhint: did you mean \"offline\"? known engines: codesign, explore, offline"
    ),
    (
      "engine: offline", "sweep: [{limit: area, values: [1, 2]}]",
      "sweep.yaml:1: got neither model nor log, expected one of them with engine: offline\nhint: add model: FILE of dovetail offline train, or log: FILE of dovetail log import"
    ),
    (
      "engine: offline\nmodel: toy.model\nbudget: 5", "sweep: [{limit: area, values: [1, 2]}]",
      "sweep.yaml:4: budget: got 5, expected no budget with engine: offline"
    ),
    (
      "engine: offline\nmodel: toy.model", "sweep: [{limit: are, values: [1, 2]}]",
      "sweep.yaml:4: sweep[0].limit: unknown metric or parameter \"are\"\nhint: did you mean \"area\"? known: t, area, pe, buffer"
    ),
    (
      "engine: offline\nmodel: toy.model", "sweep: [{limit: pe * bufer, values: [1, 2]}]",
      "sweep.yaml:4: sweep[0].limit: constraint: column 6: unknown name \"bufer\"\n  pe * bufer\n       ^\nhint: did you mean \"buffer\"? known: pe, buffer"
    ),
    (
      "engine: offline\nmodel: toy.model", "sweep: [{limit: area <= 3, values: [1, 2]}]",
      "sweep.yaml:4: sweep[0].limit: got area <= 3, expected what is limited, without a bound\nhint: bounds are values, or from, to, count"
    ),
    (
      "engine: offline\nmodel: toy.model", "sweep: [{limit: area, from: 4, to: 1, count: 3}]",
      "sweep.yaml:4: sweep[0].to: got 1, expected a number above from, 4\nhint: give the smaller bound first; steps begin with the tightest whatever the side"
    ),
    (
      "engine: offline\nmodel: toy.model", "sweep: [{limit: area, values: []}]",
      "sweep.yaml:4: sweep[0].values: got an empty list, expected 2 to 64 numbers"
    ),
    (
      "engine: offline\nmodel: toy.model\nworkloads: [c]",
      "sweep: [{limit: area, values: [1, 2]}]",
      "toy.model: unknown workload \"c\"\nhint: known: a, b"
    ),
    (
      "engine: offline\nmodel: toy.model\nproposals: 0",
      "sweep: [{limit: area, values: [1, 2]}]",
      "sweep.yaml:4: proposals: got 0, expected a whole number in 1...64"
    ),
    (
      "engine: offline\nmodel: none.model", "sweep: [{limit: area, values: [1, 2]}]",
      "none.model: cannot be read: No such file or directory"
    ),
    (
      "engine: offline\nmodel: toy.model\nlog: other.sqlite",
      "sweep: [{limit: area, values: [1, 2]}]",
      "toy.model: parameters: got pe, buffer, expected pe, width, as in FOLDER/other.sqlite\nhint: a model answers about the space it was trained on; train on the other log"
    ),
  ]

  @Test func whatIsWrongIsSaid() throws {
    let toy = try Toy()
    try toy.write("pe,width,t,area\n8,1,3,1\n16,2,2,2\n", "other.csv")
    _ = try DovetailProcess.run([
      "log", "import", "\(toy.folder)/other.csv", "--params", "pe,width", "--minimize", "t",
      "--metric", "area", "--out", "\(toy.folder)/other.sqlite", "--quiet",
    ])
    for (source, sweep, message) in Self.wrong {
      try toy.write("name: toy\n\(source)\n\(sweep)\n", "sweep.yaml")
      let result = try toy.answer([])
      #expect(result.code == 2)
      #expect(
        result.errors
          == "error: \(toy.folder)/\(message.replacing("FOLDER", with: toy.folder))\n")
      // A refused sweep leaves no folder that would refuse the mended one.
      #expect(!FileManager.default.fileExists(atPath: toy.run))
    }
  }
}
