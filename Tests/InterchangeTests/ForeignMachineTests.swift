import Accelerator
import Foundation
import Interchange
import Quantities
import Testing
import Workload

/// Small machines and mappings in the style of each peer, in our own words.
enum MachineExamples {
  static let architecture = """
    variables: {process: 28nm}
    architecture:
      version: 0.4
      nodes:
        - !Container
          name: chip
          attributes: &shared {technology: 28nm, datawidth: 8}
        - !Component
          name: outside
          class: DRAM
          attributes: {<<: *shared, width: 64}
        - !Component
          name: shared_buffer
          class: smartbuffer_SRAM
          attributes: {depth: 256, width: 32, n_banks: 4, read_bandwidth: 4}
          constraints:
            dataspace: {keep: [Inputs, Outputs], bypass: [Weights]}
        - !Container
          name: column
          spatial: {meshX: 4}
          constraints: {spatial: {split: 999}}
        - !Container
          name: row
          spatial: {meshY: 2}
        - !Parallel
          nodes:
            - !Component
              name: weights_pad
              class: smartbuffer_RF
              attributes: {depth: 16, block_size: 1, vector_access_energy: 0.5}
              constraints: {dataspace: {keep: [Weights]}}
            - !Component
              name: sums_pad
              class: regfile
              attributes: {entries: 4, vector_access_energy: 0.25}
              constraints: {dataspace: {keep: [Outputs]}}
        - !Component
          name: mac
          class: intmac
          attributes: {energy: 0.75}
    """
  static let tables = """
    ERT:
      version: 0.4
      tables:
        - name: chip_top_level.outside[1..1]
          actions:
            - {name: read, arguments: {}, energy: 100}
            - {name: write, arguments: {a: 1}, energy: 110}
            - {name: write, arguments: {a: 2}, energy: 120}
            - {name: update, arguments: {}, energy: 130}
            - {name: leak, arguments: {}, energy: 2}
    ART:
      version: 0.4
      tables:
        - {name: "chip_top_level.shared_buffer[1..1]", area: 1500}
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
  static let mapping = """
    mapping:
      - {target: outside, type: temporal, factors: [N=6], permutation: [C, M, N]}
      - {target: shared_buffer, type: dataspace, keep: [Inputs, Outputs], bypass: [Weights]}
      - {target: shared_buffer, type: temporal, factors: "M=3 C1", permutation: MCN}
      - {target: column, type: spatial, factors: ["M=4,2"], permutation: [M, C, N], split: 3}
      - {target: row, type: spatial, factors: [C=2], permutation: [C, M, N], split: 0}
      - {target: weights_pad, type: dataspace, keep: [Weights], bypass: [Inputs, Outputs]}
      - {target: weights_pad, type: temporal, factors: [C=4], permutation: [C, M, N]}
      - {target: sums_pad, type: dataspace, keep: [Outputs], bypass: [Inputs, Weights]}
    """
  static let older = """
    architecture:
      version: 0.3
      subtree:
        - name: system
          local:
            - {name: DRAM, class: DRAM, attributes: {word-bits: 8, block-size: 4}}
          subtree:
            - name: PE[0..7]
              local:
                - {name: pad, class: regfile, attributes: {entries: 64, word-bits: 8, meshX: 4}}
                - {name: "mac[0..1]", class: intmac, attributes: {meshX: 8, datawidth: 8}}
    """
  static let zigzag = """
    name: tiny
    memories:
      pad:
        size: 128
        r_cost: 0.5
        w_cost: 0.75
        area: 0.1
        latency: 1
        operands: [I2]
        ports: [{name: rw_port_1, type: read_write, bandwidth_min: 8, bandwidth_max: 16}]
        served_dimensions: []
      bank:
        size: 65536
        r_cost: 5
        w_cost: 6
        area: 1
        latency: 2
        operands: [I1, O]
        ports:
          - {name: r_port_1, type: read, bandwidth_min: 8, bandwidth_max: 64}
          - {name: w_port_1, type: write, bandwidth_min: 8, bandwidth_max: 32}
        served_dimensions: [D1]
      dram:
        size: 8000000
        r_cost: 100
        w_cost: 100
        area: 0
        latency: 1
        operands: [I1, I2, O]
        ports: []
        served_dimensions: [D1, D2]
    operational_array: {unit_energy: 0.25, unit_area: 0, dimensions: [D1, D2], sizes: [4, 3]}
    """
  static let scaleSim = """
    [general]
    run_name = small_array

    [architecture_presets]
    ArrayHeight:    16
    ArrayWidth:     8
    IfmapSramSzkB:  64
    FilterSramSzkB: 32
    OfmapSramSzkB:  16
    IfmapOffset:    0
    Bandwidth : 10
    Dataflow : os

    [run_presets]
    InterfaceBandwidth: USER
    """

  /// Text of a file in one of the formats, read as far as it goes.
  static func read(_ text: String, _ name: String) throws -> [FileWarning] {
    let bytes = Data(text.utf8)
    if name.hasSuffix(".cfg") {
      return try SCALESimConfiguration.architecture(parsing: bytes, file: name).warnings
    }
    if name.hasPrefix("zigzag") {
      return try ZigZagAccelerator.architecture(parsing: bytes, file: name).warnings
    }
    let input = try TimeloopInput(parsing: [(name, bytes)])
    var warnings = input.warnings
    if text.contains("architecture") { warnings += try input.architecture().warnings }
    if text.contains("mapping:") {
      warnings += try input.layer().warnings
      warnings += try input.mapping().warnings
    }
    return warnings
  }
}

@Suite struct ForeignMachineTests {
  static let all = [
    MachineExamples.architecture, MachineExamples.tables, MachineExamples.problem,
    MachineExamples.mapping,
  ].joined(separator: "\n")

  @Test func timeloopTreesAreRead() throws {
    let input = try TimeloopInput(parsing: [("t.yaml", Data(Self.all.utf8))])
    let result = try input.architecture()
    let levels = result.value.levels
    #expect(result.value.name == "chip")
    #expect(levels.map(\.name) == ["outside", "shared_buffer", "weights_pad", "sums_pad"])
    #expect(levels.map(\.kind) == [.dram, .sram, .registers, .registers])
    #expect(levels.map(\.mesh.x) == [1, 1, 4, 4])
    #expect(levels.map(\.mesh.y) == [1, 1, 2, 2])
    #expect(levels.map(\.capacityWords) == [nil, 1_024, 16, 4])
    #expect(levels.map(\.blockSize) == [8, 4, 1, 1])
    #expect(levels.map(\.wordBits) == [8, 8, 8, 8])
    #expect(levels[0].energy == AccessEnergy(read: 100, fill: 120, update: 130))
    #expect(levels[0].leakagePerCycle == 2)
    #expect(levels[1].area.squareMillimeters == 0.0015)
    #expect(levels[1].keptByDefault == ["Inputs", "Outputs"])
    #expect(levels[2].energy == AccessEnergy(read: 0.5, fill: 0.5, update: 0.5))
    #expect(result.value.compute.energyPerOperation == 0.75)
    #expect(result.value.compute.mesh == Mesh(x: 4, y: 2))
    #expect(input.warnings.map(\.description) == ["t.yaml:1: variables: section not used"])
    #expect(
      result.warnings.map(\.description) == [
        "t.yaml:15: architecture.nodes[2].attributes: no counterpart, left out: n_banks",
        "t.yaml:12: architecture.nodes[2]: no energies, taken as 0; give an ERT file",
      ])
    let mapping = try input.mapping()
    #expect(
      mapping.warnings.map(\.description) == [
        "t.yaml:64: mapping: several fan-outs below shared_buffer become one"
      ])
    #expect(mapping.value.nests[0].temporal == [Loop(dimension: 2, factor: 6)])
    #expect(mapping.value.nests[1].temporal == [Loop(dimension: 1, factor: 3)])
    #expect(mapping.value.nests[1].spatialX == [Loop(dimension: 1, factor: 4, residual: 2)])
    #expect(mapping.value.nests[1].spatialY == [Loop(dimension: 0, factor: 2)])
    #expect(mapping.value.nests[1].keeps == [false, true, true])
  }

  @Test func olderTreesAreRead() throws {
    let input = try TimeloopInput(parsing: [("o.yaml", Data(MachineExamples.older.utf8))])
    let machine = try input.architecture().value
    #expect(machine.levels[0].blockSize == 4)
    #expect(machine.levels[1].mesh == Mesh(x: 4, y: 2))
    #expect(machine.compute.mesh == Mesh(x: 8, y: 2))
  }

  @Test func zigzagAcceleratorsAreRead() throws {
    let result = try ZigZagAccelerator.architecture(
      parsing: Data(MachineExamples.zigzag.utf8), file: "z.yaml")
    let levels = result.value.levels
    #expect(levels.map(\.name) == ["dram", "bank", "pad"])
    #expect(levels.map(\.mesh) == [Mesh(x: 1, y: 1), Mesh(x: 1, y: 3), Mesh(x: 4, y: 3)])
    #expect(levels.map(\.capacityWords) == [1_000_000, 8_192, 16])
    #expect(levels[1].bandwidth == Bandwidth(read: 8, write: 4))
    #expect(levels[2].bandwidth == Bandwidth(shared: 2))
    #expect(levels[2].blockSize == 2)
    #expect(levels[2].keptByDefault == ["Weights"])
    #expect(
      result.warnings.map(\.description) == [
        "z.yaml:17: memories.bank.latency: no counterpart, left out",
        "z.yaml:1: areas have no unit there, taken as mm^2",
      ])
  }

  @Test func scaleSimConfigurationsAreRead() throws {
    let result = try SCALESimConfiguration.architecture(
      parsing: Data(MachineExamples.scaleSim.utf8), file: "s.cfg")
    #expect(result.value.name == "small_array")
    #expect(result.value.compute.mesh == Mesh(x: 8, y: 16))
    #expect(result.value.levels.map(\.capacityWords) == [nil, 65_536, 32_768, 16_384])
    #expect(result.value.levels[0].bandwidth.shared == 10)
    #expect(
      result.warnings.map(\.description) == [
        "s.cfg:10: ifmapoffset: no counterpart, left out",
        "s.cfg:12: dataflow: no counterpart, left out",
        "s.cfg:15: interfacebandwidth: no counterpart, left out",
        "s.cfg:1: no energies, taken as 0",
      ])
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String { "\(file): \(find)" }
    var text = ForeignMachineTests.all
    var file = "t.yaml"
    var find: String
    var replacement: String
    var message: String
  }

  static let damages: [Damage] = [
    Damage(
      find: "- !Parallel", replacement: "- !Sideways",
      message: "t.yaml:25: architecture.nodes[5]: got tag !Sideways, "
        + "expected !Container, !Component, !Parallel, !Hierarchical or !Nothing"),
    Damage(
      find: "width: 32", replacement: "width: 36",
      message: "t.yaml:15: architecture.nodes[2].attributes.width: got 36, "
        + "expected a multiple of the word of 8 bits"),
    Damage(
      find: "depth: 256", replacement: "depth: 16*16",
      message: "t.yaml:15: architecture.nodes[2].attributes.depth: got 16*16, "
        + "expected a whole number of rows in 1...274877906944\n"
        + "hint: write the number out; Timeloop's front end writes evaluated expressions to "
        + "parsed-processed-input.yaml"),
    Damage(
      find: "class: intmac", replacement: "class: regfile",
      message:
        "t.yaml:3: architecture: key \"class: mac\" is absent, expected a component that computes"
    ),
    Damage(
      find: "energy: 110}", replacement: "energy: none}",
      message:
        "t.yaml:47: ERT.tables[0].actions[1].energy: got none, expected a number of pJ in 0...1e+30"
    ),
    Damage(
      find: "target: row,", replacement: "target: rows,",
      message: "t.yaml:68: mapping[4].target: unknown target \"rows\"\n"
        + "hint: known targets: outside, shared_buffer, sums_pad, weights_pad"),
    Damage(
      find: "[\"M=4,2\"]", replacement: "[M<=4]",
      message: "t.yaml:67: mapping[3].factors[0]: got M<=4, expected factors such as C=8 or C=8,5"),
    Damage(
      find: "[N=6]", replacement: "[N=5]",
      message: "t.yaml:64: mapping: dimension \"N\": its loops run 5 iterations, expected 6"),
    Damage(
      find: "type: spatial,", replacement: "type: special,",
      message:
        "t.yaml:67: mapping[3].type: unknown directive \"special\"\nhint: did you mean \"spatial\"? "
        + "known directives: bypass, dataspace, datatype, skew, spatial, temporal"),
    Damage(
      find: "keep: [Weights], bypass: [Inputs", replacement: "keep: [Weight], bypass: [Inputs",
      message: "t.yaml:69: mapping[5].keep[0]: unknown tensor \"Weight\"\n"
        + "hint: did you mean \"Weights\"? known tensors: Inputs, Outputs, Weights"),
    Damage(
      text: MachineExamples.older, file: "o.yaml", find: "meshX: 8", replacement: "meshX: 5",
      message: "o.yaml:11: architecture.subtree[0].subtree[0].local[1]: "
        + "got meshX or meshY that does not divide the instances, expected instances = meshX x meshY"
    ),
    Damage(
      text: MachineExamples.zigzag, file: "zigzag.yaml", find: "operands: [I2]",
      replacement: "operands: [I3]",
      message: "zigzag.yaml:9: memories.pad.operands[0]: unknown operand \"I3\"\n"
        + "hint: did you mean \"I1\"? known operands: I1, I2, O"),
    Damage(
      text: MachineExamples.scaleSim, file: "s.cfg", find: "ArrayWidth:     8",
      replacement: "ArrayWidth: wide",
      message: "s.cfg:6: arraywidth: got \"wide\", expected a whole number in 1...65536"),
  ]

  @Test(arguments: damages)
  func damagedFilesSayWhatIsWrong(damage: Damage) throws {
    let range = try #require(damage.text.range(of: damage.find))
    let text = damage.text.replacingCharacters(in: range, with: damage.replacement)
    do {
      _ = try MachineExamples.read(text, damage.file)
      Issue.record("read without an error")
    } catch {
      #expect("\(error)" == damage.message)
    }
  }
}
