import Foundation
import Interchange
import Testing
import Workflows

/// Reads damaged copies of the examples: each is read or refused with a place, never a crash or a hang.
@Suite struct ForeignFuzzTests {
  struct Target: Sendable, CustomTestStringConvertible {
    var text: String
    var file: String
    var isNetwork: Bool
    var testDescription: String { file }
  }

  static let targets = [
    Target(text: ForeignExamples.topology, file: "topology.csv", isNetwork: true),
    Target(text: ForeignExamples.products, file: "products.csv", isNetwork: true),
    Target(text: ForeignExamples.maestro, file: "maestro.m", isNetwork: true),
    Target(text: ForeignExamples.zigzag, file: "zigzag-net.yaml", isNetwork: true),
    Target(text: ForeignExamples.problem, file: "problem.yaml", isNetwork: true),
    Target(text: ForeignMachineTests.all, file: "timeloop.yaml", isNetwork: false),
    Target(text: MachineExamples.older, file: "older.yaml", isNetwork: false),
    Target(text: MachineExamples.zigzag, file: "zigzag.yaml", isNetwork: false),
    Target(text: MachineExamples.scaleSim, file: "scale.cfg", isNetwork: false),
  ]

  @Test(arguments: targets)
  func damagedFilesAreReadOrRefused(target: Target) throws {
    var state: UInt64 = 0x5EED_0001
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(bound, 1)))
    }
    let pieces = [
      "0", "-1", "1e309", "9223372036854775807", "99999999999999999999", "134217728", "null", "[",
      "]", "{", "}", ": ", "- ", "\n", "\"", "'", "#", "&a ", "*a ", "<<: ", "!x ", "? ", "*", "=",
      ",", "+", "..", "\u{0}", "\u{FEFF}", "é", "P[0..9999999999]", "{{", "/",
    ]
    let original = Array(target.text.utf8)
    var refusals = 0
    let rounds = 300
    for _ in 0..<rounds {
      var bytes = original
      for _ in 0...next(3) {
        let position = next(bytes.count)
        guard !bytes.isEmpty else { break }
        switch next(6) {
        case 0: bytes[position] ^= UInt8(1 << next(8))
        case 1: bytes.removeSubrange(position..<min(position + 1 + next(20), bytes.count))
        case 2: bytes.insert(contentsOf: pieces[next(pieces.count)].utf8, at: position)
        case 3:
          let end = min(position + next(60), bytes.count)
          bytes.insert(contentsOf: bytes[position..<end], at: next(bytes.count))
        case 4: bytes.removeLast(min(bytes.count, next(30)))
        default:
          let end = bytes[position...].firstIndex { !(48...57).contains($0) } ?? bytes.count
          bytes.replaceSubrange(position..<end, with: pieces[next(7)].utf8)
        }
      }
      do {
        if target.isNetwork {
          _ = try anyNetwork(Data(bytes), target.file)
        } else {
          _ = try MachineExamples.read(String(decoding: bytes, as: UTF8.self), target.file)
        }
      } catch let error as SpecificationError {
        refusals += 1
        #expect(error.place.file == target.file)
        #expect("\(error)".utf8.count < 2_000)
      }
    }
    #expect(refusals > 0)
    #expect(refusals < rounds)
  }
}
