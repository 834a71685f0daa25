import Foundation
import Testing

/// Runs whose evaluations are done by processes of this machine.
@Suite struct ExecutorCommandTests {
  static func sample(
    budget: Int = 30, script: String = "", extra: String = "batch: 5\nparallel: 10",
    answering: String = ExploreSample.answeringWidely
  ) throws -> ExploreSample {
    try ExploreSample(
      designer: "evolution", budget: budget, extra: extra, evaluatorKeys: "  version: \"1\"",
      script: script, answering: answering, range: "[0, 99]")
  }

  /// The log as a table, in its order, without times.
  static func table(_ log: String) throws -> String {
    let file = "\(log).csv"
    let result = try DovetailProcess.run(["log", "export", log, "--reproducible", "--out", file])
    #expect(result.code == 0, "\(result.errors)")
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  static let processes = ["--executor", "processes"]

  /// Whether GNU parallel is on the path.
  static let hasParallel: Bool = {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["parallel", "--version"]
    (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return false }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.hasPrefix("GNU parallel")
  }()

  @Test func processesGiveTheSameLogAndTables() throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    let alone = "\(sample.folder)/alone"
    let single = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    #expect(single.code == 0, "\(single.errors)")
    let result = try sample.explore(Self.processes)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("30 evaluations in "), "\(result.output)")
    #expect(try Self.table("\(sample.run)/trials.sqlite") == Self.table("\(alone)/trials.sqlite"))
    for name in ["best", "importance", "changes"] {
      #expect(try sample.text("run/tables/\(name).csv") == sample.text("alone/tables/\(name).csv"))
    }
    #expect(sample.calls.count == 60)
    // A run is for its owner only.
    for folder in [sample.run, "\(sample.run)/cluster", "\(sample.run)/cluster/batch-000001"] {
      let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
      #expect(mode == 0o700)
    }
    // The executor is no part of the study.
    let more = try DovetailProcess.run([
      "explore", "--resume", sample.run, "--budget", "35", "--executor", "local", "--quiet",
    ])
    #expect(more.code == 0, "\(more.errors)")
  }

  @Test(.enabled(if: hasParallel)) func parallelGivesTheSameLog() throws {
    let sample = try Self.sample(budget: 20)
    defer { sample.remove() }
    let alone = "\(sample.folder)/alone"
    _ = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    let result = try sample.explore(["--executor", "parallel"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(try Self.table("\(sample.run)/trials.sqlite") == Self.table("\(alone)/trials.sqlite"))
    #expect(sample.calls.count == 40)
  }

  @Test func aKilledDriverIsGoneOnWith() async throws {
    let sample = try Self.sample(script: "[ ! -e slow ] || sleep 0.1")
    defer { sample.remove() }
    let alone = "\(sample.folder)/alone"
    _ = try DovetailProcess.run([
      "explore", sample.study, "--out", alone, "--threads", "1", "--quiet",
    ])
    try sample.write("slow", "")
    for wanted in [36, 44] {
      let driver = Process()
      driver.executableURL = DovetailProcess.executable
      driver.arguments = ["explore", sample.study, "--out", sample.run, "--quiet"] + Self.processes
      driver.standardOutput = FileHandle.nullDevice
      driver.standardError = FileHandle.nullDevice
      try driver.run()
      let end = Date(timeIntervalSinceNow: 20)
      while sample.calls.count < wanted, Date() < end {
        try await Task.sleep(for: .milliseconds(20))
      }
      kill(driver.processIdentifier, SIGKILL)
      driver.waitUntilExit()
    }
    let result = try sample.explore(Self.processes)
    #expect(result.code == 0, "\(result.errors)")
    #expect(try Self.table("\(sample.run)/trials.sqlite") == Self.table("\(alone)/trials.sqlite"))
  }

  /// A design that takes its worker down costs that design only.
  @Test func aDesignThatKillsItsWorkerFailsAlone() throws {
    let sample = try Self.sample(
      budget: 12, script: "[ \"$((a % 10))\" != 3 ] || kill -9 $PPID",
      extra: "batch: 12\nparallel: 12")
    defer { sample.remove() }
    try sample.write(
      "executor.yaml", "kind: processes\nshardSize: 6\nattempts: 2\nbackoffSeconds: 0\n")
    let result = try sample.explore(["--executor-file", "\(sample.folder)/executor.yaml"])
    #expect(result.code == 0, "\(result.errors)")
    let rows = try Self.table("\(sample.run)/trials.sqlite").split(separator: "\n")
    #expect(rows.count == 13)
    let failed = rows.filter { $0.contains("crash") }
    let killers = Set(
      sample.calls.filter { call in
        Int(call.split(separator: " ")[0]).map { $0 % 10 == 3 } ?? false
      })
    #expect(!killers.isEmpty)
    #expect(failed.count == killers.count, "\(failed)")
    #expect(failed.allSatisfy { $0.contains("no result in 2 attempts") })
  }

  @Test func logsAreTheSame() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/dovetail-logs-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var tables: [String] = []
    for more in [["--threads", "1"], Self.processes] {
      let log = "\(folder)/\(tables.count).sqlite"
      let result = try DovetailProcess.run(
        [
          "log", "generate", "--template", "Configs/templates/prime-edge.yaml", "--workload",
          "Configs/workloads/mlp-mnist.yaml", "--count", "6", "--seed", "1", "--mappings", "20",
          "--out", log, "--quiet",
        ] + more)
      #expect(result.code == 0, "\(result.errors)")
      tables.append(try Self.table(log))
    }
    #expect(tables[0] == tables[1])
    let seen = try DovetailProcess.run(["watch", "\(folder)/1.sqlite", "--once"])
    #expect(seen.output.contains("  tasks:        0 running, "), "\(seen.output)\(seen.errors)")
  }

  @Test func aCoSearchIsTheSame() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/dovetail-co-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let root = DovetailProcess.root.path
    let study = """
      name: sample
      template: \(root)/Configs/templates/codesign-168.yaml
      workloads: [\(root)/Configs/workloads/codesign-standin-mlp.yaml]
      method: nested
      budget: {hardware: 3, software: 10, hardwareWarmUp: 2, softwareWarmUp: 4}
      seed: 1

      """
    try Data(study.utf8).write(to: URL(fileURLWithPath: "\(folder)/study.yaml"))
    for (name, more) in [("alone", []), ("tasks", Self.processes)] {
      let result = try DovetailProcess.run(
        ["codesign", "\(folder)/study.yaml", "--out", "\(folder)/\(name)", "--quiet"] + more)
      #expect(result.code == 0, "\(result.errors)")
    }
    #expect(
      try Self.table("\(folder)/alone/trials.sqlite") == Self.table("\(folder)/tasks/trials.sqlite")
    )
    for table in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/alone/tables") {
      let texts = try ["alone", "tasks"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)/tables/\(table)"))
      }
      #expect(texts[0] == texts[1], "\(table)")
    }
  }

  @Test func aSecondDriverIsRefused() throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    _ = try sample.explore(Self.processes + ["--budget", "10"])
    let time = Date().timeIntervalSince1970
    try sample.write(
      "run/cluster/lease.json",
      "{\"host\":\"elsewhere\",\"mark\":1,\"process\":7,\"time\":\(time)}")
    let refused = try sample.explore(Self.processes)
    #expect(refused.code == 2)
    #expect(
      refused.errors.contains(
        "/cluster: got a run that process 7 on elsewhere works on, seen "), "\(refused.errors)")
    #expect(refused.errors.contains("or add --take-over"))
    let taken = try sample.explore(Self.processes + ["--take-over"])
    #expect(taken.code == 0, "\(taken.errors)")
  }

  @Test func wrongSettingsAreTold() throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    let unknown = try sample.explore(["--executor", "slrum"])
    #expect(unknown.code == 2)
    #expect(
      unknown.errors == """
        error: --executor: unknown executor "slrum"
        hint: did you mean "slurm"? known: local, processes, slurm, lsf, sge, parallel

        """)
    let file = "\(sample.folder)/executor.yaml"
    for (text, message) in [
      ("kind: slurm\nshard: 3\n", "unknown key \"shard\""),
      (
        "kind: slurm\nshardSize: 0\n",
        "\(file):2: shardSize: got 0, expected a whole number in 1...50000"
      ),
      (
        "kind: slurm\npartition: \"a\\nb\"\n",
        "\(file):2: partition: got \"a?b\", expected a text without control characters on one line"
      ),
      (
        "kind: slurm\ndirectives: [qos]\n",
        "\(file):2: directives: got \"qos\", expected options that begin with -, such as --qos=low"
      ),
      ("partition: long\n", "kind"),
    ] {
      try sample.write("executor.yaml", text)
      let result = try sample.explore(["--executor-file", file])
      #expect(result.code == 2)
      #expect(result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test func aSchedulerThatIsNotThereIsTold() throws {
    let sample = try Self.sample()
    defer { sample.remove() }
    let result = try sample.explore(["--executor", "lsf"])
    #expect(result.code == 2)
    #expect(
      result.errors == """
        error: executor: lsf: got no program "bsub" on the path, expected that of the scheduler
        hint: run dovetail where jobs are submitted, or use --executor processes

        """)
  }

  @Test func anOfflineSweepTakesNoExecutor() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/dovetail-off-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sweep = "name: s\nengine: offline\nlog: l\nsweep: [{limit: a, values: [1, 2]}]\n"
    try Data(sweep.utf8).write(to: URL(fileURLWithPath: "\(folder)/sweep.yaml"))
    let result = try DovetailProcess.run(["sweep", "\(folder)/sweep.yaml"] + Self.processes)
    #expect(result.code == 2)
    #expect(
      result.errors == """
        error: --executor: got processes, expected none with engine: offline
        hint: an offline sweep evaluates nothing

        """)
  }

  // MARK: The worker by hand

  @Test func workersRefuseWhatIsNotTheirs() throws {
    let sample = try Self.sample(budget: 10, extra: "batch: 10\nparallel: 10")
    defer { sample.remove() }
    _ = try sample.explore(Self.processes)
    let manifest = "\(sample.run)/cluster/batch-000001/manifest.jsonl"
    func worker(_ more: [String]) throws -> DovetailProcess.Result {
      try DovetailProcess.run(["worker", manifest] + more)
    }
    let none = try worker([])
    #expect(none.code == 2)
    #expect(
      none.errors == """
        error: --shard: got nothing, expected a number
        hint: a task of an array reads it from its scheduler; by hand give --shard 0

        """)
    #expect(try worker(["--shard", "0"]).code == 0)
    let far = try worker(["--shard", "99"])
    #expect(far.code == 2)
    #expect(far.errors.contains("shard: got 99, expected 0 to "))
    let other = try worker(["--shard", "0", "--hash", String(repeating: "0", count: 64)])
    #expect(other.code == 2)
    #expect(other.errors.contains("expected 0000000000000000..."), "\(other.errors)")
    #expect(try worker(["--shard", "0", "--threads", "0"]).code == 2)
    // The space changed: answers would be of other designs.
    try sample.write("space.yaml", try sample.text("space.yaml") + "\n# changed\n")
    let changed = try worker(["--shard", "0"])
    #expect(changed.code == 2)
    #expect(changed.errors.contains("space.yaml: hash: got "), "\(changed.errors)")
    chmod(manifest, 0o666)
    let open = try worker(["--shard", "0"])
    #expect(open.code == 2)
    #expect(
      open.errors.contains(
        "manifest.jsonl: owner: got a file that others may write to, expected one of its owner only"
      ))
  }

  // MARK: Watching

  @Test func aRunWithoutAnExecutorIsWatched() throws {
    let sample = try Self.sample(budget: 25)
    defer { sample.remove() }
    _ = try sample.explore()
    let page = "\(sample.folder)/page.html"
    let seen = try DovetailProcess.run(["watch", sample.run, "--once", "--page", page])
    #expect(seen.code == 0, "\(seen.errors)")
    #expect(seen.output.contains("\n  evaluations:  25 of 25\n"), "\(seen.output)")
    #expect(seen.output.contains("\n  failed:       0\n"))
    #expect(seen.output.contains("\n  best:         t "))
    #expect(!seen.output.contains("tasks:"))
    let text = try sample.text("page.html")
    // The run has ended: nothing is loaded again.
    #expect(seen.output.hasSuffix("\n  the run has ended\n"))
    #expect(text.contains("<td>the run has ended</td>") && !text.contains("http-equiv"))
    try FileManager.default.removeItem(atPath: "\(sample.run)/report.html")
    let open = try DovetailProcess.run(["watch", sample.run, "--once", "--page", page])
    #expect(!open.output.contains("has ended"))
    let openText = try sample.text("page.html")
    #expect(openText.contains("<meta http-equiv=\"refresh\" content=\"2\">"))
    #expect(text.contains("<td>evaluations</td><td>25 of 25</td>"))
    #expect(!text.contains("http://") && !text.contains("https://"))
  }

  @Test func aRunningRunIsWatched() async throws {
    let sample = try Self.sample(script: "[ ! -e slow ] || sleep 1")
    defer { sample.remove() }
    try sample.write("slow", "")
    let driver = Process()
    driver.executableURL = DovetailProcess.executable
    driver.arguments = ["explore", sample.study, "--out", sample.run, "--quiet"] + Self.processes
    driver.standardOutput = FileHandle.nullDevice
    driver.standardError = FileHandle.nullDevice
    try driver.run()
    defer {
      driver.interrupt()
      driver.waitUntilExit()
    }
    let end = Date(timeIntervalSinceNow: 20)
    var output = ""
    while Date() < end, output.firstMatch(of: /tasks: +[1-9]\d* running/) == nil {
      output = (try? DovetailProcess.run(["watch", sample.run, "--once"]).output) ?? ""
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(output.firstMatch(of: /tasks: +[1-9]\d* running/) != nil, "\(output)")
    #expect(output.contains("node"))
  }

  @Test func aRunThatIsNotThereIsTold() throws {
    let result = try DovetailProcess.run(["watch", "/nonexistent", "--once"])
    #expect(result.code == 2)
    #expect(
      result.errors == """
        error: /nonexistent: got nothing, expected a run folder
        hint: run folders are made by dovetail explore STUDY.yaml --out FOLDER

        """)
    let folder = try DovetailProcess.run(["watch", "/tmp", "--once"])
    #expect(folder.errors.hasPrefix("error: /tmp: got a folder without resolved.yaml, "))
  }
}
