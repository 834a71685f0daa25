import Dispatch
import Foundation
import SimulationLog
import Study
import Workflows

/// Times a million rows through import, query, assessment and export, and what the process grew to.
enum LogBenchmark {
  static let rowCount = 1_000_000

  static func report() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-benchmark-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let table = folder.appendingPathComponent("t.csv").path
    try writeTable(table)
    var roles = LogRoles()
    roles.parameters = (0..<10).map { "p\($0)" } + ["order", "voltage"]
    roles.objectives = [Objective(.minimize, "latency")]
    roles.metrics = ["energy", "area"]
    roles.limits = [MetricLimit("area", .atMost, 90)]
    roles.workload = "net"
    roles.feasible = "ok"
    let log = folder.appendingPathComponent("l.sqlite").path
    try time("log import csv") {
      _ = try LogImport(inputs: [table], roles: roles).run(out: log)
    }
    let opened = try TrialLog.open(file: log)
    try time("log filter by limit and workload") {
      var filter = TrialFilter()
      filter.limits = [MetricLimit("area", .atMost, 20)]
      filter.contexts = [1, 3]
      filter.isFeasible = true
      var count = 0
      try opened.forEachTrial(matching: filter) { _ in
        count += 1
        return true
      }
      precondition(count > 0, "nothing passed the filter")
    }
    try time("log read all") {
      var count = 0
      try opened.forEachTrial { _ in
        count += 1
        return true
      }
      precondition(count > 0, "nothing was read")
    }
    for name in ["e.csv", "e.csv.gz", "e.jsonl"] {
      try time("log export \(name.dropFirst(2))") {
        _ = try LogExport(of: opened, question: LogQuestion()).run(
          out: folder.appendingPathComponent(name).path)
      }
    }
    for name in ["e.csv.gz", "e.jsonl"] {
      try time("log import \(name.dropFirst(2))") {
        _ = try LogImport(
          inputs: [folder.appendingPathComponent(name).path], roles: LogRoles()
        ).run(out: folder.appendingPathComponent("\(name).sqlite").path)
      }
    }
    try time("log assess") {
      _ = try LogAssessmentRun.run(on: opened, question: LogQuestion())
    }
    let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
    print("log bytes a row,\(size / rowCount),,,12 parameters and 3 metrics")
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    print(
      "log peak memory,\(peak.split(separator: " ").dropFirst().first ?? ""),,,kB after all of the above"
    )
  }

  private static func time(_ name: String, _ body: () throws -> Void) throws {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    print("\(name),\(Int(Double(rowCount) / seconds)),,,rows per second, one run of \(rowCount)")
  }

  /// Levels, words, a real number, three metrics; one row in eight is infeasible.
  private static func writeTable(_ file: String) throws {
    try Data().write(to: URL(fileURLWithPath: file))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    defer { try? handle.close() }
    var text = "net," + (0..<10).map { "p\($0)" }.joined(separator: ",")
    text += ",order,voltage,latency,energy,area,ok\n"
    var state: UInt64 = 1
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    let orders = ["KCRS", "CKRS", "RSKC", "SRCK", "KRSC"]
    for _ in 0..<rowCount {
      text += "net\(next(8))"
      for _ in 0..<10 { text += ",\(1 << next(8))" }
      let isFeasible = next(8) > 0
      text += ",\(orders[Int(next(5))]),\(Double(next(10_000)) / 8192)"
      text += isFeasible ? ",\(next(1_000_000)).\(next(1_000))" : ","
      text += ",\(next(100_000)).5,\(next(100)),\(isFeasible ? 1 : 0)\n"
      if text.utf8.count > 1 << 20 {
        try handle.write(contentsOf: Data(text.utf8))
        text = ""
      }
    }
    try handle.write(contentsOf: Data(text.utf8))
  }
}
