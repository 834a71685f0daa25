import Foundation
import TestSupport
import Testing

/// Limits that move, with hardware and schedules searched together in every step, by the real program.
@Suite struct CoSearchSweepCommandTests {
  /// A machine of three levels with 1 to 64 units, two layers, a study and a sweep.
  final class Toy {
    let folder: String

    init(
      _ sweep: String, method: String = "nested", networks: [String] = ["net"],
      extra: String = "", name: String = "toy sweep"
    ) throws {
      folder =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("dovetail-codesign-sweep-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try write(
        """
        name: toy
        parameters:
          - {name: columns, type: levels, values: [1, 2, 4, 8]}
          - {name: rows, type: levels, values: [1, 2, 4, 8]}
          - {name: words, type: levels, values: [8, 16, 32]}
          - {name: buffer, type: levels, values: [256, 1024, 4096]}
        """, "space.yaml")
      try write(
        """
        name: toy
        space: space.yaml
        clockMHz: 200
        wordBits: 16
        levels:
          - {name: DRAM, kind: DRAM, energy: {read: 200, fill: 200, update: 200}}
          - {name: buffer, kind: SRAM, capacity: "{buffer}", energy: {read: 6, fill: 6, update: 6}, leakage: 0, area: 0.1}
          - name: registers
            kind: registers
            mesh: ["{columns}", "{rows}"]
            capacity: "{words}"
            energy: {read: "{words / 32}", fill: "{words / 32}", update: "{words / 32}"}
            leakage: 0
            area: 0.01
        compute: {name: MAC, mesh: ["{columns}", "{rows}"], energy: 1, wordBits: 16, area: 0.01}
        """, "template.yaml")
      for (index, network) in networks.enumerated() {
        try write(
          """
          name: \(Self.quoted(network))
          layers:
            - name: product
              matrixProduct: {rows: 8, columns: 32, inner: \(64 * (index + 1))}
            - name: convolution
              convolution: {C: 4, M: 8, R: 3, S: 3, P: 8, Q: 8}
          """, "network\(index).yaml")
      }
      let files = networks.indices.map { "network\($0).yaml" }.joined(separator: ", ")
      try write(
        """
        name: toy
        template: template.yaml
        workloads: [\(files)]
        method: \(method)
        budget: {hardware: 5, software: 16, hardwareWarmUp: 2, softwareWarmUp: 8}
        \(extra)
        """, "study.yaml")
      try write(
        "name: \(Self.quoted(name))\nengine: codesign\nstudy: study.yaml\n\(sweep)\n", "sweep.yaml")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func quoted(_ text: String) -> String {
      "\"\(text.replacing("\"", with: "\\\""))\""
    }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    func answer(_ more: [String] = ["--json"], out: String = "run") throws
      -> DovetailProcess.Result
    {
      try DovetailProcess.run(
        ["sweep", "\(folder)/sweep.yaml", "--out", "\(folder)/\(out)", "--quiet"] + more)
    }
  }

  private struct Line: Decodable {
    struct Best: Decodable {
      var seed: Int
      var step: Int
      var objective: Double
      var design: [String: Double]
      var quantities: [String: Double]
    }
    var networks: [String]
    var limits: [String]
    var machines: Int
    var feasible: Int
    var best: Best?
    var baseline: Double?
    var reason: String?
  }

  private static func lines(_ output: String) throws -> [Line] {
    try output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  /// Units from 2 to 64, two networks, two seeds, by the heuristic mapper: monotone, within every limit, budget as split.
  @Test func everyStepBeginsWithTheTighterOnes() throws {
    let toy = try Toy(
      "sweep: [{limit: pes, values: [64, 0.5, 4, 16]}]\nbudget: 15\nseeds: [1, 2]",
      method: "mapper", networks: ["net", "other"],
      extra: "baseline: {columns: 4, rows: 4, words: 16, buffer: 1024}")
    let result = try toy.answer()
    #expect(result.code == 0, "\(result.errors)")
    let lines = try Self.lines(result.output)
    #expect(lines.map(\.limits) == [["pes <= 0.5"], ["pes <= 4"], ["pes <= 16"], ["pes <= 64"]])
    #expect(lines.allSatisfy { $0.networks == ["net", "other"] })
    // Five shares of 3, the first step has two; it has no machine to try.
    #expect(lines.map(\.machines) == [0, 6, 6, 6])
    #expect(
      lines[0].reason
        == "resources: no design of 200 drawn meets pes <= 0.5, the smallest has 1.000")
    let best = lines.dropFirst().compactMap(\.best)
    #expect(best.count == 3)
    for (one, bound) in zip(best, [4.0, 16, 64]) {
      let units = try #require(one.design["columns"]) * (one.design["rows"] ?? .nan)
      #expect(units <= bound && one.quantities["pes"] == units)
      let words = try #require(one.design["words"])
      let buffer = try #require(one.design["buffer"])
      // Words of 16 bits: registers in every unit, one buffer.
      #expect(one.quantities["local_kib"] == units * words / 512)
      #expect(one.quantities["global_kib"] == buffer / 512)
      #expect(one.quantities["on_chip_kib"] == units * words / 512 + buffer / 512)
    }
    #expect(zip(best, best.dropFirst()).allSatisfy { $0.objective >= $1.objective })
    let baseline = try #require(lines[0].baseline)
    // No machine beyond a step's limit was mapped.
    for (step, bound) in [(2, 4.0), (3, 16), (4, 64)] {
      for seed in 1...2 {
        let record = try JSONSerialization.jsonObject(
          with: Data(toy.text("run/seed-\(seed)/step-0\(step).json").utf8))
        let machines = try #require((record as? [String: Any])?["machines"] as? [[String: Any]])
        #expect(!machines.isEmpty)
        for machine in machines {
          let quantities = try #require(machine["quantities"] as? [Any])
          #expect((quantities[0] as? NSNumber)?.doubleValue ?? .infinity <= bound)
        }
      }
    }
    // The page says what the lines say.
    let text = try DovetailProcess.run(["sweep", "--resume", toy.folder + "/run", "--quiet"])
    #expect(text.code == 0, "\(text.errors)")
    try expectGolden(text.output.replacing(toy.folder, with: "FOLDER"), "sweep-codesign.txt")
    #expect(text.output.contains("nothing under pes <= 0.5: resources: no design of 200 drawn"))
    #expect(text.output.contains("\nThe baseline (pes 16) has "))
    let table = try toy.text("run/tables/sweep-steps.csv").split(whereSeparator: \.isNewline)
    #expect(table[1].hasPrefix("0.5,nothing feasible,nothing feasible,nothing feasible,"))
    for (row, one) in zip(table.dropFirst(2), best) {
      #expect(Double(row.split(separator: ",")[1]) == one.objective)
    }
    #expect(baseline > 0 && best[2].objective > 0)
  }

  @Test func aKilledSweepGoesOnTheSameOnAnyNumberOfThreads() throws {
    let sweep = "sweep: [{limit: columns * rows, values: [4, 16, 64]}]\nbudget: 12"
    let toy = try Toy(sweep)
    let whole = try toy.answer(["--json", "--threads", "1"], out: "whole")
    #expect(whole.code == 0, "\(whole.errors)")
    for round in 0..<3 {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = [
        "sweep", "\(toy.folder)/sweep.yaml", "--out", "\(toy.folder)/run", "--quiet", "--threads",
        "2",
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // In the first step, between steps, and in a later one.
      let sign =
        round == 0
        ? "\(toy.folder)/run/seed-1/step-01/state/2.json"
        : round == 1
          ? "\(toy.folder)/run/seed-1/step-01.json"
          : "\(toy.folder)/run/seed-1/step-02/state/0.json"
      while !FileManager.default.fileExists(atPath: sign), process.isRunning { usleep(1_000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try DovetailProcess.run([
      "sweep", "--resume", "\(toy.folder)/run", "--quiet", "--json", "--threads", "2",
    ])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output == whole.output)
    let lines = try Self.lines(whole.output)
    #expect(lines.map(\.machines) == [6, 3, 3])
    for name in ["sweep-steps.csv", "sweep-moves.csv"] {
      #expect(try toy.text("run/tables/\(name)") == toy.text("whole/tables/\(name)"))
    }
    // The layers of the machine at the knee, or of the loosest step, add up to the network's cost.
    let layers = try toy.text("run/tables/sweep-layers.csv").split(whereSeparator: \.isNewline)
    #expect(layers.count == 3)
    let steps = try toy.text("run/tables/sweep-steps.csv").split(whereSeparator: \.isNewline)
    let header = steps[0].split(separator: ",", omittingEmptySubsequences: false)
    let place = try #require(header.firstIndex { $0.hasPrefix("latency of net") })
    let sum = layers.dropFirst().reduce(0) { sum, row in
      let cells = row.split(separator: ",")
      return sum + (Double(cells[cells.count - 2]) ?? .nan)
    }
    #expect(
      steps.dropFirst().contains {
        Double($0.split(separator: ",", omittingEmptySubsequences: false)[place]) == sum
      })
    let page = try toy.text("run/report.html")
    #expect(page.contains("Loop nest of product"))
    let again = try DovetailProcess.run(["report", "\(toy.folder)/run", "--quiet"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(try toy.text("run/report.html") == page)
  }

  @Test(.enabled(if: Browser.isWanted)) func theReportIsDrawn() throws {
    let name = "<i>\"сеть\"</i> & Netz"
    let toy = try Toy(
      """
      sweep:
        - {limit: pes, values: [4, 16]}
        - {limit: global_kib, values: [0.5, 8]}
      budget: 10
      """, method: "random", networks: [name], name: name)
    let result = try toy.answer([])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("\(name): method random, "))
    let page = try toy.text("run/report.html")
    #expect(!page.contains("<i>") && page.contains("сеть"))
    let look = try Browser.look(at: page, width: 400)
    #expect(look.errors == [] && look.overflow <= 0)
    #expect(look.charts.map(\.name) == ["chart-sweep-curve", "chart-sweep-machines"])
    for chart in look.charts { #expect(chart.marks == chart.stated && chart.tooltip) }
    let grid = try toy.text("run/tables/sweep-grid.csv").split(whereSeparator: \.isNewline)
    #expect(grid.count == 3)
  }

  /// A simulator that breaks ends the sweep with what to do next; mended, it goes on.
  @Test func anEvaluatorThatBreaksIsToldAndMended() throws {
    let toy = try Toy(
      "sweep: [{limit: pes, values: [4, 64]}]\nbudget: 4", method: "random",
      extra: "evaluator: {command: [sh, broken.sh], timeoutSeconds: 20}")
    let script = "\(toy.folder)/broken.sh"
    try toy.write(
      try toy.text("study.yaml").replacing("broken.sh", with: script)
        .replacing("software: 16", with: "software: 40"), "study.yaml")
    try toy.write("cat >/dev/null; exit 3\n", "broken.sh")
    let broken = try toy.answer([])
    #expect(broken.code == 2)
    #expect(
      broken.errors
        == "error: evaluator: broke 20 times in a row: crash: exit status 3\n"
        + "hint: what was answered is kept; mend it and go on with dovetail sweep --resume \(toy.folder)/run\n"
    )
    try toy.write(
      """
      cat >/dev/null
      echo '{"id":"mapping","results":{"valid":true,"cycles":1000,"energy_pj":5.5}}'

      """, "broken.sh")
    let mended = try toy.answer()
    #expect(mended.code == 0, "\(mended.errors)")
    // Two layers of 5.5 pJ and 1000 cycles each: 11 pJ x 2000 cycles, in uJ Mcycle.
    for line in try Self.lines(mended.output) {
      let objective = try #require(line.best?.objective)
      #expect(abs(objective / 2.2e-8 - 1) < 1e-12)
    }
  }

  @Test func nothingFeasibleAndWrongInputHaveTheirCodes() throws {
    let toy = try Toy("sweep: [{limit: columns + rows, values: [0.5, 1]}]\nbudget: 4")
    let none = try toy.answer([])
    #expect(none.code == 1, "\(none.errors)")
    #expect(none.output.contains("nothing under columns + rows <= 0.5: no legal design: "))
    #expect(none.output.contains("net: nothing is feasible under any of the limits.\n"))
    for (text, message) in [
      (
        "engine: codesign\nstudy: study.yaml\nsweep: [{limit: pe, values: [1, 2]}]\nbudget: 4",
        "sweep.yaml:4: sweep[0].limit: unknown resource or parameter \"pe\"\nhint: did you mean \"pes\"? known: area_mm2, pes, on_chip_kib, local_kib, global_kib, columns, rows, words, buffer"
      ),
      (
        "engine: codesign\nstudy: study.yaml\nsweep: [{limit: pes, side: \">=\", values: [1, 2]}]\nbudget: 4",
        "sweep.yaml:4: sweep[0].limit: got pes, expected side \"<=\" and positive bounds for a resource"
      ),
      (
        "study: study.yaml\nsweep: [{limit: pes, values: [1, 2]}]\nbudget: 4",
        "sweep.yaml:2: study: got a co-design study, expected a study of dovetail explore\nhint: add engine: codesign to the sweep, or name another study"
      ),
      (
        "engine: codesign\nstudy: explored.yaml\nsweep: [{limit: pes, values: [1, 2]}]\nbudget: 4",
        "sweep.yaml:3: study: got a study of dovetail explore, expected a co-design study\nhint: leave out engine: codesign, or name another study"
      ),
      (
        "engine: codesign\nstudy: study.yaml\nmodel: x\nsweep: [{limit: pes, values: [1, 2]}]\nbudget: 4",
        "sweep.yaml:4: model: got x, expected no model with engine: codesign"
      ),
    ] {
      try toy.write("name: toy\n\(text)\n", "sweep.yaml")
      try toy.write(
        "name: e\nspace: space.yaml\nevaluator: {command: [x]}\nminimize: t\nbudget: 3\n",
        "explored.yaml")
      let wrong = try toy.answer([], out: "wrong")
      #expect(wrong.code == 2)
      #expect(wrong.errors == "error: \(toy.folder)/\(message)\n")
      #expect(!FileManager.default.fileExists(atPath: "\(toy.folder)/wrong"))
    }
  }
}
