import Accelerator
import Foundation
import Interchange
import Quantities
import Testing
import Workflows

@Suite struct ForeignArchitectureTests {
  static let text = """
    architecture:
      version: 0.4
      nodes:
        - !Container
          name: chip
          attributes: {technology: "65nm", datawidth: 16}
        - !Component
          name: outside
          class: DRAM
          attributes: {width: 64, type: LPDDR4}
        - !Component
          name: buffer
          class: SRAM
          attributes: {depth: 4096, width: 64}
          constraints: {temporal: {factors: [C=1]}}
        - !Component
          name: pad
          class: regfile
          attributes: {depth: 16, width: 16, technology: 3nm}
        - !Component
          name: mac
          class: intmac

    """

  private static func read(_ text: String) throws -> Imported<ResolvedArchitecture> {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    return try readArchitecture(path: file.path, using: .shipped)
  }

  /// Absent energies are those our own file format derives at the same node, size and width.
  @Test func absentEnergiesAreOurTables() throws {
    let result = try Self.read(Self.text)
    let own = try ArchitectureFile(
      parsing: Data(
        """
        name: own
        technology: {node: 65, supply: 1.0, flavor: lstp}
        wordBits: 16
        levels:
          - {name: outside, kind: DRAM, memory: LPDDR4, blockSize: 4}
          - {name: buffer, kind: SRAM, capacity: 16384, blockSize: 4}
        compute: {precision: int16}

        """.utf8), named: "own.yaml"
    ).resolve(using: .shipped).architecture
    let machine = result.value.architecture
    #expect(machine.levels[0].energy == own.levels[0].energy)
    #expect(machine.levels[1].energy == own.levels[1].energy)
    #expect(machine.levels[1].area == own.levels[1].area)
    #expect(machine.compute.energyPerOperation == own.compute.energyPerOperation)
    #expect(machine.levels[2].energy == AccessEnergy(read: 0, fill: 0, update: 0))
    let texts = result.warnings.map {
      $0.description.split(separator: ": ").dropFirst().joined(separator: ": ")
    }
    #expect(
      texts.contains { $0.hasPrefix("architecture.nodes[2]: no energies, estimated as ") })
    #expect(texts.contains("architecture.nodes[3]: no energies, taken as 0; give an ERT file"))
    #expect(
      texts.contains {
        $0.hasPrefix("architecture.nodes[4]: no energy per operation, estimated as ")
          && $0.contains("our tables for int16 at 65 nm")
      })
    #expect(texts.contains("1 mapping constraints on loops are read, but not applied"))
  }

  @Test func withoutANodeNothingIsEstimated() throws {
    let text = Self.text.replacingOccurrences(of: "technology: \"65nm\", ", with: "")
    let machine = try Self.read(text).value.architecture
    #expect(machine.levels[1].energy.read == 0)
    #expect(machine.compute.energyPerOperation == 0)
    #expect(machine.levels[0].energy.read > 0)
  }

  @Test func ourFilesAreStillRead() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Configs/architectures/eyeriss-168.yaml").path
    let result = try readArchitecture(path: path, using: .shipped)
    #expect(result.warnings.isEmpty)
    #expect(result.value == (try ArchitectureFile(readingFile: path).resolve(using: .shipped)))
  }
}
