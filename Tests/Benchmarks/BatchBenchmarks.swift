import Dispatch
import Foundation
import Workflows

/// Times streams of records: the reference records of the tests, without their results, over and over.
enum BatchBenchmarks {
  static func run() throws {
    let records = try referenceRecords()
    guard !records.isEmpty else { return }
    var text: [UInt8] = []
    let copies = 40
    for _ in 0..<copies {
      for record in records {
        text.append(contentsOf: record)
        text.append(0x0a)
      }
    }
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent(
        "dovetail-benchmark-\(ProcessInfo.processInfo.processIdentifier).jsonl")
    try Data(text).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try report("batch full records", nil, file, copies * records.count)
    try report(
      "batch valid+cycles+energy_pj", [.valid, .cycles, .energy], file, copies * records.count)
  }

  private static func report(
    _ name: String, _ fields: Set<BatchField>?, _ file: URL, _ count: Int
  ) throws {
    var options = BatchEvaluation.Options()
    options.fields = fields
    var rates: [Double] = []
    for _ in 0..<Benchmarks.repeats {
      let input = open(file.path, O_RDONLY)
      defer { close(input) }
      let start = DispatchTime.now().uptimeNanoseconds
      var bytes = 0
      let summary = try BatchEvaluation(options: options).run(reading: input) { bytes += $0.count }
      precondition(summary.recordCount == count && bytes > 0, "records were lost")
      rates.append(Double(count) / (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9))
    }
    rates.sort()
    let middle = Benchmarks.repeats / 2
    print(
      "\(name),\(Int(rates[middle])),\(Int(rates[0])),\(Int(rates[rates.count - 1])),one thread")
  }

  /// The lines of the reference records with `results` taken out, as a mapper would write them.
  private static func referenceRecords() throws -> [Data] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .appendingPathComponent("CostModelTests/References/timeloop")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return try files.filter { $0.pathExtension == "gz" }.sorted { $0.path < $1.path }
      .flatMap { file in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try text.split(separator: 0x0a).map { line in
          let tree = try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
          let kept = tree.filter { ["id", "arch", "problem", "mapping"].contains($0.key) }
          return try JSONSerialization.data(withJSONObject: kept, options: .sortedKeys)
        }
      }
  }
}
