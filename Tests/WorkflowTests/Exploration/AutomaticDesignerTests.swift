import DesignSpace
import Study
import Testing

@testable import Workflows

@Suite struct AutomaticDesignerTests {
  private func choice(_ parameters: [Parameter], _ given: DesignerChoice.Circumstances) throws
    -> String
  {
    let problem = try Problem(
      name: "p", space: try SearchSpace(parameters: parameters), metrics: [Metric("t")],
      objectives: [Objective(.minimize, "t")])
    let (choice, reason) = DesignerChoice.automatic(for: problem, given)
    return "\(choice.rawValue), \(reason ?? "")"
  }

  private func numbers(_ count: Int, _ last: Int = 9) throws -> [Parameter] {
    try (0..<count).map { try .integer("p\($0)", 0...last) }
  }

  @Test func everyChoiceHasItsReason() throws {
    let small = DesignerChoice.Circumstances(budget: 100, isEmbedded: true)
    #expect(
      try choice(numbers(2), small)
        == "random, since all 100 legal designs fit into 100 evaluations")
    #expect(try choice(numbers(1, 0), small) == "random, since there is one legal design")
    #expect(
      try choice(numbers(3), small)
        == "bayesian, since there are 1,000 legal designs and 100 evaluations are few: models of "
        + "cost, limits and failures pay")
    #expect(
      try choice(numbers(2) + [.real("r", 0...1)], small)
        == "bayesian, since 1 of 3 parameters are real and 100 evaluations are few: models of "
        + "cost, limits and failures pay")
    #expect(
      try choice(numbers(41), small)
        == "evolution, since 41 parameters are many for a Gaussian process")
    var given = DesignerChoice.Circumstances(budget: 5_000, isEmbedded: true)
    #expect(
      try choice(numbers(6), given)
        == "evolution, since 5,000 evaluations of the embedded model are cheap enough to do without models"
    )
    given.isEmbedded = false
    #expect(
      try choice(numbers(6), given)
        == "evolution, since 5,000 evaluations are more than models are worth, unless one takes 10 s"
    )
    given.evaluationSeconds = 60
    given.transferCount = 1_234
    #expect(
      try choice(numbers(6), given)
        == "bayesian, since there are 1,000,000 legal designs and 5,000 evaluations are few: models "
        + "of cost, limits and failures pay, the more so with 1,234 earlier trials")
  }
}
