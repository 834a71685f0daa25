import Dispatch
import Distribution
import Foundation

/// Many tiny evaluations in tasks of processes and of Slurm, beside one process, and what the model of throughput expects.
///
/// A log is generated each time; all must be equal, rows in order, times aside. Appends to Tests/Benchmarks/Results/cluster.csv.
enum ClusterBenchmark {
  private struct Failure: Error, CustomStringConvertible { var description: String }

  private static let results = "Tests/Benchmarks/Results/cluster.csv"
  private static let titles =
    "date,executor,evaluations,tasks,places,seconds,per_second,files,megabytes,"
    + "evaluation_seconds,model_seconds,note\n"

  static func run(_ arguments: [String]) throws {
    let count = arguments.first.flatMap { Int($0) } ?? 100_000
    let folder = FileManager.default.temporaryDirectory.path + "/dovetail-cluster-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if !FileManager.default.fileExists(atPath: results) {
      try titles.write(toFile: results, atomically: true, encoding: .utf8)
    }
    let alone = try generate(count, "\(folder)/alone.sqlite", ["--threads", "1"])
    try note("one process", count, alone, "\(folder)/alone.sqlite", tasks: 0, places: 1, model: nil)
    let evaluation = alone / Double(count)

    let shards = "\(folder)/processes.sqlite"
    let places = ProcessInfo.processInfo.activeProcessorCount
    let seconds = try generate(count, shards, ["--executor", "processes"])
    guard try table(shards) == table("\(folder)/alone.sqlite") else {
      throw Failure(description: "processes: the log differs from that of one process")
    }
    var model = ThroughputModel(placeCount: places)
    model.overheadSeconds = 0.1
    try note(
      "processes", count, seconds, shards, tasks: tasks(shards), places: places,
      model: model.cost(of: count, seconds: evaluation).seconds)

    guard FileManager.default.isExecutableFile(atPath: "/usr/sbin/slurmctld"), geteuid() == 0
    else { return }
    // Tasks that do next to nothing: what is left is what a task costs.
    let small = 200
    let cluster = "\(folder)/slurm"
    let script = "Tests/CommandLineTests/Cluster/slurm"
    try shell(["bash", script, "start", cluster])
    defer { try? shell(["bash", script, "stop", cluster]) }
    setenv("SLURM_CONF", "\(cluster)/slurm.conf", 1)
    try "kind: slurm\nshardSize: 1\npollSeconds: 0.5\n".write(
      toFile: "\(folder)/slurm.yaml", atomically: true, encoding: .utf8)
    let tiny = "\(folder)/slurm.sqlite"
    let time = try generate(small, tiny, ["--executor-file", "\(folder)/slurm.yaml"])
    var slurm = ThroughputModel(placeCount: 4)
    slurm.shardSize = 1
    try note(
      "slurm", small, time, tiny, tasks: tasks(tiny), places: 4,
      model: slurm.cost(of: small, seconds: evaluation).seconds)
  }

  private static func generate(_ count: Int, _ log: String, _ more: [String]) throws -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    // All rows that the limit allows: few designs are feasible. The count is out of reach, so that the command ends with 1.
    try shell(
      [
        ".build/release/dovetail", "log", "generate", "--template",
        "Configs/templates/prime-edge.yaml", "--workload", "Configs/workloads/mlp-mnist.yaml",
        "--count", "\(count)", "--maximum-rows", "\(count)", "--mappings", "10", "--seed", "1",
        "--out", log, "--quiet",
      ] + more, expecting: [0, 1])
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  private static func table(_ log: String) throws -> Data {
    try shell([
      ".build/release/dovetail", "log", "export", log, "--reproducible", "--out", "\(log).csv",
    ])
    return try Data(contentsOf: URL(fileURLWithPath: "\(log).csv"))
  }

  private static func tasks(_ log: String) -> Int {
    var survey = ClusterSurvey(folder: "\(log).cluster")
    survey.look(now: Date())
    return survey.finishedCount
  }

  private static func note(
    _ name: String, _ count: Int, _ seconds: Double, _ log: String, tasks: Int, places: Int,
    model: Double?
  ) throws {
    var files = 1
    var bytes = size(log)
    for file in FileManager.default.enumerator(atPath: "\(log).cluster")?.allObjects ?? [] {
      guard let file = file as? String else { continue }
      files += 1
      bytes += size("\(log).cluster/\(file)")
    }
    func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    var load = [Double](repeating: 0, count: 3)
    getloadavg(&load, 3)
    let cells = [
      String(Date().formatted(.iso8601).prefix(10)), name, "\(count)", "\(tasks)", "\(places)",
      text(seconds, 1), text(Double(count) / seconds, 0), "\(files)", text(bytes / 1e6, 1),
      text(seconds / Double(count), 6), model.map { text($0, 1) } ?? "",
      "load \(text(load[0], 1))",
    ]
    let line = cells.joined(separator: ",") + "\n"
    print(line, terminator: "")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: results))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(line.utf8))
    try handle.close()
  }

  private static func size(_ file: String) -> Double {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else { return 0 }
    return (attributes?[.size] as? NSNumber)?.doubleValue ?? 0
  }

  private static func shell(_ words: [String], expecting codes: Set<Int32> = [0]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard codes.contains(process.terminationStatus) else {
      throw Failure(description: "\(words.joined(separator: " ")): \(process.terminationStatus)")
    }
  }
}
