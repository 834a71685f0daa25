import Foundation
import Testing

/// Adapters to other people's simulators, as users call them.
@Suite(.serialized) struct AdapterTests {
  private static let scripts = DovetailProcess.root.appendingPathComponent("Scripts/adapters").path

  /// Whether `Scripts/adapters/install` has made an environment.
  private static func isInstalled(_ name: String) -> Bool {
    FileManager.default.fileExists(
      atPath: DovetailProcess.root.appendingPathComponent(".build/adapters/\(name)/installed").path)
  }

  private static let hint: Comment = "run Scripts/adapters/install all first"

  /// Runs an adapter in an example folder.
  ///
  /// - Returns: Its answers by line, its exit code and standard error.
  private func ask(
    _ adapter: String, _ arguments: String, _ lines: [String], in folder: ExampleFolder,
    environment: String = ""
  ) throws -> (answers: [[String: Any]], code: Int32, errors: String) {
    try folder.write(lines.map { $0 + "\n" }.joined(), to: "asked")
    let (code, errors) = try folder.run(
      "\(environment) '\(Self.scripts)/\(adapter)' \(arguments) <asked >answers")
    let text = try String(
      contentsOf: folder.url.appendingPathComponent("answers"), encoding: .utf8)
    let answers = try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    return (answers, code, errors)
  }

  private func metric(_ answer: [String: Any], _ name: String) throws -> Double {
    let metrics = try #require(answer["metrics"] as? [String: Any], "\(answer)")
    return try #require(metrics[name] as? NSNumber).doubleValue
  }

  @Test func anAdapterWithoutItsSimulatorSaysHowToGetIt() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    for name in ["scale-sim", "zigzag"] {
      let result = try ask(
        name, "--workload w.yaml", [], in: folder, environment: "DOVETAIL_ADAPTERS=/nowhere")
      #expect(result.code == 2)
      #expect(
        result.errors == """
          error: /nowhere/\(name): got no environment, expected the one of \(name)
          hint: run Scripts/adapters/install \(name)

          """)
    }
    let (code, errors) = try folder.run("'\(Self.scripts)/install' scalesim")
    #expect(code == 2)
    #expect(
      errors
        == "error: Scripts/adapters/install: unknown adapter \"scalesim\", expected scale-sim, zigzag or all\n"
    )
    let timeloop = try ask(
      "timeloop", "--architecture a --workload w --program no-such-timeloop", [], in: folder)
    #expect(timeloop.code == 2)
    #expect(
      timeloop.errors.hasPrefix(
        "error: --program: no-such-timeloop: got no such program, expected one on the PATH\nhint: ")
    )
  }

  // MARK: SCALE-Sim

  private func systolic(_ id: Int, _ size: Int, _ dataflow: String) -> String {
    "{\"id\":\(id),\"design\":{\"array_height\":\(size),\"array_width\":\(size),\"ifmap_kib\":64,"
      + "\"filter_kib\":64,\"ofmap_kib\":64,\"dataflow\":\"\(dataflow)\"}}"
  }

  /// A matrix product of 20 x 16 by 16 x 16 on 8 x 8 multipliers against the closed forms of SCALE-Sim's papers.
  ///
  /// With stationary weights or inputs a fold takes 2 S_R + S_C + T - 2 cycles (Samajdar et al., arXiv 1811.02883 and ISPASS 2020,
  /// equation 1). For stationary outputs the same equation counts S_R cycles in which results leave the array; version 3.0.0
  /// lets the next fold begin meanwhile. The last cycle is numbered, not counted.
  @Test(.enabled(if: AdapterTests.isInstalled("scale-sim"), AdapterTests.hint))
  func scaleSimCountsTheCyclesOfItsPaper() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    // No shell ever reads it.
    let hostile = "it's \"$(touch owned)\" `touch owned`.yaml"
    try folder.write(
      "name: g\nlayers:\n  - name: \"g; touch owned\"\n    count: 3\n"
        + "    matrixProduct: {rows: 20, inner: 16, columns: 16}\n", to: hostile)
    try folder.write(hostile, to: "name")
    let result = try ask(
      "scale-sim", "--workload \"$(cat name)\" --metrics cycles,stall_cycles,latency_ms",
      [
        systolic(1, 8, "os"), systolic(2, 8, "ws"), systolic(3, 8, "is"), "garbage",
        systolic(4, 8, "$(touch owned)"), systolic(5, 8192, "os"),
      ], in: folder)
    #expect(result.code == 0, "\(result.errors.suffix(500))")
    #expect(result.answers.count == 6)
    let (rows, columns, inner, size) = (20, 16, 16, 8)
    func folds(_ a: Int, _ b: Int) -> Int { ((a + size - 1) / size) * ((b + size - 1) / size) }
    let outputs = folds(rows, columns) * (2 * size + size + inner - 2 - size) - 1
    let weights = folds(inner, columns) * (2 * size + size + rows - 2) - 1
    let inputs = folds(inner, rows) * (2 * size + size + columns - 2) - 1
    for (answer, cycles) in zip(result.answers, [outputs, weights, inputs]) {
      #expect(try metric(answer, "cycles") == Double(3 * cycles))
      #expect(try metric(answer, "stall_cycles") == 0)
      #expect(try abs(metric(answer, "latency_ms") - Double(3 * cycles) * 1e-6) < 1e-15)
      #expect(answer["version"] as? String == "SCALE-Sim 3.0.0")
    }
    #expect(
      result.answers[3]["error"] as? String
        == "got no design, expected {\"id\": 1, \"design\": {...}}")
    #expect(
      result.answers[4]["failed"] as? String
        == "crash: ValueError: design: dataflow: got \"$(touch owned)\", expected one of os, ws, is"
    )
    #expect(
      result.answers[5]["infeasible"] as? String == "array_height: got 8192, expected 1 to 4096")
    #expect(
      !FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("owned").path))
  }

  /// Its files of real layers are read by our importer, and mean as much work.
  @Test(.enabled(if: AdapterTests.isInstalled("scale-sim"), AdapterTests.hint))
  func scaleSimGetsTheLayersOfOurWorkloads() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    let (code, errors) = try folder.run(
      "'\(Self.scripts)/scale-sim' --workload Configs/workloads/resnet18.yaml --print-topology >t.csv"
    )
    #expect(code == 0, "\(errors)")
    let shown = try folder.run(
      """
      dovetail workload show --json t.csv >ours.json && dovetail workload show --json Configs/workloads/resnet18.yaml >theirs.json
      python3 -c '
      import json
      ours, theirs = [{row["name"]: row["macs"] // row["count"] for row in json.load(open(name))["layers"]} for name in ("ours.json", "theirs.json")]
      assert ours == theirs and len(ours) == 12, (ours, theirs)'
      """)
    #expect(shown.code == 0, "\(shown.errors)")
    let wrong = try ask(
      "scale-sim", "--workload Configs/workloads/resnet18.yaml --layers conv1,conv9", [], in: folder
    )
    #expect(wrong.code == 2)
    #expect(
      wrong.errors.hasPrefix(
        "error: Configs/workloads/resnet18.yaml: unknown layer \"conv9\"\nhint: known layers: conv1, conv2_x, "
      ))
  }

  // MARK: ZigZag

  @Test(.enabled(if: AdapterTests.isInstalled("zigzag"), AdapterTests.hint))
  func zigZagRunsALayerOfResNet() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    func design(_ id: Int, _ size: Int, _ dataflow: String, sram: Int = 64) -> String {
      "{\"id\":\(id),\"design\":{\"array_rows\":\(size),\"array_columns\":\(size),\"register_bytes\":16,"
        + "\"sram_kib\":\(sram),\"sram_bits\":512,\"dram_bits\":64,\"dataflow\":\"\(dataflow)\"}}"
    }
    let arguments =
      "--workload Configs/workloads/resnet18.yaml --layers conv5_shortcut --metrics cycles,energy_pj"
    let lines = [
      design(1, 8, "weight"), design(2, 32, "weight"), design(3, 32, "search"),
      design(4, 64, "output", sram: 1),
    ]
    let result = try ask("zigzag", arguments, lines, in: folder)
    #expect(result.code == 0, "\(result.errors.suffix(500))")
    // No fewer cycles than multiplications by multipliers.
    let work = 256.0 * 512 * 49
    #expect(try metric(result.answers[0], "cycles") >= work / 64)
    #expect(try metric(result.answers[1], "cycles") >= work / 1024)
    // The best of several orders is at least as good as one of them.
    #expect(
      try metric(result.answers[2], "cycles") <= metric(result.answers[1], "cycles"))
    #expect(result.answers[3]["infeasible"] != nil, "\(result.answers[3])")
    #expect(result.answers[0]["version"] as? String == "ZigZag 3.9.1")
    // A process of its own says the same.
    let alone = try ask("zigzag", arguments, [lines[1]], in: folder)
    #expect(
      try metric(alone.answers[0], "energy_pj") == metric(result.answers[1], "energy_pj"))
  }

  /// The study of a user in a few evaluations, through `dovetail explore`.
  @Test(.enabled(if: AdapterTests.isInstalled("zigzag"), AdapterTests.hint))
  func aStudyRunsInZigZag() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    try folder.write(
      """
      name: z
      space: Configs/spaces/zigzag.yaml
      evaluator:
        command: ["\(Self.scripts)/zigzag", --workload, Configs/workloads/resnet18.yaml, --layers, conv5_shortcut]
      metrics: [latency_ms, energy_mj]
      minimize: latency_ms
      budget: 4
      """, to: "z.yaml")
    let (code, errors) = try folder.run("dovetail explore z.yaml --out run --quiet >out")
    #expect(code == 0, "\(errors)")
    let log = try String(
      contentsOf: folder.url.appendingPathComponent("run/dovetail.log"), encoding: .utf8)
    #expect(log.contains("evaluation 4: latency_ms="))
  }

  // MARK: Timeloop

  /// Writes statistics as timeloop-model does, or does not, as the file `mood` says.
  private static let fakeTimeloop = """
    #!/bin/sh
    grep -q 'mapping:' "$1" || { echo "no mapping" >&2; exit 9; }
    echo "chatter on standard output"
    case "$(cat "$MOOD")" in
      well) printf 'Cycles: 1000\\nEnergy: 2.50 uJ\\n' >timeloop-model.stats.txt ;;
      illegal) echo 'ERROR: couldn'"'"'t map level buffer: mapped tile size 70 exceeds buffer capacity 64' >&2; exit 1 ;;
      *) echo first >&2; echo 'license server is down' >&2; exit 3 ;;
    esac
    """

  @Test func timeloopIsRunOnExportedFiles() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    try folder.write(Self.fakeTimeloop, toProgram: "timeloop-model")
    let design =
      "{\"id\":7,\"design\":{\"rows\":8,\"columns\":8,\"buffer_words\":16384,\"register_words\":64}}"
    for version in ["0.4", "0.3"] {
      let arguments =
        "--version \(version) --architecture Configs/templates/timeloop.yaml "
        + "--workload Configs/workloads/mlp-mnist.yaml"
      for (mood, key, expected) in [
        ("well", "metrics", nil),
        (
          "illegal", "infeasible",
          "Timeloop finds no legal mapping: layer \"fc1\""
        ),
        (
          "dead", "failed",
          "crash: RuntimeError: timeloop ended with status 3: license server is down"
        ),
      ] as [(String, String, String?)] {
        try folder.write(mood, to: "mood")
        let result = try ask(
          "timeloop", arguments, [design], in: folder, environment: "MOOD=\"$PWD/mood\"")
        let answer = try #require(result.answers.first, "\(result.errors.suffix(500))")
        #expect(answer["id"] as? Int == 7)
        if let expected {
          #expect(answer[key] as? String == expected)
        } else {
          // Three layers of 1000 cycles and 2.5 uJ.
          #expect(try abs(metric(answer, "latency_ms") - 0.003) < 1e-12)
          #expect(try abs(metric(answer, "energy_mj") - 0.0075) < 1e-12)
        }
      }
    }
    try folder.write("well", to: "mood")
    let wrong = try ask(
      "timeloop",
      "--architecture Configs/templates/timeloop.yaml --workload Configs/workloads/mlp-mnist.yaml --layers fc1",
      [
        "{\"id\":1,\"design\":{\"rows\":8}}",
        "{\"id\":2,\"design\":{\"rows\":\"8]\\nname: x\",\"columns\":8,\"buffer_words\":16384,\"register_words\":64}}",
        "{\"id\":3,\"design\":{\"rows\":8,\"columns\":8,\"buffer_words\":1,\"register_words\":1}}",
      ], in: folder, environment: "MOOD=\"$PWD/mood\"")
    #expect(
      (wrong.answers[0]["failed"] as? String)?.hasSuffix(" is no parameter of the design") == true)
    #expect(wrong.answers[1]["infeasible"] != nil, "\(wrong.answers[1])")
    #expect(wrong.answers[2]["infeasible"] as? String == "no mapping of fc1 fits")
  }

  /// Records of mappings, as `dovetail codesign` sends them.
  @Test func timeloopAnswersRecords() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    try folder.write(Self.fakeTimeloop, toProgram: "timeloop-model")
    try folder.write("well", to: "mood")
    let records = "Tests/CostModelTests/References/timeloop"
    let (code, errors) = try folder.run(
      """
      set -e
      for file in \(records)/*.jsonl.gz; do gzip -dc "$file" | head -n 2; break; done >records
      echo '{"id":"broken"}' >>records
      MOOD="$PWD/mood" '\(Self.scripts)/timeloop' --records <records >answers
      python3 -c '
      import json
      asked, answers = [[json.loads(line) for line in open(name)] for name in ("records", "answers")]
      for record, answer in zip(asked[:2], answers):
          assert answer == {"id": record["id"], "results": {"valid": True, "cycles": 1000, "energy_pj": 2.5e6}}, answer
      assert len(answers) == 3 and "error" in answers[2], answers'
      """)
    #expect(code == 0, "\(errors)")
  }
}
