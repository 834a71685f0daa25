import DesignSpace
import Foundation
import SimulationLog
import Study
import Testing

/// A log of three parameters, two metrics, a limit, in a folder of its own.
struct SampleLog {
  let folder: URL
  let file: String

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-log-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    file = folder.appendingPathComponent("l.sqlite").path
  }

  static func catalog() throws -> LogCatalog {
    var catalog = LogCatalog()
    let space = try SearchSpace(parameters: [
      .levels("a", [1, 2, 4]), .categories("b", ["x", "y"]), .real("c", 0...10),
    ])
    catalog.spaces = [LogSpace(name: "s", space: space)]
    catalog.metrics = [Metric("latency", unit: "ms"), Metric("area", unit: "mm^2")]
    catalog.objectives = [Objective(.minimize, "latency")]
    catalog.limits = [MetricLimit("area", .atMost, 3)]
    catalog.features = ["macs"]
    catalog.contexts = [LogContext(name: "net", features: [100])]
    return catalog
  }

  static func trial(
    _ coordinates: [Double], _ metrics: [Double],
    _ verdict: LoggedTrial.Verdict = .feasible
  ) -> LoggedTrial {
    LoggedTrial(space: 0, context: 0, coordinates: coordinates, metrics: metrics, verdict: verdict)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}

func trials(_ log: TrialLog, _ filter: TrialFilter = TrialFilter()) throws -> [LoggedTrial] {
  var trials: [LoggedTrial] = []
  try log.forEachTrial(matching: filter) {
    trials.append($0)
    return true
  }
  return trials
}

struct TrialLogTests {
  @Test func everythingComesBack() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    let log = try TrialLog.create(file: sample.file, catalog: try SampleLog.catalog())
    var full = SampleLog.trial([2, 1, 3.25], [5, 1.5])
    full.label = "d1"
    full.split = "offline"
    full.seed = .max
    full.seconds = 0.25
    full.origin = .init(designer: "random", evaluator: "sim", version: "1.2", file: "f.csv")
    full.line = 17
    let others: [LoggedTrial.Verdict] = [
      .infeasible(.hidden("does not compile")), .infeasible(.constraint("a * b <= 4")),
      .infeasible(.limit("area <= 3")), .failed(EvaluationFailure(.crash, "exit status 139")),
      .failed(EvaluationFailure(.timeout, "60 s")), .failed(EvaluationFailure(.garbage, "{")),
      .infeasible(.hidden("")),
    ]
    #expect(try log.append(full) == 1)
    for verdict in others {
      try log.append(SampleLog.trial([0, 0, -.infinity], [.nan, 4], verdict))
    }
    let again = try TrialLog.open(file: sample.file)
    #expect(try again.catalog() == log.catalog())
    let read = try trials(again)
    #expect(read.map(\.id) == Array(1...8))
    full.id = 1
    #expect(read[0] == full)
    #expect(read.dropFirst().map(\.verdict) == others)
    #expect(read[1].metrics[0].isNaN && read[1].metrics[1] == 4)
    #expect(read[1].coordinates == [0, 0, -.infinity])
  }

  @Test func allKindsOfParametersComeBack() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    var catalog = LogCatalog()
    let parent = try Parameter.categories("mode", ["plain", "tiled, \"odd\""])
    catalog.spaces = [
      LogSpace(
        name: "all",
        space: try SearchSpace(parameters: [
          parent, .integer("i", -4...20, step: 3), .levels("l", [0.5, 1, 1e9]),
          .real("r", 1e-3...1e3, scale: .log), .boolean("t"),
          .permutation("p", of: ["K", "C", "P"]),
          .orders("o", ["KSR", "RSK", "K"]),
          try Parameter.integer("tile", 1...8).active(
            when: "mode", isOneOf: ["tiled, \"odd\""]),
        ]), units: ["", "KB", "", "V", "", "", "", ""])
    ]
    let log = try TrialLog.create(file: sample.file, catalog: catalog)
    #expect(try log.catalog() == catalog)
  }

  @Test func filtersBySpaceWorkloadRowsLimitAndVerdict() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    let log = try TrialLog.create(file: sample.file, catalog: try SampleLog.catalog())
    try log.write { writer in
      let other = try writer.context(LogContext(name: "other", features: [7]))
      for index in 0..<30 {
        let area = Double(index) / 5
        var trial = SampleLog.trial(
          [Double(index % 3), 0, 1], [Double(index), area],
          area <= 3 ? .feasible : .infeasible(.limit("area <= 3")))
        if index % 2 == 1 { trial.context = other }
        try writer.append(trial)
      }
      try writer.append(SampleLog.trial([0, 0, 0], [.nan, 1], .infeasible(.hidden("x"))))
    }
    var filter = TrialFilter()
    filter.contexts = [1]
    #expect(try trials(log, filter).count == 15)
    filter = TrialFilter()
    filter.ids = 5...8
    #expect(try trials(log, filter).map(\.id) == [5, 6, 7, 8])
    filter = TrialFilter()
    filter.isFeasible = true
    #expect(try trials(log, filter).count == 16)
    // A wider limit frees what was over the earlier one only.
    filter.limits = [MetricLimit("area", .atMost, 4)]
    #expect(try trials(log, filter).count == 21)
    filter.isFeasible = false
    #expect(try trials(log, filter).count == 10)
    filter.limits = [MetricLimit("area", .atMost, 0)]
    filter.isFeasible = true
    #expect(try trials(log, filter).map(\.id) == [1])
  }

  @Test func filesThatAreNoLogsAreRefused() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    func message(_ file: String) -> String {
      do {
        _ = try TrialLog.open(file: file)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(sample.file) == "\(sample.file): no such log\nhint: dovetail log import makes one")
    try Data().write(to: URL(fileURLWithPath: sample.file))
    #expect(message(sample.file) == "\(sample.file): got an empty file, expected a log")
    try Data(repeating: 0x61, count: 5_000).write(to: URL(fileURLWithPath: sample.file))
    #expect(
      message(sample.file)
        == "\(sample.file): got something that is no SQLite file, expected a log")
    #expect(
      message(sample.folder.path) == "\(sample.folder.path): got a folder or device, expected a log"
    )
    #expect(throws: TrialLogError.exists(file: sample.file)) {
      try TrialLog.create(file: sample.file, catalog: LogCatalog())
    }
  }

  @Test func laterSchemasAreRefused() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    do {
      _ = try TrialLog.create(file: sample.file, catalog: try SampleLog.catalog(), access: .filling)
    }
    // The user version is a big-endian number at byte 60, the application's at 68 (SQLite file format, section 1.3).
    let url = URL(fileURLWithPath: sample.file)
    var bytes = try Data(contentsOf: url)
    #expect(bytes[60...63].elementsEqual([0, 0, 0, 2]))
    bytes[63] = 3
    try bytes.write(to: url)
    let error = #expect(throws: TrialLogError.self) { try TrialLog.open(file: sample.file) }
    #expect(
      error?.description
        == "\(sample.file): got a log of schema 3, expected 2 or less\n"
        + "hint: a newer dovetail wrote it; export it there as JSON lines and import it here, or update"
    )
    bytes[68] = 0
    try bytes.write(to: url)
    let other = #expect(throws: TrialLogError.self) { try TrialLog.open(file: sample.file) }
    #expect(
      other?.description
        == "\(sample.file): got another program's SQLite file, expected a log")
  }

  @Test func aFailedTransactionLeavesNothing() throws {
    struct Stop: Error {}
    let sample = try SampleLog()
    defer { sample.remove() }
    let log = try TrialLog.create(file: sample.file, catalog: try SampleLog.catalog())
    try log.append(SampleLog.trial([0, 0, 0], [1, 1]))
    #expect(throws: Stop.self) {
      try log.write { writer in
        try writer.append(SampleLog.trial([1, 0, 0], [1, 1]))
        throw Stop()
      }
    }
    #expect(try log.trialCount() == 1)
  }

  @Test func damagedFilesAreErrorsNotCrashes() throws {
    let sample = try SampleLog()
    defer { sample.remove() }
    do {
      let log = try TrialLog.create(
        file: sample.file, catalog: try SampleLog.catalog(), access: .filling)
      try log.write { writer in
        for index in 0..<200 {
          try writer.append(SampleLog.trial([Double(index % 3), 1, 2], [Double(index), 1]))
        }
      }
      try log.finish()
    }
    let url = URL(fileURLWithPath: sample.file)
    let bytes = try Data(contentsOf: url)
    var state: UInt64 = 9
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        damaged[Int((state >> 33) % UInt64(bytes.count - 100)) + 100] = UInt8(
          truncatingIfNeeded: state >> 20)
      }
      try damaged.write(to: url)
      do { _ = try trials(TrialLog.open(file: sample.file)) } catch is TrialLogError {}
    }
  }
}
