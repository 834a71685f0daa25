import Foundation
import Testing

@Suite struct MapCommandTests {
  static let small = [
    "--architecture", "Configs/architectures/simple-3-level.yaml", "--workload",
    "Configs/workloads/mlp-mnist.yaml",
  ]

  /// A folder of its own, removed afterwards.
  static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-map-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func textIsTheGoldenOneForAnyThreadCount() throws {
    for threads in ["1", "3"] {
      let result = try DovetailProcess.run(["map", "--quiet", "--threads", threads] + Self.small)
      #expect(result.code == 0)
      #expect(result.errors == "")
      try expectGolden(result.output, "map-mlp.txt")
    }
  }

  @Test func jsonIsTheGoldenOneForAnyThreadCount() throws {
    let arguments = ["map", "--quiet", "--json", "--layer", "fc3"] + Self.small
    let one = try DovetailProcess.run(arguments + ["--threads", "1"])
    let three = try DovetailProcess.run(arguments + ["--threads", "3"])
    #expect(one.code == 0)
    #expect(one.output == three.output)
    try expectGolden(one.output, "map-mlp-fc3.json")
  }

  @Test func evaluateGivesTheNumbersOfTheMappingFile() throws {
    try Self.withFolder { folder in
      let mapped = try DovetailProcess.run(
        ["map", "--json", "--quiet", "--out", "\(folder)/run", "--csv", "\(folder)/table.csv"]
          + Self.small)
      #expect(mapped.code == 0)
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/run").sorted()
      #expect(files == ["layers.csv", "mappings.yaml", "nests.txt", "result.json"])
      let read = { (path: String) in
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
      }
      #expect(try read("\(folder)/run/result.json") == mapped.output)
      let table = try read("\(folder)/table.csv")
      #expect(try read("\(folder)/run/layers.csv") == table)
      #expect(table.split(separator: "\n").count == 4)
      #expect(table.hasPrefix("layer,count,energy_pj,cycles,edp_pj_cycles,"))
      let evaluated = try DovetailProcess.run(
        ["evaluate", "--json", "--mapping", "\(folder)/run/mappings.yaml"] + Self.small)
      #expect(evaluated.code == 0)
      let ours = try Self.object(mapped.output)
      let theirs = try Self.object(evaluated.output)
      let results = { (tree: [String: Any]) in
        (tree["layers"] as? [[String: Any]])?.compactMap { $0["results"] as? NSDictionary }
      }
      #expect(results(ours)?.count == 3)
      #expect(results(ours) == results(theirs))
      let totals = try #require(ours["totals"] as? [String: Any])
      let others = try #require(theirs["totals"] as? [String: Any])
      for key in ["energy_pj", "cycles", "edp_pj_cycles", "macs"] {
        #expect(totals[key] as? Double == others[key] as? Double)
      }
      let product =
        try #require(totals["energy_pj"] as? Double) * #require(totals["cycles"] as? Double)
      #expect(totals["edp_pj_cycles"] as? Double == product)
      let layers = try #require(ours["layers"] as? [[String: Any]])
      let sum = layers.reduce(0) { $0 + ($1["edp_pj_cycles"] as? Double ?? 0) }
      let reported = try #require(totals["sum_of_layer_edps_pj_cycles"] as? Double)
      #expect(abs(reported - sum) <= 1e-12 * sum)
      for layer in layers {
        let certificate = try #require(layer["certificate"] as? [String: Any])
        #expect(certificate["proven"] as? Bool == true)
        #expect(certificate["value"] as? Double == layer["edp_pj_cycles"] as? Double)
        #expect(certificate["gap"] as? Double == 0)
      }
      let again = try DovetailProcess.run(["map", "--out", "\(folder)/run"] + Self.small)
      #expect(again.code == 2)
      #expect(
        again.errors
          == "error: --out: \(folder)/run has mappings.yaml already, which would be overwritten\n"
          + "hint: give a new or empty folder\n")
    }
  }

  @Test func otherMappersDoNotBeatTheOptimalOne() throws {
    func value(_ mapper: String, _ goal: String) throws -> Double {
      let result = try DovetailProcess.run(
        [
          "map", "--json", "--quiet", "--layer", "fc3", "--mapper", mapper, "--objective", goal,
          "--budget", "300",
        ] + Self.small)
      let layers = try Self.object(result.output)["layers"] as? [[String: Any]]
      let certificate = try #require(layers?.first?["certificate"] as? [String: Any])
      #expect(certificate["mapper"] as? String == mapper)
      #expect(certificate["objective"] as? String == goal)
      #expect(certificate["proven"] as? Bool == (mapper == "optimal"))
      return try #require(certificate["value"] as? Double)
    }
    for goal in ["edp", "energy", "latency"] {
      let best = try value("optimal", goal)
      #expect(try value("heuristic", goal) >= best * (1 - 1e-9))
      #expect(try value("random", goal) >= best * (1 - 1e-9))
    }
  }

  @Test func layersOfOneShapeAreMappedOnceAndConstraintsAreObeyed() throws {
    try Self.withFolder { folder in
      try Data(
        """
        name: twins
        layers:
          - {name: a, matrixProduct: {rows: 4, columns: 6, inner: 8}}
          - {name: b, matrixProduct: {rows: 4, columns: 6, inner: 8}, count: 2}
        """.utf8
      ).write(to: URL(fileURLWithPath: "\(folder)/twins.yaml"))
      try Data(
        "name: rules\nlevels:\n  - {level: buffer, spatialX: [C=4]}\n".utf8
      ).write(to: URL(fileURLWithPath: "\(folder)/rules.yaml"))
      let machine = [
        "--architecture", "Configs/architectures/simple-3-level.yaml", "--workload",
        "\(folder)/twins.yaml", "--json",
      ]
      let result = try DovetailProcess.run(["map"] + machine)
      #expect(result.errors.hasPrefix("1 of 1 distinct layers mapped, best EDP so far "))
      #expect(result.errors.contains("mapped 2 of 2 layers in "))
      let layers = try #require(Self.object(result.output)["layers"] as? [[String: Any]])
      #expect(layers[0]["same_as"] is NSNull)
      #expect(layers[1]["same_as"] as? String == "a")
      #expect(layers[0]["mapping"] as? NSDictionary == layers[1]["mapping"] as? NSDictionary)
      let ruled = try DovetailProcess.run(
        ["map", "--quiet", "--constraints", "\(folder)/rules.yaml"] + machine)
      let free = try #require(Self.object(ruled.output)["layers"] as? [[String: Any]])
      let mapping = try #require(free[0]["mapping"] as? [String: [[String: Any]]])
      let spatial = try #require(mapping["levels"]?[1]["spatial_x"] as? [[Any]])
      #expect(spatial.contains { $0[0] as? String == "C" && $0[1] as? Int == 4 })
      let kept = try DovetailProcess.run(["map", "--quiet", "--keep", "free"] + machine)
      let value = { (layer: [String: Any]) in layer["edp_pj_cycles"] as? Double }
      let freed = try #require(Self.object(kept.output)["layers"] as? [[String: Any]])
      #expect(try #require(value(freed[0])) <= #require(value(layers[0])))
    }
  }

  @Test func whenNothingFitsTheMessageSaysWhatHelps() throws {
    try Self.withFolder { folder in
      let path = DovetailProcess.root.appendingPathComponent(
        "Configs/architectures/simple-3-level.yaml")
      let machine = String(decoding: try Data(contentsOf: path), as: UTF8.self)
        .replacing("capacity: 64", with: "capacity: 2")
      try Data(machine.utf8).write(to: URL(fileURLWithPath: "\(folder)/tiny.yaml"))
      let arguments = [
        "map", "--quiet", "--architecture", "\(folder)/tiny.yaml", "--workload",
        "Configs/workloads/mlp-mnist.yaml",
      ]
      let text = try DovetailProcess.run(arguments)
      #expect(text.code == 1)
      try expectGolden(text.output, "map-infeasible.txt")
      let json = try DovetailProcess.run(arguments + ["--json", "--layer", "fc1"])
      #expect(json.code == 1)
      let layers = try #require(Self.object(json.output)["layers"] as? [[String: Any]])
      let reason = try #require(layers[0]["infeasible"] as? [String: Any])
      #expect(reason["level"] as? String == "registers")
      #expect(reason["tensor"] as? String == "Weights")
      #expect(reason["need"] as? Int == 3)
      #expect(reason["have"] as? Int == 2)
      #expect(
        reason["fix"] as? String == "raise the capacity of registers from 2 to 3 words")
    }
  }

  @Test func theExampleOfTheHelpWorks() throws {
    let help = try DovetailProcess.run(["map", "--help"])
    let words = help.output.split(whereSeparator: \.isWhitespace).map(String.init)
    let start = try #require(words.firstIndex(of: "Example:"))
    let end = try #require(words.firstIndex(of: "USAGE:"))
    #expect(words[start + 1] == "dovetail")
    let result = try DovetailProcess.run(Array(words[(start + 2)..<end]))
    #expect(result.code == 0)
    #expect(result.output.hasPrefix("mlp-mnist on simple-3-level, mapped for EDP"))
  }

  typealias Misuse = EvaluateCommandTests.Misuse

  static let misuses: [Misuse] = [
    Misuse(
      ["--mapper", "optmal"],
      "error: --mapper: unknown mapper \"optmal\"\nhint: did you mean \"optimal\"? known: optimal, heuristic, random\n"
    ),
    Misuse(
      ["--objective", "EDP"],
      "error: --objective: unknown objective \"EDP\"\nhint: did you mean \"edp\"? known: edp, energy, latency\n"
    ),
    Misuse(
      ["--keep", "fre"],
      "error: --keep: unknown way \"fre\"\nhint: did you mean \"free\"? known: fixed, free\n"),
    Misuse(["--budget", "0"], "error: --budget: got 0, expected 1 to 1000000000\n"),
    Misuse(["--nodes", "0"], "error: --nodes: got 0, expected 1 to 1000000000000000\n"),
    Misuse(["--threads", "1025"], "error: --threads: got 1025, expected 1 to 1024\n"),
    Misuse(
      ["--mapping", "x"] + small,
      "error: --mapping cannot be used with map, which makes mappings\nhint: dovetail evaluate tells what a given mapping costs\n"
    ),
    Misuse(
      ["--layer", "fc4"] + small,
      "error: Configs/workloads/mlp-mnist.yaml: unknown layer \"fc4\"\nhint: did you mean \"fc1\"? known: fc1, fc2, fc3\n"
    ),
    Misuse(
      ["--constraints", "nowhere.yaml"] + small,
      "error: nowhere.yaml:1: got no such file, expected a readable YAML file\n"),
    Misuse(
      ["--out", "README.md/run"] + small,
      "error: --out: README.md/run cannot be made\nhint: give a folder that exists or can be made\n"
    ),
    Misuse(
      ["--csv", "README.md/a.csv"] + small,
      "error: --csv: README.md/a.csv cannot be written\nhint: give a place that can be written\n"),
    Misuse(
      ["--batch", "nowhere.jsonl"], "error: nowhere.jsonl: No such file or directory\n"),
    Misuse(
      ["--batch", "-", "--out", "x"],
      "error: --out cannot be used with --batch: answers are JSON lines\n"),
    Misuse(
      ["--batch", "-", "--layer", "x"],
      "error: --layer cannot be used with --batch: records carry everything\n"),
  ]

  @Test(arguments: misuses)
  func badInputIsNamed(misuse: Misuse) throws {
    let result = try DovetailProcess.run(["map"] + misuse.arguments)
    #expect(result.code == 2)
    #expect(result.output == "")
    #expect(result.errors == misuse.message)
  }

  @Test func brokenAndContradictoryConstraintsAreNamed() throws {
    try Self.withFolder { folder in
      let file = "\(folder)/rules.yaml"
      func errors(_ rules: String) throws -> String {
        try Data(rules.utf8).write(to: URL(fileURLWithPath: file))
        let result = try DovetailProcess.run(["map", "--constraints", file] + Self.small)
        #expect(result.code == 2)
        #expect(result.output == "")
        return result.errors.replacing(file, with: "rules.yaml")
      }
      let unknown = try errors("name: x\nlevel: []\n")
      #expect(
        unknown
          == "error: rules.yaml:2: unknown key \"level\"\n"
          + "hint: did you mean \"levels\"? known keys: description, freeKeepSets, levels, minimumUtilization, name, sources\n"
      )
      let contradiction = try errors(
        "name: x\nlevels:\n  - {level: buffer, spatialX: [C=4], maximumFanOut: {x: 2}}\n")
      #expect(
        contradiction
          == "error: rules.yaml:3: levels[0].spatialX[0]: layer \"fc1\": rules contradict: "
          + "level \"buffer\": spatialX C = 4; level \"buffer\": maximum fan-out x 2\n"
          + "hint: no split of the bounds obeys them together; loosen one of them\n")
    }
  }
}

@Suite struct MapInterruptTests {
  /// The optimal mapper's tables of such a layer on such a machine take longer than the test.
  @Test(arguments: [("heuristic", "simple-3-level"), ("optimal", "tpu-like")])
  func bestSoFarIsKeptWhenInterrupted(_ mapper: String, _ machine: String) throws {
    try MapCommandTests.withFolder { folder in
      try Data(
        """
        name: uneven
        layers:
          - {name: tiny, matrixProduct: {rows: 2, columns: 2, inner: 2}}
          - {name: huge, matrixProduct: {rows: 4096, columns: 4096, inner: 4096}}
          - {name: waiting, matrixProduct: {rows: 1024, columns: 1024, inner: 1024}}
        """.utf8
      ).write(to: URL(fileURLWithPath: "\(folder)/uneven.yaml"))
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.currentDirectoryURL = DovetailProcess.root
      process.arguments = [
        "map", "--architecture", "Configs/architectures/\(machine).yaml", "--workload",
        "\(folder)/uneven.yaml", "--mapper", mapper, "--budget", "1000000000", "--threads",
        "1", "--json", "--out", "\(folder)/run",
      ]
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      let progress = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      #expect(progress.hasPrefix("1 of 3 distinct layers mapped, best EDP so far "))
      let start = Date()
      process.interrupt()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(Date().timeIntervalSince(start) < 12)
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 130)
      #expect(text.contains("\"interrupted\":true"))
      #expect(text.contains("\"unfinished\":[\"waiting\"]"))
      let messages = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      #expect(messages.hasPrefix("mapped 2 of 3 layers in "))
      #expect(messages.hasSuffix("\ninterrupted; what was finished is kept\n"))
      let evaluated = try DovetailProcess.run([
        "evaluate", "--architecture", "Configs/architectures/\(machine).yaml", "--workload",
        "\(folder)/uneven.yaml", "--mapping", "\(folder)/run/mappings.yaml",
      ])
      #expect(evaluated.code == 0)
      #expect(evaluated.output.contains("No mapping for: waiting; left out."))
    }
  }
}

@Suite struct MapBatchTests {
  static let good = BatchTests.good
  static let bare: String = {
    let end = good.range(of: ",\"mapping\"")?.lowerBound ?? good.endIndex
    return good[..<end] + "}"
  }()

  @Test func answersComeInOrderAndEvaluateAgreesWithThem() throws {
    let numbered = (0..<5).map { number in
      Self.bare.replacing("\"C\":2,\"M\":4", with: "\"C\":2,\"M\":\(4 + 2 * (number % 3))")
        .replacing("\"macs\":8", with: "\"macs\":\(8 + 4 * (number % 3))")
        .replacing("\"id\":\"g\"", with: "\"id\":\(number)")
    }
    let input = numbered.joined(separator: "\n")
    let mapped = try DovetailProcess.run(
      ["map", "--batch", "-", "--threads", "1"], input: input)
    let three = try DovetailProcess.run(["map", "--batch", "-", "--threads", "3"], input: input)
    #expect(mapped.code == 0)
    #expect(mapped.errors == "")
    #expect(mapped.output == three.output)
    let answers = mapped.output.split(separator: "\n")
    #expect(answers.count == 5)
    var records: [String] = []
    for (number, (answer, record)) in zip(answers, numbered).enumerated() {
      let tree = try MapCommandTests.object(String(answer))
      #expect(tree["id"] as? Int == number)
      #expect(Set(tree.keys) == ["id", "mapping", "edp_pj_cycles", "results", "certificate"])
      let certificate = try #require(tree["certificate"] as? [String: Any])
      #expect(certificate["proven"] as? Bool == true)
      let mapping = try JSONSerialization.data(withJSONObject: try #require(tree["mapping"]))
      records.append(
        "\(record.dropLast()),\"mapping\":\(String(decoding: mapping, as: UTF8.self))}")
    }
    let evaluated = try DovetailProcess.run(
      ["evaluate", "--batch", "-"], input: records.joined(separator: "\n"))
    for (line, answer) in zip(evaluated.output.split(separator: "\n"), answers) {
      // The same text, letter by letter.
      let start = try #require(line.range(of: "\"results\":")).lowerBound
      #expect(answer.contains(line[start...].dropLast()))
    }
  }

  @Test func theLeastCostByHand() throws {
    // One level, 2 x 2 MACs, C=2, M=4, 1 pJ an access: 8 MACs and 8 weights are 16 pJ, an input serves two units (4 reads
    // for two passes) and a sum leaves once (4 updates): 24 pJ in 2 cycles.
    let result = try DovetailProcess.run(["map", "--batch", "-"], input: Self.bare)
    let tree = try MapCommandTests.object(result.output)
    #expect(tree["edp_pj_cycles"] as? Double == 48)
  }

  @Test func badRecordsDoNotStopTheStream() throws {
    let small = Self.bare.replacing("\"capacity_words\":null", with: "\"capacity_words\":13")
    let input = [
      "not json", #"{"id":"b","arch":{}}"#, small, "", Self.bare,
      Self.bare.replacing("\"id\":\"g\"", with: "\"id\":[1]"),
    ].joined(separator: "\n")
    let result = try DovetailProcess.run(["map", "--batch", "-", "--quiet"], input: input)
    #expect(result.code == 2)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 5)
    #expect(
      lines[0] == #"{"id":null,"error":{"line":1,"field":"","message":"got null, expected \"{\""}}"#
    )
    #expect(lines[1] == #"{"id":"b","error":{"line":2,"field":"problem","message":"missing"}}"#)
    #expect(
      lines[2]
        == #"{"id":"g","infeasible":{"reason":"capacity","level":"DRAM","tensor":"Weights","tensors":[{"tensor":"Weights","need":8},{"tensor":"Inputs","need":2},{"tensor":"Outputs","need":4}],"need":14,"have":13,"fix":"raise the capacity of DRAM from 13 to 14 words","fixes":["raise the capacity of DRAM from 13 to 14 words"],"message":"layer \"l\": no mapping fits: level \"DRAM\" needs at least 14 words (Weights 8, Inputs 2, Outputs 4), has 13\nhint: raise the capacity of DRAM from 13 to 14 words"}}"#
    )
    #expect(lines[3].hasPrefix("{\"id\":\"g\",\"mapping\":{\"levels\":["))
    #expect(lines[4].hasPrefix("{\"id\":[1],\"mapping\":{\"levels\":["))
    #expect(
      result.errors
        == "error: -: 2 of 5 records could not be used\n"
        + "hint: their lines have an \"error\" member with line, field and message\n")
  }

  @Test func mutilatedRecordsAreAnsweredLineByLine() throws {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let bytes = Array(Self.bare.utf8)
    let lines = (0..<300).map { _ in
      var changed = bytes
      for _ in 0...next(2) {
        let place = next(changed.count)
        if next(2) == 0 { changed.remove(at: place) } else { changed[place] = UInt8(32 + next(95)) }
      }
      return String(decoding: changed, as: UTF8.self)
    }
    let result = try DovetailProcess.run(
      ["map", "--batch", "-", "--quiet", "--mapper", "random", "--budget", "5"],
      input: lines.joined(separator: "\n"))
    #expect(result.code == 2)
    let answers = result.output.split(separator: "\n")
    #expect(answers.count == 300)
    #expect(
      answers.allSatisfy {
        $0.contains("\"error\":{") || $0.contains("\"infeasible\":{") || $0.contains("\"mapping\":")
      })
  }

  /// The second record would be searched for hours, the third is never begun.
  @Test func ctrlCKeepsWhatIsFinishedAndTheBestOfWhatIsUnderWay() throws {
    let end = try #require(Self.bare.range(of: #"]},"problem""#)).lowerBound
    let level = #"""
      ,{"name":"buffer","instances":1,"mesh_x":1,"mesh_y":1,"capacity_words":256,"word_bits":8,"block_size":1,\#
      "technology":"SRAM","energy_pj_per_vector_access":{"read":1,"fill":1,"update":1}}
      """#
    var buffered = String(Self.bare)
    buffered.insert(contentsOf: level, at: end)
    func record(_ name: String, _ size: Int) -> String {
      buffered.replacing(#""id":"g""#, with: "\"id\":\"\(name)\"")
        .replacing(#""C":2,"M":4"#, with: "\"C\":\(size),\"M\":\(2 * size)")
        .replacing(#""macs":8"#, with: "\"macs\":\(2 * size * size)")
    }
    try MapCommandTests.withFolder { folder in
      let path = "\(folder)/records.jsonl"
      let records = [record("tiny", 2), record("huge", 4_096), record("waiting", 8_192)]
      try Data(records.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
      let process = Process()
      process.executableURL = DovetailProcess.executable
      process.arguments = [
        "map", "--batch", path, "--quiet", "--threads", "1", "--mapper", "heuristic", "--budget",
        "1000000000",
      ]
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      var text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      #expect(text.hasPrefix(#"{"id":"tiny","mapping":"#))
      let start = Date()
      process.interrupt()
      text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(Date().timeIntervalSince(start) < 12)
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 130)
      let messages = String(
        decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(messages == "interrupted; what was finished is kept\n")
      let answers = text.split(separator: "\n")
      #expect(answers.count == 2)
      let last = try #require(answers.last)
      #expect(last.hasPrefix(#"{"id":"huge","mapping":"#))
      // Answers are whole: each is a record that can be evaluated again.
      #expect(last.hasSuffix("}") && last.contains("\"certificate\":{"))
    }
  }

  @Test func oneRecordIsAnsweredBeforeTheNextIsSentAndCtrlCEnds() throws {
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = ["map", "--batch", "-", "--quiet"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<2 {
      try input.fileHandleForWriting.write(contentsOf: Data("\(Self.bare)\n".utf8))
      let answer = output.fileHandleForReading.availableData
      #expect(answer.starts(with: Data(#"{"id":"g","mapping":"#.utf8)))
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
  }
}
