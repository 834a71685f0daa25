import Foundation
import Interchange
import Testing

@testable import Workflows

/// The message of the error that `body` throws; empty when it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}

private func architecture(_ text: String) -> String {
  message {
    _ = try ArchitectureFile(parsing: Data(text.utf8), named: "a.yaml").resolve(using: .shipped)
  }
}

/// A correct file; tests replace one line of it.
private let correct = """
  name: toy
  clockMHz: 500
  technology: {node: 28, supply: 0.9}
  wordBits: 8
  levels:
    - name: DRAM
      kind: DRAM
      memory: LPDDR4
    - name: buffer
      kind: SRAM
      capacity: 4096
      bandwidth: {read: 16}
      energy: {read: 1.5}
  compute: {mesh: [4, 4], precision: int8}
  effects: {clockGating: 0.5}
  """

private func replacing(_ line: String, with other: String) -> String {
  let changed = correct.replacingOccurrences(of: line, with: other)
  precondition(changed != correct, "the test replaces a line that is not there")
  return architecture(changed)
}

@Suite struct ArchitectureFileErrorTests {
  @Test func correctFileHasNoError() { #expect(architecture(correct) == "") }

  @Test func unknownKeySuggestsTheNearest() {
    #expect(
      replacing("clockMHz", with: "clockMhz") == """
        a.yaml:2: unknown key "clockMhz"
        hint: did you mean "clockMHz"? known keys: clockMHz, compute, description, effects, levels, \
        name, sources, technology, wordBits
        """)
    #expect(
      replacing("{read: 1.5}", with: "{raed: 1.5}") == """
        a.yaml:13: levels[1].energy: unknown key "raed"
        hint: did you mean "read"? known keys: fill, read, update
        """)
    #expect(
      replacing("{read: 1.5}", with: "{joules: 1.5}") == """
        a.yaml:13: levels[1].energy: unknown key "joules"
        hint: known keys: fill, read, update
        """)
  }

  @Test func duplicateKeyIsNamed() {
    #expect(
      replacing("wordBits: 8", with: "name: again")
        == "a.yaml:1: got key \"name\" twice, expected it at most once")
  }

  @Test func missingKeyIsNamed() {
    #expect(
      replacing("name: toy\n", with: "") == "a.yaml:1: key \"name\" is absent, expected a name")
    #expect(
      replacing("    capacity: 4096\n", with: "")
        == "a.yaml:9: levels[1]: key \"capacity\" is absent, expected words of one instance; only "
        + "DRAM is unlimited when it is absent")
    #expect(
      replacing("wordBits: 8\n", with: "")
        == "a.yaml:5: levels[0]: key \"wordBits\" is absent, expected bits of one word, here or for "
        + "the whole file")
    #expect(
      replacing("technology: {node: 28, supply: 0.9}\n", with: "")
        == "a.yaml:8: levels[1]: key \"energy\" is absent, expected read, fill and update in pJ, or "
        + "technology to derive them")
    #expect(
      replacing("    memory: LPDDR4\n", with: "")
        == "a.yaml:6: levels[0]: key \"energy\" is absent, expected read, fill and update in pJ, or "
        + "memory to derive them")
    #expect(
      replacing(", precision: int8", with: "")
        == "a.yaml:14: compute: key \"energy\" is absent, expected pJ per multiply-accumulate, or "
        + "technology and precision to derive it")
  }

  @Test(arguments: [
    ("-1", ""), ("0", ""), ("4096.5", ""), ("9223372036854775807", ""),
    ("92233720368547758070", ""), ("1e309", ""), ("4_096", "without underscores"),
    ("0x10", "in decimal"), ("0o17", "in decimal"), ("010", "octal"), ("\"4096\"", ""),
    (".inf", ""), ("[4096]", ""), ("{}", ""), ("", ""), ("~", ""), ("12:30", ""),
  ])
  func capacityIsAPlainWholeNumber(value: String, hint: String) {
    let text = replacing("capacity: 4096", with: "capacity: \(value)")
    let shown =
      switch value {
      case "": "nothing"
      case "[4096]": "a list"
      case "{}": "a mapping"
      default: value
      }
    let expected =
      "a.yaml:11: levels[1].capacity: got \(shown), expected a whole number of words "
      + "in 1...1099511627776"
    #expect(text.hasPrefix(expected))
    #expect(hint.isEmpty ? text == expected : text.contains("\nhint: ") && text.contains(hint))
  }

  @Test(arguments: [".nan", ".inf", "-.inf", "nan", "inf", "1e309", "0x1p3", "-0.1", "2", "1,5"])
  func shareIsAFiniteNumberInItsRange(value: String) {
    let text = replacing("clockGating: 0.5", with: "clockGating: \"\(value)\"")
    #expect(
      text == "a.yaml:15: effects.clockGating: got \"\(value)\", expected a number in 0...1")
    guard value != "1,5" else { return }
    #expect(
      replacing("clockGating: 0.5", with: "clockGating: \(value)").hasPrefix(
        "a.yaml:15: effects.clockGating: got \(value), expected a number in 0...1"))
  }

  @Test func wrongKindsAreNamed() {
    #expect(
      replacing("{clockGating: 0.5}", with: "[0.5]")
        == "a.yaml:15: effects: got a list, expected a mapping with keys idleEnergyPerCycle, "
        + "clockGating, switchingFactor, placementDensity, areaPerProcessingElement, fixedArea, "
        + "zeroGating")
    #expect(
      replacing("[4, 4]", with: "[4, 4, 4]")
        == "a.yaml:14: compute.mesh: got a list of 3, expected two numbers of instances along X and "
        + "Y, for example [2, 2]")
    #expect(
      replacing("{read: 16}", with: "{read: 0}")
        == "a.yaml:12: levels[1].bandwidth.read: got 0, expected a positive number of words per "
        + "cycle, at most 1099511627776")
    #expect(
      replacing("capacity: 4096", with: "{capacity: 1, capacityBytes: 1}")
        .hasPrefix("a.yaml:"))
    #expect(
      replacing("capacity: 4096", with: "capacity: 1\n    capacityBytes: 1")
        == "a.yaml:12: levels[1].capacityBytes: got both capacity and capacityBytes, expected one "
        + "of them")
    #expect(
      replacing("capacity: 4096", with: "capacityBytes: 4097\n    wordBits: 16")
        == "a.yaml:11: levels[1].capacityBytes: got 4097 bytes, expected a whole number of 16-bit "
        + "words")
    #expect(
      architecture("name: x\nlevels: []\ncompute: {}\n")
        == "a.yaml:2: levels: got 0 memory levels, expected 1 to 16")
  }

  @Test func unknownNamesSuggestTheNearest() {
    #expect(
      replacing("kind: SRAM", with: "kind: Sram") == """
        a.yaml:10: levels[1].kind: unknown kind "Sram"
        hint: did you mean "SRAM"? known kinds: DRAM, SRAM, registers
        """)
    #expect(
      replacing("int8", with: "int9").hasPrefix(
        "a.yaml:14: compute.precision: unknown precision \"int9\"\nhint: did you mean \"int"))
    #expect(
      replacing("LPDDR4", with: "LPDR4").hasPrefix(
        "a.yaml:8: levels[0].memory: unknown memory \"LPDR4\"\nhint: did you mean \"LPDDR4\"?"))
    #expect(
      replacing("supply: 0.9", with: "supply: 0.9, flavor: htp").hasPrefix(
        "a.yaml:3: technology.flavor: unknown flavor \"htp\"\nhint: did you mean \"hp\"?"))
  }

  @Test func refusalsOfTheDomainHaveAPlace() {
    #expect(
      replacing("name: buffer", with: "name: DRAM")
        == "a.yaml:9: levels: got two levels called \"DRAM\", expected distinct names")
    #expect(
      replacing("kind: SRAM", with: "kind: SRAM\n    mesh: [3, 1]")
        == "a.yaml:15: compute.mesh: got 4 x 4 instances, expected a multiple of the 3 x 1 instances "
        + "of the level outside it")
    #expect(
      replacing("capacity: 4096", with: "capacity: 16")
        == """
        a.yaml:9: levels[1]: cannot derive energy and area: capacityBits: got 128, expected a whole \
        number in 2048...8589934592
        """)
    #expect(
      replacing("node: 28", with: "node: 3").hasPrefix(
        "a.yaml:9: levels[1]: cannot derive energy and area: node.nanometers: got 3, expected"))
    #expect(
      message {
        _ = try ArchitectureFile(parsing: Data(correct.utf8), named: "a.yaml").resolve()
      } == "a.yaml:6: levels[0]: cannot derive energy and area: no component tables are loaded")
  }
}
