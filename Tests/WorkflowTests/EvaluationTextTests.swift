import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import Workflows

@Suite struct EvaluationTextTests {
  static let outcomes: [Outcome] = [
    .measured([0.1, -0.0, 1e-300, 1.7976931348623157e308, 3, 1.0 / 3]),
    .infeasible(Infeasibility(.hidden("no \"mapping\"\n\u{1}日本"), values: [nil, 2.5])),
    .infeasible(Infeasibility(.limit("area <= 27"), values: [28])),
    .infeasible(Infeasibility(.constraint("a + b"))),
    .failed(EvaluationFailure(.crash, "exit status 139")),
    .failed(EvaluationFailure(.timeout, "")),
    .failed(EvaluationFailure(.garbage, "{\"metrics\":[1]}")),
  ]

  @Test(arguments: outcomes) func outcomesComeBackToTheLastBit(outcome: Outcome) throws {
    let text = EvaluationText.answer(outcome)
    #expect(!text.contains("\n"))
    let back = try #require(EvaluationText.outcome(parsing: text))
    #expect(back == outcome)
    guard case .measured(let values) = outcome, case .measured(let others) = back else { return }
    #expect(values.map(\.bitPattern) == others.map(\.bitPattern))
  }

  @Test func randomNumbersComeBack() throws {
    var generator = Seed(7).generator()
    for _ in 0..<2_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let back = EvaluationText.outcome(parsing: EvaluationText.answer(.measured([value])))
      guard case .measured(let values)? = back else {
        Issue.record("\(value) did not come back")
        continue
      }
      #expect(values.map(\.bitPattern) == [value.bitPattern])
    }
  }

  @Test(arguments: [
    "", "x", "{}", "[]", "{\"metrics\":[null]}", "{\"failed\":{\"kind\":\"no\",\"text\":\"\"}}",
    "{\"metrics\":[],\"infeasible\":{\"kind\":\"no\",\"text\":\"\"}}", "{\"metrics\":\"1\"}",
  ])
  func otherTextsAreNoOutcomes(text: String) {
    #expect(EvaluationText.outcome(parsing: text) == nil)
  }

  @Test func designsComeBack() throws {
    for file in ["every-kind", "gemmini-like", "prime-edge"] {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let space = try SpaceFile(
        readingFile: root.appendingPathComponent("Configs/spaces/\(file).yaml").path
      ).resolve()
      var generator = Seed(3).generator()
      for point in try space.sample(count: 100, using: &generator) {
        let text = EvaluationText.question(point, "a \"b\"")
        let back = try #require(EvaluationText.question(parsing: text, in: space))
        #expect(back.0 == point)
        #expect(back.1 == "a \"b\"")
      }
      #expect(
        EvaluationText.question(parsing: "{\"context\":\"\",\"design\":[]}", in: space) == nil)
      #expect(EvaluationText.question(parsing: "x", in: space) == nil)
    }
  }
}
