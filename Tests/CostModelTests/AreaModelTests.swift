import Accelerator
import Quantities
import Testing

@testable import CostModel

@Suite struct AreaModelTests {
  private func architecture(
    clock: Double? = nil,
    change: (inout [MemoryLevel], inout ComputeArray, inout SiliconEffects) -> Void = { _, _, _ in }
  ) throws -> Architecture {
    let free = AccessEnergy(read: 0, fill: 0, update: 0)
    var dram = MemoryLevel(
      name: "DRAM", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
      energy: free)
    dram.area = Area(squareMillimeters: 50)
    var buffer = MemoryLevel(
      name: "Buffer", kind: .sram, mesh: Mesh(x: 2, y: 1), capacityWords: 1_024, wordBits: 8,
      energy: free)
    buffer.area = Area(squareMillimeters: 0.75)
    buffer.shortestCycleNanoseconds = 2
    var registers = MemoryLevel(
      name: "Registers", kind: .registers, mesh: Mesh(x: 4, y: 4), capacityWords: 8, wordBits: 8,
      energy: free)
    registers.area = Area(squareMillimeters: 0.125)
    registers.shortestCycleNanoseconds = 1
    var compute = ComputeArray(
      name: "MAC", mesh: Mesh(x: 4, y: 4), wordBits: 8, energyPerOperation: 1)
    compute.area = Area(squareMillimeters: 0.25)
    var effects = SiliconEffects()
    var levels = [dram, buffer, registers]
    change(&levels, &compute, &effects)
    return try Architecture(
      name: "test", levels: levels, compute: compute,
      clock: clock.map { Frequency(megahertz: $0) }, effects: effects)
  }

  @Test func totalIsTheSumByHand() throws {
    let area = AreaModel(
      of: try architecture { _, _, effects in
        effects.placementDensity = 0.5
        effects.areaPerProcessingElement = 0.0625
        effects.fixedArea = 3
      })
    // 2 x 0.75 + 16 x 0.125 = 3.5; 16 x 0.25 = 4; 16 x 0.0625 = 1; die 3 + 8.5 / 0.5. Exact in binary.
    #expect(area.levels.map(\.area.squareMillimeters) == [1.5, 2])
    #expect(area.levels.map(\.instances) == [2, 16])
    #expect(area.compute.squareMillimeters == 4)
    #expect(area.control.squareMillimeters == 1)
    #expect(area.cells.squareMillimeters == 8.5)
    #expect(area.whiteSpace.squareMillimeters == 8.5)
    #expect(area.total.squareMillimeters == 20)
    #expect(area.unstated.isEmpty)
  }

  @Test func offChipMemoryTakesNoArea() throws {
    let area = AreaModel(of: try architecture())
    #expect(area.levels.map(\.name) == ["Buffer", "Registers"])
    #expect(area.total.squareMillimeters == 7.5)
  }

  @Test func missingAreasAreNamed() throws {
    let area = AreaModel(
      of: try architecture { levels, compute, _ in
        levels[1].area = .zero
        compute.area = .zero
      })
    #expect(area.unstated == ["Buffer", "MAC"])
  }

  @Test func slowLevelsLimitTheClock() throws {
    let architecture = try architecture(clock: 800)
    #expect(architecture.highestClock == Frequency(megahertz: 500))
    #expect(
      architecture.clockViolations == [
        ClockViolation(level: 1, name: "Buffer", needNanoseconds: 2, haveNanoseconds: 1.25)
      ])
  }

  @Test func aClockAtTheLimitIsLegal() throws {
    #expect(try architecture(clock: 500).clockViolations.isEmpty)
    #expect(try architecture().clockViolations.isEmpty)
  }

  @Test(arguments: [0.7, 1.3482119271385573, 2.9, 3.1])
  func theHighestClockIsLegal(nanoseconds: Double) throws {
    let change = {
      (levels: inout [MemoryLevel], _: inout ComputeArray, _: inout SiliconEffects) in
      levels[1].shortestCycleNanoseconds = nanoseconds
      levels[2].shortestCycleNanoseconds = nanoseconds
    }
    let clock = try #require(try architecture(change: change).highestClock)
    #expect(try architecture(clock: clock.megahertz, change: change).clockViolations.isEmpty)
    let faster = try architecture(clock: clock.megahertz * 1.001, change: change)
    #expect(faster.clockViolations.map(\.name) == ["Buffer", "Registers"])
  }

  @Test func unknownCyclesDoNotLimit() throws {
    let architecture = try architecture(clock: 10_000) { levels, _, _ in
      for level in levels.indices { levels[level].shortestCycleNanoseconds = nil }
    }
    #expect(architecture.highestClock == nil)
    #expect(architecture.clockViolations.isEmpty)
  }
}
