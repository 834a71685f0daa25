import Accelerator
import Foundation
import Interchange
import Quantities
import Testing
import Workload

@testable import Workflows

@Suite struct RoundTripTests {
  @Test(arguments: [
    "plain", "two words", "null", "~", "true", "12", "1e3", "- dash", "a: b", "a #b", "#", "'",
    "\"",
    "\\", "{x}", "[x]", "&anchor", "R&D", "x &y", "*alias", "!tag", "%", "@", "`", "é", "日本", "😀",
    " leading", "trailing ", "?", "a,b", "\u{2028}", "\u{A0}", "=",
  ])
  func namesSurvive(name: String) throws {
    let text = "name: \(YAMLText.scalar(name))\nlist: \(YAMLText.list([name, "x" + name]))\n"
    let node = try SpecificationNode(parsing: Data(text.utf8), file: "f.yaml")
    #expect(try node.required("name", expected: "").text() == name)
    #expect(try node.required("list", expected: "").names(expected: "") == [name, "x" + name])
  }

  @Test func architectureWithEveryFieldSurvives() throws {
    var level = MemoryLevel(
      name: "odd: \"level\"", kind: .sram, mesh: Mesh(x: 2, y: 3), capacityWords: 1_000,
      wordBits: 12, energy: AccessEnergy(read: 0.1, fill: 1e-300, update: 1e30))
    level.multipleBuffering = 1.5
    level.blockSize = 7
    level.bandwidth = Bandwidth(read: 1.0 / 3, write: nil, shared: 1e12)
    level.keptByDefault = []
    level.leakagePerCycle = .leastNonzeroMagnitude
    level.area = Area(squareMillimeters: 123_456_789.125)
    level.shortestCycleNanoseconds = 0.3
    level.network.energyPerHop = 0.7
    level.network.routerEnergy = 0.9
    level.network.fillLatency = 1 << 40
    level.network.drainLatency = 3
    let outer = MemoryLevel(
      name: "unlimited", kind: .registers, mesh: Mesh(x: 1, y: 1), capacityWords: nil,
      wordBits: 8, energy: AccessEnergy(read: 0, fill: 0, update: 0))
    var compute = ComputeArray(
      name: "MAC & more", mesh: Mesh(x: 4, y: 3), wordBits: 9, energyPerOperation: 2.0 / 3)
    compute.area = Area(squareMillimeters: 1e-9)
    var effects = SiliconEffects()
    effects.idleEnergyPerCycle = 5.485
    effects.clockGating = 0.25
    effects.switchingFactor = 1.286
    effects.placementDensity = 0.7
    effects.areaPerProcessingElement = 0.01
    effects.fixedArea = 3
    effects.zeroGating = .init(operand: "In puts", zeroShare: 0.125, gatedOperands: ["A", "B C"])
    let architecture = try Architecture(
      name: "every field", levels: [outer, level], compute: compute,
      clock: Frequency(megahertz: 1_234.5), effects: effects)
    let resolved = ResolvedArchitecture(
      architecture: architecture, description: "one & two", sources: ["a, b", "c"], provenance: [])
    let again = try ArchitectureFile(parsing: Data(resolved.yaml.utf8), named: "a.yaml").resolve()
    #expect(again.architecture == architecture)
    #expect(again.description == resolved.description)
    #expect(again.sources == resolved.sources)
  }

  @Test func originsOfNumbersAreTold() throws {
    let components = ComponentModel(
      flavors: ["lstp"], precisions: ["int8"], memories: ["toy"],
      sram: { technology, shape in
        #expect(technology == .init(node: 28, supply: 0.9, flavor: "lstp"))
        #expect(shape == .init(capacityBits: 800, accessBits: 32, banks: 2))
        return .init(
          energy: 3, writeEnergy: 4, leakageMilliwatts: 5, area: 6, cycleNanoseconds: 7,
          source: "table A")
      },
      registers: { _, _ in .init(energy: 1, source: "table B") },
      multiplyAccumulate: { _, _ in .init(energy: 0.5, area: 0.25, source: "table C") },
      dram: { _ in .init(energy: 10, source: "table D") },
      wire: { _ in .init(energy: 0.125, source: "table E") })
    let text = """
      name: toy
      clockMHz: 500
      technology: {node: 28, supply: 0.9}
      wordBits: 8
      levels:
        - {name: D, kind: DRAM, memory: toy, blockSize: 2, network: {hopMillimeters: 2}}
        - {name: S, kind: SRAM, capacityBytes: 100, blockSize: 4, banks: 2, energy: {fill: 9}}
      compute: {precision: int8}
      """
    let resolved = try ArchitectureFile(parsing: Data(text.utf8), named: "a.yaml")
      .resolve(using: components)
    let levels = resolved.architecture.levels
    // Two words of 8 bits at 10 pJ per bit; 0.125 pJ per bit and mm, over 2 mm, for 8 bits.
    #expect(levels[0].energy == AccessEnergy(read: 160, fill: 160, update: 160))
    #expect(levels[0].network.energyPerHop == 2)
    #expect(levels[1].energy == AccessEnergy(read: 3, fill: 9, update: 4))
    // 5 mW for the 2 ns of a cycle at 500 MHz.
    #expect(levels[1].leakagePerCycle == 10)
    #expect(levels[1].area.squareMillimeters == 6)
    #expect(levels[1].shortestCycleNanoseconds == 7)
    #expect(resolved.architecture.compute.area.squareMillimeters == 0.25)
    let origins = Dictionary(
      uniqueKeysWithValues: resolved.provenance.map { ($0.field, $0.origin) })
    #expect(origins["levels[1].energy.read"] == .derived(source: "table A"))
    #expect(origins["levels[1].energy.fill"] == .explicit)
    #expect(origins["levels[0].network.energyPerHop"] == .derived(source: "table E"))
    #expect(origins["levels[0].area"] == .assumed(reason: "0: off-chip"))
    #expect(
      resolved.yaml.contains("    # energy.read, energy.update, leakage, area derived: table A\n"))
  }
}
