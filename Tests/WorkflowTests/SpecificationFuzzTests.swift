import Accelerator
import Foundation
import Interchange
import Testing
import Workload

@testable import Workflows

/// Reads damaged copies of every shipped file: each is either read or refused with a line, never a crash.
@Suite struct SpecificationFuzzTests {
  enum Kind: String, CaseIterable {
    case architectures, workloads, mappings, spaces, studies, sweeps
  }

  struct Target: CustomTestStringConvertible, Sendable {
    let kind: Kind
    let path: String
    var testDescription: String { "\(kind)/\(path.split(separator: "/").last ?? "")" }
  }

  static let targets = Kind.allCases.flatMap { kind in
    // Co-design studies are another kind of file in the same folder; CoSearchErrorTests damages them.
    Configs.paths(kind.rawValue).filter { !$0.contains("/codesign-") || kind != .studies }
      .map { Target(kind: kind, path: $0) }
  }

  /// Damaged copies of each file; there are many workloads, all of a few forms.
  static func mutantCount(_ kind: Kind) -> Int {
    switch kind {
    case .workloads: 80
    case .spaces, .studies, .sweeps: 150
    case .architectures, .mappings: 300
    }
  }

  @Test(arguments: targets)
  func damagedFilesAreReadOrRefusedWithAPlace(target: Target) throws {
    let original = try Data(contentsOf: URL(fileURLWithPath: target.path))
    let architecture = try Configs.architecture("eyeriss-168")
    let network = try Configs.network(
      target.path.hasSuffix("-vgg16.yaml") ? "vgg16-batch3" : "alexnet")
    var mutator = Mutator(state: 0x5EED_0000 + UInt64(original.count))
    var refusals = 0
    let mutantCount = Self.mutantCount(target.kind)
    for round in 0..<mutantCount {
      var mutant = original
      for _ in 0...(round % 3) { mutant = mutator.mutate(mutant) }
      do {
        try read(mutant, as: target.kind, architecture, network)
      } catch let error as SpecificationError {
        refusals += 1
        // YAML 1.1 also breaks lines at U+0085, U+2028 and U+2029; these are their last bytes.
        let lines = mutant.count(where: { [10, 13, 0x85, 0xA8, 0xA9].contains($0) }) + 2
        #expect(error.place.file == "mutant.yaml")
        #expect((1...lines).contains(error.place.line), "\(error)")
        #expect("\(error)".hasPrefix("mutant.yaml:\(error.place.line):"))
        #expect("\(error)".utf8.count < 2_000)
      }
    }
    #expect(refusals > mutantCount / 4)
    #expect(refusals < mutantCount)
  }

  /// Reads and resolves; whatever is accepted must survive being written and read again.
  private func read(_ bytes: Data, as kind: Kind, _ architecture: Architecture, _ network: Network)
    throws
  {
    switch kind {
    case .architectures:
      let resolved = try ArchitectureFile(parsing: bytes, named: "mutant.yaml")
        .resolve(using: .shipped)
      let again = try ArchitectureFile(parsing: Data(resolved.yaml.utf8), named: "again.yaml")
        .resolve()
      #expect(again.architecture == resolved.architecture)
    case .workloads:
      let resolved = try WorkloadFile(parsing: bytes, named: "mutant.yaml").resolve()
      let again = try WorkloadFile(parsing: Data(resolved.yaml.utf8), named: "again.yaml").resolve()
      #expect(again == resolved)
    case .studies:
      _ = try StudyFile(parsing: bytes, named: "mutant.yaml")
    case .sweeps:
      let file = try SweepFile(parsing: bytes, named: "mutant.yaml")
      let again = try SweepFile(parsing: Data(file.resolvedText.utf8), named: "again.yaml")
      #expect(again.name == file.name && again.combinations == file.combinations)
      #expect(again.shares == file.shares && again.resolvedText == file.resolvedText)
    case .spaces:
      let file = try SpaceFile(parsing: bytes, named: "mutant.yaml")
      let space = try file.resolve()
      let again = try SpaceFile(parsing: Data(file.yaml.utf8), named: "again.yaml").resolve()
      #expect(again == space)
    case .mappings:
      let mappings = try MappingFile(parsing: bytes, named: "mutant.yaml")
        .resolve(network: network, architecture: architecture)
      let text = mappingYAML(of: mappings, network: network, architecture: architecture)
      let again = try MappingFile(parsing: Data(text.utf8), named: "again.yaml")
        .resolve(network: network, architecture: architecture)
      #expect(again == mappings)
    }
  }
}

/// Damages a file in one of the ways files are damaged by hand, by disks and by other programs.
private struct Mutator {
  var state: UInt64

  /// SplitMix64 of Steele, Lea and Flood, OOPSLA 2014.
  private mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(max(bound, 1)))
  }

  private static let numbers = [
    "0", "-1", "1e309", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
    "134217728", "1099511627776", ".nan", "-.inf", "0x7fffffff", "1e-320", "\"12\"", "null", "",
  ]
  private static let snippets = [
    "[", "]", "{", "}", ": ", "- ", "\n", "\t", "\"", "'", "#", "&a ", "*a ", "!!int ", "|\n", "? ",
    "<<: ", "---\n", "...\n", "%YAML 1.1\n", "\u{0}", "\u{FEFF}", "\u{2028}", "é",
  ]

  mutating func mutate(_ bytes: Data) -> Data {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Data($0) }
    let line = next(below: lines.count)
    switch next(below: 9) {
    case 0:
      guard !bytes.isEmpty else { return bytes }
      var copy = Data(bytes)
      let position = copy.startIndex + next(below: copy.count)
      copy[position] ^= UInt8(1 << next(below: 8))
      return copy
    case 1: lines.remove(at: line)
    case 2: lines.insert(lines[next(below: lines.count)], at: line)
    case 3, 4: lines[line] = replacingNumber(in: lines[line])
    case 5: lines[line] = renamingKey(in: lines[line])
    case 6:
      let text = Self.snippets[next(below: Self.snippets.count)]
      let position = next(below: lines[line].count + 1)
      lines[line].insert(contentsOf: Array(text.utf8), at: lines[line].startIndex + position)
    case 7:
      let open = ["[", "{a: ", "- ", "("][next(below: 4)]
      let text = String(repeating: open, count: 1 << next(below: 14))
      lines[line].append(contentsOf: Array(text.utf8))
    default:
      return bytes.prefix(next(below: bytes.count + 1))
    }
    return Data(lines.joined(separator: [10]))
  }

  private mutating func replacingNumber(in line: Data) -> Data {
    let text = String(decoding: line, as: UTF8.self)
    let numbers = text.ranges(of: #/[0-9][0-9.]*/#)
    guard !numbers.isEmpty else { return line }
    let number = Self.numbers[next(below: Self.numbers.count)]
    return Data(
      text.replacingCharacters(in: numbers[next(below: numbers.count)], with: number).utf8)
  }

  private mutating func renamingKey(in line: Data) -> Data {
    let text = String(decoding: line, as: UTF8.self)
    let words = text.ranges(of: #/[A-Za-z_]+/#)
    guard !words.isEmpty else { return line }
    let range = words[next(below: words.count)]
    let changes = [
      String(text[range].dropLast()), text[range] + "s", text[range].lowercased(),
      text[range].uppercased(), String(text[range].reversed()),
    ]
    return Data(text.replacingCharacters(in: range, with: changes[next(below: 5)]).utf8)
  }
}
