import Quantities
import Testing

@testable import Technology

@Suite struct LogicTests {
  let library = ComponentLibrary.shipped

  @Test func polynomialAgreesWithTheErrataExample() throws {
    // Stillmaker and Baas, errata example: 65 nm at 1.3 V to 32 nm at 0.9 V is 0.4571 / 2.604, both rounded.
    let ratio = library.scaling.energyRatio(
      to: try ProcessNode(nanometers: 32, supply: 0.9), fromNanometers: 65, supply: 1.3)
    #expect(isClose(ratio, 0.4571 / 2.604, within: 3e-4))
  }

  @Test(arguments: [(65.0, 1.0, 1.906), (32, 0.9, 0.654)])
  func polynomialAgreesWithHandComputedFactors(nanometers: Double, supply: Double, factor: Double)
    throws
  {
    // Hand computed from Table 5, three digits after the point.
    let ratio = library.scaling.energyRatio(
      to: try ProcessNode(nanometers: nanometers, supply: supply), fromNanometers: 45, supply: 0.9)
    #expect(abs(ratio - factor) <= 0.0005)
  }

  @Test func energyIsContinuousAt22Nanometers() throws {
    let above = library.scaling.energyRatio(
      to: try ProcessNode(nanometers: 22, supply: 0.8), fromNanometers: 45, supply: 0.9)
    let below = library.scaling.energyRatio(
      to: try ProcessNode(nanometers: 22 - 1e-9, supply: 0.8), fromNanometers: 45, supply: 0.9)
    #expect(isClose(below, above, within: 1e-9))
  }

  @Test(arguments: [
    (Precision.int4, 0.151, 217.0), (.int8, 0.30, 419), (.int16, 0.89, 1_130), (.int32, 3.2, 3_632),
    (.fp16, 2.0, 5_824), (.bf16, 1.53, 5_100), (.fp32, 4.6, 11_884),
  ])
  func multiplyAccumulateIsTheTableAtItsOwnNode(
    precision: Precision, picojoules: Double, squareMicrometers: Double
  ) throws {
    let unit = try library.multiplyAccumulate(
      precision, node: ProcessNode(nanometers: 45, supply: 0.9))
    #expect(isClose(unit.energy.picojoules, picojoules))
    #expect(isClose(unit.area.squareMillimeters, squareMicrometers * 1e-6))
    // 0.074 uW per 5.98 um^2.
    #expect(isClose(unit.leakageMilliwatts, squareMicrometers * 0.074 / 5.98 * 1e-3))
    let estimated = precision == .int4 || precision == .bf16
    #expect(unit.caveats.contains("estimated, good to 40 %") == estimated)
  }

  @Test func logicAreaIsTheSquareOfTheNodeRatioWhilePlanar() throws {
    #expect(isClose(library.scaling.areaRatio(toNanometers: 90, fromNanometers: 45), 4))
    #expect(isClose(library.scaling.areaRatio(toNanometers: 22, fromNanometers: 44), 0.25))
    // Table 4 ends at 1 for 7 nm and gives 3.2 for 16 nm.
    let seven = library.scaling.areaRatio(toNanometers: 7, fromNanometers: 45)
    let sixteen = library.scaling.areaRatio(toNanometers: 16, fromNanometers: 45)
    #expect(isClose(sixteen / seven, 3.2))
  }

  @Test func registerFileIsFlipFlopsTimesOverhead() throws {
    let node = try ProcessNode(nanometers: 45, supply: 0.9)
    let file = try library.registerFile(capacityBits: 192, accessBits: 16, node: node)
    #expect(isClose(file.readEnergy.picojoules, 0.009 * 1.5 * 16))
    #expect(file.writeEnergy == file.readEnergy)
    #expect(isClose(file.leakageMilliwatts, 0.074e-3 * 192))
    #expect(isClose(file.area.squareMillimeters, 5.98e-6 * 192 * 45 * 45 / 1_600))
  }

  @Test(arguments: [
    (DRAMKind.lpddr, 40.0), (.lpddr3, 3.7), (.lpddr4, 8), (.ddr3, 20), (.ddr4, 20), (.gddr5, 14),
    (.gddr6, 6.5), (.hbm2, 3.9), (.hbm3, 4.05), (.hbm4, 3.2),
  ])
  func dramIsTheTable(kind: DRAMKind, picojoulesPerBit: Double) {
    let transfer = library.dramEnergyPerBit(kind)
    #expect(transfer.energy.picojoules == picojoulesPerBit)
    #expect(!transfer.source.isEmpty)
    #expect(
      transfer.caveats.contains("recalled planning value, not verified")
        == [.ddr4, .gddr6].contains(kind))
    #expect(
      transfer.caveats.contains("pins only: the memory itself is not in it") == (kind == .lpddr3))
  }

  @Test(arguments: [
    (65.0, 1.2, 0.49755), (45, 1.1, 0.37566), (22, 0.8, 0.15551), (7, 0.8, 0.15551),
  ])
  func wireIsAQuarterOfTheTable(nanometers: Double, supply: Double, transition: Double) throws {
    let energy = try library.wireEnergyPerBitMillimeter(
      node: ProcessNode(nanometers: nanometers, supply: supply))
    #expect(isClose(energy.picojoules, 0.25 * transition))
  }

  /// Published density over the model's; reported in `Technology.md`, not forced to one.
  @Test(arguments: [
    // EIE at 45 nm (Han et al. 2016, Table II): sparse matrix memory, pointer memory.
    (45.0, 1_048_576, 64, 1, 0.4477, 0.93...0.97), (45, 262_144, 16, 2, 0.4648, 0.94...1.06),
    // Gemmini at 22 nm (Genc et al. 2021, Fig. 6a; node unverified): scratchpad, accumulator.
    (22, 2_097_152, 128, 4, 0.2594, 0.83...0.86), (22, 524_288, 512, 2, 0.2785, 0.89...0.92),
  ])
  func publishedDensityOverModel(
    nanometers: Double, bits: Int, word: Int, banks: Int, density: Double,
    expected: ClosedRange<Double>
  ) throws {
    let memory = try library.sram(
      capacityBits: bits, accessBits: word, banks: banks,
      node: ProcessNode(nanometers: nanometers, supply: 1))
    let ratio = density / (memory.area.squareMillimeters * 1e6 / Double(bits))
    #expect(expected.contains(ratio), "published over model: \(ratio)")
  }
}
