import Foundation
import Testing

@Suite struct EvaluateCommandTests {
  static let eyeriss = [
    "--architecture", "Configs/architectures/eyeriss-168.yaml", "--workload",
    "Configs/workloads/alexnet.yaml", "--mapping", "Configs/mappings/eyeriss-168-alexnet.yaml",
  ]

  @Test func alexNetOnEyerissIsTheGoldenText() throws {
    let result = try DovetailProcess.run(["evaluate"] + Self.eyeriss)
    #expect(result.code == 0)
    #expect(result.errors == "")
    try expectGolden(result.output, "evaluate-alexnet.txt")
  }

  @Test func oneLayerShowsItsLoopNest() throws {
    let result = try DovetailProcess.run(["evaluate", "--layer", "CONV1"] + Self.eyeriss)
    #expect(result.code == 0)
    try expectGolden(result.output, "evaluate-conv1.txt")
  }

  @Test func jsonHasTheNumbersOfTheText() throws {
    let result = try DovetailProcess.run(["evaluate", "--json"] + Self.eyeriss)
    let tree = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let totals = tree?["totals"] as? [String: Any]
    #expect(totals?["macs"] as? Int == 2_663_139_456)
    #expect(totals?["cycles"] as? Int == 18_049_536)
    #expect((tree?["layers"] as? [Any])?.count == 5)
    #expect(tree?["valid"] as? Bool == true)
  }

  @Test func countingOnlyDropsTheIdleTerm() throws {
    let plain = try DovetailProcess.run(["evaluate", "--counting-only"] + Self.eyeriss)
    #expect(plain.code == 0)
    #expect(!plain.output.contains("idle"))
    #expect(plain.output.contains("counting rules 1 to 13"))
  }

  struct Misuse: Sendable {
    var arguments: [String]
    var message: String

    init(_ arguments: [String], _ message: String) {
      self.arguments = arguments
      self.message = message
    }
  }

  static let misuses: [Misuse] = [
    Misuse(
      ["evaluate", "--mapping", "x"],
      "error: no --architecture, expected a file\nhint: ready ones are in Configs/architectures\n"
    ),
    Misuse(
      ["evaluate", "--architecture", "nowhere.yaml"],
      "error: nowhere.yaml:1: got no such file, expected a readable YAML file\n"
    ),
    Misuse(
      ["evaluate", "--batch", "nowhere.jsonl"], "error: nowhere.jsonl: No such file or directory\n"
    ),
    Misuse(
      ["evaluate", "--batch", "-", "--fields", "cycle"],
      "error: --fields: unknown field \"cycle\"\nhint: did you mean \"cycles\"? known: valid, cycles, utilization, energy_pj, computes, compute, levels, networks, failures\n"
    ),
    Misuse(
      ["evaluate", "--batch", "-", "--threads", "0"],
      "error: --threads: got 0, expected 1 to 1024\n"
    ),
    Misuse(
      ["evaluate", "--batch", "-", "--layer", "x"],
      "error: --layer cannot be used with --batch: records carry everything\n"
    ),
  ]

  @Test(arguments: misuses)
  func badInputIsNamed(misuse: Misuse) throws {
    let result = try DovetailProcess.run(misuse.arguments)
    #expect(result.code == 2)
    #expect(result.output == "")
    #expect(result.errors == misuse.message)
  }

  @Test func unknownLayersAndFlagsGetASuggestion() throws {
    let layer = try DovetailProcess.run(["evaluate", "--layer", "CONV6"] + Self.eyeriss)
    #expect(layer.code == 2)
    #expect(
      layer.errors
        == "error: Configs/workloads/alexnet.yaml: unknown layer \"CONV6\"\n"
        + "hint: did you mean \"CONV1\"? known: CONV1, CONV2, CONV3, CONV4, CONV5\n")
    let flag = try DovetailProcess.run(["evaluate", "--architectur", "x"])
    #expect(flag.code == 2)
    #expect(flag.errors.contains("Did you mean '--architecture'?"))
  }

  @Test func helpAndVersionGoToStandardOutput() throws {
    for arguments in [["--help"], ["evaluate", "--help"], ["check", "--help"], ["--version"]] {
      let result = try DovetailProcess.run(arguments)
      #expect(result.code == 0)
      #expect(result.errors == "")
      #expect(!result.output.isEmpty)
    }
  }

  @Test func validateShowsHitsAndMisses() throws {
    let result = try DovetailProcess.run(["validate"])
    #expect(result.code == 0)
    try expectGolden(result.output, "validate.txt")
  }
}

/// Compares with `Goldens/name`; `UPDATE_GOLDENS=1` rewrites it.
func expectGolden(_ text: String, _ name: String) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Goldens/\(name)")
  if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
    try Data(text.utf8).write(to: file)
  }
  let golden = String(decoding: try Data(contentsOf: file), as: UTF8.self)
  #expect(text == golden, "\(name) differs; UPDATE_GOLDENS=1 rewrites it")
}
