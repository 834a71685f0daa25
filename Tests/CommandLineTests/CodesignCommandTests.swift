import Foundation
import Testing

/// Co-design studies run by the real program.
@Suite struct CodesignCommandTests {
  private struct Sample {
    let folder: String

    init(method: String = "nested", hardware: Int = 4, software: Int = 20, extra: String = "")
      throws
    {
      folder =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("dovetail-codesign-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let root = DovetailProcess.root.path
      try write(
        "study.yaml",
        """
        name: sample
        template: \(root)/Configs/templates/codesign-168.yaml
        workloads: [\(root)/Configs/workloads/codesign-standin-mlp.yaml]
        method: \(method)
        budget: {hardware: \(hardware), software: \(software), hardwareWarmUp: 2, softwareWarmUp: 8}
        seed: 1
        \(extra)
        """)
    }

    var study: String { "\(folder)/study.yaml" }

    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  @Test func aStudyIsSearchedExportedAndCostsTheSameElsewhere() throws {
    let sample = try Sample()
    defer { sample.remove() }
    let run = sample.folder + "/run"
    let result = try DovetailProcess.run(["codesign", sample.study, "--out", run, "--quiet"])
    #expect(result.code == 0)
    #expect(result.errors.isEmpty)
    #expect(
      result.output.hasPrefix("method: nested, 4 machines x 20 mappings of 2 distinct layers"))
    #expect(result.output.hasSuffix("run folder: \(run)\n"))
    let records = sample.folder + "/records.jsonl"
    let timeloop = sample.folder + "/timeloop"
    let export = try DovetailProcess.run([
      "export", run, "--records", records, "--timeloop", timeloop,
    ])
    #expect(export.code == 0)
    #expect(
      FileManager.default.fileExists(atPath: timeloop + "/MLP-K1/timeloop-model.yaml"))
    let batch = try DovetailProcess.run([
      "evaluate", "--batch", records, "--fields", "cycles,energy_pj",
    ])
    #expect(batch.code == 0)
    // The total of every layer, as the run tells it, in the same digits.
    let totals = try sample.text("run/tables/layers.csv").split(separator: "\n").filter {
      $0.contains(",proposal,total,")
    }
    #expect(totals.count == 2)
    for (line, total) in zip(batch.output.split(separator: "\n"), totals) {
      let cells = total.split(separator: ",").map(String.init)
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let results = try #require(object["results"] as? [String: Any])
      #expect(object["id"] as? String == cells[0])
      #expect((results["energy_pj"] as? NSNumber)?.doubleValue == Double(cells[3]))
      #expect((results["cycles"] as? NSNumber)?.intValue == Int(cells[4]))
    }
    let json = try DovetailProcess.run(["codesign", "--resume", run, "--json", "--quiet"])
    #expect(json.code == 0)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((object["evaluations"] as? NSNumber)?.intValue == 160)
    #expect(object["proposal"] is [String: Any])
  }

  @Test func aKilledRunEndsAsIfNothingHadHappened() throws {
    let sample = try Sample(hardware: 8, software: 60)
    defer { sample.remove() }
    let whole = try DovetailProcess.run([
      "codesign", sample.study, "--out", sample.folder + "/whole", "--quiet", "--threads", "1",
    ])
    #expect(whole.code == 0)
    let run = sample.folder + "/run"
    for _ in 0..<6 {
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = ["codesign", sample.study, "--out", run, "--quiet", "--threads", "2"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: 0.35)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let rest = try DovetailProcess.run([
      "codesign", sample.study, "--out", run, "--quiet", "--threads", "2",
    ])
    #expect(rest.code == 0)
    for name in ["tables/best.csv", "tables/layers.csv", "proposal.jsonl", "nests.txt"] {
      #expect(try sample.text("run/\(name)") == sample.text("whole/\(name)"))
    }
  }

  @Test func anInterruptedRunTellsWhatItHas() throws {
    let sample = try Sample(hardware: 500, software: 20)
    defer { sample.remove() }
    let run = sample.folder + "/run"
    let output = sample.folder + "/output"
    try Data().write(to: URL(fileURLWithPath: output))
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = ["codesign", sample.study, "--out", run, "--quiet"]
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    func machines() -> Int {
      ((try? sample.text("run/dovetail.log")) ?? "").components(separatedBy: "objective ").count - 1
    }
    while process.isRunning, machines() < 2 { Thread.sleep(forTimeInterval: 0.05) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let said = try sample.text("output")
    #expect(said.contains("\nSo far, after "))
    #expect(said.contains(" of 500 machines:\nbest machine, trial "))
    let page = try sample.text("run/report.html")
    #expect(page.contains("So far, after "))
    // The same from the folder alone, as after a kill.
    for name in ["report.html", "report.json"] {
      try FileManager.default.removeItem(atPath: "\(run)/\(name)")
    }
    let report = try DovetailProcess.run(["report", run, "--quiet"])
    #expect(report.code == 0, "\(report.errors)")
    #expect(try sample.text("run/report.html") == page)
  }

  @Test func nothingFeasibleAndWrongInputHaveTheirCodes() throws {
    let sample = try Sample(extra: "resources: [pes <= 100]")
    defer { sample.remove() }
    let none = try DovetailProcess.run([
      "codesign", sample.study, "--out", sample.folder + "/run", "--quiet",
    ])
    #expect(none.code == 1)
    #expect(
      none.errors
        == "error: \(sample.study): resources: no design of 200 drawn meets pes <= 100, the smallest has "
        + "168.0\nhint: raise the limit to 168.0 at least\n")
    let both = try DovetailProcess.run(["codesign"])
    #expect(both.code == 2)
    #expect(
      both.errors
        == "error: got neither a study nor --resume, expected one of them\n"
        + "hint: dovetail codesign STUDY.yaml, or dovetail codesign --resume FOLDER\n")
    let absent = try DovetailProcess.run(["codesign", "--resume", sample.folder + "/absent"])
    #expect(absent.code == 2)
    #expect(
      absent.errors
        == "error: --resume: \(sample.folder)/absent: no resolved.yaml, expected a run folder\n"
        + "hint: run folders are made by dovetail codesign STUDY.yaml --out FOLDER\n")
    let threads = try DovetailProcess.run(["codesign", sample.study, "--threads", "0"])
    #expect(threads.errors == "error: --threads: got 0, expected 1 to 1024\n")
    let export = try DovetailProcess.run(["export", sample.folder, "--timeloop", "x"])
    #expect(export.code == 2)
    #expect(
      export.errors
        == "error: \(sample.folder): no proposal.jsonl, expected the folder of a finished co-design run\n"
        + "hint: dovetail codesign --resume \(sample.folder) finishes one\n")
    let nowhere = try DovetailProcess.run(["export", sample.folder])
    #expect(
      nowhere.errors
        == "error: got neither --timeloop nor --records, expected one of them\n"
        + "hint: dovetail export \(sample.folder) --timeloop FOLDER\n")
    let records = try DovetailProcess.run(["export", "--records", "x"])
    #expect(
      records.errors
        == "error: --records: got no run folder, expected one of dovetail codesign\n"
        + "hint: dovetail export FOLDER --records FILE.jsonl\n")
  }
}
