import Execution
import Foundation
import Testing

@testable import DesignSpace

private let parameters: [Parameter] = {
  do {
    return [
      try .integer("a", -2...8), try .levels("b", [0, 1, 2, 4, 8, 16]), try .real("x", 0...4),
      try .boolean("flag"), try .categories("mode", ["tiled", "flat", "fused"]),
      try .permutation("order", of: ["K", "C", "R"]),
    ]
  } catch {
    return []
  }
}()

private func problem(_ text: String) -> String {
  do {
    _ = try Constraint(text, over: parameters)
    return ""
  } catch { return "\(error)" }
}

private func value(_ text: String, a: Double = 2, b: Double = 4, x: Double = 1) throws -> Double {
  let space = try SearchSpace(parameters: parameters)
  let point = try space.point([
    .number(a), .number(b), .number(x), true, "tiled", "CKR",
  ])
  return try Constraint(text, over: parameters).expression.value(at: point.coordinates)
}

@Suite struct ExpressionTests {
  /// Reference: Python's eval on 900 random constraints, see Scripts/generate-expressions.
  @Test func valuesAreThoseOfPython() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("References/expressions.tsv")
    let space = try SearchSpace(parameters: parameters)
    var counts: [Substring: Int] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst() {
      let fields = line.split(separator: "\t")
      let values: [ParameterValue?] = [
        .number(Double(fields[0]) ?? .nan), .number(Double(fields[1]) ?? .nan),
        .number(Double(fields[2]) ?? .nan), .truth(fields[3] == "true"),
        .text(String(fields[4])), "KCR",
      ]
      let constraint: Constraint
      do throws(ExpressionError) {
        constraint = try Constraint(String(fields[5]), over: parameters)
      } catch {
        // The generator also makes conditions on no parameter.
        #expect(error.message == "got a condition on no parameter, expected at least one")
        continue
      }
      let value = constraint.expression.value(at: try space.point(values).coordinates)
      let ours = value.isNaN ? "undefined" : value == 1 ? "true" : "false"
      #expect(ours == fields[6], "\(line)")
      counts[fields[6], default: 0] += 1
    }
    #expect(counts.values.reduce(0, +) > 700)
    #expect(counts["undefined", default: 0] > 15)
  }

  @Test func precedenceIsThatOfPython() throws {
    #expect(try value("-a ** 2 == -4") == 1)
    #expect(try value("2 ** a ** 3 == 256") == 1)
    #expect(try value("2 ** -a == 0.25") == 1)
    #expect(try value("a - 1 - 1 == 0 and not a == 3 or a / 0 == 1") == 1)
    #expect(try value("-7 % 3 == a and 7 % -3 == -a") == 1)
    #expect(try value("1 < a < b < 5 and not 1 < a < 2") == 1)
    #expect(try value("a divides b and not b divides a and not 0 divides a and a divides 0") == 1)
    #expect(try value("order == 'CKR' and order not in {\"KCR\"} and order != \"C>R>K\"") == 1)
    #expect(try value("flag == true and (mode in {\"flat\", \"tiled\"})") == 1)
    #expect(try value("1.5e1 == 15 and .5 == x / a and max(1, 2, a + 9) == 11") == 1)
  }

  @Test func undefinedValuesAreNeitherTrueNorFalse() throws {
    #expect(try value("a / 0 > 1").isNaN)
    #expect(try value("not a / 0 > 1").isNaN)
    #expect(try value("a == 2 or a / 0 > 1") == 1)
    #expect(try value("a == 3 and a / 0 > 1") == 0)
    #expect(try value("log2(a - 2) > 0 or a == 2").isNaN)
    #expect(try value("exp(1000 * a) > 0").isNaN)
    #expect(try value("(a - 4) ** 0.5 > 0").isNaN)
  }

  @Test func errorsPointAtTheColumn() {
    #expect(
      problem("a * modes <= 256") == """
        constraint: column 5: unknown name "modes"
          a * modes <= 256
              ^
        hint: did you mean "mode"? known: a, b, x, flag, mode, order
        """)
    #expect(
      problem("a * <= 256") == """
        constraint: column 5: got "<=", expected a parameter, a number, a text or "("
          a * <= 256
              ^
        """)
    #expect(
      problem("a <=") == """
        constraint: column 5: got the end, expected a parameter, a number, a text or "("
          a <=
              ^
        """)
    #expect(
      problem("a = 3") == """
        constraint: column 3: unknown mark "="
          a = 3
            ^
        hint: write "==" to compare
        """)
    #expect(
      problem("a && flag") == """
        constraint: column 3: unknown mark "&&"
          a && flag
            ^
        hint: write "and"
        """)
    #expect(
      problem("a + b") == """
        constraint: column 3: got a number, expected a condition
          a + b
            ^
        hint: compare it with something, for example <= 256
        """)
    #expect(
      problem("mode == \"tilde\"") == """
        constraint: column 9: got "tilde", which "mode" never is, expected one of tiled, flat, fused
          mode == "tilde"
                  ^
        hint: did you mean "tiled"? known: tiled, flat, fused
        """)
    #expect(
      problem("flag + 1 > 1") == """
        constraint: column 1: got a truth value for "+", expected a number
          flag + 1 > 1
          ^
        hint: write ifelse(condition, 1, 0) to count with it
        """)
    #expect(
      problem("a == \"x\"") == """
        constraint: column 6: got a text beside a number, expected values of one kind
          a == "x"
               ^
        """)
    #expect(
      problem("flor(a) > 1") == """
        constraint: column 1: unknown function "flor"
          flor(a) > 1
          ^
        hint: did you mean "floor"? known: abs, ceil, exp, floor, ifelse, log2, max, min
        """)
    #expect(
      problem("ifelse(flag, a) > 1") == """
        constraint: column 1: got 2 arguments of ifelse, expected 3
          ifelse(flag, a) > 1
          ^
        """)
  }

  @Test func moreErrorsHaveTheirOwnWords() {
    let messages: [(String, String)] = [
      ("1 < 2", "column 1: got a condition on no parameter, expected at least one"),
      ("a > 1e999", "column 5: got a number above 1.8e308, expected less"),
      ("a > 1x", "column 6: got \"x\" after a number, expected an operator"),
      ("mode == \"tiled", "column 9: got a text without its closing \""),
      ("\"a\" == \"b\"", "column 8: got two texts, expected a parameter on one side"),
      ("a in {1, 2", "column 11: got the end, expected \",\" or \"}\""),
      ("a in 1", "column 6: got 1, expected \"{\" and values, such as {1, 2}"),
      ("a not 1", "column 7: got 1, expected \"in\" after \"not\""),
      ("(a > 1", "column 7: got the end, expected an operator or \")\""),
      ("a > 1 b", "column 7: got \"b\", expected an operator or the end"),
      ("min > 1", "column 1: got function \"min\" without arguments, expected \"(\""),
      ("a > 1 and b", "column 11: got a number for \"and\", expected a condition"),
      (
        "ifelse(flag, a > 1, 2) and flag",
        "column 21: got a number beside a truth value in ifelse, expected two numbers or two "
          + "conditions"
      ),
      ("a # 1", "column 3: unknown mark \"#\""),
      ("", "column 1: got the end, expected a parameter, a number, a text or \"(\""),
      (
        "1 < a in {1}",
        "column 7: got \"in\", expected \"in\" only outside a chain of comparisons, use parentheses"
      ),
    ]
    for (text, message) in messages {
      let first = problem(text).split(separator: "\n").first ?? ""
      #expect(first == "constraint: \(message)", "\(text)")
    }
    let deep = String(repeating: "(", count: 200) + "a" + String(repeating: ")", count: 200)
    #expect(problem(deep + " > 1").contains("got more than 100 nested parts, expected fewer"))
    let long = "a > " + String(repeating: "1 + ", count: 5_000) + "1"
    #expect(problem(long).contains("got 20005 characters, expected at most 10000"))
  }

  @Test func damagedExpressionsAreReadOrRefused() throws {
    let seeds = [
      "a * b <= 256 and mode in {\"tiled\", 'flat'}", "ifelse(flag, a ** 2, -b % 3) >= log2(x + 1)",
      "not (a divides b or min(a, b, x) != 1.5e0)",
    ]
    let pieces = [
      "(", ")", "**", " and ", "not", "in", "{", "\"", ",", "1e", ".", "a", "ifelse(", "\u{0}", "é",
      "divides", "-", "%", "1", "👩‍👩‍👧", " ",
    ]
    var generator = Seed(3).generator()
    var accepted = 0
    let space = try SearchSpace(parameters: parameters)
    let point = try space.point([1, 4, 2, false, "flat", "RCK"])
    for round in 0..<3_000 {
      var text = Array(seeds[round % seeds.count])
      for _ in 0...generator.index(below: 3) {
        let place = generator.index(below: text.count)
        switch generator.index(below: 3) {
        case 0: text.remove(at: place)
        case 1: text.insert(contentsOf: pieces[generator.index(below: pieces.count)], at: place)
        default: text.swapAt(place, generator.index(below: text.count))
        }
        if text.isEmpty { text = ["a"] }
      }
      do {
        let constraint = try Constraint(String(text), over: parameters)
        _ = constraint.isViolated(at: point.coordinates)
        accepted += 1
      } catch {
        #expect((1...(text.count + 1)).contains(error.column), "\(String(text))")
        #expect("\(error)".utf8.count < 1_000)
      }
    }
    #expect(accepted > 20 && accepted < 2_800)
  }

  /// Bounds with some parameters open contain the values of all completions, undefined ones included.
  @Test func boundsContainEveryCompletion() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("References/expressions.tsv")
    let space = try SearchSpace(parameters: parameters)
    var generator = Seed(9).generator()
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    for line in lines.prefix(500) {
      let text = String(line.split(separator: "\t")[5])
      guard
        let space = try? SearchSpace(parameters: space.parameters, constraints: [text]),
        let component = Component.all(of: space).first(where: { !$0.constraints.isEmpty })
      else { continue }
      for _ in 0..<3 {
        var point = try SearchSpace(parameters: parameters).sample(count: 1, using: &generator)[0]
        var assignment = PartialAssignment(component, of: space)
        var isPossible = true
        var isCertain = false
        for (step, parameter) in assignment.order.enumerated() {
          if isCertain { #expect(assignment.isFree) }
          if assignment.assign(point.coordinates[parameter], step: step) == .impossible {
            isPossible = false
            break
          }
          isCertain = assignment.isFree
          // Later parameters may still be anything: try another completion of what is certain.
          if isCertain {
            point = try SearchSpace(parameters: parameters).sample(count: 1, using: &generator)[0]
            var other = assignment.coordinates
            for later in assignment.order[(step + 1)...] {
              other[later] = point.coordinates[later]
            }
            #expect(!space.constraints[0].isViolated(at: other), "\(text)")
            break
          }
        }
        if !isPossible {
          // Whatever was not assigned yet, no completion is legal.
          for _ in 0..<5 {
            let other = try SearchSpace(parameters: parameters).sample(count: 1, using: &generator)
            var completed = assignment.coordinates
            for index in component.parameters where completed[index] == Point.inactive {
              completed[index] = other[0].coordinates[index]
            }
            #expect(space.constraints[0].isViolated(at: completed), "\(text)")
          }
        }
      }
    }
  }
}
