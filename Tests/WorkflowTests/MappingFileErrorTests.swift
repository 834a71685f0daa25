import Accelerator
import Foundation
import Interchange
import Testing
import Workload

@testable import Workflows

@Suite struct MappingFileErrorTests {
  let architecture: Architecture
  let network: Network

  init() throws {
    architecture = try ArchitectureFile(
      parsing: Data(
        """
        name: toy
        wordBits: 8
        levels:
          - {name: DRAM, kind: DRAM, energy: {read: 9, fill: 9, update: 9}}
          - {name: spad, kind: registers, capacity: 64, keep: [Weights], energy: {read: 1, fill: 1, update: 1}}
        compute: {mesh: [4, 1], energy: 1}
        """.utf8), named: "a.yaml"
    ).resolve().architecture
    network = try WorkloadFile(
      parsing: Data(
        "name: n\nlayers:\n  - {name: fc, matrixProduct: {rows: 1, columns: 8, inner: 7}}\n".utf8),
      named: "w.yaml"
    ).resolve().network
  }

  private func mapping(_ levels: String, layer: String = "fc") -> String {
    let text =
      "mappings:\n  - layer: \(layer)\n    levels:\n"
      + levels.split(separator: "\n").map { "      \($0)\n" }.joined()
    return message {
      _ = try MappingFile(parsing: Data(text.utf8), named: "m.yaml")
        .resolve(network: network, architecture: architecture)
    }
  }

  @Test func correctMappingsHaveNoError() {
    #expect(
      mapping("- {level: DRAM, temporal: [C=7, M=2]}\n- {level: spad, spatialX: [M=4]}") == "")
    #expect(
      mapping("- {level: DRAM, temporal: [M=8, C=4]}\n- {level: spad, temporal: [C=2/1]}") == "")
  }

  @Test func unknownNamesSuggestTheNearest() {
    #expect(
      mapping("- {level: DRAM}", layer: "fC") == """
        m.yaml:2: mappings[0].layer: unknown layer "fC"
        hint: did you mean "fc"? known layers: fc
        """)
    #expect(
      mapping("- {level: spads}") == """
        m.yaml:4: mappings[0].levels[0].level: unknown level "spads"
        hint: did you mean "spad"? known levels: DRAM, spad
        """)
    #expect(
      mapping("- level: DRAM\n  temporal: [C=7, m=8]") == """
        m.yaml:5: mappings[0].levels[0].temporal[1]: unknown dimension "m"
        hint: did you mean "M"? known dimensions: C, M, N
        """)
    #expect(
      mapping("- level: DRAM\n  keep: [Weight]") == """
        m.yaml:5: mappings[0].levels[0].keep[0]: unknown tensor "Weight"
        hint: did you mean "Weights"? known tensors: Inputs, Outputs, Weights
        """)
    #expect(
      mapping("- level: DRAM\n  spatialx: [C=7]") == """
        m.yaml:5: mappings[0].levels[0]: unknown key "spatialx"
        hint: did you mean "spatialX"? known keys: keep, level, spatialX, spatialY, temporal
        """)
  }

  @Test(arguments: ["C", "C=", "=7", "C=7=7", "C=7/", "C=7/6/5", "C=-7", "C=+7", "C=7.0", "C= 7"])
  func loopsHaveOneForm(text: String) {
    #expect(
      mapping("- {level: DRAM, temporal: [\"\(text)\"]}")
        == "m.yaml:4: mappings[0].levels[0].temporal[0]: got \"\(text)\", expected a loop such as "
        + "M=2 or Q=8/6")
  }

  @Test func countsAreInRange() {
    for text in ["C=0", "C=9223372036854775808", "C=134217729"] {
      #expect(
        mapping("- {level: DRAM, temporal: [\(text)]}")
          == "m.yaml:4: mappings[0].levels[0].temporal[0]: got \(text), expected a loop whose counts "
          + "are whole numbers in 1...134217728")
    }
    #expect(
      mapping("- {level: DRAM, temporal: [C=7/8]}")
        == "m.yaml:4: mappings[0].levels[0].temporal[0]: got C=7/8, expected a residual of at most "
        + "the factor 7")
  }

  @Test func refusalsOfTheDomainHaveAPlace() {
    #expect(
      mapping("- {level: DRAM, temporal: [C=7, M=4]}")
        == "m.yaml:2: mappings[0]: layer \"fc\": dimension \"M\": its loops run 4 iterations, "
        + "expected 8")
    #expect(
      mapping("- {level: DRAM, temporal: [C=7, M=8], keep: [Weights]}")
        == "m.yaml:2: mappings[0]: layer \"fc\": tensor \"Inputs\": no level keeps it, expected at "
        + "least one, usually the outermost")
  }

  @Test func levelsAndLayersStandOnce() {
    #expect(
      mapping("- {level: spad}\n- {level: DRAM}")
        == "m.yaml:5: mappings[0].levels[1].level: got \"DRAM\" after \"spad\", expected each level "
        + "once, outermost first: DRAM, spad")
    let entry = "  - {layer: fc, levels: [{level: DRAM, temporal: [C=7, M=8]}]}\n"
    #expect(
      message {
        _ = try MappingFile(parsing: Data("mappings:\n\(entry)\(entry)".utf8), named: "m.yaml")
          .resolve(network: network, architecture: architecture)
      } == "m.yaml:3: mappings[1].layer: got a second mapping of \"fc\", expected one per layer")
    #expect(
      message { _ = try MappingFile(parsing: Data("mappings: []\n".utf8), named: "m.yaml") }
        == "m.yaml:1: mappings: got an empty list, expected at least one mapping")
  }
}
