import Accelerator
import Foundation
import Interchange
import MappingSearch
import Testing
import Workload

@testable import Workflows

@Suite struct ConstraintsFileTests {
  private func message(_ body: String) -> String {
    errorText {
      let file = try ConstraintsFile(parsing: Data("name: c\n\(body)".utf8), named: "c.yaml")
      let network = try Configs.network("alexnet")
      _ = try file.space(
        of: network.entries[2].layer, in: network,
        on: try Configs.architecture("eyeriss-168"))
    }
  }

  private func errorText(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("row-stationary", "eyeriss-168", "resnet50"), ("row-stationary", "eyeriss-256", "vgg16"),
    ("weight-stationary", "tpu-like", "resnet50"),
    ("weight-stationary", "tpu-like", "bert-base-layer-128"),
  ]) func shippedFilesDescribeSpaces(file: String, machine: String, network: String) throws {
    let file = try ConstraintsFile(
      readingFile: Configs.root.appendingPathComponent("constraints/\(file).yaml").path)
    #expect(!file.sources.isEmpty)
    let architecture = try Configs.architecture(machine)
    let network = try Configs.network(network)
    for entry in network.entries.prefix(2) {
      let space = try file.space(of: entry.layer, in: network, on: architecture)
      #expect(space.restrictsLoops)
      #expect(MappingInfeasibility(of: space) == nil)
    }
  }

  @Test func everyShippedFileIsRead() throws {
    #expect(Configs.paths("constraints").count >= 2)
    for path in Configs.paths("constraints") {
      let file = try ConstraintsFile(readingFile: path)
      #expect(path.hasSuffix("/\(file.name).yaml"))
    }
  }

  @Test func correctRulesHaveNoError() {
    #expect(message("levels:\n  - {level: GLB, spatialX: [Q<=13], keep: [Outputs]}\n") == "")
    #expect(message("freeKeepSets: true\nlevels:\n  - {level: 1, innermost: [P]}\n") == "")
  }

  @Test func mistakesNameTheirPlace() {
    #expect(
      message("levels:\n  - {level: GLB, spatial: [Q=13]}\n")
        == "c.yaml:3: levels[0]: unknown key \"spatial\"\nhint: did you mean \"spatialX\"? "
        + "known keys: allowedX, allowedY, bypass, free, innermost, keep, level, maximumFanOut, "
        + "minimumUtilization, outermost, spatialX, spatialY, temporal")
    #expect(
      message("levels:\n  - level: GLB\n    spatialX: [Q]\n")
        == "c.yaml:4: levels[0].spatialX[0]: got Q, expected a factor such as C=4 or M<=8")
    #expect(
      message("minimumUtilization: 0\n")
        == "c.yaml:2: minimumUtilization: got 0, expected a share above 0 and at most 1")
    #expect(
      message("freeKeepSets: yes\n")
        == "c.yaml:2: freeKeepSets: got yes, expected true or false")
    #expect(
      message("levels:\n  - level: GLB\n    spatialX: [q=13]\n").hasPrefix(
        "c.yaml:4: levels[0].spatialX[0]: unknown dimension \"q\"\nhint: did you mean \"Q\"?"))
    #expect(
      message("levels:\n  - level: GLB\n    spatialX: [Q=13]\n    allowedX: [M]\n")
        == "c.yaml:4: levels[0].spatialX[0]: layer \"CONV3\": rules contradict: "
        + "level \"GLB\": spatialX Q = 13; level \"GLB\": allowedX [M]\n"
        + "hint: add Q to the allowed dimensions or drop the factor")
  }
}
