import DesignSpace
import Execution
import Testing

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch { return "\(error)" }
}

@Suite struct SearchSpaceTests {
  @Test func parametersCheckTheirValues() {
    let cases: [(() throws -> Void, String)] = [
      (
        { _ = try Parameter.integer("pe x", 1...2) },
        "got parameter name \"pe x\", expected a letter or underscore, then letters, digits and "
          + "underscores, at most 100"
      ),
      (
        { _ = try Parameter.integer("n", 1...2, step: 0) },
        "parameter \"n\": got step 0, expected a step from 1"
      ),
      (
        { _ = try Parameter.integer("n", 0...(1 << 53)) },
        "parameter \"n\": got 0...9007199254740992, expected whole numbers of a magnitude up to 2^52"
      ),
      (
        { _ = try Parameter.levels("n", []) },
        "parameter \"n\": got no levels, expected at least one"
      ),
      (
        { _ = try Parameter.levels("n", [1, 4, 4]) },
        "parameter \"n\": got level 4 after 4, expected ascending numbers, each once"
      ),
      (
        { _ = try Parameter.levels("n", [.infinity]) },
        "parameter \"n\": got level inf, expected finite numbers"
      ),
      (
        { _ = try Parameter.categories("n", ["a", "b", "a"]) },
        "parameter \"n\": got category \"a\" twice, expected each category once"
      ),
      (
        { _ = try Parameter.categories("n", [""]) },
        "parameter \"n\": got an empty category, expected texts"
      ),
      (
        { _ = try Parameter.categories("n", []) },
        "parameter \"n\": got no categories, expected at least one"
      ),
      (
        { _ = try Parameter.real("n", 1...1) },
        "parameter \"n\": got 1...1, expected a lower bound below the upper bound"
      ),
      (
        { _ = try Parameter.real("n", 0...1, scale: .log) },
        "parameter \"n\": got 0...1 on a log scale, expected a range above zero"
      ),
      (
        { _ = try Parameter.real("n", -1.7e308...1.7e308) },
        "parameter \"n\": got -1.7e+308...1.7e+308, expected a range of finite width"
      ),
      (
        { _ = try Parameter.permutation("n", of: ["K", "K"]) },
        "parameter \"n\": got items K, K, expected 2 to 18 distinct items without spaces or commas"
      ),
      (
        { _ = try Parameter.orders("n", ["KC", "KK"]) },
        "parameter \"n\": got a list of 2 orders, expected at least one order, each once, none with "
          + "an item twice, of at most 64 items"
      ),
    ]
    for (body, expected) in cases { #expect(message(body) == expected) }
  }

  @Test func spacesCheckNamesConditionsAndConstraints() throws {
    let mode = try Parameter.categories("mode", ["a", "b"])
    let tile = try Parameter.integer("tile", 1...4)
    let real = try Parameter.real("r", 0...1)
    #expect(
      message { _ = try SearchSpace(parameters: []) } == "got no parameters, expected at least one")
    #expect(
      message { _ = try SearchSpace(parameters: [tile, tile]) }
        == "got parameter \"tile\" twice, expected distinct names")
    let late = tile.active(when: "mode", isOneOf: ["a"])
    #expect(
      message { _ = try SearchSpace(parameters: [late, mode]) }
        == "condition of parameter \"tile\": got parameter \"mode\", expected a parameter declared "
        + "before it")
    #expect(
      message {
        _ = try SearchSpace(parameters: [mode, tile.active(when: "mode", isOneOf: ["c"])])
      } == "condition of parameter \"tile\": got value c of \"mode\", expected one of a, b")
    #expect(
      message {
        _ = try SearchSpace(parameters: [mode, tile.active(when: "mode", isOneOf: [])])
      } == "condition of parameter \"tile\": got no values of \"mode\", expected at least one")
    #expect(
      message {
        _ = try SearchSpace(parameters: [real, tile.active(when: "r", isOneOf: [0])])
      }
        == "condition of parameter \"tile\": got the real parameter \"r\", expected a parameter "
        + "with countable values")
    #expect(
      message { _ = try SearchSpace(parameters: [tile], constraints: ["tile <= 2", "tle > 1"]) }
        == """
        constraint: column 1: unknown name "tle"
          tle > 1
          ^
        hint: did you mean "tile"? known: tile
        """)
  }

  @Test func pointsAreMadeFromValues() throws {
    let space = try SearchSpace(parameters: [
      .integer("n", 1...9, step: 4), .levels("bw", [5, 10.5]), .categories("mode", ["a", "1"]),
      .boolean("on"), .orders("order", ["KC", "C", "K>C>R"]),
      .real("x", 0.5...2, scale: .log).active(when: "mode", isOneOf: ["a"]),
    ])
    let point = try space.point(["n": 5, "bw": 10.5, "mode": "a", "on": 1, "order": "K C", "x": 1])
    #expect(point.coordinates == [1, 1, 0, 1, 0, 1])
    #expect(
      space.description(of: point) == "n = 5, bw = 10.5, mode = a, on = true, order = KC, x = 1")
    #expect(try space.point(space.values(of: point)) == point)
    #expect(space.contains(point))
    // Where x is inactive its value says nothing.
    let other = try space.point([9, 5, 1, false, "KCR", 0.7])
    #expect(try other == space.point([9, 5, 1, false, "KCR", nil]))
    #expect(space.value(of: 5, at: other) == nil)
    #expect(!other.isActive(5))
    #expect(
      message { _ = try space.point(["n": 5]) }
        == "parameter \"bw\": got no value, expected one of 5, 10.5")
    #expect(
      message { _ = try space.point([3, 5, "a", true, "C", 1]) }
        == "parameter \"n\": got 3, expected a whole number in 1...9 in steps of 4")
    #expect(
      message { _ = try space.point([1, 5, "a", true, "CK", 1]) }
        == "parameter \"order\": got CK, expected one of 3 orders of K C R")
    #expect(
      message { _ = try space.point([1, 5, "a", true, "C", 3]) }
        == "parameter \"x\": got 3, expected a number in 0.5...2")
    #expect(
      message { _ = try space.point(["modes": 1]) } == """
        unknown parameter "modes"
        hint: did you mean "mode"? known: n, bw, mode, on, order, x
        """)
    #expect(space.point(coordinates: [3, 0, 0, 0, 0, 1]) == nil)
    #expect(space.point(coordinates: [0, 0, 0, 0.5, 0, 1]) == nil)
    #expect(space.point(coordinates: [0, 0, 0, 0, 0, .nan]) == nil)
    let texts = ["5": 0, "9.0": 0, "3": 0, "x": 0, "": 0, "nan": 0].keys.sorted()
    #expect(
      texts.map { space.parameters[0].value(parsing: $0)?.description }
        == [nil, nil, "5", "9", nil, nil])
    #expect(space.parameters[3].value(parsing: "TRUE") == .truth(true))
    #expect(space.parameters[2].value(parsing: "1") == .text("1"))
  }

  @Test func allPermutationsHaveAnIndex() throws {
    let orders = try #require(Orders(allOf: ["a", "b", "c", "d", "e"]))
    #expect(orders.count == 120)
    var seen: Set<String> = []
    for index in 0..<120 {
      let text = orders.text(at: index)
      #expect(seen.insert(text).inserted)
      #expect(orders.index(ofText: text) == index)
    }
    #expect(orders.text(at: 0) == "abcde")
    #expect(orders.text(at: 119) == "edcba")
    let long = try #require(Orders(listed: ["K1 S R", "S,R"]))
    #expect(long.text(at: 0) == "K1 S R")
    #expect(long.index(ofText: "S > R") == 1)
    let largest = try #require(Orders(allOf: (0..<18).map { "i\($0)" }))
    #expect(largest.index(of: largest.order(at: largest.count - 1)) == largest.count - 1)
  }

  @Test func violationsAreExplainedWithTheNumbers() throws {
    let space = try SearchSpace(
      parameters: [
        .levels("pe_x", [1, 4, 8, 16, 32]), .levels("pe_y", [1, 4, 8, 16, 32]),
        .integer("mesh", 1...6), .boolean("deep"), .categories("mode", ["a", "b"]),
      ],
      constraints: [
        "pe_x * pe_y <= 256", "mesh divides pe_x", "ifelse(deep, pe_y > 4, pe_y <= 16)",
        "mode == \"a\" or deep", "log2(pe_x - 8) >= 3 or pe_x <= 8",
      ])
    let point = try space.point([32, 16, 3, false, "b"])
    let texts = space.violations(of: point).map(\.description)
    #expect(
      texts == [
        "pe_x * pe_y <= 256: left side 512, right side 256 (pe_x = 32, pe_y = 16); fix: pe_x 32 -> "
          + "16 (other constraints stay violated)",
        "mesh divides pe_x: left side 3, right side 32 (pe_x = 32, mesh = 3); fix: mesh 3 -> 2 "
          + "(other constraints stay violated)",
        "mode == \"a\" or deep: false (deep = false, mode = b); fix: deep false -> true (other "
          + "constraints stay violated)",
      ])
    let undefined = try space.point([8, 1, 1, true, "a"])
    #expect(
      space.violations(of: undefined).map(\.description) == [
        "ifelse(deep, pe_y > 4, pe_y <= 16): left side 1, right side 4 (pe_y = 1, deep = true); "
          + "fix: pe_y 1 -> 8 (other constraints stay violated)",
        "log2(pe_x - 8) >= 3 or pe_x <= 8: undefined (division by zero, logarithm of a number not "
          + "above 0, or overflow) (pe_x = 8); fix: pe_x 8 -> 16 (other constraints stay violated)",
      ])
    let legal = try space.point([16, 16, 2, false, "a"])
    #expect(space.isLegal(legal))
    #expect(space.violations(of: legal).isEmpty)
  }

  @Test func constraintsOnInactiveParametersHold() throws {
    let space = try SearchSpace(
      parameters: [
        .boolean("tiled"), .integer("tile", 1...8).active(when: "tiled", isOneOf: [true]),
      ], constraints: ["tile > 7"])
    #expect(space.isLegal(try space.point([false, nil])))
    #expect(!space.isLegal(try space.point([true, 7])))
    #expect(space.sampler.size.rawCount == DesignCount(9))
    #expect(space.sampler.size.legalCount == DesignCount(2))
  }

  @Test func distanceIsAMeanOverParameters() throws {
    let space = try SearchSpace(parameters: [
      .integer("n", 0...4), .categories("mode", ["a", "b"]), .real("x", 1...100, scale: .log),
      .permutation("order", of: ["K", "C", "R"]),
      .boolean("on").active(when: "mode", isOneOf: ["a"]),
    ])
    let a = try space.point([0, "a", 1, "KCR", true])
    let b = try space.point([1, "b", 10, "KRC", nil])
    // 1/4 + 1 + 1/2 + one of three pairs + active in one only.
    let expected = (0.25 + 1 + 0.5 + 1.0 / 3 + 1) / 5
    #expect(abs(space.distance(a, b) - expected) < 1e-12)
    #expect(space.distance(a, b) == space.distance(b, a))
    #expect(space.distance(a, a) == 0)
  }
}
