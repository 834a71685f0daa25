import Accelerator
import Foundation
import Interchange
import Testing
import Workload

@Suite struct MappingRecordTests {
  static let architecture = """
    {"name":"a","compute":{"name":"MAC","instances":4,"mesh_x":2,"mesh_y":2,"word_bits":8,"energy_pj":1},\
    "levels":[{"name":"DRAM","instances":1,"mesh_x":1,"mesh_y":1,"capacity_words":null,"word_bits":8,"block_size":1,\
    "technology":"DRAM","energy_pj_per_vector_access":{"read":1,"fill":1,"update":1}}]}
    """
  static let problem = """
    {"layer":"l","dims":{"C":2,"M":4},"coefficients":{},"data_spaces":{\
    "Weights":{"projection":[[["C"]],[["M"]]],"read_write":false},\
    "Inputs":{"projection":[[["C"]]],"read_write":false},\
    "Outputs":{"projection":[[["M"]]],"read_write":true}},"macs":8}
    """
  static let mapping = """
    {"levels":[{"temporal":[["C",2],["M",4]],"spatial_x":[],"spatial_y":[],"keep":["Weights","Inputs","Outputs"]}]}
    """

  static func line(_ a: String = architecture, _ p: String = problem, _ m: String = mapping)
    -> String
  {
    "{\"id\":\"x\",\"arch\":\(a),\"problem\":\(p),\"mapping\":\(m)}"
  }

  /// The message of the error that reading gives; `nil` when it succeeds.
  static func problem(in line: String) -> String? {
    let bytes = Array(line.utf8)
    do {
      _ = try bytes.withUnsafeBufferPointer { try MappingRecordReader().read($0) }
      return nil
    } catch let error as JSONError {
      return error.field.isEmpty ? error.problem : "\(error.field): \(error.problem)"
    } catch {
      return "\(error)"
    }
  }

  @Test func aGoodRecordIsRead() throws {
    let bytes = Array(Self.line().utf8)
    let result = try bytes.withUnsafeBufferPointer { try MappingRecordReader().read($0) }
    #expect(result.record.identifier == "\"x\"")
    #expect(result.record.layer.macCount == 8)
    #expect(result.record.architecture.compute.mesh.count == 4)
    #expect(result.record.mapping.nests[0].temporal.count == 2)
  }

  struct Damage: Sendable {
    var find: String
    var replacement: String
    var message: String

    init(_ find: String, _ replacement: String, _ message: String) {
      self.find = find
      self.replacement = replacement
      self.message = message
    }
  }

  static let damages: [Damage] = [
    Damage(
      "\"C\":2,", "\"C\":0,",
      "problem: dimension \"C\": got 0, expected a whole number in 1...134217728"
    ),
    Damage(
      "\"C\":2,", "\"C\":-3,",
      "problem: dimension \"C\": got -3, expected a whole number in 1...134217728"
    ),
    Damage(
      "\"C\":2,", "\"C\":9223372036854775808,",
      "problem.dims.C: got 9223372036854775808, expected a whole number of at most 2^63 - 1"
    ),
    Damage(
      "\"C\":2,", "\"C\":1e999,",
      "problem.dims.C: got 1e999, expected a whole number of at most 2^63 - 1"
    ),
    Damage("\"macs\":8", "\"macs\":9", "problem.macs: got 9, expected the product of dims, 8"),
    Damage(
      "[\"C\",2]", "[\"K\",2]",
      "mapping.levels[0].temporal[0][0]: got unknown dimension \"K\"; known: C, M"
    ),
    Damage(
      "[\"C\",2]", "[\"C\"]",
      "mapping.levels[0].temporal[0]: got no factor, expected dimension and factor"
    ),
    Damage(
      "[\"C\",2]", "[\"C\",3]",
      "mapping: dimension \"C\": its loops run 3 iterations, expected 2"
    ),
    Damage(
      "[\"C\",2]", "[\"C\",4,5]",
      "mapping: level \"DRAM\": loop over \"C\": got residual 5, expected a whole number in 1...4"
    ),
    Damage(
      "\"keep\":[\"Weights\",", "\"keep\":[",
      "mapping: tensor \"Weights\": no level keeps it, expected at least one, usually the outermost"
    ),
    Damage(
      "\"keep\":[\"Weights\",", "\"keep\":[\"Weight\",",
      "mapping.levels[0].keep[0]: got unknown tensor \"Weight\"; did you mean \"Weights\"? known: Weights, Inputs, Outputs"
    ),
    Damage(
      "\"keep\":[\"Weights\",", "\"keep\":[\"Inputs\",",
      "mapping.levels[0].keep[1]: got tensor \"Inputs\" twice, expected it once"
    ),
    Damage(
      "\"instances\":4", "\"instances\":5",
      "arch.compute.instances: got 5, expected mesh_x x mesh_y = 4"
    ),
    Damage("\"word_bits\":8,\"energy_pj\":1", "\"word_bits\":8", "arch.compute.energy_pj: missing"),
    Damage(
      "\"word_bits\":8,\"block_size\":1", "\"word_bits\":8,\"block_size\":0",
      "arch: levels[0].blockSize: got 0, expected a whole number in 1...65536"
    ),
    Damage(
      "\"block_size\"", "\"blok_size\"",
      "arch.levels[0].blok_size: unknown key; did you mean \"block_size\"? known: name, instances, mesh_x, mesh_y, capacity_words, word_bits, block_size, technology, multiple_buffering, read_bandwidth, write_bandwidth, shared_bandwidth, default_keep, energy_pj_per_vector_access, leak_pj_per_instance_cycle, network"
    ),
    Damage(
      "\"read\":1,", "\"read\":-1,",
      "arch: levels[0].energy.read: got -1, expected a number of at least 0"
    ),
    Damage(
      "\"read_write\":true", "\"read_write\":false",
      "problem: got 0 operands that are written, expected exactly one result"
    ),
    Damage(
      "\"read_write\":true", "\"read_write\":1",
      "problem.data_spaces.Outputs.read_write: got a number, expected true or false"
    ),
    Damage("\"mapping\"", "\"maping\"", "mapping: missing"),
    Damage("{\"id\"", "[\"id\"", "got a list, expected \"{\""),
    Damage("\"id\":\"x\"", "\"id\":\"x\",\"arch\":{}", "arch: got it twice, expected it once"),
  ]

  @Test(arguments: damages)
  func damagedRecordsSayWhatIsWrong(damage: Damage) throws {
    let line = Self.line()
    let range = try #require(line.range(of: damage.find))
    let damaged = line.replacingCharacters(in: range, with: damage.replacement)
    #expect(Self.problem(in: damaged) == damage.message)
  }

  @Test func nestingIsLimited() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(
      Self.problem(in: "{\"id\":\(deep)") == "id: got nesting deeper than 64, expected less")
  }

  @Test func cutOffRecordsNeverCrash() {
    let line = Array(Self.line().utf8)
    for count in 0..<line.count {
      #expect(Self.problem(in: String(decoding: line[..<count], as: UTF8.self)) != nil)
    }
  }

  /// Byte flips, insertions, deletions and doubled pieces: an answer or an error, never a crash.
  @Test func randomDamageNeverCrashes() {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let original = Array(Self.line().utf8)
    let tokens = [
      "0", "-1", "1e309", "9223372036854775807", "null", "{", "]", "\"", "\\u12", "\u{0}", "C", ",",
    ]
    var readable = 0
    for _ in 0..<20_000 {
      var bytes = original
      for _ in 0...next(3) {
        let at = next(bytes.count)
        switch next(4) {
        case 0: bytes[at] = UInt8(next(256))
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: tokens[next(tokens.count)].utf8, at: at)
        default: bytes.insert(contentsOf: bytes[at..<min(at + next(40), bytes.count)], at: at)
        }
      }
      if Self.problem(in: String(decoding: bytes, as: UTF8.self)) == nil { readable += 1 }
    }
    #expect(readable < 20_000)
  }
}
