import Accelerator
import Foundation
import Interchange
import Testing

@Suite struct TimeloopConstraintTests {
  static let machine = """
    architecture:
      version: 0.4
      nodes:
        - !Container
          name: chip
        - !Component
          name: outside
          class: DRAM
          attributes: {datawidth: 8, vector_access_energy: 1}
        - !Component
          name: buffer
          class: SRAM
          attributes: {depth: 256, width: 8, datawidth: 8, vector_access_energy: 1}
          constraints:
            dataspace: {keep: [Inputs, Outputs], bypass: [Weights]}
            temporal: {factors: [C=1, M<=4], permutation: [C, _, N], default_max_factor: 64}
            max_overbooked_proportion: {proportion: 0.25}
        - !Container
          name: column
          spatial: {meshX: 4}
          constraints:
            spatial: {factors: "M=4, N>=1", permutation: [M, C], split: 999, no_reuse: [Weights]}
        - !Container
          name: row
          spatial: {meshY: 2}
          constraints: {spatial: {factors_only: [C=0], split: 0}}
        - !Component
          name: pad
          class: regfile
          attributes: {entries: 16, datawidth: 8, vector_access_energy: 1}
        - !Component
          name: mac
          class: intmac
          attributes: {energy: 1}

    """
  static let problem = """
    problem:
      shape:
        dimensions: [C, M, N]
        data_spaces:
          - {name: Weights, projection: [[[C]], [[M]]]}
          - {name: Inputs, projection: [[[N]], [[C]]]}
          - {name: Outputs, projection: [[[N]], [[M]]], read_write: true}
      instance: {C: 8, M: 10, N: 6}

    """
  static let list = """
    mapspace_constraints:
      targets:
        - {target: pad, type: temporal, factors: "N6 M>=2 M<=8", permutation: CM, remainders: 2}
        - {target: pad, type: utilization, min: 0.5}
        - {target: outside, type: bypass, bypass: []}
        - {target: column, type: bypass, bypass: [Weights]}
        - target: outside
          constraints:
            - {type: temporal, attributes: {permutation: NMC}}

    """

  private static func read(_ text: String) throws -> Imported<TimeloopConstraints> {
    try TimeloopInput(parsing: [("c.yaml", Data(text.utf8))]).constraints()
  }

  @Test func treesAndListsAreRead() throws {
    let result = try Self.read(Self.machine + Self.problem + Self.list)
    let constraints = result.value
    typealias Factor = TimeloopConstraints.Factor
    #expect(
      constraints.loops.map(\.nest) == [
        .temporal(level: 1), .spatial(level: 1, rank: 4), .spatial(level: 1, rank: 6),
        .temporal(level: 2), .temporal(level: 0),
      ])
    let buffer = constraints.loops[0]
    #expect(
      buffer.factors == [
        Factor(dimension: "C", relation: .exactly, value: 1),
        Factor(dimension: "M", relation: .atMost, value: 4),
      ])
    #expect(buffer.innermost == ["C"])
    #expect(buffer.outermost == ["N"])
    #expect(buffer.defaultMaximum == 64)
    let column = constraints.loops[1]
    #expect(
      column.factors == [
        Factor(dimension: "M", relation: .exactly, value: 4),
        Factor(dimension: "N", relation: .atLeast, value: 1),
      ])
    #expect(column.split == 999)
    let row = constraints.loops[2]
    #expect(row.factors == [Factor(dimension: "C", relation: .exactly, value: nil)])
    #expect(row.split == 0)
    let pad = constraints.loops[3]
    #expect(
      pad.factors == [
        Factor(dimension: "N", relation: .exactly, value: 6),
        Factor(dimension: "M", relation: .atLeast, value: 2),
        Factor(dimension: "M", relation: .atMost, value: 8),
      ])
    #expect(pad.remainders == 2)
    #expect(constraints.loops[4].innermost == ["N", "M", "C"])
    let storage = [
      TimeloopConstraints.Storage(level: 1, keep: ["Inputs", "Outputs"], bypass: ["Weights"])
    ]
    #expect(constraints.storage == storage)
    #expect(constraints.minimumParallelism == 0.5)
    #expect(constraints.overbooking.map(\.level) == [1])
    #expect(constraints.overbooking.map(\.proportion) == [0.25])
    #expect(
      result.warnings.map(\.description) == [
        "c.yaml:22: architecture.nodes[3].constraints.spatial.no_reuse: "
          + "reuse in hardware cannot be constrained, left out"
      ])
  }

  /// Constraints of the architecture fix what a level is built to keep; those of the map space do not.
  @Test func onlyConstraintsOfTheArchitectureChangeIt() throws {
    let text = Self.machine + Self.problem + Self.list
    let machine = try TimeloopInput(parsing: [("c.yaml", Data(text.utf8))]).architecture()
    #expect(machine.value.levels.map(\.keptByDefault) == [nil, ["Inputs", "Outputs"], nil])
    #expect(machine.warnings.isEmpty)
  }

  @Test func nothingAskedIsEmpty() throws {
    let plain = Self.machine.components(separatedBy: "\n").filter {
      !$0.contains("constraints") && !$0.contains("dataspace") && !$0.contains("temporal")
        && !$0.contains("spatial: {factors") && !$0.contains("overbooked")
    }.joined(separator: "\n")
    let result = try Self.read(plain + "\nmapspace_constraints: []\n")
    #expect(result.value.isEmpty)
    #expect(result.warnings.isEmpty)
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String { replacement }
    var find: String
    var replacement: String
    var message: String
  }

  static let damages: [Damage] = [
    Damage(
      find: "\"N6 M>=2 M<=8\"", replacement: "\"N6 M=>2\"",
      message: "c.yaml:45: mapspace_constraints.targets[0].factors: got \"N6 M=>2\", "
        + "expected factors such as C=8, C<=8 or C>=2"),
    Damage(
      find: "\"N6 M>=2 M<=8\"", replacement: "\"N6 M>=9 M<=8\"",
      message:
        "c.yaml:45: mapspace_constraints.targets[0].factors: got a factor of M of at least 9 "
        + "and at most 8, expected bounds that leave a factor"),
    Damage(
      find: "\"N6 M>=2 M<=8\"", replacement: "\"N6 N=3\"",
      message:
        "c.yaml:45: mapspace_constraints.targets[0].factors: got two factors of N, expected one"
    ),
    Damage(
      find: "\"N6 M>=2 M<=8\"", replacement: "\"M<=0\"",
      message: "c.yaml:45: mapspace_constraints.targets[0].factors: got \"M<=0\", "
        + "expected a bound of at least 1"),
    Damage(
      find: "\"N6 M>=2 M<=8\"", replacement: "\"n=6\"",
      message: "c.yaml:45: mapspace_constraints.targets[0].factors: unknown dimension \"n\"\n"
        + "hint: did you mean \"N\"? known dimensions: C, M, N"),
    Damage(
      find: "permutation: CM,", replacement: "permutation: CMC,",
      message: "c.yaml:45: mapspace_constraints.targets[0].permutation: got dimension C twice, "
        + "expected each dimension once"),
    Damage(
      find: "target: pad, type: utilization", replacement: "target: buffer, type: utilization",
      message: "c.yaml:46: mapspace_constraints.targets[1].target: got the parallelism of buffer, "
        + "expected that of the innermost level, pad"),
    Damage(
      find: "min: 0.5", replacement: "min: 1.5",
      message: "c.yaml:46: mapspace_constraints.targets[1].min: got 1.5, expected a number in 0...1"
    ),
    Damage(
      find: "type: bypass, bypass: []", replacement: "type: bypas, bypass: []",
      message: "c.yaml:47: mapspace_constraints.targets[2].type: unknown constraint \"bypas\"\n"
        + "hint: did you mean \"bypass\"? known constraints: bypass, dataspace, datatype, "
        + "max_overbooked_proportion, parallelism, spatial, temporal, utilization"),
    Damage(
      find: "target: outside, type: bypass, bypass: []",
      replacement: "target: buffer, type: bypass, keep: [Weights]",
      message: "c.yaml:47: mapspace_constraints.targets[2].keep: "
        + "got Weights both kept and bypassed, expected one"),
    Damage(
      find: "target: outside, type: bypass, bypass: []",
      replacement: "target: outsides, type: temporal",
      message: "c.yaml:47: mapspace_constraints.targets[2].target: unknown target \"outsides\"\n"
        + "hint: did you mean \"outside\"? known targets: buffer, outside, pad"),
    Damage(
      find: "proportion: 0.25", replacement: "proportion: many",
      message: "c.yaml:17: architecture.nodes[2].constraints.max_overbooked_proportion.proportion: "
        + "got many, expected a number in 0...1"),
    Damage(
      find: "permutation: NMC", replacement: "permutation: NMC, factors: {C: 1}",
      message: "c.yaml:51: mapspace_constraints.targets[4].constraints[0].attributes.factors: "
        + "got a mapping, expected factors such as C=8, C<=8 or C>=2"),
  ]

  @Test(arguments: damages)
  func wrongConstraintsSayWhatIsWrong(damage: Damage) throws {
    let text = Self.machine + Self.problem + Self.list
    let range = try #require(text.range(of: damage.find))
    do {
      _ = try Self.read(text.replacingCharacters(in: range, with: damage.replacement))
      Issue.record("read without an error")
    } catch {
      #expect("\(error)" == damage.message)
    }
  }

  /// Damaged bytes give an error or a value, never a trap.
  @Test func damagedTextNeverTraps() throws {
    let bytes = Array((Self.machine + Self.problem + Self.list).utf8)
    var state: UInt64 = 88_172_645_463_325_252
    func next(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0...next(3) {
        switch next(3) {
        case 0: damaged[next(damaged.count)] = UInt8(32 + next(95))
        case 1: damaged.removeSubrange(damaged.count - next(200)..<damaged.count)
        default:
          let start = next(damaged.count - 40)
          damaged.insert(contentsOf: damaged[start..<start + next(40)], at: next(damaged.count))
        }
        if damaged.count < 400 { damaged = bytes }
      }
      _ = try? TimeloopInput(parsing: [("f.yaml", Data(damaged))]).constraints()
    }
  }
}
