import Accelerator
import Quantities
import Testing
import Workload

@Suite struct ArchitectureTests {
  static func level(_ name: String = "DRAM") -> MemoryLevel {
    MemoryLevel(
      name: name, kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: 8, wordBits: 8,
      energy: AccessEnergy(read: 1, fill: 1, update: 1))
  }

  static func problem(
    _ levels: [MemoryLevel] = [level()], mesh: Mesh = Mesh(x: 2, y: 2), energy: Double = 1,
    clock: Frequency? = nil, effects: SiliconEffects = .init()
  ) -> String? {
    do throws(ArchitectureError) {
      _ = try Architecture(
        name: "a", levels: levels,
        compute: ComputeArray(name: "MAC", mesh: mesh, wordBits: 8, energyPerOperation: energy),
        clock: clock, effects: effects)
      return nil
    } catch {
      return error.description
    }
  }

  static func changed(_ change: (inout MemoryLevel) -> Void) -> [MemoryLevel] {
    var level = level()
    change(&level)
    return [level]
  }

  @Test func goodArchitecturesAreAccepted() {
    #expect(Self.problem() == nil)
  }

  @Test func levelsAreChecked() {
    #expect(Self.problem([]) == "levels: got 0 memory levels, expected 1 to 16")
    #expect(
      Self.problem([Self.level(), Self.level()])
        == "levels: got two levels called \"DRAM\", expected distinct names")
    #expect(
      Self.problem([Self.level("")]) == "levels[0].name: got an empty name, expected a name")
    #expect(
      Self.problem(Self.changed { $0.capacityWords = 0 })
        == "levels[0].capacity: got 0, expected a whole number in 1...1099511627776")
    #expect(
      Self.problem(Self.changed { $0.multipleBuffering = 0.5 })
        == "levels[0].multipleBuffering: got 0.5, expected 1 to 1024")
    #expect(
      Self.problem(Self.changed { $0.bandwidth.read = 0 })
        == "levels[0].bandwidth.read: got 0, expected a positive number of words per cycle")
    #expect(
      Self.problem(Self.changed { $0.bandwidth.write = .nan })
        == "levels[0].bandwidth.write: got nan, expected a positive number of words per cycle")
    #expect(
      Self.problem(Self.changed { $0.energy.update = -1 })
        == "levels[0].energy.update: got -1, expected a number of at least 0")
    #expect(
      Self.problem(Self.changed { $0.leakagePerCycle = .infinity })
        == "levels[0].leakage: got inf, expected a number of at least 0")
  }

  @Test func meshesNestAndAreLimited() {
    #expect(
      Self.problem(Self.changed { $0.mesh = Mesh(x: 3, y: 1) })
        == "compute.mesh: got 2 x 2 instances, expected a multiple of the 3 x 1 instances of the level outside it"
    )
    #expect(
      Self.problem(mesh: Mesh(x: 0, y: 1))
        == "compute.mesh.x: got 0, expected a whole number in 1...1048576")
    #expect(
      Self.problem(mesh: Mesh(x: 1 << 20, y: 1 << 20))
        == "compute.mesh: instances: got 1099511627776, expected a whole number in 1...67108864")
  }

  @Test func effectsAndClockAreChecked() {
    var effects = SiliconEffects()
    effects.clockGating = 1.5
    #expect(
      Self.problem(effects: effects)
        == "effects.clockGating: got 1.5, expected a number in 0.0...1.0")
    #expect(
      Self.problem(clock: Frequency(megahertz: 0))
        == "clock: got 0, expected a positive number of MHz")
    #expect(Self.problem(energy: -2) == "compute.energy: got -2, expected a number of at least 0")
  }

  @Test func usableWordsAreRoundedDown() {
    var level = Self.level()
    level.capacityWords = 7
    level.multipleBuffering = 2
    #expect(level.usableWords == 3)
  }

  @Test func fanOutIsTheRatioOfMeshes() throws {
    var inner = Self.level("inner")
    inner.mesh = Mesh(x: 2, y: 1)
    let machine = try Architecture(
      name: "a", levels: [Self.level(), inner],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 8, y: 3), wordBits: 8, energyPerOperation: 1))
    #expect(machine.fanOut(below: 0) == Mesh(x: 2, y: 1))
    #expect(machine.fanOut(below: 1) == Mesh(x: 4, y: 3))
  }
}
