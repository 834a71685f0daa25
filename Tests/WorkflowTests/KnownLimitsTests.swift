import DesignSpace
import Execution
import Foundation
import Interchange
import Study
import Testing

@testable import Workflows

/// Limits on parameters and expressions over them.
@Suite struct KnownLimitsTests {
  private static func space() throws -> SearchSpace {
    try SpaceFile(
      readingFile: Configs.paths("spaces").first { $0.hasSuffix("every-kind.yaml") } ?? ""
    )
    .resolve()
  }

  /// Every drawn design is allowed exactly when plain arithmetic says so, and a constrained space has only such designs.
  @Test func limitsAreExactOverManyDesigns() throws {
    let space = try Self.space()
    let limits = [
      MetricLimit("pe_x * pe_y", .atMost, 40), MetricLimit("bandwidth", .atLeast, 10),
      MetricLimit("ifelse(compress, 2, 1) * pe_x", .atMost, 16),
      MetricLimit("voltage", .atMost, 0.9),
      MetricLimit("depth", .atMost, 4),
    ]
    let known = try KnownLimits(limits, over: space.parameters)
    func number(_ name: String, _ point: Point) throws -> Double? {
      let index = try #require(space.index(of: name))
      return space.value(of: index, at: point).flatMap { value in
        if case .number(let number) = value { return number }
        if case .truth(let truth) = value { return truth ? 1 : 0 }
        return nil
      }
    }
    var allowed = 0
    for seed in 0..<400 {
      var generator = Seed(UInt64(seed)).generator()
      let point = try space.sampler.sample(using: &generator)
      let x = try #require(try number("pe_x", point))
      let y = try #require(try number("pe_y", point))
      let bandwidth = try #require(try number("bandwidth", point))
      let factor = try #require(try number("compress", point)) == 1 ? 2.0 : 1
      let voltage = try #require(try number("voltage", point))
      // A limit on a parameter that is inactive holds.
      let depth = try number("depth", point)
      let isWithin =
        x * y <= 40 && bandwidth >= 10 && factor * x <= 16 && voltage <= 0.9 && (depth ?? 0) <= 4
      #expect(known.allows(point) == isWithin)
      if isWithin { allowed += 1 }
      #expect(known.value(of: "pe_x * pe_y", at: point) == x * y)
      #expect(known.value(of: "depth", at: point) == depth)
      #expect(known.value(of: "pe_y", at: point) == nil)
    }
    #expect(allowed > 0 && allowed < 400)
    let inner = try known.constraining(space)
    #expect(inner.constraints.count == space.constraints.count + 5)
    for seed in 0..<100 {
      var generator = Seed(UInt64(seed)).generator()
      let point = try inner.sampler.sample(using: &generator)
      #expect(known.allows(point) && space.isLegal(point))
    }
  }

  /// Words bind looser than comparisons, in an expression they are what they were.
  @Test func whatIsNoNumberIsRefusedWithItsPlace() throws {
    let names = LimitNames(metrics: ["latency", "a b"], parameters: try Self.space().parameters)
    func problem(_ text: String) throws -> String {
      do {
        let isKnown = try names.isKnown(MetricLimit(text, .atMost, 1))
        return isKnown ? "known" : "measured"
      } catch let problem as LimitNames.Problem {
        return problem.text + (problem.hint.map { "; \($0)" } ?? "")
      }
    }
    #expect(try problem("latency") == "measured")
    #expect(try problem("a b") == "measured")
    #expect(try problem("pe_x + 2 * pe_y") == "known")
    #expect(
      try problem("latncy").hasPrefix(
        "unknown metric or parameter \"latncy\"; did you mean \"latency\"? known: latency, a b, pe_x"
      ))
    #expect(try problem("buffering").contains("got a text, expected a number"))
    #expect(try problem("compress").contains("got a truth value for \"<=\", expected a number"))
    #expect(
      try problem("compress and compress").contains(
        "got a truth value for \"<=\", expected a number"))
    #expect(try problem("pe_x *").hasPrefix("constraint: column "))
    #expect(try problem("pe_x; latency").hasPrefix("constraint: column "))
    var open = names
    open.isOpen = true
    #expect(try !open.isKnown(MetricLimit("power", .atMost, 1)))
    #expect(throws: LimitNames.Problem.self) {
      try open.isKnown(MetricLimit("power + pe_x", .atMost, 1))
    }
  }

  /// Any text survives being written in quotes and read again.
  @Test func quotedTextIsReadBack() throws {
    var generator = Seed(7).generator()
    let pieces = [
      "a", " ", "\"", "\\", "&x", "& ", "<b>", "'", "#", ": ", "- ", "*y", "{", "]", "é", "网", "Ω",
      "\u{1F600}", "\u{2028}", "\u{FEFF}", "\u{AD}", "%", "|", ">", "!t", "?",
    ]
    for _ in 0..<500 {
      var text = "x"
      for _ in 0..<(1 + generator.index(below: 8)) {
        text += pieces[generator.index(below: pieces.count)]
      }
      let root = try SpecificationNode(
        parsing: .init("name: \(YAMLText.quoted(text))\n".utf8), file: "x.yaml")
      #expect(try root.required("name", expected: "a name").text() == text)
    }
  }
}
