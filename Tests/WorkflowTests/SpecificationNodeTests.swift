import Execution
import Foundation
import Testing

@testable import Interchange
@testable import Workflows

private func parse(_ text: String) -> String { parse(Data(text.utf8)) }

private func parse(_ bytes: Data) -> String {
  message { _ = try SpecificationNode(parsing: bytes, file: "f.yaml") }
}

@Suite struct SpecificationNodeTests {
  @Test func malformedTextHasLineAndColumn() {
    #expect(
      parse("a: 1\nb: [1, 2\nc: 3\n").hasPrefix("f.yaml:3:2: while parsing a flow sequence: "))
    #expect(parse("a: 'x\n").hasPrefix("f.yaml:2:1: while scanning a quoted scalar: "))
    #expect(parse("a: b: c\n").hasPrefix("f.yaml:1:5: "))
    #expect(parse("a:\n\t- b\n").hasPrefix("f.yaml:2:1: "))
    #expect(parse("[a]: 1\n") == "f.yaml:1:1: got a list or mapping as a key, expected a name")
  }

  @Test func emptyFilesAreNamed() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "\u{FEFF}"] {
      #expect(parse(text) == "f.yaml:1: got an empty file, expected a YAML mapping")
    }
  }

  @Test func secondDocumentIsRefused() {
    #expect(parse("a: 1\n---\nb: 2\n") == "f.yaml:2: got a second document, expected one document")
  }

  @Test func byteOrderMarkAndCarriageReturnsAreHarmless() throws {
    let node = try SpecificationNode(
      parsing: Data("\u{FEFF}a: 1\r\nb: 2\r\n".utf8), file: "f.yaml")
    #expect(try node.required("b", expected: "").integer(in: 0...9) == 2)
    #expect(node.optional("b")?.place.line == 2)
  }

  @Test func bytesThatAreNotTextAreRefused() {
    #expect(
      parse(Data([97, 58, 10, 98, 58, 32, 0xC3, 0x28]))
        == "f.yaml:2: got bytes that are not UTF-8, expected UTF-8 text")
    #expect(
      parse("a: x\u{0}y\n") == "f.yaml:1:5: got control character 0, expected printable text")
    #expect(
      parse("a: 1\nb: \u{1B}[0m\n")
        == "f.yaml:2:4: got control character 27, expected printable text")
    #expect(parse("a: \u{FFFE}\n").hasPrefix("f.yaml:1"))
  }

  @Test func largeFilesAreRefused() {
    #expect(
      parse(Data(repeating: 35, count: 2 << 20 + 1))
        == "f.yaml:1: got 2097153 bytes, expected at most 2097152")
  }

  @Test func aliasBombsAreRefusedAtTheFirstAnchor() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for index in 1...40 {
      let aliases = Array(repeating: "*a\(index - 1)", count: 9).joined(separator: ", ")
      text += "a\(index): &a\(index) [\(aliases)]\n"
    }
    #expect(
      parse(text) == """
        f.yaml:1:5: got an anchor, expected values written out
        hint: repeat the value; in a text put a space after "&"
        """)
    #expect(parse("a: [\"x\",&b c]\n").hasPrefix("f.yaml:1:9: got an anchor"))
    #expect(parse("a: *b\n").hasPrefix("f.yaml:1:4: found undefined alias"))
    #expect(parse("a: AT&T, R & D\n") == "")
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "[{a: ", "a: [", "!!seq ["])
  func deepNestingIsAnErrorNotACrash(opening: String) {
    for depth in [65, 500, 5_000, 200_000] {
      #expect(parse(String(repeating: opening, count: depth)).hasPrefix("f.yaml:"))
    }
  }

  @Test func nestingThatClosesIsBounded() {
    let nested = { (depth: Int) in
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(parse(nested(64)) == "")
    #expect(
      parse(nested(900)).hasPrefix(
        "f.yaml:1:66: got lists and mappings nested deeper than 64, expected fewer"))
    #expect(
      parse(nested(100_000))
        == "f.yaml:1:1: got lists and mappings nested deeper than 64, expected fewer")
  }

  @Test func tagsChangeNothing() throws {
    let node = try SpecificationNode(
      parsing: Data("a: !!binary 12\nb: !x 3\n".utf8), file: "f.yaml")
    #expect(try node.required("a", expected: "").integer(in: 0...99) == 12)
  }

  @Test func textsAreOneCleanLine() throws {
    let text = "a: \"x\\0y\"\nb: null\nc: \"\"\nd: |\n  one\n  two\ne: [p, p]\nf: \(long)\n"
    let node = try SpecificationNode(parsing: Data(text.utf8), file: "f.yaml")
    let read = { (key: String) in
      message { _ = try node.required(key, expected: "").text() }
    }
    #expect(
      read("a")
        == "f.yaml:1: a: got \"x?y\", expected a text without control characters on one line")
    #expect(read("b") == "f.yaml:2: b: got null, expected a text")
    #expect(read("c") == "f.yaml:3: c: got \"\", expected a text")
    #expect(
      read("d")
        == "f.yaml:4: d: got \"one?two?\", expected a text without control characters on one line")
    #expect(
      message { _ = try node.required("e", expected: "").names(expected: "names") }
        == "f.yaml:7: e[1]: got \"p\" twice, expected distinct names")
    #expect(read("f") == "f.yaml:8: f: got a text of 5000 bytes, expected at most 4096 bytes")
  }

  private let long = String(repeating: "x", count: 5_000)

  @Test func unreadableFilesAreNamed() {
    #expect(
      message { _ = try ArchitectureFile(readingFile: "/no/such/file.yaml") }
        == "/no/such/file.yaml:1: got no such file, expected a readable YAML file")
    #expect(
      message { _ = try ArchitectureFile(readingFile: "/") }
        == "/:1: got a file that cannot be read, expected a readable YAML file")
  }

  @Test func nearestPlaceWalksAsFarAsItCan() throws {
    let text = "levels:\n  - name: a\n  - name: b\n    energy:\n      read: 1\n"
    let node = try SpecificationNode(parsing: Data(text.utf8), file: "f.yaml")
    #expect(node.nearestPlace(toField: "levels[1].energy.read").line == 5)
    #expect(node.nearestPlace(toField: "levels[1].energy.fill").field == "levels[1].energy")
    #expect(node.nearestPlace(toField: "levels[7].name").field == "levels")
    #expect(node.nearestPlace(toField: "compute.mesh").line == 1)
    #expect(node.nearestPlace(toField: "..[").line == 1)
  }

  @Test func nearestNameKeepsItsDistance() {
    #expect(nearestName(to: "enery", among: ["area", "energy"]) == "energy")
    #expect(nearestName(to: "SPATIALX", among: ["temporal", "spatialX"]) == "spatialX")
    #expect(nearestName(to: "m", among: ["M", "N"]) == "M")
    #expect(nearestName(to: "Z", among: ["M", "N"]) == nil)
    #expect(nearestName(to: "whatever", among: ["read", "fill"]) == nil)
    #expect(nearestName(to: "", among: ["a"]) == nil)
  }
}
