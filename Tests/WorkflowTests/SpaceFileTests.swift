import DesignSpace
import Foundation
import Interchange
import Testing

@testable import Workflows

private func space(_ text: String) -> String {
  message {
    _ = try SpaceFile(parsing: Data(("name: s\n" + text).utf8), named: "s.yaml").resolve()
  }
}

private func parameter(_ text: String) -> String {
  space(
    "parameters:\n  - {name: mode, type: categorical, values: [tiled, flat]}\n  - {\(text)}\n")
}

@Suite struct SpaceFileTests {
  @Test(arguments: Configs.paths("spaces"))
  func shippedSpacesResolveAndReadBack(path: String) throws {
    let file = try SpaceFile(readingFile: path)
    #expect(path.hasSuffix("/\(file.name).yaml"))
    #expect(!file.sources.isEmpty)
    let again = try SpaceFile(parsing: Data(file.yaml.utf8), named: "again.yaml")
    #expect(try again.resolve() == file.resolve())
    #expect(again.yaml == file.yaml)
    let listing = try SpaceListing(of: file, sampleCount: 5, seed: 1)
    #expect(listing.samples.count == 5)
    #expect(listing.samples.allSatisfy { listing.space.isLegal($0) })
    #expect(listing.methods.allSatisfy(\.isExact) && listing.size.legalShare.isExact)
  }

  @Test func shippedSpacesHaveTheirCounts() throws {
    let count = { (name: String) in
      let path = Configs.root.appendingPathComponent("spaces/\(name).yaml").path
      return try SpaceFile(readingFile: path).resolve().sampler.size
    }
    // The published number, and the product of the level counts.
    #expect(try count("prime-edge").rawCount?.description == "452760000")
    // Positive triples with a sum up to 220: 220 * 219 * 218 / 6. Meshes: over x y = 168 = 2^3 * 3 * 7 the divisors of
    // x times those of y, 20 * 4 * 4 = 320; 25 pairs of block and cluster, never too large; 4 filter options.
    let triples = 220 * 219 * 218 / 6
    #expect(try count("codesign-168").legalCount == DesignCount(triples * 320 * 25 * 4))
  }

  @Test func parametersAreChecked() {
    #expect(parameter("name: n, type: integer, range: [1, 32]") == "")
    #expect(
      parameter("name: n, type: int, range: [1, 32]") == """
        s.yaml:4: parameters[1].type: unknown type "int"
        hint: known types: boolean, categorical, integer, levels, permutation, real
        """)
    #expect(
      parameter("name: n, type: integer, values: [1, 32]") == """
        s.yaml:4: parameters[1]: unknown key "values"
        hint: known keys: name, range, step, type, when
        """)
    #expect(
      parameter("name: n, type: integer, range: [8, 1]")
        == "s.yaml:4: parameters[1].range: got 8 before 1, expected the lower end first")
    #expect(
      parameter("name: n, type: integer, range: [8]")
        == "s.yaml:4: parameters[1].range: got a list of 1, expected a range such as [1, 32]")
    #expect(
      parameter("name: mode, type: boolean")
        == "s.yaml:4: parameters[1].name: got a second parameter \"mode\", expected distinct names")
    #expect(
      parameter("name: n, type: levels, values: [1, 4, 2]")
        == "s.yaml:4: parameters[1]: got level 2 after 4, expected ascending numbers, each once")
    #expect(
      parameter("name: n, type: real, range: [0, 1], scale: log")
        == "s.yaml:4: parameters[1]: got 0...1 on a log scale, expected a range above zero")
    #expect(
      parameter("name: n, type: permutation")
        == "s.yaml:4: parameters[1]: got neither items nor values, expected items, for all their "
        + "orders, or values, a list of orders")
    #expect(
      parameter("name: a b, type: boolean")
        == "s.yaml:4: parameters[1]: got parameter name \"a b\", expected a letter or underscore, "
        + "then letters, digits and underscores, at most 100")
  }

  @Test func conditionsAreChecked() {
    let boolean = "name: n, type: boolean, when: "
    #expect(parameter(boolean + "{mode: [tiled]}") == "")
    #expect(
      parameter(boolean + "{mod: [tiled]}") == """
        s.yaml:4: parameters[1].when: unknown earlier parameter "mod"
        hint: did you mean "mode"? known earlier parameters: mode
        """)
    #expect(
      parameter(boolean + "{mode: [tile]}")
        == "s.yaml:4: parameters[1].when.mode[0]: got tile, expected one of tiled, flat")
    #expect(
      parameter(boolean + "{mode: []}")
        == "s.yaml:4: parameters[1].when: got no values of \"mode\", expected at least one")
    #expect(
      parameter(boolean + "{}")
        == "s.yaml:4: parameters[1].when: got 0 parameters, expected one parameter with the values "
        + "that matter, such as {mode: [tiled]}")
  }

  @Test func constraintsPointAtLineAndColumn() {
    let text = """
      parameters:
        - {name: pe_x, type: integer, range: [1, 32]}
      constraints:
        - pe_x <= 30
        - pe_x * pe_z <= 256
      """
    #expect(
      space(text) == """
        s.yaml:6: constraints[1]: constraint: column 8: unknown name "pe_z"
          pe_x * pe_z <= 256
                 ^
        hint: did you mean "pe_x"? known: pe_x
        """)
    #expect(space("parameters: []") == "s.yaml:2: parameters: got 0 parameters, expected 1 to 1000")
    #expect(
      space("constraint: []\nparameters: []") == """
        s.yaml:2: unknown key "constraint"
        hint: did you mean "constraints"? known keys: constraints, description, name, parameters, sources
        """)
  }
}
