import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import Surrogate

@Suite struct InputEncodingTests {
  @Test func columnsAreWhatTheyAreSaidToBe() throws {
    let space = try SurrogateProblems.mixedSpace()
    let encoding = try InputEncoding(of: space)
    #expect(encoding.blockWidths == [8, 4, 3, 2, 5, 2, 1, 2, 3])
    #expect(encoding.width == 30)
    let point = try space.point([
      "pe": 3, "buffer": 16, "flow": "os", "sparse": true, "group": 4, "clock": 1, "skew": 0.5,
      "words": 1_616, "order": "CPK",
    ])
    let row = encoding.row(of: point)
    #expect(Array(row[0..<8]) == [0, 0, 1, 0, 0, 0, 0, 0])
    #expect(Array(row[8..<12]) == [0, 0, 1, 0])
    #expect(Array(row[12..<15]) == [0, 1, 0])
    #expect(Array(row[15..<17]) == [0, 1])
    #expect(Array(row[17..<22]) == [0, 0, 0, 1, 1])
    // Uniform over 0.5 to 2: mean 1.25, deviation 1.5 / sqrt 12; logarithms are uniform over -ln 2 to ln 2.
    #expect(abs(Double(row[22]) - (-0.25 / (1.5 / 12.0.squareRoot()))) < 1e-6)
    #expect(abs(row[23]) < 1e-6)
    #expect(abs(Double(row[24]) - 0.5 / (2 / 12.0.squareRoot())) < 1e-6)
    #expect(abs(Double(row[25]) - (1_616 - 50_008) / (99_984 / 12.0.squareRoot())) < 1e-5)
    // Items in the order K, C, P: C is first, P second, K third.
    let thirds: [Float] = [2, 0, 1]
    for (index, third) in thirds.enumerated() { #expect(abs(row[27 + index] - third / 3) < 1e-6) }
    let asleep = try space.point([
      "pe": 1, "buffer": 4, "flow": "ws", "sparse": false, "clock": 2, "skew": -1, "words": 16,
      "order": "KCP",
    ])
    #expect(encoding.row(of: asleep)[17..<22].allSatisfy { $0 == 0 })
  }

  @Test func primeHas77Columns() throws {
    let counts = [10, 10, 7, 10, 7, 11, 7, 4, 5, 6]
    let space = try SearchSpace(
      parameters: counts.enumerated().map { try .integer("p\($0)", 1...$1) })
    let encoding = try InputEncoding(of: space)
    #expect(encoding.width == 77)
    #expect(encoding.blockWidths == counts)
  }

  @Test func differentDesignsHaveDifferentRowsAndOneHotsSumToOne() throws {
    let space = try SurrogateProblems.mixedSpace()
    for addsValues in [false, true] {
      var options = InputEncoding.Options()
      options.addsValues = addsValues
      let encoding = try InputEncoding(of: space, options: options)
      for seed in 0..<20 as Range<UInt64> {
        var generator = Seed(seed).generator()
        let points = try space.sample(count: 20, using: &generator)
        let rows = points.map { encoding.row(of: $0) }
        #expect(Set(rows).count == Set(points).count)
        #expect(encoding.rows(of: points) == rows.flatMap { $0 })
        for (point, row) in zip(points, rows) {
          #expect(row.allSatisfy { $0.isFinite })
          for (index, block) in encoding.blocks.enumerated() {
            guard case .oneHot(let count, _) = block.kind else { continue }
            let columns = row[block.start..<(block.start + count)]
            #expect(columns.reduce(0, +) == (point.isActive(index) ? 1 : 0))
          }
          let byValue = encoding.row(of: space.values(of: point))
          #expect(byValue.row == row)
          #expect(byValue.unknown.isEmpty)
        }
      }
    }
  }

  /// Renaming items renames columns and nothing else.
  @Test func permutationColumnsFollowTheirItems() throws {
    for seed in 0..<20 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let items = ["A", "B", "C", "D"]
      let space = try SearchSpace(parameters: [.permutation("order", of: items)])
      let point = try space.sampler.sample(using: &generator)
      let row = try InputEncoding(of: space).row(of: point)
      let reversed = try SearchSpace(parameters: [.permutation("order", of: items.reversed())])
      let same = try reversed.point([space.value(of: 0, at: point)])
      #expect(try InputEncoding(of: reversed).row(of: same) == row.reversed())
    }
  }

  @Test func unknownValuesAreMarkedAndNamed() throws {
    let encoding = try InputEncoding.fitted(
      names: ["flow", "tile", "time"],
      columns: [
        ["systolic", "row", "row"], [4, 8, nil], (0..<100).map { .number(Double($0) + 1) },
      ])
    #expect(encoding.blockWidths == [3, 3, 2])
    let known = encoding.row(of: ["row", 8, 50])
    #expect(known.unknown.isEmpty)
    #expect(Array(known.row[0..<6]) == [1, 0, 0, 0, 1, 0])
    let (row, unknown) = encoding.row(of: ["systolik", 5, 500])
    #expect(Array(row[0..<6]) == [0, 0, 1, 0, 0, 1])
    #expect(row[6] > 3)
    #expect(
      unknown.map(\.description) == [
        "parameter \"flow\": got \"systolik\", expected one of row, systolic; encoded as unknown\n"
          + "hint: did you mean \"systolic\"?",
        "parameter \"tile\": got \"5\", expected one of 4, 8; encoded as unknown",
        "parameter \"time\": got \"500\", expected a number in 1...100; encoded as unknown",
      ])
    let absent = encoding.row(of: [nil, 4, 3]).unknown.map(\.description)
    #expect(
      absent == [
        "parameter \"flow\": got no value, expected one of row, systolic; encoded as unknown"
      ])
  }

  @Test func unusableColumnsAreErrors() throws {
    #expect(
      throws: SurrogateError.data(
        what: "column \"x\"", got: "no value in 2 rows", expected: "at least one",
        hint: "leave the column out")
    ) { try InputEncoding.fitted(names: ["x"], columns: [[nil, nil]]) }
    let names = (0..<100_001).map { "c\($0)" }
    let space = try SearchSpace(parameters: [.categories("id", names)])
    let error = #expect(throws: SurrogateError.self) { try InputEncoding(of: space) }
    #expect(
      error?.description
        == "parameter \"id\": got 100001 columns of an encoding, expected at most 100000 with the "
        + "parameters before it\nhint: leave out a category that names rows instead of designs")
  }
}

@Suite struct TargetScaleTests {
  @Test func logsAndRawCostsAreStandardized() throws {
    let costs = [1.0, 10, 100, 1_000]
    let log = try TargetScale(fitting: costs)
    #expect(log.kind == .log)
    // Logarithms 0, 1, 2, 3 to base 10: mean 1.5, deviation sqrt 1.25.
    for (index, cost) in costs.enumerated() {
      let expected = (Double(index) - 1.5) / 1.25.squareRoot()
      #expect(abs(log.standardized(cost) - expected) < 1e-12)
      #expect(abs(log.cost(of: expected) / cost - 1) < 1e-12)
    }
    let raw = try TargetScale(fitting: [-2, 0, 2], kind: .automatic)
    #expect(raw.kind == .raw)
    #expect(abs(raw.standardized(2) - 2 / (8.0 / 3).squareRoot()) < 1e-12)
    #expect(abs(raw.cost(of: raw.standardized(1.5)) - 1.5) < 1e-12)
  }

  @Test func ranksAreNormalQuantiles() throws {
    let scale = try TargetScale(fitting: [5, 1, 9], kind: .rank)
    // Middles of thirds: 1/6, 1/2, 5/6; the normal quantile of 5/6 is 0.967421566101701.
    #expect(abs(scale.standardized(5)) < 1e-9)
    #expect(abs(scale.standardized(9) - 0.967_421_566_101_701) < 1e-9)
    #expect(abs(scale.standardized(1) + 0.967_421_566_101_701) < 1e-9)
    for cost in [1.0, 5, 9] { #expect(abs(scale.cost(of: scale.standardized(cost)) - cost) < 1e-6) }
    #expect(scale.standardized(1e12) <= 1.5)
  }

  @Test(arguments: TargetScale.Kind.allCases)
  func outliersDoNotHideTheRest(kind: TargetScale.Kind) throws {
    var generator = Seed(2).generator()
    var costs = (0..<500).map { _ in 100 + 20 * generator.unitInterval() }
    costs += [1e12, 1e300]
    let scale = try TargetScale(fitting: costs, kind: kind)
    let standardized = costs.map { scale.standardized($0) }
    #expect(standardized.allSatisfy { $0.isFinite && abs($0) < 40 })
    #expect(scale.standardized(120) - scale.standardized(100) > 0.5)
    for (a, b) in zip(costs, costs.dropFirst()) where a < b {
      #expect(scale.standardized(a) <= scale.standardized(b))
    }
  }

  @Test func constantsAndUnusableCosts() throws {
    let constant = try TargetScale(fitting: [7, 7, 7])
    #expect(constant.standardized(7) == 0)
    #expect(constant.deviation == 1)
    let messages: [([Double], TargetScale.Kind, String)] = [
      (
        [], .raw,
        "targets: got no feasible design, expected at least one\n"
          + "hint: loosen the limits, or log more simulations"
      ),
      ([1, .nan], .raw, "targets: got nan, expected finite numbers"),
      (
        [1, -2], .log,
        "targets on a log scale: got -2.0, expected numbers above zero\n"
          + "hint: use the raw scale or ranks"
      ),
    ]
    for (costs, kind, message) in messages {
      let error = #expect(throws: SurrogateError.self) {
        try TargetScale(fitting: costs, kind: kind)
      }
      #expect(error?.description == message)
    }
  }
}
