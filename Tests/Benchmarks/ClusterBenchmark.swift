import Dispatch
import Distribution
import Foundation

/// Many tiny evaluations in tasks of processes and of Slurm, beside one process, and what the model of throughput expects.
///
/// A log is generated each time; all must be equal, rows in order, times aside, and every evaluation in exactly one result.
/// `Benchmarks cluster 100000` measures all, `Benchmarks cluster 200 slurm` one of `processes` and `slurm`. Processor seconds are
/// those of the driver and of all its tasks; of Slurm's tasks, which are not its children, they are not known. Appends to
/// Tests/Benchmarks/Results/cluster.csv.
enum ClusterBenchmark {
  private struct Failure: Error, CustomStringConvertible { var description: String }

  private static let results = "Tests/Benchmarks/Results/cluster.csv"
  private static let titles =
    "date,executor,evaluations,tasks,places,seconds,per_second,files,megabytes,"
    + "evaluation_seconds,model_seconds,driver_processor_seconds,task_processor_seconds,"
    + "overhead_seconds,note\n"

  /// What a command took.
  private struct Cost {
    var seconds = 0.0
    /// Of the command itself and of what it waited for.
    var ownProcessor = 0.0
    var childProcessor = 0.0
  }

  static func run(_ arguments: [String]) throws {
    let count = arguments.first.flatMap { Int($0) } ?? 100_000
    let isWanted: (String) -> Bool = { arguments.count < 2 || arguments[1] == $0 }
    let folder = FileManager.default.temporaryDirectory.path + "/dovetail-cluster-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if !FileManager.default.fileExists(atPath: results) {
      try titles.write(toFile: results, atomically: true, encoding: .utf8)
    }
    if isWanted("processes") { try measureProcesses(count, folder) }
    // Tasks that do next to nothing: what is left is what a task costs.
    if isWanted("slurm") { try measureSlurm(arguments.count < 2 ? 200 : count, folder) }
  }

  private static func measureProcesses(_ count: Int, _ folder: String) throws {
    let alone = try generate(count, "\(folder)/alone.sqlite", ["--threads", "1"])
    try note("one process", count, alone, "\(folder)/alone.sqlite", places: 1)
    let evaluation = alone.seconds / Double(count)
    let shards = "\(folder)/processes.sqlite"
    let places = ProcessInfo.processInfo.activeProcessorCount
    let cost = try generate(count, shards, ["--executor", "processes"])
    try expectEqual(shards, "\(folder)/alone.sqlite", count)
    var model = ThroughputModel(placeCount: places)
    model.overheadSeconds = 0.1
    try note(
      "processes", count, cost, shards, places: places,
      model: model.cost(of: count, seconds: evaluation).seconds)
  }

  private static func measureSlurm(_ count: Int, _ folder: String) throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/sbin/slurmctld"), geteuid() == 0
    else { return }
    let alone = try generate(count, "\(folder)/few.sqlite", ["--threads", "1"])
    let cluster = "\(folder)/slurm"
    let script = "Tests/CommandLineTests/Cluster/slurm"
    try shell(["bash", script, "start", cluster])
    defer { _ = try? shell(["bash", script, "stop", cluster]) }
    setenv("SLURM_CONF", "\(cluster)/slurm.conf", 1)
    try "kind: slurm\nshardSize: 1\npollSeconds: 0.5\n".write(
      toFile: "\(folder)/slurm.yaml", atomically: true, encoding: .utf8)
    let tiny = "\(folder)/slurm.sqlite"
    let cost = try generate(count, tiny, ["--executor-file", "\(folder)/slurm.yaml"])
    try expectEqual(tiny, "\(folder)/few.sqlite", count)
    let evaluation = alone.seconds / Double(count)
    var model = ThroughputModel(placeCount: 4)
    model.shardSize = 1
    let rounds = Double((count + 3) / 4)
    try note(
      "slurm", count, cost, tiny, places: 4,
      model: model.cost(of: count, seconds: evaluation).seconds,
      overhead: cost.seconds / rounds - evaluation)
  }

  private static func generate(_ count: Int, _ log: String, _ more: [String]) throws -> Cost {
    // All rows that the limit allows: few designs are feasible. The count is out of reach, so that the command ends with 1.
    try shell(
      [
        ".build/release/dovetail", "log", "generate", "--template",
        "Configs/templates/prime-edge.yaml", "--workload", "Configs/workloads/mlp-mnist.yaml",
        "--count", "\(count)", "--maximum-rows", "\(count)", "--mappings", "10", "--seed", "1",
        "--out", log, "--quiet",
      ] + more, expecting: [0, 1])
  }

  /// Every evaluation is in exactly one result, and the logs are the same.
  private static func expectEqual(_ log: String, _ other: String, _ count: Int) throws {
    guard try table(log) == table(other) else {
      throw Failure(description: "\(log): the log differs from that of one process")
    }
    var survey = ClusterSurvey(folder: "\(log).cluster")
    survey.look(now: Date())
    guard survey.itemCount == count, survey.finishedCount == survey.taskCount,
      survey.tally.duplicateCount == 0
    else {
      throw Failure(
        description: "\(log): \(survey.itemCount) evaluations in the results, expected \(count)")
    }
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
    _ name: String, _ count: Int, _ cost: Cost, _ log: String, places: Int, model: Double? = nil,
    overhead: Double? = nil
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
      String(Date().formatted(.iso8601).prefix(10)), name, "\(count)", "\(tasks(log))",
      "\(places)", text(cost.seconds, 1), text(Double(count) / cost.seconds, 0), "\(files)",
      text(bytes / 1e6, 1), text(cost.seconds / Double(count), 6), model.map { text($0, 1) } ?? "",
      text(cost.ownProcessor, 1), name == "processes" ? text(cost.childProcessor, 1) : "",
      overhead.map { text($0, 3) } ?? "", "load \(text(load[0], 1))",
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

  /// Processor seconds of a process and of those it waited for, so far.
  private static func processor(_ id: pid_t) -> (own: Double, children: Double)? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return nil }
    // Numbers follow the name, which ends with the last parenthesis; see proc(5), fields 14 to 17.
    let text = String(decoding: data, as: UTF8.self)
    let fields = text.split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
    guard fields.count > 14 else { return nil }
    let ticks = fields[11...14].map { Double($0) ?? 0 }
    let second = Double(sysconf(Int32(_SC_CLK_TCK)))
    return ((ticks[0] + ticks[1]) / second, (ticks[2] + ticks[3]) / second)
  }

  @discardableResult
  private static func shell(_ words: [String], expecting codes: Set<Int32> = [0]) throws -> Cost {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = FileHandle.nullDevice
    let start = DispatchTime.now().uptimeNanoseconds
    var cost = Cost()
    try process.run()
    while process.isRunning {
      if let (own, children) = processor(process.processIdentifier) {
        (cost.ownProcessor, cost.childProcessor) = (own, children)
      }
      usleep(20_000)
    }
    process.waitUntilExit()
    cost.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    guard codes.contains(process.terminationStatus) else {
      throw Failure(description: "\(words.joined(separator: " ")): \(process.terminationStatus)")
    }
    return cost
  }
}
