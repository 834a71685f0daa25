import Foundation
import Quantities
import Testing

@testable import Technology

/// One row of the shipped CACTI table, as text.
struct CACTIRow {
  var flavor: TransistorFlavor
  var node: Double
  var banks: Int
  var word: Int
  var bytes: Int
  /// Read, write, leakage, area, access, cycle in the table's units.
  var values: [Double]

  static func all() throws -> [CACTIRow] {
    let table = try TextTable(name: "sram_cacti.csv", text: ShippedTables.sram)
    return try table.rows.map { fields in
      CACTIRow(
        flavor: try #require(TransistorFlavor(rawValue: fields[0])),
        node: try #require(Double(fields[1])), banks: try #require(Int(fields[2])),
        word: try #require(Int(fields[3])), bytes: try #require(Int(fields[4])),
        values: try fields[5...].map { try #require(Double($0)) })
    }
  }

  /// Supply inside CACTI, from its technology files (0.8 V for all at 22 nm but `lop`).
  var supply: Double {
    let index = [90, 65, 45, 32, 22].firstIndex(of: Int(node)) ?? 0
    switch flavor {
    case .lstp: return [1.3, 1.2, 1.1, 1.0, 0.8][index]
    case .lop: return [0.9, 0.8, 0.7, 0.6, 0.6][index]
    case .hp, .lstpCellsWithHPPeriphery: return [1.2, 1.1, 1.0, 0.9, 0.8][index]
    }
  }

  func estimate(_ library: ComponentLibrary) throws -> MemoryEstimate {
    try library.sram(
      capacityBits: 8 * bytes, accessBits: word, banks: banks, flavor: flavor,
      node: ProcessNode(nanometers: node, supply: supply))
  }

  func sharesCurve(with other: CACTIRow) -> Bool {
    flavor == other.flavor && node == other.node && banks == other.banks && word == other.word
  }
}

/// Equal up to rounding of a logarithm and its exponential: a few ulps times the size of the logarithm.
func isClose(_ a: Double, _ b: Double, within tolerance: Double = 1e-13) -> Bool {
  abs(a - b) <= tolerance * abs(b)
}

@Suite struct MemoryTests {
  let library = ComponentLibrary.shipped

  @Test func everyRowReproducesItself() throws {
    let rows = try CACTIRow.all()
    #expect(rows.count == 2_484)
    var highest = 0.0
    for (index, row) in rows.enumerated() {
      // The table lists each curve by ascending size, so the running maximum needs only the row before.
      let continues = index > 0 && rows[index - 1].sharesCurve(with: row)
      highest = max(continues ? highest : 0, row.values[0])
      let estimate = try row.estimate(library)
      #expect(isClose(estimate.readEnergy.picojoules, highest), "\(row)")
      #expect(isClose(estimate.writeEnergy.picojoules, row.values[1]), "\(row)")
      #expect(isClose(estimate.leakageMilliwatts, row.values[2]), "\(row)")
      #expect(isClose(estimate.accessNanoseconds, row.values[4]), "\(row)")
      #expect(estimate.cycleNanoseconds == row.values[5], "\(row)")
      if row.node >= 45 {
        let bank = Double(row.bytes / row.banks)
        let factor = 1.15 * (bank >= 2_048 ? 1 : bank <= 512 ? 2 : 2 - log(bank / 512) / log(4))
        #expect(isClose(estimate.area.squareMillimeters, factor * row.values[3]), "\(row)")
      }
    }
  }

  @Test func halfStepSizesStayWithinTheDocumentedErrors() throws {
    let coarse = try ComponentLibrary(keepsMemoryRow: { $0 & ($0 - 1) == 0 })
    let held = try CACTIRow.all().filter {
      $0.bytes & ($0.bytes - 1) != 0 && $0.flavor == .lstp && $0.banks == 1
    }
    var errors: [[Double]] = Array(repeating: [], count: 5)
    for row in held {
      // A half step below the smallest power of two has no neighbor to interpolate from.
      let estimate = try row.estimate(coarse)
      guard !estimate.caveats.contains("smaller than CACTI builds for this word width") else {
        continue
      }
      let raw = try coarse.array(
        .init(
          bytes: Double(row.bytes), accessBits: row.word, banks: row.banks, flavor: row.flavor),
        nanometers: row.node)
      let model = [
        estimate.readEnergy.picojoules, estimate.writeEnergy.picojoules,
        estimate.leakageMilliwatts, exp(raw.point.area), estimate.accessNanoseconds,
      ]
      for column in 0..<5 { errors[column].append(abs(model[column] / row.values[column] - 1)) }
    }
    #expect(errors[0].count == 530)
    // Median and 90th percentile of |error| by column, as measured; Data/README.md states the same numbers.
    let documented = [
      (0.044, 0.155), (0.026, 0.105), (0.009, 0.054), (0.029, 0.079), (0.028, 0.085),
    ]
    for (column, limit) in documented.enumerated() {
      let sorted = errors[column].sorted()
      let median = sorted[sorted.count / 2]
      let ninetieth = sorted[sorted.count * 9 / 10]
      // Half a unit of the last printed digit.
      #expect(median <= limit.0 + 0.0005, "column \(column)")
      #expect(ninetieth <= limit.1 + 0.0005, "column \(column)")
    }
  }

  @Test(arguments: TransistorFlavor.allCases)
  func readEnergyNeverFallsWithSize(flavor: TransistorFlavor) throws {
    for nanometers in [7.0, 16, 22, 28, 40, 45, 55, 65, 90] {
      let node = try ProcessNode(nanometers: nanometers, supply: 1)
      for (accessBits, banks) in [(8, 1), (48, 1), (64, 3), (64, 4), (100, 8), (512, 1)] {
        var last = 0.0
        for step in 0..<152 {
          let bits = Int(16_384 * pow(2, Double(step) / 8))
          let read = try library.sram(
            capacityBits: bits, accessBits: accessBits, banks: banks, flavor: flavor, node: node
          ).readEnergy.picojoules
          #expect(read >= last * (1 - 1e-12), "\(nanometers) nm, \(accessBits), \(banks), \(bits)")
          last = read
        }
      }
    }
  }

  /// Between sizes, words and nodes; expected values from an independent implementation over the same table.
  @Test(arguments: [
    (
      28.0, 0.9, 1, 48, 102_400,
      [9.879203630102957, 7.381596662215936, 0.031056332167551444, 1.3482119271385573, 0.3211264]
    ),
    (
      40, 1.05, 4, 100, 300_000,
      [
        52.89059367485617, 51.085603078058625, 0.05641983419682433, 2.2684478785194844,
        1.1151665299,
      ]
    ),
  ])
  func interpolationAgreesWithAnIndependentImplementation(
    nanometers: Double, supply: Double, banks: Int, accessBits: Int, bytes: Int, expected: [Double]
  ) throws {
    let memory = try library.sram(
      capacityBits: 8 * bytes, accessBits: accessBits, banks: banks,
      node: ProcessNode(nanometers: nanometers, supply: supply))
    let values = [
      memory.readEnergy.picojoules, memory.writeEnergy.picojoules, memory.leakageMilliwatts,
      memory.accessNanoseconds, memory.area.squareMillimeters,
    ]
    // The areas were printed with ten digits.
    for (value, expected) in zip(values, expected) {
      #expect(isClose(value, expected, within: 1e-10), "\(value), \(expected)")
    }
    #expect(memory.caveats.isEmpty)
  }

  @Test(arguments: [28.0, 45.0])
  func areaIsContinuousWhereItsRulesMeet(nanometers: Double) throws {
    let area = { (nanometers: Double) in
      try library.sram(
        capacityBits: 1 << 20, accessBits: 64, node: ProcessNode(nanometers: nanometers, supply: 1)
      ).area.squareMillimeters
    }
    #expect(isClose(try area(nanometers + 1e-9), try area(nanometers), within: 1e-8))
    #expect(isClose(try area(nanometers - 1e-9), try area(nanometers), within: 1e-8))
  }

  @Test func smallBanksTakeUpToTwiceTheArea() {
    #expect(ComponentLibrary.smallBankFactor(256) == 2)
    #expect(ComponentLibrary.smallBankFactor(512) == 2)
    #expect(isClose(ComponentLibrary.smallBankFactor(1_024), 1.5))
    #expect(ComponentLibrary.smallBankFactor(2_048) == 1)
    #expect(ComponentLibrary.smallBankFactor(1e9) == 1)
  }

  @Test func largerThanTheTableFollowsThePowerLaws() throws {
    let node = try ProcessNode(nanometers: 45, supply: 1.1)
    let last = try library.sram(capacityBits: 1 << 27, accessBits: 64, node: node)
    let next = try library.sram(capacityBits: 1 << 30, accessBits: 64, node: node)
    #expect(isClose(next.readEnergy / last.readEnergy, pow(8, 0.54)))
    #expect(isClose(next.leakageMilliwatts / last.leakageMilliwatts, pow(8, 0.96)))
    #expect(isClose(next.accessNanoseconds / last.accessNanoseconds, pow(8, 0.3)))
    #expect(last.caveats.isEmpty)
    #expect(next.caveats == ["larger than the table, extrapolated"])
  }

  @Test func oddBankCountsAreSeparateMacros() throws {
    let node = try ProcessNode(nanometers: 65, supply: 1)
    let one = try library.sram(capacityBits: 32_768, accessBits: 64, node: node)
    let many = try library.sram(capacityBits: 27 * 32_768, accessBits: 64, banks: 27, node: node)
    #expect(many.readEnergy == one.readEnergy)
    #expect(isClose(many.leakageMilliwatts, 27 * one.leakageMilliwatts))
    #expect(isClose(many.area.squareMillimeters, 27 * one.area.squareMillimeters))
    #expect(many.caveats == ["27 banks taken as that many separate macros"])
  }

  @Test func wideWordsAreSplit() throws {
    let node = try ProcessNode(nanometers: 32, supply: 1)
    let half = try library.sram(capacityBits: 1 << 20, accessBits: 512, node: node)
    let wide = try library.sram(capacityBits: 1 << 21, accessBits: 1_024, node: node)
    #expect(isClose(wide.readEnergy.picojoules, 2 * half.readEnergy.picojoules))
    #expect(wide.accessNanoseconds == half.accessNanoseconds)
  }

  @Test func energyFollowsTheSquareOfTheSupplyAndLeakageTheSupply() throws {
    let low = try library.sram(
      capacityBits: 1 << 20, accessBits: 64, node: ProcessNode(nanometers: 28, supply: 0.7))
    let high = try library.sram(
      capacityBits: 1 << 20, accessBits: 64, node: ProcessNode(nanometers: 28, supply: 1.4))
    #expect(isClose(high.readEnergy / low.readEnergy, 4))
    #expect(isClose(high.leakageMilliwatts / low.leakageMilliwatts, 2))
  }

  @Test func energyBelow22NanometersFollowsTheRootOfTheNode() throws {
    let planar = try library.sram(
      capacityBits: 1 << 20, accessBits: 64, node: ProcessNode(nanometers: 22, supply: 0.8))
    let finned = try library.sram(
      capacityBits: 1 << 20, accessBits: 64, node: ProcessNode(nanometers: 11, supply: 0.8))
    #expect(isClose(finned.readEnergy / planar.readEnergy, 0.5.squareRoot()))
    #expect(finned.accessNanoseconds == planar.accessNanoseconds)
    #expect(finned.caveats == ["extrapolated below 22 nm, good to a factor of 3"])
  }

  @Test func shippedTablesAreTheDataFiles() throws {
    let data = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Technology/Data")
    for (file, text) in [
      ("sram_cacti.csv", ShippedTables.sram), ("cacti_supplies.csv", ShippedTables.supplies),
      ("components.csv", ShippedTables.components), ("wires_cacti.csv", ShippedTables.wires),
      ("scaling_stillmaker.csv", ShippedTables.scaling),
    ] {
      let written = try String(contentsOf: data.appending(path: file), encoding: .utf8)
      #expect(written == text + "\n", "run Scripts/generate-tables")
    }
  }
}
